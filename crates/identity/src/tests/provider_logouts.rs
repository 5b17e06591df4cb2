//! Log-ins that end because their person is logged out at the provider.

use super::{
    bed::{Bed, TENANT, schema},
    factors::typed,
    providers::{answered, by_hand, code_of, logged_in, new_here, secret, with_clinic},
};
use crate::{Entered, IdentityError, Login, RecoveryCode, Reindexed, SecondFactor, Vouched};
use db::{db_test, params, row, statements};
use kernel::Secret;
use oidcmock::{Algorithm, Header, Mock};
use serde_json::{Value, json};
use std::time::Duration;
use vault::{Start, Target};

const REFUSED: &str = "LOGOUT_TOKEN_INVALID";

statements! { "identity.tests.provider_logouts";
    KEPT = "SELECT account, subject_index, sid_index FROM provider_sessions";
}

row! {
    struct Kept {
        account: Vec<u8>,
        subject_index: Vec<u8>,
        sid_index: Option<Vec<u8>>,
    }
}

/// What is made of a good token.
type Lie = fn(&mut Value);

impl Bed {
    async fn logs_out(&self, token: &str) -> Result<(), IdentityError> {
        let said = ("clinic", &secret(token));
        self.identity.log_out_by_provider(&self.nobody(), TENANT, said).await
    }

    /// The provider says that this person, or this log-in, is logged out there.
    async fn is_out(&self, mock: &Mock, sub: Option<&str>, sid: Option<&str>) {
        let claims = mock.logout_claims(sub, sid, self.seconds());
        self.logs_out(&mock.token(&claims)).await.unwrap();
    }

    /// Comes back with this log-in at the provider.
    async fn vouched_with(&self, mock: &Mock, person: &str, sid: &str) -> Vouched {
        let change = |claims: &mut Value| {
            claims["sub"] = person.into();
            claims["sid"] = sid.into();
        };
        self.told_by(mock, change).await.unwrap()
    }
}

db_test!(a_provider_ends_what_it_vouched_for_and_nothing_else, schema(), |db| {
    let (bed, mock) = with_clinic(db).await;
    let first = bed.new_by_provider(&mock, "ana-there").await;
    let one = logged_in(bed.vouched_with(&mock, "ana-there", "one").await);
    let two = logged_in(bed.vouched_with(&mock, "ana-there", "two").await);
    let ben = bed.new_by_provider(&mock, "ben-there").await;
    let (carl, tokens) = bed.register("carl").await;
    let states = async || {
        let mut states = Vec::new();
        for login in [&first, &one, &two, &ben, &carl] {
            states.push(bed.is_in(login).await);
        }
        states
    };
    assert!(bed.bearer(&tokens.access).await.is_ok());

    bed.is_out(&mock, None, Some("one")).await;
    assert_eq!(states().await, [true, false, true, true, true]);
    bed.is_out(&mock, Some("ben-there"), Some("two")).await;
    assert_eq!(states().await, [true, false, true, true, true], "both have to fit");
    bed.is_out(&mock, Some("ana-there"), None).await;
    assert_eq!(states().await, [false, false, false, true, true]);
    // Whoever is not known here hears the same as whoever is.
    bed.is_out(&mock, Some("nobody-there"), None).await;
    bed.is_out(&mock, None, Some("none")).await;
    bed.is_out(&mock, Some("ana-there"), None).await;
    let told = bed.told().await;
    let line = ("identity.session.logout_by_provider".to_owned(), "success", String::new());
    // Six that were asked for, and three log-ins that ended.
    assert_eq!(told.iter().filter(|told| **told == line).count(), 9);
    bed.close();
});

db_test!(a_log_in_that_a_provider_ends_is_over_in_every_process, schema(), |db| {
    let (bed, mock) = with_clinic(db).await;
    let login = bed.new_by_provider(&mock, "ana-there").await;
    let other = bed.other_process(db).await;
    assert!(other.is_in(&login).await);
    bed.is_out(&mock, Some("ana-there"), None).await;
    bed.clock.forward(Duration::from_millis(501));
    assert!(!other.is_in(&login).await);
    other.close();
    bed.close();
});

