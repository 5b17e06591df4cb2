//! The whole journal as a file, and files into the journal.

use super::{JOURNAL_EXPORTED, JOURNAL_IMPORTED, Journal, SYNC_CHANGES, Work, sync::Incoming};
use crate::{
    codec::{Format, Record},
    envelope,
    error::JournalError,
    merge::{Change, Outcome},
    model::{EntryId, Invalid},
    store,
};
use bytes::Bytes;
use consent::{Access, Action};
use crisis::{Attention, Whereabouts};
use futures_util::{Stream, stream};
use kernel::{Ctx, Cursor, Timestamp};
use std::collections::HashSet;
use uuid::Uuid;

/// How many entries are fetched at once while a file is written.
const BATCH: usize = 100;
/// Before everything.
pub(super) const OLDEST: Cursor = Cursor { at: Timestamp::MIN, id: Uuid::nil() };

/// What was taken from a file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ImportReport {
    /// Entries that are in the journal now and were not before.
    pub taken: usize,
    /// Entries that were there already.
    pub already_there: usize,
    /// Entries that differ from the one with their id: kept beside it, as copies.
    pub copied: usize,
    /// Entries that were not taken.
    pub rejected: Vec<Rejected>,
    /// The most serious of what was noticed in entries that were taken.
    pub safety: Option<Attention>,
}

/// An entry of a file that breaks a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejected {
    /// The how many-th of the file it is, from 1.
    pub number: usize,
    /// The rule.
    pub reason: Invalid,
}

/// How far an export has come.
struct Progress {
    journal: Journal,
    access: Access,
    format: Format,
    at: Option<Cursor>,
    first: bool,
}

impl Journal {
    /// The whole journal as a file, oldest entry first, written while it is sent. It is recorded
    /// before the first byte leaves.
    pub async fn export(
        &self,
        ctx: &Ctx,
        format: Format,
    ) -> Result<impl Stream<Item = Result<Bytes, JournalError>> + use<>, JournalError> {
        let Work { access, keys, .. } = self.begin(ctx, Action::Export).await?;
        let event = audit::Event::new(&JOURNAL_EXPORTED, access.subject());
        self.0.ledger.record_now(ctx, &keys, &event).await?;
        let journal = self.clone();
        let start = Progress { journal, access, format, at: Some(OLDEST), first: true };
        Ok(stream::try_unfold(start, Progress::step))
    }

    /// Takes entries from a file. One that is known is left as it is; the same file twice changes
    /// nothing the second time. If it breaks off in the middle, what was taken stays: import the
    /// file again.
    pub async fn import(
        &self,
        ctx: &Ctx,
        format: Format,
        file: &[u8],
        place: &Whereabouts,
    ) -> Result<ImportReport, JournalError> {
        let work = self.begin(ctx, Action::Write).await?;
        let mut report = ImportReport::default();
        let (mut batch, mut ids) = (Vec::new(), HashSet::new());
        for (record, number) in format.read(file)?.into_iter().zip(1..) {
            let incoming = match record {
                Ok(record) => incoming(&work, record)?,
                Err(reason) => {
                    report.rejected.push(Rejected { number, reason });
                    continue;
                }
            };
            // An entry that a file has twice is merged twice, in requests of their own.
            if batch.len() == SYNC_CHANGES || !ids.insert(incoming.change.id) {
                self.import_batch(ctx, &work, (&mut batch, place), &mut report).await?;
                ids = HashSet::from([incoming.change.id]);
            }
            batch.push(incoming);
        }
        self.import_batch(ctx, &work, (&mut batch, place), &mut report).await?;
        let event = work.event(&JOURNAL_IMPORTED);
        self.0.ledger.record_now(ctx, &work.keys, &event).await?;
        Ok(report)
    }

    async fn import_batch(
        &self,
        ctx: &Ctx,
        work: &Work,
        (batch, place): (&mut Vec<Incoming>, &Whereabouts),
        report: &mut ImportReport,
    ) -> Result<(), JournalError> {
        let (applied, safety) = self.apply(ctx, work, batch, place).await?;
        report.safety = Attention::stronger(report.safety.take(), safety);
        for applied in applied {
            match applied.outcome {
                Ok(Outcome::Copied { new: true, .. }) => report.copied += 1,
                Ok(Outcome::Created | Outcome::Revived | Outcome::Updated) => report.taken += 1,
                Ok(
                    Outcome::Unchanged
                    | Outcome::Kept
                    | Outcome::Deleted
                    | Outcome::Copied { new: false, .. },
                )
                | Err(_) => report.already_there += 1,
            }
        }
        batch.clear();
        Ok(())
    }
}

/// An entry of a file as a change that knows nothing of what is stored. Without an id it gets one
/// that follows from what is written in it.
fn incoming(work: &Work, record: Record) -> Result<Incoming, JournalError> {
    let Record { id, content, created_at, updated_at } = record;
    let id: EntryId = match id {
        Some(id) => id,
        None => envelope::id_of(&work.keyring, None, &content)?,
    };
    let change = Change { id, base: 0, content: Some(content) };
    Ok(Incoming { change, created_at, updated_at })
}

impl Progress {
    /// The next piece of the file.
    async fn step(mut self) -> Result<Option<(Bytes, Self)>, JournalError> {
        let Some(at) = self.at else { return Ok(None) };
        let Journal(inner) = &self.journal;
        // Anew for each piece: a slow reader outlives a keyring.
        let keyring = inner.vault.keyring(self.access.subject()).await?;
        let rows = store::oldest_first(&inner.db, &self.access, at, BATCH).await?;
        let mut piece = String::new();
        if self.first && at == OLDEST {
            piece.push_str(self.format.start());
        }
        for row in &rows {
            if let Some(entry) = envelope::open(&keyring, row)? {
                self.format.put(&mut piece, &entry, self.first);
                self.first = false;
            }
        }
        self.at = rows.last().filter(|_| rows.len() == BATCH).map(store::SealedEntry::cursor);
        if self.at.is_none() {
            piece.push_str(self.format.end());
        }
        Ok(Some((piece.into(), self)))
    }
}
