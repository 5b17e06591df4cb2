//! The ledger: what was done to whose data, by whom and when, so that nobody can quietly change it.

mod checkpoint;
mod entry;
mod note;
mod proof;
mod tlog_proof;
mod tree;
mod wire;
mod word;

pub use checkpoint::{Checkpoint, SignedCheckpoint};
pub use entry::{ActorRef, Entry, EntryError, EventId, LogId, Outcome};
pub use note::{KeyKind, Note, NoteError, Signature, SigningKey, VerifierKey};
pub use proof::{Plan, ProofError, TreeHead, verify_consistency, verify_inclusion};
pub use tlog_proof::{TlogProof, TlogProofError};
pub use tree::{Frontier, FrontierError, Hash, Node, empty_root, leaf_hash, node_hash};
pub use word::{DetailBox, DetailTooLarge, MAX_WORD, Pseudonym, Word, WordError, is_word};

#[cfg(test)]
mod tests;
