//! Letters through a real SMTP server, aiosmtpd. `make unit` says with `SALUS_TEST_PYTHON` which
//! Python has it; without, these tests do nothing.

mod server;

use self::server::{Certificates, Server, wants};
use crate::{
    config::{MailConfig, Security},
    error::MailError,
    letter::Words,
    smtp::Smtp,
};
use kernel::{Env, Phi, Secret};
use std::path::Path;
use uuid::Uuid;

const FROM: &str = "Salus <salus@example.org>";

fn config(port: u16, security: Security, ca: Option<&Path>) -> MailConfig {
    MailConfig {
        host: Some("localhost".into()),
        port: Some(port),
        security,
        from: Some(FROM.into()),
        ca_file: ca.map(Path::to_owned),
        timeout_seconds: 5,
        ..MailConfig::default()
    }
}

fn smtp(config: &MailConfig) -> Smtp {
    Smtp::new(config.check().unwrap().unwrap()).unwrap()
}

async fn send(smtp: &Smtp) -> Result<(), MailError> {
    let words = Words {
        subject: "Grüße",
        plain: "Hello Ana,\n\n.a line with a dot\n".to_owned(),
        html: "<p>Hello Ana,</p>\n".to_owned(),
    };
    let now = Env::system().now();
    let to = Phi::new("ana@example.org".to_owned());
    smtp.send(&to, words, (Uuid::from_u128(7), now)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_arrives_over_starttls_and_over_tls_from_the_first_byte() {
    let certificates = Certificates::new();
    for (mode, security) in [("starttls", Security::Starttls), ("implicit", Security::Implicit)] {
        let Some(mut server) = Server::start(&wants(mode, Some(&certificates))) else { return };
        let smtp = smtp(&config(server.port, security, Some(&certificates.ca)));
        smtp.probe().await.unwrap();
        send(&smtp).await.unwrap();
        let letter = server.letter();
        assert_eq!(letter["tls"], true, "{mode}");
        assert_eq!(letter["to"][0], "ana@example.org");
        assert_eq!(letter["from"], "salus@example.org");
        assert_eq!(letter["subject"], "Grüße");
        assert_eq!(letter["id"], format!("<{}@example.org>", Uuid::from_u128(7)));
        assert!(letter["plain"].as_str().unwrap().contains("\n.a line with a dot"));
        assert!(letter["html"].as_str().unwrap().contains("<p>Hello Ana,</p>"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_a_certificate_that_is_not_trusted_gets_no_letter() {
    let (trusted, other) = (Certificates::new(), Certificates::new());
    for (mode, security) in [("starttls", Security::Starttls), ("implicit", Security::Implicit)] {
        let Some(server) = Server::start(&wants(mode, Some(&other))) else { return };
        for ca in [Some(trusted.ca.as_path()), None] {
            let refused = send(&smtp(&config(server.port, security, ca))).await;
            assert!(matches!(refused, Err(MailError::Unreachable(_))), "{mode}: {refused:?}");
        }
        assert_eq!(server.finish(), "", "nothing was taken");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_offer_tls_gets_neither_letter_nor_password() {
    let Some(server) = Server::start(&wants("plain", None)) else { return };
    let password = Some(Secret::new("secret".to_owned()));
    let config = MailConfig {
        username: Some("salus".into()),
        password,
        ..config(server.port, Security::Starttls, None)
    };
    let refused = send(&smtp(&config)).await;
    assert!(matches!(refused, Err(MailError::Unreachable(_))), "{refused:?}");
    assert_eq!(server.finish(), "", "nothing was taken");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_wants_it_later_gets_it_later_and_one_that_refuses_does_not() {
    let mut wants = wants("plain", None);
    wants["replies"] = serde_json::json!(["451 later, ana@example.org", "554 never"]);
    let Some(mut server) = Server::start(&wants) else { return };
    let smtp = smtp(&config(server.port, Security::None, None));
    let deferred = send(&smtp).await.unwrap_err();
    assert!(matches!(deferred, MailError::Deferred(451)), "{deferred:?}");
    assert!(!deferred.to_string().contains("ana"), "what servers say stays with them");
    assert!(matches!(send(&smtp).await, Err(MailError::Refused(554))));
    send(&smtp).await.unwrap();
    assert_eq!(server.letter()["tls"], false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_logs_in_where_the_server_wants_it() {
    let certificates = Certificates::new();
    let mut wants = wants("starttls", Some(&certificates));
    wants["user"] = "salus".into();
    wants["password"] = "secret".into();
    let Some(mut server) = Server::start(&wants) else { return };
    let with = |password: &str| MailConfig {
        username: Some("salus".into()),
        password: Some(Secret::new(password.to_owned())),
        ..config(server.port, Security::Starttls, Some(&certificates.ca))
    };
    assert!(matches!(send(&smtp(&with("wrong"))).await, Err(MailError::Refused(535))));
    let right = smtp(&with("secret"));
    send(&right).await.unwrap();
    assert_eq!(server.letter()["tls"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_says_nothing_is_not_waited_for() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = MailConfig { timeout_seconds: 1, ..config(port, Security::None, None) };
    let silent = send(&smtp(&config)).await;
    assert!(matches!(silent, Err(MailError::Unreachable("too slow"))), "{silent:?}");
    drop(listener);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_there_is_left_alone_after_three_letters() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let smtp = smtp(&config(port, Security::None, None));
    for _ in 0..3 {
        assert!(matches!(send(&smtp).await, Err(MailError::Unreachable(_))));
    }
    assert!(matches!(send(&smtp).await, Err(MailError::Resting)));
}
