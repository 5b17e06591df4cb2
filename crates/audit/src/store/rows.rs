//! What rows of the ledger's tables look like.

use crate::{error::AuditError, tree::Frontier};
use db::row;
use kernel::Timestamp;
use uuid::Uuid;

row! {
    pub(crate) struct Waiting {
        pub(crate) id: i64,
        pub(crate) entry: Vec<u8>,
    }
}

row! {
    pub(crate) struct Line {
        pub(crate) events: i64,
        pub(crate) since: Option<Timestamp>,
    }
}

row! {
    pub(crate) struct HeadRow {
        pub(crate) log_id: Uuid,
        pub(crate) size: i64,
        pub(crate) frontier: Vec<u8>,
        pub(crate) bodies_from: i64,
    }
}

row! {
    pub(crate) struct HashesRow {
        pub(crate) seq: i64,
        pub(crate) hashes: Vec<u8>,
    }
}

row! {
    pub(crate) struct FoundRow {
        pub(crate) seq: i64,
        pub(crate) hashes: Vec<u8>,
        pub(crate) entry: Option<Vec<u8>>,
    }
}

row! {
    pub(crate) struct ListRow {
        pub(crate) seq: i64,
        pub(crate) entry: Vec<u8>,
    }
}

row! {
    pub(crate) struct LeafRow {
        pub(crate) seq: i64,
        pub(crate) event_id: Option<Uuid>,
        pub(crate) hashes: Vec<u8>,
        pub(crate) at: Option<i64>,
        pub(crate) tenant_id: Option<Uuid>,
        pub(crate) subject_ref: Option<Vec<u8>>,
        pub(crate) actor_ref: Option<Vec<u8>>,
        pub(crate) action: Option<String>,
        pub(crate) entry: Option<Vec<u8>>,
    }
}

row! {
    pub(crate) struct BatchRow {
        pub(crate) size: i64,
        pub(crate) root: Vec<u8>,
        pub(crate) at: Timestamp,
    }
}

row! {
    pub(crate) struct CheckpointRow {
        pub(crate) size: i64,
        pub(crate) note: String,
    }
}

row! {
    pub(crate) struct Furthest {
        pub(crate) leaves: i64,
        pub(crate) first_leaf: i64,
        pub(crate) batches: i64,
        pub(crate) checkpoints: i64,
    }
}

row! {
    pub(crate) struct SeqRow {
        pub(crate) seq: Option<i64>,
    }
}

row! {
    pub(crate) struct EventRow {
        pub(crate) event_id: Uuid,
    }
}

/// The right edge, read back.
pub(crate) struct Head {
    pub(crate) frontier: Frontier,
    pub(crate) bodies_from: u64,
}

impl TryFrom<HeadRow> for Head {
    type Error = AuditError;
    fn try_from(row: HeadRow) -> Result<Self, AuditError> {
        let frontier = Frontier::from_bytes(unsigned(row.size), &row.frontier)?;
        Ok(Self { frontier, bodies_from: unsigned(row.bodies_from) })
    }
}

/// Sizes and positions are never negative; an intruder's that are become ones that fit nothing.
pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// Beyond what a database can number there are no leaves.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
