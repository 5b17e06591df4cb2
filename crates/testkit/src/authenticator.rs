//! A person's device with passkeys, in software: what a browser and a security key do together
//! when a page calls `navigator.credentials`. Made from the specification (WebAuthn level 3,
//! CTAP 2.2), and not from the library that checks what it signs.

use aws_lc_rs::{
    digest,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const CAN_BE_COPIED: u8 = 0x08;
const IS_COPIED: u8 = 0x10;
const HAS_KEY: u8 = 0x40;

/// One key on the device.
#[derive(Clone)]
struct Key {
    id: Vec<u8>,
    user: String,
    secret: Vec<u8>,
}

/// A device with passkeys.
#[derive(Clone)]
pub struct Authenticator {
    /// The page that asks, as the browser sees it.
    pub origin: String,
    /// Whether the person unlocked the device.
    pub unlocked: bool,
    /// Whether it is a password manager that keeps copies on other devices.
    pub synced: bool,
    /// How much further it counts with each signature; nought if it does not count.
    pub step: u32,
    /// Whether the page is embedded in one of someone else.
    pub embedded: bool,
    count: u32,
    keys: Vec<Key>,
}

impl Authenticator {
    /// A security key, which counts.
    #[must_use]
    pub fn new() -> Self {
        Self {
            origin: "http://localhost:8787".to_owned(),
            unlocked: true,
            synced: false,
            step: 1,
            embedded: false,
            count: 0,
            keys: Vec::new(),
        }
    }

    /// A password manager, which keeps copies and does not count.
    #[must_use]
    pub fn synced() -> Self {
        Self { synced: true, step: 0, ..Self::new() }
    }

    /// `navigator.credentials.create`.
    ///
    /// # Panics
    /// If the library that signs does not work.
    #[expect(clippy::expect_used, reason = "a test that cannot make a key has failed")]
    pub fn create(&mut self, options: &Value) -> Value {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("makes a key");
        let secret = pair.to_pkcs8v1().expect("gives the key").as_ref().to_vec();
        let id = sha256(&secret).into_iter().take(16).collect::<Vec<u8>>();
        let user = text(options, "/user/id");
        self.keys.push(Key { id: id.clone(), user, secret });
        let mut data = self.authenticator_data(&text(options, "/rp/id"), HAS_KEY);
        data.extend([0; 16]);
        data.extend([0, u8::try_from(id.len()).unwrap_or_default()]);
        data.extend(&id);
        data.extend(cose_key(pair.public_key().as_ref()));
        let client = self.client_data("webauthn.create", options);
        json!({
            "id": encode(&id), "rawId": encode(&id), "type": "public-key",
            "response": {
                "clientDataJSON": encode(&client),
                "attestationObject": encode(&attestation_object(&data)),
                "transports": ["internal"],
            },
            "clientExtensionResults": {},
        })
    }

    /// `navigator.credentials.get`, with the key that was made last of those that are asked for.
    ///
    /// # Panics
    /// If there is no such key.
    #[expect(clippy::expect_used, reason = "a test that has no key has failed")]
    pub fn get(&mut self, options: &Value) -> Value {
        let allowed = options.get("allowCredentials").and_then(Value::as_array);
        let allowed: Vec<String> =
            allowed.into_iter().flatten().map(|one| text(one, "/id")).collect();
        let fits = |key: &&Key| allowed.is_empty() || allowed.contains(&encode(&key.id));
        let key = self.keys.iter().rev().find(fits).expect("has a key").clone();
        let data = self.authenticator_data(&text(options, "/rpId"), 0);
        let client = self.client_data("webauthn.get", options);
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &key.secret);
        let signed = [data.as_slice(), &sha256(&client)].concat();
        let signature = pair.expect("reads the key").sign(&SystemRandom::new(), &signed);
        json!({
            "id": encode(&key.id), "rawId": encode(&key.id), "type": "public-key",
            "response": {
                "clientDataJSON": encode(&client),
                "authenticatorData": encode(&data),
                "signature": encode(signature.expect("signs").as_ref()),
                "userHandle": key.user,
            },
            "clientExtensionResults": {},
        })
    }

    fn authenticator_data(&mut self, domain: &str, more: u8) -> Vec<u8> {
        self.count += self.step;
        let flag = |on: bool, flag: u8| if on { flag } else { 0 };
        let flags = USER_PRESENT
            | more
            | flag(self.unlocked, USER_VERIFIED)
            | flag(self.synced, CAN_BE_COPIED | IS_COPIED);
        [sha256(domain.as_bytes()).as_slice(), &[flags], &self.count.to_be_bytes()].concat()
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let said = json!({
            "type": kind,
            "challenge": text(options, "/challenge"),
            "origin": self.origin,
            "crossOrigin": self.embedded,
        });
        said.to_string().into_bytes()
    }
}

impl Default for Authenticator {
    fn default() -> Self {
        Self::new()
    }
}

fn text(value: &Value, place: &str) -> String {
    value.pointer(place).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

/// `{1: 2, 3: -7, -1: 1, -2: x, -3: y}` in CBOR: a key of P-256 for ES256.
fn cose_key(point: &[u8]) -> Vec<u8> {
    let (x, y) = point.get(1..).unwrap_or_default().split_at(32);
    let head = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 32];
    [&head, x, &[0x22, 0x58, 32], y].concat()
}

/// `{"fmt": "none", "attStmt": {}, "authData": data}` in CBOR.
fn attestation_object(data: &[u8]) -> Vec<u8> {
    let length = u8::try_from(data.len()).unwrap_or_default();
    let head: &[u8] = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58";
    [head, &[length], data].concat()
}
