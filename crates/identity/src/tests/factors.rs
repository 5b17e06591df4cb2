//! Second factors: set up, asked for, guessed at, removed.

use super::bed::{Bed, PASSWORD, TENANT, login_request, password, schema};
use crate::{
    Change, Entered, FactorKind, FactorNeeded, IdentityError, LetterKind, LinkPurpose,
    LoginRequest, PasswordFilter, Proof, RecoveryCode, SecondFactor, TotpCode, TypedCode,
    factors::totp::{TotpSecret, step_of},
    service::{Login, StepUpCredential, Tokens},
};
use db::{db_test, params, row, statements};
use kernel::{Acr, Person, Secret};
use std::{fmt::Write, time::Duration};

const STEP: Duration = Duration::from_secs(30);

/// An authenticator app.
pub(super) struct App(TotpSecret);

impl App {
    pub(super) fn scanned(secret: &Secret<String>) -> Self {
        let mut bits = String::new();
        for letter in secret.expose().bytes() {
            let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|l| *l == letter);
            write!(bits, "{:05b}", value.unwrap()).unwrap();
        }
        let bytes = bits.as_bytes().chunks_exact(8);
        let bytes =
            bytes.map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap());
        Self(TotpSecret::from_bytes(Secret::new(bytes.collect())))
    }

    pub(super) fn shows(&self, bed: &Bed) -> String {
        self.0.code(step_of(bed.env.now()))
    }

    /// A code that it shows at no time near now.
    fn wrong(&self, bed: &Bed) -> String {
        let right: Vec<_> = (-2..=2).map(|off| self.0.code(step_of(bed.env.now()) + off)).collect();
        (0..9).map(|n| format!("{n:06}")).find(|code| !right.contains(code)).unwrap()
    }
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn code(text: &str) -> TypedCode {
    TypedCode::new(&secret(text))
}

fn totp(text: &str) -> TotpCode {
    TotpCode::typed(&secret(text)).unwrap()
}

pub(super) fn typed(code: &RecoveryCode) -> TypedCode {
    TypedCode::new(&code.grouped())
}

impl Bed {
    /// Gives someone who is logged in an authenticator app, and ten codes.
    pub(super) async fn with_app(&self, person: &Person) -> (App, Vec<RecoveryCode>) {
        let ctx = self.by(person.clone());
        let app = App::scanned(&self.identity.begin_totp(&ctx).await.unwrap().secret);
        let first = totp(&app.shows(self));
        let codes = self.identity.confirm_totp(&ctx, &first, false).await.unwrap().unwrap();
        self.clock.forward(STEP);
        (app, codes)
    }

    async fn asked(&self, name: &str) -> FactorNeeded {
        let request = login_request(name, PASSWORD);
        match self.identity.log_in(&self.nobody(), TENANT, &request).await.unwrap() {
            Entered::FactorNeeded(needed) => needed,
            Entered::LoggedIn(_) => panic!("{name} got in without a second factor"),
        }
    }

    async fn answer(
        &self,
        needed: &FactorNeeded,
        code: &TypedCode,
    ) -> Result<Login, IdentityError> {
        let factor = SecondFactor::Code(code.clone());
        self.identity.log_in_with_factor(&self.nobody(), &needed.ticket, &factor).await
    }

    /// Someone with an app, logged in with it.
    async fn with_mfa(&self, name: &str) -> (Person, Tokens, App, Vec<RecoveryCode>) {
        let (_, tokens) = self.register(name).await;
        let (app, codes) = self.with_app(&self.bearer(&tokens.access).await.unwrap()).await;
        let needed = self.asked(name).await;
        let login = self.answer(&needed, &code(&app.shows(self))).await.unwrap();
        self.clock.forward(STEP);
        let tokens = tokens_of(login);
        (self.bearer(&tokens.access).await.unwrap(), tokens, app, codes)
    }
}

fn tokens_of(login: Login) -> Tokens {
    match login.credentials {
        crate::Credentials::Tokens(tokens) => tokens,
        crate::Credentials::Cookie { .. } => panic!("a cookie"),
    }
}

