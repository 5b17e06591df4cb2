//! Log-ins by a provider: who gets in, who does not, and what opens what.

use super::bed::{Bed, TENANT, login_request, password, quick_config, registration, schema};
use crate::{
    Answered, AppToken, Asking, Away, Change, Entered, GivenConsents, IdentityConfig,
    IdentityError, LetterKind, Login, LoginName, NewHere, ProviderConfig, ProviderRegistration,
    Reindexed, SessionKind, SignUp, Vouched, service::Credentials, service::StepUpCredential,
};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use db::{db_test, params, row, statements, testing::TestDb};
use kernel::{Acr, Ctx, Person, Secret, SessionId, UserId};
use oidcmock::{Algorithm, Back, Header, Mock};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};
use vault::{Start, Target};

const ORIGIN: &str = "https://salus.example";

pub(super) fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn settings(mock: &Mock) -> ProviderConfig {
    ProviderConfig {
        issuer: Some(mock.issuer().to_owned()),
        name: Some("Our clinic".to_owned()),
        client_id: oidcmock::CLIENT.to_owned(),
        client_secret: Some(secret(oidcmock::SECRET)),
        client_secret_file: None,
        apps: vec!["salus-on-a-telephone".to_owned()],
        local: true,
    }
}

fn vouched_by(mocks: &[(&str, &Mock)]) -> IdentityConfig {
    let providers = mocks.iter().map(|(id, mock)| ((*id).to_owned(), settings(mock)));
    IdentityConfig { providers: providers.collect(), ..quick_config() }
}

/// Identity with a provider that is called `clinic`.
pub(super) async fn with_clinic(db: &TestDb) -> (Bed, Mock) {
    let mock = Mock::start();
    let bed = Bed::on(db).await.again(vouched_by(&[("clinic", &mock)])).await;
    (bed, mock)
}

fn asking(provider: &str) -> Asking {
    Asking {
        provider: provider.to_owned(),
        origin: ORIGIN.to_owned(),
        kind: SessionKind::Tokens,
        restore: false,
    }
}

/// What a browser brings back that kept its cookie.
pub(super) fn answered(away: &Away, back: &Back) -> Answered {
    Answered {
        provider: "clinic".to_owned(),
        code: secret(&back.code),
        state: secret(&back.state),
        iss: Some(back.iss.clone()),
        cookie: Some(away.cookie.clone()),
        device: None,
    }
}

pub(super) fn code_of<T>(result: &Result<T, IdentityError>) -> &'static str {
    result.as_ref().err().map_or("", |error| kernel::Coded::code(error).code)
}

impl Bed {
    pub(super) fn seconds(&self) -> i64 {
        self.env.now().as_seconds()
    }

    pub(super) async fn away(&self) -> Away {
        self.identity.ask_provider(&self.nobody(), &asking("clinic")).await.unwrap()
    }

    pub(super) async fn back(&self, answered: &Answered) -> Result<Vouched, IdentityError> {
        self.identity.log_in_by_provider(&self.nobody(), TENANT, answered).await
    }

    /// Comes back with whatever the provider is made to say.
    pub(super) async fn told_by(
        &self,
        mock: &Mock,
        change: impl FnOnce(&mut Value),
    ) -> Result<Vouched, IdentityError> {
        let away = self.away().await;
        let mut claims = mock.claims(&away.address, "ana-there", self.seconds());
        change(&mut claims);
        self.back(&answered(&away, &mock.log_in_as(&away.address, &claims))).await
    }

    pub(super) async fn by_provider(&self, mock: &Mock, person: &str) -> Vouched {
        let away = self.away().await;
        let back = mock.log_in(&away.address, person, self.seconds());
        self.back(&answered(&away, &back)).await.unwrap()
    }

    pub(super) fn newcomer(new: NewHere) -> ProviderRegistration {
        ProviderRegistration {
            ticket: new.ticket,
            display_name: None,
            consents: GivenConsents { terms: true, ..GivenConsents::default() },
            use_email: false,
            invite: None,
            kind: SessionKind::Tokens,
        }
    }

    /// Someone new, whose account is opened by one at the provider.
    pub(super) async fn new_by_provider(&self, mock: &Mock, person: &str) -> Login {
        let new = Self::newcomer(new_here(self.by_provider(mock, person).await));
        self.identity.register_by_provider(&self.nobody(), TENANT, &new).await.unwrap()
    }

    pub(super) async fn is_in(&self, login: &Login) -> bool {
        match &login.credentials {
            Credentials::Tokens(tokens) => self.bearer(&tokens.access).await.is_ok(),
            Credentials::Cookie { value, .. } => self.cookie(value).await.is_ok(),
        }
    }

    pub(super) async fn person_of(&self, login: &Login) -> Person {
        match &login.credentials {
            Credentials::Tokens(tokens) => self.bearer(&tokens.access).await.unwrap(),
            Credentials::Cookie { value, .. } => self.cookie(value).await.unwrap(),
        }
    }

