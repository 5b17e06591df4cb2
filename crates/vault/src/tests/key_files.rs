//! Keys in files: made safely, refused when unsafe, moved under another passphrase.

use super::support::env;
use crate::{FileKms, Kms, KmsError, KmsLine, Passphrase, Unlock};
use kernel::Secret;
use std::{
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};
use tempfile::TempDir;

fn folder() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let keys = dir.path().join("data/keys");
    (dir, keys)
}

fn plain(dir: &Path) -> Result<FileKms, KmsError> {
    FileKms::open(dir, env().0, Unlock::Plain)
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn weak(text: &str) -> Unlock {
    Unlock::Passphrase(Passphrase::weak_for_tests(secret(text)))
}

fn locked(dir: &Path, text: &str) -> Result<FileKms, KmsError> {
    FileKms::open(dir, env().0, weak(text))
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn the_first_start_makes_keys_that_only_the_owner_can_read() {
    let (_dir, keys) = folder();
    let wrapped = plain(&keys).unwrap().wrap(KmsLine::Root, b"x", b"c").await.unwrap();
    assert_eq!(mode(&keys), 0o700);
    assert_eq!(names(&keys), ["epoch-0001.key", "root-0001.key"]);
    assert_eq!(mode(&keys.join("root-0001.key")), 0o600);
    assert_eq!(mode(&keys.join("epoch-0001.key")), 0o600);
    let again = plain(&keys).unwrap();
    assert_eq!(again.unwrap(&wrapped.bytes, b"c").await.unwrap().expose(), b"x");
}

#[tokio::test]
async fn drafts_of_processes_that_died_do_not_stay() {
    let (_dir, keys) = folder();
    let wrapped = plain(&keys).unwrap().wrap(KmsLine::Root, b"x", b"c").await.unwrap();
    let draft = |name: &str| keys.join(format!("root-0001.draft-{name}"));
    fs::write(draft("old"), b"a key in the clear").unwrap();
    fs::write(draft("young"), b"being written").unwrap();
    // Died between giving the file its name and taking away the one it was written under.
    fs::hard_link(keys.join("root-0001.key"), draft("linked")).unwrap();
    let long_ago = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for name in ["old", "linked"] {
        File::options().write(true).open(draft(name)).unwrap().set_modified(long_ago).unwrap();
    }
    let again = plain(&keys).unwrap();
    assert_eq!(names(&keys), ["epoch-0001.key", "root-0001.draft-young", "root-0001.key"]);
    assert_eq!(again.unwrap(&wrapped.bytes, b"c").await.unwrap().expose(), b"x");
}

#[test]
fn keys_that_others_could_read_are_refused_with_advice() {
    let (_dir, keys) = folder();
    plain(&keys).unwrap();
    let file = keys.join("root-0001.key");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let refused = plain(&keys).err().unwrap();
    assert!(matches!(refused, KmsError::TooOpen { mode: 0o640, .. }));
    assert!(refused.to_string().contains("run chmod 600"), "{refused}");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o755)).unwrap();
    let refused = plain(&keys).err().unwrap();
    assert!(refused.to_string().contains("run chmod 700"), "{refused}");
}

#[test]
fn damaged_cut_or_renamed_key_files_are_refused() {
    let (_dir, keys) = folder();
    plain(&keys).unwrap();
    let file = keys.join("root-0001.key");
    let good = fs::read(&file).unwrap();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&file, &bad).unwrap();
        assert!(plain(&keys).is_err(), "byte {at} changed");
        fs::write(&file, &good[..at]).unwrap();
        assert!(matches!(plain(&keys), Err(KmsError::Malformed { .. })), "cut at {at}");
    }
    fs::write(&file, &good).unwrap();
    plain(&keys).unwrap();
    fs::rename(&file, keys.join("root-0002.key")).unwrap();
    assert!(matches!(plain(&keys), Err(KmsError::Malformed { .. })));
}

#[test]
fn a_missing_root_key_is_never_made_anew_next_to_other_keys() {
    let (_dir, keys) = folder();
    plain(&keys).unwrap();
    fs::remove_file(keys.join("root-0001.key")).unwrap();
    assert!(plain(&keys).err().unwrap().to_string().contains("restore it"));
    assert_eq!(names(&keys), ["epoch-0001.key"]);
}

