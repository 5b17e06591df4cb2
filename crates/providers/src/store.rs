//! The only file with SQL. It knows sealed secrets and never what is in them.

use crate::{
    config::Kind,
    error::ProvidersError,
    model::{AddedId, Setup},
};
use db::{Db, DbError, Tx, params, row};
use kernel::{RoleSet, Subject, TenantId, Timestamp};
use llm::{ModelId, ProviderId};
use uuid::Uuid;
use vault::{KeyPurpose, Sealed};

vault::columns! {
    /// The key of a provider.
    PROVIDER_SECRET = ("model_providers", "secret", KeyPurpose::clinical("providers"), 1);
}

/// More than there are: a list that is longer was not made by this program.
const ALL: i64 = 100_000;

db::statements! { "providers";
    INSERT = "INSERT INTO model_providers (tenant_id, shard_id, user_id, id, name, kind, url,
            local, models, secret, version, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    /// Of every organisation: a process serves them all.
    OF_ALL = "SELECT tenant_id, id, name, kind, url, local, models, secret, version, created_at,
            updated_at
        FROM model_providers ORDER BY name LIMIT $1";
    BY_NAME = "SELECT tenant_id, id, name, kind, url, local, models, secret, version, created_at,
            updated_at
        FROM model_providers WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND name = $4";
    COUNT = "SELECT COUNT(*) AS n FROM model_providers
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3";
    NAMED = "SELECT COUNT(*) AS n FROM model_providers WHERE name = $1";
    REPLACE = "UPDATE model_providers SET kind = $5, url = $6, local = $7, models = $8,
            secret = $9, version = $10, updated_at = $11
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    DELETE = "DELETE FROM model_providers
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND name = $4";
    VISIBILITY = "SELECT tenant_id, model, roles FROM model_visibility
        ORDER BY tenant_id, model LIMIT $1";
    SHOW = "INSERT INTO model_visibility (tenant_id, provider, model, roles)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant_id, model) DO UPDATE SET roles = excluded.roles";
    SHOW_ALL = "DELETE FROM model_visibility WHERE tenant_id = $1 AND model = $2";
    /// The rules on models of a provider that goes.
    FORGET_MODELS = "DELETE FROM model_visibility WHERE tenant_id = $1 AND provider = $2";
    REACH = "SELECT tenant_id, allowed FROM model_reach ORDER BY tenant_id LIMIT $1";
    SET_REACH = "INSERT INTO model_reach (tenant_id, allowed) VALUES ($1, $2)
        ON CONFLICT (tenant_id) DO UPDATE SET allowed = excluded.allowed";
    CLEAR_REACH = "DELETE FROM model_reach WHERE tenant_id = $1";
    REVISION = "SELECT revision FROM model_changes WHERE id = 1";
    CHANGED = "INSERT INTO model_changes (id, revision) VALUES (1, 1)
        ON CONFLICT (id) DO UPDATE SET revision = model_changes.revision + 1";
}

row! {
    struct Row {
        tenant_id: TenantId as Uuid,
        id: AddedId as Uuid,
        name: String,
        kind: String,
        url: String,
        local: bool,
        models: String,
        secret: Option<Vec<u8>>,
        version: i64,
        created_at: Timestamp,
        updated_at: Timestamp,
    }
}

row! {
    struct CountRow {
        n: i64,
    }
}

row! {
    struct RevisionRow {
        revision: i64,
    }
}

row! {
    struct VisibilityRow {
        tenant_id: TenantId as Uuid,
        model: String,
        roles: u8,
    }
}

row! {
    struct ReachRow {
        tenant_id: TenantId as Uuid,
        allowed: String,
    }
}

