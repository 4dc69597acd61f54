//! What is due soon, in order.

use awaitlab_core::Instant;

use crate::key::Key;

/// Keys in ascending order, short enough that moving some aside for another costs less than
/// climbing a tree.
///
/// While there are few, each is put into its place at once. Where there are more, those put in since
/// one was last taken out stand at the end as they came: a burst is sorted at once, which costs half
/// of what finding a place for each does.
#[derive(Debug, Default)]
pub(super) struct Front {
    /// The first `taken` are gone: taking the least out moves nothing. From there to `sorted` they
    /// ascend; the rest are new.
    keys: Vec<Key>,
    taken: usize,
    sorted: usize,
}

/// For how many keys there is room, and for how many more where that is not enough.
const ROOM: usize = 128;
/// Among fewer keys than that, a place is found by steps back from the end.
const SHORT: usize = 24;
/// Among more, so many steps back are tried.
const STEPS: usize = 8;
/// So many new keys are put into their places one by one; more are sorted.
const FEW: usize = 8;

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
        let ascending = self.keys[self.taken..self.sorted].first();
        ascending
            .into_iter()
            .chain(&self.keys[self.sorted..])
            .min()
            .copied()
    }

    /// The key with so many before it, right after one was taken out.
    #[inline]
    pub(super) fn ahead(&self, places: usize) -> Option<Key> {
        self.keys.get(self.taken + places).copied()
    }

    /// The key with so many before it, and the greatest. There are more than that.
    ///
    /// Of a burst, not all is sorted for it: most of that may be far away, and never come.
    pub(super) fn nth_and_last(&mut self, nth: usize) -> (Key, Key) {
        if self.unsorted() <= FEW {
            self.settle();
            let keys = &self.keys[self.taken..];
            return (keys[nth], keys[keys.len() - 1]);
        }
        self.sorted = self.taken;
        let (_, &mut key, after) = self.keys[self.taken..].select_nth_unstable(nth);
        (key, after.iter().copied().fold(key, Key::max))
    }

    #[inline]
    pub(super) fn insert(&mut self, key: Key) {
        if self.keys.len() == self.keys.capacity() {
            self.make_room();
        }
        // A delay that is the same for all, as of timeouts, makes each the last.
        let is_near_its_place =
            self.len() < SHORT || self.keys.last().is_some_and(|&last| last < key);
        let is_placed = is_near_its_place && !self.has_new();
        self.keys.push(key);
        if is_placed {
            self.sorted = self.keys.len();
            put_back(&mut self.keys[self.taken..], key);
        }
    }

    /// Whether the next key is known, if there is one that is due.
    #[inline]
    pub(super) fn is_ready(&self) -> bool {
        self.taken < self.sorted && self.sorted == self.keys.len()
    }

    /// Takes the least key out, unless it is due after `horizon`. None may be new.
    #[inline]
    pub(super) fn pop(&mut self, horizon: Instant) -> Option<Key> {
        let key = *self.keys.get(self.taken)?;
        if key.at() > horizon {
            return None;
        }
        self.taken += 1;
        Some(key)
    }

    /// Takes out a key that is in.
    #[inline]
    pub(super) fn remove(&mut self, key: Key) {
        self.settle();
        let place = self.place_of(key);
        debug_assert_eq!(self.keys.get(self.taken + place), Some(&key));
        if place < self.len() / 2 {
            let first = self.taken;
            self.keys.copy_within(first..first + place, first + 1);
            self.taken += 1;
        } else {
            self.keys.remove(self.taken + place);
            self.sorted -= 1;
        }
    }

    /// Adds keys, in any order among themselves, that are after all that are in; none of those may be
    /// new.
    #[inline]
    pub(super) fn append(&mut self, keys: &mut Vec<Key>) {
        if self.is_empty() {
            self.close_gap();
        }
        keys.sort_unstable();
        self.keys.append(keys);
        self.sorted = self.keys.len();
    }

    /// Takes out the keys after `end`.
    pub(super) fn take_after(&mut self, end: Key) -> Vec<Key> {
        self.close_gap();
        if self.has_new() {
            let mut later = Vec::new();
            self.keys.retain(|&key| {
                if key > end {
                    later.push(key);
                }
                key <= end
            });
            // Those that were in order may have lost some.
            self.sorted = 0;
            return later;
        }
        let kept = self.keys.partition_point(|&key| key <= end);
        self.sorted = kept;
        self.keys.split_off(kept)
    }

    pub(super) fn take_all(&mut self, into: &mut Vec<Key>) {
        self.close_gap();
        into.append(&mut self.keys);
        self.sorted = 0;
    }

    #[inline]
    fn has_new(&self) -> bool {
        self.unsorted() > 0
    }

    /// How many keys are not in order.
    #[inline]
    fn unsorted(&self) -> usize {
        self.keys.len() - self.sorted
    }

    /// Puts all keys in order. Returns whether they were so many that they were sorted.
    #[inline(never)]
    pub(super) fn settle(&mut self) -> bool {
        let many = self.unsorted() > FEW;
        if many {
            self.sort();
        }
        while self.has_new() {
            self.settle_one();
        }
        many
    }

    /// Puts the first of the keys that are not in order among those that are.
    #[inline]
    fn settle_one(&mut self) {
        let index = self.sorted;
        self.sorted += 1;
        let key = self.keys[index];
        let live = &mut self.keys[self.taken..=index];
        let last = live.len() - 1;
        if last >= STEPS && key < live[last - STEPS] {
            let place = live[..last - STEPS].partition_point(|&other| other < key);
            live.copy_within(place..last, place + 1);
            live[place] = key;
        } else {
            put_back(live, key);
        }
    }

    #[inline(never)]
    fn sort(&mut self) {
        if self.sorted - self.taken < self.keys.len() - self.sorted {
            self.keys[self.taken..].sort_unstable();
        } else {
            self.keys[self.sorted..].sort_unstable();
            // Finds the two runs, and merges them.
            self.keys[self.taken..].sort();
        }
        self.sorted = self.keys.len();
    }

    /// Before how many keys a key stands.
    #[inline]
    fn place_of(&self, key: Key) -> usize {
        self.keys[self.taken..].partition_point(|&other| other < key)
    }

    /// Closes the gap of taken keys if it is large, so that there is room again.
    #[inline(never)]
    fn make_room(&mut self) {
        if self.taken > self.len() {
            self.close_gap();
        } else {
            self.keys.reserve(ROOM);
        }
    }

    fn close_gap(&mut self) {
        self.keys.drain(..self.taken);
        self.sorted -= self.taken;
        self.taken = 0;
    }
}

/// Moves the last of the keys, which is this one, back to its place; the others ascend.
#[inline]
fn put_back(mut keys: &mut [Key], key: Key) {
    while let [before @ .., last] = keys {
        match before.last() {
            Some(&greater) if key < greater => *last = greater,
            _ => {
                *last = key;
                return;
            }
        }
        keys = before;
    }
}
