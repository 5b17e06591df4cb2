//! How much is going on for each person at once.

use crate::error::CompanionError;
use kernel::Subject;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Counts what is going on for each person.
#[derive(Clone, Default)]
pub(crate) struct Slots(Arc<Mutex<HashMap<Subject, usize>>>);

/// One thing that is going on; it ends when this is dropped.
pub(crate) struct Slot {
    whose: Subject,
    all: Slots,
}

impl Slots {
    /// Begins one more; refused where this person has too many at once.
    pub(crate) fn take(&self, whose: Subject, most: usize) -> Result<Slot, CompanionError> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(whose).or_default();
        if *count >= most {
            return Err(CompanionError::Pace(Duration::from_secs(5)));
        }
        *count += 1;
        Ok(Slot { whose, all: self.clone() })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut counts = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.whose) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.remove(&self.whose);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{TenantId, UserId};

    #[test]
    fn each_person_has_slots_of_their_own_and_gets_them_back() {
        let who = |n| Subject::new(TenantId::DEFAULT, UserId::from_uuid(uuid::Uuid::from_u128(n)));
        let slots = Slots::default();
        let first = slots.take(who(1), 1).unwrap();
        assert!(slots.take(who(1), 1).is_err());
        let other = slots.take(who(2), 1).unwrap();
        drop(first);
        assert!(slots.take(who(1), 1).is_ok());
        drop(other);
        assert!(slots.0.lock().unwrap().is_empty());
    }
}
