//! What the ledger costs: events into the tree, and the whole tree verified.

use audit::{Event, Ledger, LedgerConfig, VerifyOptions};
use bench::{databases, head, per_second, row, say};
use db::{Db, MigrationSet, SqlKeyStore, run_tx};
use kernel::{Ctx, Env, Subject, TenantId, UserId};
use std::{sync::Arc, time::Instant};
use vault::{MemoryKms, Vault, VaultConfig};

audit::actions! {
    /// Something that a person did.
    SOMETHING = "bench.something" on "bench";
}

const EVENTS: usize = 100_000;
const PER_TRANSACTION: usize = 500;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let migrations = MigrationSet::new(&[db::MIGRATIONS, audit::MIGRATIONS]);
    say(format_args!("{EVENTS} events about one person, durable, then into the tree."));
    head(&[
        "database",
        "batch",
        "recorded per second",
        "sequenced per second",
        "verified per second",
    ]);
    for batch in [500, 2000] {
        for (name, database, test) in databases(&migrations).await {
            measure(name, &database, batch).await?;
            database.close();
            test.discard().await;
        }
    }
    Ok(())
}

async fn measure(name: &str, db: &Db, batch: u32) -> Result<(), Box<dyn std::error::Error>> {
    let env = Env::system();
    let kms = Arc::new(MemoryKms::new(env.clone()));
    let keys = Arc::new(SqlKeyStore::new(db.clone()));
    let config = VaultConfig::new(&[audit::COLUMNS]);
    let vault = Vault::new(env.clone(), kms, keys, config);
    let config = LedgerConfig { batch, ..LedgerConfig::default() };
    let ledger = Ledger::open(db.clone(), vault, config).await?;
    let subject = Subject::new(TenantId::DEFAULT, env.new_id::<UserId>());
    let ctx = Ctx::operator(env);
    let keys = ledger.keys(&ctx, subject).await?;

    let started = Instant::now();
    for _ in 0..EVENTS / PER_TRANSACTION {
        run_tx!(db, "bench.record", |tx| {
            for _ in 0..PER_TRANSACTION {
                ledger.record(tx, &ctx, &keys, &Event::new(&SOMETHING, subject))?;
            }
            Ok::<_, audit::AuditError>(())
        })?;
    }
    let recorded = started.elapsed();
    let started = Instant::now();
    let sequenced = ledger.sequence_all().await?;
    let sequencing = started.elapsed();
    ledger.checkpoint().await?;
    let started = Instant::now();
    let report = ledger.verify(&VerifyOptions::default()).await?;
    let verifying = started.elapsed();
    let whole = sequenced == EVENTS as u64 && report.is_sound();
    row(&[
        if whole { name.to_owned() } else { format!("{name}: NOT SOUND") },
        batch.to_string(),
        format!("{:.0}", per_second(EVENTS, recorded)),
        format!("{:.0}", per_second(EVENTS, sequencing)),
        format!("{:.0}", per_second(EVENTS, verifying)),
    ]);
    Ok(())
}
