//! Timers: what is pending, in order, and who is to be told when it fires.
//!
//! A timer's key is in the event queue, the rest of it in a slot that is filled again when whoever
//! holds the timer forgets it. A timer that is forgotten before it fires leaves the queue at once.

use std::fmt;
use std::task::Waker;

use awaitlab_core::{EventClass, Instant};

use crate::key::Key;
use crate::queue::Queue;
use crate::task::TaskId;

/// Names a timer that is pending or has fired and was not yet forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimerId(u32);

#[derive(Debug, Default)]
pub(crate) struct Timers {
    queue: Queue,
    slots: Vec<Slot>,
    free: Vec<u32>,
    scheduled: u64,
    /// Pending and no edges, which alone are no reason to go on.
    reasons: usize,
}

#[derive(Debug)]
struct Slot {
    /// What stands in the queue, or [`FIRED`].
    key: Key,
    /// How many events at one instant led to this one, each scheduled by the one before.
    depth: u32,
    whom: Whom,
}

/// Who is to be told that a timer has fired.
#[derive(Default)]
pub(crate) enum Whom {
    #[default]
    Nobody,
    /// A task of this engine, which sleeps until then.
    Task(TaskId),
    /// Who else sleeps until then.
    Waker(Waker),
    /// Who is called, by number, and with which key. Such a timer is an alarm: once it has fired,
    /// nobody asks for it any more.
    Called(u32, u32),
}

/// A timer that has just fired.
pub(crate) struct Fired {
    pub(crate) at: Instant,
    pub(crate) depth: u32,
    pub(crate) whom: Whom,
}

/// No key: the queue's numbers begin at 1.
const FIRED: Key = Key::MIN;
const LAST_NUMBER: u64 = (1 << Key::NUMBER_BITS) - 1;

impl fmt::Debug for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Whom::Nobody => "nobody",
            Whom::Task(_) => "a task",
            Whom::Waker(_) => "a waker",
            Whom::Called(..) => "somebody called",
        })
    }
}

