//! Logging in.

use super::bed::{Bed, PASSWORD, TENANT, login_request, quick_config, quick_passwords, schema};
use crate::{IdentityConfig, IdentityError, PasswordConfig};
use db::db_test;
use kernel::Subject;
use std::time::Duration;

db_test!(wrong_names_and_wrong_passwords_look_the_same, schema(), |db| {
    let bed = Bed::on(db).await;
    bed.register("ana").await;
    for (name, word) in [("ana", "wrong password"), ("nobody", PASSWORD), ("a@b.de", PASSWORD)] {
        let request = login_request(name, word);
        let refused = bed.identity.log_in(&bed.nobody(), TENANT, &request).await;
        assert!(matches!(refused, Err(IdentityError::LoginFailed)), "{name}");
    }
    let entries = bed.entries().await;
    let denied = &entries[..3];
    let whole = bed.ledger.pseudonym(Subject::tenant_itself(TENANT)).await.unwrap();
    for entry in denied {
        assert_eq!(entry.action.as_str(), "identity.session.login");
        assert_eq!((entry.outcome.name(), entry.reason.as_str()), ("denied", "LOGIN_FAILED"));
        assert_eq!(entry.subject, whole, "nobody is named");
        assert!(entry.subject_detail.is_empty());
    }
    bed.close();
});

db_test!(the_sixth_wrong_password_has_to_wait_and_the_owner_elsewhere_does_not, schema(), |db| {
    let bed = Bed::on(db).await;
    bed.register("ana").await;
    let wrong = login_request("ana", "wrong password");
    for name in ["ana", "nobody"] {
        let wrong = login_request(name, "wrong password");
        for _ in 0..5 {
            let refused = bed.identity.log_in(&bed.nobody(), TENANT, &wrong).await;
            assert!(matches!(refused, Err(IdentityError::LoginFailed)));
        }
        let refused = bed.identity.log_in(&bed.nobody(), TENANT, &wrong).await;
        assert!(matches!(refused, Err(IdentityError::TooManyAttempts(_))), "{name}");
    }
    // The right password does not help from there, but it does from elsewhere, and later.
    assert!(matches!(bed.log_in("ana").await, Err(IdentityError::TooManyAttempts(_))));
    let mut elsewhere = bed.nobody();
    elsewhere.origin.ip = Some("198.51.100.1".parse().unwrap());
    let request = login_request("ana", PASSWORD);
    assert!(bed.identity.log_in(&elsewhere, TENANT, &request).await.is_ok());
    bed.clock.forward(Duration::from_secs(901));
    assert!(bed.log_in("ana").await.is_ok());
    let refused = bed.identity.log_in(&bed.nobody(), TENANT, &wrong).await;
    assert!(matches!(refused, Err(IdentityError::LoginFailed)));
    bed.close();
});

db_test!(a_weak_hash_is_replaced_at_the_next_log_in, schema(), |db| {
    let bed = Bed::on(db).await;
    let (login, _) = bed.register("ana").await;
    let password = PasswordConfig { passes: 3, ..quick_passwords() };
    let stronger = bed.again(IdentityConfig { password, ..quick_config() }).await;
    stronger.log_in("ana").await.unwrap();
    let stored = crate::store::password(&bed.db, login.account.subject).await.unwrap().unwrap();
    assert!(stored.phc.starts_with("$argon2id$v=19$m=19456,t=3,p=1$"), "{}", stored.phc);
    // What is stored now is enough for the cheaper settings, too.
    bed.log_in("ana").await.unwrap();
    bed.close();
});

db_test!(a_suspended_account_is_told_so_only_with_the_right_password, schema(), |db| {
    let bed = Bed::on(db).await;
    let (login, tokens) = bed.register("ana").await;
    bed.identity.suspend(&bed.operator(), login.account.subject).await.unwrap();
    assert!(bed.bearer(&tokens.access).await.is_err());
    assert!(bed.refresh(&tokens.refresh).await.is_err());
    assert!(matches!(bed.log_in("ana").await, Err(IdentityError::Inactive)));
    let wrong = login_request("ana", "wrong password");
    let refused = bed.identity.log_in(&bed.nobody(), TENANT, &wrong).await;
    assert!(matches!(refused, Err(IdentityError::LoginFailed)));
    bed.identity.resume(&bed.operator(), login.account.subject).await.unwrap();
    assert!(bed.log_in("ana").await.is_ok());
    bed.close();
});

db_test!(a_log_in_has_new_ids_and_secrets_every_time, schema(), |db| {
    let bed = Bed::on(db).await;
    let (first, one) = bed.register("ana").await;
    let (second, two) = bed.log_in("ana").await.unwrap();
    assert_ne!(first.session, second.session);
    assert_ne!(one.refresh.expose(), two.refresh.expose());
    let (one, two) = (bed.cookie_of("ana").await, bed.cookie_of("ana").await);
    assert_ne!(one.expose(), two.expose());
    bed.close();
});
