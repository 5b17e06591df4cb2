//! Help that was shown where nothing can be kept at that moment: counted in memory until it is
//! written down. It knows neither a person nor a rule nor a word.

use crate::notice::{Found, Source, grade};
use kernel::TenantId;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Where, and how serious or what came of it.
pub(crate) type Cell = (TenantId, Source, &'static str);

/// What was counted since it was last written down. It is lost with the process.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<HashMap<Cell, i64>>);

impl Tally {
    /// Counts one more, if help was shown.
    pub(crate) fn add<'a>(&self, tenant: TenantId, source: Source, found: impl Into<Found<'a>>) {
        let found = found.into();
        if found.support {
            self.count((tenant, source, grade(found.alert, found.imminent)));
        }
    }

    /// Counts one more.
    pub(crate) fn count(&self, cell: Cell) {
        let mut cells = self.lock();
        let times = cells.entry(cell).or_default();
        *times = times.saturating_add(1);
    }

    /// Takes out what was counted.
    pub(crate) fn take(&self) -> Vec<(Cell, i64)> {
        std::mem::take(&mut *self.lock()).into_iter().collect()
    }

    /// Puts back what could not be written down.
    pub(crate) fn put_back(&self, cells: Vec<(Cell, i64)>) {
        let mut present = self.lock();
        for (cell, times) in cells {
            let now = present.entry(cell).or_default();
            *now = now.saturating_add(times);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Cell, i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_written_down_is_counted_together_with_what_came_since() {
        let tally = Tally::default();
        let found =
            |support, alert| Found { level: 8.0, support, alert, imminent: false, rules: &[] };
        tally.add(TenantId::DEFAULT, Source::Assess, found(false, false));
        assert!(tally.take().is_empty(), "nothing was shown");
        tally.add(TenantId::DEFAULT, Source::Assess, found(true, true));
        let taken = tally.take();
        tally.add(TenantId::DEFAULT, Source::Assess, found(true, true));
        tally.put_back(taken);
        assert_eq!(tally.take(), [((TenantId::DEFAULT, Source::Assess, "alert"), 2)]);
    }
}
