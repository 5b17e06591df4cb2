//! Passkeys: who we are to a person's device, and what we ask it. No I/O.

mod ceremony;
mod party;

pub(crate) use ceremony::{Ceremony, KEY, LIFE, Purpose};
pub use party::PasskeyConfig;
pub(crate) use party::RelyingParty;

use crate::{error::IdentityError, factors::FactorKind};
use kernel::{Phi, Secret, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;
use webauthn_rs::prelude::{
    Credential, Passkey, PublicKeyCredential, RegisterPublicKeyCredential, WebauthnError,
};

/// How many a person can have.
pub(crate) const MOST: usize = 20;

/// A question for a person's device.
pub struct PasskeyChallenge {
    /// Comes back with the answer: what was asked, signed by us.
    pub ticket: Secret<String>,
    /// For `navigator.credentials`, with bytes in base64url.
    pub options: Value,
    /// How long an answer is good for.
    pub expires_in: Duration,
}

/// What a device answered to a question.
pub struct PasskeyAnswer {
    /// What came with the question.
    pub(crate) ticket: Secret<String>,
    pub(crate) signed: Box<PublicKeyCredential>,
}

impl PasskeyAnswer {
    /// Reads what `navigator.credentials.get` gave.
    pub fn new(ticket: Secret<String>, credential: Value) -> Result<Self, IdentityError> {
        Ok(Self { ticket, signed: Box::new(read(credential)?) })
    }

    /// Whether a page of someone else embedded the one that asked.
    pub(crate) fn is_embedded(&self) -> bool {
        let said: Option<Value> =
            serde_json::from_slice(&self.signed.response.client_data_json).ok();
        said.and_then(|said| said.get("crossOrigin")?.as_bool()).unwrap_or_default()
    }
}

/// A passkey that a device has just made.
pub struct NewPasskey {
    /// What came with the question.
    pub(crate) ticket: Secret<String>,
    pub(crate) made: RegisterPublicKeyCredential,
}

impl NewPasskey {
    /// Reads what `navigator.credentials.create` gave.
    pub fn new(ticket: Secret<String>, credential: Value) -> Result<Self, IdentityError> {
        Ok(Self { ticket, made: read(credential)? })
    }
}

fn read<T: DeserializeOwned>(credential: Value) -> Result<T, IdentityError> {
    const WRONG: &str = "credential: not what navigator.credentials gives, as JSON";
    serde_json::from_value(credential).map_err(|_| IdentityError::Field(WRONG))
}

/// A passkey as its person sees it.
pub struct OwnPasskey {
    /// Names it.
    pub id: Uuid,
    /// What the person calls it.
    pub name: Phi<String>,
    /// Whether a password manager keeps copies of it on other devices.
    pub synced: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
}

/// Whether copies of it can be on other devices.
pub(crate) fn is_synced(passkey: &Passkey) -> bool {
    Credential::from(passkey.clone()).backup_eligible
}

/// What a person is told of an answer that does not hold. Why it does not is told to nobody, but
/// for a key that was copied: its person must know.
pub(crate) fn refused(error: &WebauthnError) -> IdentityError {
    match error {
        WebauthnError::CredentialPossibleCompromise => IdentityError::PasskeyCopied,
        _ => IdentityError::FactorWrong(FactorKind::Passkey),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_no_browser_gives_is_refused() {
        let ticket = || Secret::new(String::new());
        for made_up in [json!(null), json!({}), json!({ "id": "a" }), json!([1])] {
            assert!(PasskeyAnswer::new(ticket(), made_up.clone()).is_err());
            assert!(NewPasskey::new(ticket(), made_up).is_err());
        }
    }

    #[test]
    fn a_stored_passkey_can_be_read_for_ever() {
        let stored = include_str!("passkeys/stored_v1.json");
        let passkey: Passkey = serde_json::from_str(stored).unwrap();
        assert_eq!(passkey.cred_id().len(), 16);
        assert!(is_synced(&passkey));
    }
}
