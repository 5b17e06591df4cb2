//! What a verification found.

use kernel::Timestamp;
use serde::Serialize;
use uuid::Uuid;

/// More findings than this are only counted.
const LISTED: usize = 100;

/// Where a root stands that the leaves do not lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RootOf {
    /// The row of a batch.
    Batch,
    /// A checkpoint in the ledger.
    Checkpoint,
    /// A checkpoint that was brought along.
    Known,
    /// The right edge.
    Head,
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// Leaves are gone: from this one up to that one.
    Missing {
        /// The first that is gone.
        from: u64,
        /// The first that is there again, or the size of the ledger.
        to: u64,
    },
    /// The bytes of the entry are not those that the tree knows.
    EntryAltered {
        /// The place of the entry.
        seq: u64,
    },
    /// The tree knows these bytes, but they are not an entry.
    EntryUnreadable {
        /// The place of the entry.
        seq: u64,
    },
    /// The entry was made for another ledger.
    EntryOfAnotherLedger {
        /// The place of the entry.
        seq: u64,
    },
    /// What is stored beside the entry to find it by is not what the entry says.
    ColumnAltered {
        /// The place of the entry.
        seq: u64,
    },
    /// The entry is gone, and retention did not take it.
    BodyMissing {
        /// The place of the entry.
        seq: u64,
    },
    /// A hash of the tree is not the one that follows from the leaves.
    HashAltered {
        /// The leaf it is stored with.
        seq: u64,
    },
    /// A root is not the one that the leaves lead to.
    RootMismatch {
        /// The size of the tree.
        size: u64,
        /// Where the root stands.
        of: RootOf,
    },
    /// A checkpoint is not signed by this ledger, or says something else than its row.
    CheckpointFalse {
        /// The size of the tree.
        size: u64,
    },
    /// The same event stands in the ledger twice.
    DuplicateEvent {
        /// The event.
        event: Uuid,
    },
    /// Something was signed or stored about a larger tree than there is: the end was cut off, or
    /// an older state was put back.
    CutOff {
        /// The size that there was.
        known: u64,
        /// The size that there is.
        size: u64,
    },
    /// Rows stand beyond the end of the ledger.
    BeyondEnd {
        /// The size of the ledger.
        size: u64,
    },
    /// A clock went back between two neighbours.
    ClockWentBack {
        /// The place of the entry that seems earlier.
        seq: u64,
        /// By how much.
        seconds: u64,
    },
    /// Events wait for too long; nobody sequences, or something does not let them.
    LineStands {
        /// How many wait.
        waiting: u64,
        /// How long the first has waited.
        seconds: u64,
    },
}

impl Finding {
    /// Whether it says that the ledger is not what it was, rather than that it needs attention.
    #[must_use]
    pub const fn is_tampering(&self) -> bool {
        match self {
            Self::ClockWentBack { .. } | Self::LineStands { .. } => false,
            Self::Missing { .. }
            | Self::EntryAltered { .. }
            | Self::EntryUnreadable { .. }
            | Self::EntryOfAnotherLedger { .. }
            | Self::ColumnAltered { .. }
            | Self::BodyMissing { .. }
            | Self::HashAltered { .. }
            | Self::RootMismatch { .. }
            | Self::CheckpointFalse { .. }
            | Self::DuplicateEvent { .. }
            | Self::CutOff { .. }
            | Self::BeyondEnd { .. } => true,
        }
    }
}

/// The result of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct VerifyReport {
    /// The name of the ledger.
    pub origin: String,
    /// When the verification ended.
    pub at: Option<Timestamp>,
    /// The size from which on everything was recomputed.
    pub since: u64,
    /// The size of the ledger.
    pub size: u64,
    /// The root that the leaves lead to, in hexadecimal.
    pub root: String,
    /// Leaves that were recomputed.
    pub leaves: u64,
    /// Leaves among them whose bodies retention took: their hashes were used as they are.
    pub without_body: u64,
    /// Roots of batches that were compared.
    pub batches: u64,
    /// Checkpoints whose signature and root were checked.
    pub checkpoints: u64,
    /// The largest tree that a believed checkpoint covers.
    pub signed_size: u64,
    /// Events that have no place yet.
    pub waiting: u64,
    /// What is not as it should be.
    pub findings: Vec<Finding>,
    /// Findings beyond the first hundred.
    pub unlisted: u64,
}

impl VerifyReport {
    /// Whether nothing says that the ledger was tampered with.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.unlisted == 0 && !self.findings.iter().any(Finding::is_tampering)
    }

    /// Adds a finding.
    pub(crate) fn find(&mut self, finding: Finding) {
        if self.findings.len() < LISTED {
            self.findings.push(finding);
        } else {
            self.unlisted += 1;
        }
    }
}