    /// Connects an account at the provider with that of this person.
    async fn link(
        &self,
        mock: &Mock,
        person: &Person,
        there: &str,
    ) -> Result<uuid::Uuid, IdentityError> {
        let ctx = self.by(person.clone());
        let away = self.identity.begin_link(&ctx, &asking("clinic")).await?;
        let back = mock.log_in(&away.address, there, self.seconds());
        Ok(self.identity.link(&ctx, &answered(&away, &back), false).await?.id)
    }
}

impl Bed {
    /// The changes that people are written to about, in their order.
    async fn changes_told(&self) -> Vec<Change> {
        let letters: Vec<Payload> =
            self.db.all(&LETTERS, params![crate::LETTER_TOPIC]).await.unwrap();
        letters
            .iter()
            .map(|row| serde_json::from_str::<crate::AskedLetter>(&row.payload).unwrap())
            .filter(|asked| asked.kind == LetterKind::FactorChanged)
            .map(|asked| asked.change.unwrap())
            .collect()
    }
}

/// What is made of a good token.
type Lie = fn(&mut Value);

pub(super) fn new_here(vouched: Vouched) -> NewHere {
    match vouched {
        Vouched::New(new) => new,
        Vouched::Known(_) => panic!("known"),
    }
}

pub(super) fn logged_in(vouched: Vouched) -> Login {
    match vouched {
        Vouched::Known(Entered::LoggedIn(login)) => *login,
        Vouched::Known(Entered::FactorNeeded(_)) => panic!("a second factor is needed"),
        Vouched::New(_) => panic!("new"),
    }
}

db_test!(someone_new_agrees_to_the_terms_and_is_recognised_from_then_on, schema(), |db| {
    let (bed, mock) = with_clinic(db).await;
    let away = bed.away().await;
    assert!(away.address.starts_with(&format!("{}/authorize?", mock.issuer())));
    assert!(
        away.address.contains("redirect_uri=https%3A%2F%2Fsalus.example%2Flogin%2Freturn%2Fclinic")
    );
    let mut claims = mock.claims(&away.address, "ana-there", bed.seconds());
    claims["email"] = "ana@example.org".into();
    claims["email_verified"] = true.into();
    claims["name"] = "Ana".into();
    let back = mock.log_in_as(&away.address, &claims);
    let new = new_here(bed.back(&answered(&away, &back)).await.unwrap());
    assert_eq!(new.name.as_ref().unwrap().expose(), "Ana");
    assert_eq!(new.email.as_ref().unwrap().expose(), "ana@example.org");

    let mut registration = Bed::newcomer(new);
    registration.consents.terms = false;
    let refused = bed.identity.register_by_provider(&bed.nobody(), TENANT, &registration).await;
    assert_eq!(code_of(&refused), "TERMS_REQUIRED");
    registration.consents.terms = true;
    registration.use_email = true;
    let made = bed.identity.register_by_provider(&bed.nobody(), TENANT, &registration).await;
    let made = made.unwrap();
    assert_eq!(made.account.email.as_ref().unwrap().expose(), "ana@example.org");
    let again = bed.identity.register_by_provider(&bed.nobody(), TENANT, &registration).await;
    assert_eq!(code_of(&again), "OIDC_TAKEN", "one account for one ticket");

    let login = logged_in(bed.by_provider(&mock, "ana-there").await);
    assert_eq!(login.account.subject, made.account.subject);
    let person = bed.person_of(&login).await;
    assert_eq!(person.acr, Acr::Single);
    let told = bed.told().await;
    assert!(
        told.iter()
            .any(|(action, outcome, _)| action == "identity.account.register"
                && *outcome == "success")
    );
    bed.close();
});

db_test!(an_address_that_a_provider_names_opens_no_account, schema(), |db| {
    let (bed, mock) = with_clinic(db).await;
    let email = LoginName::email("ana@example.org").unwrap();
    bed.identity.register(&bed.nobody(), TENANT, registration(email)).await.unwrap();
    let ana = bed.log_in("ana@example.org").await.unwrap().0.account.subject;
    let vouched = bed
        .told_by(&mock, |claims| {
            claims["sub"] = "mallory-there".into();
            claims["email"] = "ana@example.org".into();
            claims["email_verified"] = true.into();
            claims["preferred_username"] = "ana@example.org".into();
        })
        .await;
    let mut registration = Bed::newcomer(new_here(vouched.unwrap()));
    registration.use_email = true;
    let made = bed.identity.register_by_provider(&bed.nobody(), TENANT, &registration).await;
    let mallory = made.unwrap().account.subject;
    assert_ne!(mallory, ana);
    let still = bed.log_in("ana@example.org").await.unwrap().0.account.subject;
    assert_eq!(still, ana, "the name to log in with is still hers");
    bed.close();
});

