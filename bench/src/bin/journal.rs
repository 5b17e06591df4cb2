//! Writing, reading and listing journal entries: raw SQL, the use case and HTTP, side by side.
//!
//! `journal [SECONDS]`: for each of three rounds of each figure; one second by default.

use bench::{
    Failure, databases, head,
    http::{Repeated, request},
    load::{Client, Load, drive, drive_threads},
    raw, row, say,
    world::{Deed, World, Writer, draft_json, drive_apart},
};
use db::testing::TestDb;
use journal::EntryId;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

const CLIENTS: [usize; 3] = [1, 8, 32];
const ENTRIES: usize = 200;
const ROUNDS: u32 = 3;

/// The raw database in both of its ways.
enum Raw {
    Sqlite([raw::sqlite::Raw; 2]),
    Postgres([raw::postgres::Raw; 2]),
}

/// Everything that stands side by side.
struct Bench {
    name: &'static str,
    world: World,
    writers: Vec<Writer>,
    ids: Vec<Arc<[EntryId]>>,
    raw: Raw,
    raw_people: Vec<Uuid>,
    time: Duration,
}

/// What was measured of one deed with so many clients.
#[derive(Default)]
struct Figures {
    raw: Load,
    hard: Load,
    service: Load,
    http: Load,
    server_cpu: Duration,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let seconds = std::env::args().nth(1).map_or(Ok(1.0), |text| text.parse())?;
    say("Side by side on the same tables: `raw` is SQL by hand that writes the same rows in the");
    say("same transactions, `hard` the same with shared commits (SQLite) or one message per");
    say(
        "transaction (PostgreSQL). Ratios are rates divided by that of `raw` (of `hard`). The HTTP",
    );
    say("clients share the processors with everything else.");
    let titles =
        ["database", "deed", "clients", "raw", "hard", "service", "ratio", "HTTP", "ratio"];
    let more = ["p50 raw", "p50 service", "p50 HTTP", "p99 raw", "p99 service", "p99 HTTP"];
    head(&[&titles[..], &more[..], &["server CPU per request"]].concat());
    for (name, database, test) in databases(&server::registry::migrations()).await {
        let world = World::start(database.clone()).await?;
        let mut bench = Bench::new(name, world, &test, Duration::from_secs_f64(seconds)).await?;
        for deed in Deed::ALL {
            for clients in CLIENTS {
                let figures = bench.measure(deed, clients).await?;
                bench.print(deed, clients, figures);
            }
        }
        bench.world.stop().await?;
        database.close();
        test.discard().await;
    }
    Ok(())
}

impl Raw {
    async fn open(test: &TestDb) -> Result<Self, Failure> {
        if let Some(path) = test.db.file() {
            let [own, group] =
                [raw::sqlite::Raw::open(path, false)?, raw::sqlite::Raw::open(path, true)?];
            return Ok(Self::Sqlite([own, group]));
        }
        // EXPOSE: a throw-away database.
        let url = test.url.expose();
        let own = raw::postgres::Raw::open(url, false).await?;
        Ok(Self::Postgres([own, raw::postgres::Raw::open(url, true).await?]))
    }
}

impl Bench {
    async fn new(
        name: &'static str,
        world: World,
        test: &TestDb,
        time: Duration,
    ) -> Result<Self, Failure> {
        let most = CLIENTS.into_iter().max().unwrap_or_default();
        let writers = world.people(most).await?;
        let mut ids = Vec::new();
        for writer in &writers {
            ids.push(world.seed(writer, ENTRIES).await?.into());
        }
        let raw = Raw::open(test).await?;
        let people: Vec<Uuid> = writers.iter().map(|one| one.subject.user.as_uuid()).collect();
        let raw_people = match &raw {
            Raw::Sqlite([raw, _]) => raw.copy_people(&people, &world.app.env)?,
            Raw::Postgres([raw, _]) => raw.copy_people(&people, &world.app.env).await?,
        };
        Ok(Self { name, world, writers, ids, raw, raw_people, time })
    }

