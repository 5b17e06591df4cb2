//! What it costs to ask a model through Salus: the program as it is shipped, with a personal key,
//! allowance, guard, ledger and keys, over SQLite on a disk, beside asking the same model directly.
//!
//! Needs `salus` beside it, built with `cargo build --release`. The model is this program again,
//! as a process of its own, so that its processor time is nobody else's.

use bench::{
    Failure, head,
    http::{Connection, request},
    load::process_cpu,
    model::{self, Model},
    percentile, row,
    salus::{Folder, Salus, mib},
    shares,
};
use futures_util::future::try_join_all;
use modelmock::Mock;
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

const ROUNDS: usize = 3;
const OPEN: usize = 1_000;
const CANCELS: usize = 20;

fn main() -> Result<(), Failure> {
    if std::env::args().nth(1).as_deref() == Some("model") {
        return model::serve();
    }
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(measure())
}

/// Where to ask, and with what.
struct Way {
    address: SocketAddr,
    key: Option<String>,
    prefix: &'static str,
}

impl Way {
    fn request(&self, model: &str, stream: bool) -> Vec<u8> {
        let said = "Which vegetables can be sown in March, and how deep? ".repeat(4);
        let body = json!({
            "model": format!("{}{model}", self.prefix), "stream": stream,
            "messages": [{"role": "user", "content": said}],
        });
        let path = ("POST", "/v1/chat/completions");
        request(path, self.key.as_deref(), Some(&body.to_string()))
    }
}

/// What was seen of a stream.
struct Seen {
    first: Duration,
    events: usize,
}

/// Reads a stream to its end.
async fn read_stream(address: SocketAddr, request: &[u8]) -> Result<Seen, Failure> {
    let mut stream = begin(address).await?;
    let asked = Instant::now();
    stream.write_all(request).await?;
    let (mut first, mut events, mut tail) = (None, 0, Vec::with_capacity(64 * 1024));
    loop {
        tail.clear();
        if stream.read_buf(&mut tail).await? == 0 {
            return Err("the stream broke".into());
        }
        let words = tail.windows(8).filter(|window| window == b"content\"").count();
        if first.is_none() && tail.windows(6).any(|window| window == b" word0") {
            first = Some(asked.elapsed());
        }
        events += words;
        if tail.ends_with(b"0\r\n\r\n") {
            return Ok(Seen { first: first.ok_or("no first word")?, events });
        }
    }
}

async fn begin(address: SocketAddr) -> Result<TcpStream, Failure> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A stream that was begun and is left open.
async fn open_stream(address: SocketAddr, request: &[u8]) -> Result<TcpStream, Failure> {
    let mut stream = begin(address).await?;
    stream.write_all(request).await?;
    let mut read = Vec::with_capacity(4096);
    while !read.windows(6).any(|window| window == b" word0") {
        if stream.read_buf(&mut read).await? == 0 {
            return Err(String::from_utf8_lossy(&read).into_owned().into());
        }
    }
    Ok(stream)
}

async fn measure() -> Result<(), Failure> {
    let program = std::env::current_exe()?.with_file_name("salus");
    let folder = Folder::new("gateway")?;
    let far = Model::start()?;
    let near = Mock::start_forgetful(model::answer)?;
    let salus = start(&program, &folder.0, &far, &near)?;
    let key = make_key(salus.address).await?;
    let through = Way { address: salus.address, key: Some(key), prefix: "far/" };
    let direct = Way { address: far.address, key: None, prefix: "" };
    head(&["what", "figure", "direct", "wanted"]);
    let each = whole(&salus, &through, &direct).await?;
    shares::measure().await?.print(each);
    for (streams, wanted) in [(8, "at most 1 ms more"), (64, "at most 2 ms more")] {
        streamed(&salus, (&through, &direct), (streams, wanted)).await?;
    }
    flood(&salus, &through, &direct).await?;
    cancel(&near, &through).await?;
    memory(&salus, &through).await?;
    Ok(())
}