async fn someone(bed: &Bed, name: &str) -> Person {
    let (_, tokens) = bed.register(name).await;
    bed.bearer(&tokens.access).await.unwrap()
}

db_test!(
    whoever_has_an_app_is_asked_for_its_code_and_is_recognised_by_two_factors,
    schema(),
    |db| {
        let bed = Bed::on(db).await;
        let (app, codes) = bed.with_app(&someone(&bed, "ana").await).await;
        assert_eq!(codes.len(), 10);
        let needed = bed.asked("ana").await;
        assert_eq!(needed.kinds, [FactorKind::Totp, FactorKind::RecoveryCode]);
        let login = bed.answer(&needed, &code(&app.shows(&bed))).await.unwrap();
        let tokens = tokens_of(login);
        let person = bed.bearer(&tokens.access).await.unwrap();
        assert_eq!(person.acr, Acr::Mfa);
        let refreshed = bed.refresh(&tokens.refresh).await.unwrap();
        assert_eq!(bed.bearer(&refreshed.access).await.unwrap().acr, Acr::Mfa);
        bed.close();
    }
);

db_test!(the_code_may_come_along_with_the_password, schema(), |db| {
    let bed = Bed::on(db).await;
    let (app, _) = bed.with_app(&someone(&bed, "ana").await).await;
    let with =
        |text: &str| LoginRequest { code: Some(code(text)), ..login_request("ana", PASSWORD) };
    let refused = bed.entered(&with(&app.wrong(&bed))).await;
    assert!(matches!(refused, Err(IdentityError::FactorWrong(FactorKind::Totp))));
    let right = app.shows(&bed);
    assert!(bed.entered(&with(&right)).await.is_ok());
    let again = bed.entered(&with(&right)).await;
    assert!(matches!(again, Err(IdentityError::FactorWrong(_))), "a code counts once");
    let told = bed.told().await;
    let denied = ("identity.session.login".to_owned(), "denied", "FACTOR_WRONG".to_owned());
    assert_eq!(told.iter().filter(|line| **line == denied).count(), 2);
    bed.close();
});

db_test!(a_code_from_before_the_last_one_is_refused, schema(), |db| {
    let bed = Bed::on(db).await;
    let (app, _) = bed.with_app(&someone(&bed, "ana").await).await;
    let older = app.shows(&bed);
    bed.clock.forward(STEP);
    let needed = bed.asked("ana").await;
    bed.answer(&needed, &code(&app.shows(&bed))).await.unwrap();
    let needed = bed.asked("ana").await;
    let refused = bed.answer(&needed, &code(&older)).await;
    assert!(matches!(refused, Err(IdentityError::FactorWrong(_))));
    bed.close();
});

db_test!(one_code_opens_one_log_in_however_many_try_at_once, schema(), |db| {
    let bed = Bed::on(db).await;
    let (app, codes) = bed.with_app(&someone(&bed, "ana").await).await;
    for right in [code(&app.shows(&bed)), typed(&codes[0])] {
        let (one, two) = (bed.asked("ana").await, bed.asked("ana").await);
        let (one, two) = tokio::join!(bed.answer(&one, &right), bed.answer(&two, &right));
        assert_eq!(u8::from(one.is_ok()) + u8::from(two.is_ok()), 1);
    }
    bed.close();
});

db_test!(a_recovery_code_is_good_once_and_new_ones_void_the_old, schema(), |db| {
    let bed = Bed::on(db).await;
    let (_, codes) = bed.with_app(&someone(&bed, "ana").await).await;
    let needed = bed.asked("ana").await;
    let tokens = tokens_of(bed.answer(&needed, &typed(&codes[0])).await.unwrap());
    let person = bed.bearer(&tokens.access).await.unwrap();
    let ctx = bed.by(person);
    assert_eq!(bed.identity.factors(&ctx).await.unwrap().0.recovery_left, 9);
    let again = bed.answer(&bed.asked("ana").await, &typed(&codes[0])).await;
    assert!(matches!(again, Err(IdentityError::FactorWrong(FactorKind::RecoveryCode))));
    let new = bed.identity.make_recovery_codes(&ctx).await.unwrap();
    assert_eq!(bed.identity.factors(&ctx).await.unwrap().0.recovery_left, 10);
    assert!(bed.answer(&bed.asked("ana").await, &typed(&codes[1])).await.is_err());
    assert!(bed.answer(&bed.asked("ana").await, &typed(&new[1])).await.is_ok());
    bed.close();
});

