//! The only file with SQL. It knows sealed secrets and never what is in them.

use crate::{
    error::McpError,
    model::{Definition, Server, ServerId},
};
use db::{Db, DbError, Tx, params, row};
use kernel::{Subject, TenantId, Timestamp};
use uuid::Uuid;
use vault::{KeyPurpose, Sealed};

vault::columns! {
    /// The key of a server.
    SERVER_SECRET = ("mcp_servers", "secret", KeyPurpose::clinical("mcp"), 1);
}

db::statements! { "mcp";
    INSERT = "INSERT INTO mcp_servers
            (tenant_id, shard_id, user_id, id, name, url, local, secret, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    ALL = "SELECT id, name, url, local, secret, created_at FROM mcp_servers
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 ORDER BY name LIMIT $4";
    DELETE = "DELETE FROM mcp_servers
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    TOOLS = "SELECT server_id, definition FROM mcp_tools
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 ORDER BY server_id, name LIMIT $4";
    ALLOW = "INSERT INTO mcp_tools (tenant_id, shard_id, user_id, server_id, name, definition)
        VALUES ($1, $2, $3, $4, $5, $6)";
    FORBID = "DELETE FROM mcp_tools
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND server_id = $4";
}

row! {
    struct Row {
        id: ServerId as Uuid,
        name: String,
        url: String,
        local: bool,
        secret: Option<Vec<u8>>,
        created_at: Timestamp,
    }
}

row! {
    struct ToolRow {
        server_id: ServerId as Uuid,
        definition: String,
    }
}

/// A server as it is stored.
pub(crate) struct Stored {
    pub server: Server,
    pub secret: Option<Sealed>,
}

/// More than there can be.
const MOST: i64 = 10_000;

fn owner(tenant: TenantId) -> Subject {
    Subject::tenant_itself(tenant)
}

/// The servers of an organisation by name, with the tools that may be used.
pub(crate) async fn all(db: &Db, tenant: TenantId) -> Result<Vec<Stored>, McpError> {
    let rows: Vec<Row> = db.all(&ALL, params![owner(tenant) => MOST]).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let tools: Vec<ToolRow> = db.all(&TOOLS, params![owner(tenant) => MOST]).await?;
    rows.into_iter().map(|row| stored(row, &tools)).collect()
}

fn stored(row: Row, tools: &[ToolRow]) -> Result<Stored, McpError> {
    let own = tools.iter().filter(|tool| tool.server_id == row.id);
    let read = |tool: &ToolRow| Definition::from_text(&tool.definition).ok_or(McpError::Damaged);
    let allowed = own.map(read).collect::<Result<_, _>>()?;
    let Row { id, name, url, local, secret, created_at } = row;
    let has_key = secret.is_some();
    let server = Server { id, name, url, local, has_key, created_at, allowed };
    Ok(Stored { server, secret: secret.map(Sealed::from_bytes) })
}

/// The names of the servers of an organisation.
pub(crate) async fn names(tx: &mut Tx, tenant: TenantId) -> Result<Vec<String>, DbError> {
    let rows: Vec<Row> = tx.all(&ALL, params![owner(tenant) => MOST]).await?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// Writes a new server.
pub(crate) fn insert(tx: &mut Tx, tenant: TenantId, stored: &Stored) {
    let Server { id, name, url, local, created_at, .. } = &stored.server;
    let secret = stored.secret.as_ref().map(|sealed| sealed.as_bytes().to_vec());
    let params = params![owner(tenant) => id.as_uuid(), name.as_str(), url.as_str(), *local, secret,
        *created_at];
    tx.defer(&INSERT, params);
}

/// Removes a server with what was allowed of it. If it is not there, the transaction never was.
pub(crate) fn delete(tx: &mut Tx, tenant: TenantId, id: ServerId) {
    tx.defer(&FORBID, params![owner(tenant) => id.as_uuid()]);
    tx.require(&DELETE, params![owner(tenant) => id.as_uuid()]);
}

/// Whether a transaction never was because there was no such server.
pub(crate) fn was_gone(refused: &DbError) -> bool {
    refused.is_unmet(&DELETE)
}

/// Allows exactly these tools of a server.
pub(crate) fn allow(tx: &mut Tx, tenant: TenantId, (id, tools): (ServerId, &[Definition])) {
    tx.defer(&FORBID, params![owner(tenant) => id.as_uuid()]);
    for tool in tools {
        let params = params![owner(tenant) => id.as_uuid(), tool.name(), tool.text()];
        tx.defer(&ALLOW, params);
    }
}
