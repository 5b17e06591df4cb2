//! The real program, started while its database cannot be reached.

use crate::program::Place;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::{io::copy_bidirectional, net::TcpListener, net::TcpStream};

/// What stands before a database: it takes connections, and lets them through only once it may.
#[expect(clippy::disallowed_methods, reason = "the gate ends with the test")]
async fn gate(open: Arc<AtomicBool>, database: String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut from, _)) = listener.accept().await {
            if open.load(Ordering::SeqCst) {
                let database = database.clone();
                tokio::spawn(async move {
                    let mut to = TcpStream::connect(database).await.unwrap();
                    let _ = copy_bidirectional(&mut from, &mut to).await;
                });
            }
        }
    });
    port
}

/// A program that is ended whatever happens.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn line() -> Value {
    json!({
        "id": "house", "name": "Line of the house", "needs": ["everyone"], "call": "+43 1 4000",
        "hours": "24/7", "languages": ["de"], "source": "https://example.org",
        "checked": "2026-11-21", "confidence": "high",
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_helps_until_the_database_is_there_and_then_starts() {
    let migrations = server::registry::migrations();
    let Some(db) = db::testing::TestDb::postgres(&migrations).await else { return };
    let url = db.url.expose().clone();
    let (user, rest) = url.split_once('@').unwrap();
    let (database, name) = rest.split_once('/').unwrap();
    let open = Arc::new(AtomicBool::new(false));
    let door = gate(open.clone(), database.to_owned()).await;
    let behind = format!("{user}@127.0.0.1:{door}/{name}");

    let dir = tempfile::tempdir().unwrap();
    let kept = json!({ "form": 1, "changes": [{ "code": "AT", "put": [line()] }] });
    std::fs::write(dir.path().join("crisis-lines.json"), kept.to_string()).unwrap();
    let place = Place { dir: dir.path().into(), database_url: Some(behind) };
    let mut command = place.command();
    command.args(["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut running = Running(command.spawn().unwrap());
    let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let waits = "Salus waits for its database at ";
    let waiting_at = lines.find_map(|line| line.strip_prefix(waits).map(str::to_owned)).unwrap();

    let http = reqwest::Client::new();
    let get = async |path: &str| http.get(format!("{waiting_at}{path}")).send().await.unwrap();
    let post = async |path: &str, body: Value| {
        let body = body.to_string();
        let asked =
            http.post(format!("{waiting_at}{path}")).header("content-type", "application/json");
        let text = asked.body(body).send().await.unwrap().text().await.unwrap();
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let read = async |path: &str| -> Value {
        serde_json::from_str(&get(path).await.text().await.unwrap()).unwrap()
    };
    assert_eq!(read("/api/crisis/hotlines?country=AT").await["lines"][0]["id"], "house");
    assert_eq!(read("/api/crisis/lines").await["countries"][0]["code"], "AT");
    let danger = json!({ "text": "I want to kill myself tonight", "country": "AT" });
    let found = post("/api/crisis/assess", danger).await;
    assert_eq!(
        (&found["alert"], &found["resources"]["lines"][0]["id"]),
        (&json!(true), &json!("house"))
    );
    let help = post("/api/crisis/resources", json!({ "country": "DE" })).await;
    assert_eq!(help["country"], "DE");
    assert_eq!(get("/health").await.status(), 200);
    for path in ["/ready", "/api/journal/entries", "/api/auth/login"] {
        let later = get(path).await;
        assert_eq!(later.status(), 503, "{path}");
        let body: Value = serde_json::from_str(&later.text().await.unwrap()).unwrap();
        assert_eq!(body["code"], "UNAVAILABLE", "{path}: {body}");
    }

    open.store(true, Ordering::SeqCst);
    let ready = "Salus is ready at ";
    let then = lines.find_map(|line| line.strip_prefix(ready).map(str::to_owned)).unwrap();
    assert_eq!(then, waiting_at, "at the same address");
    assert_eq!(get("/ready").await.status(), 200);
    let lines = read("/api/crisis/hotlines?country=AT").await;
    assert_eq!(lines["lines"][0]["call"], "142", "what the database says holds");
    drop(running);
    db.discard().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_stops_when_asked_while_it_waits() {
    let port = gate(Arc::default(), String::new()).await;
    let dir = tempfile::tempdir().unwrap();
    let database_url = Some(format!("postgres://nobody@127.0.0.1:{port}/none"));
    let place = Place { dir: dir.path().into(), database_url };
    let mut command = place.command();
    command.args(["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut running = Running(command.spawn().unwrap());
    let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("Salus waits for its database at ")));
    let pid = running.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(running.0.wait().unwrap().success());
}