db_test!(five_wrong_codes_close_that_factor_alone_for_an_hour, schema(), |db| {
    let bed = Bed::on(db).await;
    let (app, codes) = bed.with_app(&someone(&bed, "ana").await).await;
    let needed = bed.asked("ana").await;
    for turn in 0..5 {
        let refused = bed.answer(&needed, &code(&app.wrong(&bed))).await;
        assert!(matches!(refused, Err(IdentityError::FactorWrong(_))), "{turn}");
    }
    let refused = bed.answer(&needed, &code(&app.shows(&bed))).await;
    let Err(IdentityError::FactorClosed(FactorKind::Totp, wait)) = refused else {
        panic!("{refused:?}", refused = refused.err());
    };
    assert!(wait > Duration::from_mins(59) && wait <= Duration::from_hours(1));
    // The owner gets in all the same.
    assert!(bed.answer(&needed, &typed(&codes[0])).await.is_ok());
    bed.clock.forward(Duration::from_hours(1));
    let needed = bed.asked("ana").await;
    assert!(bed.answer(&needed, &code(&app.shows(&bed))).await.is_ok());
    bed.close();
});

db_test!(many_guesses_at_once_are_no_way_around_the_limit, schema(), |db| {
    let bed = Bed::on(db).await;
    let (app, _) = bed.with_app(&someone(&bed, "ana").await).await;
    let needed = bed.asked("ana").await;
    let wrong = code(&app.wrong(&bed));
    let all = (0..12).map(|_| bed.answer(&needed, &wrong));
    let all: Vec<_> = futures_util::future::join_all(all).await;
    let judged = all.iter().filter(|one| matches!(one, Err(IdentityError::FactorWrong(_)))).count();
    assert!(judged <= 5, "{judged}");
    bed.close();
});

db_test!(a_ticket_belongs_to_one_account_and_one_log_in, schema(), |db| {
    let bed = Bed::on(db).await;
    let (app, _) = bed.with_app(&someone(&bed, "ana").await).await;
    let (others, _) = bed.with_app(&someone(&bed, "mallory").await).await;
    let needed = bed.asked("ana").await;
    // Mallory's own code opens nothing of Ana's.
    let refused = bed.answer(&needed, &code(&others.shows(&bed))).await;
    assert!(matches!(refused, Err(IdentityError::FactorWrong(_))));
    // A ticket is neither a token nor a cookie.
    assert!(bed.refresh(&needed.ticket).await.is_err());
    assert!(bed.cookie(&needed.ticket).await.is_err());
    assert!(bed.bearer(&needed.ticket).await.is_err());
    assert!(bed.answer(&needed, &code(&app.shows(&bed))).await.is_ok());
    bed.clock.forward(STEP);
    let again = bed.answer(&needed, &code(&app.shows(&bed))).await;
    assert!(matches!(again, Err(IdentityError::TicketInvalid)), "used");
    let needed = bed.asked("ana").await;
    bed.clock.forward(Duration::from_mins(5));
    let late = bed.answer(&needed, &code(&app.shows(&bed))).await;
    assert!(matches!(late, Err(IdentityError::TicketInvalid)), "late");
    let made_up = FactorNeeded { ticket: secret("slt1_AAAA"), ..bed.asked("ana").await };
    let made_up = bed.answer(&made_up, &code(&app.shows(&bed))).await;
    assert!(matches!(made_up, Err(IdentityError::TicketInvalid)));
    bed.close();
});

