//! Allowances, pace and usage.

use super::{Held, limit, signed, unsigned};
use crate::model::Tally;
use consent::Access;
use db::{Db, DbError, Tx, params, row};
use kernel::{TenantId, Timestamp};

db::statements! { "companion.allowance";
    /// Moves the moment up to which the person has paid with waiting, if it is not too far ahead.
    PACE = "INSERT INTO companion_pace (tenant_id, shard_id, user_id, paid_until)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant_id, shard_id, user_id) DO UPDATE SET paid_until =
            CASE WHEN companion_pace.paid_until > $5 THEN companion_pace.paid_until ELSE $5 END + $6
        WHERE companion_pace.paid_until <= $7";
    PAID_UNTIL = "SELECT paid_until FROM companion_pace
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    /// Takes a message, tokens and money out of the day's allowance, if all three are there.
    RESERVE = "INSERT INTO companion_allowance
            (tenant_id, shard_id, user_id, day, messages, tokens, cost)
        VALUES ($1, $2, $3, $4, 1, $5, $6)
        ON CONFLICT (tenant_id, shard_id, user_id, day) DO UPDATE SET
            messages = companion_allowance.messages + 1,
            tokens = companion_allowance.tokens + excluded.tokens,
            cost = companion_allowance.cost + excluded.cost
        WHERE companion_allowance.messages < $7
            AND companion_allowance.tokens + excluded.tokens <= $8
            AND companion_allowance.cost + excluded.cost <= $9";
    /// The same for an answer that goes on: no further message.
    RESERVE_MORE = "UPDATE companion_allowance SET tokens = tokens + $5, cost = cost + $6
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND day = $4
            AND tokens + $5 <= $7 AND cost + $6 <= $8";
    SETTLE = "UPDATE companion_allowance SET messages = messages - $5, tokens = tokens + $6,
            cost = cost + $7
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND day = $4";
    USED_ON = "SELECT messages, tokens, cost FROM companion_allowance
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND day = $4";
    COUNT = "INSERT INTO companion_usage (tenant_id, shard_id, user_id, day, model, answers,
            input_tokens, cached_tokens, output_tokens, cost, unpriced, estimated)
        VALUES ($1, $2, $3, $4, $5, $12, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (tenant_id, shard_id, user_id, day, model) DO UPDATE SET
            answers = companion_usage.answers + excluded.answers,
            input_tokens = companion_usage.input_tokens + excluded.input_tokens,
            cached_tokens = companion_usage.cached_tokens + excluded.cached_tokens,
            output_tokens = companion_usage.output_tokens + excluded.output_tokens,
            cost = companion_usage.cost + excluded.cost,
            unpriced = companion_usage.unpriced + excluded.unpriced,
            estimated = companion_usage.estimated + excluded.estimated";
    OWN_USAGE = "SELECT day, model, answers, input_tokens, cached_tokens, output_tokens, cost,
            unpriced, estimated, 1 AS people
        FROM companion_usage
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND day >= $4 AND day <= $5
        ORDER BY day DESC, model LIMIT $6";
    /// Of everybody together: who used what is nobody's business.
    ALL_USAGE = "SELECT day, model, CAST(SUM(answers) AS BIGINT) AS answers,
            CAST(SUM(input_tokens) AS BIGINT) AS input_tokens,
            CAST(SUM(cached_tokens) AS BIGINT) AS cached_tokens,
            CAST(SUM(output_tokens) AS BIGINT) AS output_tokens,
            CAST(SUM(cost) AS BIGINT) AS cost, CAST(SUM(unpriced) AS BIGINT) AS unpriced,
            CAST(SUM(estimated) AS BIGINT) AS estimated, COUNT(DISTINCT user_id) AS people
        FROM companion_usage WHERE tenant_id = $1 AND day >= $2 AND day <= $3
        GROUP BY day, model ORDER BY day DESC, model LIMIT $4";
}

row! {
    struct PaidRow {
        paid_until: Timestamp,
    }
}

row! {
    struct UsedRow {
        messages: i64,
        tokens: i64,
        cost: i64,
    }
}

row! {
    struct UsageRow {
        day: i64,
        model: String,
        answers: i64,
        input_tokens: i64,
        cached_tokens: i64,
        output_tokens: i64,
        cost: i64,
        unpriced: i64,
        estimated: i64,
        people: i64,
    }
}

/// What was used or is held of a day's allowance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Used {
    pub(crate) messages: u64,
    pub(crate) tokens: u64,
    pub(crate) cost: u64,
}

/// What was used on a day of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayOfModel {
    /// The UTC day since 1970.
    pub day: i64,
    /// The model, `provider/name`.
    pub model: String,
    /// Answers.
    pub answers: u64,
    /// Tokens read.
    pub input: u64,
    /// Of these, from the provider's cache.
    pub cached: u64,
    /// Tokens written.
    pub output: u64,
    /// Millionths of a US dollar, where the price is known.
    pub cost: u64,
    /// Answers whose price is not known.
    pub unpriced: u64,
    /// Answers whose tokens were counted here.
    pub estimated: u64,
    /// How many people.
    pub people: u64,
}

impl From<UsageRow> for DayOfModel {
    fn from(row: UsageRow) -> Self {
        Self {
            day: row.day,
            model: row.model,
            answers: unsigned(row.answers),
            input: unsigned(row.input_tokens),
            cached: unsigned(row.cached_tokens),
            output: unsigned(row.output_tokens),
            cost: unsigned(row.cost),
            unpriced: unsigned(row.unpriced),
            estimated: unsigned(row.estimated),
            people: unsigned(row.people),
        }
    }
}

