//! A transaction in progress. It starts with its first statement that needs an answer; one that
//! never needs any travels to the database in a single message.

use crate::{
    database::{Backend, Db, Isolation, TxSpec},
    error::DbError,
    postgres,
    sqlite::Dialogue,
    statement::{Bulk, Statement},
    value::{FromRow, Value},
    work::{Op, Output},
};
use deadpool_postgres::Object;
use kernel::Pending;

/// A transaction in progress; made by [`run_tx!`](crate::run_tx).
pub struct Tx {
    db: Db,
    spec: TxSpec,
    deferred: Vec<Op>,
    state: State,
    lost_a_race: bool,
    refused: Option<DbError>,
}

enum State {
    Waiting,
    Sqlite(Dialogue),
    Postgres(Transaction),
    Ended,
}

/// A connection with an open transaction. Dropped in that state, the connection is closed, so
/// that nobody ever continues someone else's transaction.
pub(crate) struct Transaction(Option<Box<Object>>);

impl Transaction {
    pub(crate) fn new(connection: Object) -> Self {
        Self(Some(Box::new(connection)))
    }

    pub(crate) fn get(&self) -> Result<&Object, DbError> {
        self.0.as_deref().ok_or_else(ended)
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(Object::take(*connection));
        }
    }
}

fn ended() -> DbError {
    DbError::Unavailable("the transaction has ended".into())
}

impl Tx {
    pub(crate) fn new(db: Db, spec: TxSpec) -> Self {
        let (deferred, state) = (Vec::new(), State::Waiting);
        Self { db, spec, deferred, state, lost_a_race: false, refused: None }
    }

    pub(crate) const fn lost_a_race(&self) -> bool {
        self.lost_a_race
    }

