//! The two databases keep some things differently: what one calls a truth value or an id is a
//! number or bytes to the other. A value that would come out changed is refused.

use super::DumpError;
use crate::{dialect::Engine, statement::BulkType, value::Value};
use uuid::Uuid;

/// The value as a column of this type in this database keeps it.
pub(super) fn fit(value: Value, kind: BulkType, engine: Engine) -> Result<Value, &'static str> {
    match (kind, value) {
        (_, Value::Null) => Ok(Value::Null),
        (BulkType::Int, Value::Bool(truth)) => Ok(Value::Int(truth.into())),
        (BulkType::Bool, Value::Int(n @ 0..=1)) => Ok(Value::Bool(n == 1)),
        (BulkType::Bytes, Value::Uuid(id)) => Ok(Value::Bytes(id.as_bytes().to_vec())),
        (BulkType::Uuid, Value::Bytes(bytes)) => {
            Uuid::from_slice(&bytes).map(Value::Uuid).map_err(|_| "it is no id")
        }
        (BulkType::Float, Value::Float(x)) if x.is_nan() && engine == Engine::Sqlite => {
            Err("SQLite keeps no NaN")
        }
        (BulkType::Text, Value::Text(text))
            if engine == Engine::Postgres && text.contains('\0') =>
        {
            Err("PostgreSQL keeps no text with a zero character")
        }
        (BulkType::Int, value @ Value::Int(_))
        | (BulkType::Bool, value @ Value::Bool(_))
        | (BulkType::Float, value @ Value::Float(_))
        | (BulkType::Text, value @ Value::Text(_))
        | (BulkType::Bytes, value @ Value::Bytes(_))
        | (BulkType::Uuid, value @ Value::Uuid(_)) => Ok(value),
        _ => Err("it is of another type"),
    }
}

/// Fits a whole row; `columns` are the names and types in its order.
pub(super) fn fit_row(
    row: Vec<Value>,
    (table, columns): (&str, &[(String, BulkType)]),
    engine: Engine,
) -> Result<Vec<Value>, DumpError> {
    let fitted = row.into_iter().zip(columns).map(|(value, (column, kind))| {
        fit(value, *kind, engine)
            .map_err(|reason| DumpError::Misfit { place: format!("{table}.{column}"), reason })
    });
    fitted.collect()
}
