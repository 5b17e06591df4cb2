//! Tools of other servers, over the Model Context Protocol (MCP).
//!
//! Owns the servers that administrators set up, with their keys, and which of their tools may be used.
//! Speaks the transport over HTTP: the revision of 2026-07-28, and the one of 2025-11-25 with servers
//! that know no later one.
//!
//! What always holds: a tool that no administrator allowed is not called; one that is described
//! differently from when it was allowed is not called until it was looked at again; what a server says
//! has a bound in size and time, redirects are followed nowhere, and addresses are judged as those of
//! providers.
//!
//! What it does not do: it starts no program, answers no question of a server, and does not ask the
//! person: whoever has it called does.

mod api;
mod client;
mod error;
mod model;
mod service;
mod store;

pub use api::routes;
pub use error::{
    CODES, MCP_INVALID, MCP_NAME_TAKEN, MCP_NOT_FOUND, MCP_SERVERS_FULL, MCP_UNREACHABLE, McpError,
};
pub use model::{Definition, Draft, Invalid, Seen, Server, Standing, Ticked};
pub use service::{ACTIONS, Mcp, Offered, Parts};
pub use store::{COLUMNS, STATEMENTS};

/// What this crate adds to the schema.
pub const MIGRATIONS: &[db::Migration] = db::migrations![93 => "0093_mcp"];
