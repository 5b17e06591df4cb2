//! Labels and keys instead of names and passwords: types and rules, no I/O.
//!
//! Whoever has the private key of a label proves it by signing a challenge. A challenge is bound to
//! this installation's origin and to the label, and proves itself, so that nothing is stored for
//! those who only ask; that it is used once is for the service to see to.

use crate::{model::LoginName, ticket::hash};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{Env, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;
use vault::SystemKey;

/// How long a challenge can be answered.
pub(crate) const CHALLENGE_LIFE: Duration = Duration::from_mins(1);
const PREFIX: &str = "slc1_";

/// A label that a person chose. The same rules as for usernames; it must not say who they are.
#[derive(Clone)]
pub struct Label(LoginName);

impl Label {
    /// This label.
    pub fn new(text: &str) -> Result<Self, crate::IdentityError> {
        let wrong = crate::IdentityError::Field(
            "label: 3 to 32 letters, digits, dots, dashes or underscores",
        );
        LoginName::username(text).map(Self).map_err(|_| wrong)
    }

    pub(crate) const fn name(&self) -> &LoginName {
        &self.0
    }

    /// By what it is stored.
    pub(crate) fn hash(&self, tenant: TenantId) -> [u8; 32] {
        // EXPOSE: only a hash of it leaves this function.
        let text = self.0.folded().expose();
        let tenant = tenant.as_uuid();
        hash(&parts(b"salus-label-v1", &[tenant.as_bytes(), text.as_bytes()]))
    }
}

/// A kind of key to sign with, as browsers make them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum KeyAlgorithm {
    /// 32 bytes.
    Ed25519,
    /// An uncompressed point, 65 bytes; signatures are two numbers of 32 bytes.
    P256,
}

/// Stand-ins for labels that nobody has, so that looking at a signature takes as long.
const NOBODY_ED25519: [u8; 32] = [
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
    0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
];
const NOBODY_P256: [u8; 65] = [
    0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40,
    0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2,
    0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e,
    0x16, 0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51,
    0xf5,
];

impl KeyAlgorithm {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::P256 => "p256",
        }
    }

    pub(crate) const fn nobody(self) -> &'static [u8] {
        match self {
            Self::Ed25519 => &NOBODY_ED25519,
            Self::P256 => &NOBODY_P256,
        }
    }

    pub(crate) fn holds(self, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Ed25519 => UnparsedPublicKey::new(&ED25519, key).verify(message, signature),
            Self::P256 => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key).verify(message, signature)
            }
        }
        .is_ok()
    }
}

/// Parts with their lengths after a word that says what they are for.
fn parts(purpose: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut text = purpose.to_vec();
    for part in parts {
        text.extend(u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes());
        text.extend_from_slice(part);
    }
    text
}

/// What a new label's key signs: itself and the key to receive with.
pub(crate) fn registration(origin: &str, label: &str, sign: &[u8], receive: &[u8]) -> Vec<u8> {
    parts(b"salus-label-v1", &[origin.as_bytes(), label.as_bytes(), sign, receive])
}

/// What is signed to get a token, or to close the account.
pub(crate) fn answer(purpose: Proof, origin: &str, challenge: &str, label: &str) -> Vec<u8> {
    let parts_of = [origin.as_bytes(), challenge.as_bytes(), label.as_bytes()];
    parts(purpose.word(), &parts_of)
}

/// What a signature is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Logging in.
    LogIn,
    /// Closing the account.
    Close,
}

impl Proof {
    const fn word(self) -> &'static [u8] {
        match self {
            Self::LogIn => b"salus-login-v1",
            Self::Close => b"salus-close-v1",
        }
    }
}

/// A challenge: random bytes, a time, and the proof that it is ours.
pub(crate) struct Challenge {
    pub(crate) nonce: [u8; 16],
    pub(crate) until: Timestamp,
    mac: [u8; 32],
}

/// What a challenge is bound to.
pub(crate) struct Bound<'a> {
    pub(crate) origin: &'a str,
    pub(crate) label: [u8; 32],
}

impl Bound<'_> {
    fn mac(&self, key: &SystemKey, nonce: &[u8; 16], until: Timestamp) -> [u8; 32] {
        let until = until.as_micros().to_be_bytes();
        key.mac(&[b"label-challenge", self.origin.as_bytes(), &self.label, nonce, &until])
    }
}

impl Challenge {
    pub(crate) fn new(env: &Env, key: &SystemKey, bound: &Bound<'_>) -> Self {
        let (nonce, until) = (env.random(), env.now().plus(CHALLENGE_LIFE));
        Self { nonce, until, mac: bound.mac(key, &nonce, until) }
    }

    pub(crate) fn text(&self) -> String {
        let until = self.until.as_micros().to_be_bytes();
        let bytes = [self.nonce.as_slice(), &until, &self.mac].concat();
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
        let (nonce, rest) = bytes.split_first_chunk::<16>()?;
        let (until, mac) = rest.split_first_chunk::<8>()?;
        let until = Timestamp::from_micros(i64::from_be_bytes(*until));
        let read = Self { nonce: *nonce, until, mac: mac.try_into().ok()? };
        (read.text() == text).then_some(read)
    }

    /// Whether it was made with this key for this label and origin, and is not too old.
    pub(crate) fn holds(&self, key: &SystemKey, bound: &Bound<'_>, now: Timestamp) -> bool {
        let mac = bound.mac(key, &self.nonce, self.until);
        let ours = subtle::ConstantTimeEq::ct_eq(mac.as_slice(), self.mac.as_slice());
        bool::from(ours) && self.until > now
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_formats_never_change() {
        let text = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode([1; 56]));
        let challenge = Challenge::parse(&text).unwrap();
        assert_eq!((challenge.nonce, challenge.mac), ([1; 16], [1; 32]));
        assert_eq!(challenge.text(), text);
        let signed = answer(Proof::LogIn, "https://a", "c", "lab");
        assert_eq!(signed, b"salus-login-v1\0\x09https://a\0\x01c\0\x03lab");
    }

    #[test]
    fn nobodys_keys_are_keys() {
        assert!(!KeyAlgorithm::Ed25519.holds(&NOBODY_ED25519, b"x", &[0; 64]));
        assert!(!KeyAlgorithm::P256.holds(&NOBODY_P256, b"x", &[1; 64]));
    }

    proptest! {
        #[test]
        fn any_challenge_is_refused_or_reads_back(text in "(slc1_)?[0-9a-zA-Z_-]{0,90}") {
            if let Some(challenge) = Challenge::parse(&text) {
                prop_assert_eq!(challenge.text(), text);
            }
        }
    }
}
