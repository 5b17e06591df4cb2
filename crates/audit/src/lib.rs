//! The ledger: what was done to whose data, by whom and when, so that nobody can quietly change it.

mod checkpoint;
mod details;
mod entry;
mod error;
mod event;
mod export;
mod keeper;
mod ledger;
mod note;
mod proof;
mod retention;
mod seal;
mod sequencer;
mod store;
mod tlog_proof;
mod tree;
mod verify;
mod wire;
mod witness;
mod word;

pub use checkpoint::{Checkpoint, SignedCheckpoint};
pub use details::DetailReport;
pub use entry::{ActorRef, Entry, EntryError, EventId, LogId, Outcome};
pub use error::{AUDIT_UNAVAILABLE, AuditError, CODES};
pub use event::{Action, Event};
pub use export::{ACTIONS, BODIES_DROPPED, ExportHeader, LEDGER_EXPORTED};
pub use ledger::{ByOrAbout, CHECKPOINT_KEY, Filter, Ledger, LedgerConfig, Record};
pub use note::{KeyKind, Note, NoteError, Signature, SigningKey, VerifierKey};
pub use proof::{Plan, ProofError, TreeHead, verify_consistency, verify_inclusion};
pub use seal::{COLUMNS, Keys, Side, open_detail};
pub use store::STATEMENTS;
pub use tlog_proof::{TlogProof, TlogProofError};
pub use tree::{Frontier, FrontierError, Hash, Node, empty_root, leaf_hash, node_hash};
pub use verify::{Finding, RootOf, VerifyOptions, VerifyReport, verify_export};
pub use witness::{Refusal, Witness, WitnessRequest};
pub use word::{DetailBox, DetailTooLarge, MAX_WORD, Pseudonym, Word, WordError, is_word};

/// The secrets of the program that this crate signs with. What was signed once must hold for ever.
pub const SECRETS: &[vault::SystemSecret] =
    &[vault::SystemSecret { name: ledger::CHECKPOINT_KEY, keep: None }];

/// What this crate adds to the schema.
pub const MIGRATIONS: &[db::Migration] = db::migrations![10 => "0010_audit"];

#[cfg(test)]
mod tests;