/// A provider as it is stored.
pub(crate) struct Stored {
    pub tenant: TenantId,
    pub id: AddedId,
    pub name: ProviderId,
    pub setup: Setup,
    pub secret: Option<Sealed>,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl TryFrom<Row> for Stored {
    type Error = ProvidersError;

    fn try_from(row: Row) -> Result<Self, ProvidersError> {
        let damaged = |_| ProvidersError::Damaged;
        Ok(Self {
            tenant: row.tenant_id,
            id: row.id,
            name: row.name.parse().map_err(damaged)?,
            setup: Setup {
                kind: Kind::from_name(&row.kind).ok_or(ProvidersError::Damaged)?,
                url: row.url,
                local: row.local,
                models: list(&row.models)?,
                has_key: row.secret.is_some(),
            },
            secret: row.secret.map(Sealed::from_bytes),
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

fn list(text: &str) -> Result<Vec<String>, ProvidersError> {
    serde_json::from_str(text).map_err(|_| ProvidersError::Damaged)
}

fn text(list: &[String]) -> String {
    serde_json::Value::from(list.to_vec()).to_string()
}

fn secret(stored: &Stored) -> Option<Vec<u8>> {
    stored.secret.as_ref().map(|sealed| sealed.as_bytes().to_vec())
}

fn owner(tenant: TenantId) -> Subject {
    Subject::tenant_itself(tenant)
}

/// Goes up with every change.
pub(crate) async fn revision(db: &Db) -> Result<i64, DbError> {
    let row: Option<RevisionRow> = db.opt(&REVISION, params![]).await?;
    Ok(row.map_or(0, |row| row.revision))
}

/// Tells every process that something is different.
pub(crate) fn changed(tx: &mut Tx) {
    tx.defer(&CHANGED, params![]);
}

/// The providers of every organisation; one that cannot be read does not keep the others away.
pub(crate) async fn of_all(db: &Db) -> Result<Vec<Result<Stored, ProvidersError>>, DbError> {
    let rows: Vec<Row> = db.all(&OF_ALL, params![ALL]).await?;
    Ok(rows.into_iter().map(Stored::try_from).collect())
}

pub(crate) async fn by_name(
    tx: &mut Tx,
    tenant: TenantId,
    name: &ProviderId,
) -> Result<Option<Stored>, ProvidersError> {
    let row: Option<Row> = tx.opt(&BY_NAME, params![owner(tenant) => name.as_str()]).await?;
    row.map(Stored::try_from).transpose()
}

pub(crate) async fn count(tx: &mut Tx, tenant: TenantId) -> Result<usize, DbError> {
    let CountRow { n } = tx.one(&COUNT, params![owner(tenant) =>]).await?;
    Ok(usize::try_from(n).unwrap_or_default())
}

/// Whether a provider of any organisation has this name.
pub(crate) async fn is_taken(tx: &mut Tx, name: &ProviderId) -> Result<bool, DbError> {
    let CountRow { n } = tx.one(&NAMED, params![name.as_str()]).await?;
    Ok(n > 0)
}

pub(crate) fn insert(tx: &mut Tx, stored: &Stored) {
    let Setup { kind, url, local, models, .. } = &stored.setup;
    let params = params![owner(stored.tenant) => stored.id.as_uuid(), stored.name.as_str(),
        kind.name(), url.as_str(), *local, text(models), secret(stored), stored.version,
        stored.created_at, stored.updated_at];
    tx.defer(&INSERT, params);
}

pub(crate) fn replace(tx: &mut Tx, stored: &Stored) {
    let Setup { kind, url, local, models, .. } = &stored.setup;
    let params = params![owner(stored.tenant) => stored.id.as_uuid(), kind.name(), url.as_str(),
        *local, text(models), secret(stored), stored.version, stored.updated_at];
    tx.defer(&REPLACE, params);
}

/// Removes a provider with the rules on its models.
pub(crate) fn delete(tx: &mut Tx, tenant: TenantId, name: &ProviderId) {
    tx.defer(&FORGET_MODELS, params![tenant.as_uuid(), name.as_str()]);
    tx.defer(&DELETE, params![owner(tenant) => name.as_str()]);
}

/// The roles that may use a model, by organisation, where not all may.
pub(crate) async fn visibility(db: &Db) -> Result<Vec<(TenantId, ModelId, RoleSet)>, DbError> {
    let rows: Vec<VisibilityRow> = db.all(&VISIBILITY, params![ALL]).await?;
    let rule = |row: VisibilityRow| {
        Some((row.tenant_id, row.model.parse().ok()?, RoleSet::from_bits(row.roles)))
    };
    Ok(rows.into_iter().filter_map(rule).collect())
}

/// Shows a model to these roles; to all if none are named.
pub(crate) fn show(tx: &mut Tx, tenant: TenantId, model: &ModelId, roles: Option<RoleSet>) {
    let (provider, model) = (model.provider().as_str(), model.to_string());
    match roles {
        Some(roles) => tx.defer(&SHOW, params![tenant.as_uuid(), provider, model, roles.bits()]),
        None => tx.defer(&SHOW_ALL, params![tenant.as_uuid(), model]),
    }
}

/// Which models of someone else may be used, by organisation, where it says so.
pub(crate) async fn reach(db: &Db) -> Result<Vec<(TenantId, Vec<String>)>, DbError> {
    let rows: Vec<ReachRow> = db.all(&REACH, params![ALL]).await?;
    // A list that cannot be read allows nothing.
    let rule = |row: ReachRow| (row.tenant_id, list(&row.allowed).unwrap_or_default());
    Ok(rows.into_iter().map(rule).collect())
}

pub(crate) fn set_reach(tx: &mut Tx, tenant: TenantId, allowed: Option<&[String]>) {
    match allowed {
        Some(allowed) => tx.defer(&SET_REACH, params![tenant.as_uuid(), text(allowed)]),
        None => tx.defer(&CLEAR_REACH, params![tenant.as_uuid()]),
    }
}
