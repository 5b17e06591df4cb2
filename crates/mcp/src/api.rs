//! HTTP in and out: how administrators set up servers of tools.

use crate::{
    error::{
        MCP_INVALID, MCP_NAME_TAKEN, MCP_NOT_FOUND, MCP_SERVERS_FULL, MCP_UNREACHABLE, McpError,
    },
    model::{Definition, Draft, Seen, Server, Standing, Ticked},
    service::{Mcp, SERVER_ADDED, SERVER_REMOVED, SERVERS_LISTED, TOOLS_ALLOWED, TOOLS_LOOKED_AT},
};
use audit::AUDIT_UNAVAILABLE;
use axum::{extract::State, middleware::from_fn};
use httpkit::{
    Admin, ApiResult, Contract, Created, Fresh, Json, NoContent, OpenApiRouter, Path,
    UnderContract, UtoipaMethodRouterExt, limits, routes,
};
use kernel::{Role, Secret, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vault::{DATA_ERASED, DATA_UNREADABLE, KEYS_FAULTY, KEYS_UNAVAILABLE};

/// The codes of an operation, and those of everything that opens and records something.
macro_rules! errors {
    ($($own:expr),* $(,)?) => {
        &[
            &AUDIT_UNAVAILABLE, &DATA_ERASED, &DATA_UNREADABLE, &KEYS_FAULTY, &KEYS_UNAVAILABLE,
            $(&$own),*
        ]
    };
}

/// The routes of this crate.
pub fn routes() -> OpenApiRouter<Mcp> {
    let admin = |action: &'static audit::Action| Contract::role(&[Role::Admin], action.name());
    let add = admin(&SERVER_ADDED)
        .errors(errors![MCP_INVALID, MCP_NAME_TAKEN, MCP_SERVERS_FULL])
        .step_up();
    let remove = admin(&SERVER_REMOVED).errors(errors![MCP_NOT_FOUND]).step_up();
    let look = admin(&TOOLS_LOOKED_AT).errors(errors![MCP_INVALID, MCP_NOT_FOUND]);
    let allow = admin(&TOOLS_ALLOWED)
        .errors(errors![MCP_INVALID, MCP_NOT_FOUND, MCP_UNREACHABLE])
        .step_up();
    OpenApiRouter::new()
        .routes(routes!(list).under(&admin(&SERVERS_LISTED).errors(errors![])))
        .routes(routes!(add_server).under(&add))
        .routes(routes!(remove_server).under(&remove))
        .routes(routes!(look_at_tools).under(&look).layer(from_fn(limits::costly)))
        .routes(routes!(allow_tools).under(&allow).layer(from_fn(limits::costly)))
}

/// A server of tools. Its key is never told.
#[derive(Serialize, ToSchema)]
struct McpServer {
    /// Its name.
    name: String,
    /// Where it answers.
    url: String,
    /// Whether it is on a machine of whoever runs this Salus.
    local: bool,
    /// Whether it has a key.
    has_key: bool,
    /// Its tools that may be used.
    allowed: Vec<String>,
    /// When it was set up.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Server> for McpServer {
    fn from(server: Server) -> Self {
        let Server { name, url, local, has_key, created_at, allowed, .. } = server;
        let allowed = allowed.iter().map(|tool| tool.name().to_owned()).collect();
        Self { name, url, local, has_key, allowed, created_at }
    }
}

/// All servers of tools.
#[derive(Serialize, ToSchema)]
struct McpServers {
    /// The servers.
    servers: Vec<McpServer>,
}

/// A server of tools to be set up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct McpServerWrite {
    /// Its name here: lower-case letters, digits and dashes.
    #[schema(min_length = 1, max_length = 20)]
    name: String,
    /// Where it answers: `https://tools.example/mcp`.
    #[schema(min_length = 1, max_length = 500)]
    url: String,
    /// Whether it is on a machine of whoever runs this Salus. Only such a one may be on this machine
    /// or in a private network, and be spoken to without TLS.
    #[serde(default)]
    local: bool,
    /// Its key, if it wants one. It is told to nobody again.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 4096)]
    key: Option<Secret<String>>,
}

/// How a tool stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = McpToolStanding)]
enum StandingName {
    /// It may be used.
    Allowed,
    /// It was allowed, and is described differently now: it may not be used until it is allowed anew.
    Changed,
    /// It may not be used.
    New,
}

/// A tool as its server describes it now.
#[derive(Serialize, ToSchema)]
struct McpTool {
    /// Its name.
    name: String,
    /// What it says of itself.
    description: String,
    /// The JSON Schema of its arguments.
    parameters: serde_json::Value,
    /// How it stands.
    standing: StandingName,
    /// Changes with everything that the server says about it.
    fingerprint: String,
}

