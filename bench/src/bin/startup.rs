//! The program as it is shipped: how soon it is ready, and what it holds while nobody asks.
//!
//! Needs `salus` beside it, built with `cargo build --release`.

use bench::{
    Failure, head,
    http::{Connection, request},
    load::process_cpu,
    percentile, row,
    salus::{Folder, Salus, mib},
    world::{draft_json, newcomer},
};
use std::{net::SocketAddr, path::Path, time::Duration};

const STARTS: usize = 15;
const REQUESTS: usize = 1_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let program = std::env::current_exe()?.with_file_name("salus");
    let root = Folder::new("startup")?;
    head(&["what", "figure", "wanted"]);
    line("size of the program", &mib(std::fs::metadata(&program)?.len()), "");
    let mut fresh = Vec::new();
    for number in 0..STARTS {
        let folder = root.0.join(format!("fresh-{number}"));
        fresh.push(start(&program, &folder)?.took);
    }
    line("start on an empty folder, median", &millis(percentile(&mut fresh, 0.5)), "");
    let folder = root.0.join("used");
    let salus = start(&program, &folder)?;
    use_it(salus.address).await?;
    drop(salus);
    let mut again = Vec::new();
    for _ in 0..STARTS {
        again.push(start(&program, &folder)?.took);
    }
    line("start on existing data, median", &millis(percentile(&mut again, 0.5)), "≤ 200 ms");
    line("start on existing data, slowest", &millis(percentile(&mut again, 1.0)), "≤ 200 ms");

    let salus = start(&program, &folder)?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    line("memory, idle for 5 s", &memory(&salus)?, "≤ 40 MiB");
    let before = process_cpu(salus.id())?;
    tokio::time::sleep(Duration::from_secs(10)).await;
    let idle = process_cpu(salus.id())?.saturating_sub(before);
    line("processor time of 10 s without a request", &millis(idle), "");
    let mut connection = log_in(salus.address).await?;
    line("memory right after a log-in (64 MiB to hash)", &memory(&salus)?, "");
    work(&mut connection).await?;
    line("memory right after 1,000 requests", &memory(&salus)?, "");
    tokio::time::sleep(Duration::from_secs(15)).await;
    line("memory, idle for 15 s after them", &memory(&salus)?, "≤ 40 MiB");
    Ok(())
}

fn start(program: &Path, folder: &Path) -> Result<Salus, Failure> {
    Salus::start(program, folder, &[])
}

fn memory(salus: &Salus) -> Result<String, Failure> {
    let (now, anonymous) = salus.memory()?;
    Ok(format!("{} ({} of it not a file)", mib(now), mib(anonymous)))
}

async fn use_it(address: SocketAddr) -> Result<(), Failure> {
    let mut connection = Connection::open(address).await?;
    connection.json(("POST", "/api/auth/register"), None, Some(&newcomer(0))).await?;
    Ok(())
}

/// A connection, and the token to use it with.
async fn log_in(address: SocketAddr) -> Result<(Connection, String), Failure> {
    let mut connection = Connection::open(address).await?;
    let answer =
        connection.json(("POST", "/api/auth/login"), None, Some(&newcomer_login())).await?;
    let token = answer.get("access_token").and_then(|token| token.as_str()).ok_or("no token")?;
    Ok((connection, token.to_owned()))
}

fn newcomer_login() -> serde_json::Value {
    let mut login = newcomer(0);
    if let Some(fields) = login.as_object_mut() {
        fields.remove("consents");
    }
    login
}

/// As many lists as new entries.
async fn work((connection, token): &mut (Connection, String)) -> Result<(), Failure> {
    let (token, body) = (Some(token.as_str()), draft_json().to_string());
    let path = "/api/journal/entries";
    let requests =
        [request(("POST", path), token, Some(&body)), request(("GET", path), token, None)];
    for request in requests.iter().cycle().take(REQUESTS) {
        let status = connection.ask(request).await?.status;
        if !(200..300).contains(&status) {
            return Err(format!("answered with {status}").into());
        }
    }
    Ok(())
}

fn line(what: &str, figure: &str, wanted: &str) {
    row(&[what.to_owned(), figure.to_owned(), wanted.to_owned()]);
}

fn millis(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1e3)
}
