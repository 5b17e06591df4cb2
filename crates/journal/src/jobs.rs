//! What a journal does later: go with its account.

use crate::{
    service::{JOURNAL_ERASED, Journal},
    store,
};
use consent::Erasure;
use db::JobHandler;
use std::sync::Arc;

/// The jobs of this crate.
#[must_use]
pub fn jobs(journal: &Journal) -> Vec<Arc<dyn JobHandler>> {
    vec![Erasure::job(journal.consents(), "journal.erase.v1", &JOURNAL_ERASED, store::erase)]
}
