//! The tree against RFC 6962's known answers and against `ct-merkle`, an independent implementation.

use super::unhex;
use crate::*;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash, mem_backed_tree::MemoryBackedTree};
use proptest::prelude::*;
use sha2::Sha256;
use std::collections::HashMap;

/// A tree that keeps all its subtrees, as the store does, and its double in the other crate.
#[derive(Default)]
struct Pair {
    frontier: Frontier,
    heads: Vec<TreeHead>,
    nodes: HashMap<Node, Hash>,
    other: MemoryBackedTree<Sha256, Vec<u8>>,
}

impl Pair {
    fn of(size: u64) -> Self {
        let mut pair = Self::default();
        pair.heads.push(TreeHead { size: 0, root: pair.frontier.root() });
        (0..size).for_each(|n| pair.push(format!("leaf {n}").into_bytes()));
        pair
    }

    fn push(&mut self, leaf: Vec<u8>) {
        let seq = self.frontier.size();
        for (level, hash) in (0u8..).zip(self.frontier.append(leaf_hash(&leaf))) {
            let node = Node { level, index: seq >> level };
            assert_eq!(node.last_leaf(), seq);
            self.nodes.insert(node, hash);
        }
        self.heads.push(TreeHead { size: seq + 1, root: self.frontier.root() });
        self.other.push(leaf);
    }

    fn inclusion(&self, index: u64, size: u64) -> Vec<Hash> {
        Plan::inclusion(index, size).unwrap().resolve(|n| self.nodes.get(&n).copied()).unwrap()
    }

    fn consistency(&self, old: u64, new: u64) -> Vec<Hash> {
        Plan::consistency(old, new).unwrap().resolve(|n| self.nodes.get(&n).copied()).unwrap()
    }

    fn head(&self, size: u64) -> TreeHead {
        self.heads[usize::try_from(size).unwrap()]
    }

    fn their_root(&self, size: u64) -> RootHash<Sha256> {
        RootHash::new(self.head(size).root.into(), size)
    }
}

const SIZES: u64 = 70;

#[test]
fn roots_and_inclusion_proofs_are_those_of_the_other_implementation() {
    let mut growing = Pair::of(0);
    for size in 1..=SIZES {
        growing.push(format!("leaf {}", size - 1).into_bytes());
        assert_eq!(growing.other.root().as_bytes().as_slice(), growing.head(size).root);
        for index in 0..size {
            let ours = growing.inclusion(index, size);
            let theirs = growing.other.prove_inclusion(usize::try_from(index).unwrap());
            assert_eq!(theirs.as_bytes(), ours.concat(), "leaf {index} of {size}");
            let leaf = leaf_hash(format!("leaf {index}").as_bytes());
            let head = growing.head(size);
            assert_eq!(verify_inclusion(&leaf, index, size, &ours, &head.root), Ok(()));
        }
    }
}

#[test]
fn every_proof_of_every_older_size_is_accepted_by_the_other_implementation() {
    let pair = Pair::of(SIZES);
    for new in 1..=SIZES {
        for index in 0..new {
            let proof =
                InclusionProof::try_from_bytes(pair.inclusion(index, new).concat()).unwrap();
            let leaf = format!("leaf {index}").into_bytes();
            pair.their_root(new).verify_inclusion(&leaf, index, &proof).unwrap();
        }
        for old in 1..=new {
            let ours = pair.consistency(old, new);
            assert_eq!(verify_consistency(&pair.head(old), &pair.head(new), &ours), Ok(()));
            // The other crate has no proofs from a size to itself.
            if old < new {
                let proof = ConsistencyProof::try_from_bytes(ours.concat()).unwrap();
                pair.their_root(new).verify_consistency(&pair.their_root(old), &proof).unwrap();
            }
        }
    }
}

#[test]
fn no_proof_holds_for_another_leaf_place_size_or_root() {
    let pair = Pair::of(33);
    for size in 1..=33 {
        let head = pair.head(size);
        for index in 0..size {
            let proof = pair.inclusion(index, size);
            let leaf = leaf_hash(format!("leaf {index}").as_bytes());
            let refused = |leaf, index, size, proof: &[Hash], root| {
                assert_eq!(verify_inclusion(leaf, index, size, proof, root), Err(ProofError));
            };
            refused(&[7; 32], index, size, &proof, &head.root);
            refused(&leaf, index, size, &proof, &[7; 32]);
            refused(&leaf, index, size, &[proof.as_slice(), &[[7; 32]]].concat(), &head.root);
            refused(&leaf, size, size, &proof, &head.root);
            if let Some((_, shorter)) = proof.split_last() {
                refused(&leaf, index, size, shorter, &head.root);
            }
            for other in (0..size).filter(|other| *other != index) {
                refused(&leaf, other, size, &proof, &head.root);
            }
        }
    }
}

