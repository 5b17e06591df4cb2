//! Puts the web app into the program, if `make web` has built it.
//!
//! Never runs npm: a build of the program needs neither Node nor a network. Without the web app the
//! program compiles all the same and says what is missing; with `SALUS_WEB_REQUIRED=1` a missing or
//! stale one is an error.

#![expect(clippy::disallowed_methods, reason = "a build script is told things by the environment")]

use std::{
    collections::BTreeMap,
    env,
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// What the app is made of; `web/tools/sources.mjs` hashes the same.
const SOURCES: [&str; 18] = [
    "app/index.html",
    "app/public",
    "app/src",
    "../crates/care/data/hotlines",
    "../crates/care/data/questionnaires",
    "../crates/care/data/records",
    "../crates/care/data/skills",
    "../crates/consent/texts",
    "../crates/crisis-engine/src",
    "../crates/crisis-wasm/src",
    "../data/crisis/learned",
    "../data/crisis/rules",
    "app/vite.config.ts",
    "package-lock.json",
    "packages/api-client/src",
    "packages/crisis/src",
    "tools/care.mjs",
    "tools/hotlines.mjs",
];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            println!("cargo::error=the web app: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    println!("cargo::rerun-if-env-changed=SALUS_WEB_REQUIRED");
    let variable = |name| env::var(name).map_err(|_| format!("{name} is not set"));
    let web = Path::new(&variable("CARGO_MANIFEST_DIR")?).join("../../web");
    for watched in SOURCES.iter().chain(&["dist"]) {
        println!("cargo::rerun-if-changed={}", web.join(watched).display());
    }
    let required = env::var("SALUS_WEB_REQUIRED").is_ok_and(|value| value == "1");
    let index = fs::read_to_string(web.join("dist/index.tsv")).unwrap_or_default();
    let problem = match (index.lines().next(), hash(&web)) {
        (None, _) => Some("is not built".to_owned()),
        (Some(built), Ok(now)) if built != now => Some("is older than its sources".to_owned()),
        (Some(_), Ok(_)) => None,
        (Some(_), Err(error)) => Some(format!("has unreadable sources: {error}")),
    };
    match problem {
        Some(problem) if required => return Err(format!("{problem}; run `make web`")),
        Some(problem) if !index.is_empty() => {
            println!("cargo::warning=the web app {problem}; run `make web`");
        }
        _ => {}
    }
    let table = table(&index, &web.join("dist/files"))?;
    let to = PathBuf::from(variable("OUT_DIR")?).join("web.rs");
    fs::write(&to, table).map_err(|error| format!("{}: {error}", to.display()))
}

/// The list of files as Rust. A line of the index is path, type, tag, `immutable` or `-`, and the
/// encodings there are.
fn table(index: &str, files: &Path) -> Result<String, String> {
    let mut table = String::from("&[\n");
    for line in index.lines().skip(1) {
        let [path, content_type, tag, keep, encodings] = line.split('\t').collect::<Vec<_>>()[..]
        else {
            return Err(format!("dist/index.tsv has a line that cannot be read: {line}"));
        };
        let bytes = |ending: &str| {
            let file = files.join(format!("{}{ending}", path.trim_start_matches('/')));
            format!("include_bytes!({:?})", file.display().to_string())
        };
        let encoded = |name: &str| {
            if encodings.split(',').any(|there| there == name) {
                format!("Some({})", bytes(&format!(".{name}")))
            } else {
                "None".to_owned()
            }
        };
        let _ = writeln!(
            table,
            "File {{ path: {path:?}, content_type: {content_type:?}, tag: {tag:?}, \
             immutable: {}, plain: {}, br: {}, gz: {} }},",
            keep == "immutable",
            bytes(""),
            encoded("br"),
            encoded("gz"),
        );
    }
    table.push(']');
    Ok(table)
}

/// A number that differs when any source does: FNV-1a over names and contents in order.
fn hash(web: &Path) -> io::Result<String> {
    let mut files = BTreeMap::new();
    for source in SOURCES {
        collect(&web.join(source), source, &mut files)?;
    }
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for (name, file) in files {
        for byte in name.bytes().chain([0]).chain(fs::read(file)?).chain([0]) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    Ok(format!("{state:016x}"))
}

fn collect(path: &Path, name: &str, files: &mut BTreeMap<String, PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        files.insert(name.to_owned(), path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        collect(&entry.path(), &name, files)?;
    }
    Ok(())
}
