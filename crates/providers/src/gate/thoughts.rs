//! Thoughts of a provider that may go back to it. They bear its own seal over what it wrote, so that
//! they go back as they came or not at all; what somebody else calls a thought could hold anything.

use llm::Thought;
use std::{
    collections::VecDeque,
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// So many of the last ones are known again.
const KNOWN: usize = 4_096;

/// Thoughts that came from a provider, by a hash.
#[derive(Default)]
pub(super) struct Thoughts {
    hasher: RandomState,
    seen: Mutex<VecDeque<u64>>,
}

impl Thoughts {
    /// This one came from the provider.
    pub(super) fn came(&self, thought: &Thought) {
        let Some(hash) = self.hash(thought) else { return };
        let mut seen = self.lock();
        if seen.len() == KNOWN {
            seen.pop_front();
        }
        seen.push_back(hash);
    }

    /// Whether this one came from it.
    pub(super) fn knows(&self, thought: &Thought) -> bool {
        self.hash(thought).is_some_and(|hash| self.lock().contains(&hash))
    }

    fn hash(&self, thought: &Thought) -> Option<u64> {
        // EXPOSE: only hashed.
        let seal = thought.seal.as_ref()?.expose();
        Some(self.hasher.hash_one((seal, thought.text.expose())))
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<u64>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
