//! Work that comes back by itself: old keys are swept, old ledger entries lose their bodies, the
//! ledger is verified while the program runs.

use crate::{app::App, registry};
use async_trait::async_trait;
use audit::{AuditError, Ledger, SignedCheckpoint, VerifyOptions};
use db::{
    Db, JobHandler, SqlSealedRows,
    jobs::{Claimed, JobError, Lease},
};
use httpkit::observe::Metrics;
use identity::Identity;
use kernel::Ctx;
use prometheus_client::{metrics::gauge::Gauge, registry::Registry};
use std::{sync::Arc, time::Duration};
use tokio::sync::Mutex;
use vault::Vault;

const DAY: Duration = Duration::from_hours(24);

/// The jobs of this file.
pub fn jobs(app: &App) -> Vec<Arc<dyn JobHandler>> {
    let rows = SqlSealedRows::new(app.db.clone(), &registry::columns());
    vec![
        Arc::new(SweepKeys { vault: app.vault.clone(), rows }),
        Arc::new(DropOldBodies(app.ledger.clone())),
        Arc::new(VerifyLedger {
            ledger: app.ledger.clone(),
            health: app.ledger_health.clone(),
            verified: Mutex::default(),
        }),
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

/// Takes the bodies of entries that are older than the retention time.
struct DropOldBodies(Ledger);

#[async_trait]
impl JobHandler for DropOldBodies {
    fn kind(&self) -> &'static str {
        "server.audit_retention.v1"
    }

    fn every(&self) -> Option<Duration> {
        Some(DAY)
    }

    async fn run(&self, ctx: &Ctx, _job: &Claimed, _lease: Lease) -> Result<(), JobError> {
        self.0.apply_retention(ctx).await.map(drop).map_err(|error| {
            tracing::warn!(%error, "old ledger entries could not be dropped");
            JobError::Retry("ledger")
        })
    }
}

/// What the last verification found, for `/metrics` and `/health/deep`.
#[derive(Clone, Default)]
pub struct LedgerHealth {
    size: Gauge,
    waiting: Gauge,
    findings: Gauge,
}

impl LedgerHealth {
    /// Makes it part of what `/metrics` shows.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("audit_verified_size", "Entries verified", self.size.clone());
        registry.register("audit_waiting", "Events without a place yet", self.waiting.clone());
        registry.register("audit_findings", "1 after signs of tampering", self.findings.clone());
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings.get() == 0
    }
}

/// Recomputes what was added to the ledger since the last time.
struct VerifyLedger {
    ledger: Ledger,
    health: LedgerHealth,
    verified: Mutex<Option<SignedCheckpoint>>,
}

#[async_trait]
impl JobHandler for VerifyLedger {
    fn kind(&self) -> &'static str {
        "server.verify_ledger.v1"
    }

    fn every(&self) -> Option<Duration> {
        Some(Duration::from_mins(15))
    }

    async fn run(&self, _ctx: &Ctx, _job: &Claimed, _lease: Lease) -> Result<(), JobError> {
        match self.is_sound().await {
            Ok(true) => Ok(()),
            // A ledger that contradicts itself is not even signed.
            Ok(false) | Err(AuditError::Contradiction(_) | AuditError::Note(_)) => {
                tracing::error!("the ledger was tampered with: `salus audit verify` says how");
                self.health.findings.set(1);
                Ok(())
            }
            Err(error) => {
                tracing::warn!(%error, "the ledger could not be verified");
                Err(JobError::Retry("ledger"))
            }
        }
    }
}

impl VerifyLedger {
    async fn is_sound(&self) -> Result<bool, AuditError> {
        let mut verified = self.verified.lock().await;
        let next = self.ledger.checkpoint().await?;
        let options = VerifyOptions { since: verified.clone(), ..VerifyOptions::default() };
        let report = self.ledger.verify(&options).await?;
        self.health.size.set(i64::try_from(report.size).unwrap_or(i64::MAX));
        self.health.waiting.set(i64::try_from(report.waiting).unwrap_or(i64::MAX));
        if report.is_sound() {
            *verified = Some(next);
        }
        Ok(report.is_sound())
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