#[test]
fn a_missing_epoch_key_is_never_made_anew_next_to_a_root_key() {
    let (_dir, keys) = folder();
    plain(&keys).unwrap();
    fs::remove_file(keys.join("epoch-0001.key")).unwrap();
    assert!(plain(&keys).err().unwrap().to_string().contains("restore it"));
    assert_eq!(names(&keys), ["root-0001.key"]);
}

#[test]
fn a_first_start_that_was_broken_off_is_begun_again() {
    for lost in ["root-0001.key", "epoch-0001.key"] {
        let (_dir, keys) = folder();
        plain(&keys).unwrap();
        fs::remove_file(keys.join(lost)).unwrap();
        fs::write(keys.join("first-start"), b"").unwrap();
        plain(&keys).unwrap();
        assert_eq!(names(&keys), ["epoch-0001.key", "root-0001.key"]);
    }
}

#[test]
fn processes_that_start_at_once_agree_on_the_keys() {
    let (_dir, keys) = folder();
    let all: Vec<FileKms> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..8).map(|_| scope.spawn(|| plain(&keys).unwrap())).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        for one in &all {
            let wrapped = one.wrap(KmsLine::Root, b"x", b"c").await.unwrap();
            for other in &all {
                other.unwrap(&wrapped.bytes, b"c").await.unwrap();
            }
        }
    });
    assert_eq!(names(&keys), ["epoch-0001.key", "root-0001.key"]);
}

#[tokio::test]
async fn a_running_process_learns_of_keys_that_another_makes_and_destroys() {
    let (_dir, keys) = folder();
    let (server, operator) = (plain(&keys).unwrap(), plain(&keys).unwrap());
    let old = server.wrap(KmsLine::Epoch, b"x", b"c").await.unwrap();
    let new = operator.generate(KmsLine::Epoch).await.unwrap();
    assert_eq!(server.wrap(KmsLine::Epoch, b"x", b"c").await.unwrap().key, new);
    let theirs = operator.wrap(KmsLine::Epoch, b"y", b"c").await.unwrap();
    assert_eq!(server.unwrap(&theirs.bytes, b"c").await.unwrap().expose(), b"y");
    operator.destroy(old.key).await.unwrap();
    server.health().await.unwrap();
    assert!(matches!(server.unwrap(&old.bytes, b"c").await, Err(KmsError::NoSuchKey(_))));
    assert_eq!(names(&keys), ["epoch-0002.key", "root-0001.key"]);
}