    async fn measure(&mut self, deed: Deed, clients: usize) -> Result<Figures, Failure> {
        let mut figures = Figures::default();
        // The first round warms everything up and does not count.
        for round in 0..=ROUNDS {
            let raw = self.raw(deed, clients, false).await?;
            let hard = self.raw(deed, clients, true).await?;
            let service = self.service(deed, clients).await?;
            let (http, cpu) = self.http(deed, clients).await?;
            if round > 0 {
                figures.raw.add(raw);
                figures.hard.add(hard);
                figures.service.add(service);
                figures.http.add(http);
                figures.server_cpu += cpu;
            }
        }
        Ok(figures)
    }

    async fn raw(&self, deed: Deed, clients: usize, hard: bool) -> Result<Load, Failure> {
        let env = &self.world.app.env;
        let people = self.raw_people.iter().zip(&self.ids).take(clients);
        let people = people
            .map(|(user, ids)| (*user, ids.iter().map(EntryId::as_uuid).collect::<Arc<[Uuid]>>()));
        match &self.raw {
            Raw::Sqlite([plain, grouped]) => {
                let raw = if hard { grouped } else { plain };
                let clients = people.map(|(user, ids)| raw.client(deed, user, (env, ids)));
                drive_threads(clients.collect::<Result<_, _>>()?, self.time)
            }
            Raw::Postgres([plain, pipelined]) => {
                let raw = if hard { pipelined } else { plain };
                let mut clients = Vec::new();
                for (user, ids) in people {
                    clients.push(raw.client(deed, user, (env, ids)).await?);
                }
                drive(clients, self.time).await
            }
        }
    }

    async fn service(&self, deed: Deed, clients: usize) -> Result<Load, Failure> {
        let people = self.writers.iter().zip(&self.ids).take(clients);
        let call =
            |(writer, ids)| Box::new(self.world.caller(writer, deed, ids)) as Box<dyn Client>;
        drive(people.map(call).collect(), self.time).await
    }

    async fn http(&self, deed: Deed, clients: usize) -> Result<(Load, Duration), Failure> {
        let people = self.writers.iter().zip(&self.ids).take(clients);
        let requests: Vec<Arc<[Vec<u8>]>> =
            people.map(|(writer, ids)| requests(deed, writer, ids)).collect();
        let address = self.world.address;
        let connect = async move || {
            let mut clients: Vec<Box<dyn Client>> = Vec::new();
            for requests in requests {
                clients.push(Box::new(Repeated::open(address, requests).await?));
            }
            Ok(clients)
        };
        drive_apart(connect, self.time).await
    }

    fn print(&self, deed: Deed, clients: usize, mut of: Figures) {
        let rate = |load: &Load| format!("{:.0}", load.per_second());
        let ratio = |load: &Load| {
            let (raw, hard) = (of.raw.per_second(), of.hard.per_second());
            let rate = load.per_second();
            format!("**{:.2}** ({:.2})", rate / raw, rate / hard)
        };
        let cpu = of.server_cpu.as_secs_f64() * 1e6
            / f64::from(u32::try_from(of.http.times.len()).unwrap_or(u32::MAX));
        let mut cells = vec![
            self.name.to_owned(),
            deed.name().to_owned(),
            clients.to_string(),
            rate(&of.raw),
            rate(&of.hard),
            rate(&of.service),
            ratio(&of.service),
            rate(&of.http),
            ratio(&of.http),
        ];
        for share in [0.5, 0.99] {
            for load in [&mut of.raw, &mut of.service, &mut of.http] {
                cells.push(format!("{:.2} ms", load.percentile(share).as_secs_f64() * 1e3));
            }
        }
        cells.push(format!("{cpu:.0} µs"));
        row(&cells);
    }
}

fn requests(deed: Deed, writer: &Writer, ids: &[EntryId]) -> Arc<[Vec<u8>]> {
    let token = Some(writer.token.as_str());
    let path = "/api/journal/entries";
    match deed {
        Deed::Create => {
            let body = draft_json().to_string();
            [request(("POST", path), token, Some(&body))].into()
        }
        Deed::List => [request(("GET", path), token, None)].into(),
        Deed::Read => {
            let read = |id: &EntryId| request(("GET", &format!("{path}/{id}")), token, None);
            ids.iter().map(read).collect()
        }
    }
}
