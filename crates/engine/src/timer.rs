//! The event queue: a 4-ary heap whose entries know where they are.
//!
//! Most timers never fire: a timeout that was met, a hedge that was not needed. A sleep that is
//! dropped therefore removes its entry at once, so that the queue holds only what can still happen;
//! for that, every entry's place in the heap is kept beside it. Four children instead of two halve
//! the depth, and all four share a cache line or two.

use std::fmt;
use std::rc::Rc;
use std::task::Waker;

use awaitlab_core::{EventClass, Instant, OnAlarm};

/// Names a timer that is pending or has fired and was not yet forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimerId(u32);

#[derive(Debug, Default)]
pub(crate) struct Timers {
    heap: Vec<Entry>,
    slots: Vec<Slot>,
    free: Vec<u32>,
    scheduled: u64,
    /// Pending edges, which alone are no reason to go on.
    edges: usize,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    at: u64,
    /// Class in the two highest bits, then the number of the timer: no two are equal.
    order: u64,
    slot: u32,
}

#[derive(Debug)]
struct Slot {
    /// Index into the heap, or [`FIRED`].
    place: u32,
    /// How many events at one instant led to this one, each scheduled by the one before.
    depth: u32,
    whom: Whom,
}

/// Who is to be told that a timer has fired.
#[derive(Default)]
pub(crate) enum Whom {
    #[default]
    Nobody,
    /// Who sleeps until then.
    Sleeper(Waker),
    /// Who is called, with its key.
    Called(Rc<dyn OnAlarm>, u32),
}

/// A timer that has just fired.
pub(crate) struct Fired {
    pub(crate) at: Instant,
    pub(crate) depth: u32,
    pub(crate) whom: Whom,
}

const ARITY: usize = 4;
const FIRED: u32 = u32::MAX;
/// Bits of the running number below the class: at a billion timers a second, 146 years.
const NUMBER_BITS: u32 = 62;

impl fmt::Debug for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Whom::Nobody => "nobody",
            Whom::Sleeper(_) => "a sleeper",
            Whom::Called(..) => "somebody called",
        })
    }
}

impl Entry {
    #[inline]
    fn is_edge(&self) -> bool {
        self.order >> NUMBER_BITS == EventClass::Edge as u64
    }

    #[inline]
    fn before(&self, other: &Entry) -> bool {
        (self.at, self.order) < (other.at, other.order)
    }
}

