//! What the measurements share: time per operation, tables, databases.
//!
//! Every figure stands beside the raw cost beneath it, measured in the same run on the same
//! machine: ratios survive a busy machine, times do not.

pub mod http;
pub mod load;
pub mod model;
pub mod raw;
pub mod salus;
pub mod shares;
pub mod world;

use db::{Db, DbConfig, MigrationSet, testing::TestDb};
use kernel::{Env, Secret};
use std::{
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

/// Why a measurement cannot go on.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Prints one line.
pub fn say(line: impl std::fmt::Display) {
    // A reader that went away is no reason to fail.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints a row of a Markdown table.
pub fn row(cells: &[String]) {
    say(format_args!("| {} |", cells.join(" | ")));
}

/// Prints the head of a Markdown table.
pub fn head(titles: &[&str]) {
    say(format_args!("\n| {} |", titles.join(" | ")));
    say(format_args!("|{}", "---|".repeat(titles.len())));
}

/// Time per call: the best of five rounds of at least a fifth of a second.
pub fn time_per_call(mut call: impl FnMut()) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let (mut calls, started) = (0_u32, Instant::now());
        while started.elapsed() < Duration::from_millis(200) {
            for _ in 0..64 {
                call();
            }
            calls += 64;
        }
        best = best.min(started.elapsed() / calls);
    }
    best
}

/// The value at this share of the sorted times.
#[must_use]
pub fn percentile(times: &mut [Duration], share: f64) -> Duration {
    times.sort_unstable();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "an index into a list of times"
    )]
    let index = ((times.len() as f64 - 1.0) * share) as usize;
    times.get(index).copied().unwrap_or_default()
}

/// How many per second.
#[must_use]
pub fn per_second(count: usize, time: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let count = count as f64;
    count / time.as_secs_f64()
}

/// A fresh database of each kind that this machine has. The embedded one is on the disk of the
/// working folder, not in memory: what a commit costs is part of every figure.
pub async fn databases(migrations: &MigrationSet) -> Vec<(&'static str, Db, TestDb)> {
    let mut all = Vec::new();
    let sqlite = TestDb::sqlite_in(Path::new("target"), migrations).await;
    all.push(("SQLite", sqlite.db.clone(), sqlite));
    if let Some(postgres) = TestDb::postgres(migrations).await {
        let config = DbConfig::from_url(&Secret::new(postgres.url.expose().clone()));
        match config.and_then(|config| Db::open(&config, Env::system())) {
            Ok(db) => all.push(("PostgreSQL", db, postgres)),
            Err(error) => say(format_args!("PostgreSQL: {error}")),
        }
    }
    all
}
