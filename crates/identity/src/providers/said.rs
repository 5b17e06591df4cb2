//! What a provider says of itself.

use super::ProviderError;
use outbound::{Place, Reach};
use serde::Deserialize;

/// What a provider says of itself, of all that we look at.
#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// The same, checked.
pub(super) struct Said {
    pub(super) authorize: Place,
    pub(super) token: Place,
    pub(super) keys: Place,
    /// Whether it wants the secret in a header.
    pub(super) basic: bool,
    /// Whether it names itself when it sends a browser back (RFC 9207).
    pub(super) names_itself: bool,
}

impl Said {
    pub(super) fn read(body: &[u8], issuer: &str, reach: Reach) -> Result<Self, ProviderError> {
        const WRONG: ProviderError = ProviderError::Unreachable("not what a provider says");
        let said: Document = serde_json::from_slice(body).map_err(|_| WRONG)?;
        if said.issuer != issuer {
            return Err(ProviderError::Unreachable("it says that it is someone else"));
        }
        let place = |url: &str| Place::parse(url, reach).map_err(|_| WRONG);
        let methods = said.token_endpoint_auth_methods_supported;
        let basic = |methods: Vec<String>| {
            let has = |wanted: &str| methods.iter().any(|method| method == wanted);
            has("client_secret_basic") || !has("client_secret_post")
        };
        Ok(Self {
            authorize: place(&said.authorization_endpoint)?,
            token: place(&said.token_endpoint)?,
            keys: place(&said.jwks_uri)?,
            basic: methods.is_none_or(basic),
            names_itself: said.authorization_response_iss_parameter_supported,
        })
    }
}
