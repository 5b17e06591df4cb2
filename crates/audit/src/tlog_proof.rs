//! Proofs to take away, c2sp.org/tlog-proof: one text file that shows, without any server, that an
//! entry is in a signed ledger. The entry itself travels in the `extra` line while its body is
//! kept; it needs no trust there, because the proof starts from its hash.

use crate::{
    checkpoint::{Checkpoint, SignedCheckpoint, decimal},
    entry::Entry,
    note::{NoteError, VerifierKey},
    proof::{ProofError, verify_inclusion},
    tree::{Hash, leaf_hash},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{fmt, str::FromStr};

const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// No tree needs more hashes.
const MAX_HASHES: usize = 64;

/// The proof cannot be read or does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// Not in the format of such proofs.
    #[error("not a ledger proof")]
    Format,
    /// The checkpoint in it cannot be believed.
    #[error("the checkpoint in the proof: {0}")]
    Checkpoint(#[from] NoteError),
    /// It does not lead from the entry to the checkpoint.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// It brings no entry along, and none was given.
    #[error("the proof brings no entry along")]
    NoEntry,
}

/// A proof that leaf `index` is in the tree of `checkpoint`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// The bytes of the entry, while they are kept.
    pub entry: Option<Vec<u8>>,
    /// The position of the entry.
    pub index: u64,
    /// The inclusion proof.
    pub hashes: Vec<Hash>,
    /// The signed tree it leads to.
    pub checkpoint: SignedCheckpoint,
}

impl TlogProof {
    /// Checks the proof for a leaf with this hash. Returns the checkpoint that was proven.
    pub fn verify_leaf(
        &self,
        leaf: &Hash,
        trusted: &[VerifierKey],
    ) -> Result<&Checkpoint, TlogProofError> {
        let checkpoint = self.checkpoint.verify(trusted)?;
        let head = &checkpoint.head;
        verify_inclusion(leaf, self.index, head.size, &self.hashes, &head.root)?;
        Ok(checkpoint)
    }

    /// Checks the proof for the entry that it brings along, and returns that entry.
    pub fn verify(&self, trusted: &[VerifierKey]) -> Result<Entry, TlogProofError> {
        let bytes = self.entry.as_ref().ok_or(TlogProofError::NoEntry)?;
        self.verify_leaf(&leaf_hash(bytes), trusted)?;
        Entry::decode(bytes).map_err(|_| TlogProofError::Format)
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(entry) = &self.entry {
            writeln!(f, "extra {}", STANDARD.encode(entry))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{}", STANDARD.encode(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// Reads hashes, one on each line.
pub(crate) fn read_hashes<'a>(lines: impl Iterator<Item = &'a str>) -> Option<Vec<Hash>> {
    let hashes: Option<Vec<Hash>> =
        lines.map(|line| STANDARD.decode(line).ok()?.try_into().ok()).collect();
    hashes.filter(|hashes| hashes.len() <= MAX_HASHES)
}

impl FromStr for TlogProof {
    type Err = TlogProofError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (proof, checkpoint) = text.split_once("\n\n").ok_or(TlogProofError::Format)?;
        let read = || {
            let mut lines = proof.split('\n');
            if lines.next()? != HEADER {
                return None;
            }
            let mut line = lines.next()?;
            let mut entry = None;
            if let Some(extra) = line.strip_prefix("extra ") {
                entry = Some(STANDARD.decode(extra).ok()?);
                line = lines.next()?;
            }
            let index = decimal(line.strip_prefix("index ")?)?;
            Some((entry, index, read_hashes(lines)?))
        };
        let (entry, index, hashes) = read().ok_or(TlogProofError::Format)?;
        Ok(Self { entry, index, hashes, checkpoint: checkpoint.parse()? })
    }
}
