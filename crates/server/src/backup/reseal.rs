//! Backups outlive root keys: before an old one is destroyed, they are sealed anew.

use super::{
    BackupError, blocking,
    folder::list,
    sealed::{SealedFile, SealedReader},
};
use kernel::Env;
use std::path::{Path, PathBuf};
use vault::{Kms, KmsLine};

/// Seals every backup in the folder that needs another than the newest root key anew, each with a
/// new key of its own; what is in it, its name and its time stay. May be stopped and repeated.
/// Answers which files were sealed anew.
pub async fn reseal_all(dir: &Path, world: (&dyn Kms, &Env)) -> Result<Vec<PathBuf>, BackupError> {
    let newest = world.0.versions(KmsLine::Root).await?.last().map(|version| version.key);
    let mut done = Vec::new();
    for found in list(dir).await? {
        if Some(found.header.key) != newest {
            reseal(&found.path, world).await?;
            done.push(found.path);
        }
    }
    Ok(done)
}

async fn reseal(path: &Path, world: (&dyn Kms, &Env)) -> Result<(), BackupError> {
    let mut reader = SealedReader::open(path, world).await?;
    let mut file = SealedFile::create(path, reader.header.start(), world).await?;
    let path = path.to_owned();
    blocking(move || {
        std::io::copy(&mut reader, &mut file)
            .map_err(|error| BackupError::reading_io(&path, error))?;
        file.finish()?.publish()?;
        Ok(())
    })
    .await
}
