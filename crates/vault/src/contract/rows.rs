//! What every access to sealed rows must do.

use super::{Verdict, ensure, must};
use crate::{
    column::Column,
    sealed::{self, Sealed},
    store::{KeyId, RowPosition, SealedRow, SealedRows},
};
use kernel::{Env, Subject, TenantId, UserId};
use uuid::Uuid;

/// Runs every check against a column that is empty, given a way to store a value in it.
pub async fn sealed_rows(
    rows: &dyn SealedRows,
    column: &Column,
    env: &Env,
    put: impl AsyncFn(&SealedRow) -> Verdict,
) -> Verdict {
    let keys: [KeyId; 2] = [env.new_id(), env.new_id()];
    let mut stored = Vec::new();
    for _ in 0..3 {
        let subject = Subject::new(TenantId::DEFAULT, env.new_id::<UserId>());
        // A person may have one row only, with the id of nothing.
        let ids = [Uuid::nil(), env.new_id(), env.new_id(), env.new_id()];
        for (row, key) in ids.into_iter().zip(keys.into_iter().chain(keys)) {
            let row = SealedRow { subject, row, sealed: value(env, key) };
            put(&row).await?;
            stored.push(row);
        }
    }
    stored.sort_by_key(|row| (row.subject.tenant, row.subject.shard, row.subject.user, row.row));
    for limit in [1, 5, 1000] {
        let walked = walk(rows, column, limit).await?;
        ensure(walked == stored, "pages of any size give all rows in order")?;
    }
    let first = stored.first().ok_or("something was stored")?;
    by_key(rows, column, &stored, (first, keys)).await?;
    replaces(rows, column, (first, keys), env).await
}

/// Bytes that look like an envelope that names this key.
fn value(env: &Env, key: KeyId) -> Sealed {
    let mut bytes = sealed::header(key, 0);
    bytes.extend_from_slice(&env.random::<80>());
    Sealed::from_bytes(bytes)
}

async fn walk(
    rows: &dyn SealedRows,
    column: &Column,
    limit: usize,
) -> Result<Vec<SealedRow>, String> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = must(rows.page(column, after, limit).await)?;
        ensure(page.len() <= limit, "a page is not longer than asked")?;
        let Some(last) = page.last() else { return Ok(all) };
        after = Some(RowPosition::of(last));
        all.extend(page);
    }
}

async fn by_key(
    rows: &dyn SealedRows,
    column: &Column,
    stored: &[SealedRow],
    (first, keys): (&SealedRow, [KeyId; 2]),
) -> Verdict {
    let [key, _] = keys;
    let place = (column, &first.subject);
    let mine = |row: &&SealedRow| row.subject == first.subject && row.sealed.key_id() == Some(key);
    let expected: Vec<_> = stored.iter().filter(mine).cloned().collect();
    let found = must(rows.sealed_with(place, key, None, 1000).await)?;
    ensure(found == expected, "the values of a person under a key are found")?;
    let one = must(rows.sealed_with(place, key, None, 1).await)?;
    ensure(one.as_slice() == expected.get(..1).unwrap_or_default(), "at most as many as asked")?;
    let after: Option<Uuid> = one.last().map(|row| row.row);
    let rest = must(rows.sealed_with(place, key, after, 1000).await)?;
    ensure(rest.as_slice() == expected.get(1..).unwrap_or_default(), "and the others after it")
}

async fn replaces(
    rows: &dyn SealedRows,
    column: &Column,
    (first, keys): (&SealedRow, [KeyId; 2]),
    env: &Env,
) -> Verdict {
    let [_, key] = keys;
    let with = value(env, key);
    ensure(must(rows.replace(column, first, &with).await)?, "a value as it was read is replaced")?;
    ensure(!must(rows.replace(column, first, &with).await)?, "one that has changed is not")?;
    let gone = SealedRow { row: env.new_id(), ..first.clone() };
    ensure(!must(rows.replace(column, &gone, &with).await)?, "one that is not there is not")?;
    let walked = walk(rows, column, 1000).await?;
    let now = walked
        .iter()
        .find(|row| (row.subject, row.row) == (first.subject, first.row))
        .map(|row| &row.sealed);
    ensure(now == Some(&with), "the new value is stored")
}
