//! Who we are to a person's device: the domain that passkeys are made for, and the pages that may
//! use them.

use crate::config::ConfigError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use webauthn_rs::prelude::{Url, Webauthn, WebauthnBuilder};

const NAME: &str = "Salus";
const LOCAL: &str = "localhost";

/// What passkeys are made for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PasskeyConfig {
    /// The domain that passkeys are made for, such as `salus.example`. Changing it makes every
    /// passkey worthless. Default: the host of `http.public_url`, or `localhost` without one.
    pub domain: Option<String>,
    /// Pages that may use them, such as `https://salus.example`. Default: `http.public_url`, or
    /// any port of `http://localhost` without one.
    pub origins: Vec<String>,
}

impl PasskeyConfig {
    /// The domain that passkeys are made for where people use this address; `None` where browsers
    /// know no passkeys.
    pub fn domain(&self, public_url: Option<&str>) -> Result<Option<String>, ConfigError> {
        Ok(RelyingParty::new(self, public_url)?.0.map(|(domain, _)| domain))
    }
}

/// What checks the answers of people's devices; without it, there are no passkeys here.
pub(crate) struct RelyingParty(Option<(String, Webauthn)>);

impl RelyingParty {
    /// With these settings, unless they cannot work. Browsers know no passkeys on pages without
    /// TLS, but for those of the same machine: people who are reached so do without.
    pub(crate) fn new(
        config: &PasskeyConfig,
        public_url: Option<&str>,
    ) -> Result<Self, ConfigError> {
        let set: Vec<&str> = config.origins.iter().map(String::as_str).collect();
        let origins = if set.is_empty() {
            match public_url.map(Url::parse) {
                None => return Self::local(config),
                Some(Ok(url)) if is_fit(&url) => vec![url],
                Some(_) if config.domain.is_none() => return Ok(Self(None)),
                Some(_) => return Err(ConfigError::Passkeys),
            }
        } else {
            let parsed = set.into_iter().map(|text| Url::parse(text).ok().filter(is_fit));
            parsed.collect::<Option<_>>().ok_or(ConfigError::Passkeys)?
        };
        let domain = config.domain.as_deref();
        let domain = domain.or_else(|| origins.first()?.domain()).ok_or(ConfigError::Passkeys)?;
        Self::of(domain, &origins, false)
    }

    /// Nothing is said about how people reach us: from the same machine, then, and the port may
    /// be any that was free.
    fn local(config: &PasskeyConfig) -> Result<Self, ConfigError> {
        if config.domain.as_deref().is_some_and(|domain| domain != LOCAL) {
            return Err(ConfigError::Passkeys);
        }
        let origin = Url::parse("http://localhost").map_err(|_| ConfigError::Passkeys)?;
        Self::of(LOCAL, &[origin], true)
    }

    fn of(domain: &str, origins: &[Url], any_port: bool) -> Result<Self, ConfigError> {
        let within = |origin: &Url| WebauthnBuilder::new(domain, origin).is_ok();
        let first = origins.first().ok_or(ConfigError::Passkeys)?;
        if !origins.iter().all(within) {
            return Err(ConfigError::Passkeys);
        }
        let builder = WebauthnBuilder::new(domain, first).map_err(|_| ConfigError::Passkeys)?;
        let builder = builder.rp_name(NAME).allow_any_port(any_port).timeout(super::LIFE);
        let builder = origins.iter().skip(1).fold(builder, WebauthnBuilder::append_allowed_origin);
        let party = builder.build().map_err(|_| ConfigError::Passkeys)?;
        Ok(Self(Some((domain.to_owned(), party))))
    }

    /// What checks answers, where there are passkeys.
    pub(crate) fn get(&self) -> Option<&Webauthn> {
        self.0.as_ref().map(|(_, party)| party)
    }
}

/// Whether browsers know passkeys on such pages.
fn is_fit(url: &Url) -> bool {
    let Some(domain) = url.domain() else { return false };
    let is_local = domain == LOCAL || domain.ends_with(".localhost");
    url.scheme() == "https" || (url.scheme() == "http" && is_local)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(domain: Option<&str>, origins: &[&str], url: Option<&str>) -> Option<String> {
        let origins = origins.iter().map(|&text| text.to_owned()).collect();
        let config = PasskeyConfig { domain: domain.map(str::to_owned), origins };
        let party = RelyingParty::new(&config, url).ok()?;
        let first = party.get().map(|party| party.get_allowed_origins()[0].to_string());
        Some(first.unwrap_or_else(|| "none".to_owned()))
    }

    #[test]
    fn without_settings_they_are_for_the_same_machine() {
        assert_eq!(party(None, &[], None).as_deref(), Some("http://localhost/"));
    }

    #[test]
    fn they_are_for_the_address_that_people_use() {
        let url = Some("https://salus.example");
        assert_eq!(party(None, &[], url).as_deref(), Some("https://salus.example/"));
        assert_eq!(
            party(Some("salus.example"), &[], url).as_deref(),
            url.map(|_| "https://salus.example/")
        );
        let local = Some("http://localhost:8787");
        assert_eq!(party(None, &[], local).as_deref(), Some("http://localhost:8787/"));
    }

    #[test]
    fn where_browsers_know_none_there_are_none() {
        for url in ["http://salus.home", "http://192.168.1.5:8787", "https://192.168.1.5", "salus"]
        {
            assert_eq!(party(None, &[], Some(url)).as_deref(), Some("none"), "{url}");
        }
    }

    #[test]
    fn what_is_set_and_cannot_work_is_refused() {
        let (ours, url) = (Some("salus.example"), Some("https://salus.example"));
        assert_eq!(party(ours, &[], None), None);
        assert_eq!(party(ours, &["https://other.example"], url), None);
        assert_eq!(party(ours, &["https://salus.example", "https://other.example"], url), None);
        assert_eq!(party(None, &["http://salus.example"], url), None);
        assert_eq!(party(None, &["*"], url), None);
        assert_eq!(party(ours, &[], Some("http://salus.example")), None);
        assert!(party(ours, &["https://app.salus.example"], url).is_some());
    }
}