db_test!(
    what_a_provider_did_not_sign_for_us_now_and_for_this_question_counts_not,
    schema(),
    |db| {
        let (bed, mock) = with_clinic(db).await;
        bed.new_by_provider(&mock, "ana-there").await;
        let lies: [(&str, Lie); 11] = [
            ("iss", |claims| claims["iss"] = "https://evil.example".into()),
            ("aud", |claims| claims["aud"] = "another program".into()),
            ("auds", |claims| claims["aud"] = json!([oidcmock::CLIENT, "another program"])),
            ("azp", |claims| claims["azp"] = "another program".into()),
            ("nonce", |claims| claims["nonce"] = "of another browser".into()),
            ("no nonce", |claims| claims["nonce"] = Value::Null),
            ("exp", |claims| claims["exp"] = (claims["iat"].as_i64().unwrap() - 120).into()),
            ("iat", |claims| claims["iat"] = (claims["iat"].as_i64().unwrap() + 120).into()),
            ("old", |claims| claims["iat"] = (claims["iat"].as_i64().unwrap() - 720).into()),
            ("nbf", |claims| claims["nbf"] = (claims["iat"].as_i64().unwrap() + 120).into()),
            ("sub", |claims| claims["sub"] = "".into()),
        ];
        for (name, lie) in lies {
            assert_eq!(code_of(&bed.told_by(&mock, lie).await), "OIDC_REFUSED", "{name}");
        }
        assert!(bed.told_by(&mock, |_| {}).await.is_ok());
        let told = bed.told().await;
        let refused = ("identity.session.login".to_owned(), "denied", "OIDC_REFUSED".to_owned());
        assert_eq!(told.iter().filter(|line| **line == refused).count(), lies.len());
        bed.close();
    }
);

/// A token whose header and signature are made by hand.
pub(super) fn by_hand(header: &Value, claims: &Value, signature: &[u8]) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", part(header), part(claims), URL_SAFE_NO_PAD.encode(signature))
}

db_test!(a_token_does_not_choose_how_it_is_checked, schema(), |db| {
    let (bed, mock) = with_clinic(db).await;
    let stranger = Mock::start();
    stranger.add_key(Algorithm::ES256, "theirs");
    let mut tried = Vec::new();
    let make: [fn(&Mock, &Mock, &Value) -> String; 7] = [
        |_, _, claims| by_hand(&json!({ "alg": "none" }), claims, b""),
        |_, _, claims| by_hand(&json!({ "alg": "none", "kid": "first" }), claims, b""),
        |_, _, claims| {
            // Signed with what everybody knows.
            let key = jsonwebtoken::EncodingKey::from_secret(oidcmock::SECRET.as_bytes());
            let mut header = jsonwebtoken::Header::new(Algorithm::HS256);
            header.kid = Some("first".to_owned());
            jsonwebtoken::encode(&header, claims, &key).unwrap()
        },
        |_, stranger, claims| stranger.token(claims),
        |_, stranger, claims| {
            let mut header = Header::new(Algorithm::ES256);
            header.kid = Some("first".to_owned());
            stranger.token_under(&header, claims)
        },
        |mock, _, claims| {
            let mut header = Header::new(Algorithm::ES256);
            header.kid = Some("first".to_owned());
            header.crit = Some(vec!["b64".to_owned()]);
            mock.token_under(&header, claims)
        },
        |mock, _, claims| {
            let token = mock.token(claims);
            let (rest, _) = token.rsplit_once('.').unwrap();
            format!("{rest}.AAAA")
        },
    ];
    for (nth, make) in make.into_iter().enumerate() {
        let away = bed.away().await;
        let claims = mock.claims(&away.address, "ana-there", bed.seconds());
        let back = mock.give(&away.address, make(&mock, &stranger, &claims));
        tried.push((nth, code_of(&bed.back(&answered(&away, &back)).await)));
    }
    assert!(tried.iter().all(|(_, code)| *code == "OIDC_REFUSED"), "{tried:?}");
    for (algorithm, kid) in [(Algorithm::EdDSA, "second"), (Algorithm::RS256, "third")] {
        mock.add_key(algorithm, kid);
        bed.clock.forward(Duration::from_secs(61));
        assert!(bed.told_by(&mock, |_| {}).await.is_ok(), "{algorithm:?}");
    }
    bed.close();
});

