//! Providers as administrators set them up, and the rules on that.

use crate::{config::Kind, gate::Gate};
use kernel::{Env, RoleSet, Secret, Timestamp, typed_id};
use llm::{
    Abilities, Dialect, Endpoint, Limits, LlmError, Location, Model, ModelId, NameError, Prices,
    Provider, ProviderId, RemoteConfig, RemoteProvider,
};
use serde::{Deserialize, Deserializer};
use std::sync::Arc;

typed_id! {
    /// A provider that an administrator set up.
    AddedId
}

/// The most providers that administrators of one organisation may set up.
pub const MOST_PROVIDERS: usize = 50;
/// The most models that are named of one provider.
pub const MOST_MODELS: usize = 100;
/// The most names in a list of what may be used.
pub const MOST_ALLOWED: usize = 200;
/// The longest address.
pub const URL_BYTES: usize = 500;
/// The longest key.
pub const KEY_BYTES: usize = 4_096;

/// Names that stand for something else, here or in paths.
const RESERVED: [&str; 5] = ["salus", "scripted", "health", "visibility", "elsewhere"];

/// A rule that a provider breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// The name is not one.
    #[error("name: 1 to 40 lower-case letters, digits, dots and dashes, and no reserved word")]
    Name,
    /// The address is too long.
    #[error("url: at most {URL_BYTES} bytes")]
    LongUrl,
    /// The address is one that this provider may not have.
    #[error("url: {0}")]
    Url(&'static str),
    /// The key is no key.
    #[error("key: 1 to {KEY_BYTES} letters, digits and signs without spaces")]
    Key,
    /// The address is another one, and nobody said what becomes of the key.
    #[error("key: give it again, or null, where the address is another one")]
    KeyStays,
    /// A model has no name, or too many are named.
    #[error("models: up to {MOST_MODELS} names without spaces")]
    Models,
    /// A model is not called so, or is not there.
    #[error("model: one that is there, as provider/name")]
    Model,
    /// The companion that always answers cannot be taken away.
    #[error("model: the built-in companion stays for everybody")]
    Companion,
    /// A list of what may be used is too long or has something else in it.
    #[error("models: up to {MOST_ALLOWED} of the form provider/name or provider/*")]
    Allowed,
}

/// Where a provider comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It is part of the program.
    Builtin,
    /// The settings file names it.
    Settings,
    /// It was found on this machine.
    Found,
    /// An administrator set it up.
    Added,
}

/// How a provider is set up, without its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// What it speaks.
    pub kind: Kind,
    /// Where it answers.
    pub url: String,
    /// Whether it is on a machine of ours.
    pub local: bool,
    /// Its models; it is asked for them if none is named.
    pub models: Vec<String>,
    /// Whether it has a key.
    pub has_key: bool,
}

/// A provider to be set up.
pub struct Draft {
    /// Its name here.
    pub name: String,
    /// What it speaks.
    pub kind: Kind,
    /// Where it answers.
    pub url: String,
    /// Whether it is on a machine of ours.
    pub local: bool,
    /// Its key, if it wants one.
    pub key: Option<Secret<String>>,
    /// Its models; it is asked for them if none is named.
    pub models: Vec<String>,
}

/// What becomes of something that may be there. In JSON, what is left out stays, and null goes.
#[derive(Default)]
pub enum Given<T> {
    /// It stays as it is.
    #[default]
    Nothing,
    /// It goes.
    Null,
    /// It becomes this.
    Value(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|value| value.map_or(Self::Null, Self::Value))
    }
}

/// What is to be different about a provider.
pub struct Change {
    /// What it speaks.
    pub kind: Option<Kind>,
    /// Where it answers.
    pub url: Option<String>,
    /// Whether it is on a machine of ours.
    pub local: Option<bool>,
    /// Its key.
    pub key: Given<Secret<String>>,
    /// Its models.
    pub models: Option<Vec<String>>,
}

/// A provider as it stands here, for administrators.
pub struct Listed {
    /// Its name.
    pub id: ProviderId,
    /// Where it comes from.
    pub origin: Origin,
    /// How it is set up; none if it is part of the program.
    pub setup: Option<Setup>,
    /// Its models, each with the roles that may use it; all may where no roles are named.
    pub models: Vec<(Model, Option<RoleSet>)>,
    /// When it was last changed, if an administrator set it up.
    pub updated_at: Option<Timestamp>,
}

impl Setup {
    /// Where its models run.
    pub fn location(&self) -> Location {
        if self.local { Location::Local } else { Location::Remote }
    }

    /// Whether this can be set up at all.
    pub fn check(&self) -> Result<(), Invalid> {
        if self.url.len() > URL_BYTES {
            return Err(Invalid::LongUrl);
        }
        self.endpoint()?;
        let fits = |name: &String| named_fits(name);
        if self.models.len() > MOST_MODELS || !self.models.iter().all(fits) {
            return Err(Invalid::Models);
        }
        Ok(())
    }

