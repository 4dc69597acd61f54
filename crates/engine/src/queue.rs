//! The event queue: what is due soon in order, what is due later in buckets.
//!
//! A heap pays for order among events that are far away, at every level a miss of the cache once it
//! has outgrown it. Here only the [`Front`] is sorted: a short run of keys, from which the next
//! event is read off. Everything due after its `end` lies in the [`Far`] buckets, each one range of
//! keys, the wider the further away; when the front is used up, the nearest bucket is sorted into
//! it, or, when it holds too many, is first spread over narrower buckets. As in a radix heap, a
//! bucket is known by the highest digit in which its keys differ from `end`, so nothing depends on
//! how the times are distributed, and an event moves at most once per digit.
//!
//! Most timers never fire: a timeout that was met, a hedge that was not needed. Any key can
//! therefore be taken out at once, so that the queue holds only what can still happen: from the
//! front by binary search, from a bucket by its index there, which is kept for it.
//!
//! What decided: nanoseconds per event on one core, the least of five runs (at 10^7, of two) that
//! took turns on a busy machine, so that only ratios mean something. *Hold*: each event schedules
//! another, an exponential time later. *Cancel*: each event also drops a timeout of half a minute
//! and sets two timers.
//!
//! | pending | 10 | 100 | 1000 | 10^5 | 10^6 | 10^7 |
//! |---|---|---|---|---|---|---|
//! | hold: this queue | 24 | 32 | 29 | 93 | 168 | 337 |
//! | hold: 4-ary heap | 26 | 51 | 78 | 200 | 596 | 928 |
//! | hold: the same, keys of 16 bytes in cache lines | 32 | 48 | 56 | 187 | 642 | 1651 |
//! | hold: binary radix heap | 28 | 37 | 46 | 110 | 240 | 700 |
//! | hold: calendar queue | 165 | 24 | 29 | 149 | 296 | 698 |
//! | hold: pairing heap | 32 | 58 | 88 | 492 | 2092 | |
//! | cancel: this queue | 48 | 56 | 52 | 280 | 608 | 973 |
//! | cancel: 4-ary heap | 46 | 72 | 111 | 317 | 776 | 1418 |
//! | cancel: binary radix heap | 37 | 48 | 68 | 181 | 494 | 929 |
//! | cancel: calendar queue | 196 | 46 | 64 | 320 | 775 | 1302 |
//!
//! With one time in eight a thousand times as long, a calendar queue of a million takes 2900, this
//! one 180. The radix heap is ahead where most timers are dropped, by what looking a key up costs
//! here; the slot that it is looked up in is read by the engine in any case.

mod far;
mod front;

use crate::key::Key;
use far::{Far, LEVELS};
use front::Front;

/// How many keys the front takes from the buckets at a time; at twice as many, it gives some back.
/// With 64, a cancelled timer costs 60 % more instructions at 100 pending; with 16, one that fires
/// a third more.
const FRONT: usize = 32;

#[derive(Debug)]
pub(crate) struct Queue {
    front: Front,
    far: Far,
    /// The front holds what is not after it, the buckets what is. All ones below `level`.
    end: Key,
    /// All keys of the buckets differ from `end` in their digit at this level or a higher one, so
    /// that an `end` moved back by lower digits leaves every bucket as it is.
    level: u32,
    /// No key put in from here on is before it: the beginning of the instant that has come.
    now: Key,
}

impl Default for Queue {
    fn default() -> Self {
        Queue {
            front: Front::default(),
            far: Far::default(),
            end: Key::MAX,
            level: LEVELS,
            now: Key::MIN,
        }
    }
}

impl Queue {
    #[inline]
    pub(crate) fn insert(&mut self, key: Key) {
        if key > self.end {
            self.far.insert(key, self.end);
        } else {
            self.front.insert(key);
            if self.front.len() >= 2 * FRONT {
                self.shorten();
            }
        }
    }