impl From<Seen> for McpTool {
    fn from(seen: Seen) -> Self {
        let Seen { definition, standing } = seen;
        let standing = match standing {
            Standing::Allowed => StandingName::Allowed,
            Standing::Changed => StandingName::Changed,
            Standing::New => StandingName::New,
        };
        let fingerprint = definition.fingerprint();
        let text = |of: fn(&Definition) -> &str| of(&definition).to_owned();
        let (name, description) = (text(Definition::name), text(Definition::description));
        let parameters = definition.parameters().clone();
        Self { name, description, parameters, standing, fingerprint }
    }
}

/// The tools of a server.
#[derive(Serialize, ToSchema)]
struct McpTools {
    /// The tools; none where the server did not answer as agreed.
    tools: Vec<McpTool>,
    /// Why it did not.
    problem: Option<String>,
}

/// A tool that may be used.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct McpTick {
    /// Its name.
    #[schema(max_length = 64)]
    name: String,
    /// The fingerprint of what was looked at.
    #[schema(max_length = 64)]
    fingerprint: String,
}

/// The tools of a server that may be used.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct McpAllow {
    /// These and no others.
    #[schema(max_items = 200)]
    tools: Vec<McpTick>,
}

/// How all servers of tools are set up.
#[utoipa::path(get, path = "/api/admin/mcp", operation_id = "list_mcp_servers", tag = "admin",
    responses((status = 200, body = McpServers)))]
async fn list(State(mcp): State<Mcp>, Admin(ctx): Admin) -> ApiResult<Json<McpServers>> {
    let servers = mcp.list(&ctx).await?.into_iter().map(McpServer::from).collect();
    Ok(Json(McpServers { servers }))
}

/// Sets up a server of tools. None of its tools may be used before it is allowed.
#[utoipa::path(post, path = "/api/admin/mcp", operation_id = "add_mcp_server", tag = "admin",
    request_body = McpServerWrite, responses((status = 201, body = McpServer)))]
async fn add_server(
    State(mcp): State<Mcp>,
    Admin(ctx): Admin,
    Fresh(_proof): Fresh,
    Json(body): Json<McpServerWrite>,
) -> ApiResult<Created<McpServer>> {
    let McpServerWrite { name, url, local, key } = body;
    Ok(Created(mcp.add(&ctx, Draft { name, url, local, key }).await?.into()))
}

/// Removes a server of tools with its key.
#[utoipa::path(delete, path = "/api/admin/mcp/{id}", operation_id = "remove_mcp_server",
    tag = "admin", params(("id" = String, Path, description = "Its name.")),
    responses((status = 204)))]
async fn remove_server(
    State(mcp): State<Mcp>,
    Admin(ctx): Admin,
    Fresh(_proof): Fresh,
    Path(name): Path<String>,
) -> ApiResult<NoContent> {
    mcp.remove(&ctx, &name).await?;
    Ok(NoContent)
}

/// Asks a server which tools it has. What goes wrong is told in the answer.
#[utoipa::path(post, path = "/api/admin/mcp/{id}/look", operation_id = "look_at_mcp_tools",
    tag = "admin", params(("id" = String, Path, description = "Its name.")),
    responses((status = 200, body = McpTools)))]
async fn look_at_tools(
    State(mcp): State<Mcp>,
    Admin(ctx): Admin,
    Path(name): Path<String>,
) -> ApiResult<Json<McpTools>> {
    Ok(Json(match mcp.look(&ctx, &name).await {
        Ok(seen) => {
            let tools = seen.into_iter().map(McpTool::from).collect();
            McpTools { tools, problem: None }
        }
        Err(McpError::Server(failure)) => {
            McpTools { tools: Vec::new(), problem: Some(failure.to_string()) }
        }
        Err(error) => return Err(error.into()),
    }))
}

/// Allows tools of a server, each as it was looked at; all others are not allowed any more.
#[utoipa::path(put, path = "/api/admin/mcp/{id}/tools", operation_id = "allow_mcp_tools",
    tag = "admin", params(("id" = String, Path, description = "Its name.")),
    request_body = McpAllow, responses((status = 200, body = McpServer)))]
async fn allow_tools(
    State(mcp): State<Mcp>,
    Admin(ctx): Admin,
    Fresh(_proof): Fresh,
    Path(name): Path<String>,
    Json(body): Json<McpAllow>,
) -> ApiResult<Json<McpServer>> {
    let tick = |McpTick { name, fingerprint }| Ticked { name, fingerprint };
    let ticked: Vec<Ticked> = body.tools.into_iter().map(tick).collect();
    Ok(Json(mcp.allow(&ctx, &name, &ticked).await?.into()))
}
