//! Closing an account, changing one's mind, and erasure.

use super::bed::{Bed, PASSWORD, TENANT, login_request, password, quick_config, schema};
use crate::{ACCOUNT_ERASED_TOPIC, ErasedAccount, IdentityConfig, IdentityError, LoginRequest};
use async_trait::async_trait;
use db::{
    JobHandler, Worker, db_test,
    jobs::{Claimed, JobError, Lease},
    params, row, statements,
};
use kernel::{Ctx, PageSize, Person, Role, RoleSet};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use uuid::Uuid;
use vault::{KeyPurpose, Ring, Sealed, VaultError};

const DAY: Duration = Duration::from_hours(24);

statements! { "identity.tests.closing";
    NAMES = "SELECT id, name FROM account_names";
    ROWS = "SELECT (SELECT COUNT(*) FROM accounts) + (SELECT COUNT(*) FROM account_names)
        + (SELECT COUNT(*) FROM logins) + (SELECT COUNT(*) FROM passwords)
        + (SELECT COUNT(*) FROM sessions) + (SELECT COUNT(*) FROM refresh_tokens) AS n";
}

row! {
    struct NameRow {
        id: Uuid,
        name: Vec<u8>,
    }
}

row! {
    struct Count {
        n: i64,
    }
}

/// Hears of erased accounts, as every slice does.
#[derive(Default)]
struct Slice(Mutex<Vec<ErasedAccount>>);

#[async_trait]
impl JobHandler for Slice {
    fn kind(&self) -> &'static str {
        "test.forget.v1"
    }

    fn listens_to(&self) -> Option<&'static str> {
        Some(ACCOUNT_ERASED_TOPIC)
    }

    async fn run(&self, _ctx: &Ctx, job: &Claimed, _lease: Lease) -> Result<(), JobError> {
        self.0.lock().unwrap().push(job.payload()?);
        Ok(())
    }
}

async fn someone(bed: &Bed, name: &str) -> Person {
    let (_, tokens) = bed.register(name).await;
    bed.bearer(&tokens.access).await.unwrap()
}

async fn work(bed: &Bed) -> Arc<Slice> {
    let slice = Arc::new(Slice::default());
    let mut handlers = crate::jobs(&bed.identity);
    handlers.push(slice.clone());
    Worker::new(bed.db.clone(), handlers).run_until_idle().await.unwrap();
    slice
}

db_test!(closing_needs_the_password_and_ends_every_log_in_now, schema(), |db| {
    let bed = Bed::on(db).await;
    let person = someone(&bed, "ana").await;
    let cookie = bed.cookie_of("ana").await;
    let ctx = bed.by(person);
    let refused = bed.identity.close_account(&ctx, Some(&password("wrong password"))).await;
    assert!(matches!(refused, Err(IdentityError::PasswordWrong)));
    assert!(bed.cookie(&cookie).await.is_ok());
    let closed = bed.identity.close_account(&ctx, Some(&password(PASSWORD))).await.unwrap();
    let left = closed.erase_at.since(bed.env.now());
    assert!(left <= 14 * DAY && left > 13 * DAY);
    assert!(bed.cookie(&cookie).await.is_err());
    let refused = bed.log_in("ana").await;
    assert!(matches!(refused, Err(IdentityError::Closed(at)) if at == closed.erase_at));
    bed.close();
});

db_test!(a_closed_account_can_be_opened_again_for_two_weeks, schema(), |db| {
    let bed = Bed::on(db).await;
    let person = someone(&bed, "ana").await;
    bed.identity.close_account(&bed.by(person), Some(&password(PASSWORD))).await.unwrap();
    bed.clock.forward(13 * DAY + Duration::from_hours(23));
    work(&bed).await;
    let restore = LoginRequest { restore: true, ..login_request("ana", PASSWORD) };
    bed.identity.log_in(&bed.nobody(), TENANT, &restore).await.unwrap();
    bed.clock.forward(20 * DAY);
    work(&bed).await;
    assert!(bed.log_in("ana").await.is_ok());
    let actions: Vec<_> = bed.told().await.into_iter().map(|(action, ..)| action).collect();
    assert!(actions.contains(&"identity.account.reopen".to_owned()));
    bed.close();
});

