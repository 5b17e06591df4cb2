//! A store in the memory of this process, for tests and for programs that need no more.

use super::{Begin, IdempotencyStore, KEPT, LOST_AFTER, Slot, StoreError};
use async_trait::async_trait;
use kernel::{Ctx, Timestamp, UserId};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use uuid::Uuid;

struct Entry {
    fingerprint: [u8; 32],
    begun: Timestamp,
    claim: Uuid,
    sealed: Option<Vec<u8>>,
}

type Entries = HashMap<(UserId, Uuid), Entry>;

/// Forgets everything when the process ends.
#[derive(Default)]
pub struct MemoryStore(Mutex<Entries>);

impl MemoryStore {
    fn with<T>(&self, act: impl FnOnce(&mut Entries) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn key(slot: &Slot) -> (UserId, Uuid) {
    (slot.subject.user, slot.id)
}

#[async_trait]
impl IdempotencyStore for MemoryStore {
    async fn begin(&self, ctx: &Ctx, slot: &Slot) -> Result<Begin, StoreError> {
        let (now, claim) = (ctx.now(), ctx.new_id());
        let fresh = Entry { fingerprint: slot.fingerprint, begun: now, claim, sealed: None };
        Ok(self.with(|entries| {
            entries.retain(|_, entry| now.since(entry.begun) < KEPT);
            match entries.get(&key(slot)) {
                Some(old) if old.fingerprint != slot.fingerprint => Begin::Reused,
                Some(Entry { sealed: Some(sealed), .. }) => Begin::Answered(sealed.clone()),
                Some(old) if now.since(old.begun) < LOST_AFTER => Begin::InProgress,
                Some(_) | None => {
                    entries.insert(key(slot), fresh);
                    Begin::Fresh(claim)
                }
            }
        }))
    }

    async fn finish(
        &self,
        _ctx: &Ctx,
        slot: &Slot,
        claim: Uuid,
        sealed: Vec<u8>,
    ) -> Result<(), StoreError> {
        self.with(|entries| {
            if let Some(entry) = entries.get_mut(&key(slot)).filter(|entry| entry.claim == claim) {
                entry.sealed = Some(sealed);
            }
        });
        Ok(())
    }

    async fn abandon(&self, _ctx: &Ctx, slot: &Slot, claim: Uuid) -> Result<(), StoreError> {
        self.with(|entries| {
            if entries.get(&key(slot)).is_some_and(|entry| entry.claim == claim) {
                entries.remove(&key(slot));
            }
        });
        Ok(())
    }
}
