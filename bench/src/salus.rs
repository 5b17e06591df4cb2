//! The program as it is shipped, as a process of its own.

use crate::{Failure, say};
use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Where data lives while something is measured: on a disk, not in memory.
pub struct Folder(pub PathBuf);

impl Folder {
    /// A new one.
    pub fn new(name: &str) -> Result<Self, Failure> {
        let path = PathBuf::from(format!("target/salus-{name}-{}", std::process::id()));
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

/// A running program; ended when dropped.
pub struct Salus {
    process: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// How long it took to be ready.
    pub took: Duration,
}

impl Salus {
    /// Starts it with its data in this folder and these settings, `HTTP__RATES=generous`.
    pub fn start(
        program: &Path,
        folder: &Path,
        settings: &[(&str, &str)],
    ) -> Result<Self, Failure> {
        let mut command = Command::new(program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder);
        command.env("SALUS__HTTP__RATES", "generous").env("SALUS__LOG__LEVEL", "warn");
        // All clients of a measurement have one address.
        command.env("SALUS__HTTP__OPEN_PER_CLIENT", "4096");
        for (name, value) in settings {
            command.env(format!("SALUS__{name}"), value);
        }
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

    /// Which process it is.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// What is resident now, and how much of it is no file.
    pub fn memory(&self) -> Result<(u64, u64), Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().trim_end_matches(" kB").parse::<u64>().ok()
        };
        let (now, anonymous) = of("VmRSS:").zip(of("RssAnon:")).ok_or("no memory in status")?;
        Ok((now * 1024, anonymous * 1024))
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

/// Bytes for people to read.
#[must_use]
pub fn mib(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "for people to read")]
    let bytes = bytes as f64;
    format!("{:.1} MiB", bytes / 1024.0 / 1024.0)
}
