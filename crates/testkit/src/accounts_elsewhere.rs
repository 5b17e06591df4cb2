//! Log-ins by a provider: there is one, and it takes Google's place.

use crate::app::{Login, TestApp, login};
use httpkit::testing::Answer;
use identity::ProviderConfig;
use kernel::Secret;
use oidcmock::Mock;
use serde_json::{Value, json};
use std::sync::OnceLock;

static PROVIDER: OnceLock<Mock> = OnceLock::new();

/// The provider of all programs of this process.
pub fn provider() -> &'static Mock {
    PROVIDER.get_or_init(Mock::start)
}

/// What is set about it.
pub(crate) fn settings() -> ProviderConfig {
    ProviderConfig {
        issuer: Some(provider().issuer().to_owned()),
        name: None,
        client_id: oidcmock::CLIENT.to_owned(),
        client_secret: Some(Secret::new(oidcmock::SECRET.to_owned())),
        client_secret_file: None,
        apps: Vec::new(),
        local: true,
    }
}

/// What a browser brought back.
#[derive(Debug, Clone, Default)]
pub struct CameBack {
    /// What stood in the address.
    pub body: Value,
    /// What it had kept.
    pub cookie: String,
}

impl TestApp {
    /// Someone's browser is sent away by the operation with this path, they log in there, and it
    /// comes back.
    ///
    /// # Panics
    /// If it is not sent away.
    pub async fn came_back(&self, path: &str, by: Option<&Login>, person: &str) -> CameBack {
        let request = self.post(path, &json!({ "provider": "google" }));
        let request = match by {
            Some(login) => request.by(login),
            None => request,
        };
        let away = request.send().await.expect(200);
        let json = away.json();
        let address = json.get("url").and_then(Value::as_str).unwrap_or_default();
        let now = self.app.env.now().as_seconds();
        let back = provider().log_in(address, person, now);
        let body = json!({
            "provider": "google",
            "code": back.code,
            "state": back.state,
            "iss": back.iss,
        });
        CameBack { body, cookie: cookie_of(&away) }
    }

    /// A new person, whose account is opened by one at the provider.
    pub async fn register_by_provider(&self, person: &str) -> Login {
        let back = self.came_back("/api/auth/oidc/begin", None, person).await;
        let finish = self.post("/api/auth/oidc/finish", &back.body);
        let new = finish.header("cookie", &back.cookie).send().await.expect(202).json();
        let body = json!({
            "ticket": new.get("ticket"),
            "consents": { "terms": true, "health_data": true },
        });
        let answer = self.post("/api/auth/oidc/register", &body).send().await.expect(201).json();
        login("", &answer)
    }

    /// A token that the provider gave to an app of this person.
    #[must_use]
    pub fn id_token(&self, person: &str) -> String {
        let now = self.app.env.now().as_seconds();
        provider().token(&provider().claims("http://none", person, now))
    }

    /// A token by which the provider says that this person is logged out there.
    #[must_use]
    pub fn logout_token(&self, person: &str) -> String {
        let now = self.app.env.now().as_seconds();
        provider().token(&provider().logout_claims(Some(person), None, now))
    }
}

/// The cookie that an answer sets, as a browser sends it.
fn cookie_of(answer: &Answer) -> String {
    let set = answer.header("set-cookie").unwrap_or_default();
    set.split(';').next().unwrap_or_default().to_owned()
}
