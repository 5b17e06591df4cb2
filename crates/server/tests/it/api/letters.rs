//! From a request to a letter in somebody's mail and back: the whole program with a mail server.

use crate::coverage::samples::emergency::as_responder;
use consent::emergency::{NewOverride, ReasonCode};
use db::{db_test, testing::TestDb};
use kernel::{Ctx, Env, Phi, Role, RoleSet, Subject, TenantId, UserId};
use serde_json::{Value, json};
use server::registry;
use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
};
use testkit::{ManualClock, PASSWORD, TestApp};
use vault::MemoryKms;

/// aiosmtpd, which ends with the test.
struct MailServer {
    child: Child,
    out: BufReader<ChildStdout>,
    port: u16,
}

impl MailServer {
    /// `None` where the test runner names no Python that has it.
    #[expect(clippy::disallowed_methods, reason = "the test runner says where Python is")]
    fn start() -> Option<Self> {
        let Ok(python) = std::env::var("SALUS_TEST_PYTHON") else {
            assert!(std::env::var("CI").is_err(), "CI must test with a mail server");
            return None;
        };
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tools/smtp_server.py");
        let mut child = Command::new(python)
            .args([script, r#"{"mode":"plain","replies":["451 not now"]}"#])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        Some(Self { child, out, port: line.trim().parse().unwrap() })
    }

    fn letter(&mut self) -> Value {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What follows the `#` of the link to this page.
fn token(letter: &Value, page: &str) -> String {
    let plain = letter["plain"].as_str().unwrap();
    let link = plain.lines().find(|line| line.starts_with("https://")).unwrap();
    let (before, token) = link.split_once('#').unwrap();
    assert_eq!(before, format!("https://salus.example/{page}"));
    assert!(letter["html"].as_str().unwrap().contains(link));
    token.to_owned()
}

fn with_mail(config: &mut server::config::Config, port: u16) {
    config.http.public_url = Some("https://salus.example/".into());
    config.mail.host = Some("127.0.0.1".into());
    config.mail.port = Some(port);
    config.mail.security = notify::Security::None;
    config.mail.from = Some("Salus <salus@salus.example>".into());
}

async fn start(db: &TestDb, mail: &MailServer) -> TestApp {
    let port = mail.port;
    let clock = ManualClock::at(Env::system().now());
    let kms = Arc::new(MemoryKms::new(clock.env()));
    TestApp::configured(db, (clock, kms), |config| with_mail(config, port)).await
}

/// Ana registers and proves her address.
async fn ana(app: &TestApp, mail: &mut MailServer) {
    let new = json!({
        "email": "ana@example.org", "password": PASSWORD, "display_name": "Ana <b>",
        "consents": { "terms": true },
    });
    app.post("/api/auth/register", &new).send().await.expect(202);
    app.work().await;
    // The server wanted it later.
    app.clock.advance(std::time::Duration::from_mins(1));
    app.work().await;
    let letter = mail.letter();
    assert_eq!(letter["to"], json!(["ana@example.org"]));
    assert!(letter["html"].as_str().unwrap().contains("Hello Ana &#60;b&#62;,"));
    let body = json!({ "token": token(&letter, "verify-email") });
    app.post("/api/auth/verify-email", &body).send().await.expect(204);
    let again = app.post("/api/auth/verify-email", &body).send().await.expect(400);
    assert_eq!(again.code(), "LINK_INVALID");
}

db_test!(a_newcomer_gets_a_letter_and_later_a_new_password, registry::migrations(), |db| {
    let Some(mut mail) = MailServer::start() else { return };
    let app = start(db, &mail).await;
    ana(&app, &mut mail).await;

    let forgot = json!({ "email": "ANA@example.org" });
    let known = app.post("/api/auth/password/forgot", &forgot).send().await.expect(202);
    let nobody = json!({ "email": "nobody@example.org" });
    let unknown = app.post("/api/auth/password/forgot", &nobody).send().await.expect(202);
    assert_eq!(known.json(), unknown.json());
    app.work().await;
    let letter = mail.letter();
    assert_eq!(letter["to"], json!(["ana@example.org"]));
    let reset = json!({ "token": token(&letter, "reset-password"), "password": "over the hills" });
    app.post("/api/auth/password/reset", &reset).send().await.expect(204);
    app.work().await;
    assert_eq!(mail.letter()["subject"], "How you log in has changed");
    let credentials = json!({ "email": "ana@example.org", "password": "over the hills" });
    app.post("/api/auth/login", &credentials).send().await.expect(200);
    let old = json!({ "email": "ana@example.org", "password": PASSWORD });
    app.post("/api/auth/login", &old).send().await.expect(401);
    app.app.db.close();
});

db_test!(
    who_is_helped_in_an_emergency_hears_of_it_and_so_do_administrators,
    registry::migrations(),
    |db| {
        let Some(mut mail) = MailServer::start() else { return };
        let app = start(db, &mail).await;
        ana(&app, &mut mail).await;
        let credentials = json!({ "email": "ana@example.org", "password": PASSWORD });
        let login = app.post("/api/auth/login", &credentials).send().await.expect(200).json();
        let user: UserId = serde_json::from_value(login["user"]["id"].clone()).unwrap();
        let ctx = Ctx::operator(app.app.env.clone());
        let ana = Subject::new(TenantId::DEFAULT, user);
        let roles = RoleSet::of(&[Role::User, Role::Admin]);
        app.app.accounts.set_roles(&ctx, ana, roles).await.unwrap();

        let responder = as_responder(&app, app.register().await.user);
        let new = NewOverride {
            patient: user,
            code: ReasonCode::Unresponsive,
            reason: Phi::new("found unconscious".to_owned()),
        };
        app.app.emergency.make_override(&responder, &new).await.unwrap();
        app.work().await;
        let letters = [mail.letter(), mail.letter()];
        let mut subjects = letters.each_ref().map(|letter| letter["subject"].as_str().unwrap());
        subjects.sort_unstable();
        assert_eq!(subjects, ["Emergency access was used", "Your emergency access was used"]);
        for letter in letters {
            let text = letter["plain"].as_str().unwrap();
            assert!(!text.contains("unconscious") && !text.contains(&user.to_string()), "{text}");
        }
        app.app.db.close();
    }
);
