//! Proposes that something be remembered. It is kept only if the person accepts this very sentence.

use super::read;
use async_trait::async_trait;
use companion::{Tool, ToolFailed, ToolSpec, Touches};
use kernel::{Ctx, Phi};
use memory::{Draft, FACT_CHARS, Memory, MemoryError};
use serde::Deserialize;
use serde_json::json;

/// Keeps a fact.
pub struct Remember {
    memory: Memory,
    spec: ToolSpec,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    fact: Phi<String>,
}

impl Remember {
    pub fn new(memory: Memory) -> Self {
        let spec = ToolSpec {
            name: "remember".to_owned(),
            description: "Proposes one short sentence about the person to be remembered in later \
                conversations. Use it only when the person says that something should be remembered."
                .to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {"fact": {"type": "string", "maxLength": FACT_CHARS,
                    "description": "The sentence, in the person's own words."}},
                "required": ["fact"],
                "additionalProperties": false,
            }),
            touches: Touches::Keeps,
            place: None,
        };
        Self { memory, spec }
    }
}

#[async_trait]
impl Tool for Remember {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn run(&self, ctx: &Ctx, arguments: &Phi<String>) -> Result<Phi<String>, ToolFailed> {
        let Wanted { fact: text } = read(arguments)?;
        let draft = Draft { text, ..Draft::default() };
        let kept = self.memory.accept(ctx, &draft).await;
        kept.map_err(|error| match error {
            MemoryError::Off => ToolFailed("The person is not remembered any more."),
            MemoryError::Full => ToolFailed("There is no room for more."),
            MemoryError::Invalid(_) => ToolFailed("Only a short sentence can be remembered."),
            error => {
                tracing::info!(%error, "a tool could not keep a fact");
                ToolFailed("It cannot be remembered now.")
            }
        })?;
        Ok(Phi::new("It is remembered.".to_owned()))
    }
}
