//! The sealed columns of all tables, as the vault's sweep and verification walk them.
//!
//! A sealed column is in a table with the key `(tenant_id, shard_id, user_id, id)`; its
//! statements follow from its declaration.

use crate::{
    database::Db,
    keystore::{position, subject},
    params, row,
    statement::Statement,
    value::Value,
};
use async_trait::async_trait;
use kernel::{Subject, TenantId, UserId};
use std::collections::HashMap;
use uuid::Uuid;
use vault::{Column, KeyId, RowPosition, Sealed, SealedRow, SealedRows, StoreError};

row! {
    struct StoredValue {
        tenant_id: TenantId as Uuid,
        shard_id: u16,
        user_id: UserId as Uuid,
        id: Uuid,
        sealed: Vec<u8>,
    }
}

impl TryFrom<StoredValue> for SealedRow {
    type Error = StoreError;
    fn try_from(stored: StoredValue) -> Result<Self, StoreError> {
        let subject = subject(stored.tenant_id, stored.shard_id, stored.user_id)?;
        Ok(Self { subject, row: stored.id, sealed: Sealed::from_bytes(stored.sealed) })
    }
}

struct Statements {
    page: &'static Statement,
    sealed_with: &'static Statement,
    sealed_with_after: &'static Statement,
    replace: &'static Statement,
}

impl Statements {
    fn of(Column { table, column, .. }: &Column) -> Self {
        let page = format!(
            "SELECT tenant_id, shard_id, user_id, id, {column} AS sealed FROM {table}
            WHERE (tenant_id, shard_id, user_id, id) > ($1, $2, $3, $4) AND {column} IS NOT NULL
            ORDER BY tenant_id, shard_id, user_id, id LIMIT $5"
        );
        // The key of a sealed value is named by 16 bytes after the first two.
        let sealed_with = |after: &str| {
            format!(
                "SELECT tenant_id, shard_id, user_id, id, {column} AS sealed FROM {table}
                WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3
                    AND substr({column}, 3, 16) = $4 {after}
                ORDER BY id LIMIT $5"
            )
        };
        let replace = format!(
            "UPDATE {table} SET {column} = $6
            WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4 AND {column} = $5"
        );
        Self {
            page: Statement::generated("vault.SEALED_PAGE", page),
            sealed_with: Statement::generated("vault.SEALED_WITH", sealed_with("")),
            sealed_with_after: Statement::generated(
                "vault.SEALED_WITH_AFTER",
                sealed_with("AND id > $6"),
            ),
            replace: Statement::generated("vault.SEALED_REPLACE", replace),
        }
    }
}

/// The sealed columns in this database. Keeps memory for ever: made once for each database.
pub struct SqlSealedRows {
    db: Db,
    columns: HashMap<(&'static str, &'static str), Statements>,
}

impl SqlSealedRows {
    /// These columns in this database, whose schema is up to date.
    #[must_use]
    pub fn new(db: Db, columns: &[&[&'static Column]]) -> Self {
        let statements = |column: &&Column| (place(column), Statements::of(column));
        Self { db, columns: columns.iter().copied().flatten().map(statements).collect() }
    }

    /// All statements, for the test that prepares them on both databases.
    #[must_use]
    pub fn statements(&self) -> Vec<&'static Statement> {
        let all = self.columns.values();
        all.flat_map(|of| [of.page, of.sealed_with, of.sealed_with_after, of.replace]).collect()
    }

    fn of(&self, column: &Column) -> Result<&Statements, StoreError> {
        self.columns
            .get(&place(column))
            .ok_or_else(|| StoreError::broken("a sealed column that was not registered"))
    }
}

const fn place(column: &Column) -> (&'static str, &'static str) {
    (column.table, column.column)
}

#[async_trait]
impl SealedRows for SqlSealedRows {
    async fn page(
        &self,
        column: &Column,
        after: Option<RowPosition>,
        limit: usize,
    ) -> Result<Vec<SealedRow>, StoreError> {
        let params = position(after.map(|place| (place.subject, place.row)), limit);
        let rows: Vec<StoredValue> = self.db.all(self.of(column)?.page, params).await?;
        rows.into_iter().map(SealedRow::try_from).collect()
    }

    async fn sealed_with(
        &self,
        (column, subject): (&Column, &Subject),
        key: KeyId,
        after: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<SealedRow>, StoreError> {
        let (statements, limit) = (self.of(column)?, i64::try_from(limit).unwrap_or(i64::MAX));
        let mut params = params![*subject => key.as_uuid().into_bytes(), limit];
        params.extend(after.map(Value::from));
        let statement =
            if after.is_some() { statements.sealed_with_after } else { statements.sealed_with };
        let rows: Vec<StoredValue> = self.db.all(statement, params).await?;
        rows.into_iter().map(SealedRow::try_from).collect()
    }

    async fn replace(
        &self,
        column: &Column,
        row: &SealedRow,
        with: &Sealed,
    ) -> Result<bool, StoreError> {
        let (old, new) = (row.sealed.as_bytes(), with.as_bytes());
        let params = params![row.subject => row.row, old, new];
        Ok(self.db.exec(self.of(column)?.replace, params).await? == 1)
    }
}
