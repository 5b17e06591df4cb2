//! What an entry costs once there are many: of the person themselves, and of everybody else.
//!
//! `growth [ROWS]`: how many rows of others there are in the end; 100,000 unless said otherwise.

use bench::{
    Failure, databases, head,
    load::{Load, drive},
    row, say,
    world::{Deed, World, Writer, draft},
};
use db::testing::TestDb;
use journal::{Change, EntryId, Incoming, SYNC_CHANGES, SyncCursor, SyncRequest};
use kernel::{Cursor, PageSize, Timestamp};
use std::{sync::Arc, time::Duration};

const OWN: [usize; 3] = [1_000, 10_000, 100_000];
const OTHERS: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
const ROUNDS: u32 = 8;
const TIME: Duration = Duration::from_millis(250);

/// Somebody with a journal of a known size.
struct Owner {
    writer: Writer,
    size: usize,
    ids: Arc<[EntryId]>,
    /// Half-way through the journal.
    middle: Cursor,
}

/// What is measured.
#[derive(Clone, Copy)]
enum Task {
    Newest,
    Middle,
    Read,
    Create,
}

impl Task {
    const ALL: [Self; 4] = [Self::Newest, Self::Middle, Self::Read, Self::Create];
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let most = std::env::args().nth(1).map_or(Ok(100_000), |text| text.parse())?;
    say("p50 of one client. Three people whose journals differ in size take turns, so that a busy");
    say("machine is as busy for each; then one of them while the rows of others grow in number.");
    let titles = ["database", "own entries", "others' rows", "newest page", "page in the middle"];
    head(
        &[&titles[..], &["read", "create", "× newest", "× middle", "× read", "× create"]].concat(),
    );
    for (name, database, test) in databases(&server::registry::migrations()).await {
        let world = World::start(database.clone()).await?;
        measure(name, &world, &test, most).await?;
        world.stop().await?;
        database.close();
        test.discard().await;
    }
    Ok(())
}

async fn measure(name: &str, world: &World, test: &TestDb, most: usize) -> Result<(), Failure> {
    let mut owners = Vec::new();
    for (writer, size) in world.people(OWN.len()).await?.into_iter().zip(OWN) {
        owners.push(Owner::fill(world, writer, size).await?);
    }
    settle(test).await?;
    let owners: Vec<&Owner> = owners.iter().collect();
    let first = print_all(name, "0", &owners, take_turns(world, &owners).await?, None);
    let mut present = 0;
    for others in OTHERS.into_iter().filter(|others| *others <= most) {
        add_others(test, present, others).await?;
        settle(test).await?;
        present = others;
        let some = owners.get(..1).unwrap_or_default();
        let loads = take_turns(world, some).await?;
        print_all(name, &others.to_string(), some, loads, first);
    }
    Ok(())
}

impl Owner {
    /// Fills the journal as a device with a long history would: by sync, in pages.
    async fn fill(world: &World, writer: Writer, size: usize) -> Result<Self, Failure> {
        let env = &world.app.env;
        let start = env.now().as_micros();
        let (mut ids, mut middle) = (Vec::new(), Cursor::NEWEST);
        for page in 0..size / SYNC_CHANGES {
            let mut changes = Vec::new();
            for number in page * SYNC_CHANGES..(page + 1) * SYNC_CHANGES {
                // A quarter of an hour apart, into the past.
                let at = start - 900_000_000 * i64::try_from(number)?;
                let at = Timestamp::from_micros(at.max(-2_000_000_000_000_000));
                let id: EntryId = env.new_id();
                let change = Change { id, base: 0, content: Some(draft().content(at)?) };
                changes.push((id, Ok(Incoming { change, created_at: Some(at), updated_at: None })));
                if number == size / 2 {
                    middle = Cursor { at, id: id.as_uuid() };
                }
            }
            ids.extend(changes.iter().map(|(id, _)| *id));
            let seen = SyncCursor(u64::try_from(page * SYNC_CHANGES)?);
            let request = SyncRequest { seen, changes, size: PageSize::clamped(1) };
            world.app.journal.sync(&world.ctx(&writer), request).await?;
        }
        Ok(Self { writer, size, ids: ids.into(), middle })
    }