db_test!(
    a_ticket_is_worth_nothing_once_the_password_changed_or_the_account_is_blocked,
    schema(),
    |db| {
        let bed = Bed::on(db).await;
        let (person, _, app, _) = bed.with_mfa("ana").await;
        let needed = bed.asked("ana").await;
        let new = password("three goats on a hill");
        bed.identity
            .change_password(&bed.by(person.clone()), Some(&password(PASSWORD)), &new)
            .await
            .unwrap();
        let refused = bed.answer(&needed, &code(&app.shows(&bed))).await;
        assert!(matches!(refused, Err(IdentityError::TicketInvalid)));
        let request = login_request("ana", "three goats on a hill");
        let Entered::FactorNeeded(needed) =
            bed.identity.log_in(&bed.nobody(), TENANT, &request).await.unwrap()
        else {
            panic!("no second factor");
        };
        bed.identity.suspend(&bed.operator(), person.subject).await.unwrap();
        let refused = bed.answer(&needed, &code(&app.shows(&bed))).await;
        assert!(matches!(refused, Err(IdentityError::Inactive)));
        bed.close();
    }
);

db_test!(log_ins_from_before_the_factor_are_over, schema(), |db| {
    let bed = Bed::on(db).await;
    let (_, old) = bed.register("ana").await;
    let cookie = bed.cookie_of("ana").await;
    let (_, tokens) = bed.log_in("ana").await.unwrap();
    bed.with_app(&bed.bearer(&tokens.access).await.unwrap()).await;
    assert!(bed.refresh(&old.refresh).await.is_err());
    assert!(bed.bearer(&old.access).await.is_err());
    assert!(bed.cookie(&cookie).await.is_err());
    // The one that set it up goes on, and is still one of one factor only.
    let person = bed.bearer(&tokens.access).await.unwrap();
    assert_eq!(person.acr, Acr::Single);
    let ctx = bed.by(person);
    let refused = bed.identity.make_recovery_codes(&ctx).await;
    assert!(matches!(refused, Err(IdentityError::StepUp(_))));
    bed.close();
});

db_test!(until_the_password_is_right_nothing_tells_who_has_a_factor, schema(), |db| {
    let bed = Bed::on(db).await;
    bed.with_app(&someone(&bed, "ana").await).await;
    bed.register("ben").await;
    for name in ["ana", "ben", "nobody"] {
        for with in [None, Some(code("123456"))] {
            let request = LoginRequest { code: with, ..login_request(name, "wrong password") };
            let refused = bed.entered(&request).await;
            assert!(matches!(refused, Err(IdentityError::LoginFailed)), "{name}");
        }
    }
    bed.close();
});

db_test!(an_app_counts_from_when_it_showed_a_code, schema(), |db| {
    let bed = Bed::on(db).await;
    let ctx = bed.by(someone(&bed, "ana").await);
    let begun = bed.identity.begin_totp(&ctx).await.unwrap();
    assert!(begun.uri.expose().starts_with("otpauth://totp/Salus:ana?secret="));
    assert!(bed.log_in("ana").await.unwrap().0.factor_wanted);
    let app = App::scanned(&begun.secret);
    let refused = bed.identity.confirm_totp(&ctx, &totp(&app.wrong(&bed)), false).await;
    assert!(matches!(refused, Err(IdentityError::FactorWrong(_))));
    // A secret that was shown and not used is replaced by the next.
    let next = App::scanned(&bed.identity.begin_totp(&ctx).await.unwrap().secret);
    assert!(bed.identity.confirm_totp(&ctx, &totp(&app.shows(&bed)), false).await.is_err());
    bed.identity.confirm_totp(&ctx, &totp(&next.shows(&bed)), false).await.unwrap();
    let more = bed.identity.begin_totp(&ctx).await;
    assert!(matches!(more, Err(IdentityError::StepUp(_))), "two factors from now on");
    bed.close();
});