db_test!(an_answer_counts_once_in_the_browser_that_asked_and_for_ten_minutes, schema(), |db| {
    let (bed, mock) = with_clinic(db).await;
    bed.new_by_provider(&mock, "ana-there").await;
    let come = async || {
        let away = bed.away().await;
        let back = mock.log_in(&away.address, "ana-there", bed.seconds());
        (answered(&away, &back), away)
    };
    let (mine, _) = come().await;
    let (other, _) = come().await;
    // The cookie of another browser, or none: an attacker's answer in my browser.
    let foreign = Answered { cookie: other.cookie.clone(), ..come().await.0 };
    assert_eq!(code_of(&bed.back(&foreign).await), "OIDC_LATE");
    let none = Answered { cookie: None, ..come().await.0 };
    assert_eq!(code_of(&bed.back(&none).await), "OIDC_LATE");
    let made_up = Answered { state: secret("made up"), ..come().await.0 };
    assert_eq!(code_of(&bed.back(&made_up).await), "OIDC_LATE");
    // Once, whatever comes of it; the provider is not asked a second time.
    logged_in(bed.back(&mine).await.unwrap());
    let asked = mock.asked_for_tokens();
    assert_eq!(code_of(&bed.back(&mine).await), "OIDC_LATE");
    assert_eq!(mock.asked_for_tokens(), asked);
    let wrong = Answered { code: secret("made up"), ..other };
    assert_eq!(code_of(&bed.back(&wrong).await), "OIDC_REFUSED");
    let (late, _) = come().await;
    bed.clock.forward(Duration::from_mins(10));
    assert_eq!(code_of(&bed.back(&late).await), "OIDC_LATE");
    bed.close();
});

db_test!(an_answer_counts_once_on_all_processes_together, schema(), |db| {
    let (bed, mock) = with_clinic(db).await;
    let away = bed.away().await;
    let back = mock.log_in(&away.address, "ana-there", bed.seconds());
    let other = bed.other_process(db).await.again(vouched_by(&[("clinic", &mock)])).await;
    let answer = answered(&away, &back);
    let (one, two) = tokio::join!(bed.back(&answer), other.back(&answer));
    assert_eq!([one.is_ok(), two.is_ok()].into_iter().filter(|ok| *ok).count(), 1);
    other.close();
    bed.close();
});

db_test!(a_code_of_one_provider_is_not_shown_to_another, schema(), |db| {
    let (honest, evil) = (Mock::start(), Mock::start());
    let config = vouched_by(&[("clinic", &honest), ("evil", &evil)]);
    let bed = Bed::on(db).await.again(config).await;
    let away = bed.away().await;
    let back = honest.log_in(&away.address, "ana-there", bed.seconds());
    // The browser is made to believe that it comes back from elsewhere.
    let elsewhere = Answered { provider: "evil".to_owned(), ..answered(&away, &back) };
    assert_eq!(code_of(&bed.back(&elsewhere).await), "OIDC_LATE");
    let named = Answered { iss: Some(evil.issuer().to_owned()), ..answered(&away, &back) };
    assert_eq!(code_of(&bed.back(&named).await), "OIDC_REFUSED");
    // One that names itself always does.
    let away = bed.away().await;
    let back = honest.log_in(&away.address, "ana-there", bed.seconds());
    let unnamed = Answered { iss: None, ..answered(&away, &back) };
    assert_eq!(code_of(&bed.back(&unnamed).await), "OIDC_REFUSED");
    assert_eq!((honest.asked_for_tokens(), evil.asked_for_tokens()), (0, 0));
    bed.close();
});

db_test!(the_same_name_at_two_providers_is_two_people, schema(), |db| {
    let (one, two) = (Mock::start(), Mock::start());
    let bed = Bed::on(db).await.again(vouched_by(&[("clinic", &one), ("other", &two)])).await;
    bed.new_by_provider(&one, "1234").await;
    let away = bed.identity.ask_provider(&bed.nobody(), &asking("other")).await.unwrap();
    let back = two.log_in(&away.address, "1234", bed.seconds());
    let answer = Answered { provider: "other".to_owned(), ..answered(&away, &back) };
    new_here(bed.back(&answer).await.unwrap());
    bed.close();
});

db_test!(keys_that_nobody_knows_make_us_ask_once_a_minute, schema(), |db| {
    let (bed, mock) = with_clinic(db).await;
    let token = |kid: &str, now: i64| {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(kid.to_owned());
        mock.token_under(&header, &mock.claims("http://none", "ana-there", now))
    };
    for number in 0..20 {
        let away = bed.away().await;
        let back = mock.give(&away.address, token(&format!("made-up-{number}"), bed.seconds()));
        assert_eq!(code_of(&bed.back(&answered(&away, &back)).await), "OIDC_REFUSED");
    }
    assert_eq!(mock.asked_for_keys(), 1);
    mock.add_key(Algorithm::ES256, "second");
    assert_eq!(code_of(&bed.told_by(&mock, |_| {}).await), "OIDC_REFUSED", "not asked yet");
    bed.clock.forward(Duration::from_secs(61));
    assert!(bed.told_by(&mock, |_| {}).await.is_ok(), "a key that is new is found");
    assert_eq!(mock.asked_for_keys(), 2);
    bed.close();
});

