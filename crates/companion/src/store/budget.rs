//! The money of the whole installation, and of a person's month.

use super::{signed, unsigned};
use consent::Access;
use db::{Db, DbError, Tx, params, row};

db::statements! { "companion.budget";
    /// Takes money out of a period, if it is there.
    SPEND = "UPDATE companion_spending SET cost = cost + $3
        WHERE period = $1 AND number = $2 AND cost + $3 <= $4";
    SPENT = "SELECT cost, warned FROM companion_spending WHERE period = $1 AND number = $2";
    /// The first of a period begins with what was used before anybody counted.
    BEGIN = "INSERT INTO companion_spending (period, number, cost, warned)
        SELECT $1, $2, CAST(COALESCE(SUM(cost), 0) AS BIGINT), $5 FROM companion_usage
        WHERE day >= $3 AND day <= $4
        ON CONFLICT (period, number) DO NOTHING";
    ADJUST = "UPDATE companion_spending SET cost = cost + $3 WHERE period = $1 AND number = $2";
    /// Whoever comes first tells the administrators.
    WARN = "UPDATE companion_spending SET warned = $3
        WHERE period = $1 AND number = $2 AND warned = $4 AND cost >= $5";
    /// What a person has used and holds from one day to another.
    OF_DAYS = "SELECT CAST(COALESCE(SUM(cost), 0) AS BIGINT) AS cost FROM companion_allowance
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND day >= $4 AND day <= $5";
}

row! {
    struct SpentRow {
        cost: i64,
        warned: bool,
    }
}

row! {
    struct CostRow {
        cost: i64,
    }
}

/// A day or a month in which money is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    /// 0 for a day, 1 for a month.
    pub(crate) kind: i64,
    /// Which one.
    pub(crate) number: i64,
    /// Its first UTC day since 1970.
    pub(crate) first: i64,
    /// Its last one.
    pub(crate) last: i64,
}

/// What was spent in a period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Spent {
    pub(crate) cost: u64,
    pub(crate) warned: bool,
}

/// Takes money out of a period of the installation; whether it was there.
pub(crate) async fn spend(
    tx: &mut Tx,
    period: Period,
    (cost, limit): (u64, u64),
) -> Result<bool, DbError> {
    if cost > limit {
        return Ok(false);
    }
    let Period { kind, number, first, last } = period;
    let take = || params![kind, number, signed(cost), signed(limit)];
    if tx.exec(&SPEND, take()).await? == 1 {
        return Ok(true);
    }
    if tx.opt::<SpentRow>(&SPENT, params![kind, number]).await?.is_some() {
        return Ok(false);
    }
    tx.exec(&BEGIN, params![kind, number, first, last, false]).await?;
    Ok(tx.exec(&SPEND, take()).await? == 1)
}

/// Puts what was used in the place of what was held, if anything is counted in this period.
pub(crate) fn adjust(tx: &mut Tx, period: Period, difference: i64) {
    tx.defer(&ADJUST, params![period.kind, period.number, difference]);
}

/// What was spent in a period, as far as it is counted.
pub(crate) async fn spent(db: &Db, period: Period) -> Result<Spent, DbError> {
    let row: Option<SpentRow> = db.opt(&SPENT, params![period.kind, period.number]).await?;
    Ok(row
        .map_or_else(Spent::default, |row| Spent { cost: unsigned(row.cost), warned: row.warned }))
}

/// Notes that the administrators are told that this much is spent; whether they were not yet.
pub(crate) async fn warn(tx: &mut Tx, period: Period, from: u64) -> Result<bool, DbError> {
    let params = params![period.kind, period.number, true, false, signed(from)];
    Ok(tx.exec(&WARN, params).await? == 1)
}

/// What a person has used and holds in a period.
pub(crate) async fn own_spent(db: &Db, access: &Access, period: Period) -> Result<u64, DbError> {
    let params = params![access.subject() => period.first, period.last];
    let row: CostRow = db.one(&OF_DAYS, params).await?;
    Ok(unsigned(row.cost))
}

/// The same, as part of what is about to be stored.
pub(crate) async fn own_spent_in(
    tx: &mut Tx,
    access: &Access,
    period: Period,
) -> Result<u64, DbError> {
    let params = params![access.subject() => period.first, period.last];
    let row: CostRow = tx.one(&OF_DAYS, params).await?;
    Ok(unsigned(row.cost))
}
