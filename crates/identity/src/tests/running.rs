//! What administrators and operators do.

use super::bed::{Bed, TENANT, password, schema};
use crate::{IdentityError, LoginName, NewAccount, Status};
use db::db_test;
use kernel::{PageSize, Role, RoleSet, Subject, UserId};
use uuid::Uuid;
use vault::{Start, Target};

fn new_account(name: &str, roles: &[Role]) -> NewAccount {
    NewAccount {
        login: LoginName::either(name).unwrap(),
        password: password("a walk in the hills"),
        display_name: None,
        roles: RoleSet::of(roles),
    }
}

db_test!(an_operator_makes_accounts_and_sees_them, schema(), |db| {
    let bed = Bed::on(db).await;
    let ctx = bed.operator();
    let new = new_account("root@example.org", &[Role::Admin]);
    let made = bed.identity.create_account(&ctx, TENANT, &new).await.unwrap();
    assert_eq!(made.roles, RoleSet::of(&[Role::User, Role::Admin]));
    let again = bed.identity.create_account(&ctx, TENANT, &new).await;
    assert!(matches!(again, Err(IdentityError::UsernameExists)));
    bed.register("ana").await;
    let page = bed.identity.accounts(&ctx, TENANT, None, PageSize::clamped(1)).await.unwrap();
    assert_eq!(page.items[0].username.as_ref().unwrap().expose(), "ana");
    let page = bed.identity.accounts(&ctx, TENANT, page.next, PageSize::clamped(1)).await.unwrap();
    assert_eq!(page.items[0].email.as_ref().unwrap().expose(), "root@example.org");
    assert!(page.next.is_none());
    let name = LoginName::either("Root@Example.Org").unwrap();
    let found = bed.identity.account_of(&ctx, TENANT, &name).await.unwrap();
    assert_eq!((found.subject, found.status), (made.subject, Status::Active));
    // With an administrator there, nobody can become the first one.
    assert!(bed.identity.setup_code(&ctx, TENANT).await.unwrap().is_none());
    bed.close();
});

db_test!(only_administrators_run_the_place, schema(), |db| {
    let bed = Bed::on(db).await;
    let (login, tokens) = bed.register("ana").await;
    let subject = login.account.subject;
    let person = bed.bearer(&tokens.access).await.unwrap();
    for ctx in [bed.by(person), bed.nobody()] {
        let identity = &bed.identity;
        let new = new_account("mallory", &[Role::Admin]);
        let name = LoginName::either("ana").unwrap();
        let size = PageSize::default();
        assert!(identity.create_account(&ctx, TENANT, &new).await.is_err());
        assert!(identity.accounts(&ctx, TENANT, None, size).await.is_err());
        assert!(identity.account_of(&ctx, TENANT, &name).await.is_err());
        assert!(identity.set_roles(&ctx, subject, RoleSet::of(&Role::ALL)).await.is_err());
        assert!(identity.suspend(&ctx, subject).await.is_err());
        assert!(identity.resume(&ctx, subject).await.is_err());
        assert!(identity.end_all_sessions(&ctx, subject).await.is_err());
    }
    assert!(bed.bearer(&tokens.access).await.is_ok());
    bed.close();
});

db_test!(what_an_administrator_changes_is_in_the_ledger_and_ends_log_ins, schema(), |db| {
    let bed = Bed::on(db).await;
    let ctx = bed.operator();
    let (login, tokens) = bed.register("ana").await;
    let subject = login.account.subject;
    bed.bearer(&tokens.access).await.unwrap();
    bed.identity.end_all_sessions(&ctx, subject).await.unwrap();
    assert!(bed.bearer(&tokens.access).await.is_err());
    bed.identity.set_roles(&ctx, subject, RoleSet::of(&[Role::Auditor])).await.unwrap();
    bed.identity.suspend(&ctx, subject).await.unwrap();
    assert!(matches!(bed.identity.suspend(&ctx, subject).await, Err(IdentityError::NotFound)));
    bed.identity.resume(&ctx, subject).await.unwrap();
    let told: Vec<_> = bed.told().await.into_iter().map(|(action, ..)| action).take(4).collect();
    assert_eq!(
        told,
        [
            "identity.account.resume",
            "identity.account.suspend",
            "identity.account.roles",
            "identity.session.logout_all"
        ]
    );
    bed.close();
});

db_test!(people_are_found_while_the_key_of_the_indexes_rotates_and_after, schema(), |db| {
    let bed = Bed::on(db).await;
    bed.register("Ana").await;
    let new = new_account("root@example.org", &[]);
    bed.identity.create_account(&bed.operator(), TENANT, &new).await.unwrap();
    assert_eq!(bed.identity.reindex_logins(TENANT, 10).await.unwrap(), 0);
    bed.vault.rotate(Target::Index(TENANT), Start::Now).await.unwrap();
    bed.log_in("ana").await.unwrap();
    let again = bed.identity.create_account(&bed.operator(), TENANT, &new).await;
    assert!(matches!(again, Err(IdentityError::UsernameExists)), "known under the old key");
    assert_eq!(bed.identity.reindex_logins(TENANT, 1).await.unwrap(), 1);
    assert_eq!(bed.identity.reindex_logins(TENANT, 10).await.unwrap(), 1);
    assert_eq!(bed.identity.reindex_logins(TENANT, 10).await.unwrap(), 0);
    bed.log_in("ana").await.unwrap();
    let found = bed.identity.account_of(&bed.operator(), TENANT, &new.login).await;
    assert!(found.is_ok());
    bed.close();
});

db_test!(for_people_who_do_not_exist_no_keys_are_made, schema(), |db| {
    let bed = Bed::on(db).await;
    let nobody = Subject::new(TENANT, UserId::from_uuid(Uuid::from_u128(77)));
    let result = bed.identity.suspend(&bed.operator(), nobody).await;
    assert!(matches!(result, Err(IdentityError::NotFound)));
    let keys = vault::KeyStore::load(bed.keys.as_ref(), &nobody).await.unwrap();
    assert!(keys.is_empty());
    bed.close();
});