db_test!(a_provider_that_does_not_answer_is_left_alone_and_nobody_else_suffers, schema(), |db| {
    let (bed, mock) = with_clinic(db).await;
    mock.be_down(true);
    for _ in 0..4 {
        let refused = bed.identity.ask_provider(&bed.nobody(), &asking("clinic")).await;
        assert_eq!(code_of(&refused), "OIDC_UNREACHABLE");
    }
    bed.register("ana").await;
    mock.be_down(false);
    let resting = bed.identity.ask_provider(&bed.nobody(), &asking("clinic")).await;
    assert_eq!(code_of(&resting), "OIDC_UNREACHABLE");
    bed.clock.forward(Duration::from_secs(31));
    new_here(bed.by_provider(&mock, "ana-there").await);
    // What it said of itself counts on for a day.
    mock.be_down(true);
    bed.clock.forward(Duration::from_hours(2));
    assert!(bed.identity.ask_provider(&bed.nobody(), &asking("clinic")).await.is_ok());
    let nowhere = bed.identity.ask_provider(&bed.nobody(), &asking("nowhere")).await;
    assert_eq!(code_of(&nowhere), "NOT_FOUND");
    bed.close();
});

db_test!(
    whoever_has_a_second_factor_is_asked_for_it_and_a_closed_account_stays_closed,
    schema(),
    |db| {
        let (bed, mock) = with_clinic(db).await;
        let login = bed.new_by_provider(&mock, "ana-there").await;
        let person = bed.person_of(&login).await;
        bed.with_app(&person).await;
        match bed.by_provider(&mock, "ana-there").await {
            Vouched::Known(Entered::FactorNeeded(needed)) => assert_eq!(needed.kinds.len(), 2),
            _ => panic!("not asked"),
        }
        let ben = bed.new_by_provider(&mock, "ben-there").await;
        let ben = bed.by(bed.person_of(&ben).await);
        bed.identity.close_account(&ben, None).await.unwrap();
        let away = bed.away().await;
        let back = mock.log_in(&away.address, "ben-there", bed.seconds());
        assert_eq!(code_of(&bed.back(&answered(&away, &back)).await), "ACCOUNT_CLOSED");
        let restoring = Asking { restore: true, ..asking("clinic") };
        let away = bed.identity.ask_provider(&bed.nobody(), &restoring).await.unwrap();
        let back = mock.log_in(&away.address, "ben-there", bed.seconds());
        logged_in(bed.back(&answered(&away, &back)).await.unwrap());
        bed.close();
    }
);

db_test!(an_account_is_connected_only_by_its_person_in_the_log_in_that_began_it, schema(), |db| {
    let (bed, mock) = with_clinic(db).await;
    let (_, tokens) = bed.register("ana").await;
    let ana = bed.bearer(&tokens.access).await.unwrap();
    let (_, tokens) = bed.register("ben").await;
    let ben = bed.bearer(&tokens.access).await.unwrap();
    let ctx = bed.by(ana.clone());
    let away = bed.identity.begin_link(&ctx, &asking("clinic")).await.unwrap();
    let back = mock.log_in(&away.address, "ana-there", bed.seconds());
    let answer = answered(&away, &back);
    // In someone else's log-in, in another one of hers, or as a log-in.
    let other = bed.identity.link(&bed.by(ben.clone()), &answer, false).await;
    assert_eq!(code_of(&other), "OIDC_LATE");
    let elsewhere =
        Person { session: SessionId::from_uuid(uuid::Uuid::from_u128(9)), ..ana.clone() };
    let elsewhere = bed.identity.link(&bed.by(elsewhere), &answer, false).await;
    assert_eq!(code_of(&elsewhere), "OIDC_LATE");
    assert_eq!(code_of(&bed.back(&answer).await), "OIDC_LATE");
    let own = bed.identity.link(&ctx, &answer, false).await.unwrap();
    assert_eq!((own.provider.as_deref(), own.name.as_str()), (Some("clinic"), "Our clinic"));

    let login = logged_in(bed.by_provider(&mock, "ana-there").await);
    assert_eq!(login.account.subject, ana.subject);
    assert_eq!(code_of(&bed.link(&mock, &ben, "ana-there").await), "OIDC_TAKEN");
    bed.clock.forward(Duration::from_mins(11));
    let stale = bed.identity.begin_link(&bed.by(ben), &asking("clinic")).await;
    assert_eq!(code_of(&stale), "STEP_UP_REQUIRED");
    bed.close();
});

statements! { "identity.tests.providers";
    LETTERS = "SELECT payload FROM outbox WHERE topic = $1 ORDER BY id";
    ROWS = "SELECT user_id, account, subject_index FROM linked_logins";
}

row! {
    struct Payload {
        payload: String,
    }
}