/// Signed with what the program and the provider share.
fn by_secret(claims: &Value) -> String {
    let key = jsonwebtoken::EncodingKey::from_secret(oidcmock::SECRET.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).unwrap()
}

db_test!(a_logout_token_that_does_not_hold_ends_nothing, schema(), |db| {
    let (bed, mock) = with_clinic(db).await;
    let stranger = Mock::start();
    let login = bed.new_by_provider(&mock, "ana-there").await;
    let good = || mock.logout_claims(Some("ana-there"), None, bed.seconds());
    let lies: [(&str, Lie); 10] = [
        ("iss", |claims| claims["iss"] = "https://evil.example".into()),
        ("aud", |claims| claims["aud"] = "another program".into()),
        ("auds", |claims| claims["aud"] = json!([oidcmock::CLIENT, "another program"])),
        ("nonce", |claims| claims["nonce"] = "of a log-in".into()),
        ("exp", |claims| claims["exp"] = (claims["iat"].as_i64().unwrap() - 120).into()),
        ("iat", |claims| claims["iat"] = (claims["iat"].as_i64().unwrap() + 120).into()),
        ("old", |claims| claims["iat"] = (claims["iat"].as_i64().unwrap() - 720).into()),
        ("events", |claims| claims["events"] = json!({})),
        ("jti", |claims| claims["jti"] = "".into()),
        ("nobody", |claims| claims["sub"] = Value::Null),
    ];
    for (name, lie) in lies {
        let mut claims = good();
        lie(&mut claims);
        assert_eq!(code_of(&bed.logs_out(&mock.token(&claims)).await), REFUSED, "{name}");
    }
    let mut of_first = Header::new(Algorithm::ES256);
    of_first.kid = Some("first".to_owned());
    let forged = [
        "not a token".to_owned(),
        stranger.token(&good()),
        stranger.token_under(&of_first, &good()),
        by_hand(&json!({ "alg": "none", "kid": "first" }), &good(), b""),
        by_secret(&good()),
        // One that logs someone in is none that logs them out.
        mock.token(&mock.claims("http://none", "ana-there", bed.seconds())),
    ];
    for (nth, token) in forged.iter().enumerate() {
        assert_eq!(code_of(&bed.logs_out(token).await), REFUSED, "{nth}");
    }
    let said = ("nobody", &secret(&mock.token(&good())));
    let refused = bed.identity.log_out_by_provider(&bed.nobody(), TENANT, said).await;
    assert_eq!(code_of(&refused), "NOT_FOUND");
    assert!(bed.is_in(&login).await);
    let told = bed.told().await;
    let refused = ("identity.session.logout_by_provider".to_owned(), "denied", REFUSED.to_owned());
    assert_eq!(told.iter().filter(|line| **line == refused).count(), 16);
    bed.close();
});

db_test!(a_logout_token_counts_once_on_all_processes_together, schema(), |db| {
    let (bed, mock) = with_clinic(db).await;
    bed.new_by_provider(&mock, "ana-there").await;
    let token = || mock.token(&mock.logout_claims(Some("ana-there"), None, bed.seconds()));
    let first = token();
    bed.logs_out(&first).await.unwrap();
    let later = logged_in(bed.by_provider(&mock, "ana-there").await);
    assert_eq!(code_of(&bed.logs_out(&first).await), REFUSED);
    assert!(bed.is_in(&later).await, "who logged in again stays");
    let second = token();
    let both = tokio::join!(bed.logs_out(&second), bed.logs_out(&second));
    assert!(both.0.is_ok() != both.1.is_ok(), "{both:?}");
    bed.close();
});

