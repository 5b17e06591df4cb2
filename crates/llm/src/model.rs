//! Models: their names, what they can do, where they run and what they cost.

use crate::event::Usage;
use std::{fmt, str::FromStr, sync::Arc};

/// The name of a provider: one that is set up here, such as `lmstudio`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProviderId(Arc<str>);

/// The name of a model with that of its provider: `ollama/llama3.2:3b`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModelId {
    provider: ProviderId,
    name: Arc<str>,
}

/// The text names no provider or no model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a model is named as provider/name: lower-case letters, digits, dots and dashes, a slash, \
         and at most 200 characters without spaces"
)]
pub struct NameError;

impl ProviderId {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ProviderId {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        let fits =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
        if (1..=40).contains(&text.len()) && text.bytes().all(fits) {
            Ok(Self(text.into()))
        } else {
            Err(NameError)
        }
    }
}

impl ModelId {
    /// The model that a provider calls by this name.
    pub fn new(provider: ProviderId, name: &str) -> Result<Self, NameError> {
        let fits = (1..=200).contains(&name.len())
            && !name.chars().any(|c| c.is_control() || c.is_whitespace());
        if fits { Ok(Self { provider, name: name.into() }) } else { Err(NameError) }
    }

    /// Its provider.
    #[must_use]
    pub const fn provider(&self) -> &ProviderId {
        &self.provider
    }

    /// What its provider calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl FromStr for ModelId {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        let (provider, name) = text.split_once('/').ok_or(NameError)?;
        Self::new(provider.parse()?, name)
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider, self.name)
    }
}

impl fmt::Debug for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where a model runs, which decides what may be sent to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Location {
    /// Inside this program.
    Builtin,
    /// On a machine of whoever runs this Salus; what is sent stays with them.
    Local,
    /// With someone else.
    Remote,
}

/// What a model can do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each ability is there or not, by itself")]
pub struct Abilities {
    /// It answers messages.
    pub chat: bool,
    /// It sees pictures.
    pub vision: bool,
    /// It asks for tools.
    pub tools: bool,
    /// It turns texts into vectors.
    pub embeddings: bool,
}

/// A model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// Its name.
    pub id: ModelId,
    /// Its name for people.
    pub title: String,
    /// Where it runs.
    pub location: Location,
    /// How many tokens it can read and write at once; none if nobody said.
    pub context: Option<u32>,
    /// What it can do, as far as is known; what is not known counts as "cannot".
    pub abilities: Abilities,
    /// What it costs; none if nobody said, which is not the same as nothing.
    pub prices: Option<Prices>,
}

/// Millionths of a US dollar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MicroUsd(pub u64);

/// Millionths of a US dollar for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prices {
    /// Tokens read.
    pub input: MicroUsd,
    /// Tokens read from the provider's cache; none if nobody said.
    pub cached_input: Option<MicroUsd>,
    /// Tokens written into the provider's cache; none if nobody said.
    pub cache_write: Option<MicroUsd>,
    /// Tokens written.
    pub output: MicroUsd,
}

impl Prices {
    /// For models that cost whoever asks them nothing per token.
    pub const NOTHING: Self = Self {
        input: MicroUsd(0),
        cached_input: Some(MicroUsd(0)),
        cache_write: Some(MicroUsd(0)),
        output: MicroUsd(0),
    };

    /// What this use costs, rounded up; none if it needs a price that nobody said.
    #[must_use]
    pub fn cost(&self, usage: &Usage) -> Option<MicroUsd> {
        let price_of = |tokens: u64, price: Option<MicroUsd>| match (tokens, price) {
            (0, _) => Some(0),
            (tokens, Some(price)) => Some(u128::from(tokens) * u128::from(price.0)),
            (_, None) => None,
        };
        let fresh =
            usage.input.saturating_sub(usage.cached_input).saturating_sub(usage.cache_write);
        let millionths = price_of(fresh, Some(self.input))?
            .saturating_add(price_of(usage.cached_input, self.cached_input)?)
            .saturating_add(price_of(usage.cache_write, self.cache_write)?)
            .saturating_add(price_of(usage.output, Some(self.output))?);
        Some(MicroUsd(u64::try_from(millionths.div_ceil(1_000_000)).unwrap_or(u64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_model_may_contain_slashes_and_that_of_a_provider_may_not() {
        let id: ModelId = "lmstudio/qwen/qwen3-4b".parse().unwrap();
        assert_eq!((id.provider().as_str(), id.name()), ("lmstudio", "qwen/qwen3-4b"));
        assert_eq!(id.to_string(), "lmstudio/qwen/qwen3-4b");
        for bad in ["", "x", "/x", "x/", "X/y", "a b/c", "a/b c", "a/b\n"] {
            assert_eq!(bad.parse::<ModelId>(), Err(NameError), "{bad:?}");
        }
    }

    #[test]
    fn an_unknown_price_is_not_a_price_of_zero() {
        let usage = Usage { input: 1000, cached_input: 400, output: 10, ..Usage::default() };
        let prices = Prices {
            input: MicroUsd(3_000_000),
            cached_input: None,
            cache_write: None,
            output: MicroUsd(15_000_000),
        };
        assert_eq!(prices.cost(&usage), None);
        let known = Prices { cached_input: Some(MicroUsd(300_000)), ..prices };
        assert_eq!(known.cost(&usage), Some(MicroUsd(1800 + 120 + 150)));
        assert_eq!(Prices::NOTHING.cost(&usage), Some(MicroUsd(0)));
    }

    #[test]
    fn less_than_a_millionth_is_rounded_up() {
        let prices = Prices { input: MicroUsd(1), ..Prices::NOTHING };
        assert_eq!(prices.cost(&Usage { input: 1, ..Usage::default() }), Some(MicroUsd(1)));
    }
}
