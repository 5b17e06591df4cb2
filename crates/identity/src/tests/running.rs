//! What administrators and operators do.

use super::bed::{Bed, PASSWORD, TENANT, password, quick_config, schema};
use crate::{
    AccountFilter, Amendment, IdentityError, LoginName, NewAccount, NewInvite, Reindexed, Status,
};
use db::{db_test, run_tx};
use kernel::{PageSize, Role, RoleSet, Subject, UserId};
use std::time::Duration;
use uuid::Uuid;
use vault::{KeyKind, KeyRow, KeyStore, Ring, Start, Target};

/// Every account of the tenant.
fn all() -> (kernel::TenantId, AccountFilter) {
    (TENANT, AccountFilter::default())
}

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
    let page = bed.identity.accounts(&ctx, all(), None, PageSize::clamped(1)).await.unwrap();
    assert_eq!(page.items[0].username.as_ref().unwrap().expose(), "ana");
    let page = bed.identity.accounts(&ctx, all(), page.next, PageSize::clamped(1)).await.unwrap();
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
        assert!(identity.accounts(&ctx, all(), None, size).await.is_err());
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
    assert_eq!(bed.reindex(10).await, Reindexed::default());
    bed.vault.rotate(Target::Index(TENANT), Start::Now).await.unwrap();
    bed.log_in("ana").await.unwrap();
    let again = bed.identity.create_account(&bed.operator(), TENANT, &new).await;
    assert!(matches!(again, Err(IdentityError::UsernameExists)), "known under the old key");
    assert_eq!(bed.reindex(1).await, Reindexed { moved: 2, left: 0 });
    assert_eq!(bed.reindex(10).await, Reindexed::default());
    bed.log_in("ana").await.unwrap();
    let found = bed.identity.account_of(&bed.operator(), TENANT, &new.login).await;
    assert!(found.is_ok());
    bed.close();
});

db_test!(the_old_key_of_the_indexes_goes_when_nothing_needs_it, schema(), |db| {
    let bed = Bed::on(db).await;
    let ((ana, _), _) = (bed.register("ana").await, bed.register("ben").await);
    let bound = NewInvite {
        roles: RoleSet::default(),
        life: Duration::from_hours(24),
        max_uses: 1,
        note: None,
        email: Some(LoginName::email("cleo@example.org").unwrap()),
    };
    bed.identity.create_invite(&bed.operator(), TENANT, bound).await.unwrap();
    let index_keys = async || {
        let keys = bed.keys.load(&Subject::tenant_itself(TENANT)).await.unwrap();
        let stays = |key: &&KeyRow| key.line.kind == KeyKind::Index && key.expires_at.is_none();
        keys.iter().filter(stays).count()
    };
    bed.vault.rotate(Target::Index(TENANT), Start::Now).await.unwrap();
    // One whose names do not open holds up no other, and keeps the old key.
    bed.vault.shred(ana.account.subject, Ring::Clinical).await.unwrap();
    bed.clock.forward(Duration::from_hours(1));
    assert_eq!(bed.reindex(1).await, Reindexed { moved: 1, left: 1 });
    assert_eq!(bed.reindex(1).await, Reindexed { moved: 0, left: 1 });
    run_tx!(bed.db, "test.drop", |tx| crate::store::drop_account(tx, ana.account.subject).await)
        .unwrap();
    assert_eq!(bed.reindex(1).await, Reindexed::default());
    assert_eq!(index_keys().await, 2, "an invitation is bound to an address");
    bed.clock.forward(Duration::from_hours(24));
    assert_eq!(bed.reindex(1).await, Reindexed::default());
    assert_eq!(index_keys().await, 1);
    bed.clock.forward(Duration::from_hours(24));
    bed.vault.forget_all();
    bed.log_in("ben").await.unwrap();
    bed.close();
});

