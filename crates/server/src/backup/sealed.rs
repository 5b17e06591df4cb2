//! Sealed files: written under another name until they are whole and on disk, and read piece by
//! piece.

use super::{
    BackupError, blocking,
    header::{Header, Start},
};
use db::files::folder_of;
use kernel::{Env, Phi};
use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};
use vault::{ChunkSealer, FileKey, Kms, KmsError, VaultError};

/// The ending of a file that is still being written.
pub(super) const PARTIAL: &str = "partial";
/// Plaintext that is opened at once.
const WINDOW: u64 = 256 * 1024;

/// A file that does not have its name yet. Dropped, it is gone.
pub(super) struct Draft {
    unnamed: PathBuf,
    path: PathBuf,
    file: File,
}

impl Draft {
    /// Two that write the same file at once, or one after a crash, never meet.
    fn create(path: &Path, number: u32) -> Result<Self, BackupError> {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{number:08x}.{PARTIAL}"));
        let unnamed = PathBuf::from(name);
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(&unnamed);
        let file = file.map_err(BackupError::io(&unnamed))?;
        Ok(Self { unnamed, path: path.to_owned(), file })
    }

    /// Gives the file its name, in place of what had it before.
    pub(super) fn publish(self) -> Result<PathBuf, BackupError> {
        let path = self.path.clone();
        std::fs::rename(&self.unnamed, &path).map_err(BackupError::io(&path))?;
        let folder = folder_of(&path);
        File::open(folder).and_then(|dir| dir.sync_all()).map_err(BackupError::io(folder))?;
        Ok(path)
    }

    /// Its size.
    pub(super) fn length(&self) -> Result<u64, BackupError> {
        self.file.metadata().map(|data| data.len()).map_err(BackupError::io(&self.unnamed))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Once it has its name there is nothing here any more.
        let _ = std::fs::remove_file(&self.unnamed);
    }
}

/// Seals what is written to it.
pub(super) struct SealedFile {
    draft: Draft,
    sealer: ChunkSealer,
    out: Vec<u8>,
}

impl SealedFile {
    /// Starts the file with a new key.
    pub(super) async fn create(
        path: &Path,
        start: Start,
        (kms, env): (&dyn Kms, &Env),
    ) -> Result<Self, BackupError> {
        let (key, wrapped) = FileKey::for_installation(kms, env, &start.bytes()).await?;
        let Start { part, id, created } = start;
        let header = Header { part, id, created, key: wrapped.key, wrapped: wrapped.bytes };
        let header = header.bytes()?;
        let sealer = key.bound_to(&header).sealer()?;
        let path = path.to_owned();
        let number = u32::from_be_bytes(env.random());
        blocking(move || {
            let mut draft = Draft::create(&path, number)?;
            draft.file.write_all(&header).map_err(BackupError::io(&path))?;
            Ok(Self { draft, sealer, out: Vec::new() })
        })
        .await
    }

    /// Writes the end, and everything to the disk. Blocks.
    pub(super) fn finish(mut self) -> Result<Draft, BackupError> {
        self.sealer.finish(&mut self.out)?;
        let Self { mut draft, out, .. } = self;
        let written = draft.file.write_all(&out).and_then(|()| draft.file.sync_all());
        written.map_err(BackupError::io(&draft.unnamed))?;
        Ok(draft)
    }
}

impl Write for SealedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sealer.push(bytes, &mut self.out).map_err(io::Error::other)?;
        self.draft.file.write_all(&self.out)?;
        self.out.clear();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.draft.file.flush()
    }
}

/// Opens a sealed file while it is read. The end of what it gives is the proven end of the file.
pub(super) struct SealedReader {
    pub(super) header: Header,
    key: FileKey,
    sealed: AfterHeader,
    window: Phi<Vec<u8>>,
    /// How much of the window was given out.
    given: usize,
    /// Where the next window starts.
    next: u64,
}

impl SealedReader {
    /// Opens the file as far as its key.
    pub(super) async fn open(
        path: &Path,
        (kms, env): (&dyn Kms, &Env),
    ) -> Result<Self, BackupError> {
        let owned = path.to_owned();
        let (header, file) = blocking(move || {
            let mut file = File::open(&owned).map_err(BackupError::io(&owned))?;
            Ok((Header::read(&mut file, &owned)?, file))
        })
        .await?;
        let bytes = header.bytes()?;
        let start = u64::try_from(bytes.len()).map_err(|_| BackupError::KeyTooLong)?;
        let place = header.start().bytes();
        let key = FileKey::of_installation(kms, env, &place, &header.wrapped).await;
        let key = key.map_err(|error| match error {
            VaultError::Kms(KmsError::Refused | KmsError::NoSuchKey(_))
            | VaultError::Unopenable => {
                BackupError::Foreign { path: path.to_owned(), key: header.key }
            }
            other => other.into(),
        })?;
        let sealed = AfterHeader { file, start };
        let key = key.bound_to(&bytes);
        Ok(Self { header, key, sealed, window: Phi::default(), given: 0, next: 0 })
    }
}

impl Read for SealedReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // EXPOSE: rows on their way into the database they came from.
        if self.given >= self.window.expose().len() {
            let range = self.next..self.next.saturating_add(WINDOW);
            self.window = self.key.open_range(&mut self.sealed, range).map_err(io::Error::other)?;
            self.next = self.next.saturating_add(self.window.expose().len() as u64);
            self.given = 0;
        }
        let mut rest = self.window.expose().get(self.given..).unwrap_or_default();
        let count = rest.read(out)?;
        self.given += count;
        Ok(count)
    }
}

/// The file without its header.
struct AfterHeader {
    file: File,
    start: u64,
}

impl Read for AfterHeader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.file.read(out)
    }
}

impl Seek for AfterHeader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(at) => SeekFrom::Start(at.saturating_add(self.start)),
            other => other,
        };
        // A file that ends within its header was refused when that was read.
        Ok(self.file.seek(to)?.saturating_sub(self.start))
    }
}