impl Timers {
    /// A new timer, after all that are pending at the same instant in the same class.
    ///
    /// # Panics
    /// With 2^26 timers held.
    #[inline]
    pub(crate) fn schedule(
        &mut self,
        at: Instant,
        class: EventClass,
        depth: u32,
        whom: Whom,
    ) -> TimerId {
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => self.new_slot(),
        };
        if self.scheduled == LAST_NUMBER {
            self.renumber();
        }
        self.scheduled += 1;
        let key = Key::new(at, class, self.scheduled, slot);
        self.slots[slot as usize] = Slot { key, depth, whom };
        self.reasons += usize::from(!key.is_edge());
        self.queue.insert(key);
        TimerId(slot)
    }

    /// Takes the earliest timer out of the queue, if it is due by `horizon`.
    #[inline]
    pub(crate) fn fire_next(&mut self, horizon: Instant) -> Option<Fired> {
        let key = self.queue.pop(Key::end_of_instant(horizon))?;
        self.reasons -= usize::from(!key.is_edge());
        let slot = &mut self.slots[key.slot() as usize];
        slot.key = FIRED;
        let whom = std::mem::take(&mut slot.whom);
        if let Whom::Called(..) = whom {
            self.free.push(key.slot());
        }
        Some(Fired {
            at: key.at(),
            depth: slot.depth,
            whom,
        })
    }

    /// When the earliest timer is due.
    pub(crate) fn next_at(&self) -> Option<Instant> {
        self.queue.least().map(Key::at)
    }

    #[inline]
    pub(crate) fn has_fired(&self, timer: TimerId) -> bool {
        self.slots[timer.0 as usize].key == FIRED
    }

    /// Whom to tell when the timer fires, if it has not yet.
    #[inline]
    pub(crate) fn whom(&mut self, timer: TimerId) -> &mut Whom {
        &mut self.slots[timer.0 as usize].whom
    }

    /// Gives the timer's slot back, and takes it out of the queue if it is pending.
    ///
    /// Returns whom it would have told, to be dropped when nothing is borrowed.
    #[inline]
    pub(crate) fn forget(&mut self, timer: TimerId) -> Whom {
        let slot = &mut self.slots[timer.0 as usize];
        let key = std::mem::replace(&mut slot.key, FIRED);
        let whom = std::mem::take(&mut slot.whom);
        self.free.push(timer.0);
        if key != FIRED {
            self.reasons -= usize::from(!key.is_edge());
            self.queue.remove(key);
        }
        whom
    }

    /// Whether edges are all that is pending, if anything is.
    #[inline]
    pub(crate) fn only_edges(&self) -> bool {
        self.reasons == 0
    }

    /// Timers pending.
    pub(crate) fn pending(&self) -> usize {
        self.queue.len()
    }

    /// Begins anew: nothing pending, numbers from 1. Timers that somebody still holds never fire.
    pub(crate) fn clear(&mut self) -> Vec<Whom> {
        let pending = self.queue.take_all();
        let told = pending.iter().map(|key| {
            let slot = &mut self.slots[key.slot() as usize];
            // Held by a sleep that outlived its run: whatever polls it next finds it over.
            slot.key = FIRED;
            let whom = std::mem::take(&mut slot.whom);
            if let Whom::Called(..) = whom {
                self.free.push(key.slot());
            }
            whom
        });
        let told = told.collect();
        self.reasons = 0;
        self.scheduled = 0;
        told
    }

    #[cold]
    fn new_slot(&mut self) -> u32 {
        let slot = self.slots.len();
        assert!(
            slot < 1 << Key::SLOT_BITS,
            "more timers than the event queue can number"
        );
        self.slots.push(Slot {
            key: FIRED,
            depth: 0,
            whom: Whom::Nobody,
        });
        slot as u32
    }

    /// Gives what is pending the lowest numbers, in order, when all have been used.
    #[cold]
    fn renumber(&mut self) {
        let mut pending = self.queue.take_all();
        pending.sort_unstable();
        self.scheduled = 0;
        for key in pending {
            self.scheduled += 1;
            let key = key.renumbered(self.scheduled);
            self.slots[key.slot() as usize].key = key;
            self.queue.insert(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(timers: &mut Timers, at: u64, class: EventClass) -> TimerId {
        timers.schedule(Instant::from_nanos(at), class, 0, Whom::Nobody)
    }

    fn fire(timers: &mut Timers) -> Option<u64> {
        timers
            .fire_next(Instant::FAR_FUTURE)
            .map(|fired| fired.at.as_nanos())
    }

    #[test]
    fn at_one_instant_edges_come_first_then_answers_timers_and_arrivals() {
        let mut timers = Timers::default();
        use EventClass::{Answer, Arrival, Edge, Timer};
        let ids = [Arrival, Timer, Answer, Edge].map(|class| schedule(&mut timers, 5, class));
        let mut fired = Vec::new();
        while timers.fire_next(Instant::FAR_FUTURE).is_some() {
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

    #[test]
    fn when_all_numbers_have_been_used_the_order_stays() {
        let mut timers = Timers {
            scheduled: LAST_NUMBER - 2,
            ..Timers::default()
        };
        let ids: Vec<_> = (0..5)
            .map(|_| schedule(&mut timers, 7, EventClass::Timer))
            .collect();
        assert_eq!(timers.scheduled, 5, "numbered anew on the way");
        timers.forget(ids[3]);
        for id in [ids[0], ids[1], ids[2], ids[4]] {
            assert!(!timers.has_fired(id));
            assert_eq!(fire(&mut timers), Some(7));
            assert!(timers.has_fired(id));
        }
        assert_eq!(fire(&mut timers), None);
    }

    #[test]
    fn edges_are_told_from_other_events() {
        let mut timers = Timers::default();
        let edge = schedule(&mut timers, 1, EventClass::Edge);
        assert!(timers.only_edges());
        let timer = schedule(&mut timers, 2, EventClass::Timer);
        assert!(!timers.only_edges());
        timers.forget(timer);
        assert!(timers.only_edges());
        schedule(&mut timers, 3, EventClass::Arrival);
        timers.forget(edge);
        assert!(!timers.only_edges());
        assert_eq!(fire(&mut timers), Some(3));
        assert!(timers.only_edges(), "where nothing is, edges are all");
    }
}