db_test!(
    what_is_connected_is_seen_told_and_taken_away_but_not_as_the_last_way_in,
    schema(),
    |db| {
        let (bed, mock) = with_clinic(db).await;
        let (_, tokens) = bed.register("ana").await;
        let ana = bed.bearer(&tokens.access).await.unwrap();
        let id = bed.link(&mock, &ana, "ana-there").await.unwrap();
        let ctx = bed.by(ana.clone());
        let own = bed.identity.links(&ctx).await.unwrap();
        assert_eq!(own.iter().map(|own| own.id).collect::<Vec<_>>(), [id]);
        let (_, tokens) = bed.register("ben").await;
        let ben = bed.by(bed.bearer(&tokens.access).await.unwrap());
        assert_eq!(code_of(&bed.identity.unlink(&ben, id, false).await), "NOT_FOUND");
        bed.identity.unlink(&ctx, id, false).await.unwrap();
        assert!(bed.identity.links(&ctx).await.unwrap().is_empty());
        new_here(bed.by_provider(&mock, "ana-there").await);

        let changes = [Change::ProviderLinked, Change::ProviderUnlinked];
        assert_eq!(bed.changes_told().await, changes);
        let told = bed.told().await;
        for action in
            ["identity.provider.link", "identity.provider.unlink", "identity.provider.list"]
        {
            assert!(told.iter().any(|(name, outcome, _)| name == action && *outcome == "success"));
        }

        let carl = bed.new_by_provider(&mock, "carl-there").await;
        let carl = bed.by(bed.person_of(&carl).await);
        let only = bed.identity.links(&carl).await.unwrap()[0].id;
        assert_eq!(code_of(&bed.identity.unlink(&carl, only, false).await), "LAST_WAY_IN");
        // A password without a name to log in with opens nothing.
        bed.identity
            .change_password(&carl, None, &password("three goats on a hill"))
            .await
            .unwrap();
        assert_eq!(code_of(&bed.identity.unlink(&carl, only, false).await), "LAST_WAY_IN");
        assert_eq!(bed.identity.links(&carl).await.unwrap().len(), 1);
        bed.close();
    }
);

db_test!(
    who_came_by_a_provider_chooses_a_name_and_a_password_and_needs_it_no_more,
    schema(),
    |db| {
        let (bed, mock) = with_clinic(db).await;
        bed.register("ben").await;
        let login = bed.new_by_provider(&mock, "ana-there").await;
        let ana = bed.by(bed.person_of(&login).await);
        let other = logged_in(bed.by_provider(&mock, "ana-there").await);
        assert!(bed.is_in(&other).await);
        let name = |text: &str| LoginName::username(text).unwrap();
        let choose = async |ctx: &Ctx, text: &str| {
            bed.identity.choose_username(ctx, &name(text), false).await
        };
        assert_eq!(code_of(&choose(&ana, "BEN").await), "USERNAME_EXISTS");
        choose(&ana, "Ana").await.unwrap();
        assert_eq!(code_of(&choose(&ana, "anna").await), "USERNAME_KEPT");
        let word = "three goats on a hill";
        let request = login_request("ana", word);
        assert_eq!(code_of(&bed.entered(&request).await), "LOGIN_FAILED", "a name is no way in");
        bed.identity.change_password(&ana, None, &password(word)).await.unwrap();
        let entered = bed.entered(&request).await.unwrap();
        assert_eq!(entered.account.subject, login.account.subject);
        assert_eq!(entered.account.username.unwrap().expose(), "Ana");
        let id = bed.identity.links(&ana).await.unwrap()[0].id;
        bed.identity.unlink(&ana, id, false).await.unwrap();
        assert!(bed.entered(&request).await.is_ok());
        new_here(bed.by_provider(&mock, "ana-there").await);

        let changes = [Change::UsernameChosen, Change::PasswordChanged, Change::ProviderUnlinked];
        assert_eq!(bed.changes_told().await, changes);
        assert!(!bed.is_in(&other).await, "other devices are logged out");
        let told = bed.told().await;
        for (outcome, code) in
            [("success", ""), ("denied", "USERNAME_EXISTS"), ("denied", "USERNAME_KEPT")]
        {
            let line = ("identity.username.choose".to_owned(), outcome, code.to_owned());
            assert!(told.contains(&line), "{line:?}");
        }
        bed.close();
    }
);

db_test!(a_name_is_chosen_with_a_fresh_proof_and_one_at_a_time, schema(), |db| {
    let (bed, mock) = with_clinic(db).await;
    let name = |text: &str| LoginName::username(text).unwrap();
    let ana = bed.new_by_provider(&mock, "ana-there").await;
    let ana = bed.by(bed.person_of(&ana).await);
    let (first, second) = (name("first"), name("second"));
    let both = tokio::join!(
        bed.identity.choose_username(&ana, &first, true),
        bed.identity.choose_username(&ana, &second, true),
    );
    let codes = [code_of(&both.0), code_of(&both.1)];
    assert!(codes == ["", "USERNAME_KEPT"] || codes == ["USERNAME_KEPT", ""], "{codes:?}");
    let ben = bed.new_by_provider(&mock, "ben-there").await;
    let ben = bed.by(bed.person_of(&ben).await);
    bed.clock.forward(Duration::from_mins(11));
    let refused = bed.identity.choose_username(&ben, &name("ben"), true).await;
    assert_eq!(code_of(&refused), "STEP_UP_REQUIRED");
    bed.close();
});

