//! How often help was shown: by year, without anybody in it.

use super::{
    error::TeamError,
    service::{CrisisTeam, REPORT_READ},
};
use crate::{
    notice::{Noticed, grade},
    opinion,
    tally::Cell,
};
use audit::Event;
use db::{DbError, Tx, params, row, run_tx};
use kernel::{Ctx, Subject, TenantId, Timestamp};

/// A count below this is not told: whoever knows the organisation could know the person.
pub const FEWEST: i64 = 11;
const DAY: i64 = 86_400;

db::statements! { "crisis.counts";
    COUNT = "INSERT INTO crisis_counts (tenant_id, day, source, level, times)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant_id, day, source, level)
        DO UPDATE SET times = crisis_counts.times + excluded.times";
    /// Over all people of a tenant: only how often.
    OF_DAYS = "SELECT source, level, CAST(SUM(times) AS BIGINT) AS times FROM crisis_counts
        WHERE tenant_id = $1 AND day >= $2 AND day < $3
        GROUP BY source, level ORDER BY source, level";
}

row! {
    struct Row {
        source: String,
        level: String,
        times: i64,
    }
}

/// How often something happened somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// Where something was written.
    pub source: String,
    /// `support`, `alert` or `imminent`; of a second opinion, what came of it.
    pub level: String,
    /// How often; none if it was less than eleven times.
    pub times: Option<i64>,
}

/// The counters of a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// By place and level.
    pub counts: Vec<Count>,
    /// How often help was shown at all; none if that would tell a count that is not told.
    pub total: Option<i64>,
}

const fn day_of(at: Timestamp) -> i64 {
    at.as_seconds().div_euclid(DAY)
}

/// Counts one more.
pub(super) fn count(tx: &mut Tx, noticed: &Noticed) {
    let cell = (noticed.tenant, noticed.source, grade(noticed.alert, noticed.imminent));
    add(tx, day_of(noticed.at), (cell, 1));
}

fn add(tx: &mut Tx, day: i64, ((tenant, source, level), times): (Cell, i64)) {
    tx.defer(&COUNT, params![tenant.as_uuid(), day, source.name(), level, times]);
}

impl Report {
    /// Of these counts: small ones are left out, and so is a sum that would tell one of them.
    fn of(counts: Vec<(String, String, i64)>) -> Self {
        let hidden = counts.iter().filter(|(_, _, times)| *times < FEWEST);
        let (cells, times) =
            hidden.fold((0, 0), |(cells, sum), (_, _, times)| (cells + 1, sum + times));
        let all: i64 = counts.iter().map(|(_, _, times)| times).sum();
        let told = cells == 0 || (cells > 1 && times >= FEWEST);
        let counts = counts.into_iter().map(|(source, level, times)| Count {
            source,
            level,
            times: (times >= FEWEST).then_some(times),
        });
        Self { counts: counts.collect(), total: told.then_some(all) }
    }
}

impl CrisisTeam {
    /// Writes down what was counted in memory: help that was shown where nothing is kept, or while
    /// nothing could be kept, and what came of second opinions. What cannot be written down is told
    /// next time.
    pub async fn write_down_counts(&self, now: Timestamp) -> Result<(), DbError> {
        let inner = self.inner();
        let (shown, second) = (inner.lookout.tally(), inner.lookout.opinions());
        let (cells, verdicts) = (shown.take(), second.take());
        if cells.is_empty() && verdicts.is_empty() {
            return Ok(());
        }
        let day = day_of(now);
        let written = run_tx!(inner.db, "crisis.write_down_counts", |tx| {
            for cell in &cells {
                add(tx, day, *cell);
            }
            for verdict in &verdicts {
                opinion::write_down(tx, day, *verdict);
            }
            Ok::<_, DbError>(())
        });
        if written.is_err() {
            shown.put_back(cells);
            second.put_back(verdicts);
        }
        written
    }

    /// How often help was shown from one day to before another, counted from 1970, and what came of
    /// second opinions.
    pub async fn report(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        (from, to): (i64, i64),
    ) -> Result<(Report, Report), TeamError> {
        let inner = self.inner();
        let rows: Result<Vec<Row>, DbError> =
            inner.db.all(&OF_DAYS, params![tenant.as_uuid(), from, to]).await;
        let counts = rows?.into_iter().map(|row| (row.source, row.level, row.times)).collect();
        let verdicts = opinion::of_days(&inner.db, tenant, (from, to)).await?;
        let whole = Subject::tenant_itself(tenant);
        let keys = inner.ledger.keys(ctx, whole).await?;
        inner.ledger.record_now(ctx, &keys, &Event::new(&REPORT_READ, whole)).await?;
        Ok((Report::of(counts), Report::of(verdicts)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(times: &[i64]) -> Report {
        let cell = |(n, times): (usize, &i64)| (format!("s{n}"), "alert".to_owned(), *times);
        Report::of(times.iter().enumerate().map(cell).collect())
    }

    #[test]
    fn a_small_count_is_neither_told_nor_to_be_reckoned() {
        let told = |times: &[i64]| {
            let report = report(times);
            (report.counts.iter().map(|one| one.times).collect::<Vec<_>>(), report.total)
        };
        assert_eq!(told(&[]), (vec![], Some(0)));
        assert_eq!(told(&[20, 11]), (vec![Some(20), Some(11)], Some(31)));
        assert_eq!(told(&[20, 3]), (vec![Some(20), None], None), "the sum would tell it");
        assert_eq!(told(&[20, 3, 4]), (vec![Some(20), None, None], None), "still too few");
        assert_eq!(told(&[20, 6, 7]), (vec![Some(20), None, None], Some(33)));
    }
}
