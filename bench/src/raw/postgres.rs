//! PostgreSQL by hand: each client has a connection of its own and prepared statements. There are
//! two ways to write: one statement after the other, as nearly everybody does it, and all of a
//! transaction in one message, as few do.

use super::{COPY, GET, INSERT, LIST, QUEUE, SHAPE, Shape, TAKE_TURN};
use crate::{Failure, load, world::Deed};
use async_trait::async_trait;
use kernel::Env;
use std::sync::Arc;
use tokio_postgres::{NoTls, Statement, types::ToSql};
use uuid::Uuid;

/// The number that [`TAKE_TURN`] gave, without waiting to hear it.
const INSERT_UNHEARD: &str = "INSERT INTO journal_entries (tenant_id, shard_id, user_id, id,
        occurred_at, created_at, updated_at, version, deleted, meta, body, seq)
    VALUES ($1, $2, $3, $4, $5, $5, $5, 1, FALSE, $6, $7, (SELECT seq FROM journal_heads
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3))";

/// The database, by hand.
pub struct Raw {
    url: String,
    shape: Arc<Shape>,
    pipelined: bool,
}

async fn connect(url: &str) -> Result<tokio_postgres::Client, Failure> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    // Ends with its client.
    tokio::runtime::Handle::current().spawn(connection);
    Ok(client)
}

impl Raw {
    /// Opens it; `pipelined` sends all of a transaction in one message.
    pub async fn open(url: &str, pipelined: bool) -> Result<Self, Failure> {
        let row = connect(url).await?.query_one(SHAPE, &[]).await?;
        let shape = Shape {
            meta: row.try_get(0)?,
            body: row.try_get(1)?,
            event: row.try_get(2)?,
            tenant: row.try_get(3)?,
            shard: row.try_get(4)?,
        };
        Ok(Self { url: url.to_owned(), shape: Arc::new(shape), pipelined })
    }

    /// Gives new people the entries of these.
    pub async fn copy_people(&self, from: &[Uuid], env: &Env) -> Result<Vec<Uuid>, Failure> {
        let client = connect(&self.url).await?;
        let mut people = Vec::new();
        for one in from {
            let new: Uuid = env.new_id();
            for sql in COPY {
                client.execute(sql, &[&self.shape.shard, &new, one]).await?;
            }
            people.push(new);
        }
        Ok(people)
    }

    /// A client who does this for this person.
    pub async fn client(
        &self,
        deed: Deed,
        user: Uuid,
        (env, ids): (&Env, Arc<[Uuid]>),
    ) -> Result<Box<dyn load::Client>, Failure> {
        let database = connect(&self.url).await?;
        let insert = if self.pipelined { INSERT_UNHEARD } else { INSERT };
        let statements = Statements {
            turn: database.prepare(TAKE_TURN).await?,
            insert: database.prepare(insert).await?,
            queue: database.prepare(QUEUE).await?,
            get: database.prepare(GET).await?,
            list: database.prepare(LIST).await?,
        };
        let (shape, env, pipelined) = (self.shape.clone(), env.clone(), self.pipelined);
        Ok(Box::new(Client {
            database,
            statements,
            shape,
            pipelined,
            deed,
            user,
            env,
            ids,
            calls: 0,
        }))
    }
}

struct Statements {
    turn: Statement,
    insert: Statement,
    queue: Statement,
    get: Statement,
    list: Statement,
}

struct Client {
    database: tokio_postgres::Client,
    statements: Statements,
    shape: Arc<Shape>,
    pipelined: bool,
    deed: Deed,
    user: Uuid,
    env: Env,
    ids: Arc<[Uuid]>,
    calls: usize,
}

impl Client {
    async fn create(&self, id: Uuid, at: i64) -> Result<(), Failure> {
        let Self { database, statements, shape, .. } = self;
        let person: [&(dyn ToSql + Sync); 3] = [&shape.tenant, &shape.shard, &self.user];
        let entry: [&(dyn ToSql + Sync); 7] =
            [&shape.tenant, &shape.shard, &self.user, &id, &at, &shape.meta, &shape.body];
        let event: [&(dyn ToSql + Sync); 2] = [&at, &shape.event];
        if self.pipelined {
            let (begun, turn, entry, event, committed) = tokio::join!(
                biased;
                database.batch_execute("BEGIN"),
                database.execute(&statements.turn, &person),
                database.execute(&statements.insert, &entry),
                database.execute(&statements.queue, &event),
                database.batch_execute("COMMIT"),
            );
            begun?;
            turn?;
            entry?;
            event?;
            return Ok(committed?);
        }
        database.batch_execute("BEGIN").await?;
        let seq: i64 = database.query_one(&statements.turn, &person).await?.try_get(0)?;
        let entry: Vec<_> = entry.into_iter().chain([&seq as &(dyn ToSql + Sync)]).collect();
        database.execute(&statements.insert, &entry).await?;
        database.execute(&statements.queue, &event).await?;
        Ok(database.batch_execute("COMMIT").await?)
    }

    async fn read(&self, at: i64) -> Result<(), Failure> {
        let Self { database, statements, shape, .. } = self;
        let id = self.ids.get(self.calls % self.ids.len()).ok_or("no entry")?;
        let one: [&(dyn ToSql + Sync); 4] = [&shape.tenant, &shape.shard, &self.user, id];
        let person: [&(dyn ToSql + Sync); 3] = [&shape.tenant, &shape.shard, &self.user];
        let (rows, expected) = if self.deed == Deed::Read {
            (database.query(&statements.get, &one).await?, 1)
        } else {
            (database.query(&statements.list, &person).await?, 21)
        };
        let mut found = Vec::new();
        for row in &rows {
            let numbers: [i64; 5] = [
                row.try_get(1)?,
                row.try_get(2)?,
                row.try_get(3)?,
                row.try_get(4)?,
                row.try_get(5)?,
            ];
            let sealed: (Vec<u8>, Vec<u8>) = (row.try_get(6)?, row.try_get(7)?);
            found.push((row.try_get::<_, Uuid>(0)?, numbers, sealed));
        }
        if found.len() < expected {
            return Err("rows are missing".into());
        }
        database.execute(&statements.queue, &[&at, &shape.event]).await?;
        Ok(())
    }
}

#[async_trait]
impl load::Client for Client {
    async fn call(&mut self) -> Result<(), Failure> {
        self.calls += 1;
        let at = self.env.now().as_micros();
        match self.deed {
            Deed::Create => self.create(self.env.new_id(), at).await,
            Deed::Read | Deed::List => self.read(at).await,
        }
    }
}
