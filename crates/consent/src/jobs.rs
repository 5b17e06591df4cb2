//! What consent does later: forget people who left.

use crate::{Consents, Erasure, service::CONSENTS_ERASED, store};
use db::JobHandler;
use std::sync::Arc;

/// The jobs of this crate.
#[must_use]
pub fn jobs(consents: &Consents) -> Vec<Arc<dyn JobHandler>> {
    vec![Erasure::job(consents, "consent.erase.v1", &CONSENTS_ERASED, store::erase)]
}
