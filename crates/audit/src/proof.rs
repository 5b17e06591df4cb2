//! Inclusion and consistency proofs of RFC 6962 sections 2.1.1 and 2.1.2.
//!
//! A [`Plan`] says, from sizes alone, which complete subtrees a proof is made of. Who holds the
//! hashes resolves it; nothing here reads a store. Verification follows RFC 9162 section 2.1.3.2
//! and 2.1.4.2 and accepts exactly one proof for each question.

use crate::tree::{Hash, Node, fold_right, node_hash};
use std::ops::Range;

/// The proof does not prove what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the proof does not lead to the root")]
pub struct ProofError;

/// What a proof is made of: for each of its hashes the subtrees below it, from left to right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan(Vec<Vec<Node>>);

impl Plan {
    /// The proof that leaf `index` is in the tree of `size` leaves; `None` if it cannot be.
    #[must_use]
    pub fn inclusion(index: u64, size: u64) -> Option<Self> {
        if index >= size {
            return None;
        }
        let (mut range, mut parts) = (0..size, Vec::new());
        while range.end - range.start > 1 {
            let middle = split(&range);
            let (near, far) = halves(&range, middle, index < middle);
            parts.push(complete_subtrees(far));
            range = near;
        }
        parts.reverse();
        Some(Self(parts))
    }

    /// The proof that the tree of `new` leaves begins with the tree of `old` leaves; `None` if it
    /// cannot. From nothing to anything, and from anything to itself, the proof is empty.
    #[must_use]
    pub fn consistency(old: u64, new: u64) -> Option<Self> {
        if old > new {
            return None;
        }
        if old == 0 || old == new {
            return Some(Self(Vec::new()));
        }
        let (mut range, mut parts) = (0..new, Vec::new());
        // Down to the subtree that ends where the old tree ended.
        while range.end != old {
            let middle = split(&range);
            let (near, far) = halves(&range, middle, old <= middle);
            parts.push(complete_subtrees(far));
            range = near;
        }
        // The verifier knows the old root, which that subtree is if it begins at the first leaf.
        if range.start != 0 {
            parts.push(complete_subtrees(range));
        }
        parts.reverse();
        Some(Self(parts))
    }

    /// The complete subtrees that a tree of this size consists of: what its frontier holds.
    #[must_use]
    pub fn peaks(size: u64) -> Self {
        Self(complete_subtrees(0..size).into_iter().map(|node| vec![node]).collect())
    }

    /// Every subtree whose hash is needed.
    pub fn nodes(&self) -> impl Iterator<Item = Node> {
        self.0.iter().flatten().copied()
    }

    /// The proof, with the hashes that `hash_of` knows; `None` if it lacks one.
    #[must_use]
    pub fn resolve(&self, hash_of: impl Fn(Node) -> Option<Hash>) -> Option<Vec<Hash>> {
        let resolve_one = |nodes: &Vec<Node>| {
            let hashes: Option<Vec<Hash>> = nodes.iter().map(|node| hash_of(*node)).collect();
            fold_right(&hashes?)
        };
        self.0.iter().map(resolve_one).collect()
    }
}

/// Where RFC 6962 divides these leaves: after the largest power of two smaller than their number.
fn split(range: &Range<u64>) -> u64 {
    let count = range.end - range.start;
    range.start + (1 << (count - 1).ilog2())
}

fn halves(range: &Range<u64>, middle: u64, left_is_near: bool) -> (Range<u64>, Range<u64>) {
    let (left, right) = (range.start..middle, middle..range.end);
    if left_is_near { (left, right) } else { (right, left) }
}

/// The complete subtrees that make up a range that itself is a subtree of the tree.
fn complete_subtrees(range: Range<u64>) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut start = range.start;
    while start < range.end {
        let level = (range.end - start).ilog2();
        nodes.push(Node { level: u8::try_from(level).unwrap_or(63), index: start >> level });
        start += 1 << level;
    }
    nodes
}

/// Checks that the leaf with this hash is leaf `index` of the tree of `size` leaves with this root.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError);
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return Err(ProofError);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last == 0 && hash == *root { Ok(()) } else { Err(ProofError) }
}

/// The size and root of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeHead {
    /// The number of leaves.
    pub size: u64,
    /// The root.
    pub root: Hash,
}

/// Checks that the new tree begins with all leaves of the old tree, in their order.
pub fn verify_consistency(
    old: &TreeHead,
    new: &TreeHead,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old.size > new.size || (old.size == new.size && old.root != new.root) {
        return Err(ProofError);
    }
    if old.size == 0 || old.size == new.size {
        let roots_fit = old.size > 0 || old.root == crate::tree::empty_root();
        return if proof.is_empty() && roots_fit { Ok(()) } else { Err(ProofError) };
    }
    let (mut node, mut last) = (old.size - 1, new.size - 1);
    let skip = node.trailing_ones();
    node >>= skip;
    last >>= skip;
    let (start, rest) = if node == 0 {
        (old.root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(ProofError)?;
        (*first, rest)
    };
    let (mut old_hash, mut new_hash) = (start, start);
    for sibling in rest {
        if last == 0 {
            return Err(ProofError);
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    let leads_to_both = old_hash == old.root && new_hash == new.root;
    if last == 0 && leads_to_both { Ok(()) } else { Err(ProofError) }
}
