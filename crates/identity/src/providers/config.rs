//! The settings of one provider.

use crate::config::ConfigError;
use kernel::Secret;
use outbound::{Place, Reach};
use schemars::JsonSchema;
use serde::Deserialize;
use std::path::PathBuf;

const GOOGLE: &str = "google";
const GOOGLE_ISSUER: &str = "https://accounts.google.com";

/// Someone who vouches for people by OpenID Connect.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// Its address, exactly as its tokens name it: `https://id.example.org`. Everything else it
    /// says itself. Not needed for a provider called `google`.
    #[serde(default)]
    pub issuer: Option<String>,
    /// What people see: "Continue with …". Default: its name in the settings.
    #[serde(default)]
    pub name: Option<String>,
    /// What we are called there.
    pub client_id: String,
    /// What proves there that it is us; not every provider wants it.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub client_secret: Option<Secret<String>>,
    /// A file that holds it.
    #[serde(default)]
    pub client_secret_file: Option<PathBuf>,
    /// What apps of yours for telephones are called there, if tokens for them count as well.
    #[serde(default)]
    pub apps: Vec<String>,
    /// Whether it runs on this machine or in a private network; only then may it be there, and
    /// only on this machine may it be without TLS.
    #[serde(default)]
    pub local: bool,
}

impl ProviderConfig {
    pub(super) const fn reach(&self) -> Reach {
        if self.local { Reach::Own } else { Reach::Public }
    }

    /// The issuer, if it can be one.
    pub(super) fn issuer(&self, id: &str) -> Result<String, ConfigError> {
        let default = (id == GOOGLE).then_some(GOOGLE_ISSUER);
        let issuer = self.issuer.as_deref().or(default);
        let issuer = issuer.ok_or(ConfigError::Providers("an issuer is needed"))?;
        Place::parse(issuer, self.reach())
            .map_err(|_| ConfigError::Providers("the issuer must be an https address"))?;
        if issuer.contains('?') {
            return Err(ConfigError::Providers("an issuer has no query"));
        }
        Ok(issuer.to_owned())
    }

    /// The words on the button.
    pub(super) fn shown(&self, id: &str) -> String {
        match (&self.name, id) {
            (Some(name), _) => name.clone(),
            (None, GOOGLE) => "Google".to_owned(),
            (None, id) => id.to_owned(),
        }
    }
}

/// Other spellings of an issuer in its own tokens. Google leaves the scheme out in some.
pub(super) fn aliases(issuer: &str) -> &'static [&'static str] {
    if issuer == GOOGLE_ISSUER { &["accounts.google.com"] } else { &[] }
}

/// Whether a provider can be called so: it stands in addresses.
pub(super) fn is_id(id: &str) -> bool {
    (1..=32).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
