//! Clients that do the same thing over and over, and how long each time took.

use crate::Failure;
use async_trait::async_trait;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Someone who waits for each answer before asking again.
#[async_trait]
pub trait Client: Send {
    /// Asks once.
    async fn call(&mut self) -> Result<(), Failure>;
}

/// The same, for a library that blocks the thread it is called on.
pub trait Blocking: Send {
    /// Asks once.
    fn call(&mut self) -> Result<(), Failure>;
}

/// What clients measured.
#[derive(Default)]
pub struct Load {
    /// How long each call took.
    pub times: Vec<Duration>,
    /// How long it all took.
    pub elapsed: Duration,
}

impl Load {
    /// Calls per second.
    #[must_use]
    pub fn per_second(&self) -> f64 {
        crate::per_second(self.times.len(), self.elapsed)
    }

    /// The time that this share of the calls kept to.
    pub fn percentile(&mut self, share: f64) -> Duration {
        crate::percentile(&mut self.times, share)
    }

    /// Adds another round.
    pub fn add(&mut self, round: Self) {
        self.times.extend(round.times);
        self.elapsed += round.elapsed;
    }
}

/// Lets all clients call for so long.
pub async fn drive(clients: Vec<Box<dyn Client>>, time: Duration) -> Result<Load, Failure> {
    let (mut tasks, started) = (JoinSet::new(), Instant::now());
    for mut client in clients {
        tasks.spawn(async move {
            let mut times = Vec::new();
            while started.elapsed() < time {
                let before = Instant::now();
                client.call().await?;
                times.push(before.elapsed());
            }
            Ok::<_, Failure>(times)
        });
    }
    let mut load = Load::default();
    while let Some(times) = tasks.join_next().await {
        load.times.extend(times??);
    }
    load.elapsed = started.elapsed();
    Ok(load)
}

/// Lets all clients call for so long, each on a thread of its own.
pub fn drive_threads(clients: Vec<Box<dyn Blocking>>, time: Duration) -> Result<Load, Failure> {
    let started = Instant::now();
    let run = |mut client: Box<dyn Blocking>| {
        let mut times = Vec::new();
        while started.elapsed() < time {
            let before = Instant::now();
            client.call()?;
            times.push(before.elapsed());
        }
        Ok::<_, Failure>(times)
    };
    let mut load = Load::default();
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            clients.into_iter().map(|client| scope.spawn(move || run(client))).collect();
        for thread in threads {
            load.times.extend(thread.join().map_err(|_| "a client panicked")??);
        }
        Ok::<_, Failure>(())
    })?;
    load.elapsed = started.elapsed();
    Ok(load)
}

/// Processor time of this process and of this thread so far.
pub fn cpu() -> Result<(Duration, Duration), Failure> {
    Ok((process_cpu(std::process::id())?, thread_cpu()?))
}

/// Processor time of a process so far, in steps of a hundredth of a second.
pub fn process_cpu(id: u32) -> Result<Duration, Failure> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    // After the name, which may hold anything: state is the first field, user time the twelfth.
    let (_, fields) = stat.rsplit_once(')').ok_or("no name in stat")?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut ticks = || fields.next().and_then(|field| field.parse::<u64>().ok());
    let (user, system) = ticks().zip(ticks()).ok_or("no times in stat")?;
    Ok(Duration::from_millis((user + system) * 10))
}

/// Processor time of this thread so far.
pub fn thread_cpu() -> Result<Duration, Failure> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanos = stat.split_whitespace().next().ok_or("schedstat is empty")?;
    Ok(Duration::from_nanos(nanos.parse()?))
}
