//! One step of the key tree: a key wrapped by the key above it, bound to what it is and whose.

use crate::{
    context::Canonical,
    hazmat::{self, BODY_OVERHEAD, KEY_LEN, Key, Label, Unopenable},
    store::{KeyId, KeyLine, KeyRow, Wrapping},
};
use kernel::{Env, Subject, Timestamp};
use uuid::Uuid;

const VERSION: u8 = 0x01;
const SUITE: u8 = 0x01;
const START: [u8; 2] = [VERSION, SUITE];

/// A key of the tree, unwrapped.
pub(crate) struct Node {
    /// Its id.
    pub(crate) id: KeyId,
    /// Which version of its line it is.
    pub(crate) version: u32,
    /// The key.
    pub(crate) key: Key,
}

impl Node {
    /// The unwrapped key of a row.
    pub(crate) const fn of(row: &KeyRow, key: Key) -> Self {
        Self { id: row.id, version: row.version, key }
    }
}

/// The newest of several versions.
pub(crate) fn newest(nodes: &[Node]) -> Option<&Node> {
    nodes.iter().max_by_key(|node| node.version)
}

/// A row for a new key that is yet to be wrapped.
pub(crate) fn draft(env: &Env, owner: Subject, line: KeyLine, version: u32) -> KeyRow {
    let now = env.now();
    let wrapping = Wrapping { parent: None, kms: None, bytes: Vec::new() };
    KeyRow {
        owner,
        id: env.new_id(),
        line,
        version,
        wrapping,
        created_at: now,
        active_from: now,
        expires_at: None,
    }
}

/// What a wrapped key is bound to.
pub(crate) fn context(row: &KeyRow) -> Vec<u8> {
    Canonical::new(b"salus-key-v1")
        .part(row.line.kind.name().as_bytes())
        .part(row.owner.tenant.as_uuid().as_bytes())
        .part(&row.owner.shard.number().to_be_bytes())
        .part(row.owner.user.as_uuid().as_bytes())
        .part(row.line.ring.map_or("", |ring| ring.name()).as_bytes())
        .part(row.line.name.as_bytes())
        .part(&row.version.to_be_bytes())
        .part(row.id.as_uuid().as_bytes())
        .finish()
}

/// Wraps the key of a row under another key of the tree.
pub(crate) fn wrap(
    env: &Env,
    parent: &Node,
    row: &KeyRow,
    key: &Key,
) -> Result<Vec<u8>, Unopenable> {
    let mut bytes = Vec::with_capacity(18 + KEY_LEN + BODY_OVERHEAD);
    bytes.extend_from_slice(&START);
    bytes.extend_from_slice(parent.id.as_uuid().as_bytes());
    let with = (&parent.key, env.random());
    hazmat::seal(Label::Wrap, with, &context(row), key.bytes(), &mut bytes)?;
    Ok(bytes)
}

/// The key that wrapped bytes name as the one around them, and their body.
fn parse(bytes: &[u8]) -> Result<(KeyId, &[u8]), Unopenable> {
    let (start, rest) = bytes.split_first_chunk::<2>().ok_or(Unopenable)?;
    let (parent, body) = rest.split_first_chunk::<16>().ok_or(Unopenable)?;
    if *start != START {
        return Err(Unopenable);
    }
    Ok((KeyId::from_uuid(Uuid::from_bytes(*parent)), body))
}

/// Why a key was not unwrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnwrapError {
    /// It names a parent that is not among those given.
    NoParent,
    /// It does not open.
    Unopenable,
}

impl From<Unopenable> for UnwrapError {
    fn from(Unopenable: Unopenable) -> Self {
        Self::Unopenable
    }
}

/// Unwraps the key of a row, whose wrapped bytes name one of the parents.
pub(crate) fn unwrap(parents: &[Node], row: &KeyRow, bytes: &[u8]) -> Result<Key, UnwrapError> {
    let (id, body) = parse(bytes)?;
    let parent = parents.iter().find(|parent| parent.id == id).ok_or(UnwrapError::NoParent)?;
    let key = hazmat::open(Label::Wrap, &parent.key, &context(row), body)?;
    Key::from_slice(&key).ok_or(UnwrapError::Unopenable)
}

/// The one of several versions that is written with now: the newest that all processes know.
pub(crate) fn in_use<T>(
    versions: impl IntoIterator<Item = T>,
    now: Timestamp,
    at: impl Fn(&T) -> (u32, Timestamp),
) -> Option<T> {
    let rank = |version: &T| {
        let (number, active_from) = at(version);
        let active = active_from <= now;
        // Among those that are not active yet the oldest is known to most.
        (active, if active { i64::from(number) } else { -i64::from(number) })
    };
    versions.into_iter().max_by_key(rank)
}
