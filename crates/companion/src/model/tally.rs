//! What answers use, as it is kept with them.

use llm::Usage;
use serde::{Deserialize, Serialize};

/// What an answer used and cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Tokens read.
    #[serde(rename = "i")]
    pub input: u64,
    /// Of these, from the provider's cache.
    #[serde(rename = "c", default)]
    pub cached: u64,
    /// Tokens written.
    #[serde(rename = "o")]
    pub output: u64,
    /// Millionths of a US dollar; `None` if nobody told the price.
    #[serde(rename = "m", default)]
    pub cost: Option<u64>,
    /// Counted here, not by the provider.
    #[serde(rename = "e", default)]
    pub estimated: bool,
}

impl Tally {
    /// This use at these prices.
    #[must_use]
    pub fn of(usage: &Usage, prices: Option<&llm::Prices>) -> Self {
        let cost = prices.and_then(|prices| prices.cost(usage)).map(|cost| cost.0);
        let Usage { input, cached_input: cached, output, estimated, .. } = *usage;
        Self { input, cached, output, cost, estimated }
    }

    /// This and more for the same answer.
    #[must_use]
    pub fn plus(&self, more: &Self) -> Self {
        Self {
            input: self.input.saturating_add(more.input),
            cached: self.cached.saturating_add(more.cached),
            output: self.output.saturating_add(more.output),
            cost: self.cost.zip(more.cost).map(|(one, other)| one.saturating_add(other)),
            estimated: self.estimated || more.estimated,
        }
    }

    /// All tokens.
    #[must_use]
    pub const fn tokens(&self) -> u64 {
        self.input.saturating_add(self.output)
    }
}
