//! The database that scales out. A transaction's statements are sent without waiting for the
//! answers before them wherever nobody needs those answers.

use crate::{
    config::PostgresConfig,
    dialect::Engine,
    error::DbError,
    statement::{Bulk, BulkType, Statement},
    value::{Row, Value},
    work::{Op, Output},
};
use bytes::BytesMut;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use futures_util::future::join_all;
use std::{sync::Arc, time::Duration};
use tokio_postgres::{
    binary_copy::BinaryCopyInWriter,
    error::SqlState,
    types::{IsNull, ToSql, Type, to_sql_checked},
};

/// More than this at once and `join_all` no longer sends in order.
const PIPELINE: usize = 24;
const MISFIT: &str = "a value does not fit its column";
const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(5);
/// A connection that acknowledges nothing for so long is taken for broken.
const SILENCE: Duration = Duration::from_secs(30);

pub(crate) struct Postgres {
    pool: Pool,
}

impl Postgres {
    pub(crate) fn open(config: &PostgresConfig) -> Result<Self, DbError> {
        let mut settings: tokio_postgres::Config =
            config.url.expose().parse().map_err(|_| DbError::Config("not a valid URL".into()))?;
        settings
            .application_name("salus")
            .connect_timeout(WAIT_FOR_CONNECTION)
            // A server that vanished is noticed as soon as one that is slow.
            .tcp_user_timeout(SILENCE)
            .keepalives_idle(SILENCE / 2)
            .keepalives_interval(SILENCE / 6)
            .keepalives_retries(3)
            .options(
                "-c statement_timeout=30s -c lock_timeout=10s \
                 -c idle_in_transaction_session_timeout=30s",
            );
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let tls = config.tls()?;
        let manager = match tls {
            Some(tls) => Manager::from_config(settings, tls, recycling),
            None => Manager::from_config(settings, tokio_postgres::NoTls, recycling),
        };
        let pool = Pool::builder(manager)
            .max_size(config.connections.into())
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT_FOR_CONNECTION))
            .create_timeout(Some(WAIT_FOR_CONNECTION))
            .build()
            .map_err(|error| DbError::Config(error.to_string()))?;
        Ok(Self { pool })
    }

    pub(crate) async fn connection(&self) -> Result<Object, DbError> {
        self.pool.get().await.map_err(|error| DbError::Unavailable(error.to_string()))
    }

    /// Several statements in one message are one transaction.
    pub(crate) async fn script(&self, sql: &str) -> Result<(), DbError> {
        script(&self.connection().await?, sql).await
    }

    pub(crate) async fn check(&self, statement: &'static Statement) -> Result<(), DbError> {
        let prepared = self.connection().await?.prepare(statement.sql(Engine::Postgres)).await;
        prepared.map(drop).map_err(|error| refused(&error, statement.name()))
    }

    pub(crate) fn close(&self) {
        self.pool.close();
    }
}

pub(crate) async fn script(connection: &Object, sql: &str) -> Result<(), DbError> {
    connection.batch_execute(sql).await.map_err(|error| refused(&error, "migration"))
}

/// Runs the statements in order on this connection, framed by plain commands such as `BEGIN`.
/// The answers are awaited once, at the end; the first failure is the one reported.
pub(crate) async fn pipeline(
    connection: &Object,
    before: Option<&'static str>,
    ops: Vec<Op>,
    after: Option<&'static str>,
) -> Result<Vec<Output>, DbError> {
    let mut outputs = Vec::with_capacity(ops.len());
    // What follows is only sent once everything that is required was met.
    let required = ops.iter().any(|op| op.required);
    let (along, afterwards) = if required { (None, after) } else { (after, None) };
    let mut chunks = into_chunks(ops).into_iter().peekable();
    let mut before = before;
    while let Some(chunk) = chunks.next() {
        let after = if chunks.peek().is_none() { along } else { None };
        let answered = pipeline_chunk(connection, before.take(), &chunk, after).await?;
        for (op, output) in chunk.iter().zip(answered) {
            outputs.push(op.met(output)?);
        }
    }
    if let Some(sql) = afterwards {
        connection.batch_execute(sql).await.map_err(|error| refused(&error, sql))?;
    }
    Ok(outputs)
}

