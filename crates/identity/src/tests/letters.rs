//! Letters, links in them, and new passwords.

use super::bed::{
    Bed, PASSWORD, TENANT, login_request, password, quick_config, quick_passwords, registration,
    schema,
};
use crate::{
    AskedLetter, IdentityConfig, IdentityError, LETTER_TOPIC, Letter, LetterKind, LinkPurpose,
    LoginName, NewAccount, PasswordConfig, Registered, jobs::AnswerForgotten,
};
use async_trait::async_trait;
use db::{
    JobHandler, Worker, db_test,
    jobs::{Claimed, JobError, Lease},
};
use kernel::{Ctx, RoleSet, Secret, Subject};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

const NEW: &str = "a short swim in the lake";

/// Takes what is asked for, as the one who sends letters does.
#[derive(Default)]
struct Letterbox(Mutex<Vec<AskedLetter>>);

#[async_trait]
impl JobHandler for Letterbox {
    fn kind(&self) -> &'static str {
        "identity.tests.letterbox.v1"
    }

    fn listens_to(&self) -> Option<&'static str> {
        Some(LETTER_TOPIC)
    }

    async fn run(&self, _ctx: &Ctx, job: &Claimed, _lease: Lease) -> Result<(), JobError> {
        self.0.lock().unwrap().push(job.payload()?);
        Ok(())
    }
}

impl Bed {
    pub(super) async fn asked_letters(&self) -> Vec<AskedLetter> {
        let letterbox = Arc::new(Letterbox::default());
        let forgotten = Arc::new(AnswerForgotten(self.identity.clone()));
        let worker = Worker::new(self.db.clone(), vec![letterbox.clone(), forgotten]);
        worker.run_until_idle().await.unwrap();
        let mut asked = letterbox.0.lock().unwrap();
        std::mem::take(&mut asked)
    }

    /// The one letter that was asked for.
    async fn letter(&self) -> Letter {
        let asked = self.asked_letters().await;
        assert_eq!(asked.len(), 1, "{asked:?}");
        self.identity.letter(&self.nobody(), &asked[0]).await.unwrap().expect("to be sent")
    }

    async fn by_mail(&self, address: &str) -> Subject {
        let new = registration(LoginName::email(address).unwrap());
        let registered = self.identity.register(&self.nobody(), TENANT, new).await.unwrap();
        assert!(matches!(registered, Registered::Accepted));
        let name = LoginName::email(address).unwrap();
        self.identity.account_of(&self.operator(), TENANT, &name).await.unwrap().subject
    }

    async fn verified(&self, address: &str) -> Subject {
        let subject = self.by_mail(address).await;
        let token = self.letter().await.token.unwrap();
        self.identity.verify_email(&self.nobody(), &token).await.unwrap();
        subject
    }

    async fn forgot(&self, address: &str) -> Result<(), IdentityError> {
        let email = LoginName::email(address).unwrap();
        self.identity.forgot_password(&self.nobody(), TENANT, &email).await
    }

    async fn reset(&self, token: &Secret<String>, word: &str) -> Result<(), IdentityError> {
        self.identity.reset_password(&self.nobody(), token, &password(word)).await
    }
}

db_test!(an_address_is_proved_by_the_link_of_its_letter_once, schema(), |db| {
    let bed = Bed::on(db).await;
    bed.by_mail("Ana@example.org").await;
    let letter = bed.letter().await;
    assert_eq!(
        (letter.kind, letter.to.expose().as_str()),
        (LetterKind::VerifyEmail, "Ana@example.org")
    );
    let token = letter.token.unwrap();
    bed.identity.verify_email(&bed.nobody(), &token).await.unwrap();
    let again = bed.identity.verify_email(&bed.nobody(), &token).await;
    assert!(matches!(again, Err(IdentityError::Link)));
    bed.close();
});

