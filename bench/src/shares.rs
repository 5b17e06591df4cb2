//! What an answer to a program is made of: cryptography, events of the ledger and SQL, each called
//! by itself on one thread, as often and with the same sizes as one such answer calls it. The SQL is
//! the program's own, run by hand.

use crate::{Failure, load::thread_cpu, row};
use audit::{Event, Ledger, LedgerConfig};
use db::{DbError, Engine, MigrationSet, SqlKeyStore, Statement, run_tx, testing::TestDb};
use kernel::{
    Acr, Actor, Ctx, Env, Origin, Person, RequestId, Role, RoleSet, SessionId, Subject, TenantId,
    UserId,
};
use rusqlite::{Connection, types::Value};
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use uuid::Uuid;
use vault::{KeyPurpose, Keyring, MemoryKms, SystemKeys, Vault, VaultConfig};

vault::columns! {
    /// As a box of an event is sealed.
    BOX = ("bench", "box", KeyPurpose::accountability("bench"), 1);
}

audit::actions! {
    /// As a call is begun and ended.
    CALL = "bench.call" on "call";
}

const ROUNDS: u32 = 400;
/// An answer has two events, each with a box for whom it is about and one for who did it, and each
/// with three names that stand for people and things.
const EVENTS: u32 = 2;
const BOXES: u32 = 2 * EVENTS;
const PSEUDONYMS: u32 = 3 * EVENTS;

/// Processor time of the parts of one answer, and how long its two commits took.
pub struct Shares {
    /// Boxes sealed, names made, a key recognised.
    pub encryption: Duration,
    /// The rest of making two events.
    pub audit: Duration,
    /// The statements of both transactions.
    pub sql: Duration,
    /// How long it takes to hold an allowance, which does not wait for the disk.
    pub hold: Duration,
    /// How long it takes to settle, which does.
    pub settle: Duration,
}

impl Shares {
    /// Prints them beside what a whole answer takes of the processor.
    pub fn print(&self, whole: Duration) {
        let micros = |time: Duration| format!("{:.1} µs", time.as_secs_f64() * 1e6);
        let of = |part: Duration| {
            let percent = 100.0 * part.as_secs_f64() / whole.as_secs_f64();
            format!("{} ({percent:.0} %)", micros(part))
        };
        let print = |what: &str, figure: String| {
            row(&[what.to_owned(), figure, String::new(), String::new()]);
        };
        print("of that: encryption (4 boxes, 6 pseudonyms, a key)", of(self.encryption));
        print("of that: ledger (2 events, without their encryption)", of(self.audit));
        print("of that: SQL of both transactions, by hand on one thread", of(self.sql));
        let rest = self.encryption + self.audit + self.sql;
        print("of that: everything else", of(whole.saturating_sub(rest)));
        print("the transaction that holds an allowance, by hand", micros(self.hold));
        print("the transaction that settles it, by hand, to the disk", micros(self.settle));
    }
}

/// A person who asks, and their keys.
struct Asker {
    ctx: Ctx,
    subject: Subject,
    keyring: Keyring,
    system: SystemKeys,
}

/// Measures them on a database of its own, on the disk of the working folder.
pub async fn measure() -> Result<Shares, Failure> {
    let sets = [db::MIGRATIONS, audit::MIGRATIONS, companion::MIGRATIONS];
    let test = TestDb::sqlite_in(Path::new("target"), &MigrationSet::new(&sets)).await;
    let env = Env::system();
    let kms = Arc::new(MemoryKms::new(env.clone()));
    let keys = Arc::new(SqlKeyStore::new(test.db.clone()));
    let vault = Vault::new(env.clone(), kms, keys, VaultConfig::new(&[audit::COLUMNS, COLUMNS]));
    let ledger = Ledger::open(test.db.clone(), vault.clone(), LedgerConfig::default()).await?;
    let subject = Subject::new(TenantId::DEFAULT, env.new_id::<UserId>());
    let person = Person {
        subject,
        session: env.new_id::<SessionId>(),
        roles: RoleSet::of(&[Role::User]),
        acr: Acr::Single,
        auth_time: env.now(),
    };
    let id = RequestId::random(&env);
    let ctx = Ctx::request(env, id, Actor::Person(person), Origin::default());
    let keyring = vault.keyring(subject).await?;
    let system = vault.system_key("bench.key").await?;
    let asker = Asker { ctx, subject, keyring, system };
    let encryption = encryption(&asker)?;
    let events = events(&asker, (&test.db, &ledger)).await?;
    let path = test.db.file().ok_or("no file")?.to_owned();
    let ((hold, first), (settle, second)) = transactions(&path, &asker)?;
    test.db.close();
    test.discard().await;
    let audit = events.saturating_sub(encryption);
    Ok(Shares { encryption, audit, sql: first + second, hold, settle })
}

/// Processor time of this thread for one of many.
fn per_round(mut work: impl FnMut() -> Result<(), Failure>) -> Result<Duration, Failure> {
    for _ in 0..ROUNDS / 10 {
        work()?;
    }
    let before = thread_cpu()?;
    for _ in 0..ROUNDS {
        work()?;
    }
    Ok(thread_cpu()?.saturating_sub(before) / ROUNDS)
}

fn encryption(asker: &Asker) -> Result<Duration, Failure> {
    let (plain, id) = ([7_u8; 160], asker.ctx.new_id::<Uuid>());
    per_round(|| {
        for _ in 0..BOXES {
            asker.keyring.seal(&BOX, id, &plain)?;
        }
        for _ in 0..PSEUDONYMS {
            asker.keyring.pseudonym("bench.person", id.as_bytes())?;
        }
        std::hint::black_box(asker.system.current()?.mac(&[id.as_bytes(), &[7; 32]]));
        Ok(())
    })
}