db_test!(a_provider_shows_again_that_it_is_you_where_there_is_nothing_surer, schema(), |db| {
    let (bed, mock) = with_clinic(db).await;
    let login = bed.new_by_provider(&mock, "ana-there").await;
    let ana = bed.person_of(&login).await;
    let ctx = bed.by(ana.clone());
    bed.clock.forward(Duration::from_mins(11));
    assert_eq!(code_of(&bed.identity.begin_totp(&ctx).await), "STEP_UP_REQUIRED");
    let confirm = async |person: &str, since: i64| {
        let away = bed.identity.begin_confirm(&ctx, &asking("clinic")).await?;
        assert!(away.address.contains("prompt=login") && away.address.contains("max_age=0"));
        let mut claims = mock.claims(&away.address, person, bed.seconds());
        claims["auth_time"] = (bed.seconds() - since).into();
        let back = mock.log_in_as(&away.address, &claims);
        bed.identity.confirm_by_provider(&ctx, &answered(&away, &back)).await
    };
    assert_eq!(code_of(&confirm("ana-there", 600).await), "OIDC_REFUSED", "an old log-in there");
    assert_eq!(code_of(&confirm("someone-else", 0).await), "OIDC_OTHER");
    let stepped = confirm("ana-there", 0).await.unwrap();
    assert_eq!(stepped.acr, Acr::Single);
    let StepUpCredential::Token(token) = stepped.shown else { panic!("a cookie") };
    let fresh = bed.bearer(&token).await.unwrap();
    assert!(bed.identity.begin_totp(&bed.by(fresh.clone())).await.is_ok());
    bed.with_app(&fresh).await;
    let refused = bed.identity.begin_confirm(&bed.by(fresh), &asking("clinic")).await;
    assert_eq!(code_of(&refused), "STEP_UP_REQUIRED", "a provider is no second factor");
    bed.close();
});

/// The same token, signed by `(r, n - s)`.
fn other_signature(token: &str) -> String {
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
        0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut borrow = 0_i16;
    for place in (0..32).rev() {
        let left = i16::from(ORDER[place]) - i16::from(bytes[32 + place]) - borrow;
        borrow = i16::from(left < 0);
        bytes[32 + place] = u8::try_from(left.rem_euclid(256)).unwrap();
    }
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(bytes))
}

db_test!(a_token_of_an_app_counts_once_and_only_if_it_was_made_for_it, schema(), |db| {
    let mock = Mock::start();
    let bed = Bed::on(db).await.again(vouched_by(&[("google", &mock)])).await;
    let given = |token: String, nonce: Option<&str>| AppToken {
        provider: "google",
        token: Secret::new(token),
        nonce: nonce.map(str::to_owned),
        kind: SessionKind::Tokens,
        restore: false,
        device: None,
    };
    let enter =
        async |given: AppToken| bed.identity.log_in_by_token(&bed.nobody(), TENANT, &given).await;
    let claims = |change: fn(&mut Value)| {
        let mut claims = mock.claims("http://none", "ana-there", bed.seconds());
        change(&mut claims);
        mock.token(&claims)
    };
    let good = claims(|_| {});
    let new = Bed::newcomer(new_here(enter(given(good.clone(), None)).await.unwrap()));
    bed.identity.register_by_provider(&bed.nobody(), TENANT, &new).await.unwrap();
    // Once, also with the other signature that each has on this curve.
    let other = other_signature(&good);
    assert_ne!(other, good);
    for again in [good, other] {
        assert_eq!(code_of(&enter(given(again, None)).await), "OIDC_LATE");
    }
    let app = |claims: &mut Value| claims["aud"] = "salus-on-a-telephone".into();
    logged_in(enter(given(claims(app), None)).await.unwrap());
    let with_nonce = |claims: &mut Value| {
        claims["nonce"] = "mine".into();
        claims["jti"] = 1.into();
    };
    assert_eq!(code_of(&enter(given(claims(with_nonce), None)).await), "OIDC_REFUSED");
    assert_eq!(code_of(&enter(given(claims(with_nonce), Some("other"))).await), "OIDC_REFUSED");
    logged_in(enter(given(claims(with_nonce), Some("mine"))).await.unwrap());
    let foreign = |claims: &mut Value| claims["aud"] = "another app".into();
    assert_eq!(code_of(&enter(given(claims(foreign), None)).await), "OIDC_REFUSED");
    for nonsense in ["", "a.b.c", &"x".repeat(20_000)] {
        assert_eq!(code_of(&enter(given(nonsense.to_owned(), None)).await), "OIDC_REFUSED");
    }
    bed.close();
});

