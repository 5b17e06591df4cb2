//! Registering.

use super::bed::{
    Bed, PASSWORD, TENANT, login_request, password, quick_config, quick_passwords, registration,
    schema,
};
use crate::{
    DisplayName, GivenConsents, IdentityConfig, IdentityError, LoginName, PasswordConfig,
    PasswordProblem, Registered, Registration, SetupCode,
};
use db::db_test;
use kernel::{Role, RoleSet, Secret};
use std::{sync::atomic::Ordering, time::Duration};

fn user(name: &str) -> Registration {
    registration(LoginName::username(name).unwrap())
}

fn email(address: &str) -> Registration {
    registration(LoginName::email(address).unwrap())
}

db_test!(whoever_takes_a_username_is_logged_in_at_once, schema(), |db| {
    let bed = Bed::on(db).await;
    let display_name = Some(DisplayName::new("Ana M.").unwrap());
    let new = Registration { display_name, ..user("Ana") };
    let registered = bed.identity.register(&bed.nobody(), TENANT, new).await.unwrap();
    let Registered::LoggedIn(login) = registered else { panic!("not logged in") };
    let account = &login.account;
    assert_eq!(account.username.as_ref().unwrap().expose(), "Ana");
    assert_eq!(account.display_name.as_ref().unwrap().expose(), "Ana M.");
    assert_eq!(account.roles, RoleSet::of(&[Role::User]));
    let crate::Credentials::Tokens(tokens) = login.credentials else { panic!("no tokens") };
    let person = bed.bearer(&tokens.access).await.unwrap();
    assert_eq!((person.subject, person.session), (account.subject, login.session));
    let told: Vec<_> = bed.told().await.into_iter().map(|(action, ..)| action).collect();
    assert_eq!(told, ["identity.session.login", "identity.account.register"]);
    bed.close();
});

db_test!(a_username_can_be_taken_once, schema(), |db| {
    let bed = Bed::on(db).await;
    bed.register("Straße").await;
    let again = bed.identity.register(&bed.nobody(), TENANT, user("STRASSE")).await;
    assert!(matches!(again, Err(IdentityError::UsernameExists)));
    let told = bed.told().await;
    assert_eq!(told[0], ("identity.account.register".into(), "denied", "USERNAME_EXISTS".into()));
    bed.close();
});

db_test!(of_two_who_want_the_same_name_at_once_one_gets_it, schema(), |db| {
    let (one, two) = (Bed::on(db).await, Bed::on(db).await);
    // Both processes of one installation: they share their keys.
    let two = {
        two.close();
        one.other_process(db).await
    };
    let (first, second) = (one.nobody(), two.nobody());
    let (first, second) = tokio::join!(
        one.identity.register(&first, TENANT, user("ana")),
        two.identity.register(&second, TENANT, user("ana")),
    );
    let won = [&first, &second].into_iter().filter(|result| result.is_ok()).count();
    assert_eq!(won, 1);
    let lost = first.err().or(second.err()).unwrap();
    assert!(matches!(lost, IdentityError::UsernameExists), "{lost:?}");
    one.close();
    two.close();
});

db_test!(whether_an_address_is_known_is_told_to_nobody, schema(), |db| {
    let bed = Bed::on(db).await;
    for _ in 0..2 {
        let new = email("Ana@Example.org");
        let registered = bed.identity.register(&bed.nobody(), TENANT, new).await.unwrap();
        assert!(matches!(registered, Registered::Accepted));
    }
    // The account is that of the first, and its password is, too.
    let other = Registration { password: password("another password"), ..email("ana@example.org") };
    bed.identity.register(&bed.nobody(), TENANT, other).await.unwrap();
    let request = login_request("ANA@example.org", PASSWORD);
    let login = bed.entered(&request).await.unwrap();
    assert_eq!(login.account.email.as_ref().unwrap().expose(), "Ana@Example.org");
    let request = login_request("ana@example.org", "another password");
    let refused = bed.identity.log_in(&bed.nobody(), TENANT, &request).await;
    assert!(matches!(refused, Err(IdentityError::LoginFailed)));
    bed.close();
});

db_test!(an_address_that_is_new_takes_as_long_as_one_that_is_known, schema(), |db| {
    let bed = Bed::on(db).await;
    let password = PasswordConfig { even_answer_ms: 300, ..quick_passwords() };
    let bed = bed.again(IdentityConfig { password, ..quick_config() }).await;
    let (mut times, mut hashes) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        let (started, before) = (bed.env.now(), bed.identity.metrics().hashed());
        let new = email("ana@example.org");
        bed.identity.register(&bed.nobody(), TENANT, new).await.unwrap();
        times.push(bed.env.now().since(started));
        hashes.push(bed.identity.metrics().hashed() - before);
    }
    assert_eq!(hashes, [1, 1], "the work that takes longest is the same");
    assert!(times.iter().all(|time| *time >= Duration::from_millis(300)), "{times:?}");
    bed.close();
});

db_test!(nobody_registers_without_the_terms, schema(), |db| {
    let bed = Bed::on(db).await;
    let new = Registration { consents: GivenConsents::default(), ..user("ana") };
    let refused = bed.identity.register(&bed.nobody(), TENANT, new).await;
    assert!(matches!(refused, Err(IdentityError::TermsRequired)));
    bed.close();
});