db_test!(what_proves_a_factor_away_is_never_that_factor, schema(), |db| {
    let bed = Bed::on(db).await;
    let (person, _, app, codes) = bed.with_mfa("ana").await;
    let ctx = bed.by(person);
    let own = Proof::Code(code(&app.shows(&bed)));
    let refused = bed.identity.remove_totp(&ctx, &own, false).await;
    assert!(matches!(refused, Err(IdentityError::SameFactor)));
    let wrong = Proof::Password(password("wrong password"));
    let refused = bed.identity.remove_totp(&ctx, &wrong, false).await;
    assert!(matches!(refused, Err(IdentityError::PasswordWrong)));
    // Someone who has the password and a log-in of one factor gets no further.
    let mut single = ctx.clone();
    if let kernel::Actor::Person(person) = &mut single.actor {
        person.acr = Acr::Single;
    }
    let right = Proof::Password(password(PASSWORD));
    let refused = bed.identity.remove_totp(&single, &right, false).await;
    assert!(matches!(refused, Err(IdentityError::StepUp(_))));
    let wrong = Proof::Code(code("AAAA-BBBB-CCCC-DDDD"));
    let refused = bed.identity.remove_totp(&ctx, &wrong, false).await;
    assert!(matches!(refused, Err(IdentityError::FactorWrong(FactorKind::RecoveryCode))));
    bed.identity.remove_totp(&ctx, &Proof::Code(typed(&codes[0])), false).await.unwrap();
    assert!(bed.log_in("ana").await.is_ok());
    bed.close();
});

db_test!(who_logged_in_with_two_factors_removes_one_with_the_password, schema(), |db| {
    let bed = Bed::on(db).await;
    let (person, ..) = bed.with_mfa("ana").await;
    let right = Proof::Password(password(PASSWORD));
    bed.identity.remove_totp(&bed.by(person), &right, false).await.unwrap();
    assert!(bed.log_in("ana").await.is_ok());
    bed.close();
});

db_test!(
    a_step_up_without_a_factor_takes_the_password_and_ends_after_ten_minutes,
    schema(),
    |db| {
        let bed = Bed::on(db).await;
        let (_, tokens) = bed.register("ana").await;
        bed.clock.forward(Duration::from_mins(11));
        let stale = bed.bearer(&tokens.access).await.unwrap();
        let ctx = bed.by(stale);
        assert!(matches!(bed.identity.begin_totp(&ctx).await, Err(IdentityError::StepUp(_))));
        let wrong = Proof::Password(password("wrong password"));
        assert!(matches!(
            bed.identity.step_up(&ctx, &wrong).await,
            Err(IdentityError::PasswordWrong)
        ));
        let right = Proof::Password(password(PASSWORD));
        let raised = bed.identity.step_up(&ctx, &right).await.unwrap();
        assert_eq!(raised.acr, Acr::Single);
        let StepUpCredential::Token(token) = raised.shown else { panic!("a cookie") };
        let fresh = bed.bearer(&token).await.unwrap();
        assert!(bed.identity.begin_totp(&bed.by(fresh)).await.is_ok());
        // Nothing else of this log-in became fresh.
        let old = bed.bearer(&tokens.access).await.unwrap();
        assert!(bed.identity.begin_totp(&bed.by(old)).await.is_err());
        let refreshed = bed.refresh(&tokens.refresh).await.unwrap();
        let refreshed = bed.bearer(&refreshed.access).await.unwrap();
        assert!(bed.identity.begin_totp(&bed.by(refreshed)).await.is_err());
        assert!(bed.bearer(&token).await.is_err(), "it ends with the token it came with");
        bed.close();
    }
);

