//! Parts of the model's state that many states share: they are copied and hashed only if they change.

use ahash::RandomState;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

/// A part of the state, shared until it is changed, with its hash.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shared<T> {
    part: Arc<T>,
    /// `None` after a change, until [`Self::rehash`].
    hash: Option<u64>,
}

impl<T: Hash + Clone> Shared<T> {
    pub(crate) fn new(part: T) -> Self {
        Self { part: Arc::new(part), hash: None }
    }

    /// The part, for a change.
    pub(crate) fn change(&mut self) -> &mut T {
        self.hash = None;
        Arc::make_mut(&mut self.part)
    }

    /// Computes the hash, if the part has changed.
    pub(crate) fn rehash(&mut self) -> u64 {
        let hash = self.hashed();
        *self.hash.insert(hash)
    }

    fn hashed(&self) -> u64 {
        self.hash.unwrap_or_else(|| {
            // Fixed seeds: all threads must compute the same hash.
            RandomState::with_seeds(1, 2, 3, 4).hash_one(&*self.part)
        })
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.part
    }
}

impl<T: PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        self.part == other.part
    }
}

impl<T: Eq> Eq for Shared<T> {}

impl<T: Hash + Clone> Hash for Shared<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hashed());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(value: &impl Hash) -> u64 {
        RandomState::with_seeds(1, 2, 3, 4).hash_one(value)
    }

    #[test]
    fn a_change_alters_the_hash_of_this_state_only() {
        let mut one = Shared::new(vec![1, 2]);
        one.rehash();
        let other = one.clone();
        assert_eq!(fingerprint(&one), fingerprint(&other));
        one.change().push(3);
        assert_ne!(fingerprint(&one), fingerprint(&other), "before the hash is computed again");
        one.rehash();
        assert_ne!(fingerprint(&one), fingerprint(&other), "and after");
        assert_eq!((other.len(), fingerprint(&other)), (2, fingerprint(&Shared::new(vec![1, 2]))));
    }
}
