//! Why a backup was not made, read or restored.

use db::{DbError, dump::DumpError};
use std::path::{Path, PathBuf};
use vault::{KmsError, KmsKey, VaultError};

/// Why a backup was not made, read or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Rows could not be written, or not be loaded.
    #[error(transparent)]
    Dump(#[from] DumpError),
    /// The keys could not be reached.
    #[error(transparent)]
    Kms(#[from] KmsError),
    /// Sealing failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Reading or writing failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// There is a file of this name.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// It does not start like a backup.
    #[error("{} is not a backup of Salus", .0.display())]
    NotABackup(PathBuf),
    /// It was made by a newer program.
    #[error("{} was made by a newer program; use that one", .0.display())]
    Newer(PathBuf),
    /// The root keys at hand do not open it.
    #[error(
        "{} was sealed with the root key {key}, which is not among the keys at hand: they are of \
         another installation, or the file is damaged",
        path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The key it names.
        key: KmsKey,
    },
    /// It was changed or cut off.
    #[error("{} is damaged or was cut off", .0.display())]
    Damaged(PathBuf),
    /// It is the other one of the two files of a backup, or holds the other one's tables.
    #[error("{} is not a .{wanted} file", path.display())]
    WrongPart {
        /// The file.
        path: PathBuf,
        /// The ending of what was wanted.
        wanted: &'static str,
    },
    /// There is no `.keys` file beside it.
    #[error("there is no .keys file beside {}", .0.display())]
    NoKeys(PathBuf),
    /// The KMS made something so long of a key that it does not fit into a header.
    #[error("the wrapped key is too long")]
    KeyTooLong,
    /// The work was stopped half way.
    #[error("the work was stopped")]
    Stopped,
}

impl BackupError {
    pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_owned(), source }
    }

    /// What it means that reading this file failed.
    pub(super) fn reading(path: &Path, error: DumpError) -> Self {
        match error {
            DumpError::Io(source) => Self::reading_io(path, source),
            DumpError::Format(db::dump::FormatError::Version(_)) => Self::Newer(path.to_owned()),
            DumpError::Format(_) | DumpError::Twice(_) => Self::Damaged(path.to_owned()),
            other => Self::Dump(other),
        }
    }

    /// What it means that the system, or opening what is sealed, failed with this file.
    pub(super) fn reading_io(path: &Path, source: std::io::Error) -> Self {
        let damaged = |error: &(dyn std::error::Error + Send + Sync + 'static)| {
            matches!(error.downcast_ref(), Some(VaultError::Unopenable))
        };
        if source.get_ref().is_some_and(damaged) {
            return Self::Damaged(path.to_owned());
        }
        Self::Io { path: path.to_owned(), source }
    }
}