db_test!(a_forgotten_password_is_replaced_and_everything_else_stays, schema(), |db| {
    let bed = Bed::on(db).await;
    bed.verified("ana@example.org").await;
    let request = login_request("ana@example.org", PASSWORD);
    let before = bed.entered(&request).await.unwrap();
    bed.forgot("ANA@example.org").await.unwrap();
    let letter = bed.letter().await;
    assert_eq!(letter.kind, LetterKind::ResetPassword);
    let token = letter.token.unwrap();
    let weak = bed.reset(&token, "ana@example.org").await;
    assert!(matches!(weak, Err(IdentityError::Password(_))), "{weak:?}");
    bed.reset(&token, NEW).await.unwrap();
    assert!(matches!(bed.reset(&token, NEW).await, Err(IdentityError::Link)), "works once");
    let crate::Credentials::Tokens(tokens) = before.credentials else { panic!("no tokens") };
    assert!(bed.bearer(&tokens.access).await.is_err(), "all log-ins ended");
    assert!(bed.identity.log_in(&bed.nobody(), TENANT, &request).await.is_err());
    let request = login_request("ana@example.org", NEW);
    bed.identity.log_in(&bed.nobody(), TENANT, &request).await.unwrap();
    assert_eq!(bed.letter().await.kind, LetterKind::FactorChanged);
    bed.close();
});

db_test!(of_two_who_follow_one_link_at_once_one_gets_through, schema(), |db| {
    let bed = Bed::on(db).await;
    let other = bed.other_process(db).await;
    bed.by_mail("ana@example.org").await;
    bed.asked_letters().await;
    bed.forgot("ana@example.org").await.unwrap();
    let token = bed.letter().await.token.unwrap();
    let (one, two) = tokio::join!(bed.reset(&token, NEW), other.reset(&token, NEW));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    other.close();
    bed.close();
});

db_test!(a_link_is_good_for_half_an_hour_for_one_thing_and_until_the_next_one, schema(), |db| {
    let bed = Bed::on(db).await;
    bed.by_mail("ana@example.org").await;
    let verify = bed.letter().await.token.unwrap();
    assert!(matches!(bed.reset(&verify, NEW).await, Err(IdentityError::Link)), "for one thing");
    bed.forgot("ana@example.org").await.unwrap();
    let first = bed.letter().await.token.unwrap();
    bed.forgot("ana@example.org").await.unwrap();
    let second = bed.letter().await.token.unwrap();
    assert!(matches!(bed.reset(&first, NEW).await, Err(IdentityError::Link)), "until the next");
    bed.clock.forward(Duration::from_mins(30));
    assert!(matches!(bed.reset(&second, NEW).await, Err(IdentityError::Link)), "half an hour");
    for made_up in ["", "sml1_", "sml1_AAAA", &format!("{}A", second.expose())] {
        let refused = bed.reset(&Secret::new(made_up.to_owned()), NEW).await;
        assert!(matches!(refused, Err(IdentityError::Link)));
    }
    bed.close();
});

db_test!(
    whether_an_address_has_an_account_is_told_to_nobody_who_forgot_a_password,
    schema(),
    |db| {
        let bed = Bed::on(db).await;
        bed.by_mail("ana@example.org").await;
        bed.asked_letters().await;
        bed.forgot("ben@example.org").await.unwrap();
        assert!(bed.asked_letters().await.is_empty());
        // Three an hour, whether there is an account or not.
        for address in ["ana@example.org", "carl@example.org"] {
            bed.clock.forward(Duration::from_hours(2));
            for _ in 0..3 {
                bed.forgot(address).await.unwrap();
            }
            let limited = bed.forgot(address).await;
            assert!(matches!(limited, Err(IdentityError::TooManyAttempts(_))));
        }
        bed.close();
    }
);

db_test!(an_address_that_nobody_has_takes_as_long_to_forget_the_password_of, schema(), |db| {
    let bed = Bed::on(db).await;
    bed.verified("ana@example.org").await;
    let password = PasswordConfig { even_answer_ms: 300, ..quick_passwords() };
    let bed = bed.again(IdentityConfig { password, ..quick_config() }).await;
    for address in ["ana@example.org", "nobody@example.org"] {
        let (started, hashes) = (bed.env.now(), bed.identity.metrics().hashed());
        bed.forgot(address).await.unwrap();
        assert!(bed.env.now().since(started) >= Duration::from_millis(300), "{address}");
        assert_eq!(bed.identity.metrics().hashed(), hashes, "{address}");
    }
    bed.close();
});

db_test!(
    who_registers_with_a_known_address_is_answered_as_new_and_its_owner_hears,
    schema(),
    |db| {
        let bed = Bed::on(db).await;
        let ana = bed.verified("ana@example.org").await;
        assert_eq!(bed.by_mail("ana@example.org").await, ana);
        let letter = bed.letter().await;
        assert_eq!(letter.kind, LetterKind::AddressKnown);
        assert!(letter.token.is_none());
        bed.close();
    }
);

