//! What a sealed value or a wrapped key is bound to, written so that no two different contexts
//! have the same bytes: a fixed start, then every part with its length before it.

use crate::column::Column;
use kernel::Subject;
use uuid::Uuid;

/// Bytes made of parts that cannot be mistaken for one another.
pub(crate) struct Canonical(Vec<u8>);

impl Canonical {
    /// Starts with what kind of context it is.
    pub(crate) fn new(kind: &'static [u8]) -> Self {
        let mut bytes = Vec::with_capacity(192);
        bytes.extend_from_slice(kind);
        Self(bytes)
    }

    /// Appends a part: its length in four bytes, big-endian, then itself.
    #[must_use]
    pub(crate) fn part(mut self, part: &[u8]) -> Self {
        let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(part);
        self
    }

    /// The bytes.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// The place of a sealed value.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    /// Whose value it is.
    pub(crate) subject: &'a Subject,
    /// Its column.
    pub(crate) column: &'a Column,
    /// Its row.
    pub(crate) row: Uuid,
    /// How the plaintext is encoded.
    pub(crate) format: u16,
}

impl Context<'_> {
    /// The additional data of the envelope.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        Canonical::new(b"salus-ctx-v1")
            .part(self.subject.tenant.as_uuid().as_bytes())
            .part(self.subject.user.as_uuid().as_bytes())
            .part(self.column.table.as_bytes())
            .part(self.column.column.as_bytes())
            .part(self.row.as_bytes())
            .part(&self.format.to_be_bytes())
            .finish()
    }
}
