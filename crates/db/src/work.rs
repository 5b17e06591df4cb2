//! What travels between a transaction and its database.

use crate::{
    error::DbError,
    statement::Statement,
    value::{Row, Value},
};

/// A statement with its parameters.
pub(crate) struct Op {
    pub(crate) statement: &'static Statement,
    pub(crate) params: Vec<Value>,
    /// Whether the transaction is only good if this changes a row.
    pub(crate) required: bool,
}

impl Op {
    pub(crate) const fn new(statement: &'static Statement, params: Vec<Value>) -> Self {
        Self { statement, params, required: false }
    }

    /// What it answered, if that is what the transaction needs.
    pub(crate) fn met(&self, output: Output) -> Result<Output, DbError> {
        if self.required && output.changed == 0 {
            return Err(DbError::Unmet { statement: self.statement.name() });
        }
        Ok(output)
    }
}

/// What a statement answered.
pub(crate) struct Output {
    pub(crate) changed: u64,
    pub(crate) rows: Vec<Row>,
}