#[test]
fn no_history_that_was_rewritten_is_consistent() {
    let (pair, mut forked) = (Pair::of(40), Pair::of(0));
    (0..40)
        .for_each(|n| forked.push(format!("{} {n}", if n == 5 { "other" } else { "leaf" }).into()));
    for old in 6..=40 {
        for new in old..=40 {
            let (old_head, new_head) = (pair.head(old), forked.head(new));
            for proof in [pair.consistency(old, new), forked.consistency(old, new)] {
                assert_eq!(verify_consistency(&old_head, &new_head, &proof), Err(ProofError));
            }
        }
    }
    let empty = pair.head(0);
    assert_eq!(verify_consistency(&empty, &pair.head(9), &[]), Ok(()));
    assert_eq!(verify_consistency(&pair.head(9), &pair.head(8), &[]), Err(ProofError));
    assert_eq!(verify_consistency(&empty, &pair.head(9), &[[0; 32]]), Err(ProofError));
}

#[test]
fn a_frontier_reads_back_what_it_stores_and_nothing_else() {
    let mut frontier = Frontier::default();
    for n in 0u64..300 {
        let bytes = frontier.to_bytes();
        assert_eq!(Frontier::from_bytes(n, &bytes), Ok(frontier.clone()));
        assert_eq!(Frontier::from_bytes(n, &[bytes, vec![0]].concat()), Err(FrontierError));
        frontier.append(leaf_hash(&n.to_be_bytes()));
    }
    assert_eq!(Frontier::from_bytes(3, &[0; 32]), Err(FrontierError));
}

/// The leaves and roots that certificate-transparency and trillian test with.
#[test]
fn the_roots_are_those_of_the_certificate_transparency_vectors() {
    const LEAVES: [&str; 8] = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut frontier = Frontier::default();
    assert_eq!(frontier.root().to_vec(), unhex(ROOTS[0]));
    for (leaf, root) in LEAVES.iter().zip(&ROOTS[1..]) {
        frontier.append(leaf_hash(&unhex(leaf)));
        assert_eq!(frontier.root().to_vec(), unhex(root));
    }
}

proptest! {
    #[test]
    fn proofs_between_any_two_sizes_hold_and_bind(old in 1u64..600, more in 0u64..600, bit in 0usize..256) {
        let new = old + more;
        let pair = Pair::of(new);
        let proof = pair.consistency(old, new);
        prop_assert_eq!(verify_consistency(&pair.head(old), &pair.head(new), &proof), Ok(()));
        for at in 0..proof.len() {
            let mut changed = proof.clone();
            changed[at][bit / 8] ^= 1 << (bit % 8);
            let verdict = verify_consistency(&pair.head(old), &pair.head(new), &changed);
            prop_assert_eq!(verdict, Err(ProofError));
        }
        let index = old - 1;
        let leaf = leaf_hash(format!("leaf {index}").as_bytes());
        let proof = pair.inclusion(index, new);
        prop_assert_eq!(verify_inclusion(&leaf, index, new, &proof, &pair.head(new).root), Ok(()));
    }

    #[test]
    fn any_numbers_are_answered(index in any::<u64>(), size in any::<u64>(), hashes in proptest::collection::vec(any::<[u8; 32]>(), 0..70)) {
        prop_assert_eq!(Plan::inclusion(index, size).is_some(), index < size);
        prop_assert_eq!(Plan::consistency(index, size).is_some(), index <= size);
        prop_assert_eq!(verify_inclusion(&[0; 32], index, size, &hashes, &[1; 32]), Err(ProofError));
        let (old, new) = (TreeHead { size: index, root: [2; 32] }, TreeHead { size, root: [1; 32] });
        prop_assert_eq!(verify_consistency(&old, &new, &hashes), Err(ProofError));
    }
}
