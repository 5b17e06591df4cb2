//! The contract of the trait on both databases, and what an intruder finds in the table.

use super::*;
use db::{MigrationSet, SqlKeyStore, db_test, testing::TestDb};
use httpkit::idempotency::contract;
use kernel::{Env, Subject, SystemRng, TenantId};
use std::sync::Arc;
use testkit::ManualClock;
use vault::{MemoryKms, VaultConfig};

fn schema() -> MigrationSet {
    MigrationSet::new(&[db::MIGRATIONS, crate::MIGRATIONS])
}

fn answers(db: &TestDb) -> (SqlAnswers, Env, ManualClock) {
    let clock = ManualClock::at(Env::system().now());
    let env = Env::new(Arc::new(clock.clone()), Arc::new(SystemRng));
    let kms = Arc::new(MemoryKms::new(env.clone()));
    let store = Arc::new(SqlKeyStore::new(db.db.clone()));
    let vault = Vault::new(env.clone(), kms, store, VaultConfig::new(&[COLUMNS]));
    (SqlAnswers::new(db.db.clone(), vault), env, clock)
}

db_test!(answers_are_kept_as_the_contract_says, schema(), |db| {
    let (answers, env, clock) = answers(db);
    contract::check(&answers, &env, |by| clock.advance(by)).await.unwrap();
});

db_test!(what_is_stored_of_a_request_cannot_be_guessed, schema(), |db| {
    let (answers, env, _) = answers(db);
    let ctx = Ctx::operator(env);
    for _ in 0..2 {
        let subject = Subject::new(TenantId::DEFAULT, ctx.new_id());
        let slot = Slot { subject, id: ctx.new_id(), fingerprint: [7; 32] };
        assert!(matches!(answers.begin(&ctx, &slot).await.unwrap(), Begin::Fresh(_)));
        let row: SlotRow = db.one(&LOOK, params![subject => slot.id]).await.unwrap();
        assert_ne!(row.fingerprint, slot.fingerprint);
        assert!(!row.fingerprint.windows(4).any(|part| part == [7; 4]));
    }
});
