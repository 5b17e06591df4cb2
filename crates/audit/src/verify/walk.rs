//! The walk over the leaves, from wherever they come: a database or an export. Holds the right
//! edge of the tree and nothing else of the leaves behind it.

use crate::{
    checkpoint::SignedCheckpoint,
    entry::{Entry, LogId},
    ledger::origin,
    note::VerifierKey,
    proof::TreeHead,
    tree::{Frontier, Hash, leaf_hash},
    verify::report::{Finding, RootOf, VerifyReport},
};
use kernel::Timestamp;
use std::{fmt::Write, iter::Peekable};
use uuid::Uuid;

/// Clocks of two instances may differ by this much.
const CLOCKS_DIFFER: std::time::Duration = std::time::Duration::from_mins(5);

/// What a database stores beside an entry to find it by.
pub(crate) struct Columns {
    pub(crate) event_id: Option<Uuid>,
    pub(crate) at: Option<i64>,
    pub(crate) tenant_id: Option<Uuid>,
    pub(crate) subject_ref: Option<Vec<u8>>,
    pub(crate) actor_ref: Option<Vec<u8>>,
    pub(crate) action: Option<String>,
}

/// One leaf as it was found.
pub(crate) struct Leaf {
    pub(crate) seq: u64,
    /// The leaf's hash, then those of the subtrees that it ends, as far as they are stored.
    pub(crate) hashes: Vec<u8>,
    pub(crate) entry: Option<Vec<u8>>,
    pub(crate) columns: Option<Columns>,
}

/// A root that someone stored or signed.
pub(crate) struct Mark {
    pub(crate) head: TreeHead,
    pub(crate) of: RootOf,
}

pub(crate) struct Walk {
    pub(crate) log: LogId,
    pub(crate) bodies_from: u64,
    pub(crate) keys: Vec<VerifierKey>,
    pub(crate) report: VerifyReport,
    frontier: Frontier,
    next: u64,
    /// A leaf is missing: no root can be computed any more.
    broken: bool,
    previous: Option<Timestamp>,
}

impl Walk {
    /// Begins at the end of this tree.
    pub(crate) fn begin(log: LogId, keys: Vec<VerifierKey>, frontier: Frontier) -> Self {
        let since = frontier.size();
        let report = VerifyReport { origin: origin(log), since, ..VerifyReport::default() };
        Self {
            log,
            bodies_from: 0,
            keys,
            report,
            next: since,
            frontier,
            broken: false,
            previous: None,
        }
    }

    /// The place of the next leaf.
    pub(crate) const fn next(&self) -> u64 {
        self.next
    }

    /// Everything before this place was asked for; what did not come is missing.
    pub(crate) fn skip_to(&mut self, end: u64) {
        if self.next < end {
            self.report.find(Finding::Missing { from: self.next, to: end });
            self.broken = true;
            self.next = end;
        }
    }

    /// The right edge that was computed, or an empty one if it is not that of this size.
    pub(crate) fn edge_if_at(&self, size: u64) -> Frontier {
        if self.frontier.size() == size { self.frontier.clone() } else { Frontier::default() }
    }

    /// Recomputes one leaf, then compares the roots that stand at the size reached. Answers what
    /// the entry says, if it can be read.
    pub(crate) fn leaf(
        &mut self,
        leaf: &Leaf,
        marks: &mut Peekable<impl Iterator<Item = Mark>>,
    ) -> Option<Entry> {
        let seq = leaf.seq;
        if seq != self.next {
            self.report.find(Finding::Missing { from: self.next, to: seq });
            self.broken = true;
        }
        self.next = seq.saturating_add(1);
        self.report.leaves += 1;
        let (stored, rest) = leaf.hashes.as_chunks::<32>();
        let entry = self.body(leaf, stored.first());
        if !self.broken {
            self.grow(seq, (stored, rest), leaf.columns.is_some());
        }
        while let Some(mark) = marks.next_if(|mark| mark.head.size <= self.next) {
            self.compare(&mark);
        }
        entry
    }