db_test!(after_an_installation_was_put_back_nobody_is_logged_in, schema(), |db| {
    let bed = Bed::on(db).await;
    let ((_, ana), (_, ben)) = (bed.register("ana").await, bed.register("ben").await);
    let cookie = bed.cookie_of("ana").await;
    assert_eq!(bed.identity.end_everybodys_sessions(&bed.operator()).await.unwrap(), 3);
    let started_again = bed.again(quick_config()).await;
    assert!(started_again.cookie(&cookie).await.is_err());
    for tokens in [ana, ben] {
        assert!(started_again.refresh(&tokens.refresh).await.is_err());
    }
    started_again.log_in("ana").await.unwrap();
    let told = bed.told().await;
    assert!(told.iter().any(|(action, ..)| action == "identity.session.logout_everybody"));
    let by_nobody = bed.identity.end_everybodys_sessions(&bed.nobody()).await;
    assert!(matches!(by_nobody, Err(IdentityError::AuthRequired)));
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

db_test!(the_last_administrator_stays_one, schema(), |db| {
    let bed = Bed::on(db).await;
    let ctx = bed.operator();
    let root =
        bed.identity.create_account(&ctx, TENANT, &new_account("root", &[Role::Admin])).await;
    let root = root.unwrap().subject;
    let demoted = Amendment { roles: Some(RoleSet::default()), suspended: None };
    let blocked = Amendment { roles: None, suspended: Some(true) };
    for change in [demoted, blocked] {
        let refused = bed.identity.amend(&ctx, root, change).await;
        assert!(matches!(refused, Err(IdentityError::LastAdmin)));
    }
    let refused = bed.identity.set_roles(&ctx, root, RoleSet::default()).await;
    assert!(matches!(refused, Err(IdentityError::LastAdmin)));
    let new = new_account("deputy", &[Role::Admin]);
    let deputy = bed.identity.create_account(&ctx, TENANT, &new).await.unwrap().subject;
    bed.identity.amend(&ctx, deputy, blocked).await.unwrap();
    let refused = bed.identity.amend(&ctx, root, demoted).await;
    assert!(matches!(refused, Err(IdentityError::LastAdmin)), "one who is blocked does not count");
    let back = Amendment { roles: None, suspended: Some(false) };
    bed.identity.amend(&ctx, deputy, back).await.unwrap();
    bed.identity.amend(&ctx, root, demoted).await.unwrap();
    bed.close();
});

db_test!(two_administrators_cannot_demote_each_other_at_once, schema(), |db| {
    let bed = Bed::on(db).await;
    let other = bed.other_process(db).await;
    let ctx = bed.operator();
    let mut admins = Vec::new();
    for name in ["one", "two"] {
        let new = new_account(name, &[Role::Admin]);
        admins.push(bed.identity.create_account(&ctx, TENANT, &new).await.unwrap().subject);
    }
    let demoted = Amendment { roles: Some(RoleSet::default()), suspended: None };
    let (one, two) = tokio::join!(
        bed.identity.amend(&ctx, admins[0], demoted),
        other.identity.amend(&ctx, admins[1], demoted),
    );
    assert!(one.is_ok() != two.is_ok(), "{:?} {:?}", one.err(), two.err());
    other.close();
    bed.close();
});

db_test!(what_is_so_already_is_no_change_and_a_closed_account_takes_none, schema(), |db| {
    let bed = Bed::on(db).await;
    let ctx = bed.operator();
    let (login, tokens) = bed.register("ana").await;
    let subject = login.account.subject;
    let same = Amendment { roles: Some(RoleSet::of(&[Role::User])), suspended: Some(false) };
    bed.identity.amend(&ctx, subject, same).await.unwrap();
    let person = bed.bearer(&tokens.access).await.expect("still logged in");
    let both = Amendment { roles: Some(RoleSet::of(&[Role::Auditor])), suspended: Some(true) };
    let account = bed.identity.amend(&ctx, subject, both).await.unwrap();
    assert_eq!((account.status, account.roles.contains(Role::Auditor)), (Status::Suspended, true));
    bed.identity.amend(&ctx, subject, Amendment { suspended: Some(false), ..same }).await.unwrap();
    let word = password(PASSWORD);
    bed.identity.close_account(&bed.by(person), Some(&word)).await.unwrap();
    let refused = bed.identity.amend(&ctx, subject, both).await;
    assert!(matches!(refused, Err(IdentityError::Going)));
    bed.close();
});

db_test!(accounts_are_listed_by_state_and_role, schema(), |db| {
    let bed = Bed::on(db).await;
    let ctx = bed.operator();
    bed.identity.create_account(&ctx, TENANT, &new_account("root", &[Role::Admin])).await.unwrap();
    let (login, _) = bed.register("ana").await;
    bed.identity.suspend(&ctx, login.account.subject).await.unwrap();
    for (filter, expected) in [
        (AccountFilter { status: Some(Status::Suspended), role: None }, vec!["ana"]),
        (AccountFilter { status: None, role: Some(Role::Admin) }, vec!["root"]),
        (AccountFilter { status: Some(Status::Active), role: Some(Role::Auditor) }, vec![]),
    ] {
        let page = bed.identity.accounts(&ctx, (TENANT, filter), None, PageSize::MAX).await;
        let items = page.unwrap().items;
        let names: Vec<_> =
            items.iter().map(|account| account.username.as_ref().unwrap().expose()).collect();
        assert_eq!(names, expected);
        assert!(items.iter().all(|account| filter.admits(account)));
    }
    bed.close();
});

db_test!(an_administrator_sees_who_has_a_second_factor_and_whose_roles_wait, schema(), |db| {
    let bed = Bed::on(db).await;
    let (login, tokens) = bed.register("ana").await;
    let ana = bed.bearer(&tokens.access).await.unwrap();
    let ctx = bed.operator();
    let seen = async || {
        let account = bed.identity.account_by_id(&ctx, login.account.subject).await.unwrap();
        let guarded = bed.identity.guarded(&ctx, &account).await.unwrap();
        (guarded.second_factor, guarded.roles_waiting)
    };
    assert_eq!(seen().await, (false, kernel::RoleSet::default()));
    bed.with_app(&ana).await;
    assert_eq!(seen().await, (true, kernel::RoleSet::default()));

    let (login, _) = bed.register("ben").await;
    let roles = kernel::RoleSet::of(&[kernel::Role::Provider, kernel::Role::Admin]);
    bed.identity.set_roles(&ctx, login.account.subject, roles).await.unwrap();
    let account = bed.identity.account_by_id(&ctx, login.account.subject).await.unwrap();
    let guarded = bed.identity.guarded(&ctx, &account).await.unwrap();
    assert_eq!(guarded.roles_waiting, kernel::RoleSet::of(&[kernel::Role::Provider]));
    // Nobody else is told.
    assert!(bed.identity.guarded(&bed.by(ana), &account).await.is_err());
    bed.close();
});
