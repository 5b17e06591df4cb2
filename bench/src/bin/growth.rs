//! What an entry costs once there are many: of the person themselves, and of everybody else.
//!
//! `growth [ROWS]`: how many rows of others there are in the end; 100,000 unless said otherwise.

use bench::{
    Failure, databases, head,
    load::Client,
    percentile, row, say,
    world::{Caller, Deed, World, Writer, draft},
};
use crisis::Whereabouts;
use db::testing::TestDb;
use journal::{Change, EntryId, Incoming, SYNC_CHANGES, SyncCursor, SyncRequest};
use kernel::{Cursor, PageSize, Timestamp};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

const OWN: [usize; 3] = [1_000, 10_000, 100_000];
const OTHERS: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// How often each thing is done; the first fifth does not count.
const TURNS: usize = 1_000;

/// Somebody with a journal of a known size.
struct Owner<'a> {
    world: &'a World,
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
    say(
        "p50 of one client. Those who are compared take turns call by call, so that a machine or a",
    );
    say("disk that is busy is as busy for each: first three people whose journals differ in size,");
    say("then two in two databases of which one holds ever more rows of others.");
    let titles = ["database", "own entries", "others' rows", "newest page", "page in the middle"];
    head(
        &[&titles[..], &["read", "create", "× newest", "× middle", "× read", "× create"]].concat(),
    );
    let schema = server::registry::migrations();
    // The first of a kind grows, the second stays as it is.
    for (grown, still) in databases(&schema).await.into_iter().zip(databases(&schema).await) {
        let (world, still_world) =
            (World::start(grown.1.clone()).await?, World::start(still.1.clone()).await?);
        measure(grown.0, (&world, &grown.2), &still_world, most).await?;
        for (world, (_, database, test)) in [(world, grown), (still_world, still)] {
            world.stop().await?;
            database.close();
            test.discard().await;
        }
    }
    Ok(())
}

async fn measure(
    name: &str,
    (world, test): (&World, &TestDb),
    still: &World,
    most: usize,
) -> Result<(), Failure> {
    let mut owners = Vec::new();
    for (writer, size) in world.people(OWN.len()).await?.into_iter().zip(OWN) {
        owners.push(Owner::fill(world, writer, size).await?);
    }
    settle(test).await?;
    print_all(name, "0", take_turns(&owners).await?.iter().zip(&owners));
    let writer = still.people(1).await?.pop().ok_or("nobody")?;
    let pair = vec![Owner::fill(still, writer, 1_000).await?, owners.swap_remove(0)];
    let mut present = 0;
    for others in OTHERS.into_iter().filter(|others| *others <= most) {
        add_others(test, present, others).await?;
        settle(test).await?;
        present = others;
        let p50 = take_turns(&pair).await?;
        print_all(name, &others.to_string(), p50.iter().zip(&pair));
    }
    Ok(())
}

impl<'a> Owner<'a> {
    /// Fills the journal as a device with a long history would: by sync, in pages.
    async fn fill(world: &'a World, writer: Writer, size: usize) -> Result<Self, Failure> {
        let env = &world.app.env;
        let start = env.now().as_micros();
        let (mut ids, mut middle, mut lineage) = (Vec::new(), Cursor::NEWEST, None);
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
            let seq = u64::try_from(page * SYNC_CHANGES)?;
            let seen = lineage.map(|lineage| SyncCursor { seq, lineage });
            let (size, place) = (PageSize::clamped(1), Whereabouts::default());
            let request = SyncRequest { seen, changes, size, place };
            let answer = world.app.journal.sync(&world.ctx(&writer), request).await?;
            lineage = Some(answer.seen.lineage);
        }
        Ok(Self { world, writer, size, ids: ids.into(), middle })
    }

    fn caller(&self, task: Task) -> Caller {
        let deed = match task {
            Task::Newest | Task::Middle => Deed::List,
            Task::Read => Deed::Read,
            Task::Create => Deed::Create,
        };
        let mut caller = self.world.caller(&self.writer, deed, &self.ids);
        caller.after = matches!(task, Task::Middle).then_some(self.middle);
        caller
    }
}

/// Lets everyone do everything, one call of one person after one of another; answers the p50 of
/// each task for each of them.
async fn take_turns(owners: &[Owner<'_>]) -> Result<Vec<Vec<Duration>>, Failure> {
    let mut p50: Vec<Vec<Duration>> = owners.iter().map(|_| Vec::new()).collect();
    for task in Task::ALL {
        let mut seats: Vec<(Caller, Vec<Duration>)> =
            owners.iter().map(|owner| (owner.caller(task), Vec::new())).collect();
        for turn in 0..TURNS {
            for (caller, times) in &mut seats {
                let before = Instant::now();
                caller.call().await?;
                if turn >= TURNS / 5 {
                    times.push(before.elapsed());
                }
            }
        }
        for ((_, mut times), p50) in seats.into_iter().zip(&mut p50) {
            p50.push(percentile(&mut times, 0.5));
        }
    }
    Ok(p50)
}

/// Prints a row for each owner; the first is what the others are compared with.
fn print_all<'a>(
    name: &str,
    others: &str,
    rows: impl Iterator<Item = (&'a Vec<Duration>, &'a Owner<'a>)>,
) {
    let mut first: Option<&Vec<Duration>> = None;
    for (p50, owner) in rows {
        let compared = first.is_some();
        let first = *first.get_or_insert(p50);
        let there = if compared { others } else { "0" };
        let mut cells = vec![name.to_owned(), owner.size.to_string(), there.to_owned()];
        cells.extend(p50.iter().map(|time| format!("{:.2} ms", time.as_secs_f64() * 1e3)));
        let times = p50.iter().zip(first);
        cells.extend(
            times.map(|(now, first)| format!("{:.2}", now.as_secs_f64() / first.as_secs_f64())),
        );
        row(&cells);
    }
}

/// Rows of other people, a hundred each, as large as sealed ones.
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
            FALSE, decode(repeat(md5('m' || i), 10), 'hex'),
            decode(repeat(md5('b' || i), 35), 'hex'), i % 100 + 1
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