/// Events that are made for a transaction that never begins.
async fn events(asker: &Asker, (db, ledger): (&db::Db, &Ledger)) -> Result<Duration, Failure> {
    let keys = ledger.keys(&asker.ctx, asker.subject).await?;
    let make = async |rounds: u32| {
        let before = thread_cpu()?;
        for _ in 0..rounds {
            let never: Result<(), audit::AuditError> = run_tx!(db, "bench.events", |tx| {
                for _ in 0..EVENTS {
                    let id = asker.ctx.new_id::<Uuid>();
                    let event = Event::new(&CALL, asker.subject).resource(id);
                    let event = event.detail("model", "provider/model-of-some-size");
                    ledger.record(tx, &asker.ctx, &keys, &event)?;
                }
                Err(DbError::NoRow.into())
            });
            drop(never);
        }
        Ok::<_, Failure>(thread_cpu()?.saturating_sub(before))
    };
    make(ROUNDS / 10).await?;
    Ok(make(ROUNDS).await? / ROUNDS)
}

/// How long a transaction takes, and how much of that the processor works.
type Cost = (Duration, Duration);

/// A statement of the program and its values.
type Step = (&'static Statement, Vec<Value>);

/// Both transactions of one answer by hand: it holds some of the allowance, and settles that.
fn transactions(path: &Path, asker: &Asker) -> Result<(Cost, Cost), Failure> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA cache_size = -8000;")?;
    connection.set_prepared_statement_cache_capacity(64);
    let mut costs = [(Duration::ZERO, Duration::ZERO); 2];
    for round in 0..ROUNDS + ROUNDS / 10 {
        let (hold, settle) = steps(asker)?;
        for (cost, (sync, steps)) in costs.iter_mut().zip([("NORMAL", hold), ("FULL", settle)]) {
            connection.pragma_update(None, "synchronous", sync)?;
            let (wall, cpu) = (Instant::now(), thread_cpu()?);
            run(&connection, &steps)?;
            if round >= ROUNDS / 10 {
                cost.0 += wall.elapsed();
                cost.1 += thread_cpu()?.saturating_sub(cpu);
            }
        }
    }
    let [hold, settle] = costs.map(|(wall, cpu)| (wall / ROUNDS, cpu / ROUNDS));
    Ok((hold, settle))
}

fn run(connection: &Connection, steps: &[Step]) -> Result<(), Failure> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    for (statement, values) in steps {
        let mut prepared = connection.prepare_cached(statement.sql(Engine::Sqlite))?;
        for (number, value) in values.iter().enumerate() {
            let place = prepared.parameter_index(&format!("${}", number + 1))?;
            let place = place.ok_or("a statement has other parameters")?;
            prepared.raw_bind_parameter(place, value)?;
        }
        if prepared.raw_execute()? != 1 {
            return Err(format!("{} changed nothing", statement.name()).into());
        }
    }
    connection.execute_batch("COMMIT")?;
    Ok(())
}

/// The statements of one answer that was asked for with a key, as the service writes them.
fn steps(asker: &Asker) -> Result<(Vec<Step>, Vec<Step>), Failure> {
    let blob = |id: Uuid| Value::Blob(id.as_bytes().to_vec());
    let whose = [
        blob(asker.subject.tenant.as_uuid()),
        Value::Integer(asker.subject.shard.number().into()),
        blob(asker.subject.user.as_uuid()),
    ];
    let int = Value::Integer;
    let step = |name: &str, rest: &[Value]| {
        let values = whose.iter().chain(rest).cloned().collect();
        Ok::<Step, Failure>((find(name)?, values))
    };
    let key = blob(asker.subject.user.as_uuid());
    let (call, day, now) = (blob(asker.ctx.new_id()), 20_000, asker.ctx.now().as_micros());
    let (most, model) = (int(i64::MAX), Value::Text("far/whole".to_owned()));
    let (tokens, none) = (int(2_100), int(0));
    let event =
        || Ok::<Step, Failure>((find("audit.QUEUE")?, vec![int(now), Value::Blob(vec![7; 600])]));
    let hold = vec![
        step("companion.allowance.PACE", &[int(now), int(now), int(1), most.clone()])?,
        step(
            "companion.allowance.RESERVE",
            &[int(day), tokens.clone(), none.clone(), most.clone(), most.clone(), most.clone()],
        )?,
        step(
            "companion.keys.RESERVE",
            &[key.clone(), int(day), tokens.clone(), most.clone(), most.clone()],
        )?,
        step(
            "companion.keys.BEGIN_CALL",
            &[call.clone(), key.clone(), model.clone(), int(now), int(day), tokens, none.clone()],
        )?,
        event()?,
    ];
    let back = int(-2_020);
    let settle = vec![
        step("companion.keys.END_CALL", &[call, int(now)])?,
        step("companion.allowance.SETTLE", &[int(day), none.clone(), back.clone(), none.clone()])?,
        step("companion.keys.SETTLE", &[key, int(day), none.clone(), back])?,
        step(
            "companion.allowance.COUNT",
            &[
                int(day),
                model,
                int(20),
                none.clone(),
                int(60),
                none.clone(),
                none.clone(),
                none,
                int(1),
            ],
        )?,
        event()?,
    ];
    Ok((hold, settle))
}

fn find(name: &str) -> Result<&'static Statement, Failure> {
    let mut all = companion::STATEMENTS.iter().copied().flatten().chain(audit::STATEMENTS);
    let found = all.find(|statement| statement.name() == name);
    found.copied().ok_or_else(|| format!("{name} is no statement any more").into())
}
