//! What can go wrong with the ledger. Whatever it is, the caller's work does not happen.

use crate::{
    entry::EntryError,
    note::NoteError,
    proof::ProofError,
    tree::FrontierError,
    word::{DetailTooLarge, WordError},
};
use db::DbError;
use kernel::{Coded, ErrorCode, common};
use vault::VaultError;

kernel::error_codes! {
    /// The event could not be recorded, so what it tells of was not done.
    AUDIT_UNAVAILABLE = Unavailable, "Salus cannot record this right now, so it was not done. Please try again soon.";
}

/// What went wrong with the ledger.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The event could not be written.
    #[error("an event could not be recorded: {0}")]
    NotRecorded(#[source] DbError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A key is missing or cannot be had.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The keys handed in are not those of the event's people.
    #[error("the keys are not those of the people of the event")]
    WrongKeys,
    /// The event is larger than an entry may be.
    #[error(transparent)]
    Detail(#[from] DetailTooLarge),
    /// The event has a name that an entry cannot hold.
    #[error(transparent)]
    Word(#[from] WordError),
    /// There is no such event in the ledger.
    #[error("no such event in the ledger")]
    NoSuchEvent,
    /// A checkpoint or key cannot be read or believed.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The stored ledger contradicts itself; nothing is signed until someone has looked at it.
    #[error("the stored ledger contradicts itself: {0}")]
    Contradiction(&'static str),
    /// A file cannot be read or written.
    #[error("file {path}: {reason}")]
    File {
        /// Which file.
        path: String,
        /// What the system says.
        reason: String,
    },
}

impl From<FrontierError> for AuditError {
    fn from(_: FrontierError) -> Self {
        Self::Contradiction("the right edge of the tree does not fit its size")
    }
}

impl From<ProofError> for AuditError {
    fn from(_: ProofError) -> Self {
        Self::Contradiction("the tree is not the one that was signed")
    }
}

impl From<EntryError> for AuditError {
    fn from(_: EntryError) -> Self {
        Self::Contradiction("an entry cannot be read")
    }
}

impl Coded for AuditError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::NotRecorded(_) => &AUDIT_UNAVAILABLE,
            Self::Db(error) => error.code(),
            Self::Vault(error) => error.code(),
            Self::NoSuchEvent => &common::NOT_FOUND,
            Self::WrongKeys
            | Self::Detail(_)
            | Self::Word(_)
            | Self::Note(_)
            | Self::Contradiction(_)
            | Self::File { .. } => &common::INTERNAL,
        }
    }
}