db_test!(a_new_kind_of_device_is_told_of_once_and_the_first_never, schema(), |db| {
    let bed = Bed::on(db).await;
    bed.verified("ana@example.org").await;
    let log_in = async |agent: &str| {
        let mut ctx = bed.nobody();
        ctx.origin.user_agent = Some(agent.into());
        let request = login_request("ana@example.org", PASSWORD);
        bed.identity.log_in(&ctx, TENANT, &request).await.unwrap();
        bed.asked_letters().await
    };
    assert!(log_in("Firefox/1 (Linux)").await.is_empty(), "the first ever");
    let asked = log_in("Safari/1 (iPhone)").await;
    let letter = bed.identity.letter(&bed.nobody(), &asked[0]).await.unwrap().unwrap();
    assert_eq!(letter.device.as_deref(), Some("Safari on iPhone"));
    assert!(log_in("Safari/2 (iPhone)").await.is_empty(), "known by now");
    bed.close();
});

db_test!(news_about_an_account_go_to_no_address_that_was_not_proved, schema(), |db| {
    let bed = Bed::on(db).await;
    let ana = bed.by_mail("ana@example.org").await;
    bed.asked_letters().await;
    let (_, tokens) = bed.log_in("ana@example.org").await.unwrap();
    let person = bed.bearer(&tokens.access).await.unwrap();
    bed.identity.close_account(&bed.by(person), Some(&password(PASSWORD))).await.unwrap();
    let asked = bed.asked_letters().await;
    assert_eq!((asked[0].kind, asked[0].user), (LetterKind::AccountClosing, ana.user));
    assert!(bed.identity.letter(&bed.nobody(), &asked[0]).await.unwrap().is_none());
    bed.close();
});

db_test!(what_waits_to_be_sent_holds_ids_and_no_secret, schema(), |db| {
    let bed = Bed::on(db).await;
    bed.by_mail("ana@example.org").await;
    let asked = bed.asked_letters().await;
    let token = bed.identity.letter(&bed.nobody(), &asked[0]).await.unwrap().unwrap().token;
    let text = serde_json::to_string(&asked[0]).unwrap();
    let secret = token.unwrap();
    let (_, end) = secret.expose().split_at(secret.expose().len() - 20);
    assert!(!text.contains(end) && !text.contains("example.org"), "{text}");
    bed.close();
});

db_test!(an_administrator_gets_a_link_but_sets_no_password_and_the_ledger_tells, schema(), |db| {
    let bed = Bed::on(db).await;
    let (login, tokens) = bed.register("ana").await;
    let subject = login.account.subject;
    let ana = bed.by(bed.bearer(&tokens.access).await.unwrap());
    let purpose = LinkPurpose::ResetPassword;
    assert!(bed.identity.show_link(&ana, subject, purpose).await.is_err());
    let shown = bed.identity.show_link(&bed.operator(), subject, purpose).await.unwrap();
    let told = bed.told().await;
    assert_eq!(told[0].0, "identity.link.show");
    let page = bed.identity.activity(&ana, None, kernel::PageSize::MAX).await.unwrap();
    assert_eq!(page.items[0].entry.action.as_str(), "identity.link.show", "its person sees it");
    bed.reset(&shown.token, NEW).await.unwrap();
    let none = bed.identity.show_link(&bed.operator(), subject, LinkPurpose::VerifyEmail).await;
    assert!(matches!(none, Err(IdentityError::NotFound)), "there is no address");
    bed.close();
});

db_test!(an_administrator_forgives_failed_tries, schema(), |db| {
    let bed = Bed::on(db).await;
    let new = NewAccount {
        login: LoginName::username("ana").unwrap(),
        password: password(PASSWORD),
        display_name: None,
        roles: RoleSet::default(),
    };
    let ana = bed.identity.create_account(&bed.operator(), TENANT, &new).await.unwrap().subject;
    bed.log_in("ana").await.unwrap();
    let wrong = login_request("ana", "not the password");
    for _ in 0..5 {
        assert!(bed.identity.log_in(&bed.nobody(), TENANT, &wrong).await.is_err());
    }
    assert!(matches!(bed.log_in("ana").await, Err(IdentityError::TooManyAttempts(_))));
    assert!(bed.identity.unlock(&bed.nobody(), ana).await.is_err());
    bed.identity.unlock(&bed.operator(), ana).await.unwrap();
    bed.log_in("ana").await.unwrap();
    bed.close();
});