    /// The tree grows by the stored hash, so that an altered entry is told from an altered tree.
    fn grow(&mut self, seq: u64, (stored, rest): (&[Hash], &[u8]), has_nodes: bool) {
        let Some(hash) = stored.first() else {
            self.report.find(Finding::HashAltered { seq });
            self.broken = true;
            return;
        };
        let finished = self.frontier.append(*hash);
        let same = if has_nodes { stored == finished.as_slice() } else { stored.len() == 1 };
        if !same || !rest.is_empty() {
            self.report.find(Finding::HashAltered { seq });
        }
    }

    fn body(&mut self, leaf: &Leaf, stored: Option<&Hash>) -> Option<Entry> {
        let seq = leaf.seq;
        let Some(bytes) = &leaf.entry else {
            self.report.without_body += 1;
            if seq >= self.bodies_from {
                self.report.find(Finding::BodyMissing { seq });
            }
            return None;
        };
        if stored != Some(&leaf_hash(bytes)) {
            self.report.find(Finding::EntryAltered { seq });
            return None;
        }
        let Ok(entry) = Entry::decode(bytes) else {
            self.report.find(Finding::EntryUnreadable { seq });
            return None;
        };
        if entry.log != self.log {
            self.report.find(Finding::EntryOfAnotherLedger { seq });
        }
        if leaf.columns.as_ref().is_some_and(|columns| !columns.fit(&entry)) {
            self.report.find(Finding::ColumnAltered { seq });
        }
        if let Some(previous) = self.previous.replace(entry.at) {
            let back = previous.since(entry.at);
            if back > CLOCKS_DIFFER {
                self.report.find(Finding::ClockWentBack { seq, seconds: back.as_secs() });
            }
        }
        Some(entry)
    }

    fn compare(&mut self, mark: &Mark) {
        match mark.of {
            RootOf::Batch => self.report.batches += 1,
            RootOf::Checkpoint => self.report.checkpoints += 1,
            RootOf::Known | RootOf::Head => {}
        }
        if self.broken {
            return;
        }
        let TreeHead { size, root } = mark.head;
        if size != self.frontier.size() || root != self.frontier.root() {
            self.report.find(Finding::RootMismatch { size, of: mark.of });
        }
    }

    /// The root that a stored checkpoint speaks of, provided that its signature holds.
    pub(crate) fn believe(&mut self, size: u64, note: &str) -> Option<Mark> {
        let believed = note.parse::<SignedCheckpoint>().ok().and_then(|signed| {
            let checkpoint = signed.verify(&self.keys).ok()?;
            let ours = checkpoint.origin == self.report.origin && checkpoint.head.size == size;
            ours.then_some(checkpoint.head)
        });
        let Some(head) = believed else {
            self.report.find(Finding::CheckpointFalse { size });
            return None;
        };
        self.report.signed_size = self.report.signed_size.max(size);
        Some(Mark { head, of: RootOf::Checkpoint })
    }

    /// The end: the leaves must lead exactly to this right edge.
    pub(crate) fn end(mut self, head: &Frontier, at: Timestamp) -> VerifyReport {
        let size = head.size();
        if self.next < size {
            self.report.find(Finding::Missing { from: self.next, to: size });
        } else if !self.broken && self.frontier != *head {
            self.report.find(Finding::RootMismatch { size, of: RootOf::Head });
        }
        self.report.size = size;
        for byte in self.frontier.root() {
            // Writing to a string cannot fail.
            let _ = write!(self.report.root, "{byte:02x}");
        }
        self.report.at = Some(at);
        self.report
    }
}

impl Columns {
    fn fit(&self, entry: &Entry) -> bool {
        let reference = |stored: &Option<Vec<u8>>, wanted: Option<crate::word::Pseudonym>| {
            stored.as_deref() == wanted.as_ref().map(|reference| reference.0.as_slice())
        };
        self.event_id == Some(entry.event.as_uuid())
            && self.at == Some(entry.at.as_micros())
            && self.tenant_id == Some(entry.tenant.as_uuid())
            && self.action.as_deref() == Some(entry.action.as_str())
            && reference(&self.subject_ref, Some(entry.subject))
            && reference(&self.actor_ref, entry.actor.reference())
    }
}
