//! What the database did, by the name of the transaction.

use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue},
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TxLabels {
    tx: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndLabels {
    tx: &'static str,
    outcome: TxOutcome,
}

/// How a transaction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum TxOutcome {
    Committed,
    RolledBack,
}

/// Counts and times of transactions.
#[derive(Clone)]
pub struct DbMetrics {
    ended: Family<EndLabels, Counter>,
    retries: Family<TxLabels, Counter>,
    seconds: Family<TxLabels, Histogram>,
    statements: Counter,
    rows: Counter,
}

impl Default for DbMetrics {
    fn default() -> Self {
        let buckets = || Histogram::new([0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0, 5.0]);
        Self {
            ended: Family::default(),
            retries: Family::default(),
            seconds: Family::new_with_constructor(buckets),
            statements: Counter::default(),
            rows: Counter::default(),
        }
    }
}

impl DbMetrics {
    /// Makes them part of what `/metrics` shows.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("db_transactions", "Transactions that ended", self.ended.clone());
        registry.register("db_retries", "Transactions tried again", self.retries.clone());
        registry.register("db_statements", "Statements that were run", self.statements.clone());
        registry.register("db_rows", "Rows that statements answered", self.rows.clone());
        registry.register("db_seconds", "Time per transaction", self.seconds.clone());
    }

    /// How often transactions of this name were tried again.
    #[must_use]
    pub fn retries(&self, tx: &'static str) -> u64 {
        self.retries.get_or_create(&TxLabels { tx }).get()
    }

    /// How many statements were run.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.get()
    }

    pub(crate) fn ran(&self, statements: usize) {
        self.statements.inc_by(u64::try_from(statements).unwrap_or(u64::MAX));
    }

    /// How many rows statements answered with.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows.get()
    }

    pub(crate) fn answered(&self, rows: usize) {
        self.rows.inc_by(u64::try_from(rows).unwrap_or(u64::MAX));
    }

    pub(crate) fn retried(&self, tx: &'static str) {
        self.retries.get_or_create(&TxLabels { tx }).inc();
    }

    pub(crate) fn finished(&self, tx: &'static str, outcome: TxOutcome, time: Duration) {
        self.ended.get_or_create(&EndLabels { tx, outcome }).inc();
        self.seconds.get_or_create(&TxLabels { tx }).observe(time.as_secs_f64());
    }
}
