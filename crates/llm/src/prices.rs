//! What models of well-known providers cost, from `data/models/prices.toml`.

use crate::model::{MicroUsd, Prices};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    lists: Vec<List>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    host: String,
    source: String,
    read: String,
    models: Vec<Entry>,
}

/// Dollars for a million tokens.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    input: f64,
    cached_input: Option<f64>,
    cache_write: Option<f64>,
    output: f64,
}

/// A price that was looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The price.
    pub prices: Prices,
    /// Which list says so.
    pub source: String,
    /// The day the list was read.
    pub read: String,
}

/// The lists of prices.
#[derive(Debug)]
pub struct PriceTable(Vec<List>);

/// The lists that are built into the program cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the list of prices cannot be read: {0}")]
pub struct PricesUnreadable(String);

impl PriceTable {
    /// Those that are built into the program.
    pub fn embedded() -> Result<Self, PricesUnreadable> {
        let text = include_str!("../data/models/prices.toml");
        let file: File =
            toml::from_str(text).map_err(|error| PricesUnreadable(error.to_string()))?;
        Ok(Self(file.lists))
    }

    /// What a model costs with the provider at this host. None if no list says so; nobody's price
    /// is taken for another's.
    #[must_use]
    pub fn find(&self, host: &str, model: &str) -> Option<Listed> {
        let list = self.0.iter().find(|list| list.host == host)?;
        let entry = list.models.iter().find(|entry| is_named(model, &entry.name))?;
        let prices = Prices {
            input: micros(entry.input),
            cached_input: entry.cached_input.map(micros),
            cache_write: entry.cache_write.map(micros),
            output: micros(entry.output),
        };
        Some(Listed { prices, source: list.source.clone(), read: list.read.clone() })
    }
}

/// Whether it is this model or a dated version of it.
fn is_named(model: &str, name: &str) -> bool {
    model.strip_prefix(name).is_some_and(|rest| {
        let date = rest.strip_prefix('-').unwrap_or(rest);
        let is_date =
            date.len() >= 8 && date.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        rest.is_empty() || (rest.starts_with('-') && is_date)
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "prices are small and positive"
)]
fn micros(dollars: f64) -> MicroUsd {
    MicroUsd((dollars * 1e6).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dated_version_costs_what_its_model_does_and_a_neighbour_does_not() {
        let table = PriceTable::embedded().unwrap();
        let input =
            |host: &str, model: &str| table.find(host, model).map(|found| found.prices.input.0);
        assert_eq!(input("api.openai.com", "gpt-4.1"), Some(2_000_000));
        assert_eq!(input("api.openai.com", "gpt-4.1-2025-04-14"), Some(2_000_000));
        assert_eq!(input("api.openai.com", "gpt-4.1-mini"), Some(400_000));
        assert_eq!(input("api.openai.com", "gpt-4.1-nano"), None);
        assert_eq!(input("api.anthropic.com", "claude-haiku-4-5-20251001"), Some(1_000_000));
        assert_eq!(input("openrouter.ai", "gpt-4.1"), None, "another provider, another price");
    }

    #[test]
    fn each_list_says_where_it_is_from_and_each_price_makes_sense() {
        for list in PriceTable::embedded().unwrap().0 {
            assert!(!list.source.is_empty() && list.read.len() == 10 && !list.models.is_empty());
            for entry in &list.models {
                assert!(entry.input > 0.0 && entry.input < 100.0, "{}", entry.name);
                assert!(entry.cached_input.is_none_or(|price| price > 0.0 && price < entry.input));
                assert!(entry.cache_write.is_none_or(|price| price >= entry.input));
            }
        }
    }
}