db_test!(consents_and_account_are_made_together_or_not_at_all, schema(), |db| {
    let bed = Bed::on(db).await;
    bed.consents.fail.store(true, Ordering::SeqCst);
    let refused = bed.identity.register(&bed.nobody(), TENANT, user("ana")).await;
    assert!(matches!(refused, Err(IdentityError::Consents(_))));
    bed.consents.fail.store(false, Ordering::SeqCst);
    let (login, _) = bed.register("ana").await;
    let given = GivenConsents { terms: true, ..GivenConsents::default() };
    let name = format!("{} {given:?}", login.account.subject.user);
    assert!(bed.remembers(&name).await);
    bed.close();
});

db_test!(a_weak_password_is_refused_before_anything_is_made, schema(), |db| {
    let bed = Bed::on(db).await;
    let new = Registration { password: password("marianne-1"), ..user("Marianne") };
    let refused = bed.identity.register(&bed.nobody(), TENANT, new).await;
    assert!(matches!(refused, Err(IdentityError::Password(PasswordProblem::Context))));
    assert!(bed.told().await.is_empty());
    bed.close();
});

db_test!(names_are_nowhere_in_the_clear, schema(), |db| {
    let bed = Bed::on(db).await;
    bed.register("canary-username").await;
    let new = email("canary-address@example.org");
    bed.identity.register(&bed.nobody(), TENANT, new).await.unwrap();
    let wrong = login_request("canary-username", "canary-password");
    assert!(bed.identity.log_in(&bed.nobody(), TENANT, &wrong).await.is_err());
    bed.told().await;
    if let Some(folder) = db.folder() {
        let mut seen = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            seen += bytes.len();
            let text = String::from_utf8_lossy(&bytes);
            assert!(
                !text.contains("canary") && !text.contains("Testfox") && !text.contains("192.0.2")
            );
        }
        assert!(seen > 10_000);
    }
    bed.close();
});

db_test!(whoever_has_the_set_up_code_becomes_the_first_administrator, schema(), |db| {
    let bed = Bed::on(db).await;
    let old = bed.identity.setup_code(&bed.operator(), TENANT).await.unwrap().unwrap();
    let code = bed.identity.setup_code(&bed.operator(), TENANT).await.unwrap().unwrap();
    let with = |code: &SetupCode, name: &str| Registration {
        setup_code: Some(SetupCode::typed(&code.grouped())),
        ..email(name)
    };
    // The newer code made the older one worthless.
    let refused =
        bed.identity.register(&bed.nobody(), TENANT, with(&old, "root@example.org")).await;
    assert!(matches!(refused, Err(IdentityError::SetupCode)));
    let made = bed.identity.register(&bed.nobody(), TENANT, with(&code, "root@example.org")).await;
    let Ok(Registered::LoggedIn(login)) = made else { panic!("not logged in") };
    assert_eq!(login.account.roles, RoleSet::of(&[Role::User, Role::Admin]));
    // It works once, and there are no more.
    let refused =
        bed.identity.register(&bed.nobody(), TENANT, with(&code, "two@example.org")).await;
    assert!(matches!(refused, Err(IdentityError::SetupCode)));
    assert!(bed.identity.setup_code(&bed.operator(), TENANT).await.unwrap().is_none());
    bed.close();
});

db_test!(a_set_up_code_in_an_old_log_is_worth_nothing, schema(), |db| {
    let bed = Bed::on(db).await;
    let code = bed.identity.setup_code(&bed.operator(), TENANT).await.unwrap().unwrap();
    let with = |name: &str| Registration { setup_code: Some(code.clone()), ..user(name) };
    bed.clock.forward(Duration::from_hours(25));
    let refused = bed.identity.register(&bed.nobody(), TENANT, with("mallory")).await;
    assert!(matches!(refused, Err(IdentityError::SetupCode)));
    let code = bed.identity.setup_code(&bed.operator(), TENANT).await.unwrap().unwrap();
    bed.clock.forward(Duration::from_hours(23));
    let new = Registration { setup_code: Some(code), ..user("root") };
    assert!(bed.identity.register(&bed.nobody(), TENANT, new).await.is_ok());
    bed.close();
});

db_test!(a_made_up_set_up_code_makes_no_account, schema(), |db| {
    let bed = Bed::on(db).await;
    bed.identity.setup_code(&bed.operator(), TENANT).await.unwrap().unwrap();
    let code = SetupCode::typed(&Secret::new("AAAA-AAAA-AAAA-AAAA-AAAA".into()));
    let new = Registration { setup_code: Some(code), ..user("mallory") };
    let refused = bed.identity.register(&bed.nobody(), TENANT, new).await;
    assert!(matches!(refused, Err(IdentityError::SetupCode)));
    assert!(matches!(bed.log_in("mallory").await, Err(IdentityError::LoginFailed)));
    bed.close();
});

db_test!(a_made_up_set_up_code_finds_out_nothing_about_an_address, schema(), |db| {
    let bed = Bed::on(db).await;
    bed.identity.register(&bed.nobody(), TENANT, email("ana@example.org")).await.unwrap();
    for address in ["ana@example.org", "ben@example.org"] {
        let code = SetupCode::typed(&Secret::new("AAAA-AAAA-AAAA-AAAA-AAAA".into()));
        let new = Registration { setup_code: Some(code), ..email(address) };
        let refused = bed.identity.register(&bed.nobody(), TENANT, new).await;
        assert!(matches!(refused, Err(IdentityError::SetupCode)), "{address}");
    }
    bed.close();
});
