//! What happens later: what was filled in goes with its account.

use crate::{
    service::{WELLBEING_ERASED, Wellbeing},
    store,
};
use consent::Erasure;
use db::JobHandler;
use std::sync::Arc;

/// The jobs of this crate.
#[must_use]
pub fn jobs(wellbeing: &Wellbeing) -> Vec<Arc<dyn JobHandler>> {
    let consents = wellbeing.consents();
    vec![Erasure::job(consents, "wellbeing.erase.v1", &WELLBEING_ERASED, store::erase)]
}
