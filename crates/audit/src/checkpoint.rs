//! Checkpoints, c2sp.org/tlog-checkpoint: the size and root of a ledger, signed by the ledger and
//! cosigned by its witnesses. We write no extension lines and accept none.

use crate::{
    note::{Note, NoteError, SigningKey, VerifierKey},
    proof::TreeHead,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::Timestamp;
use std::str::FromStr;

/// What a checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the ledger, and of the key that signs for it.
    pub origin: String,
    /// The size and root of the tree.
    pub head: TreeHead,
}

impl Checkpoint {
    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.head.size, STANDARD.encode(self.head.root))
    }

    /// The checkpoint in a signed text. Says nothing about the signatures.
    pub fn from_text(text: &str) -> Result<Self, NoteError> {
        let read = || {
            let mut lines = text.strip_suffix('\n')?.split('\n');
            let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
            let root = STANDARD.decode(root).ok()?.try_into().ok()?;
            let head = TreeHead { size: decimal(size)?, root };
            let plain = !origin.is_empty() && lines.next().is_none();
            plain.then(|| Self { origin: origin.to_owned(), head })
        };
        read().ok_or(NoteError::Format)
    }
}

/// A number as the formats write it: digits only, no needless zero in front.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// A checkpoint with its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

impl SignedCheckpoint {
    /// The ledger signs what it is.
    pub fn sign(
        checkpoint: Checkpoint,
        key: &SigningKey,
        now: Timestamp,
    ) -> Result<Self, NoteError> {
        let note = Note::sign(checkpoint.text(), key, now)?;
        Ok(Self { checkpoint, note })
    }

    /// What it says, believed or not.
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note.
    #[must_use]
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// The note, to add cosignatures to it.
    pub const fn note_mut(&mut self) -> &mut Note {
        &mut self.note
    }

    /// What it says, provided that one of these keys signed it in the name of its origin.
    pub fn verify(&self, trusted: &[VerifierKey]) -> Result<&Checkpoint, NoteError> {
        let signers = self.note.verify(trusted)?;
        if signers.iter().any(|key| key.name() == self.checkpoint.origin) {
            Ok(&self.checkpoint)
        } else {
            Err(NoteError::Untrusted)
        }
    }
}

impl std::fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.note.fmt(f)
    }
}

impl FromStr for SignedCheckpoint {
    type Err = NoteError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let note: Note = text.parse()?;
        Ok(Self { checkpoint: Checkpoint::from_text(note.text())?, note })
    }
}