fn start(program: &Path, folder: &Path, model: &Model, near: &Mock) -> Result<Salus, Failure> {
    let far = format!("http://{}/v1", model.address);
    let near = format!("{}/v1", near.url());
    let many = "1000000000";
    Salus::start(
        program,
        folder,
        &[
            ("MODELS__PROVIDERS__FAR__KIND", "openai_chat"),
            ("MODELS__PROVIDERS__FAR__URL", &far),
            ("MODELS__PROVIDERS__FAR__LOCAL", "true"),
            ("MODELS__PROVIDERS__FAR__MODELS", r#"["whole", "paced", "flood", "hang"]"#),
            ("MODELS__PROVIDERS__NEAR__KIND", "openai_chat"),
            ("MODELS__PROVIDERS__NEAR__URL", &near),
            ("MODELS__PROVIDERS__NEAR__LOCAL", "true"),
            ("MODELS__PROVIDERS__NEAR__MODELS", r#"["hang"]"#),
            ("COMPANION__ANSWERS_AT_ONCE", "5000"),
            ("COMPANION__ALLOWANCE__USER__MESSAGES_PER_MINUTE", "10000000"),
            ("COMPANION__ALLOWANCE__USER__MESSAGES_PER_DAY", many),
            ("COMPANION__ALLOWANCE__USER__TOKENS_PER_DAY", "1000000000000"),
            ("ACCOUNTS__PASSWORD__MEMORY_KIB", "19456"),
        ],
    )
}

/// Someone who agreed to models, and a key of theirs.
async fn make_key(address: SocketAddr) -> Result<String, Failure> {
    let mut connection = Connection::open(address).await?;
    let person = json!({
        "username": "gateway", "password": "a long walk by the sea",
        "consents": { "terms": true, "health_data": true, "ai_interaction": true },
    });
    let made = connection.json(("POST", "/api/auth/register"), None, Some(&person)).await?;
    let token = made.get("access_token").and_then(Value::as_str).ok_or("no token")?.to_owned();
    let key = json!({ "name": "bench" });
    let made = connection.json(("POST", "/api/ai/keys"), Some(&token), Some(&key)).await?;
    Ok(made.get("secret").and_then(Value::as_str).ok_or("no key")?.to_owned())
}

/// Whole answers, one after the other by a few clients. Answers with the processor time of one where
/// there are most of them.
async fn whole(salus: &Salus, through: &Way, direct: &Way) -> Result<Duration, Failure> {
    let mut of_one = Duration::ZERO;
    for clients in [1, 8] {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        let mut cpu = Duration::ZERO;
        for round in 0..=ROUNDS {
            let before = process_cpu(salus.id())?;
            let times = ask_whole(through, clients).await?;
            let used = process_cpu(salus.id())?.saturating_sub(before);
            let plain = ask_whole(direct, clients).await?;
            // The first round warms everything up and does not count.
            if round > 0 {
                cpu += used;
                ours.extend(times);
                theirs.extend(plain);
            }
        }
        of_one = cpu / u32::try_from(ours.len())?;
        line(
            &format!("processor time of a whole answer, {clients} clients"),
            &format!("{} µs", of_one.as_micros()),
            "",
            "at most 250 µs",
        );
        for share in [0.5, 0.99] {
            line(
                &format!("time of a whole answer, {clients} clients, p{:.0}", share * 100.0),
                &millis(percentile(&mut ours, share)),
                &millis(percentile(&mut theirs, share)),
                "",
            );
        }
    }
    Ok(of_one)
}

async fn ask_whole(path: &Way, clients: usize) -> Result<Vec<Duration>, Failure> {
    let request: Arc<[u8]> = path.request("whole", false).into();
    let until = Instant::now() + Duration::from_secs(2);
    let asking = (0..clients).map(|_| {
        let request = request.clone();
        let chunked = path.key.is_none();
        let address = path.address;
        async move {
            let mut times = Vec::new();
            let mut connection = Connection::open(address).await?;
            let mut plain = begin(address).await?;
            while Instant::now() < until {
                let before = Instant::now();
                if chunked {
                    read_whole(&mut plain, &request).await?;
                } else {
                    let answer = connection.ask(&request).await?;
                    if answer.status != 200 {
                        return Err(String::from_utf8_lossy(&answer.body).into_owned().into());
                    }
                }
                times.push(before.elapsed());
            }
            Ok::<_, Failure>(times)
        }
    });
    Ok(try_join_all(asking).await?.concat())
}

/// The model answers in chunks.
async fn read_whole(stream: &mut TcpStream, request: &[u8]) -> Result<(), Failure> {
    stream.write_all(request).await?;
    let mut read = Vec::with_capacity(4096);
    while !read.ends_with(b"0\r\n\r\n") {
        if stream.read_buf(&mut read).await? == 0 {
            return Err("the answer broke off".into());
        }
    }
    Ok(())
}

/// Streams at the pace of a reader.
async fn streamed(
    salus: &Salus,
    (through, direct): (&Way, &Way),
    (streams, wanted): (usize, &str),
) -> Result<(), Failure> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let (mut cpu, mut events) = (Duration::ZERO, 0);
    for round in 0..=ROUNDS {
        let before = process_cpu(salus.id())?;
        let seen = read_all(through, "paced", streams).await?;
        let used = process_cpu(salus.id())?.saturating_sub(before);
        let plain = read_all(direct, "paced", streams).await?;
        if round > 0 {
            cpu += used;
            events += seen.iter().map(|seen| seen.events).sum::<usize>();
            ours.extend(seen.iter().map(|seen| seen.first));
            theirs.extend(plain.iter().map(|seen| seen.first));
        }
    }
    line(
        &format!("time to the first word, {streams} streams, p50"),
        &millis(percentile(&mut ours, 0.5)),
        &millis(percentile(&mut theirs, 0.5)),
        wanted,
    );
    line(
        &format!("time to the first word, {streams} streams, p99"),
        &millis(percentile(&mut ours, 0.99)),
        &millis(percentile(&mut theirs, 0.99)),
        "",
    );
    let each = cpu.as_secs_f64() * 1e6 / f64::from(u32::try_from(events)?);
    let wanted = if streams == 64 { "at most 20 µs" } else { "" };
    line(
        &format!("processor time of an event, {streams} streams"),
        &format!("{each:.1} µs"),
        "",
        wanted,
    );
    Ok(())
}

/// Streams that begin a little after each other, as people do.
async fn read_all(path: &Way, model: &str, streams: usize) -> Result<Vec<Seen>, Failure> {
    let request = path.request(model, true);
    let reading = (0..streams).map(|number| {
        let (request, address) = (&request, path.address);
        async move {
            sleep(Duration::from_millis(5 * u64::try_from(number)?)).await;
            read_stream(address, request).await
        }
    });
    try_join_all(reading).await
}

async fn flood(salus: &Salus, through: &Way, direct: &Way) -> Result<(), Failure> {
    for streams in [1, 8] {
        let rate = async |path: &Way| {
            let started = Instant::now();
            let seen = read_all(path, "flood", streams).await?;
            let events: usize = seen.iter().map(|seen| seen.events).sum();
            Ok::<_, Failure>((bench::per_second(events, started.elapsed()), events))
        };
        let before = process_cpu(salus.id())?;
        let (ours, events) = rate(through).await?;
        let used = process_cpu(salus.id())?.saturating_sub(before);
        let (theirs, _) = rate(direct).await?;
        line(
            &format!("events a second as fast as it goes, {streams} streams"),
            &format!("{ours:.0}"),
            &format!("{theirs:.0}"),
            "at least 80,000",
        );
        let each = used.as_secs_f64() * 1e6 / f64::from(u32::try_from(events)?);
        line(
            &format!("processor time of such an event, {streams} streams"),
            &format!("{each:.1} µs"),
            "",
            "",
        );
    }
    Ok(())
}

/// From closing the connection to Salus until the model sees that its own is closed.
async fn cancel(near: &Mock, through: &Way) -> Result<(), Failure> {
    let path = Way { address: through.address, key: through.key.clone(), prefix: "near/" };
    let request = path.request("hang", true);
    let mut times = Vec::new();
    for number in 1..=CANCELS {
        let stream = open_stream(path.address, &request).await?;
        sleep(Duration::from_millis(20)).await;
        let closed = Instant::now();
        drop(stream);
        times.push(near.gone(number).await.saturating_duration_since(closed));
    }
    line(
        "from a client's leaving to the model's hearing of it, p50",
        &millis(percentile(&mut times, 0.5)),
        "",
        "",
    );
    line("the same, slowest", &millis(percentile(&mut times, 1.0)), "", "at most 50 ms");
    Ok(())
}

async fn memory(salus: &Salus, through: &Way) -> Result<(), Failure> {
    let (before, _) = salus.memory()?;
    let request = through.request("hang", true);
    let mut open = Vec::with_capacity(OPEN);
    for _ in 0..OPEN / 50 {
        let more = (0..50).map(|_| open_stream(through.address, &request));
        open.extend(try_join_all(more).await?);
    }
    sleep(Duration::from_secs(2)).await;
    let (now, anonymous) = salus.memory()?;
    line("memory before", &mib(before), "", "");
    line(
        &format!("memory with {OPEN} open streams"),
        &format!("{} ({} of it not a file)", mib(now), mib(anonymous)),
        "",
        "at most 150 MiB",
    );
    Ok(())
}

fn line(what: &str, figure: &str, direct: &str, wanted: &str) {
    row(&[what.to_owned(), figure.to_owned(), direct.to_owned(), wanted.to_owned()]);
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}