db_test!(who_has_a_factor_steps_up_with_it_and_not_with_the_password, schema(), |db| {
    let bed = Bed::on(db).await;
    let (_, tokens, app, _) = bed.with_mfa("ana").await;
    bed.clock.forward(Duration::from_mins(11));
    let ctx = bed.by(bed.bearer(&tokens.access).await.unwrap());
    let right = Proof::Password(password(PASSWORD));
    assert!(matches!(bed.identity.step_up(&ctx, &right).await, Err(IdentityError::StepUp(_))));
    let wrong = Proof::Code(code(&app.wrong(&bed)));
    assert!(matches!(bed.identity.step_up(&ctx, &wrong).await, Err(IdentityError::FactorWrong(_))));
    let shown = app.shows(&bed);
    let raised = bed.identity.step_up(&ctx, &Proof::Code(code(&shown))).await.unwrap();
    assert_eq!(raised.acr, Acr::Mfa);
    let replayed = bed.identity.step_up(&ctx, &Proof::Code(code(&shown))).await;
    assert!(matches!(replayed, Err(IdentityError::FactorWrong(_))));
    let StepUpCredential::Token(token) = raised.shown else { panic!("a cookie") };
    let fresh = bed.by(bed.bearer(&token).await.unwrap());
    assert!(bed.identity.make_recovery_codes(&fresh).await.is_ok());
    bed.clock.forward(Duration::from_mins(10) + Duration::from_secs(6));
    assert!(bed.bearer(&token).await.is_err());
    bed.close();
});

db_test!(a_step_up_gives_a_cookie_that_replaces_the_one_before, schema(), |db| {
    let bed = Bed::on(db).await;
    bed.register("ana").await;
    let old = bed.cookie_of("ana").await;
    bed.clock.forward(Duration::from_mins(11));
    let ctx = bed.by(bed.cookie(&old).await.unwrap());
    let raised = bed.identity.step_up(&ctx, &Proof::Password(password(PASSWORD))).await.unwrap();
    let StepUpCredential::Cookie { value, .. } = raised.shown else { panic!("a token") };
    assert!(bed.cookie(&old).await.is_err(), "a cookie that someone took before is worth nothing");
    let fresh = bed.cookie(&value).await.unwrap();
    assert!(bed.identity.begin_totp(&bed.by(fresh)).await.is_ok());
    bed.close();
});

db_test!(a_new_password_needs_the_old_one_or_a_fresh_log_in_and_ends_the_others, schema(), |db| {
    let bed = Bed::on(db).await;
    let (_, first) = bed.register("ana").await;
    let (_, other) = bed.log_in("ana").await.unwrap();
    bed.clock.forward(Duration::from_mins(11));
    let ctx = bed.by(bed.bearer(&first.access).await.unwrap());
    let new = password("three goats on a hill");
    let refused = bed.identity.change_password(&ctx, None, &new).await;
    assert!(matches!(refused, Err(IdentityError::StepUp(_))));
    let wrong = password("wrong password");
    let refused = bed.identity.change_password(&ctx, Some(&wrong), &new).await;
    assert!(matches!(refused, Err(IdentityError::PasswordWrong)));
    let old = password(PASSWORD);
    let refused = bed.identity.change_password(&ctx, Some(&old), &password("password1")).await;
    assert!(matches!(refused, Err(IdentityError::Password(_))));
    bed.identity.change_password(&ctx, Some(&old), &new).await.unwrap();
    assert!(bed.bearer(&first.access).await.is_ok());
    assert!(bed.bearer(&other.access).await.is_err());
    assert!(bed.log_in("ana").await.is_err());
    assert!(bed.entered(&login_request("ana", "three goats on a hill")).await.is_ok());
    bed.close();
});

db_test!(the_list_of_the_operator_is_asked_about_every_new_password, schema(), |db| {
    let bed = Bed::on(db).await;
    let list = PasswordFilter::from_list("three goats on a hill\n".as_bytes()).unwrap();
    bed.identity.refuse_passwords(list);
    let (_, tokens) = bed.register("ana").await;
    let person = bed.bearer(&tokens.access).await.unwrap();
    let new = password("three goats on a hill");
    let ctx = bed.by(person.clone());
    let changed = bed.identity.change_password(&ctx, Some(&password(PASSWORD)), &new).await;
    assert!(matches!(changed, Err(IdentityError::Password(_))));
    let purpose = LinkPurpose::ResetPassword;
    let link = bed.identity.show_link(&bed.operator(), person.subject, purpose).await.unwrap();
    let reset = bed.identity.reset_password(&bed.nobody(), &link.token, &new).await;
    assert!(matches!(reset, Err(IdentityError::Password(_))));
    bed.close();
});

