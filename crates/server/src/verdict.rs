//! What was found when the ledger was verified last: written down by the process that did it, known
//! to all of them, and not forgotten when the program starts again.

use audit::{AuditError, Ledger, SignedCheckpoint, VerifyOptions, VerifyReport};
use db::{Db, DbError, params, row};
use kernel::Timestamp;
use prometheus_client::{metrics::gauge::Gauge, registry::Registry};
use std::time::Duration;
use tokio::sync::Mutex;

/// How often everything is verified, and not only what was added.
const WHOLE_EVERY: Duration = Duration::from_hours(24);

db::statements! { "server.verdict";
    WRITE = "INSERT INTO ledger_verdict (id, at, verified, waiting, sound)
        VALUES (1, $1, $2, $3, $4)
        ON CONFLICT (id) DO UPDATE SET at = excluded.at, verified = excluded.verified,
            waiting = excluded.waiting, sound = excluded.sound";
    READ = "SELECT verified, waiting, sound FROM ledger_verdict WHERE id = 1";
}

row! {
    struct Verdict {
        verified: i64,
        waiting: i64,
        sound: bool,
    }
}

/// The last verdict, for `/metrics` and `/health/deep`.
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

    /// Hears the last verdict, whoever gave it; answers whether the ledger is sound as far as
    /// anybody knows.
    pub async fn hear(&self, db: &Db) -> Result<bool, DbError> {
        let Some(last) = db.opt::<Verdict>(&READ, params![]).await? else { return Ok(true) };
        self.size.set(last.verified);
        self.waiting.set(last.waiting);
        self.findings.set(i64::from(!last.sound));
        Ok(last.sound)
    }
}

/// Verifies what was added to the ledger, and from time to time all of it.
pub struct Verifier {
    db: Db,
    ledger: Ledger,
    known: Mutex<Option<Known>>,
}

/// How far this process has verified the ledger.
#[derive(Clone)]
struct Known {
    upto: SignedCheckpoint,
    whole_at: Timestamp,
}

impl Verifier {
    /// Of this ledger.
    #[must_use]
    pub fn new(db: Db, ledger: Ledger) -> Self {
        Self { db, ledger, known: Mutex::default() }
    }

    /// Verifies, and writes down what was found; answers whether the ledger is sound.
    pub async fn verify(&self) -> Result<bool, AuditError> {
        let mut known = self.known.lock().await;
        let now = self.db.env().now();
        // After a finding only a look at everything can say that it is gone.
        let alarm = self.db.opt::<Verdict>(&READ, params![]).await?.is_some_and(|it| !it.sound);
        let young = |it: &Known| now >= it.whole_at && now.since(it.whole_at) < WHOLE_EVERY;
        let since = known.clone().filter(|it| !alarm && young(it));
        match self.look(since.as_ref()).await {
            Ok((report, upto)) => {
                self.write_down(&report, now).await?;
                if report.is_sound() {
                    let whole_at = since.map_or(now, |it| it.whole_at);
                    *known = Some(Known { upto, whole_at });
                }
                Ok(report.is_sound())
            }
            // A ledger that contradicts itself is not even signed.
            Err(AuditError::Contradiction(_) | AuditError::Note(_)) => {
                self.db.exec(&WRITE, params![now, 0_i64, 0_i64, false]).await?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    async fn look(
        &self,
        since: Option<&Known>,
    ) -> Result<(VerifyReport, SignedCheckpoint), AuditError> {
        let upto = self.ledger.checkpoint().await?;
        let since = since.map(|it| it.upto.clone());
        let options = VerifyOptions { since, ..VerifyOptions::default() };
        Ok((self.ledger.verify(&options).await?, upto))
    }

    async fn write_down(&self, report: &VerifyReport, now: Timestamp) -> Result<(), DbError> {
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let (verified, waiting) = (count(report.size), count(report.waiting));
        self.db.exec(&WRITE, params![now, verified, waiting, report.is_sound()]).await.map(drop)
    }
}
