//! What memory does later: go with its account.

use crate::{
    service::{MEMORY_ERASED, Memory},
    store,
};
use consent::Erasure;
use db::JobHandler;
use std::sync::Arc;

/// The jobs of this crate.
#[must_use]
pub fn jobs(memory: &Memory) -> Vec<Arc<dyn JobHandler>> {
    vec![Erasure::job(memory.consents(), "memory.erase.v1", &MEMORY_ERASED, store::erase)]
}