/// How fast messages may come.
pub(crate) struct Pace {
    /// Now.
    pub(crate) now: Timestamp,
    /// The even distance of messages, in microseconds.
    pub(crate) distance: i64,
    /// How far ahead of an even pace one may be, in microseconds.
    pub(crate) ahead: i64,
}

/// Lets a message through that does not come too fast; otherwise the transaction never was.
pub(crate) fn pace(tx: &mut Tx, access: &Access, pace: &Pace) {
    let now = pace.now.as_micros();
    let params = params![access.subject() => now.saturating_add(pace.distance), now,
        pace.distance, now.saturating_add(pace.ahead).saturating_sub(pace.distance)];
    tx.require(&PACE, params);
}

/// Whether a transaction never was because a message came too fast.
pub(crate) fn came_too_fast(refused: &DbError) -> bool {
    refused.is_unmet(&PACE)
}

/// The moment up to which a person has paid with waiting.
pub(crate) async fn paid_until(db: &Db, access: &Access) -> Result<Option<Timestamp>, DbError> {
    let row: Option<PaidRow> = db.opt(&PAID_UNTIL, params![access.subject() =>]).await?;
    Ok(row.map(|row| row.paid_until))
}

/// The limits of a day.
pub(crate) struct DayLimits {
    pub(crate) messages: u64,
    pub(crate) tokens: u64,
    pub(crate) cost: u64,
}

/// Takes a message and these tokens and money out of a day's allowance; if they are not there, the
/// transaction never was. False if no day could have them.
pub(crate) fn reserve(
    tx: &mut Tx,
    access: &Access,
    (day, held): (i64, &Held),
    limits: &DayLimits,
) -> bool {
    if limits.messages == 0 || held.tokens > limits.tokens || held.cost > limits.cost {
        return false;
    }
    let params = params![access.subject() => day, signed(held.tokens), signed(held.cost),
        signed(limits.messages), signed(limits.tokens), signed(limits.cost)];
    tx.require(&RESERVE, params);
    true
}

/// Takes more tokens and money out of the allowance of the day that an answer holds of; if they are
/// not there, the transaction never was.
pub(crate) fn reserve_more(tx: &mut Tx, access: &Access, more: &Held, limits: &DayLimits) {
    let Some(day) = more.day else { return };
    let params = params![access.subject() => day, signed(more.tokens), signed(more.cost),
        signed(limits.tokens), signed(limits.cost)];
    tx.require(&RESERVE_MORE, params);
}

/// Whether a transaction never was because a day's allowance did not have enough.
pub(crate) fn exceeded_the_day(refused: &DbError) -> bool {
    refused.is_unmet(&RESERVE) || refused.is_unmet(&RESERVE_MORE)
}

/// Puts what was used in the place of what was held. Where there was no answer, the message is
/// given back too.
pub(crate) fn settle(tx: &mut Tx, access: &Access, held: &Held, used: Option<&Tally>) {
    let Some(day) = held.day else { return };
    let (tokens, cost) =
        used.map_or((0, 0), |tally| (tally.tokens(), tally.cost.unwrap_or_default()));
    let params = params![access.subject() => day, i64::from(used.is_none()),
        signed(tokens).saturating_sub(signed(held.tokens)),
        signed(cost).saturating_sub(signed(held.cost))];
    tx.defer(&SETTLE, params);
}

/// Counts what so many answers of a model used on a day.
pub(crate) fn count_usage(
    tx: &mut Tx,
    access: &Access,
    (day, model, answers): (i64, &str, i64),
    tally: &Tally,
) {
    let params = params![access.subject() => day, model, signed(tally.input),
        signed(tally.cached), signed(tally.output), signed(tally.cost.unwrap_or_default()),
        i64::from(tally.cost.is_none()), i64::from(tally.estimated), answers];
    tx.defer(&COUNT, params);
}

/// What was used or is held of a day's allowance.
pub(crate) async fn used_on(db: &Db, access: &Access, day: i64) -> Result<Used, DbError> {
    let row: Option<UsedRow> = db.opt(&USED_ON, params![access.subject() => day]).await?;
    Ok(row.map_or_else(Used::default, |row| Used {
        messages: unsigned(row.messages),
        tokens: unsigned(row.tokens),
        cost: unsigned(row.cost),
    }))
}

/// What a person used from one day to another, the last day first.
pub(crate) async fn own_usage(
    db: &Db,
    access: &Access,
    (from, to): (i64, i64),
    most: usize,
) -> Result<Vec<DayOfModel>, DbError> {
    let params = params![access.subject() => from, to, limit(most)];
    let rows: Vec<UsageRow> = db.all(&OWN_USAGE, params).await?;
    Ok(rows.into_iter().map(DayOfModel::from).collect())
}

/// What all people of a tenant used together. It tells of nobody, so it takes no `Access`.
pub(crate) async fn all_usage(
    db: &Db,
    tenant: TenantId,
    (from, to): (i64, i64),
    most: usize,
) -> Result<Vec<DayOfModel>, DbError> {
    let params = params![tenant.as_uuid(), from, to, limit(most)];
    let rows: Vec<UsageRow> = db.all(&ALL_USAGE, params).await?;
    Ok(rows.into_iter().map(DayOfModel::from).collect())
}
