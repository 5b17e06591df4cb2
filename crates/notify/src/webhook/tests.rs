//! Calls over real connections, to a server that checks signatures with other code than ours.

use super::*;
use aws_lc_rs::digest;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

const SECRET: &str = "a secret of at least thirty-two characters";

fn now() -> Timestamp {
    Timestamp::from_micros(1_800_000_000_000_000)
}

fn config(url: &str, internal: bool) -> WebhookConfig {
    let secret = Some(Secret::new(SECRET.to_owned()));
    WebhookConfig { url: url.to_owned(), secret, internal, ..WebhookConfig::default() }
}

fn hooks(config: WebhookConfig) -> Result<Webhooks, WebhookConfigError> {
    Webhooks::new(&BTreeMap::from([("pager".to_owned(), config)]))
}

/// A server that takes connections and answers each with this; what it was told comes back.
async fn server(
    answers: &'static [&'static str],
) -> (String, tokio::task::JoinHandle<Vec<(String, Vec<u8>)>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/salus/hook", listener.local_addr().unwrap());
    let served = async move {
        let mut requests = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            requests.push(read(&mut stream).await);
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        requests
    };
    #[expect(clippy::disallowed_methods, reason = "the other side of the connection")]
    (url, tokio::spawn(served))
}

async fn read(stream: &mut tokio::net::TcpStream) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece).await.unwrap();
        assert!(read > 0, "the connection ended too early");
        bytes.extend_from_slice(&piece[..read]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let length = header(&head, "content-length").parse::<usize>().unwrap();
        if bytes.len() >= end + 4 + length {
            return (head, bytes[end + 4..].to_vec());
        }
    }
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let found = head.lines().find_map(|line| {
        let (known, value) = line.split_once(':')?;
        known.eq_ignore_ascii_case(name).then(|| value.trim())
    });
    found.unwrap_or_else(|| panic!("no {name} in {head}"))
}

/// HMAC as RFC 2104 writes it, with nothing but SHA-256.
fn hmac_of(secret: &[u8], text: &[u8]) -> String {
    let mut key = [0; 64];
    key[..secret.len()].copy_from_slice(secret);
    let pad = |with: u8| key.map(|byte| byte ^ with).to_vec();
    let inner = digest::digest(&digest::SHA256, &[pad(0x36), text.to_vec()].concat());
    let outer = digest::digest(&digest::SHA256, &[pad(0x5c), inner.as_ref().to_vec()].concat());
    outer.as_ref().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[tokio::test]
async fn a_receiver_can_check_what_it_is_told_by_what_the_document_says() {
    let (url, told) = server(&["HTTP/1.1 204 No Content\r\n\r\n"]).await;
    let hooks = hooks(WebhookConfig { key_id: Some("k2".into()), ..config(&url, true) }).unwrap();
    hooks.call("pager", br#"{"level":8}"#.to_vec(), now()).await.unwrap();
    let (head, body) = told.await.unwrap().remove(0);
    assert!(head.starts_with("POST /salus/hook HTTP/1.1"), "{head}");
    assert_eq!(body, br#"{"level":8}"#);
    assert_eq!(header(&head, "content-type"), "application/json");
    assert_eq!(header(&head, "salus-key"), "k2");
    let at = header(&head, "salus-timestamp");
    assert_eq!(at, "1800000000");
    let signed = [at.as_bytes(), b".", &body].concat();
    let wanted = format!("v1={}", hmac_of(SECRET.as_bytes(), &signed));
    assert_eq!(header(&head, "salus-signature"), wanted);
    assert!(!head.contains(SECRET));
}

/// Made with `hmac.new(secret, b"1800000000." + body, "sha256").hexdigest()` of Python 3.
#[test]
fn the_signature_is_what_it_always_was() {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    assert_eq!(
        signature(&key, 1_800_000_000, br#"{"level":8}"#),
        "v1=34b191df032ed5d7cd3c4331d5dea6ce434f2748be00a628208d4dcc872d08b8"
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_a_refusal_is_told_as_it_is() {
    let (url, told) = server(&[
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/\r\n\r\n",
        "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n",
    ])
    .await;
    let hooks = hooks(config(&url, true)).unwrap();
    for status in [307, 403, 503] {
        let result = hooks.call("pager", b"{}".to_vec(), now()).await;
        assert_eq!(result, Err(WebhookError::NotTaken(status)));
    }
    assert_eq!(told.await.unwrap().len(), 3);
    assert_eq!(hooks.call("other", vec![], now()).await, Err(WebhookError::Unknown));
}

#[tokio::test]
async fn one_that_cannot_be_reached_is_left_alone_for_a_minute() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let hooks = hooks(config(&url, true)).unwrap();
    for _ in 0..3 {
        let result = hooks.call("pager", vec![], now()).await;
        assert_eq!(result, Err(WebhookError::Unreachable));
    }
    assert_eq!(hooks.call("pager", vec![], now()).await, Err(WebhookError::Resting));
    let later = now().plus(Duration::from_secs(61));
    assert_eq!(hooks.call("pager", vec![], later).await, Err(WebhookError::Unreachable));
}

#[tokio::test]
async fn one_that_takes_the_call_and_falls_silent_is_not_waited_for() {
    // Nobody accepts, but the system takes the connection and what is sent on it.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let mut hooks = hooks(config(&url, true)).unwrap();
    let hook = Arc::get_mut(&mut hooks.0).unwrap().get_mut("pager").unwrap();
    let soon = Limits { time: Duration::from_millis(50), bytes: 0 };
    hook.fetcher = Fetcher::new(soon).unwrap();
    let result = hooks.call("pager", b"{}".to_vec(), now()).await;
    assert_eq!(result, Err(WebhookError::Unreachable));
}

#[tokio::test]
async fn a_name_does_not_lead_inside_unless_a_setting_says_that_it_is_inside() {
    let inside = hooks(config("https://localhost/hook", false)).unwrap();
    assert_eq!(inside.call("pager", vec![], now()).await, Err(WebhookError::Elsewhere));
    for url in ["https://127.0.0.1/", "https://10.0.0.1/", "https://169.254.169.254/latest"] {
        let hooks = hooks(config(url, false)).unwrap();
        let result = hooks.call("pager", vec![], now()).await;
        assert_eq!(result, Err(WebhookError::Elsewhere), "{url}");
    }
    for url in ["http://169.254.169.254/latest", "http://[fd00:ec2::254]/", "http://1.1.1.1/"] {
        let hooks = hooks(config(url, true)).unwrap();
        let result = hooks.call("pager", vec![], now()).await;
        assert_eq!(result, Err(WebhookError::Elsewhere), "{url}");
    }
}

#[test]
fn what_cannot_work_or_is_unsafe_is_refused_at_the_start() {
    let good = config("https://pager.example/hook", false);
    assert!(hooks(good.clone()).is_ok());
    let short = Some(Secret::new("short".to_owned()));
    for bad in [
        config("http://pager.example/hook", false),
        config("https://user@pager.example/", false),
        config("https://pager.example/?token=1", false),
        config("ftp://pager.example/", true),
        config("", false),
        WebhookConfig { secret: None, ..good.clone() },
        WebhookConfig { secret: short, ..good.clone() },
        WebhookConfig { key_id: Some("a b".into()), ..good },
    ] {
        let error = hooks(bad).err().unwrap().to_string();
        assert!(error.starts_with("webhook pager: ") && !error.contains("short"), "{error}");
    }
}
