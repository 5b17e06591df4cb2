//! Keys held in this process, by line and version, and the wrapping under them. What the file and
//! the in-memory KMS have in common.

use super::{KmsError, KmsKey, KmsLine, KmsVersion, KmsWrapped};
use crate::{
    context::Canonical,
    hazmat::{self, Key, Label, Unopenable},
};
use kernel::{Env, Secret, Timestamp};
use std::collections::BTreeMap;

const VERSION: u8 = 0x01;
const SUITE: u8 = 0x01;
const START: [u8; 2] = [VERSION, SUITE];

/// The number of a line in stored bytes.
pub(crate) const fn line_number(line: KmsLine) -> u8 {
    match line {
        KmsLine::Root => 1,
        KmsLine::Epoch => 2,
    }
}

/// The line with a stored number.
pub(crate) fn line_from_number(number: u8) -> Option<KmsLine> {
    KmsLine::ALL.into_iter().find(|line| line_number(*line) == number)
}

/// One key and when it was made.
pub(crate) struct Entry {
    /// The key.
    pub(crate) key: Key,
    /// When it was made.
    pub(crate) created_at: Timestamp,
}

/// Keys by line and version.
#[derive(Default)]
pub(crate) struct KeyTable(pub(crate) BTreeMap<KmsKey, Entry>);

impl KeyTable {
    /// The keys of a line, oldest first.
    pub(crate) fn versions(&self, line: KmsLine) -> Vec<KmsVersion> {
        self.0
            .iter()
            .filter(|(key, _)| key.line == line)
            .map(|(key, entry)| KmsVersion { key: *key, created_at: entry.created_at })
            .collect()
    }

    /// The newest key of a line.
    pub(crate) fn newest(&self, line: KmsLine) -> Option<KmsKey> {
        self.versions(line).last().map(|version| version.key)
    }

    /// The name of the key that comes next in a line.
    pub(crate) fn next(&self, line: KmsLine) -> KmsKey {
        let version = self.newest(line).map_or(0, |key| key.version);
        KmsKey { line, version: version.saturating_add(1) }
    }

    /// Wraps under the newest key of a line.
    pub(crate) fn wrap(
        &self,
        env: &Env,
        line: KmsLine,
        plaintext: &[u8],
        context: &[u8],
    ) -> Result<KmsWrapped, KmsError> {
        let absent = KmsError::NoSuchKey(KmsKey { line, version: 0 });
        let (key, entry) = self.0.iter().rfind(|(key, _)| key.line == line).ok_or(absent)?;
        let mut bytes = START.to_vec();
        bytes.push(line_number(line));
        bytes.extend_from_slice(&key.version.to_be_bytes());
        let context = bound(*key, context);
        hazmat::seal(Label::Kms, (&entry.key, env.random()), &context, plaintext, &mut bytes)
            .map_err(|Unopenable| KmsError::Refused)?;
        Ok(KmsWrapped { key: *key, bytes })
    }

    /// Unwraps what was wrapped under any of the keys.
    pub(crate) fn unwrap(
        &self,
        wrapped: &[u8],
        context: &[u8],
    ) -> Result<Secret<Vec<u8>>, KmsError> {
        let (key, body) = parse(wrapped).ok_or(KmsError::Refused)?;
        let entry = self.0.get(&key).ok_or(KmsError::NoSuchKey(key))?;
        hazmat::open(Label::Kms, &entry.key, &bound(key, context), body)
            .map(|mut plaintext| Secret::new(std::mem::take(&mut *plaintext)))
            .map_err(|Unopenable| KmsError::Refused)
    }
}

/// The key that wrapped bytes name, and the rest of them.
pub(crate) fn parse(wrapped: &[u8]) -> Option<(KmsKey, &[u8])> {
    let (start, rest) = wrapped.split_first_chunk::<2>()?;
    let (&line, rest) = rest.split_first()?;
    let (version, body) = rest.split_first_chunk::<4>()?;
    let key = KmsKey { line: line_from_number(line)?, version: u32::from_be_bytes(*version) };
    (*start == START).then_some((key, body))
}

fn bound(key: KmsKey, context: &[u8]) -> Vec<u8> {
    Canonical::new(b"salus-kms-v1")
        .part(key.line.name().as_bytes())
        .part(&key.version.to_be_bytes())
        .part(context)
        .finish()
}