db_test!(after_erasure_an_old_copy_of_the_rows_opens_no_more, schema(), |db| {
    let bed = Bed::on(db).await;
    let person = someone(&bed, "ana").await;
    let subject = person.subject;
    let copy: Vec<NameRow> = bed.db.all(&NAMES, params![]).await.unwrap();
    let column = crate::COLUMNS.iter().find(|column| column.table == "account_names").unwrap();
    let opens = async || {
        let keys = bed.vault.keyring(subject).await.unwrap();
        keys.open(column, copy[0].id, &Sealed::from_bytes(copy[0].name.clone()))
    };
    assert_eq!(opens().await.unwrap().expose(), b"ana");
    bed.identity.close_account(&bed.by(person), Some(&password(PASSWORD))).await.unwrap();
    bed.clock.forward(14 * DAY + Duration::from_secs(1));
    let slice = work(&bed).await;
    assert!(matches!(opens().await, Err(VaultError::Erased(Ring::Clinical))));
    assert_eq!(bed.db.one::<Count>(&ROWS, params![]).await.unwrap().n, 0);
    let heard = slice.0.lock().unwrap().clone();
    assert_eq!(heard, [ErasedAccount { tenant: subject.tenant, user: subject.user }]);
    assert!(matches!(bed.log_in("ana").await, Err(IdentityError::LoginFailed)));
    // The ledger still tells that it happened, and can still be read.
    let entries = bed.entries().await;
    let erased = entries.iter().find(|entry| entry.action.as_str() == "identity.account.erase");
    let keys = bed.vault.keyring(subject).await.unwrap();
    let detail = audit::open_detail(&keys, erased.unwrap(), audit::Side::Subject).unwrap();
    assert!(String::from_utf8_lossy(detail.unwrap().expose()).contains(&subject.user.to_string()));
    // The name is free again.
    bed.register("ana").await;
    bed.close();
});

db_test!(an_erasure_that_broke_off_half_way_is_brought_to_its_end, schema(), |db| {
    let bed = Bed::on(db).await;
    let person = someone(&bed, "ana").await;
    bed.identity.close_account(&bed.by(person.clone()), Some(&password(PASSWORD))).await.unwrap();
    bed.clock.forward(15 * DAY);
    // The program died when the keys were gone and the rows were not.
    let now = bed.env.now();
    assert!(crate::store::begin_erasure(&bed.db, person.subject, now).await.unwrap());
    bed.vault.shred(person.subject, Ring::Clinical).await.unwrap();
    let restore = LoginRequest { restore: true, ..login_request("ana", PASSWORD) };
    let refused = bed.identity.log_in(&bed.nobody(), TENANT, &restore).await;
    assert!(matches!(refused, Err(IdentityError::Inactive)));
    let slice = work(&bed).await;
    assert_eq!(slice.0.lock().unwrap().len(), 1);
    assert_eq!(bed.db.one::<Count>(&ROWS, params![]).await.unwrap().n, 0);
    bed.close();
});

db_test!(an_erasure_that_fails_keeps_no_other_waiting, schema(), |db| {
    let bed = Bed::on(db).await;
    let [first, second] = [someone(&bed, "ana").await, someone(&bed, "ben").await];
    for person in [&first, &second] {
        bed.identity
            .close_account(&bed.by(person.clone()), Some(&password(PASSWORD)))
            .await
            .unwrap();
    }
    bed.clock.forward(15 * DAY);
    // Ana's keys were exchanged for those of Ben by someone who can write to the database.
    let mut rows = bed.keys.backup();
    let stranger = rows.iter().find(|row| row.owner == second.subject).unwrap().wrapping.clone();
    for row in rows.iter_mut().filter(|row| row.owner == first.subject) {
        row.wrapping.clone_from(&stranger);
    }
    bed.keys.restore(rows);
    let process = bed.other_process(db).await;
    let failed = process.identity.erase_due(&process.operator(), 10).await;
    assert!(matches!(failed, Err(IdentityError::Audit(_))), "{failed:?}");
    let left = bed
        .identity
        .accounts(&bed.operator(), (TENANT, crate::AccountFilter::default()), None, PageSize::MAX)
        .await
        .unwrap();
    let left: Vec<_> = left.items.iter().map(|account| account.subject).collect();
    assert_eq!(left, [first.subject]);
    process.close();
    bed.close();
});

