//! The bytes of a key file: a readable start, then the key, in the clear or sealed.

use super::{
    KmsKey,
    passphrase::{Cost, SALT_LEN},
    table::{line_from_number, line_number},
};
use crate::hazmat::{self, KEY_LEN, Key, Label, Unopenable};
use kernel::{Env, Timestamp};
use zeroize::Zeroizing;

const MAGIC: [u8; 8] = *b"SALUSKEY";
const VERSION: u8 = 0x01;
const PLAIN: u8 = 0;
const SEALED: u8 = 1;

/// What every key file says in the clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    /// The key in it.
    pub(crate) key: KmsKey,
    /// When it was made.
    pub(crate) created_at: Timestamp,
}

/// How the key of a file is stored.
pub(crate) enum Stored {
    /// In the clear; the mode of the file is what protects it.
    Plain(Key),
    /// Under a passphrase.
    Sealed(Seal),
}

/// What is needed to unseal a key file.
pub(crate) struct Seal {
    /// What the passphrase costs.
    pub(crate) cost: Cost,
    /// Its salt.
    pub(crate) salt: [u8; SALT_LEN],
    start: Vec<u8>,
    body: Vec<u8>,
}

impl Seal {
    /// The key inside, opened with the key made of the passphrase.
    pub(crate) fn open(&self, passphrase_key: &Key) -> Result<Key, Unopenable> {
        let bytes = hazmat::open(Label::Passphrase, passphrase_key, &self.start, &self.body)?;
        Key::from_slice(&bytes).ok_or(Unopenable)
    }
}

/// The file with the key in the clear and a checksum, so that damage is noticed.
pub(crate) fn encode_plain(header: Header, key: &Key) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(128));
    bytes.extend_from_slice(&start(header, PLAIN));
    bytes.extend_from_slice(key.bytes());
    let checksum = hazmat::sha256(&[&bytes]);
    bytes.extend_from_slice(&checksum);
    bytes
}

/// The file with the key sealed under a key made of a passphrase.
pub(crate) fn encode_sealed(
    env: &Env,
    header: Header,
    key: &Key,
    (passphrase_key, cost, salt): (&Key, Cost, [u8; SALT_LEN]),
) -> Result<Zeroizing<Vec<u8>>, Unopenable> {
    let mut bytes = start(header, SEALED);
    for number in [cost.memory, cost.passes, cost.lanes] {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    bytes.extend_from_slice(&salt);
    let context = bytes.clone();
    let with = (passphrase_key, env.random());
    hazmat::seal(Label::Passphrase, with, &context, key.bytes(), &mut bytes)?;
    Ok(Zeroizing::new(bytes))
}

fn start(header: Header, protection: u8) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&[VERSION, protection, line_number(header.key.line)]);
    bytes.extend_from_slice(&header.key.version.to_be_bytes());
    bytes.extend_from_slice(&header.created_at.as_micros().to_be_bytes());
    bytes
}

/// Reads a key file, or says what is wrong with it.
pub(crate) fn parse(bytes: &[u8]) -> Result<(Header, Stored), &'static str> {
    const SHORT: &str = "it is too short";
    let (magic, rest) = bytes.split_first_chunk::<8>().ok_or(SHORT)?;
    let (&[version, protection, line], rest) = rest.split_first_chunk::<3>().ok_or(SHORT)?;
    let (number, rest) = rest.split_first_chunk::<4>().ok_or(SHORT)?;
    let (created, rest) = rest.split_first_chunk::<8>().ok_or(SHORT)?;
    if *magic != MAGIC {
        return Err("it does not start like one");
    }
    if version != VERSION {
        return Err("its version is not known");
    }
    let line = line_from_number(line).ok_or("it is of an unknown line of keys")?;
    let key = KmsKey { line, version: u32::from_be_bytes(*number) };
    let header = Header { key, created_at: Timestamp::from_micros(i64::from_be_bytes(*created)) };
    match protection {
        PLAIN => parse_plain(bytes, rest).map(|stored| (header, stored)),
        SEALED => parse_sealed(bytes, rest).map(|stored| (header, stored)),
        _ => Err("how it is protected is not known"),
    }
}

fn parse_plain(bytes: &[u8], rest: &[u8]) -> Result<Stored, &'static str> {
    let (key, checksum) = rest.split_first_chunk::<KEY_LEN>().ok_or("it is too short")?;
    let covered = bytes.len().saturating_sub(checksum.len());
    let covered = bytes.get(..covered).unwrap_or_default();
    if !hazmat::equal(&hazmat::sha256(&[covered]), checksum) {
        return Err("its checksum is wrong");
    }
    Key::from_slice(key).map(Stored::Plain).ok_or("it is too short")
}

fn parse_sealed(bytes: &[u8], rest: &[u8]) -> Result<Stored, &'static str> {
    let mut rest = rest;
    let mut numbers = [0; 3];
    for number in &mut numbers {
        let (chunk, after) = rest.split_first_chunk::<4>().ok_or("it is too short")?;
        *number = u32::from_be_bytes(*chunk);
        rest = after;
    }
    let [memory, passes, lanes] = numbers;
    let (salt, body) = rest.split_first_chunk::<SALT_LEN>().ok_or("it is too short")?;
    let covered = bytes.len().saturating_sub(body.len());
    Ok(Stored::Sealed(Seal {
        cost: Cost { memory, passes, lanes },
        salt: *salt,
        start: bytes.get(..covered).unwrap_or_default().to_vec(),
        body: body.to_vec(),
    }))
}