#[tokio::test]
async fn what_a_crash_left_half_destroyed_or_half_made_does_no_harm() {
    let (_dir, keys) = folder();
    plain(&keys).unwrap();
    fs::write(keys.join("epoch-0000.gone"), [7; 87]).unwrap();
    fs::write(keys.join("root-0002.draft-1"), b"half").unwrap();
    let again = plain(&keys).unwrap();
    assert!(!names(&keys).contains(&"epoch-0000.gone".to_owned()));
    assert_eq!(again.versions(KmsLine::Root).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_passphrase_seals_the_root_key() {
    let (_dir, keys) = folder();
    let wrapped = locked(&keys, "horse").unwrap().wrap(KmsLine::Root, b"x", b"c").await.unwrap();
    assert!(matches!(plain(&keys), Err(KmsError::PassphraseNeeded { .. })));
    assert!(matches!(locked(&keys, "mule"), Err(KmsError::WrongPassphrase { .. })));
    let again = locked(&keys, "horse").unwrap();
    assert_eq!(again.unwrap(&wrapped.bytes, b"c").await.unwrap().expose(), b"x");
    again.generate(KmsLine::Root).await.unwrap();
    let file = fs::read(keys.join("root-0002.key")).unwrap();
    assert_eq!(file[9], 1, "later root keys are sealed too");
}

fn protect(dir: &Path, known: Option<&str>, wanted: Unlock) -> Result<(), KmsError> {
    let known = known.map(|text| Passphrase::weak_for_tests(secret(text)));
    FileKms::protect(dir, &env().0, known.as_ref(), wanted)
}

#[tokio::test]
async fn a_passphrase_can_be_set_changed_and_taken_away() {
    let (_dir, keys) = folder();
    let kms = plain(&keys).unwrap();
    kms.generate(KmsLine::Root).await.unwrap();
    let wrapped = kms.wrap(KmsLine::Root, b"x", b"c").await.unwrap();
    protect(&keys, None, weak("horse")).unwrap();
    assert!(plain(&keys).is_err() && locked(&keys, "horse").is_ok());
    protect(&keys, Some("horse"), weak("mule")).unwrap();
    assert!(locked(&keys, "horse").is_err() && locked(&keys, "mule").is_ok());
    assert!(protect(&keys, Some("horse"), weak("donkey")).is_err());
    protect(&keys, Some("mule"), Unlock::Plain).unwrap();
    let kms = plain(&keys).unwrap();
    assert_eq!(kms.unwrap(&wrapped.bytes, b"c").await.unwrap().expose(), b"x");
    assert_eq!(mode(&keys.join("root-0002.key")), 0o600);
}

#[tokio::test]
async fn whoever_died_while_changing_the_passphrase_runs_it_again() {
    let (_dir, keys) = folder();
    let kms = locked(&keys, "horse").unwrap();
    kms.generate(KmsLine::Root).await.unwrap();
    let wrapped = kms.wrap(KmsLine::Root, b"x", b"c").await.unwrap();
    let file = keys.join("root-0002.key");
    let before = fs::read(&file).unwrap();
    protect(&keys, Some("horse"), weak("mule")).unwrap();
    fs::write(&file, before).unwrap();
    assert!(locked(&keys, "horse").is_err() && locked(&keys, "mule").is_err());
    protect(&keys, Some("horse"), weak("mule")).unwrap();
    let kms = locked(&keys, "mule").unwrap();
    assert_eq!(kms.unwrap(&wrapped.bytes, b"c").await.unwrap().expose(), b"x");
}

#[test]
fn a_key_that_was_in_the_clear_does_not_stay_on_the_disk() {
    let (_dir, keys) = folder();
    plain(&keys).unwrap();
    let file = keys.join("root-0001.key");
    // A second name of what the file was, as a look at the disk would have.
    let disk = keys.parent().unwrap().join("disk");
    fs::hard_link(&file, &disk).unwrap();
    protect(&keys, None, weak("horse")).unwrap();
    assert!(fs::read(&disk).unwrap().iter().all(|byte| *byte == 0));
    assert!(locked(&keys, "horse").is_ok());
}

#[test]
fn a_root_key_in_the_clear_is_refused_where_a_passphrase_is_set() {
    let (_dir, keys) = folder();
    plain(&keys).unwrap();
    let refused = locked(&keys, "horse").err().unwrap();
    assert!(matches!(refused, KmsError::Unprotected { .. }));
    assert!(refused.to_string().contains("run `salus keys protect`"), "{refused}");
    assert!(matches!(Passphrase::new(secret("")), Err(KmsError::EmptyPassphrase)));
}

#[test]
fn a_file_that_makes_guessing_cheap_is_refused() {
    let (_dir, keys) = folder();
    locked(&keys, "horse").unwrap();
    let strict = Unlock::Passphrase(Passphrase::new(secret("horse")).unwrap());
    let refused = FileKms::open(&keys, env().0, strict).err().unwrap();
    assert!(refused.to_string().contains("out of bounds"), "{refused}");
    let file = keys.join("root-0001.key");
    let mut bytes = fs::read(&file).unwrap();
    bytes[24] = 0xff;
    fs::write(&file, bytes).unwrap();
    assert!(locked(&keys, "horse").err().unwrap().to_string().contains("out of bounds"));
}

#[test]
fn any_changed_byte_of_a_sealed_key_file_is_refused() {
    let (_dir, keys) = folder();
    locked(&keys, "horse").unwrap();
    let file = keys.join("root-0001.key");
    let good = fs::read(&file).unwrap();
    for at in 0..good.len() {
        // Costs the test is not worth: the cost fields are covered by the test above.
        if (24..36).contains(&at) {
            continue;
        }
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&file, &bad).unwrap();
        assert!(locked(&keys, "horse").is_err(), "byte {at} changed");
    }
}
