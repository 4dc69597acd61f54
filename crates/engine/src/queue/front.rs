//! What is due soon, in order.

use awaitlab_core::Instant;

use crate::key::Key;

/// Keys in ascending order, short enough that moving some aside for another costs less than
/// climbing a tree.
#[derive(Debug, Default)]
pub(super) struct Front {
    /// The first `taken` are gone: taking the least out moves nothing.
    keys: Vec<Key>,
    taken: usize,
}

/// The gap of taken keys is closed when it is that long.
const GAP: usize = 128;

impl Front {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.taken == self.keys.len()
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.keys.len() - self.taken
    }

    /// The least key.
    pub(super) fn first(&self) -> Option<Key> {
        self.keys.get(self.taken).copied()
    }

    /// The key with so many before it.
    #[inline]
    pub(super) fn ahead(&self, places: usize) -> Option<Key> {
        self.keys.get(self.taken + places).copied()
    }

    /// The greatest key.
    pub(super) fn last(&self) -> Option<Key> {
        self.live().last().copied()
    }

    /// A key with about as many before it as after it.
    pub(super) fn middle(&self) -> Key {
        self.live()[self.len() / 2]
    }

    #[inline]
    pub(super) fn insert(&mut self, key: Key) {
        // A delay that is the same for all, as of timeouts, makes each the last.
        if self.keys.last().is_none_or(|&last| last < key) {
            self.keys.push(key);
            return;
        }
        let place = self.place_of(key);
        if self.taken > 0 && place < self.len() / 2 {
            let first = self.taken;
            self.keys.copy_within(first..first + place, first - 1);
            self.taken -= 1;
            self.keys[self.taken + place] = key;
        } else {
            self.keys.insert(self.taken + place, key);
        }
    }

    /// Takes the least key out, unless it is due after `horizon`.
    #[inline]
    pub(super) fn pop(&mut self, horizon: Instant) -> Option<Key> {
        let key = *self.keys.get(self.taken)?;
        if key.at() > horizon {
            return None;
        }
        self.taken += 1;
        if self.taken >= GAP {
            self.close_gap();
        }
        Some(key)
    }

    /// Takes out a key that is in.
    #[inline]
    pub(super) fn remove(&mut self, key: Key) {
        let place = self.place_of(key);
        debug_assert_eq!(self.live().get(place), Some(&key));
        if place < self.len() / 2 {
            let first = self.taken;
            self.keys.copy_within(first..first + place, first + 1);
            self.taken += 1;
        } else {
            self.keys.remove(self.taken + place);
        }
    }

    /// Adds keys, in any order among themselves, that are after all that are in.
    pub(super) fn append(&mut self, keys: &mut Vec<Key>) {
        if self.is_empty() {
            self.close_gap();
        }
        keys.sort_unstable();
        self.keys.append(keys);
    }

    /// Takes out the keys after `end`.
    pub(super) fn take_after(&mut self, end: Key) -> Vec<Key> {
        self.close_gap();
        let kept = self.keys.partition_point(|&key| key <= end);
        self.keys.split_off(kept)
    }

    pub(super) fn take_all(&mut self, into: &mut Vec<Key>) {
        self.close_gap();
        into.append(&mut self.keys);
    }

    #[inline]
    fn live(&self) -> &[Key] {
        &self.keys[self.taken..]
    }

    /// Before how many keys a key stands, or would stand.
    #[inline]
    fn place_of(&self, key: Key) -> usize {
        self.live().partition_point(|&other| other < key)
    }

    #[inline(never)]
    fn close_gap(&mut self) {
        self.keys.drain(..self.taken);
        self.taken = 0;
    }
}
