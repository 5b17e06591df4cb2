//! The Merkle tree of RFC 6962 section 2.1 over SHA-256, grown from its right edge.
//!
//! A [`Frontier`] holds the roots of the complete subtrees that a tree of its size consists of:
//! at most 64 hashes, enough to append and to tell the root, never enough to forget a leaf.
//! Subtrees are complete binary ones named by [`Node`]; each is finished by exactly one leaf, and
//! [`Frontier::append`] returns those that the new leaf finishes, so that they can be kept with it.

use aws_lc_rs::digest;

/// A SHA-256 hash.
pub type Hash = [u8; 32];

const LEAF: &[u8] = &[0];
const INNER: &[u8] = &[1];

fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// The hash of a leaf with these bytes.
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    sha256(&[LEAF, leaf])
}

/// The hash of the node above two subtrees.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[INNER, left, right])
}

/// The root of the tree without leaves.
#[must_use]
pub fn empty_root() -> Hash {
    sha256(&[])
}

/// A complete subtree: the one of 2^`level` leaves that starts at leaf `index` * 2^`level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Node {
    /// Zero for a leaf.
    pub level: u8,
    /// Its position among the subtrees of its level.
    pub index: u64,
}

impl Node {
    /// The leaf that finishes this subtree.
    #[must_use]
    pub const fn last_leaf(self) -> u64 {
        (self.index << self.level) | ((1 << self.level) - 1)
    }
}

/// The roots of the complete subtrees of a tree, from the largest on the left to the smallest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

/// The stored frontier does not fit its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored right edge of the tree does not fit the size of the tree")]
pub struct FrontierError;

impl Frontier {
    /// The frontier with this size and these hashes, as [`Self::to_bytes`] wrote them.
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Result<Self, FrontierError> {
        let (peaks, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() || peaks.len() != size.count_ones() as usize {
            return Err(FrontierError);
        }
        Ok(Self { size, peaks: peaks.to_vec() })
    }

    /// The hashes, one after the other.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.peaks.concat()
    }

    /// The number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf. Returns the hashes of all subtrees that it finishes, from the leaf itself
    /// upwards.
    pub fn append(&mut self, leaf: Hash) -> Vec<Hash> {
        let merges = self.size.trailing_ones();
        let mut finished = Vec::with_capacity(merges as usize + 1);
        let mut hash = leaf;
        finished.push(hash);
        for _ in 0..merges {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
            finished.push(hash);
        }
        self.peaks.push(hash);
        self.size += 1;
        finished
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        fold_right(&self.peaks).unwrap_or_else(empty_root)
    }
}

/// The hash above complete subtrees that lie side by side, largest first.
pub(crate) fn fold_right(peaks: &[Hash]) -> Option<Hash> {
    let (last, left) = peaks.split_last()?;
    Some(left.iter().rev().fold(*last, |right, peak| node_hash(peak, &right)))
}
