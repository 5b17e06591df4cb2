//! How often a second opinion differed: by day and place, apart from the rules, without anybody.

use crate::tally::Cell;
use db::{Db, DbError, Tx, params, row};
use kernel::TenantId;

db::statements! { "crisis.opinions";
    COUNT = "INSERT INTO crisis_opinions (tenant_id, day, source, verdict, times)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant_id, day, source, verdict)
        DO UPDATE SET times = crisis_opinions.times + excluded.times";
    /// Over all people of a tenant: only how often.
    OF_DAYS = "SELECT source, verdict, CAST(SUM(times) AS BIGINT) AS times FROM crisis_opinions
        WHERE tenant_id = $1 AND day >= $2 AND day < $3
        GROUP BY source, verdict ORDER BY source, verdict";
}

row! {
    struct Row {
        source: String,
        verdict: String,
        times: i64,
    }
}

/// Writes down what was counted on this day.
pub(crate) fn write_down(tx: &mut Tx, day: i64, ((tenant, source, verdict), times): (Cell, i64)) {
    tx.defer(&COUNT, params![tenant.as_uuid(), day, source.name(), verdict, times]);
}

/// Place, verdict and how often, from one day to before another.
pub(crate) async fn of_days(
    db: &Db,
    tenant: TenantId,
    (from, to): (i64, i64),
) -> Result<Vec<(String, String, i64)>, DbError> {
    let rows: Vec<Row> = db.all(&OF_DAYS, params![tenant.as_uuid(), from, to]).await?;
    Ok(rows.into_iter().map(|row| (row.source, row.verdict, row.times)).collect())
}
