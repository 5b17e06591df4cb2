//! Reading a backup: what it says, whether it is whole, and back into a database.

use super::{
    BackupError, Files, KEY_TABLES, OnProgress, Stage, blocking,
    header::{Header, Part},
    sealed::SealedReader,
    tell,
};
use db::{
    AppliedStep, Db, MigrationSet,
    dump::{Counts, Source, examine},
};
use kernel::Env;
use std::{
    fs::File,
    path::{Path, PathBuf},
};
use vault::Kms;

/// A file that was read from start to end.
#[derive(Debug, Clone)]
pub struct Checked {
    /// What it says about itself.
    pub header: Header,
    /// The steps that the schema had gone through.
    pub steps: Vec<AppliedStep>,
    /// How many rows are in it.
    pub counts: Counts,
}

/// What was restored.
#[derive(Debug, Clone)]
pub struct Restored {
    /// The file with everything but the keys.
    pub data: Header,
    /// The file with the keys. If it is of another moment, people may be gone, or have come back.
    pub keys: Header,
    /// How many rows were loaded and found afterwards.
    pub counts: Counts,
}

/// What a file says about itself, without proof.
pub async fn inspect(path: &Path) -> Result<Header, BackupError> {
    let path = path.to_owned();
    blocking(move || {
        let mut file = File::open(&path).map_err(BackupError::io(&path))?;
        Header::read(&mut file, &path)
    })
    .await
}

/// Opens a file and reads all of it: proves that it is genuine and whole.
pub async fn check(
    path: &Path,
    world: (&dyn Kms, &Env),
    on_progress: &OnProgress,
) -> Result<Checked, BackupError> {
    check_after(path, world, (on_progress, 0)).await
}

async fn check_after(
    path: &Path,
    world: (&dyn Kms, &Env),
    (on_progress, done): (&OnProgress, u64),
) -> Result<Checked, BackupError> {
    let reader = SealedReader::open(path, world).await?;
    let header = reader.header.clone();
    let progress = tell(on_progress, Stage::Checking, done, None);
    let owned: PathBuf = path.to_owned();
    let found = blocking(move || {
        examine(reader, &progress).map_err(|error| BackupError::reading(&owned, error))
    })
    .await?;
    let belongs =
        |table: &String| KEY_TABLES.contains(&table.as_str()) == (header.part == Part::Keys);
    if !found.counts.0.keys().all(belongs) {
        return Err(BackupError::Damaged(path.to_owned()));
    }
    Ok(Checked { header, steps: found.header.steps, counts: found.counts })
}

/// Loads a backup into a database without rows, and brings its schema up to date. Before the
/// first row is written both files have been read to their ends. All of it happens or nothing.
/// The caller then verifies the ledger and the vault.
pub async fn restore(
    files: &Files,
    db: &Db,
    kms: &dyn Kms,
    set: &MigrationSet,
    on_progress: &OnProgress,
) -> Result<Restored, BackupError> {
    let world = (kms, db.env());
    let data = check_after(&files.data, world, (on_progress, 0)).await?;
    expect(&data, Part::Data, &files.data)?;
    let done = data.counts.total();
    let keys = check_after(&files.keys, world, (on_progress, done)).await?;
    expect(&keys, Part::Keys, &files.keys)?;
    let total = done + keys.counts.total();
    let mut sources: Vec<Source> = Vec::new();
    for path in [&files.data, &files.keys] {
        sources.push(Box::new(SealedReader::open(path, world).await?));
    }
    let progress = tell(on_progress, Stage::Loading, 0, Some(total));
    let counts = db.load(sources, set, &progress).await?;
    Ok(Restored { data: data.header, keys: keys.header, counts })
}

fn expect(checked: &Checked, part: Part, path: &Path) -> Result<(), BackupError> {
    if checked.header.part == part {
        return Ok(());
    }
    Err(BackupError::WrongPart { path: path.to_owned(), wanted: part.extension() })
}