db_test!(sign_up_modes_hold_for_those_who_come_by_a_provider, schema(), |db| {
    let mock = Mock::start();
    let closed = IdentityConfig { sign_up: SignUp::Closed, ..vouched_by(&[("clinic", &mock)]) };
    let bed = Bed::on(db).await.again(closed).await;
    assert_eq!(code_of(&bed.told_by(&mock, |_| {}).await), "SIGN_UP_CLOSED");
    let invited =
        IdentityConfig { sign_up: SignUp::InviteOnly, ..vouched_by(&[("clinic", &mock)]) };
    let bed = bed.again(invited).await;
    let mut new = Bed::newcomer(new_here(bed.told_by(&mock, |_| {}).await.unwrap()));
    let refused = bed.identity.register_by_provider(&bed.nobody(), TENANT, &new).await;
    assert_eq!(code_of(&refused), "INVALID_INVITE");
    let wanted = crate::NewInvite {
        roles: kernel::RoleSet::of(&[kernel::Role::Premium]),
        life: Duration::from_hours(24),
        max_uses: 1,
        note: None,
        email: None,
    };
    let made = bed.identity.create_invite(&bed.operator(), TENANT, wanted).await.unwrap();
    new.invite = Some(made.1);
    let login = bed.identity.register_by_provider(&bed.nobody(), TENANT, &new).await.unwrap();
    assert!(login.account.roles.contains(kernel::Role::Premium));
    bed.close();
});

db_test!(the_database_tells_nobody_who_somebody_is_elsewhere, schema(), |db| {
    let (bed, mock) = with_clinic(db).await;
    bed.new_by_provider(&mock, "ana-there").await;
    let plain = digest(&SHA256, format!("{}\nana-there", mock.issuer()).as_bytes());
    let rows: Vec<Linked> = bed.db.all(&ROWS, params![]).await.unwrap();
    let [row] = rows.as_slice() else { panic!("one row") };
    for bytes in [row.account.as_slice(), row.subject_index.as_slice()] {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("ana-there") && !text.contains("127.0.0.1"), "{text}");
        assert!(!bytes.windows(16).any(|window| plain.as_ref().starts_with(window)));
    }
    assert!(row.user_id != UserId::from_uuid(uuid::Uuid::nil()).as_uuid());
    bed.close();
});

db_test!(accounts_elsewhere_are_found_while_the_key_of_their_indexes_rotates, schema(), |db| {
    let (bed, mock) = with_clinic(db).await;
    let ana = bed.new_by_provider(&mock, "ana-there").await.account.subject;
    let ben = bed.new_by_provider(&mock, "ben-there").await.account.subject;
    let indexes = async || {
        let rows: Vec<Linked> = bed.db.all(&ROWS, params![]).await.unwrap();
        rows.into_iter().map(|row| (row.user_id, row.subject_index)).collect::<BTreeMap<_, _>>()
    };
    let before = indexes().await;
    bed.vault.rotate(Target::Index(TENANT), Start::Now).await.unwrap();
    let who = async |person| logged_in(bed.by_provider(&mock, person).await).account.subject;
    assert_eq!((who("ana-there").await, who("ben-there").await), (ana, ben), "by the old key");
    assert_eq!(bed.reindex(1).await, Reindexed { moved: 4, left: 0 });
    assert_eq!(bed.reindex(10).await, Reindexed::default());
    let after = indexes().await;
    assert!(before.iter().all(|(user, index)| after[user] != *index), "under the new key");
    assert_eq!((who("ana-there").await, who("ben-there").await), (ana, ben), "by the new key");
    bed.close();
});

row! {
    struct Linked {
        user_id: uuid::Uuid,
        account: Vec<u8>,
        subject_index: [u8; 32],
    }
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let check = |id: &str, change: fn(&mut ProviderConfig)| {
        let mut config = ProviderConfig {
            issuer: Some("https://id.example".to_owned()),
            name: None,
            client_id: "salus".to_owned(),
            client_secret: None,
            client_secret_file: None,
            apps: Vec::new(),
            local: false,
        };
        change(&mut config);
        crate::providers::Providers::new(&BTreeMap::from([(id.to_owned(), config)])).is_ok()
    };
    assert!(check("clinic", |_| {}));
    assert!(check("google", |config| config.issuer = None));
    assert!(check("local", |config| {
        config.issuer = Some("http://127.0.0.1:9/o".to_owned());
        config.local = true;
    }));
    assert!(!check("clinic", |config| config.issuer = None));
    assert!(!check("clinic", |config| config.issuer = Some("http://127.0.0.1:9".to_owned())));
    assert!(!check("clinic", |config| config.issuer = Some("https://id.example?a".to_owned())));
    assert!(!check("clinic", |config| config.client_id = String::new()));
    assert!(!check("My Clinic", |_| {}));
}
