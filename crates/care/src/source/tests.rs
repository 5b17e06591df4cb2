use super::*;
use std::{collections::BTreeSet, fs, path::Path};

#[test]
fn an_unknown_field_is_named_with_its_file() {
    let flaw = read::<Provenance>("skills/PROVENANCE.toml", "contents = 1").unwrap_err();
    assert_eq!(flaw.file, "skills/PROVENANCE.toml");
    assert!(flaw.to_string().contains("contents"), "{flaw}");
}

#[test]
fn a_field_of_the_wrong_type_is_named_with_its_file() {
    let text = "content = \"x\"\nversion = \"one\"";
    let flaw = read::<Provenance>("a.toml", text).unwrap_err();
    assert_eq!((flaw.file.as_str(), flaw.field.as_str()), ("a.toml", "version"));
}

#[test]
fn broken_syntax_is_a_flaw_of_the_file() {
    assert_eq!(read::<Provenance>("a.toml", "= =").unwrap_err().field, "(syntax)");
}

#[test]
fn a_review_without_a_day_is_refused() {
    let text = |reviewer: &str| {
        format!(
            "content = \"x\"\nversion = 1\ndate = \"2026-11-21\"\nlicence = \"y\"\n\
             reviewer = \"{reviewer}\"\nsources = [\"z\"]"
        )
    };
    let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    assert!(Provenance::read(("a.toml", leak(text(NOT_REVIEWED)))).is_ok());
    let flaw = Provenance::read(("a.toml", leak(text("Dr. Example")))).unwrap_err();
    assert_eq!(flaw.field, "reviewed");
}

#[test]
fn days_have_their_form() {
    assert!(is_day("2026-11-21"));
    for wrong in ["", "2026-11", "2026-13-01", "26-11-21", "2026-11-32", "2026-1-1", "x"] {
        assert!(!is_day(wrong), "{wrong}");
    }
}

fn below(folder: &Path, root: &Path, into: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(&path, root, into);
        } else {
            into.insert(path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/"));
        }
    }
}

#[test]
fn every_file_of_the_data_folder_is_built_in() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let mut there = BTreeSet::new();
    below(&root, &root, &mut there);
    let built_in: BTreeSet<String> = crate::files().map(|(path, _)| path.to_owned()).collect();
    assert_eq!(built_in, there);
}

#[test]
fn every_folder_with_content_says_where_it_comes_from() {
    let folders: BTreeSet<&str> =
        crate::files().filter_map(|(path, _)| path.rsplit_once('/').map(|p| p.0)).collect();
    for folder in folders {
        let name = format!("{folder}/PROVENANCE.toml");
        assert!(crate::files().any(|(path, _)| path == name), "{name} is missing");
    }
}
