//! Answers while they are written, by the real program over real connections: read along, read
//! on, stopped, and cut off by a kill.

use crate::program::{Place, Program};
use db::testing::TestDb;
use futures_util::StreamExt;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

const LONG: &str = "one two three four five six seven eight nine ten eleven twelve thirteen \
    fourteen fifteen sixteen seventeen eighteen nineteen twenty";

/// A stream that is read event by event.
struct Reader {
    bytes: futures_util::stream::BoxStream<'static, reqwest::Result<bytes::Bytes>>,
    buffer: String,
}

#[derive(Debug)]
struct Event {
    id: Option<u64>,
    name: String,
    data: Value,
}

impl Reader {
    async fn post(program: &Program, token: &str, body: &Value) -> Self {
        let request = program.http.post(format!("{}/api/chat/stream", program.url));
        Self::of(request.bearer_auth(token).json(body)).await
    }

    async fn follow(program: &Program, token: &str, id: &str, after: u64) -> Self {
        let request = program.http.get(format!("{}/api/chat/stream/{id}", program.url));
        Self::of(request.bearer_auth(token).header("last-event-id", after)).await
    }

    async fn of(request: reqwest::RequestBuilder) -> Self {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        Self { bytes: answer.bytes_stream().boxed(), buffer: String::new() }
    }

    /// The next event; `None` at the end, or when the connection breaks.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.buffer.split_once("\n\n") {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
                let name = field("event: ").map(str::to_owned);
                let found = name.map(|name| Event {
                    id: field("id: ").map(|id| id.parse().unwrap()),
                    name,
                    data: serde_json::from_str(field("data: ").unwrap()).unwrap(),
                });
                let rest = rest.to_owned();
                self.buffer = rest;
                if found.is_some() {
                    return found;
                }
                continue;
            }
            let more = timeout(Duration::from_secs(20), self.bytes.next()).await.expect("an event");
            self.buffer.push_str(std::str::from_utf8(&more?.ok()?).unwrap());
        }
    }

    /// What goes before the words: `meta`, and in a new conversation that an AI answers.
    async fn begun(&mut self) -> Event {
        let meta = self.next().await.unwrap();
        let notice = self.next().await.unwrap();
        assert_eq!((notice.name.as_str(), notice.id), ("notice", Some(2)));
        meta
    }

    async fn rest(mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            events.push(event);
        }
        events
    }
}

fn slow() -> Value {
    json!({ "content": LONG, "model": "scripted/slow" })
}

