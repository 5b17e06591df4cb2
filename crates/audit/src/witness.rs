//! A witness: someone on another machine who remembers the last checkpoint they saw and signs a
//! new one only if it continues that one. This is what a ledger cannot forge about itself: cut
//! short, put back or split in two, it no longer gets a signature.
//!
//! The texts are those of c2sp.org/tlog-witness; carrying them over HTTP is left to the caller.
//! The state is one small file, on disk before a signature leaves.

use crate::{
    checkpoint::{SignedCheckpoint, decimal},
    error::AuditError,
    export::file_error,
    ledger::Ledger,
    note::{KeyKind, NoteError, Signature, SigningKey, VerifierKey},
    proof::{TreeHead, verify_consistency},
    tlog_proof::read_hashes,
    tree::{Hash, empty_root},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::Env;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

/// More lines than this no consistency proof has.
const MAX_PROOF: usize = 63;

/// What a ledger sends to a witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessRequest {
    /// The size of the last tree that the witness has signed; zero if none.
    pub old: u64,
    /// That the new tree continues that one.
    pub proof: Vec<Hash>,
    /// The new tree.
    pub checkpoint: SignedCheckpoint,
}

impl fmt::Display for WitnessRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{}", STANDARD.encode(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for WitnessRequest {
    type Err = NoteError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (head, checkpoint) = text.split_once("\n\n").ok_or(NoteError::Format)?;
        let read = || {
            let mut lines = head.split('\n');
            let old = decimal(lines.next()?.strip_prefix("old ")?)?;
            let proof = read_hashes(lines)?;
            (proof.len() <= MAX_PROOF).then_some((old, proof))
        };
        let (old, proof) = read().ok_or(NoteError::Format)?;
        Ok(Self { old, proof, checkpoint: checkpoint.parse()? })
    }
}

/// Why a witness does not sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The request cannot be read, or speaks of a tree smaller than the old one.
    #[error("not a request to a witness")]
    Malformed,
    /// No ledger of this name was introduced.
    #[error("an unknown ledger")]
    UnknownLedger,
    /// The ledger did not sign it.
    #[error("not signed by the ledger")]
    NotSigned,
    /// The witness saw another size last. If that one is larger, the ledger was put back.
    #[error("the witness has seen {0} leaves")]
    OtherSize(u64),
    /// Another tree of the size that the witness saw: there are two ledgers of one name.
    #[error("another tree of the same size was seen: the ledger has forked")]
    Forked(u64),
    /// The new tree does not continue the old one.
    #[error("the new tree does not continue the one that was seen")]
    NotContinued,
    /// The witness cannot remember what it would sign.
    #[error("the witness cannot keep its state: {0}")]
    State(String),
}

impl Refusal {
    /// The HTTP status that the protocol gives it.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::NotSigned => 403,
            Self::UnknownLedger => 404,
            Self::OtherSize(_) | Self::Forked(_) => 409,
            Self::NotContinued => 422,
            Self::State(_) => 500,
        }
    }

    /// The body that the protocol gives it: for 409 the size that was seen, as `text/x.tlog.size`.
    #[must_use]
    pub fn body(&self) -> String {
        match self {
            Self::OtherSize(size) | Self::Forked(size) => format!("{size}\n"),
            other => format!("{other}\n"),
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    size: u64,
    root: String,
}

impl Seen {
    fn head(&self) -> Option<TreeHead> {
        let root = STANDARD.decode(&self.root).ok()?.try_into().ok()?;
        Some(TreeHead { size: self.size, root })
    }
}

/// Everybody on the machine may know which trees were signed.
const MODE: u32 = 0o644;

/// A witness with its key and its memory.
pub struct Witness {
    key: SigningKey,
    ledgers: Vec<VerifierKey>,
    path: PathBuf,
    seen: BTreeMap<String, Seen>,
}

impl Witness {
    /// The witness that remembers in this file, and knows these ledgers by their keys. A file that
    /// cannot be read is an error: a witness without memory is none.
    pub fn open(
        key: SigningKey,
        ledgers: Vec<VerifierKey>,
        path: &Path,
    ) -> Result<Self, AuditError> {
        if key.verifier().kind() != KeyKind::Cosignature {
            return Err(NoteError::SigningKey.into());
        }
        let seen: BTreeMap<String, Seen> = match std::fs::read(path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| file_error(path, &error))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(file_error(path, &error)),
        };
        if seen.values().any(|seen| seen.head().is_none()) {
            return Err(file_error(path, &"not the state of a witness"));
        }
        Ok(Self { key, ledgers, path: path.to_owned(), seen })
    }

    /// The last tree of this ledger that was signed.
    #[must_use]
    pub fn seen(&self, origin: &str) -> TreeHead {
        let nothing = TreeHead { size: 0, root: empty_root() };
        self.seen.get(origin).and_then(Seen::head).unwrap_or(nothing)
    }

    /// Answers one request: the lines of the signature, or why there is none.
    pub fn add_checkpoint(&mut self, request: &str, env: &Env) -> Result<String, Refusal> {
        let request: WitnessRequest = request.parse().map_err(|_| Refusal::Malformed)?;
        let checkpoint = request.checkpoint.checkpoint();
        if !self.ledgers.iter().any(|key| key.name() == checkpoint.origin) {
            return Err(Refusal::UnknownLedger);
        }
        request.checkpoint.verify(&self.ledgers).map_err(|_| Refusal::NotSigned)?;
        let (seen, new) = (self.seen(&checkpoint.origin), checkpoint.head);
        if request.old > new.size {
            return Err(Refusal::Malformed);
        }
        if request.old != seen.size {
            return Err(Refusal::OtherSize(seen.size));
        }
        if seen.size == new.size && seen.root != new.root {
            return Err(Refusal::Forked(seen.size));
        }
        verify_consistency(&seen, &new, &request.proof).map_err(|_| Refusal::NotContinued)?;
        let signature = self
            .key
            .sign(request.checkpoint.note().text(), env.now())
            .map_err(|error| Refusal::State(error.to_string()))?;
        self.remember(env, checkpoint.origin.clone(), new)
            .map_err(|error| Refusal::State(error.to_string()))?;
        Ok(signature.to_string())
    }

    /// On disk when this returns; what is in memory changes only then.
    fn remember(&mut self, env: &Env, origin: String, head: TreeHead) -> std::io::Result<()> {
        let mut seen = self.seen.clone();
        seen.insert(origin, Seen { size: head.size, root: STANDARD.encode(head.root) });
        db::files::replace(env, &self.path, MODE, &serde_json::to_vec(&seen)?)?;
        self.seen = seen;
        Ok(())
    }
}

impl Ledger {
    /// What to send to a witness that has seen `old` leaves: a checkpoint signed now, and the
    /// proof that it continues what was seen.
    pub async fn witness_request(&self, old: u64) -> Result<WitnessRequest, AuditError> {
        let checkpoint = self.checkpoint().await?;
        let proof = self.consistency(old, checkpoint.checkpoint().head.size).await?;
        Ok(WitnessRequest { old, proof, checkpoint })
    }
}

impl SignedCheckpoint {
    /// Adds the lines that a witness answered with, provided that one of these keys signed them.
    pub fn add_cosignatures(
        &mut self,
        lines: &str,
        witnesses: &[VerifierKey],
    ) -> Result<(), NoteError> {
        let mut note = self.note().clone();
        for line in lines.lines() {
            note.add(line.parse::<Signature>()?);
        }
        note.verify(witnesses)?;
        *self.note_mut() = note;
        Ok(())
    }
}