db_test!(a_password_found_again_leaves_the_second_factor_and_voids_half_a_log_in, schema(), |db| {
    let bed = Bed::on(db).await;
    let (person, _, app, _) = bed.with_mfa("ana").await;
    let half = bed.asked("ana").await;
    let purpose = LinkPurpose::ResetPassword;
    let link = bed.identity.show_link(&bed.operator(), person.subject, purpose).await.unwrap();
    let new = password("three goats on a hill");
    bed.identity.reset_password(&bed.nobody(), &link.token, &new).await.unwrap();
    let answered = bed.answer(&half, &code(&app.shows(&bed))).await;
    assert!(matches!(answered, Err(IdentityError::TicketInvalid)));
    let request = login_request("ana", "three goats on a hill");
    let entered = bed.identity.log_in(&bed.nobody(), TENANT, &request).await;
    assert!(matches!(entered, Ok(Entered::FactorNeeded(_))));
    bed.close();
});

db_test!(every_change_is_told_to_whoever_mails_people, schema(), |db| {
    let bed = Bed::on(db).await;
    let (person, _, _, codes) = bed.with_mfa("ana").await;
    let ctx = bed.by(person.clone());
    bed.identity.make_recovery_codes(&ctx).await.unwrap();
    assert!(bed.identity.remove_totp(&ctx, &Proof::Code(typed(&codes[0])), false).await.is_err());
    bed.identity.remove_totp(&ctx, &Proof::Password(password(PASSWORD)), false).await.unwrap();
    let asked = bed.asked_letters().await;
    let heard: Vec<_> = asked.iter().filter_map(|asked| asked.change).collect();
    let expected = [Change::TotpAdded, Change::RecoveryCodesMade, Change::TotpRemoved];
    assert!(heard.len() == 3 && expected.iter().all(|change| heard.contains(change)), "{heard:?}");
    assert!(asked.iter().all(|asked| asked.kind == LetterKind::FactorChanged));
    assert!(asked.iter().all(|asked| asked.user == person.subject.user));
    bed.close();
});

statements! { "identity.tests.factors";
    CODES = "SELECT code_hash FROM recovery_codes";
    SECRETS = "SELECT secret FROM totp_factors";
    LEFT = "SELECT (SELECT COUNT(*) FROM recovery_codes) + (SELECT COUNT(*) FROM totp_factors)
        + (SELECT COUNT(*) FROM login_tickets) AS n";
}

row! {
    struct CodeRow {
        code_hash: Vec<u8>,
    }
}

row! {
    struct SecretRow {
        secret: Vec<u8>,
    }
}

row! {
    struct Count {
        n: i64,
    }
}

db_test!(neither_codes_nor_secrets_lie_in_the_database, schema(), |db| {
    let bed = Bed::on(db).await;
    let (app, codes) = bed.with_app(&someone(&bed, "ana").await).await;
    let rows: Vec<CodeRow> = bed.db.all(&CODES, params![]).await.unwrap();
    let holds = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    for code in &codes {
        let text = code.grouped().expose().replace('-', "");
        assert!(rows.iter().all(|row| !holds(&row.code_hash, text.as_bytes())));
    }
    let secrets: Vec<SecretRow> = bed.db.all(&SECRETS, params![]).await.unwrap();
    assert!(secrets.iter().all(|row| !holds(&row.secret, app.0.bytes().expose())));
    bed.close();
});

db_test!(erasure_takes_every_factor_along, schema(), |db| {
    let bed = Bed::on(db).await;
    let (person, _, app, _) = bed.with_mfa("ana").await;
    let needed = bed.asked("ana").await;
    assert!(bed.answer(&needed, &code(&app.wrong(&bed))).await.is_err());
    bed.identity.close_account(&bed.by(person), Some(&password(PASSWORD))).await.unwrap();
    bed.clock.forward(Duration::from_hours(15 * 24));
    assert_eq!(bed.identity.erase_due(&bed.operator(), 10).await.unwrap(), 1);
    assert_eq!(bed.db.one::<Count>(&LEFT, params![]).await.unwrap().n, 0);
    bed.close();
});