fn into_chunks(ops: Vec<Op>) -> Vec<Vec<Op>> {
    let mut chunks = vec![Vec::new()];
    for op in ops {
        match chunks.last_mut() {
            Some(chunk) if chunk.len() < PIPELINE => chunk.push(op),
            _ => chunks.push(vec![op]),
        }
    }
    chunks
}

async fn pipeline_chunk(
    connection: &Object,
    before: Option<&'static str>,
    ops: &[Op],
    after: Option<&'static str>,
) -> Result<Vec<Output>, DbError> {
    let mut prepared = Vec::with_capacity(ops.len());
    for op in ops {
        let statement = connection
            .prepare_cached(op.statement.sql(Engine::Postgres))
            .await
            .map_err(|error| refused(&error, op.statement.name()))?;
        check_values(op, &statement)?;
        prepared.push((op, statement));
    }
    let command = async |sql: Option<&'static str>| match sql {
        Some(sql) => connection.batch_execute(sql).await.map_err(|error| refused(&error, sql)),
        None => Ok(()),
    };
    // Polled in this order, so sent in this order.
    let (begun, outputs, ended) = tokio::join!(
        biased;
        command(before),
        join_all(prepared.iter().map(|(op, statement)| run(connection, op, statement))),
        command(after),
    );
    begun?;
    let outputs = outputs.into_iter().collect::<Result<Vec<_>, _>>()?;
    ended?;
    Ok(outputs)
}

/// Whether all values can be sent. One that cannot would be missing in the row of messages, and
/// the `COMMIT` at its end would keep what the others did.
fn check_values(op: &Op, statement: &tokio_postgres::Statement) -> Result<(), DbError> {
    let refuse =
        |reason: &str| DbError::Refused { statement: op.statement.name(), reason: reason.into() };
    if statement.params().len() != op.params.len() {
        return Err(refuse("parameter count"));
    }
    let mut values = op.params.iter().zip(statement.params());
    if values.all(|(value, ty)| fits(value, ty)) { Ok(()) } else { Err(refuse(MISFIT)) }
}

fn fits(value: &Value, ty: &Type) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(_) => <bool as ToSql>::accepts(ty),
        Value::Int(n) if *ty == Type::INT4 => i32::try_from(*n).is_ok(),
        Value::Int(_) => <i64 as ToSql>::accepts(ty),
        Value::Float(_) => <f64 as ToSql>::accepts(ty),
        Value::Text(_) => <String as ToSql>::accepts(ty),
        Value::Bytes(_) => <Vec<u8> as ToSql>::accepts(ty),
        Value::Uuid(_) => <uuid::Uuid as ToSql>::accepts(ty),
    }
}

async fn run(
    connection: &Object,
    op: &Op,
    statement: &tokio_postgres::Statement,
) -> Result<Output, DbError> {
    let fail = |error: tokio_postgres::Error| refused(&error, op.statement.name());
    let params: Vec<&(dyn ToSql + Sync)> =
        op.params.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
    if statement.columns().is_empty() {
        let changed = connection.execute(statement, &params).await.map_err(fail)?;
        return Ok(Output { changed, rows: Vec::new() });
    }
    let found = connection.query(statement, &params).await.map_err(fail)?;
    let columns = op
        .statement
        .columns(|| statement.columns().iter().map(|column| column.name().into()).collect());
    let rows = found
        .iter()
        .map(|row| Ok(Row::new(Arc::clone(columns), from_postgres(row).map_err(fail)?)))
        .collect::<Result<Vec<_>, DbError>>()?;
    Ok(Output { changed: rows.len() as u64, rows })
}

