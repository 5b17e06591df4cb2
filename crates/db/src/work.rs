//! What travels between a transaction and its database.

use crate::{
    statement::Statement,
    value::{Row, Value},
};

/// A statement with its parameters.
pub(crate) struct Op {
    pub(crate) statement: &'static Statement,
    pub(crate) params: Vec<Value>,
}

/// What a statement answered.
pub(crate) struct Output {
    pub(crate) changed: u64,
    pub(crate) rows: Vec<Row>,
}
