//! SQLite by hand: each client is a thread with a connection of its own for reading. There are
//! two ways to write: under a lock with a commit for each transaction, as nearly everybody does
//! it, and through one thread that lets waiting transactions share a commit, as few do.

use super::{COPY, GET, INSERT, LIST, QUEUE, SHAPE, Shape, TAKE_TURN};
use crate::{Failure, load::Blocking, world::Deed};
use kernel::Env;
use rusqlite::{Connection, params};
use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};
use uuid::Uuid;

fn open(path: &Path) -> Result<Connection, Failure> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -8000;",
    )?;
    Ok(connection)
}

/// What one transaction writes.
struct Write {
    user: Uuid,
    /// The id of the new entry, unless only the event is written.
    entry: Option<Uuid>,
    at: i64,
}

fn write(connection: &Connection, shape: &Shape, write: &Write) -> rusqlite::Result<()> {
    if let Some(id) = write.entry {
        let mut turn = connection.prepare_cached(TAKE_TURN)?;
        let (tenant, user) = (shape.tenant.as_bytes(), write.user.as_bytes());
        let seq: i64 = turn.query_row(params![tenant, shape.shard, user], |row| row.get(0))?;
        let (id, at) = (id.as_bytes(), write.at);
        let row = params![tenant, shape.shard, user, id, at, shape.meta, shape.body, seq];
        connection.prepare_cached(INSERT)?.execute(row)?;
    }
    connection.prepare_cached(QUEUE)?.execute(params![write.at, shape.event])?;
    Ok(())
}

fn begin(connection: &Connection) -> rusqlite::Result<()> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([]).map(drop)
}

fn commit(connection: &Connection) -> rusqlite::Result<()> {
    connection.prepare_cached("COMMIT")?.execute([]).map(drop)
}

type Job = (Write, Sender<Result<(), String>>);

/// Who writes.
#[derive(Clone)]
enum Writer {
    Locked(Arc<Mutex<Connection>>),
    Grouped(Sender<Job>),
}

/// The database, by hand.
pub struct Raw {
    path: std::path::PathBuf,
    shape: Arc<Shape>,
    writer: Writer,
}

impl Raw {
    /// Opens it; `grouped` lets waiting transactions share a commit.
    pub fn open(path: &Path, grouped: bool) -> Result<Self, Failure> {
        let connection = open(path)?;
        let shape = connection.query_row(SHAPE, [], |row| {
            Ok(Shape {
                meta: row.get(0)?,
                body: row.get(1)?,
                event: row.get(2)?,
                tenant: Uuid::from_bytes(row.get(3)?),
                shard: row.get(4)?,
            })
        })?;
        let shape = Arc::new(shape);
        let writer = if grouped {
            let (send, jobs) = channel();
            let shape = shape.clone();
            std::thread::Builder::new().spawn(move || write_groups(&connection, &shape, &jobs))?;
            Writer::Grouped(send)
        } else {
            Writer::Locked(Arc::new(Mutex::new(connection)))
        };
        Ok(Self { path: path.to_owned(), shape, writer })
    }

    /// Gives new people the entries of these.
    pub fn copy_people(&self, from: &[Uuid], env: &Env) -> Result<Vec<Uuid>, Failure> {
        let connection = open(&self.path)?;
        let mut people = Vec::new();
        for one in from {
            let new: Uuid = env.new_id();
            for sql in COPY {
                connection
                    .execute(sql, params![self.shape.shard, new.as_bytes(), one.as_bytes()])?;
            }
            people.push(new);
        }
        Ok(people)
    }

    /// A client who does this for this person.
    pub fn client(
        &self,
        deed: Deed,
        user: Uuid,
        (env, ids): (&Env, Arc<[Uuid]>),
    ) -> Result<Box<dyn Blocking>, Failure> {
        let (shape, writer) = (self.shape.clone(), self.writer.clone());
        let reader = open(&self.path)?;
        Ok(Box::new(Client { shape, writer, reader, deed, user, env: env.clone(), ids, calls: 0 }))
    }
}

fn write_groups(connection: &Connection, shape: &Shape, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let mut waiting = Vec::new();
        let group = || {
            begin(connection)?;
            let mut next = Some(first);
            while let Some((job, tell)) = next.take() {
                write(connection, shape, &job)?;
                waiting.push(tell);
                next = if waiting.len() < 256 { jobs.try_recv().ok() } else { None };
            }
            commit(connection)
        };
        let done = group().map_err(|error: rusqlite::Error| error.to_string());
        for tell in waiting {
            // A client whose time is over does not wait.
            let _ = tell.send(done.clone());
        }
    }
}

struct Client {
    shape: Arc<Shape>,
    writer: Writer,
    reader: Connection,
    deed: Deed,
    user: Uuid,
    env: Env,
    ids: Arc<[Uuid]>,
    calls: usize,
}

impl Client {
    fn write(&self, job: Write) -> Result<(), Failure> {
        match &self.writer {
            Writer::Locked(connection) => {
                let connection = connection.lock().map_err(|_| "the writer panicked")?;
                begin(&connection)?;
                write(&connection, &self.shape, &job)?;
                Ok(commit(&connection)?)
            }
            Writer::Grouped(jobs) => {
                let (tell, told) = channel();
                jobs.send((job, tell)).map_err(|_| "the writer is gone")?;
                Ok(told.recv()??)
            }
        }
    }

    fn read(&self) -> Result<(), Failure> {
        let person = (self.shape.tenant.as_bytes(), self.shape.shard, self.user.as_bytes());
        let (mut statement, expected);
        let mut rows = if self.deed == Deed::Read {
            let id = self.ids.get(self.calls % self.ids.len()).ok_or("no entry")?;
            (statement, expected) = (self.reader.prepare_cached(GET)?, 1);
            statement.query(params![person.0, person.1, person.2, id.as_bytes()])?
        } else {
            (statement, expected) = (self.reader.prepare_cached(LIST)?, 21);
            statement.query(person)?
        };
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let numbers: [i64; 5] =
                [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?];
            let sealed: (Vec<u8>, Vec<u8>) = (row.get(6)?, row.get(7)?);
            found.push((row.get::<_, [u8; 16]>(0)?, numbers, sealed));
        }
        if found.len() < expected { Err("rows are missing".into()) } else { Ok(()) }
    }
}

impl Blocking for Client {
    fn call(&mut self) -> Result<(), Failure> {
        self.calls += 1;
        if self.deed != Deed::Create {
            self.read()?;
        }
        let entry = (self.deed == Deed::Create).then(|| self.env.new_id());
        self.write(Write { user: self.user, entry, at: self.env.now().as_micros() })
    }
}
