//! The keys that a provider signs with, as it publishes them.

use super::ProviderError;
use jsonwebtoken::{
    Algorithm, DecodingKey, Header,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse},
};
use serde::Deserialize;
use serde_json::Value;

/// No provider has more that count.
const MOST: usize = 32;

/// What can sign a token: a choice of ours, so that no token talks us into something weaker.
pub(super) const ALGORITHMS: [Algorithm; 3] =
    [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

/// The public keys of a provider.
#[derive(Default)]
pub(super) struct Keys(Vec<Jwk>);

#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
}

impl Keys {
    /// Reads what the provider publishes. Keys that we know nothing of are passed over.
    pub(super) fn read(body: &[u8]) -> Result<Self, ProviderError> {
        const NONE: ProviderError = ProviderError::Unreachable("its keys cannot be read");
        let published: Published = serde_json::from_slice(body).map_err(|_| NONE)?;
        let keys = published.keys.into_iter().take(MOST);
        Ok(Self(keys.filter_map(|key| serde_json::from_value(key).ok()).collect()))
    }

    /// The key that a token with this header says it was signed with, if it can sign so. A token
    /// that names none is taken if there is no doubt which it was.
    pub(super) fn of(&self, header: &Header) -> Option<DecodingKey> {
        let mut fit = self.0.iter().filter(|key| can_sign(key, header.alg));
        let key = match &header.kid {
            Some(kid) => fit.find(|key| key.common.key_id.as_ref() == Some(kid)),
            None => fit.next().filter(|_| fit.next().is_none()),
        };
        DecodingKey::from_jwk(key?).ok()
    }
}

fn can_sign(key: &Jwk, algorithm: Algorithm) -> bool {
    let common = &key.common;
    let of_kind = match (&key.algorithm, algorithm) {
        (AlgorithmParameters::RSA(_), Algorithm::RS256) => true,
        (AlgorithmParameters::EllipticCurve(key), Algorithm::ES256) => {
            key.curve == EllipticCurve::P256
        }
        (AlgorithmParameters::OctetKeyPair(key), Algorithm::EdDSA) => {
            key.curve == EllipticCurve::Ed25519
        }
        _ => false,
    };
    of_kind
        && common.key_algorithm.is_none_or(|named| named == KeyAlgorithm::from(algorithm))
        && common.public_key_use.as_ref().is_none_or(|use_| *use_ == PublicKeyUse::Signature)
}
