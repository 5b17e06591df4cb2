//! Verification of the ledger in the database, a few thousand leaves at a time.

use crate::{
    checkpoint::SignedCheckpoint,
    error::AuditError,
    ledger::Ledger,
    proof::Plan,
    store::{self, BatchRow, CheckpointRow, Furthest, Head, LeafRow, unsigned},
    tree::Frontier,
    verify::{
        VerifyOptions, VerifyReport, known_marks,
        report::{Finding, RootOf},
        walk::{Columns, Leaf, Mark, Walk},
    },
};
use std::time::Duration;

/// Leaves read at once.
const PAGE: u32 = 4_096;
/// Events that wait longer than this are a finding.
const PATIENCE: Duration = Duration::from_mins(1);

impl Ledger {
    /// Verifies the ledger while it goes on growing.
    pub async fn verify(&self, options: &VerifyOptions) -> Result<VerifyReport, AuditError> {
        // In this order: what is there now must be within the head that is read after it.
        let furthest = store::furthest(self.db()).await?;
        let head: Head = store::head(self.db()).await?.try_into()?;
        let size = head.frontier.size();
        let keys = match options.keys.as_slice() {
            [] => self.verifier_keys().await?,
            some => some.to_vec(),
        };
        let start = self.verified_before(options, &keys, size).await?;
        let mut walk = Walk::begin(self.log_id(), keys, start);
        walk.bodies_from = head.bodies_from;
        check_ends(&mut walk.report, &furthest, size);
        let mut known = known_marks(&mut walk, options, size).into_iter().peekable();
        while walk.next() < size {
            let (start, end) = (walk.next(), size.min(walk.next() + u64::from(PAGE)));
            let leaves = store::leaves(self.db(), start, end, PAGE).await?;
            let mut marks = self.marks(&mut walk, (start, end)).await?;
            while let Some(mark) = known.next_if(|mark| mark.head.size <= end) {
                marks.push(mark);
            }
            marks.sort_by_key(|mark| mark.head.size);
            let mut marks = marks.into_iter().peekable();
            for row in leaves {
                walk.leaf(&row.into(), &mut marks);
            }
            walk.skip_to(end);
        }
        self.check_line(&mut walk.report).await?;
        for event in store::duplicates(self.db()).await? {
            walk.report.find(Finding::DuplicateEvent { event });
        }
        Ok(walk.end(&head.frontier, self.db().env().now()))
    }

    /// The right edge at the checkpoint from which on to verify: the hashes are as stored, and
    /// their root is the one that was signed. If it is not, verification starts at the beginning.
    async fn verified_before(
        &self,
        options: &VerifyOptions,
        keys: &[crate::note::VerifierKey],
        size: u64,
    ) -> Result<Frontier, AuditError> {
        let Some(since) = &options.since else { return Ok(Frontier::default()) };
        let Ok(checkpoint) = since.verify(keys) else { return Ok(Frontier::default()) };
        let before = |other: &SignedCheckpoint| other.checkpoint().head.size < checkpoint.head.size;
        let ours = checkpoint.origin == self.origin() && checkpoint.head.size <= size;
        // What was known of a smaller tree can only be compared on the way there.
        if !ours || options.known.iter().any(before) {
            return Ok(Frontier::default());
        }
        let plan = Plan::peaks(checkpoint.head.size);
        let nodes = store::nodes(self.db(), plan.nodes()).await?;
        let peaks = plan.resolve(|node| nodes.get(&node).copied());
        let frontier = peaks
            .and_then(|peaks| Frontier::from_bytes(checkpoint.head.size, &peaks.concat()).ok())
            .filter(|frontier| frontier.root() == checkpoint.head.root);
        Ok(frontier.unwrap_or_default())
    }

    async fn marks(
        &self,
        walk: &mut Walk,
        (start, end): (u64, u64),
    ) -> Result<Vec<Mark>, AuditError> {
        let mut marks = Vec::new();
        for row in store::batches(self.db(), start, end).await? {
            marks.extend(batch_mark(&row, &mut walk.report));
        }
        for CheckpointRow { size, note } in store::checkpoints(self.db(), start, end).await? {
            marks.extend(walk.believe(unsigned(size), &note));
        }
        Ok(marks)
    }

    async fn check_line(&self, report: &mut VerifyReport) -> Result<(), AuditError> {
        let line = store::line(self.db()).await?;
        report.waiting = unsigned(line.events);
        if let Some(since) = line.since {
            let waited = self.db().env().now().since(since);
            if waited > PATIENCE {
                let (waiting, seconds) = (report.waiting, waited.as_secs());
                report.find(Finding::LineStands { waiting, seconds });
            }
        }
        Ok(())
    }
}

fn check_ends(report: &mut VerifyReport, furthest: &Furthest, size: u64) {
    if unsigned(furthest.leaves) > size || furthest.first_leaf < 0 {
        report.find(Finding::BeyondEnd { size });
    }
    let known = unsigned(furthest.batches.max(furthest.checkpoints));
    if known > size {
        report.find(Finding::CutOff { known, size });
    }
}

fn batch_mark(row: &BatchRow, report: &mut VerifyReport) -> Option<Mark> {
    let size = unsigned(row.size);
    let Ok(root) = row.root.as_slice().try_into() else {
        report.find(Finding::RootMismatch { size, of: RootOf::Batch });
        return None;
    };
    Some(Mark { head: crate::proof::TreeHead { size, root }, of: RootOf::Batch })
}

impl From<LeafRow> for Leaf {
    fn from(row: LeafRow) -> Self {
        // Retention took what could be compared.
        let columns = Columns {
            event_id: row.event_id,
            at: row.at,
            tenant_id: row.tenant_id,
            subject_ref: row.subject_ref,
            actor_ref: row.actor_ref,
            action: row.action,
        };
        Self {
            seq: unsigned(row.seq),
            hashes: row.hashes,
            entry: row.entry,
            columns: Some(columns),
        }
    }
}
