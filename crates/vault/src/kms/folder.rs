//! The folder of key files: made, checked, and every write on disk before it counts.

use super::KmsError;
use kernel::{Env, Timestamp};
use std::{
    ffi::OsStr,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{ErrorKind, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};
use zeroize::Zeroizing;

const DIR_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;
/// No key file of ours is longer.
const MAX_LEN: u64 = 4096;
/// The extension of a file that is being destroyed, so that nobody reads it half wiped.
const GONE: &str = "gone";
/// How the extension of a file starts that does not have its name yet.
const DRAFT: &str = "draft-";
/// The file that says that the first keys are being made.
const BEGUN: &str = "first-start";
/// By then whoever wrote a draft is done with it, or has died.
const DRAFT_AGE: Duration = Duration::from_hours(1);

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> KmsError + '_ {
    move |source| KmsError::Io { path: path.to_owned(), source }
}

/// Makes the folder if it is missing, checks it, and destroys what processes left behind that
/// died: keys half wiped, and drafts, which may hold a key in the clear.
pub(crate) fn ensure(env: &Env, dir: &Path) -> Result<(), KmsError> {
    DirBuilder::new().recursive(true).mode(DIR_MODE).create(dir).map_err(io(dir))?;
    check(dir)?;
    for left_over in files(dir, |extension| extension == GONE)? {
        wipe(&left_over)?;
    }
    for draft in files(dir, |extension| extension.starts_with(DRAFT))? {
        remove_old_draft(env, &draft)?;
    }
    Ok(())
}

/// A draft may be a second name of the file it became: then only the name goes.
fn remove_old_draft(env: &Env, draft: &Path) -> Result<(), KmsError> {
    let metadata = match fs::metadata(draft) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        other => other.map_err(io(draft))?,
    };
    let since = metadata.modified().map_err(io(draft))?.duration_since(UNIX_EPOCH);
    let written = Timestamp::from_micros(0).plus(since.unwrap_or_default());
    if env.now().since(written) < DRAFT_AGE {
        Ok(())
    } else if metadata.nlink() > 1 {
        fs::remove_file(draft).map_err(io(draft))
    } else {
        wipe(draft)
    }
}

/// Refuses a folder that others than its owner may enter.
pub(crate) fn check(dir: &Path) -> Result<(), KmsError> {
    let mode = fs::metadata(dir).map_err(io(dir))?.permissions().mode();
    refuse_open(dir, mode, DIR_MODE)
}

fn refuse_open(path: &Path, mode: u32, wanted: u32) -> Result<(), KmsError> {
    const OTHERS: u32 = 0o077;
    if mode & OTHERS == 0 {
        return Ok(());
    }
    Err(KmsError::TooOpen { path: path.to_owned(), mode: mode & 0o777, wanted })
}

/// The key files in the folder, in order of their names.
pub(crate) fn key_files(dir: &Path) -> Result<Vec<PathBuf>, KmsError> {
    files(dir, |extension| extension == "key")
}

fn files(dir: &Path, wanted: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, KmsError> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir).map_err(io(dir))? {
        let path = entry.map_err(io(dir))?.path();
        if path.extension().and_then(OsStr::to_str).is_some_and(&wanted) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// The bytes of a key file; `None` if another process has just destroyed it.
pub(crate) fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, KmsError> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        other => other.map_err(io(path))?,
    };
    let metadata = file.metadata().map_err(io(path))?;
    refuse_open(path, metadata.permissions().mode(), FILE_MODE)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(512));
    file.take(MAX_LEN).read_to_end(&mut bytes).map_err(io(path))?;
    Ok(Some(bytes))
}

/// Makes a file that was not there, whole or not at all. One that is there already stays.
pub(crate) fn create(env: &Env, path: &Path, bytes: &[u8]) -> Result<(), KmsError> {
    let draft = write_draft(env, path, bytes)?;
    let linked = match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        other => other.map_err(io(path)),
    };
    fs::remove_file(&draft).map_err(io(&draft))?;
    linked?;
    sync_folder_of(path)
}

/// Replaces a file by another, whole or not at all, and wipes what was in it.
pub(crate) fn replace(env: &Env, path: &Path, bytes: &[u8]) -> Result<(), KmsError> {
    let mut old = OpenOptions::new().write(true).open(path).map_err(io(path))?;
    let draft = write_draft(env, path, bytes)?;
    fs::rename(&draft, path).map_err(io(path))?;
    sync_folder_of(path)?;
    overwrite(&mut old).map_err(io(path))
}

/// Whether a first start is going on, or was broken off: only then may keys be made beside others.
pub(crate) fn is_begun(dir: &Path) -> Result<bool, KmsError> {
    fs::exists(dir.join(BEGUN)).map_err(io(dir))
}

/// A first start begins.
pub(crate) fn begin(dir: &Path) -> Result<(), KmsError> {
    let path = dir.join(BEGUN);
    let opened =
        OpenOptions::new().write(true).create(true).truncate(false).mode(FILE_MODE).open(&path);
    opened.and_then(|file| file.sync_all()).map_err(io(&path))?;
    sync_folder_of(&path)
}

/// All keys of a first start are there.
pub(crate) fn begun(dir: &Path) -> Result<(), KmsError> {
    let path = dir.join(BEGUN);
    match fs::remove_file(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other.map_err(io(&path)),
    }
}

/// Destroys a file: takes it away, overwrites it, removes it. One that is gone already is fine.
pub(crate) fn destroy(path: &Path) -> Result<(), KmsError> {
    let gone = path.with_extension(GONE);
    match fs::rename(path, &gone) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        other => other.map_err(io(path))?,
    }
    wipe(&gone)
}

fn wipe(path: &Path) -> Result<(), KmsError> {
    let mut file = OpenOptions::new().write(true).open(path).map_err(io(path))?;
    overwrite(&mut file).map_err(io(path))?;
    fs::remove_file(path).map_err(io(path))?;
    sync_folder_of(path)
}

fn overwrite(file: &mut File) -> std::io::Result<()> {
    let length = file.metadata()?.len();
    let zeros = vec![0; usize::try_from(length).unwrap_or_default()];
    file.write_all(&zeros)?;
    file.sync_all()
}

/// A file next to `path` with these bytes, on disk. Its name is random, because processes in
/// different containers may share the folder and a process number.
fn write_draft(env: &Env, path: &Path, bytes: &[u8]) -> Result<PathBuf, KmsError> {
    let draft = path.with_extension(format!("{DRAFT}{:016x}", u64::from_be_bytes(env.random())));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(FILE_MODE)
        .open(&draft)
        .map_err(io(&draft))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(io(&draft))?;
    Ok(draft)
}

fn sync_folder_of(path: &Path) -> Result<(), KmsError> {
    let dir = path.parent().unwrap_or(Path::new("."));
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(io(dir))
}
