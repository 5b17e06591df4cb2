//! A question that a device is asked: what for, of whom, until when.
//!
//! The client keeps it and brings it back with the answer, so asking writes nothing and strangers
//! who ask fill no table. It is signed, and good for one purpose, one person and log-in where
//! there is one, and five minutes; that it is good for one answer, the database sees to.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{Secret, SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::time::Duration;
use uuid::Uuid;
use vault::{SystemKeys, VaultError};

/// The system key that questions are signed with.
pub(crate) const KEY: &str = "identity.passkeys";
/// How long someone has to find and unlock their device.
pub(crate) const LIFE: Duration = Duration::from_mins(5);
const PREFIX: &str = "spk1_";
const CONTEXT: &[u8] = b"passkey";
/// Longer texts are not even read.
const LONGEST: usize = 64 * 1024;

/// What a question is for: an answer to one is none to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// This person adds a passkey in this log-in.
    Add(UserId, SessionId),
    /// Somebody logs in.
    LogIn,
    /// This person is asked for a second factor, for the log-in with this ticket.
    Second(UserId, Uuid),
    /// This person shows again in this log-in that it is them.
    Confirm(UserId, SessionId),
}

/// A question, with what the library needs to check the answer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Ceremony<S> {
    pub(crate) id: Uuid,
    pub(crate) purpose: Purpose,
    /// In microseconds.
    until: i64,
    pub(crate) state: S,
}

impl<S: Serialize + DeserializeOwned> Ceremony<S> {
    pub(crate) fn new(id: Uuid, purpose: Purpose, state: S, now: Timestamp) -> Self {
        Self { id, purpose, until: now.plus(LIFE).as_micros(), state }
    }

    /// When no answer to it counts any more.
    pub(crate) fn expires_at(&self) -> Timestamp {
        Timestamp::from_micros(self.until)
    }

    /// What the client keeps.
    pub(crate) fn text(&self, keys: &SystemKeys) -> Result<Secret<String>, VaultError> {
        let said = serde_json::to_vec(self).unwrap_or_default();
        let mac = keys.current()?.mac(&[CONTEXT, &said]);
        Ok(Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode([&mac[..], &said].concat()))))
    }

    /// The question that a client brings back, if it is ours, for this, and not too old.
    pub(crate) fn read(
        text: &Secret<String>,
        keys: &SystemKeys,
        (purpose, now): (Purpose, Timestamp),
    ) -> Option<Self> {
        // EXPOSE: it has to be read to be checked.
        let text = text.expose().strip_prefix(PREFIX).filter(|text| text.len() <= LONGEST)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (mac, said) = bytes.split_first_chunk::<32>()?;
        let ours = keys.iter().any(|key| key.is_mac(&[CONTEXT, said], mac));
        let read: Self = ours.then(|| serde_json::from_slice(said).ok())??;
        (read.purpose == purpose && read.expires_at() > now).then_some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::memory_vault;
    use kernel::Env;

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    #[tokio::test]
    async fn a_question_is_good_for_its_purpose_its_time_and_nothing_else() {
        let keys = memory_vault().system_key(KEY).await.unwrap();
        let now = Env::system().now();
        let (ana, ben) = (UserId::from_uuid(id(1)), UserId::from_uuid(id(2)));
        let session = SessionId::from_uuid(id(3));
        let purpose = Purpose::Confirm(ana, session);
        let text = Ceremony::new(id(9), purpose, 7_u8, now).text(&keys).unwrap();
        let read = |purpose, now| Ceremony::<u8>::read(&text, &keys, (purpose, now));
        assert_eq!(read(purpose, now).map(|read| (read.id, read.state)), Some((id(9), 7)));
        for other in [
            Purpose::LogIn,
            Purpose::Add(ana, session),
            Purpose::Second(ana, session.as_uuid()),
            Purpose::Confirm(ben, session),
            Purpose::Confirm(ana, SessionId::from_uuid(id(4))),
        ] {
            assert!(read(other, now).is_none(), "{other:?}");
        }
        assert!(read(purpose, now.plus(LIFE)).is_none(), "too late");
        let others = memory_vault().system_key(KEY).await.unwrap();
        assert!(Ceremony::<u8>::read(&text, &others, (purpose, now)).is_none(), "not ours");
    }

    #[tokio::test]
    async fn nobody_can_change_what_a_question_says() {
        let keys = memory_vault().system_key(KEY).await.unwrap();
        let now = Env::system().now();
        let text = Ceremony::new(id(9), Purpose::LogIn, 7_u8, now).text(&keys).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(text.expose().strip_prefix(PREFIX).unwrap()).unwrap();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            let changed = Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(changed)));
            let read = Ceremony::<u8>::read(&changed, &keys, (Purpose::LogIn, now));
            assert!(read.is_none(), "{place}");
        }
        for nonsense in ["", "spk1_", "spk1_AAAA", "slt1_AAAA"] {
            let nonsense = Secret::new(nonsense.to_owned());
            assert!(Ceremony::<u8>::read(&nonsense, &keys, (Purpose::LogIn, now)).is_none());
        }
    }
}
