//! What happens later: counters are kept, programs elsewhere are told, and cases go with their
//! account.

use super::{
    counts,
    outside::TellOutside,
    service::{CASES_ERASED, CrisisTeam},
    store,
};
use crate::{
    follow_up,
    notice::{NOTICED_TOPIC, Noticed},
};
use async_trait::async_trait;
use consent::{Access, Erasure};
use db::{
    JobHandler, Tx,
    jobs::{Claimed, JobError, Lease},
    run_tx,
};
use kernel::Ctx;
use std::sync::Arc;

/// The jobs of crisis care.
#[must_use]
pub fn jobs(team: &CrisisTeam) -> Vec<Arc<dyn JobHandler>> {
    let erase = Erasure::job(team.consents(), "crisis.erase.v1", &CASES_ERASED, erase_all);
    vec![erase, Arc::new(CountNotices(team.clone())), Arc::new(TellOutside(team.clone()))]
}

/// Everything that this crate keeps of a person.
fn erase_all(tx: &mut Tx, access: &Access) {
    store::erase(tx, access);
    follow_up::erase(tx, access);
}

struct CountNotices(CrisisTeam);

#[async_trait]
impl JobHandler for CountNotices {
    fn kind(&self) -> &'static str {
        "crisis.count.v1"
    }

    fn listens_to(&self) -> Option<&'static str> {
        Some(NOTICED_TOPIC)
    }

    async fn run(&self, _: &Ctx, job: &Claimed, lease: Lease) -> Result<(), JobError> {
        let noticed: Noticed = job.payload()?;
        run_tx!(self.0.inner().db, "crisis.count", |tx| {
            lease.finish(tx).await?;
            counts::count(tx, &noticed);
            Ok::<_, JobError>(())
        })
    }
}
