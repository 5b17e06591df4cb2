//! What models may ask for while they answer: tools of this house, put together with the slices
//! that do the work. Each runs with the right of the person who asks, so that consent is asked for
//! and the reading is recorded as if the person had read it.

mod diary;
mod exercises;
mod remember;
mod servers;

use crate::config::ConfigError;
use async_trait::async_trait;
use audit::Ledger;
use companion::{Tool, ToolFailed, Toolbox};
use crisis::Lookout;
use db::Db;
use diary::{JournalSearch, RecentMoods};
use exercises::FindExercise;
use journal::Journal;
use kernel::{Ctx, Phi};
use mcp::{Mcp, McpError};
use memory::Memory;
use remember::Remember;
use serde::de::DeserializeOwned;
use servers::ServerTool;
use std::sync::Arc;
use vault::Vault;

/// How many tools of other servers a model is told of: each costs tokens with every message.
const MOST_OF_OTHERS: usize = 32;

/// The tools of this house, and those of other servers that administrators allowed.
pub struct HouseTools {
    mcp: Mcp,
    always: Vec<Arc<dyn Tool>>,
    remember: Arc<Remember>,
    memory: Memory,
}

impl HouseTools {
    /// Over these.
    #[must_use]
    pub fn new(journal: &Journal, memory: &Memory, lookout: &Arc<Lookout>, mcp: &Mcp) -> Self {
        let always: Vec<Arc<dyn Tool>> = vec![
            Arc::new(JournalSearch::new(journal.clone())),
            Arc::new(RecentMoods::new(journal.clone())),
            Arc::new(FindExercise::new(lookout.clone())),
        ];
        let remember = Arc::new(Remember::new(memory.clone()));
        Self { mcp: mcp.clone(), always, remember, memory: memory.clone() }
    }

    async fn of_others(&self, ctx: &Ctx) -> Result<Vec<Arc<dyn Tool>>, McpError> {
        let Ok(subject) = ctx.own_subject() else { return Ok(Vec::new()) };
        let offered = self.mcp.offered(subject.tenant).await?.into_iter();
        let tool = |one| Arc::new(ServerTool::new(self.mcp.clone(), one)) as Arc<dyn Tool>;
        Ok(offered.map(tool).take(MOST_OF_OTHERS).collect())
    }
}

#[async_trait]
impl Toolbox for HouseTools {
    async fn tools(&self, ctx: &Ctx) -> Vec<Arc<dyn Tool>> {
        let mut tools = self.always.clone();
        match self.memory.is_wished(ctx).await {
            Ok(true) => tools.push(self.remember.clone()),
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "memory offers no tool now"),
        }
        match self.of_others(ctx).await {
            Ok(more) => tools.extend(more),
            Err(error) => tracing::warn!(%error, "other servers offer no tools now"),
        }
        tools
    }
}

/// Servers of tools, as administrators set them up.
pub fn of_others((db, vault, ledger): (&Db, &Vault, &Ledger)) -> Result<Mcp, ConfigError> {
    let (db, vault, ledger) = (db.clone(), vault.clone(), ledger.clone());
    let mcp = Mcp::new(mcp::Parts { db, vault, ledger });
    mcp.map_err(|error| ConfigError::Setting(error.to_string()))
}

/// What a model wrote for a tool, as the tool wants it.
fn read<T: DeserializeOwned>(arguments: &Phi<String>) -> Result<T, ToolFailed> {
    // EXPOSE: taken apart into values that are as sensitive.
    let read = serde_json::from_str(arguments.expose());
    read.map_err(|_| ToolFailed("The arguments are not as the description of the tool says."))
}

/// Lines as a result.
fn lines(found: impl Iterator<Item = String>, nothing: &str) -> Phi<String> {
    let text = found.collect::<Vec<_>>().join("\n");
    Phi::new(if text.is_empty() { nothing.to_owned() } else { text })
}
