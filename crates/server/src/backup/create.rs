//! Making a backup.

use super::{
    BackupError, KEY_TABLES, OnProgress, Stage, blocking, folder,
    header::{Part, Start},
    sealed::{Draft, SealedFile},
    tell,
};
use db::{
    Db,
    dump::{Counts, Snapshot},
};
use kernel::Timestamp;
use std::path::{Path, PathBuf};
use uuid::Uuid;
use vault::Kms;

/// What was made.
#[derive(Debug, Clone)]
pub struct Report {
    /// The backup, as both files name it.
    pub id: Uuid,
    /// When it was made.
    pub created: Timestamp,
    /// The file with everything but the keys.
    pub data: PathBuf,
    /// The file with the wrapped keys.
    pub keys: PathBuf,
    /// How many rows are in them.
    pub counts: Counts,
    /// How large the two are together.
    pub bytes: u64,
}

/// Writes a backup of this moment into the folder, which is made if it is missing. Others go on
/// reading and writing.
pub async fn create(
    db: &Db,
    kms: &dyn Kms,
    dir: &Path,
    on_progress: &OnProgress,
) -> Result<Report, BackupError> {
    let making = Making { db, kms, dir, on_progress, id: db.env().new_id(), at: db.env().now() };
    let owned = dir.to_owned();
    blocking(move || folder::ensure(&owned)).await?;
    let snapshot = db.snapshot().await?;
    let (keys, mut counts) = making.write(&snapshot, Part::Keys, 0).await?;
    let (data, more) = making.write(&snapshot, Part::Data, counts.total()).await?;
    drop(snapshot);
    counts.0.extend(more.0);
    let Making { id, at: created, .. } = making;
    blocking(move || {
        let bytes = keys.length()? + data.length()?;
        // Who sees the data can rely on the keys.
        let keys = keys.publish()?;
        let data = data.publish()?;
        Ok(Report { id, created, data, keys, counts, bytes })
    })
    .await
}

struct Making<'a> {
    db: &'a Db,
    kms: &'a dyn Kms,
    dir: &'a Path,
    on_progress: &'a OnProgress,
    id: Uuid,
    at: Timestamp,
}

impl Making<'_> {
    async fn write(
        &self,
        snapshot: &Snapshot,
        part: Part,
        done: u64,
    ) -> Result<(Draft, Counts), BackupError> {
        let path = folder::path_for(self.dir, self.at, part);
        if path.exists() {
            return Err(BackupError::Exists(path));
        }
        let start = Start { part, id: self.id, created: self.at };
        let file = SealedFile::create(&path, start, (self.kms, self.db.env())).await?;
        let wanted = |table: &str| KEY_TABLES.contains(&table) == (part == Part::Keys);
        let progress = tell(self.on_progress, Stage::Writing, done, None);
        let (file, counts) = snapshot
            .dump(wanted, file, progress)
            .await
            .map_err(|error| BackupError::reading(&path, error))?;
        Ok((blocking(move || file.finish()).await?, counts))
    }
}
