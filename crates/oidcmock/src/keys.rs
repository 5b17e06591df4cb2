//! What the provider signs with.

use aws_lc_rs::{
    encoding::AsDer,
    rsa::KeySize,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair},
};
pub use jsonwebtoken::{Algorithm, Header};
use jsonwebtoken::{EncodingKey, encode, jwk::Jwk};
use serde_json::Value;

/// Before an RSA key of 2048 bits, where it is wrapped as PKCS #8.
const RSA_WRAPPING: usize = 26;

/// A key, and what it is called.
pub(crate) struct Key {
    pub(crate) kid: String,
    pub(crate) algorithm: Algorithm,
    secret: EncodingKey,
}

impl Key {
    pub(crate) fn new(algorithm: Algorithm, kid: &str) -> Self {
        let secret = match algorithm {
            Algorithm::RS256 => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("makes a key");
                let der = pair.as_der().expect("is one");
                let (_, plain) = der.as_ref().split_at(RSA_WRAPPING);
                EncodingKey::from_rsa_der(plain)
            }
            Algorithm::EdDSA => {
                let pair = Ed25519KeyPair::generate().expect("makes a key");
                EncodingKey::from_ed_der(pair.to_pkcs8v1().expect("is one").as_ref())
            }
            _ => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
                let der = pair.expect("makes a key").to_pkcs8v1().expect("is one");
                EncodingKey::from_ec_der(der.as_ref())
            }
        };
        Self { kid: kid.to_owned(), algorithm, secret }
    }

    /// As it is published.
    pub(crate) fn public(&self) -> Value {
        let mut key = Jwk::from_encoding_key(&self.secret, self.algorithm).expect("a public key");
        key.common.key_id = Some(self.kid.clone());
        serde_json::to_value(key).expect("JSON")
    }

    pub(crate) fn sign(&self, header: &Header, claims: &Value) -> String {
        encode(header, claims, &self.secret).expect("signs")
    }
}