db_test!(without_time_to_change_ones_mind_the_next_round_erases, schema(), |db| {
    let bed = Bed::on(db).await;
    let now = bed.again(IdentityConfig { undo_days: 0, ..quick_config() }).await;
    let person = someone(&now, "ana").await;
    now.identity.close_account(&now.by(person), Some(&password(PASSWORD))).await.unwrap();
    let restore = LoginRequest { restore: true, ..login_request("ana", PASSWORD) };
    let refused = now.identity.log_in(&now.nobody(), TENANT, &restore).await;
    assert!(matches!(refused, Err(IdentityError::Inactive)));
    assert_eq!(work(&now).await.0.lock().unwrap().len(), 1);
    bed.close();
});

async fn administrators<const N: usize>(bed: &Bed, names: [&str; N]) -> [Ctx; N] {
    let mut people = Vec::new();
    for name in names {
        let (login, _) = bed.register(name).await;
        let roles = RoleSet::of(&[Role::Admin]);
        bed.identity.set_roles(&bed.operator(), login.account.subject, roles).await.unwrap();
        let (_, tokens) = bed.log_in(name).await.unwrap();
        people.push(bed.by(bed.bearer(&tokens.access).await.unwrap()));
    }
    people.try_into().unwrap_or_else(|_| panic!("as many as there are names"))
}

db_test!(the_last_administrator_cannot_close_their_account, schema(), |db| {
    let bed = Bed::on(db).await;
    let [one, two] = administrators(&bed, ["one", "two"]).await;
    let word = password(PASSWORD);
    bed.identity.close_account(&one, Some(&word)).await.unwrap();
    let refused = bed.identity.close_account(&two, Some(&word)).await;
    assert!(matches!(refused, Err(IdentityError::LastAdmin)), "one who is leaving does not count");
    assert!(bed.log_in("two").await.is_ok());
    let told = bed.told().await;
    assert!(told.contains(&("identity.account.close".into(), "denied", "LAST_ADMIN".into())));
    let restore = LoginRequest { restore: true, ..login_request("one", PASSWORD) };
    bed.identity.log_in(&bed.nobody(), TENANT, &restore).await.unwrap();
    bed.identity.close_account(&two, Some(&word)).await.unwrap();
    bed.close();
});

db_test!(of_two_administrators_who_leave_at_once_one_stays, schema(), |db| {
    let bed = Bed::on(db).await;
    let other = bed.other_process(db).await;
    let [one, two] = administrators(&bed, ["one", "two"]).await;
    let word = password(PASSWORD);
    let (first, second) = tokio::join!(
        bed.identity.close_account(&one, Some(&word)),
        other.identity.close_account(&two, Some(&word)),
    );
    let stayed = match (first, second) {
        (Ok(_), Err(error)) | (Err(error), Ok(_)) => error,
        both => panic!("{both:?}"),
    };
    assert!(matches!(stayed, IdentityError::LastAdmin), "{stayed:?}");
    other.close();
    bed.close();
});

db_test!(guessing_the_password_of_an_open_session_is_limited_too, schema(), |db| {
    let bed = Bed::on(db).await;
    let ctx = bed.by(someone(&bed, "ana").await);
    for _ in 0..5 {
        let refused = bed.identity.close_account(&ctx, Some(&password("wrong password"))).await;
        assert!(matches!(refused, Err(IdentityError::PasswordWrong)));
    }
    let refused = bed.identity.close_account(&ctx, Some(&password(PASSWORD))).await;
    assert!(matches!(refused, Err(IdentityError::TooManyAttempts(_))));
    // Logging in is counted apart.
    assert!(bed.log_in("ana").await.is_ok());
    bed.close();
});

#[test]
fn every_sealed_column_goes_with_the_clinical_ring() {
    for column in crate::COLUMNS {
        assert_eq!(column.purpose, KeyPurpose::clinical("identity"), "{column:?}");
    }
}
