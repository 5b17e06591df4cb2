//! Where changes meet what is stored, inside of one transaction: fetch, merge, put.

use super::{
    ENTRY_CREATED, ENTRY_DELETED, ENTRY_UPDATED, Work,
    sync::{Applied, Incoming},
};
use crate::{
    envelope,
    error::JournalError,
    merge::{Outcome, Stored, merge},
    model::{Content, Entry, EntryId},
    store,
};
use audit::Event;
use db::Tx;
use kernel::Timestamp;
use std::collections::HashMap;

/// What was stored of an entry besides its content.
#[derive(Clone, Copy)]
struct Before {
    created_at: Timestamp,
    updated_at: Timestamp,
    copy_of: Option<EntryId>,
}

/// An entry that has to be put back.
struct Change {
    id: EntryId,
    outcome: Outcome,
    times: Before,
}

pub(super) struct Desk<'a> {
    work: &'a Work,
    now: Timestamp,
    before: HashMap<EntryId, Before>,
    /// First as it was, in the end as it will be.
    stored: HashMap<EntryId, Stored<Content>>,
    changes: Vec<Change>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(work: &'a Work, now: Timestamp) -> Self {
        let (before, stored) = (HashMap::new(), HashMap::new());
        Self { work, now, before, stored, changes: Vec::new() }
    }

    /// Takes what is stored under these ids.
    pub(super) async fn fetch(&mut self, tx: &mut Tx, ids: &[EntryId]) -> Result<(), JournalError> {
        for row in store::get_many(tx, &self.work.access, ids).await? {
            let entry = envelope::open(&self.work.keyring, &row)?;
            let content = entry.map(|entry| entry.content);
            // EXPOSE: only what it is a copy of is looked at.
            let copy_of = content.as_ref().and_then(|content| content.meta.expose().copy_of);
            let (created_at, updated_at) = (row.created_at, row.updated_at);
            self.before.insert(row.id, Before { created_at, updated_at, copy_of });
            self.stored.insert(row.id, Stored { version: row.version, content });
        }
        Ok(())
    }

    /// The copies that these changes become where someone else was faster.
    pub(super) fn possible_copies(
        &self,
        incoming: &[Incoming],
    ) -> Result<Vec<EntryId>, JournalError> {
        let mut copies = Vec::new();
        for Incoming { change, .. } in incoming {
            let late = self
                .stored
                .get(&change.id)
                .is_some_and(|stored| stored.content.is_some() && stored.version != change.base);
            if let (true, Some(content)) = (late, &change.content) {
                copies.push(self.copy_id(change.id, content)?);
            }
        }
        copies.retain(|copy| !self.stored.contains_key(copy));
        Ok(copies)
    }

    fn copy_id(&self, of: EntryId, content: &Content) -> Result<EntryId, JournalError> {
        envelope::id_of(&self.work.keyring, Some(of), content)
    }

    /// Merges one after the other.
    pub(super) fn merge_all(
        &mut self,
        incoming: &[Incoming],
    ) -> Result<Vec<Applied>, JournalError> {
        incoming.iter().map(|one| self.merge_one(one)).collect()
    }

    fn merge_one(&mut self, one: &Incoming) -> Result<Applied, JournalError> {
        let id = one.change.id;
        let keyring = &self.work.keyring;
        let outcome = merge(&mut self.stored, one.change.clone(), |of, content| {
            envelope::id_of(keyring, Some(of), content)
        })?;
        if let Some(written) = outcome.writes(id)
            && self.changes.iter().all(|change| change.id != written)
        {
            let past = |time: Option<Timestamp>| time.map_or(self.now, |time| time.min(self.now));
            let copy_of = (written != id).then_some(id);
            let new = Before {
                created_at: past(one.created_at),
                updated_at: past(one.updated_at),
                copy_of,
            };
            let times = match self.before.get(&written) {
                Some(before) => Before { updated_at: new.updated_at, ..*before },
                None => new,
            };
            self.changes.push(Change { id: written, outcome, times });
        }
        let version = self.stored.get(&id).map_or(0, |stored| stored.version);
        let current = match outcome {
            Outcome::Kept | Outcome::Copied { .. } => self.entry(id),
            Outcome::Created
            | Outcome::Updated
            | Outcome::Revived
            | Outcome::Deleted
            | Outcome::Unchanged => None,
        };
        Ok(Applied { id, outcome: Ok(outcome), version, current })
    }

    /// What is stored under this id, if it was before.
    fn entry(&self, id: EntryId) -> Option<Entry> {
        let Before { created_at, updated_at, .. } = *self.before.get(&id)?;
        let Stored { version, content } = self.stored.get(&id)?;
        Some(Entry { id, content: content.clone()?, created_at, updated_at, version: *version })
    }

    /// Counts the changes on and puts them into their places.
    pub(super) fn put_all(&self, tx: &mut Tx) -> Result<(), JournalError> {
        store::take_turn(tx, &self.work.access, self.changes.len());
        for (place, change) in self.changes.iter().enumerate() {
            let Some(Stored { version, content }) = self.stored.get(&change.id) else { continue };
            let row = match content {
                Some(content) => self.sealed(change, *version, content.clone())?,
                None => envelope::tombstone(change.id, change.times.created_at, *version, self.now),
            };
            store::put(tx, &self.work.access, &row, self.changes.len() - 1 - place);
        }
        Ok(())
    }

    fn sealed(
        &self,
        change: &Change,
        version: u64,
        mut content: Content,
    ) -> Result<store::SealedEntry, JournalError> {
        // EXPOSE: only what it is a copy of is looked at.
        let meta = content.meta.expose_mut();
        meta.copy_of = change.times.copy_of.or(meta.copy_of);
        let Before { created_at, updated_at, .. } = change.times;
        let entry = Entry { id: change.id, content, created_at, updated_at, version };
        envelope::seal(&self.work.keyring, &entry)
    }

    /// What the ledger is told of.
    pub(super) fn events(&self) -> impl Iterator<Item = Event> {
        self.changes.iter().filter_map(|change| {
            let action = match change.outcome {
                Outcome::Created | Outcome::Copied { .. } => &ENTRY_CREATED,
                Outcome::Updated | Outcome::Revived => &ENTRY_UPDATED,
                Outcome::Deleted => &ENTRY_DELETED,
                Outcome::Unchanged | Outcome::Kept => return None,
            };
            Some(self.work.event_on(action, change.id))
        })
    }
}
