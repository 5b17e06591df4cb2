//! The vault's contracts on both databases, and the vault itself over them.

use crate::{
    Db, MIGRATIONS, Migration, MigrationSet, SqlKeyStore, SqlSealedRows, Statement, db_test, params,
};
use kernel::{Env, Subject, TenantId, UserId};
use std::sync::{Arc, LazyLock};
use uuid::Uuid;
use vault::{
    KeyPurpose, KeyStore, MemoryKms, Ring, SealedRow, Start, Target, Vault, VaultConfig,
    VaultError, contract,
};

const NOTES: Migration = Migration {
    version: 9001,
    name: "9001_notes",
    sql: "CREATE TABLE notes (
        tenant_id {uuid} NOT NULL, shard_id {int} NOT NULL, user_id {uuid} NOT NULL,
        id {uuid} NOT NULL, body {sealed},
        PRIMARY KEY (tenant_id, shard_id, user_id, id)
    ){strict};",
};

vault::columns! {
    /// Text.
    BODY = ("notes", "body", KeyPurpose::clinical("notes"), 1);
}

static PUT: LazyLock<&'static Statement> = LazyLock::new(|| {
    let text =
        "INSERT INTO notes (tenant_id, shard_id, user_id, id, body) VALUES ($1, $2, $3, $4, $5)";
    Statement::generated("db.tests.PUT", text.to_owned())
});

fn with_notes() -> MigrationSet {
    MigrationSet::new(&[MIGRATIONS, &[NOTES]])
}

async fn put(db: &Db, row: &SealedRow) -> Result<(), String> {
    let params = params![row.subject => row.row, row.sealed.as_bytes()];
    db.exec(&PUT, params).await.map(drop).map_err(|error| error.to_string())
}

fn rows(db: &Db) -> SqlSealedRows {
    SqlSealedRows::new(db.clone(), &[COLUMNS])
}

fn vault(db: &Db) -> Vault {
    vault_over(db, &Arc::new(MemoryKms::new(Env::system())))
}

fn vault_over(db: &Db, kms: &Arc<MemoryKms>) -> Vault {
    let store = Arc::new(SqlKeyStore::new(db.clone()));
    Vault::new(Env::system(), kms.clone(), store, VaultConfig::new(&[COLUMNS]))
}

fn new_subject() -> Subject {
    Subject::new(TenantId::DEFAULT, Env::system().new_id::<UserId>())
}

db_test!(the_key_store_keeps_its_contract, with_notes(), |db| {
    let store = SqlKeyStore::new(db.db.clone());
    contract::key_store(&store, &Env::system()).await.unwrap();
});

db_test!(the_sealed_rows_keep_their_contract, with_notes(), |db| {
    let put = async |row: &SealedRow| put(db, row).await;
    contract::sealed_rows(&rows(db), &BODY, &Env::system(), put).await.unwrap();
});

db_test!(both_databases_can_prepare_what_follows_from_a_column, with_notes(), |db| {
    for statement in rows(db).statements() {
        db.check_statement(statement).await.unwrap();
    }
});

db_test!(values_that_are_null_do_not_exist_for_the_sweep, with_notes(), |db| {
    let params = params![new_subject() => Uuid::from_u128(1), None::<Vec<u8>>];
    db.exec(&PUT, params).await.unwrap();
    let clean = vault(db).verify(&rows(db), &|_| ()).await.unwrap();
    assert_eq!((clean.opened, clean.failed), (0, 0));
});

db_test!(keys_rotate_and_values_are_sealed_anew, with_notes(), |db| {
    let (vault, person) = (vault(db), new_subject());
    for number in 0..10 {
        let keyring = vault.keyring(person).await.unwrap();
        let row = Uuid::from_u128(number);
        let sealed = keyring.seal(&BODY, row, b"a quiet day").unwrap();
        put(db, &SealedRow { subject: person, row, sealed }).await.unwrap();
    }
    let targets = [
        Target::Root,
        Target::Epoch,
        Target::Tenant(TenantId::DEFAULT),
        Target::Person(person, Ring::Clinical),
        Target::Purpose(person, BODY.purpose),
    ];
    for target in targets {
        vault.rotate(target, Start::Now).await.unwrap();
    }
    let report = vault.sweep(&rows(db), &|_| ()).await.unwrap();
    assert_eq!((report.resealed, report.unopenable, report.changed), (10, 0, 0));
    let verified = vault.verify(&rows(db), &|_| ()).await.unwrap();
    assert!(verified.is_clean());
    assert_eq!(verified.opened, 10);
});

db_test!(processes_that_come_first_at_once_make_one_set_of_keys, with_notes(), |db| {
    let (kms, person) = (Arc::new(MemoryKms::new(Env::system())), new_subject());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let vault = vault_over(db, &kms);
        tasks.spawn(async move {
            let keyring = vault.keyring(person).await.unwrap();
            keyring.seal(&BODY, Uuid::nil(), b"x").unwrap().key_id()
        });
    }
    let ids = tasks.join_all().await;
    assert!(ids.iter().all(|id| id.is_some() && *id == ids[0]));
});

db_test!(what_was_erased_stays_erased, with_notes(), |db| {
    let (vault, person) = (vault(db), new_subject());
    let sealed = vault.keyring(person).await.unwrap().seal(&BODY, Uuid::nil(), b"x").unwrap();
    assert_eq!(vault.shred(person, Ring::Clinical).await.unwrap(), 2);
    let keyring = vault.keyring(person).await.unwrap();
    let refused = keyring.open(&BODY, Uuid::nil(), &sealed).err().unwrap();
    assert!(matches!(refused, VaultError::Erased(Ring::Clinical)));
    let rows = SqlKeyStore::new(db.db.clone()).load(&person).await.unwrap();
    assert!(rows.iter().filter(|row| row.line.ring == Some(Ring::Clinical)).count() == 1);
});