/// Writes many rows at once.
pub(crate) async fn copy_in(
    connection: &Object,
    bulk: &'static Bulk,
    rows: &[Vec<Value>],
) -> Result<u64, DbError> {
    let fail = |error: tokio_postgres::Error| refused(&error, bulk.table);
    let columns: Vec<&str> = bulk.columns.iter().map(|(name, _)| *name).collect();
    let types: Vec<Type> = bulk.columns.iter().map(|(_, kind)| postgres_type(*kind)).collect();
    let sql = format!("COPY {} ({}) FROM STDIN BINARY", bulk.table, columns.join(", "));
    let sink = connection.copy_in(&sql).await.map_err(fail)?;
    let mut writer = Box::pin(BinaryCopyInWriter::new(sink, &types));
    for row in rows {
        if row.len() != types.len() {
            return Err(DbError::Refused { statement: bulk.table, reason: "column count".into() });
        }
        let values: Vec<&(dyn ToSql + Sync)> =
            row.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        writer.as_mut().write(&values).await.map_err(fail)?;
    }
    writer.as_mut().finish().await.map_err(fail)
}

const fn postgres_type(kind: BulkType) -> Type {
    match kind {
        BulkType::Int => Type::INT8,
        BulkType::Text => Type::TEXT,
        BulkType::Bytes => Type::BYTEA,
        BulkType::Uuid => Type::UUID,
        BulkType::Bool => Type::BOOL,
        BulkType::Float => Type::FLOAT8,
    }
}

pub(crate) fn from_postgres(
    row: &tokio_postgres::Row,
) -> Result<Vec<Value>, tokio_postgres::Error> {
    let read = |(index, column): (usize, &tokio_postgres::Column)| {
        Ok(match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(index)?.into(),
            Type::INT4 => row.try_get::<_, Option<i32>>(index)?.into(),
            Type::BOOL => row.try_get::<_, Option<bool>>(index)?.into(),
            Type::FLOAT8 => row.try_get::<_, Option<f64>>(index)?.into(),
            Type::UUID => row.try_get::<_, Option<uuid::Uuid>>(index)?.into(),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(index)?.into(),
            _ => row.try_get::<_, Option<String>>(index)?.into(),
        })
    };
    row.columns().iter().enumerate().map(read).collect()
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Bool(truth) => checked(truth, ty, out),
            Self::Int(n) if *ty == Type::INT4 => checked(&i32::try_from(*n)?, ty, out),
            Self::Int(n) => checked(n, ty, out),
            Self::Float(x) => checked(x, ty, out),
            Self::Text(text) => checked(text, ty, out),
            Self::Bytes(bytes) => checked(bytes, ty, out),
            Self::Uuid(id) => checked(id, ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true // decided value by value, in `to_sql`
    }

    to_sql_checked!();
}

fn checked<T: ToSql>(
    value: &T,
    ty: &Type,
    out: &mut BytesMut,
) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
    if T::accepts(ty) { value.to_sql(ty, out) } else { Err("a value of another type".into()) }
}

/// PostgreSQL's messages can hold values; its codes and constraint names cannot.
pub(crate) fn refused(error: &tokio_postgres::Error, statement: &'static str) -> DbError {
    let Some(failure) = error.as_db_error() else {
        return if error.is_closed()
            || std::error::Error::source(error)
                .is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
        {
            DbError::Unavailable("the connection broke".into())
        } else {
            DbError::Refused { statement, reason: MISFIT.into() }
        };
    };
    let constraint = || failure.constraint().unwrap_or("unnamed").to_owned();
    let code = failure.code();
    if [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code) {
        DbError::Serialization
    } else if *code == SqlState::UNIQUE_VIOLATION {
        DbError::Duplicate { constraint: constraint() }
    } else if code.code().starts_with("23") || *code == SqlState::RAISE_EXCEPTION {
        DbError::Constraint(constraint())
    } else if ["08", "53", "57", "55"].iter().any(|class| code.code().starts_with(class)) {
        DbError::Unavailable(code.code().to_owned())
    } else {
        DbError::Refused { statement, reason: code.code().to_owned() }
    }
}