    /// Takes the least key out, unless it is after `horizon`. What is put in from here on may not be
    /// of an earlier instant.
    #[inline]
    pub(crate) fn pop(&mut self, horizon: Key) -> Option<Key> {
        if self.front.is_empty() {
            // Only for a key that is taken out, or all that is due before it would be put there.
            if horizon < Key::MAX && self.far.least()? > horizon {
                return None;
            }
            self.refill();
        }
        let key = self.front.pop(horizon)?;
        self.now = key.begin_of_instant();
        Some(key)
    }

    /// The least key.
    pub(crate) fn least(&self) -> Option<Key> {
        self.front.first().or_else(|| self.far.least())
    }

    /// Takes out a key that is in.
    #[inline]
    pub(crate) fn remove(&mut self, key: Key) {
        if key > self.end {
            self.far.remove(key, self.end);
        } else {
            self.front.remove(key);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.front.len() + self.far.len()
    }

    /// Takes all keys out.
    pub(crate) fn take_all(&mut self) -> Vec<Key> {
        let mut all = self.front.take_all();
        self.far.take_all(&mut all);
        self.end = Key::MAX;
        self.level = LEVELS;
        self.now = Key::MIN;
        all
    }

    /// Gives the later part of the front to the buckets.
    ///
    /// Not where buckets would have to be filled anew for it: at an instant with a crowd of events,
    /// of which the front holds a few, others of that instant but of a class before theirs may still
    /// come. They stand at the front's beginning, where there is little to move aside.
    #[cold]
    fn shorten(&mut self) {
        let Some(last) = self.front.last() else {
            return;
        };
        if far::level(self.now, self.end) > self.level {
            return;
        }
        // Between two digits where what may come first differs, about in the middle.
        let level = far::level(self.now, last);
        let digit = far::digit(self.front.middle(), level);
        let digit = digit.min(far::digit(last, level) - 1);
        self.end = far::end_of(last, level, digit);
        self.level = level;
        for key in self.front.take_after(self.end) {
            self.far.insert(key, self.end);
        }
    }

    /// Fills the empty front from the buckets.
    #[inline(never)]
    fn refill(&mut self) {
        while let Some((level, digit, len)) = self.far.nearest() {
            if len > FRONT {
                if !self.front.is_empty() {
                    return;
                }
                self.far.spread(level, digit);
            } else if self.front.len() + len > FRONT {
                return;
            } else {
                let keys = self.far.open(level, digit);
                self.end = far::end_of(keys[0], level, digit);
                self.level = level;
                self.front.append(keys);
            }
        }
        self.end = Key::MAX;
        self.level = LEVELS;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use awaitlab_core::{EventClass, Instant};
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    /// The model is a sorted set.
    #[derive(Default)]
    struct Both {
        queue: Queue,
        model: BTreeSet<Key>,
        numbers: u64,
        free: Vec<u32>,
    }

    const CLASSES: [EventClass; 4] = [
        EventClass::Edge,
        EventClass::Answer,
        EventClass::Timer,
        EventClass::Arrival,
    ];

    impl Both {
        fn insert(&mut self, at: u64, class: EventClass) {
            let slot = self.free.pop().unwrap_or(self.model.len() as u32);
            self.numbers += 1;
            let key = Key::new(Instant::from_nanos(at), class, self.numbers, slot);
            self.queue.insert(key);
            self.model.insert(key);
        }

        /// The instant of the event taken out, if one was.
        fn pop(&mut self, horizon: u64) -> Option<u64> {
            let horizon = Key::end_of_instant(Instant::from_nanos(horizon));
            let expected = self.model.first().copied().filter(|&key| key <= horizon);
            assert_eq!(self.queue.pop(horizon), expected);
            let key = expected?;
            self.model.remove(&key);
            self.free.push(key.slot());
            Some(key.at().as_nanos())
        }

        fn remove(&mut self, which: usize) {
            if let Some(key) = self.model.iter().nth(which).copied() {
                self.queue.remove(key);
                self.model.remove(&key);
                self.free.push(key.slot());
            }
        }

        fn check(&self) {
            assert_eq!(self.queue.len(), self.model.len());
            assert_eq!(self.queue.least(), self.model.first().copied());
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        /// As many events, after that long each, of that class.
        Insert(u8, u64, u8),
        Pop(u8),
        /// Pop, if the next event is so near.
        PopUntil(u64),
        Remove(usize),
    }

    /// Delays from nothing to centuries, most of them such that many share a bucket.
    fn delay() -> impl Strategy<Value = u64> {
        prop_oneof![
            3 => Just(0_u64),
            3 => 0_u64..50,
            3 => 0_u64..100_000,
            1 => (0_u32..62).prop_map(|power| 1 << power),
        ]
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            4 => (1_u8..60, delay(), 0_u8..4).prop_map(|(n, by, class)| Step::Insert(n, by, class)),
            3 => (1_u8..100).prop_map(Step::Pop),
            1 => delay().prop_map(Step::PopUntil),
            4 => (0_usize..1_000).prop_map(Step::Remove),
        ];
        proptest::collection::vec(step, 0..120)
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default()
        })]