db_test!(half_a_log_in_is_ended_as_a_whole_one_is, schema(), |db| {
    let (bed, mock) = with_clinic(db).await;
    let ana = bed.new_by_provider(&mock, "ana-there").await;
    let (_, codes) = bed.with_app(&bed.person_of(&ana).await).await;
    let half = async |sid: &str| match bed.vouched_with(&mock, "ana-there", sid).await {
        Vouched::Known(Entered::FactorNeeded(needed)) => needed.ticket,
        Vouched::Known(Entered::LoggedIn(_)) | Vouched::New(_) => panic!("no factor is asked for"),
    };
    let finish = async |ticket: &Secret<String>, code: &RecoveryCode| -> Result<Login, _> {
        let factor = SecondFactor::Code(typed(code));
        bed.identity.log_in_with_factor(&bed.nobody(), ticket, &factor).await
    };
    let whole = finish(&half("one").await, &codes[0]).await.unwrap();
    let ticket = half("two").await;
    bed.is_out(&mock, None, Some("two")).await;
    assert_eq!(code_of(&finish(&ticket, &codes[1]).await), "LOGIN_TICKET_INVALID");
    assert!(bed.is_in(&whole).await);
    bed.is_out(&mock, None, Some("one")).await;
    assert!(!bed.is_in(&whole).await);
    bed.close();
});

db_test!(whoever_makes_an_account_by_a_provider_is_logged_out_by_it_too, schema(), |db| {
    let (bed, mock) = with_clinic(db).await;
    let new = Bed::newcomer(new_here(bed.vouched_with(&mock, "ana-there", "first").await));
    let login = bed.identity.register_by_provider(&bed.nobody(), TENANT, &new).await.unwrap();
    bed.is_out(&mock, None, Some("first")).await;
    assert!(!bed.is_in(&login).await);
    bed.close();
});

db_test!(a_logout_token_logs_nobody_in, schema(), |db| {
    let (bed, mock) = with_clinic(db).await;
    bed.new_by_provider(&mock, "ana-there").await;
    let away = bed.away().await;
    let mut claims = mock.claims(&away.address, "ana-there", bed.seconds());
    claims["events"] = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    let back = mock.log_in_as(&away.address, &claims);
    assert_eq!(code_of(&bed.back(&answered(&away, &back)).await), "OIDC_REFUSED");
    bed.close();
});

db_test!(the_database_tells_nobody_which_log_in_at_a_provider_it_was, schema(), |db| {
    let (bed, mock) = with_clinic(db).await;
    bed.new_by_provider(&mock, "canary-person").await;
    bed.vouched_with(&mock, "canary-person", "canary-sid").await;
    let rows: Vec<Kept> = bed.db.all(&KEPT, params![]).await.unwrap();
    assert_eq!(rows.len(), 2);
    for row in rows {
        let all = [row.account, row.subject_index, row.sid_index.unwrap_or_default()].concat();
        assert!(!String::from_utf8_lossy(&all).contains("canary"));
    }
    bed.close();
});

db_test!(a_provider_is_heard_while_the_key_of_the_indexes_rotates, schema(), |db| {
    let (bed, mock) = with_clinic(db).await;
    let first = bed.new_by_provider(&mock, "ana-there").await;
    bed.vault.rotate(Target::Index(TENANT), Start::Now).await.unwrap();
    let second = logged_in(bed.vouched_with(&mock, "ana-there", "two").await);
    bed.is_out(&mock, Some("ana-there"), None).await;
    assert!(!bed.is_in(&first).await && !bed.is_in(&second).await, "found by both keys");
    let third = logged_in(bed.vouched_with(&mock, "ana-there", "three").await);
    bed.vault.rotate(Target::Index(TENANT), Start::Now).await.unwrap();
    assert_eq!(bed.reindex(10).await, Reindexed { moved: 2, left: 0 });
    assert_eq!(bed.reindex(10).await, Reindexed::default());
    bed.is_out(&mock, None, Some("three")).await;
    assert!(!bed.is_in(&third).await);
    bed.close();
});

db_test!(what_is_kept_of_a_log_in_goes_when_it_is_over, schema(), |db| {
    let (bed, mock) = with_clinic(db).await;
    bed.new_by_provider(&mock, "ana-there").await;
    bed.clock.forward(Duration::from_hours(31 * 24));
    bed.identity.tidy_sessions(&bed.operator(), 10).await.unwrap();
    assert!(bed.db.all::<Kept>(&KEPT, params![]).await.unwrap().is_empty());
    bed.close();
});
