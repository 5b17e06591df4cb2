//! What models may ask for while they answer: tools of this house, put together with the slices
//! that do the work. Each runs with the right of the person who asks, so that consent is asked for
//! and the reading is recorded as if the person had read it.

mod diary;
mod exercises;
mod remember;

use async_trait::async_trait;
use companion::{Tool, ToolFailed, Toolbox};
use crisis::Lookout;
use diary::{JournalSearch, RecentMoods};
use exercises::FindExercise;
use journal::Journal;
use kernel::{Ctx, Phi};
use memory::Memory;
use remember::Remember;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// The tools of this house.
pub struct HouseTools {
    always: Vec<Arc<dyn Tool>>,
    remember: Arc<Remember>,
    memory: Memory,
}

impl HouseTools {
    /// Over these.
    #[must_use]
    pub fn new(journal: &Journal, memory: &Memory, lookout: &Arc<Lookout>) -> Self {
        let always: Vec<Arc<dyn Tool>> = vec![
            Arc::new(JournalSearch::new(journal.clone())),
            Arc::new(RecentMoods::new(journal.clone())),
            Arc::new(FindExercise::new(lookout.clone())),
        ];
        let remember = Arc::new(Remember::new(memory.clone()));
        Self { always, remember, memory: memory.clone() }
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
        tools
    }
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