async fn kept(program: &Program, token: &str, conversation: &str) -> Vec<Value> {
    let path = format!("/api/conversations/{conversation}/messages");
    let page = program.get(&path, token).await.unwrap();
    page["messages"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_read_on_in_a_second_window_and_stopped_in_both() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place { dir: dir.path().into(), database_url: None };
    let program = place.serve();
    let token = program.token("reader").await;
    let mut first = Reader::post(&program, &token, &slow()).await;
    let meta = first.begun().await;
    assert_eq!((meta.name.as_str(), meta.id), ("meta", Some(1)));
    let id = meta.data["stream_id"].as_str().unwrap().to_owned();
    let delta = first.next().await.unwrap();
    assert_eq!((delta.name.as_str(), delta.id), ("delta", Some(3)));

    let second = Reader::follow(&program, &token, &id, 2).await;
    let (first, second, stopped) = tokio::join!(first.rest(), second.rest(), async {
        let cancel = json!({ "stream_id": id });
        let answer = program.post("/api/chat/cancel", Some(&token), &cancel).await.unwrap();
        // It may be asked for again.
        program.post("/api/chat/cancel", Some(&token), &cancel).await.unwrap();
        answer
    });
    assert_eq!(stopped, json!({ "stopped": true }));
    for events in [&first, &second] {
        assert_eq!(events.last().unwrap().name, "cancelled", "{events:?}");
    }
    assert_eq!((second[0].id, second[0].name.as_str()), (Some(3), "delta"));
    let conversation = meta.data["conversation_id"].as_str().unwrap();
    let all = kept(&program, &token, conversation).await;
    assert_eq!((all.len(), &all[1]["state"]), (2, &json!("stopped")));
    let text: String = second
        .iter()
        .filter(|event| event.name == "delta")
        .map(|event| event.data["text"].as_str().unwrap())
        .collect();
    assert_eq!(all[1]["content"], text);
    program.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_goes_on_when_its_reader_leaves_and_is_there_later() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place { dir: dir.path().into(), database_url: None };
    let program = place.serve();
    let token = program.token("reader").await;
    let ask = json!({ "content": "one two three", "model": "scripted/slow" });
    let mut reader = Reader::post(&program, &token, &ask).await;
    let meta = reader.begun().await;
    drop(reader);
    let id = meta.data["stream_id"].as_str().unwrap();
    let events = Reader::follow(&program, &token, id, 0).await.rest().await;
    assert_eq!(events.last().unwrap().name, "done");
    let later = Reader::follow(&program, &token, id, 0).await.rest().await;
    let names: Vec<&str> = later.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(names, ["meta", "notice", "snapshot", "usage", "done"]);
    assert_eq!(later[0].data["user_message_id"], meta.data["user_message_id"]);
    let conversation = meta.data["conversation_id"].as_str().unwrap();
    assert_eq!(later[2].data["text"], kept(&program, &token, conversation).await[1]["content"]);
    program.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tabs_read_on_from_where_each_was_and_end_alike() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place { dir: dir.path().into(), database_url: None };
    let program = place.serve();
    let token = program.token("reader").await;
    let ask = json!({ "content": "one two three four five six", "model": "scripted/slow" });
    let mut first = Reader::post(&program, &token, &ask).await;
    let meta = first.begun().await;
    let id = meta.data["stream_id"].as_str().unwrap();
    let (one, two) = (first.next().await.unwrap(), first.next().await.unwrap());
    drop(first);
    let left = Reader::follow(&program, &token, id, one.id.unwrap()).await;
    let right = Reader::follow(&program, &token, id, two.id.unwrap()).await;
    let (left, right) = tokio::join!(left.rest(), right.rest());
    let text = |begun: &[&Event], rest: &[Event]| -> String {
        let all = begun.iter().copied().chain(rest).filter(|event| event.name == "delta");
        all.map(|event| event.data["text"].as_str().unwrap()).collect()
    };
    assert_eq!(text(&[&one], &left), "You said: one two three four five six");
    assert_eq!(text(&[&one, &two], &right), text(&[&one], &left));
    for rest in [&left, &right] {
        let numbers: Vec<u64> = rest.iter().filter_map(|event| event.id).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{numbers:?}");
        let ends: Vec<&str> = rest.iter().rev().take(2).map(|event| event.name.as_str()).collect();
        assert_eq!(ends, ["done", "usage"]);
    }
    program.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_out_ends_the_reading_and_not_the_answer() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place { dir: dir.path().into(), database_url: None };
    let program = place.serve();
    let token = program.token("reader").await;
    let mut reader = Reader::post(&program, &token, &slow()).await;
    let meta = reader.begun().await;
    let url = format!("{}/api/auth/logout", program.url);
    assert_eq!(program.http.post(url).bearer_auth(&token).send().await.unwrap().status(), 204);
    let rest = reader.rest().await;
    assert!(rest.iter().all(|event| event.name == "delta"), "read to its end: {rest:?}");
    let token = program.token("reader").await;
    let id = meta.data["stream_id"].as_str().unwrap();
    let later = Reader::follow(&program, &token, id, 0).await.rest().await;
    assert_eq!(later.last().unwrap().name, "done");
    program.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_of_the_server_keeps_what_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place { dir: dir.path().into(), database_url: None };
    let program = place.serve();
    let token = program.token("reader").await;
    let mut reader = Reader::post(&program, &token, &slow()).await;
    let meta = reader.begun().await;
    reader.next().await.unwrap();
    let rest = reader.rest();
    let stop = tokio::task::spawn_blocking(move || program.stop());
    let (rest, _) = tokio::join!(rest, stop);
    let end = rest.last().unwrap();
    assert_eq!((end.name.as_str(), &end.data["retryable"]), ("error", &json!(true)));
    let program = place.serve();
    let token = program.token("reader").await;
    let conversation = meta.data["conversation_id"].as_str().unwrap();
    let all = kept(&program, &token, conversation).await;
    assert_eq!(all[1]["state"], "failed");
    assert!(all[1]["content"].as_str().unwrap().starts_with("You"));
    program.stop();
}

async fn a_kill_in_the_middle_of_an_answer(db: &TestDb) {
    let dir = tempfile::tempdir().unwrap();
    let database_url = Some(db.url.expose().clone());
    let place = Place { dir: dir.path().into(), database_url };
    let mut program = place.serve();
    let token = program.token("reader").await;
    let mut reader = Reader::post(&program, &token, &slow()).await;
    let meta = reader.begun().await;
    reader.next().await.unwrap();
    program.kill();
    assert!(reader.rest().await.iter().all(|event| event.name == "delta"), "no false end");

    // The lease of the dead has run out.
    db.tamper("UPDATE companion_messages SET lease_until = 0 WHERE state = 0").await.unwrap();
    let program = place.serve();
    let token = program.token("reader").await;
    let id = meta.data["stream_id"].as_str().unwrap();
    let events = Reader::follow(&program, &token, id, 2).await.rest().await;
    let names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(names, ["meta", "notice", "snapshot", "usage", "error"]);
    assert_eq!(events[4].data["retryable"], true);
    let conversation = meta.data["conversation_id"].as_str().unwrap();
    let all = kept(&program, &token, conversation).await;
    assert_eq!((all.len(), &all[1]["state"]), (2, &json!("failed")));
    let usage = program.get("/api/usage", &token).await.unwrap();
    assert_eq!(usage["days"][0]["answers"], 1);
    let (limits, left) = (&usage["limits"], &usage["remaining"]);
    let counted = limits["tokens_per_day"].as_u64().unwrap() - left["tokens"].as_u64().unwrap();
    let day = &usage["days"][0];
    let used = day["input_tokens"].as_u64().unwrap() + day["output_tokens"].as_u64().unwrap();
    assert_eq!(counted, used, "nothing is held any more");
    program.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_answer_ends_once_on_sqlite() {
    let db = TestDb::sqlite(&server::registry::migrations()).await;
    a_kill_in_the_middle_of_an_answer(&db).await;
    db.discard().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_answer_ends_once_on_postgres() {
    let Some(db) = TestDb::postgres(&server::registry::migrations()).await else {
        return;
    };
    a_kill_in_the_middle_of_an_answer(&db).await;
    db.discard().await;
}

/// A program's question, killed in the middle: it sees no false end, and nothing stays held.
async fn a_kill_in_the_middle_of_a_call(db: &TestDb) {
    let dir = tempfile::tempdir().unwrap();
    let database_url = Some(db.url.expose().clone());
    let place = Place { dir: dir.path().into(), database_url };
    let mut program = place.serve();
    let token = program.token("programmer").await;
    let key = json!({ "name": "notebook" });
    let key = program.post("/api/ai/keys", Some(&token), &key).await.unwrap();
    let key = key["secret"].as_str().unwrap().to_owned();
    let body = json!({ "model": "scripted/slow", "stream": true,
        "messages": [{ "role": "user", "content": LONG }] });
    let ask = async |program: &Program| {
        let request = program.http.post(format!("{}/v1/chat/completions", program.url));
        let answer = request.bearer_auth(&key).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.bytes_stream()
    };
    let mut stream = ask(&program).await;
    let mut read = String::new();
    while !read.contains("\"You") {
        let piece = stream.next().await.expect("a piece").unwrap();
        read.push_str(std::str::from_utf8(&piece).unwrap());
    }
    let held = program.get("/api/usage", &token).await.unwrap();
    program.kill();
    while let Some(Ok(piece)) = stream.next().await {
        read.push_str(std::str::from_utf8(&piece).unwrap());
    }
    assert!(!read.contains("[DONE]") && !read.contains("finish_reason\":\"stop"), "{read}");

    // The lease of the dead has run out, and the job that looks for such calls is due.
    db.tamper("UPDATE companion_calls SET lease_until = 0 WHERE state = 0").await.unwrap();
    db.tamper("UPDATE jobs SET run_at = 0 WHERE state = 'ready'").await.unwrap();
    db.tamper("UPDATE schedules SET next_at = 0").await.unwrap();
    let program = place.serve();
    let token = program.token("programmer").await;
    let settled = async {
        loop {
            let usage = program.get("/api/usage", &token).await.unwrap();
            if usage["days"].as_array().is_some_and(|days| !days.is_empty()) {
                return usage;
            }
            tokio::task::yield_now().await;
        }
    };
    let usage = timeout(Duration::from_mins(1), settled).await.expect("the call is settled");
    let day = &usage["days"][0];
    assert_eq!((&day["answers"], &day["estimated_answers"]), (&json!(1), &json!(1)));
    let (limits, left) = (&usage["limits"], &usage["remaining"]);
    let counted = limits["tokens_per_day"].as_u64().unwrap() - left["tokens"].as_u64().unwrap();
    let used = day["input_tokens"].as_u64().unwrap() + day["output_tokens"].as_u64().unwrap();
    assert_eq!(counted, used, "nothing is held any more");
    assert_eq!(left["tokens"], held["remaining"]["tokens"], "what was held is what is counted");
    assert_eq!(left["messages"], held["remaining"]["messages"], "one message, once");
    // The key still works, and its next answer has its own end.
    let whole: Vec<_> = ask(&program).await.collect().await;
    let whole = whole.into_iter().map(|piece| piece.unwrap().to_vec()).collect::<Vec<_>>().concat();
    assert!(String::from_utf8(whole).unwrap().ends_with("data: [DONE]\n\n"));
    program.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_call_is_settled_once_on_sqlite() {
    let db = TestDb::sqlite(&server::registry::migrations()).await;
    a_kill_in_the_middle_of_a_call(&db).await;
    db.discard().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_call_is_settled_once_on_postgres() {
    let Some(db) = TestDb::postgres(&server::registry::migrations()).await else {
        return;
    };
    a_kill_in_the_middle_of_a_call(&db).await;
    db.discard().await;
}

/// Two servers over one database, each asked at once for more than is left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gets_past_the_allowance_of_two_processes() {
    let Some(db) = TestDb::postgres(&server::registry::migrations()).await else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let place = Place { dir: dir.path().into(), database_url: Some(db.url.expose().clone()) };
    let settings = [
        ("COMPANION__ALLOWANCE__USER__MESSAGES_PER_DAY", "7"),
        ("COMPANION__ALLOWANCE__USER__MESSAGES_PER_MINUTE", "1000"),
        ("COMPANION__ANSWERS_AT_ONCE", "1000"),
    ];
    let here = place.serve_with(&settings);
    let elsewhere = place.serve_with(&settings);
    let token = here.token("reader").await;
    let key = json!({ "name": "a program" });
    let key = here.post("/api/ai/keys", Some(&token), &key).await.unwrap();
    let key = key["secret"].as_str().unwrap();
    let said = json!([{ "role": "user", "content": "hello" }]);
    let call = json!({ "model": "scripted/echo", "messages": said });
    let talk = json!({ "content": "hello", "model": "scripted/echo" });
    let tries = (0..100).map(|number| {
        let program = if number % 2 == 0 { &here } else { &elsewhere };
        let (path, token, body) = if number % 4 < 2 {
            ("/v1/chat/completions", key, &call)
        } else {
            ("/api/ai/chat", token.as_str(), &talk)
        };
        async move {
            let request = program.http.post(format!("{}{path}", program.url)).json(body);
            request.bearer_auth(token).send().await.unwrap().status().as_u16()
        }
    });
    let statuses = futures_util::future::join_all(tries).await;
    let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(200), count(429)), (7, 93), "{statuses:?}");
    here.stop();
    elsewhere.stop();
    db.discard().await;
}
