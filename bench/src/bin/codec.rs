//! What it costs to read a model's stream: the codec beside copying the bytes, and a whole provider
//! over a real connection beside reading the socket.

use bench::{Failure, head, per_second, row, say, time_per_call};
use futures_util::{StreamExt, future::try_join_all};
use kernel::Env;
use llm::{
    ChatRequest, Dialect, Limits, Location, Message, Provider, RemoteConfig, RemoteProvider, Role,
    sse::{SseReader, write_event},
};
use modelmock::{Mock, Script};
use std::{
    fs,
    hint::black_box,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const EVENTS: usize = 256;
const ROUNDS: usize = 200;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    in_memory();
    over_connections().await
}

/// A piece of an answer as OpenAI sends it.
fn piece(number: usize) -> Vec<u8> {
    let data = format!(
        "{{\"id\":\"chatcmpl-0123456789\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\
         \"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\" word{number}\"}},\
         \"logprobs\":null,\"finish_reason\":null}}],\"usage\":null}}"
    );
    let mut out = Vec::new();
    write_event(&mut out, "", None, data.as_bytes());
    out
}

fn end() -> Vec<u8> {
    let mut out = Vec::new();
    let data = b"{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}";
    write_event(&mut out, "", None, data);
    write_event(&mut out, "", None, b"[DONE]");
    out
}

fn in_memory() {
    let bytes: Vec<u8> = (0..EVENTS).flat_map(piece).collect();
    say(format_args!("{EVENTS} events of {} bytes, in memory.", bytes.len() / EVENTS));
    let copy = time_per_call(|| drop(black_box(black_box(&bytes).clone())));
    head(&["what", "events per second", "ns per event", "times copying"]);
    let show = |what: &str, time: Duration| {
        row(&[
            what.to_owned(),
            format!("{:.0}", per_second(EVENTS, time)),
            format!("{:.1}", time.as_secs_f64() * 1e9 / to_f64(EVENTS)),
            format!("{:.1}", time.as_secs_f64() / copy.as_secs_f64()),
        ]);
    };
    show("copying the bytes", copy);
    for (what, size) in [("reading, in one piece", bytes.len()), ("reading, in pieces of 100", 100)]
    {
        show(what, time_per_call(|| read(&bytes, size)));
    }
    let data = vec![b'x'; 200];
    let mut out = Vec::new();
    let write = time_per_call(|| {
        out.clear();
        (0..EVENTS).for_each(|_| write_event(&mut out, "", None, &data));
        black_box(&out);
    });
    show("writing", write);
}

fn read(bytes: &[u8], size: usize) {
    let mut reader = SseReader::new(1 << 20);
    for cut in bytes.chunks(size) {
        reader.push(cut);
        while let Ok(Some(event)) = reader.pull() {
            black_box(event.data);
        }
    }
}

async fn over_connections() -> Result<(), Failure> {
    let pieces: Vec<Vec<u8>> = (0..EVENTS).map(piece).chain([end()]).collect();
    let script = Script::stream(pieces);
    let mock = Mock::start_forgetful(move |_| script.clone())?;
    say(format_args!(
        "\nOver connections of this machine, {EVENTS} events in each answer, one write each."
    ));
    head(&["streams at once", "who", "events per second", "µs of processor per event"]);
    let provider = RemoteProvider::new(
        RemoteConfig {
            id: "mock".parse()?,
            dialect: Dialect::OpenAiChat,
            url: format!("{}/v1", mock.url()),
            location: Location::Local,
            key: None,
            limits: Limits { kept: 64, ..Limits::default() },
        },
        Env::system(),
    )?;
    for streams in [1, 8, 64] {
        let rounds = (ROUNDS / streams).max(4);
        let url = mock.url();
        let raw = measured(rounds, streams, || raw_stream(&url)).await?;
        let ours = measured(rounds, streams, || stream(&provider)).await?;
        for (who, (rate, cpu)) in [("the socket alone", raw), ("provider, decoded", ours)] {
            row(&[streams.to_string(), who.to_owned(), format!("{rate:.0}"), format!("{cpu:.2}")]);
        }
    }
    Ok(())
}

/// Events per second, and processor time of this thread for each event in microseconds. The mock
/// works on a thread of its own, which is not counted.
async fn measured<F>(
    rounds: usize,
    streams: usize,
    one: impl Fn() -> F,
) -> Result<(f64, f64), Failure>
where
    F: Future<Output = Result<(), Failure>>,
{
    one().await?;
    let (started, cpu) = (Instant::now(), processor()?);
    for _ in 0..rounds {
        try_join_all((0..streams).map(|_| one())).await?;
    }
    let events = rounds * streams * EVENTS;
    let cpu = processor()?.saturating_sub(cpu).as_secs_f64() * 1e6 / to_f64(events);
    Ok((per_second(events, started.elapsed()), cpu))
}

async fn stream(provider: &RemoteProvider) -> Result<(), Failure> {
    let request = ChatRequest::new("m", vec![Message::text(Role::User, "good day")]);
    let mut stream = provider.stream(&request).await?;
    let mut seen = 0;
    while let Some(event) = stream.next().await {
        black_box(event?);
        seen += 1;
    }
    if seen == EVENTS + 1 { Ok(()) } else { Err(format!("{seen} events").into()) }
}

async fn raw_stream(url: &str) -> Result<(), Failure> {
    let address = url.strip_prefix("http://").unwrap_or(url);
    let mut stream = TcpStream::connect(address).await?;
    let head = "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}";
    stream.write_all(head.as_bytes()).await?;
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = stream.read(&mut buffer).await?;
        if read == 0 || buffer.get(..read).is_some_and(|bytes| bytes.ends_with(b"0\r\n\r\n")) {
            return Ok(());
        }
    }
}

/// Processor time of this thread so far.
fn processor() -> Result<Duration, Failure> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanos = text.split_whitespace().next().unwrap_or_default().parse()?;
    Ok(Duration::from_nanos(nanos))
}

#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn to_f64(count: usize) -> f64 {
    count as f64
}
