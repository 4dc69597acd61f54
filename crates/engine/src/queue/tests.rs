//! The queue against a sorted set.

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
    /// How many there have been, and which of them may be used again.
    slots: u32,
    free: Vec<u32>,
    /// The slots that the queue has yet to give back.
    dead: BTreeSet<u32>,
}

const CLASSES: [EventClass; 4] = [
    EventClass::Edge,
    EventClass::Answer,
    EventClass::Timer,
    EventClass::Arrival,
];

impl Both {
    fn insert(&mut self, at: u64, class: EventClass) {
        let slot = self.free_slot().or_else(|| self.free.pop());
        let slot = slot.unwrap_or(self.slots);
        self.slots = self.slots.max(slot + 1);
        self.numbers += 1;
        let key = Key::new(Instant::from_nanos(at), class, self.numbers, slot);
        self.queue.insert(key);
        self.model.insert(key);
    }

    fn free_slot(&mut self) -> Option<u32> {
        let slot = self.queue.free_slot()?;
        assert!(self.dead.remove(&slot), "each comes back once");
        Some(slot)
    }

    /// The instant of the event taken out, if one was.
    fn pop(&mut self, horizon: u64) -> Option<u64> {
        let horizon = Instant::from_nanos(horizon);
        let expected = self
            .model
            .first()
            .copied()
            .filter(|key| key.at() <= horizon);
        assert_eq!(self.queue.pop(horizon), expected);
        let key = expected?;
        self.model.remove(&key);
        self.free.push(key.slot());
        Some(key.at().as_nanos())
    }

    fn remove(&mut self, which: usize) {
        if let Some(key) = self.model.iter().nth(which).copied() {
            if self.queue.remove(key) {
                self.free.push(key.slot());
            } else {
                self.dead.insert(key.slot());
            }
            self.model.remove(&key);
        }
    }

    fn check(&self) {
        assert_eq!(self.queue.len(), self.model.len());
        assert_eq!(self.queue.least(), self.model.first().copied());
        self.queue.far.check();
    }

    fn drain(&mut self) {
        while self.pop(u64::MAX).is_some() {}
        self.check();
        while self.free_slot().is_some() {}
        assert!(self.dead.is_empty(), "where nothing is, nothing dead is");
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// As many events, after that long each, of that class.
    Insert(u8, u64, u8),
    Pop(u8),
    /// Pop, if the next event is so near.
    PopUntil(u64),
    /// As many events, from that one on, each so many after the last.
    Remove(u8, usize, usize),
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
        4 => (0_usize..1_000).prop_map(|which| Step::Remove(1, which, 1)),
        1 => (1_u8..200, 0_usize..1_000, 1_usize..4)
            .prop_map(|(count, which, by)| Step::Remove(count, which, by)),
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
                Step::Remove(count, which, by) => {
                        for n in 0..usize::from(count) {
                            // What followed the last has moved into its place.
                            both.remove(which + n * (by - 1));
                        }
                    }
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
    both.drain();
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
    assert!(both.queue.front.len() <= BURST, "else it would be slow");
    both.drain();
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
        assert!(both.queue.front.len() <= BURST);
    }
    both.drain();
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

#[test]
fn dead_keys_do_not_outnumber_live_ones() {
    let mut both = Both::default();
    both.insert(0, EventClass::Timer);
    for n in 0..10_000 {
        both.insert(1_000_000 + n, EventClass::Timer);
    }
    for left in (1_000..10_000).rev() {
        both.remove(1 + left * 7 / 10);
        both.check();
    }
    while both.free_slot().is_some() {}
    assert!(
        both.dead.len() <= both.model.len(),
        "{} dead",
        both.dead.len()
    );
    both.drain();
}

#[test]
fn timeouts_that_are_met_take_no_more_slots_than_twice_what_is_pending() {
    let mut both = Both::default();
    for now in 0..50_000 {
        both.insert(now + 1_000_000, EventClass::Timer);
        if both.model.len() > 100 {
            both.remove(0);
        }
        if now % 1_000 == 0 {
            both.check();
        }
    }
    assert!(both.slots < 300, "{} slots", both.slots);
    both.drain();
}

#[test]
fn a_crowd_that_comes_in_order_stays_out_of_the_front() {
    let mut both = Both::default();
    for n in 0..10_000 {
        both.insert(1_000 + n, EventClass::Timer);
        if n % 10 == 0 {
            both.pop(u64::MAX);
        }
        assert!(both.queue.front.len() <= BURST);
    }
    both.drain();
}