    fn endpoint(&self) -> Result<Endpoint, Invalid> {
        Endpoint::parse(&self.url, self.location()).map_err(|error| match error {
            LlmError::Address(reason) => Invalid::Url(reason),
            _ => Invalid::Url("not an address"),
        })
    }

    /// Whether both answer at the same place.
    pub fn is_at(&self, other: &Self) -> Result<bool, Invalid> {
        Ok(self.endpoint()?.is_same_server(&other.endpoint()?))
    }

    /// The provider itself. What is said reaches someone else's machine only through the gate.
    pub fn connect(
        &self,
        id: &ProviderId,
        key: Option<Secret<String>>,
        env: &Env,
    ) -> Result<Arc<dyn Provider>, LlmError> {
        let config = RemoteConfig {
            id: id.clone(),
            dialect: Dialect::from(self.kind),
            url: self.url.clone(),
            location: self.location(),
            key,
            limits: Limits::default(),
        };
        let remote = Arc::new(RemoteProvider::new(config, env.clone())?);
        Ok(match self.location() {
            Location::Remote => Arc::new(Gate::new(remote)),
            Location::Local | Location::Builtin => remote,
        })
    }

    /// The models that are named. Nothing but the name of them is known.
    pub fn named(&self, id: &ProviderId) -> Result<Vec<Model>, NameError> {
        let location = self.location();
        let model = |name: &String| {
            Ok(Model {
                id: ModelId::new(id.clone(), name)?,
                title: name.clone(),
                location,
                context: None,
                // Taken at its word: it says itself what it cannot.
                abilities: Abilities { chat: true, vision: true, tools: true, embeddings: false },
                prices: (location == Location::Local).then_some(Prices::NOTHING),
            })
        };
        self.models.iter().map(model).collect()
    }
}

fn named_fits(name: &str) -> bool {
    (1..=200).contains(&name.len()) && !name.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// A name that a provider can be given.
pub fn provider_name(text: &str) -> Result<ProviderId, Invalid> {
    if RESERVED.contains(&text) {
        return Err(Invalid::Name);
    }
    text.parse().map_err(|_| Invalid::Name)
}

/// A key that can be sent.
pub fn key_fits(key: &Secret<String>) -> Result<(), Invalid> {
    // EXPOSE: only looked at.
    let key = key.expose();
    let fits =
        (1..=KEY_BYTES).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(()) } else { Err(Invalid::Key) }
}

/// A list of models of someone else: `provider/name` or `provider/*`.
pub fn allowed_fits(list: &[String]) -> Result<(), Invalid> {
    let fits = |name: &String| name.parse::<ModelId>().is_ok();
    if list.len() <= MOST_ALLOWED && list.iter().all(fits) { Ok(()) } else { Err(Invalid::Allowed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setup(url: &str, local: bool) -> Setup {
        let (url, models) = (url.to_owned(), vec!["one".to_owned()]);
        Setup { kind: Kind::OpenaiChat, url, local, models, has_key: false }
    }

    #[test]
    fn where_clouds_hand_out_keys_no_provider_can_be() {
        for host in ["169.254.169.254", "[fd00:ec2::254]", "100.100.100.200", "168.63.129.16"] {
            for local in [true, false] {
                let checked = setup(&format!("https://{host}/v1"), local).check();
                assert!(matches!(checked, Err(Invalid::Url(_))), "{host} {local}");
            }
        }
        assert_eq!(setup("http://127.0.0.1:11434", true).check(), Ok(()));
        assert_eq!(setup("http://192.168.1.20:1234/v1", true).check(), Ok(()));
        assert_eq!(setup("https://models.example/v1", false).check(), Ok(()));
        for url in ["http://models.example", "https://127.0.0.1", "https://key@models.example"] {
            assert!(matches!(setup(url, false).check(), Err(Invalid::Url(_))), "{url}");
        }
    }

    #[test]
    fn another_host_port_or_protocol_is_another_place() {
        let here = setup("https://models.example/v1", false);
        let is_at = |url: &str, local| here.is_at(&setup(url, local)).unwrap();
        assert!(is_at("https://MODELS.example:443/v2", false));
        assert!(!is_at("https://models.example:8443/v1", false));
        assert!(!is_at("https://models.example.org/v1", false));
        assert!(!is_at("http://models.example/v1", true));
    }

    #[test]
    fn names_keys_and_lists_have_a_form() {
        assert!(provider_name("my-models.1").is_ok());
        for bad in ["", "salus", "health", "My", "a/b", "a b", &"x".repeat(41)] {
            assert!(provider_name(bad).is_err(), "{bad}");
        }
        let key = |text: &str| key_fits(&Secret::new(text.to_owned()));
        assert_eq!(key("sk-1_2.3"), Ok(()));
        for bad in ["", "a b", "a\nb", "ü", &"x".repeat(KEY_BYTES + 1)] {
            assert_eq!(key(bad), Err(Invalid::Key));
        }
        assert_eq!(allowed_fits(&["a/*".to_owned(), "a/b/c".to_owned()]), Ok(()));
        assert_eq!(allowed_fits(&["a".to_owned()]), Err(Invalid::Allowed));
    }
}
