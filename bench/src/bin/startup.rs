//! The program as it is shipped: how soon it is ready, and what it holds while nobody asks.
//!
//! Needs `salus` beside it, built with `cargo build --release`.

use bench::{
    Failure, head,
    http::{Connection, request},
    load::process_cpu,
    percentile, row, say,
    world::{draft_json, newcomer},
};
use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const STARTS: usize = 15;
const REQUESTS: usize = 1_000;

/// A running program; ended when dropped.
struct Salus {
    process: Child,
    address: SocketAddr,
    took: Duration,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let program = std::env::current_exe()?.with_file_name("salus");
    let root = Folder::new()?;
    head(&["what", "figure", "wanted"]);
    line("size of the program", &mib(std::fs::metadata(&program)?.len()), "");
    let mut fresh = Vec::new();
    for number in 0..STARTS {
        let folder = root.0.join(format!("fresh-{number}"));
        fresh.push(Salus::start(&program, &folder)?.took);
    }
    line("start on an empty folder, median", &millis(percentile(&mut fresh, 0.5)), "");
    let folder = root.0.join("used");
    let salus = Salus::start(&program, &folder)?;
    use_it(salus.address).await?;
    drop(salus);
    let mut again = Vec::new();
    for _ in 0..STARTS {
        again.push(Salus::start(&program, &folder)?.took);
    }
    line("start on existing data, median", &millis(percentile(&mut again, 0.5)), "≤ 200 ms");
    line("start on existing data, slowest", &millis(percentile(&mut again, 1.0)), "≤ 200 ms");

    let salus = Salus::start(&program, &folder)?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    line("memory, idle for 5 s", &salus.memory()?, "≤ 40 MiB");
    let before = process_cpu(salus.process.id())?;
    tokio::time::sleep(Duration::from_secs(10)).await;
    let idle = process_cpu(salus.process.id())?.saturating_sub(before);
    line("processor time of 10 s without a request", &millis(idle), "");
    let mut connection = log_in(salus.address).await?;
    line("memory right after a log-in (64 MiB to hash)", &salus.memory()?, "");
    work(&mut connection).await?;
    line("memory right after 1,000 requests", &salus.memory()?, "");
    tokio::time::sleep(Duration::from_secs(15)).await;
    line("memory, idle for 15 s after them", &salus.memory()?, "≤ 40 MiB");
    Ok(())
}

/// Where data lives while this runs: on a disk, not in memory.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, Failure> {
        let path = PathBuf::from(format!("target/salus-startup-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            say(format_args!("{} stays: {error}", self.0.display()));
        }
    }
}

impl Salus {
    fn start(program: &Path, folder: &Path) -> Result<Self, Failure> {
        let mut command = Command::new(program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder);
        command.env("SALUS__HTTP__RATES", "generous").env("SALUS__LOG__LEVEL", "warn");
        let started = Instant::now();
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn()?;
        let output = process.stdout.take().ok_or("no output")?;
        for line in BufReader::new(output).lines() {
            if let Some((_, address)) = line?.split_once("Salus is ready at http://") {
                let (took, address) = (started.elapsed(), address.trim().parse()?);
                return Ok(Self { process, address, took });
            }
        }
        Err("the program ended before it was ready".into())
    }

    /// What is resident now, and the most that ever was.
    fn memory(&self) -> Result<String, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().trim_end_matches(" kB").parse::<u64>().ok()
        };
        let (now, anonymous) = of("VmRSS:").zip(of("RssAnon:")).ok_or("no memory in status")?;
        Ok(format!("{} ({} of it not a file)", mib(now * 1024), mib(anonymous * 1024)))
    }
}

impl Drop for Salus {
    fn drop(&mut self) {
        let stopped = Command::new("kill").arg(self.process.id().to_string()).status();
        if stopped.is_err() && self.process.kill().is_err() {
            say("a program could not be stopped");
        }
        if let Err(error) = self.process.wait() {
            say(format_args!("waiting for the program: {error}"));
        }
    }
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

fn mib(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "for people to read")]
    let bytes = bytes as f64;
    format!("{:.1} MiB", bytes / 1024.0 / 1024.0)
}