impl Timers {
    /// A new timer, after all that are pending at the same instant in the same class.
    ///
    /// # Panics
    /// With 2^32 - 1 timers pending.
    #[inline]
    pub(crate) fn schedule(
        &mut self,
        at: Instant,
        class: EventClass,
        depth: u32,
        whom: Whom,
    ) -> TimerId {
        let place = u32::try_from(self.heap.len())
            .ok()
            .filter(|&place| place != FIRED);
        let place = place.expect("more timers pending than the event queue can number");
        let filled = Slot { place, depth, whom };
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = filled;
                slot
            }
            None => {
                self.slots.push(filled);
                (self.slots.len() - 1) as u32
            }
        };
        let order = ((class as u64) << NUMBER_BITS) | self.scheduled;
        self.scheduled += 1;
        self.edges += usize::from(class == EventClass::Edge);
        self.heap.push(Entry {
            at: at.as_nanos(),
            order,
            slot,
        });
        self.sift_up(place as usize);
        TimerId(slot)
    }

    /// Takes the earliest timer out of the queue.
    #[inline]
    pub(crate) fn fire_next(&mut self) -> Option<Fired> {
        let entry = *self.heap.first()?;
        self.remove_at(0);
        let slot = &mut self.slots[entry.slot as usize];
        slot.place = FIRED;
        Some(Fired {
            at: Instant::from_nanos(entry.at),
            depth: slot.depth,
            whom: std::mem::take(&mut slot.whom),
        })
    }

    /// When the earliest timer is due.
    pub(crate) fn next_at(&self) -> Option<Instant> {
        self.heap.first().map(|entry| Instant::from_nanos(entry.at))
    }

    #[inline]
    pub(crate) fn has_fired(&self, timer: TimerId) -> bool {
        self.slots[timer.0 as usize].place == FIRED
    }

    /// Whom to wake when the timer fires, if it has not yet.
    ///
    /// Returns the waker that was to be woken before, to be dropped when nothing is borrowed.
    #[inline]
    pub(crate) fn set_waker(&mut self, timer: TimerId, waker: &Waker) -> Whom {
        let current = &mut self.slots[timer.0 as usize].whom;
        match current {
            Whom::Sleeper(current) if current.will_wake(waker) => Whom::Nobody,
            _ => std::mem::replace(current, Whom::Sleeper(waker.clone())),
        }
    }

    /// Gives the timer's slot back, and takes it out of the queue if it is pending.
    ///
    /// Returns whom it would have told, to be dropped when nothing is borrowed.
    #[inline]
    pub(crate) fn forget(&mut self, timer: TimerId) -> Whom {
        let slot = &mut self.slots[timer.0 as usize];
        let place = std::mem::replace(&mut slot.place, FIRED);
        let whom = std::mem::take(&mut slot.whom);
        if place != FIRED {
            self.remove_at(place as usize);
        }
        self.free.push(timer.0);
        whom
    }

    /// Whether edges are all that is pending.
    #[inline]
    pub(crate) fn only_edges(&self) -> bool {
        self.edges == self.heap.len()
    }

    /// Timers pending.
    pub(crate) fn pending(&self) -> usize {
        self.heap.len()
    }

    /// Begins anew: nothing pending, numbers from 0. Timers that somebody still holds never fire.
    pub(crate) fn clear(&mut self) -> Vec<Whom> {
        let pending = std::mem::take(&mut self.heap);
        let told = pending.iter().map(|entry| {
            let slot = &mut self.slots[entry.slot as usize];
            // Held by a sleep that outlived its run: whatever polls it next finds it over.
            slot.place = FIRED;
            std::mem::take(&mut slot.whom)
        });
        let told = told.collect();
        self.heap = pending;
        self.heap.clear();
        self.edges = 0;
        self.scheduled = 0;
        told
    }

    fn remove_at(&mut self, place: usize) {
        self.edges -= usize::from(self.heap[place].is_edge());
        let last = self.heap.len() - 1;
        self.heap.swap_remove(place);
        if place < last {
            self.slots[self.heap[place].slot as usize].place = place as u32;
            // What came from the end may belong above or below its new place, never both.
            if place > 0 && self.heap[place].before(&self.heap[(place - 1) / ARITY]) {
                self.sift_up(place);
            } else {
                self.sift_down(place);
            }
        }
    }

    fn sift_up(&mut self, mut place: usize) {
        let entry = self.heap[place];
        while place > 0 {
            let parent = (place - 1) / ARITY;
            if !entry.before(&self.heap[parent]) {
                break;
            }
            self.put(place, self.heap[parent]);
            place = parent;
        }
        self.put(place, entry);
    }

    fn sift_down(&mut self, mut place: usize) {
        let entry = self.heap[place];
        loop {
            let first_child = place * ARITY + 1;
            let children = first_child..(first_child + ARITY).min(self.heap.len());
            let Some(least) = children.reduce(|least, child| {
                if self.heap[child].before(&self.heap[least]) {
                    child
                } else {
                    least
                }
            }) else {
                break;
            };
            if !self.heap[least].before(&entry) {
                break;
            }
            self.put(place, self.heap[least]);
            place = least;
        }
        self.put(place, entry);
    }

    #[inline]
    fn put(&mut self, place: usize, entry: Entry) {
        self.heap[place] = entry;
        self.slots[entry.slot as usize].place = place as u32;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    fn schedule(timers: &mut Timers, at: u64, class: EventClass) -> TimerId {
        timers.schedule(Instant::from_nanos(at), class, 0, Whom::Nobody)
    }

    fn fire(timers: &mut Timers) -> Option<u64> {
        timers.fire_next().map(|fired| fired.at.as_nanos())
    }

    #[test]
    fn at_one_instant_edges_come_first_then_answers_timers_and_arrivals() {
        let mut timers = Timers::default();
        use EventClass::{Answer, Arrival, Edge, Timer};
        let ids = [Arrival, Timer, Answer, Edge].map(|class| schedule(&mut timers, 5, class));
        let mut fired = Vec::new();
        while timers.fire_next().is_some() {
            fired.push(ids.iter().filter(|&&id| timers.has_fired(id)).count());
            let newest = ids[ids.len() - fired.len()];
            assert!(
                timers.has_fired(newest),
                "the classes fire in the reverse of this list"
            );
        }
        assert_eq!(fired, [1, 2, 3, 4]);
    }

    #[test]
    fn a_forgotten_timer_leaves_nothing_behind() {
        let mut timers = Timers::default();
        for round in 0..1_000 {
            let timer = schedule(&mut timers, round, EventClass::Timer);
            timers.forget(timer);
        }
        assert_eq!(timers.pending(), 0);
        assert_eq!(timers.slots.len(), 1, "one slot was used again and again");
    }

    #[derive(Clone, Debug)]
    enum Step {
        Schedule(u64, u8),
        Fire,
        Forget(usize),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            3 => (0_u64..50, 0_u8..4).prop_map(|(at, class)| Step::Schedule(at, class)),
            1 => Just(Step::Fire),
            1 => (0_usize..100).prop_map(Step::Forget),
        ];
        proptest::collection::vec(step, 0..300)
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default()
        })]

        /// The model is a sorted map from (time, class, number) to the timer.
        #[test]
        fn it_behaves_as_a_sorted_map(steps in steps()) {
            const CLASSES: [EventClass; 4] =
                [EventClass::Edge, EventClass::Answer, EventClass::Timer, EventClass::Arrival];
            let mut timers = Timers::default();
            let mut model = BTreeMap::new();
            for (number, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Schedule(at, class) => {
                        let timer = schedule(&mut timers, at, CLASSES[class as usize]);
                        model.insert((at, class, number), timer);
                    }
                    Step::Fire => {
                        let expected = model.pop_first();
                        prop_assert_eq!(fire(&mut timers), expected.map(|((at, ..), _)| at));
                        if let Some((_, timer)) = expected {
                            prop_assert!(timers.has_fired(timer));
                            timers.forget(timer);
                        }
                    }
                    Step::Forget(which) => {
                        if let Some(key) = model.keys().nth(which).copied() {
                            timers.forget(model.remove(&key).unwrap());
                        }
                    }
                }
                prop_assert_eq!(timers.pending(), model.len());
                prop_assert_eq!(
                    timers.next_at().map(Instant::as_nanos),
                    model.first_key_value().map(|((at, ..), _)| *at)
                );
            }
        }
    }
}