    const fn begin(&self) -> &'static str {
        match self.spec.isolation {
            Isolation::Snapshot => "BEGIN ISOLATION LEVEL REPEATABLE READ",
            Isolation::EachStatement => "BEGIN ISOLATION LEVEL READ COMMITTED",
        }
    }

    /// Remembers that the transaction can no longer be committed, and whether trying again makes
    /// sense.
    fn noted<T>(&mut self, result: Result<T, DbError>) -> Result<T, DbError> {
        if let Err(error) = &result {
            self.lost_a_race |= error.is_retryable();
            self.refused.get_or_insert_with(|| error.clone());
        }
        result
    }

    fn run(&mut self, op: Op) -> Pending<'_, Result<Output, DbError>> {
        Box::pin(async move {
            let mut ops = std::mem::take(&mut self.deferred);
            ops.push(op);
            let result = self.run_all(ops).await;
            let output = self.noted(result)?.pop().ok_or(DbError::NoRow)?;
            self.db.metrics().answered(output.rows.len());
            Ok(output)
        })
    }

    async fn run_all(&mut self, ops: Vec<Op>) -> Result<Vec<Output>, DbError> {
        self.db.metrics().ran(ops.len());
        match &self.state {
            State::Waiting => {
                let db = self.db.clone();
                match db.backend() {
                    Backend::Sqlite(sqlite) => {
                        let dialogue = sqlite.dialogue()?;
                        let outputs = dialogue.run(ops).await;
                        self.state = State::Sqlite(dialogue);
                        outputs
                    }
                    Backend::Postgres(server) => {
                        let open = Transaction::new(server.connection().await?);
                        let begin = Some(self.begin());
                        let outputs = postgres::pipeline(open.get()?, begin, ops, None).await;
                        self.state = State::Postgres(open);
                        outputs
                    }
                }
            }
            State::Sqlite(dialogue) => dialogue.run(ops).await,
            State::Postgres(open) => postgres::pipeline(open.get()?, None, ops, None).await,
            State::Ended => Err(ended()),
        }
    }

    /// Runs a write; answers how many rows it changed.
    pub async fn exec(
        &mut self,
        statement: &'static Statement,
        params: Vec<Value>,
    ) -> Result<u64, DbError> {
        Ok(self.run(Op::new(statement, params)).await?.changed)
    }

    /// Runs a write whose answer nobody needs. It is sent with the next statement or at commit;
    /// if it is refused, that is where it shows.
    pub fn defer(&mut self, statement: &'static Statement, params: Vec<Value>) {
        self.deferred.push(Op::new(statement, params));
    }

    /// The same for a write that has to change a row. If it changes none, the transaction never
    /// was, and the refusal is [`DbError::Unmet`] with the name of the statement.
    pub fn require(&mut self, statement: &'static Statement, params: Vec<Value>) {
        self.deferred.push(Op { statement, params, required: true });
    }

    /// All rows.
    pub async fn all<T: FromRow>(
        &mut self,
        statement: &'static Statement,
        params: Vec<Value>,
    ) -> Result<Vec<T>, DbError> {
        self.run(Op::new(statement, params)).await?.into_all()
    }

    /// The first row.
    pub async fn opt<T: FromRow>(
        &mut self,
        statement: &'static Statement,
        params: Vec<Value>,
    ) -> Result<Option<T>, DbError> {
        self.run(Op::new(statement, params)).await?.into_opt()
    }

    /// The row that must be there.
    pub async fn one<T: FromRow>(
        &mut self,
        statement: &'static Statement,
        params: Vec<Value>,
    ) -> Result<T, DbError> {
        self.opt(statement, params).await?.ok_or(DbError::NoRow)
    }

    /// Writes many rows at once.
    pub fn bulk(
        &mut self,
        bulk: &'static Bulk,
        rows: Vec<Vec<Value>>,
    ) -> Pending<'_, Result<u64, DbError>> {
        Box::pin(async move {
            let before = std::mem::take(&mut self.deferred);
            let result = self.run_bulk(before, bulk, rows).await;
            self.noted(result)
        })
    }

    async fn run_bulk(
        &mut self,
        before: Vec<Op>,
        bulk: &'static Bulk,
        rows: Vec<Vec<Value>>,
    ) -> Result<u64, DbError> {
        self.run_all(before).await?;
        match &self.state {
            State::Sqlite(dialogue) => dialogue.bulk(bulk, rows).await,
            State::Postgres(open) => postgres::copy_in(open.get()?, bulk, &rows).await,
            State::Waiting | State::Ended => Err(ended()),
        }
    }

    /// Runs a script of the program's own as a part of the transaction.
    pub(crate) async fn script(&mut self, sql: String) -> Result<(), DbError> {
        let before = std::mem::take(&mut self.deferred);
        let result = self.run_script(before, sql).await;
        self.noted(result)
    }

    async fn run_script(&mut self, before: Vec<Op>, sql: String) -> Result<(), DbError> {
        self.run_all(before).await?;
        match &self.state {
            State::Sqlite(dialogue) => dialogue.script(sql).await,
            State::Postgres(open) => postgres::script(open.get()?, &sql).await,
            State::Waiting | State::Ended => Err(ended()),
        }
    }

    /// A transaction in which a statement was refused is rolled back, whatever its caller made of
    /// the refusal: PostgreSQL answers such a `COMMIT` as if it had been one.
    pub(crate) fn commit(&mut self) -> Pending<'_, Result<(), DbError>> {
        Box::pin(async move {
            if let Some(refusal) = self.refused.take() {
                self.rollback().await;
                return Err(refusal);
            }
            let last = std::mem::take(&mut self.deferred);
            self.db.metrics().ran(last.len());
            let result = match std::mem::replace(&mut self.state, State::Ended) {
                State::Waiting => self.commit_unseen(last).await,
                State::Sqlite(dialogue) => dialogue.commit(last).await.map(drop),
                State::Postgres(open) => commit_postgres(open, None, last).await,
                State::Ended => Err(ended()),
            };
            self.noted(result)
        })
    }

    /// Nobody asked for an answer so far: everything goes in one message.
    async fn commit_unseen(&mut self, ops: Vec<Op>) -> Result<(), DbError> {
        if ops.is_empty() {
            return Ok(());
        }
        let db = self.db.clone();
        match db.backend() {
            Backend::Sqlite(sqlite) => sqlite.whole(ops, self.spec.sync).await.map(drop),
            Backend::Postgres(server) => {
                let open = Transaction::new(server.connection().await?);
                commit_postgres(open, Some(self.begin()), ops).await
            }
        }
    }

    pub(crate) fn rollback(&mut self) -> Pending<'_, ()> {
        Box::pin(async move {
            self.deferred.clear();
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Postgres(open) => rollback_postgres(open).await,
                // A transaction that cannot be rolled back never was.
                State::Sqlite(dialogue) => drop(dialogue.rollback().await),
                State::Waiting | State::Ended => {}
            }
        })
    }
}

async fn rollback_postgres(mut open: Transaction) {
    if let Some(connection) = open.0.take()
        && connection.batch_execute("ROLLBACK").await.is_err()
    {
        drop(Object::take(*connection));
    }
}

async fn commit_postgres(
    mut open: Transaction,
    begin: Option<&'static str>,
    last: Vec<Op>,
) -> Result<(), DbError> {
    let result = postgres::pipeline(open.get()?, begin, last, Some("COMMIT")).await;
    match result {
        // Only a connection that is surely outside a transaction goes back to the others.
        Ok(_) => drop(open.0.take()),
        // Nothing is wrong with the connection, and many may be told so at once.
        Err(DbError::Unmet { .. }) => rollback_postgres(open).await,
        Err(_) => drop(open),
    }
    result.map(drop)
}
