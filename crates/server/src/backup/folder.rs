//! Folders with backups: the names of files, what is there, and what is there no longer.

use super::{
    BackupError, blocking,
    header::{Header, Part},
    sealed::PARTIAL,
};
use db::files::folder_of;
use kernel::{Env, Timestamp};
use std::{
    ffi::OsStr,
    fs::{DirBuilder, File},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

/// A file of a backup.
#[derive(Debug, Clone)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// What it says about itself.
    pub header: Header,
}

/// The two files of a backup, or the data of one and the keys of a later one.
#[derive(Debug, Clone)]
pub struct Files {
    /// The `.backup` file.
    pub data: PathBuf,
    /// The `.keys` file.
    pub keys: PathBuf,
}

impl Files {
    /// With the keys of the same moment if they are still beside the file, and otherwise with the
    /// newest ones there.
    pub async fn beside(data: &Path) -> Result<Self, BackupError> {
        let keys = data.with_extension(Part::Keys.extension());
        if keys.exists() {
            return Ok(Self { data: data.to_owned(), keys });
        }
        let newest = list(folder_of(data)).await?.into_iter().rfind(is_keys);
        let keys = newest.ok_or_else(|| BackupError::NoKeys(data.to_owned()))?.path;
        Ok(Self { data: data.to_owned(), keys })
    }
}

fn is_keys(found: &Found) -> bool {
    found.header.part == Part::Keys
}

pub(super) fn ensure(dir: &Path) -> Result<(), BackupError> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(BackupError::io(dir))
}

/// `salus-20261121T094759.123456Z.backup`: sorts by time, and has no sign that a file system minds.
pub(super) fn path_for(dir: &Path, at: Timestamp, part: Part) -> PathBuf {
    let time: String = at.to_string().chars().filter(|c| !matches!(c, '-' | ':')).collect();
    dir.join(format!("salus-{time}.{}", part.extension()))
}

/// The files of backups in a folder, oldest first. Others are passed over.
pub async fn list(dir: &Path) -> Result<Vec<Found>, BackupError> {
    let dir = dir.to_owned();
    blocking(move || {
        let mut all = Vec::new();
        for path in paths(&dir)? {
            let parts = [Part::Data, Part::Keys];
            if !parts.iter().any(|part| path.extension() == Some(OsStr::new(part.extension()))) {
                continue;
            }
            let mut file = File::open(&path).map_err(BackupError::io(&path))?;
            match Header::read(&mut file, &path) {
                Ok(header) => all.push(Found { path, header }),
                Err(BackupError::Io { path, source }) => {
                    return Err(BackupError::Io { path, source });
                }
                Err(error) => tracing::warn!(%error, "a file was passed over"),
            }
        }
        all.sort_by_key(|found| found.header.created);
        Ok(all)
    })
    .await
}

/// Removes `.keys` files that are older than this, but never the newest one, and what was left
/// behind by backups that broke off as long ago. Answers what was removed.
pub async fn prune(dir: &Path, keep: Duration, env: &Env) -> Result<Vec<PathBuf>, BackupError> {
    let oldest = env.now().minus(keep);
    let mut keys: Vec<Found> = list(dir).await?.into_iter().filter(is_keys).collect();
    keys.pop();
    let old = keys.into_iter().filter(|found| found.header.created < oldest);
    let mut gone: Vec<PathBuf> = old.map(|found| found.path).collect();
    let dir = dir.to_owned();
    blocking(move || {
        for path in paths(&dir)? {
            if path.extension() == Some(OsStr::new(PARTIAL)) && changed_at(&path)? < oldest {
                gone.push(path);
            }
        }
        for path in &gone {
            std::fs::remove_file(path).map_err(BackupError::io(path))?;
        }
        File::open(&dir).and_then(|dir| dir.sync_all()).map_err(BackupError::io(&dir))?;
        Ok(gone)
    })
    .await
}

fn changed_at(path: &Path) -> Result<Timestamp, BackupError> {
    let changed = std::fs::metadata(path).and_then(|data| data.modified());
    let since = changed.map_err(BackupError::io(path))?.duration_since(UNIX_EPOCH);
    Ok(Timestamp::from_micros(0).plus(since.unwrap_or_default()))
}

fn paths(dir: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let entries = std::fs::read_dir(dir).map_err(BackupError::io(dir))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(BackupError::io(dir))?.path();
        if path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with("salus-")) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
