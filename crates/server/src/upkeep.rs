//! Work that comes back by itself: old keys are swept, old ledger entries lose their bodies and
//! erased people their last keys, the ledger is verified while the program runs.

use crate::{
    app::App,
    registry,
    verdict::{LedgerHealth, Verifier},
};
use async_trait::async_trait;
use audit::Ledger;
use db::{
    Db, JobHandler, SqlSealedRows,
    jobs::{Claimed, JobError, Lease},
};
use httpkit::observe::Metrics;
use identity::Identity;
use kernel::Ctx;
use std::{sync::Arc, time::Duration};
use vault::Vault;

const DAY: Duration = Duration::from_hours(24);

/// The jobs of this file.
pub fn jobs(app: &App) -> Vec<Arc<dyn JobHandler>> {
    let rows = SqlSealedRows::new(app.db.clone(), &registry::columns());
    vec![
        Arc::new(SweepKeys { vault: app.vault.clone(), rows }),
        Arc::new(ForgetOldEntries { ledger: app.ledger.clone(), vault: app.vault.clone() }),
        Arc::new(VerifyLedger(Verifier::new(app.db.clone(), app.ledger.clone()))),
    ]
}

/// Moves what is sealed with old keys to new ones.
struct SweepKeys {
    vault: Vault,
    rows: SqlSealedRows,
}

#[async_trait]
impl JobHandler for SweepKeys {
    fn kind(&self) -> &'static str {
        "server.sweep_keys.v1"
    }

    fn every(&self) -> Option<Duration> {
        Some(DAY)
    }

    async fn run(&self, _ctx: &Ctx, _job: &Claimed, _lease: Lease) -> Result<(), JobError> {
        let retry = |error: vault::VaultError| {
            tracing::warn!(%error, "the keys could not be swept");
            JobError::Retry("keys")
        };
        self.vault.rotate_epoch_if_due().await.map_err(retry)?;
        let report = self.vault.sweep(&self.rows, &|_| ()).await.map_err(retry)?;
        if report.unopenable > 0 {
            tracing::error!(values = report.unopenable, "some do not open: `salus keys verify`");
        }
        Ok(())
    }
}

/// Takes the bodies of entries that are older than the retention time, and destroys the keys of
/// whoever was erased so long ago: they named them there, and nothing is left that they name.
struct ForgetOldEntries {
    ledger: Ledger,
    vault: Vault,
}

#[async_trait]
impl JobHandler for ForgetOldEntries {
    fn kind(&self) -> &'static str {
        "server.audit_retention.v1"
    }

    fn every(&self) -> Option<Duration> {
        Some(DAY)
    }

    async fn run(&self, ctx: &Ctx, _job: &Claimed, _lease: Lease) -> Result<(), JobError> {
        self.ledger.apply_retention(ctx).await.map_err(|error| {
            tracing::warn!(%error, "old ledger entries could not be dropped");
            JobError::Retry("ledger")
        })?;
        let cutoff = ctx.now().minus(self.ledger.retention());
        self.vault.forget_erased(cutoff).await.map(drop).map_err(|error| {
            tracing::warn!(%error, "the last keys of erased people could not be destroyed");
            JobError::Retry("keys")
        })
    }
}

/// Verifies what was added to the ledger since the last time.
struct VerifyLedger(Verifier);

#[async_trait]
impl JobHandler for VerifyLedger {
    fn kind(&self) -> &'static str {
        "server.verify_ledger.v1"
    }

    fn every(&self) -> Option<Duration> {
        Some(Duration::from_mins(15))
    }

    async fn run(&self, _ctx: &Ctx, _job: &Claimed, _lease: Lease) -> Result<(), JobError> {
        match self.0.verify().await {
            Ok(true) => Ok(()),
            Ok(false) => {
                tracing::error!("the ledger was tampered with: `salus audit verify` says how");
                Ok(())
            }
            Err(error) => {
                tracing::warn!(%error, "the ledger could not be verified");
                Err(JobError::Retry("ledger"))
            }
        }
    }
}

/// What `/metrics` shows.
pub fn metrics(db: &Db, ledger_health: &LedgerHealth, accounts: &Identity) -> Metrics {
    let metrics = Metrics::default();
    metrics.register(|registry| {
        db.metrics().register(registry);
        ledger_health.register(registry);
        accounts.metrics().register(registry);
    });
    metrics
}