        #[test]
        fn it_behaves_as_a_sorted_set(steps in steps(), spread in 0_u64..1_000) {
            let mut both = Both::default();
            let mut now = 0;
            for step in steps {
                match step {
                    Step::Insert(count, by, class) => {
                        for n in 0..u64::from(count) {
                            both.insert(now + by + n * spread % 997, CLASSES[class as usize]);
                        }
                    }
                    Step::Pop(count) => {
                        for _ in 0..count {
                            now = both.pop(u64::MAX).unwrap_or(now);
                        }
                    }
                    Step::PopUntil(by) => now = both.pop(now + by).unwrap_or(now),
                    Step::Remove(which) => both.remove(which),
                }
                both.check();
            }
            while both.pop(u64::MAX).is_some() {}
            both.check();
        }
    }

    #[test]
    fn a_crowd_at_one_instant_that_calls_others_there_stays_in_order() {
        let mut both = Both::default();
        for _ in 0..1_000 {
            both.insert(5, EventClass::Timer);
        }
        for n in 0..1_000 {
            assert_eq!(both.pop(u64::MAX), Some(5));
            // Every third calls a few that come before those that wait.
            for _ in 0..3 * usize::from(n % 3 == 0) {
                both.insert(5, EventClass::Answer);
            }
        }
        while both.pop(u64::MAX).is_some() {}
        both.check();
    }

    #[test]
    fn what_comes_before_an_event_that_was_looked_at_and_left_stays_near() {
        let mut both = Both::default();
        for n in 0..1_000 {
            both.insert(1_000_000 + n, EventClass::Timer);
        }
        assert_eq!(both.pop(10), None);
        for n in 0..1_000 {
            both.insert(100 + n * 7 % 1_000, EventClass::Timer);
        }
        assert!(both.queue.front.len() <= 2 * FRONT, "else it would be slow");
        while both.pop(u64::MAX).is_some() {}
        both.check();
    }

    #[test]
    fn a_crowd_just_before_a_full_front_stays_out_of_it() {
        let mut both = Both::default();
        both.insert(0xfff0, EventClass::Timer);
        for n in 0..100 {
            both.insert(0x1_0000 + n, EventClass::Timer);
        }
        both.pop(u64::MAX);
        for n in 0..1_000 {
            both.insert(0xfff0 + n % 16, EventClass::Timer);
            assert!(both.queue.front.len() <= 2 * FRONT);
        }
        while both.pop(u64::MAX).is_some() {}
        both.check();
    }

    #[test]
    fn all_that_is_taken_out_leaves_it_as_new() {
        let mut both = Both::default();
        for n in 0..500 {
            both.insert(n * n, EventClass::Timer);
        }
        both.pop(u64::MAX);
        assert_eq!(both.queue.take_all().len(), 499);
        assert_eq!((both.queue.len(), both.queue.least()), (0, None));
        both.model.clear();
        both.insert(3, EventClass::Edge);
        assert_eq!(both.pop(u64::MAX), Some(3));
    }
}
