//! The raw primitives, each in the one form that is used here.
//!
//! Nothing in here knows about people, tables or files, and nothing of it leaves the crate: a
//! caller who could pick a nonce or leave out a context would sooner or later do so.

mod aead;
mod envelope;
mod kdf;
mod key;
mod mac;

pub(crate) use aead::{Aead, NONCE_LEN, TAG_LEN};
pub(crate) use envelope::{BODY_OVERHEAD, Label, Unopenable, open, seal};
#[cfg(test)]
pub(crate) use kdf::expand_sha256;
pub(crate) use kdf::expand_sha512;
pub(crate) use key::{KEY_LEN, Key};
pub(crate) use mac::{equal, hmac_sha256, sha256};