    async fn run(&self, world: &World, task: Task) -> Result<Load, Failure> {
        let deed = match task {
            Task::Newest | Task::Middle => Deed::List,
            Task::Read => Deed::Read,
            Task::Create => Deed::Create,
        };
        let mut caller = world.caller(&self.writer, deed, &self.ids);
        caller.after = matches!(task, Task::Middle).then_some(self.middle);
        drive(vec![Box::new(caller)], TIME).await
    }
}

/// Lets everyone do everything, round after round, and the first round not count.
async fn take_turns(world: &World, owners: &[&Owner]) -> Result<Vec<[Load; 4]>, Failure> {
    let mut loads: Vec<[Load; 4]> = owners.iter().map(|_| Default::default()).collect();
    for round in 0..=ROUNDS {
        for task in Task::ALL {
            for (owner, loads) in owners.iter().zip(&mut loads) {
                let load = owner.run(world, task).await?;
                if let (Some(sum), true) = (loads.get_mut(task as usize), round > 0) {
                    sum.add(load);
                }
            }
        }
    }
    Ok(loads)
}

/// Prints a row for each owner; answers the times of the first.
fn print_all(
    name: &str,
    others: &str,
    owners: &[&Owner],
    loads: Vec<[Load; 4]>,
    base: Option<[Duration; 4]>,
) -> Option<[Duration; 4]> {
    let mut base = base;
    for (owner, loads) in owners.iter().zip(loads) {
        let p50 = loads.map(|mut load| load.percentile(0.5));
        let first = *base.get_or_insert(p50);
        let mut cells = vec![name.to_owned(), owner.size.to_string(), others.to_owned()];
        cells.extend(p50.map(|time| format!("{:.2} ms", time.as_secs_f64() * 1e3)));
        let times = p50.iter().zip(&first);
        cells.extend(
            times.map(|(now, first)| format!("{:.2}", now.as_secs_f64() / first.as_secs_f64())),
        );
        row(&cells);
    }
    base
}

/// Rows of other people, a hundred each, with bytes as random and as many as sealed ones.
async fn add_others(test: &TestDb, from: usize, to: usize) -> Result<(), Failure> {
    let sqlite = format!(
        "WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {to})
         INSERT INTO journal_entries (tenant_id, shard_id, user_id, id, occurred_at, created_at,
            updated_at, version, deleted, meta, body, seq)
         SELECT zeroblob(16), 0, CAST(printf('%016d', i / 100 * 7919 % 1000003) AS BLOB),
            randomblob(16), i * 1000000, i * 1000000, i * 1000000, 1, 0, randomblob(160),
            randomblob(560), i % 100 + 1 FROM n;"
    );
    let postgres = format!(
        "INSERT INTO journal_entries (tenant_id, shard_id, user_id, id, occurred_at, created_at,
            updated_at, version, deleted, meta, body, seq)
         SELECT '00000000-0000-0000-0000-000000000001', 0, md5('p' || i / 100)::uuid,
            gen_random_uuid(), i * 1000000::bigint, i * 1000000::bigint, i * 1000000::bigint, 1,
            FALSE, (SELECT decode(string_agg(md5(i || 'm' || k), ''), 'hex')
                FROM generate_series(1, 10) k),
            (SELECT decode(string_agg(md5(i || 'b' || k), ''), 'hex')
                FROM generate_series(1, 35) k), i % 100 + 1
         FROM generate_series({from}::bigint, {to} - 1) i;"
    );
    let sql = if test.db.file().is_some() { sqlite } else { postgres };
    Ok(test.tamper(&sql).await?)
}

/// What PostgreSQL does by itself some time after so much was written; SQLite keeps no statistics.
async fn settle(test: &TestDb) -> Result<(), Failure> {
    if test.db.file().is_none() {
        test.tamper("ANALYZE").await?;
    }
    Ok(())
}
