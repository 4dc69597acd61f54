//! Timers: what is pending, in order, and who is to be told when it fires.
//!
//! A timer's key is in the event queue, the rest of it in a slot that is filled again when whoever
//! holds the timer forgets it. A timer that is forgotten before it fires leaves the queue at once,
//! or leaves a dead key there, and then its slot waits until that is gone.

use std::task::Waker;

use awaitlab_core::{EventClass, Instant};

use crate::chunks::Chunks;
use crate::key::Key;
use crate::prefetch::prefetch;
use crate::queue::Queue;
use crate::task::{TaskId, Tasks};

/// Names a timer that is pending or, if it is no alarm, has fired and was not yet forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimerId(u32);

#[derive(Debug)]
pub(crate) struct Timers {
    queue: Queue,
    slots: Chunks<Slot>,
    /// The slot to be filled next; from there each names the next.
    first_free: u32,
    wakers: Wakers,
    scheduled: u64,
    /// Pending and no edges, which alone are no reason to go on.
    reasons: usize,
}

/// In halves, a key asks for no more alignment than the rest: two slots fill a cache line.
#[derive(Debug)]
struct Slot {
    /// What stands in the queue, or [`FIRED`].
    key: [u64; 2],
    /// How many events at one instant led to this one, each scheduled by the one before. In a free
    /// slot, the next that is free.
    depth: u32,
    whom: Whom,
}

/// Who is to be told that a timer has fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whom {
    Nobody,
    /// A task of this engine, which sleeps until then.
    Task(TaskId),
    /// Who else sleeps until then: a waker that was [kept](Timers::keep).
    Waker(u32),
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

/// Wakers that are not of this engine. They are rare: no slot is larger for them.
#[derive(Debug, Default)]
struct Wakers {
    kept: Vec<Option<Waker>>,
    free: Vec<u32>,
}

/// No key: the queue's numbers begin at 1.
const FIRED: [u64; 2] = [0; 2];
/// Of an alarm that has gone off, or whose run is over: nobody has its slot, unless another timer has
/// been given it.
const GONE: [u64; 2] = [0, 1];
/// No slot.
const NONE: u32 = u32::MAX;
const LAST_NUMBER: u64 = (1 << Key::NUMBER_BITS) - 1;

/// With more slots than that, what an event touches has left the cache before its turn comes.
const MANY: usize = 10_000;
/// How many events ahead the slot of a timer is asked for, then, by what that says, where its task
/// is, then, by what that says, the task's future. Anything about there does.
const AHEAD: [usize; 3] = [12, 8, 4];

const _: () = assert!(size_of::<Slot>() == 32, "two slots fill a cache line");

impl Default for Timers {
    fn default() -> Self {
        Timers {
            queue: Queue::default(),
            slots: Chunks::default(),
            first_free: NONE,
            wakers: Wakers::default(),
            scheduled: 0,
            reasons: 0,
        }
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
        if self.scheduled == LAST_NUMBER {
            self.renumber();
        }
        self.scheduled += 1;
        let index = match self.first_free {
            NONE => self.new_slot(),
            free => free,
        };
        let slot = &mut self.slots[index];
        self.first_free = slot.depth;
        let key = Key::new(at, class, self.scheduled, index);
        *slot = Slot {
            key: key.halves(),
            depth,
            whom,
        };
        self.reasons += usize::from(!key.is_edge());
        self.queue.insert(key);
        TimerId(index)
    }

    /// Takes the earliest timer out of the queue, if it is due by `horizon`. With more than `chain`
    /// events before it at its instant nobody will be told, so an alarm can still be taken back.
    #[inline]
    pub(crate) fn fire_next(&mut self, horizon: Instant, chain: u32) -> Option<Fired> {
        let key = self.queue.pop(horizon)?;
        self.reasons -= usize::from(!key.is_edge());
        let slot = &mut self.slots[key.slot()];
        let fired = Fired {
            at: key.at(),
            depth: slot.depth,
            whom: slot.whom,
        };
        if matches!(fired.whom, Whom::Called(..)) && fired.depth <= chain {
            self.is_gone(key.slot());
        } else {
            slot.key = FIRED;
        }
        Some(fired)
    }

    /// Gives back the slot of an alarm, for which nobody will ask.
    #[inline]
    fn is_gone(&mut self, index: u32) {
        let slot = &mut self.slots[index];
        slot.key = GONE;
        slot.depth = self.first_free;
        self.first_free = index;
    }

    /// Whether there are so many that they do not stay in the cache.
    #[inline]
    pub(crate) fn are_many(&self) -> bool {
        self.slots.len() > MANY
    }

    /// Asks for the memory of events that come soon, so that it is there when they do.
    #[inline(never)]
    pub(crate) fn prefetch(&mut self, tasks: &Tasks) {
        let [slot, place, future] = AHEAD;
        let newly_known = self.queue.take_refilled();
        // What was not known when its turn to be asked for came is asked for now.
        let first = |stage: usize| if newly_known { 0 } else { stage };
        for places in first(slot)..=slot {
            self.prefetch_slot(places);
        }
        for places in first(place)..=place {
            if let Some(task) = self.task_ahead(places) {
                tasks.prefetch_place(task);
            }
        }
        for places in first(future)..=future {
            if let Some(task) = self.task_ahead(places) {
                tasks.prefetch_future(task);
            }
        }
    }

    #[inline]
    fn prefetch_slot(&self, places: usize) {
        if let Some(key) = self.queue.ahead(places) {
            prefetch(&self.slots[key.slot()]);
        }
    }

    /// The task that sleeps until the event so many places after the next.
    #[inline]
    fn task_ahead(&self, places: usize) -> Option<TaskId> {
        match self.slots[self.queue.ahead(places)?.slot()].whom {
            Whom::Task(task) => Some(task),
            _ => None,
        }
    }

    /// When the earliest timer is due.
    #[cold]
    pub(crate) fn next_at(&self) -> Option<Instant> {
        self.queue.least().map(Key::at)
    }

    /// Forgets the timer if it has fired, and returns whether it has.
    #[inline]
    pub(crate) fn forget_fired(&mut self, timer: TimerId) -> bool {
        let slot = &mut self.slots[timer.0];
        let fired = slot.key == FIRED;
        if fired {
            slot.depth = self.first_free;
            self.first_free = timer.0;
        }
        fired
    }

    /// Whom to tell when the timer fires, if it has not yet.
    #[inline]
    pub(crate) fn whom(&self, timer: TimerId) -> Whom {
        self.slots[timer.0].whom
    }

    /// Has somebody else told. Returns the waker that is not needed for it any more, to be dropped
    /// when nothing is borrowed.
    pub(crate) fn tell(&mut self, timer: TimerId, whom: Whom) -> Option<Waker> {
        let slot = &mut self.slots[timer.0];
        let before = std::mem::replace(&mut slot.whom, whom);
        self.kept(before)
    }

    /// Keeps a waker that is not of this engine.
    pub(crate) fn keep(&mut self, waker: Waker) -> Whom {
        Whom::Waker(self.wakers.keep(waker))
    }

    /// Whether a timer wakes whomever this waker wakes.
    pub(crate) fn will_wake(&self, whom: Whom, waker: &Waker) -> bool {
        match whom {
            Whom::Waker(kept) => self.wakers.kept[kept as usize]
                .as_ref()
                .is_some_and(|kept| kept.will_wake(waker)),
            _ => false,
        }
    }

    /// Takes out the waker that is kept for whom a timer tells, if one is.
    #[inline]
    pub(crate) fn kept(&mut self, whom: Whom) -> Option<Waker> {
        match whom {
            Whom::Waker(kept) => self.wakers.take(kept),
            _ => None,
        }
    }

    /// Gives the timer's slot back, and takes it out of the queue if it is pending.
    ///
    /// Returns the waker it would have woken, to be dropped when nothing is borrowed.
    #[inline]
    pub(crate) fn forget(&mut self, timer: TimerId) -> Option<Waker> {
        if self.forget_fired(timer) {
            // What it had to tell has been told: there is nothing to drop.
            return None;
        }
        let slot = &mut self.slots[timer.0];
        let key = Key::from_halves(slot.key);
        let whom = slot.whom;
        slot.key = FIRED;
        self.reasons -= usize::from(!key.is_edge());
        if self.queue.remove(key) {
            slot.depth = self.first_free;
            self.first_free = timer.0;
        } else {
            // Filled next once it is free, it is the only one that is.
            slot.depth = NONE;
        }
        self.kept(whom)
    }

    /// Takes an alarm out of the queue, unless it is gone.
    #[inline]
    pub(crate) fn take_back(&mut self, alarm: TimerId) {
        if self.slots[alarm.0].key != GONE {
            // It has no waker.
            self.forget(alarm);
        }
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
    ///
    /// Returns the wakers they would have woken, to be dropped when nothing is borrowed.
    pub(crate) fn clear(&mut self) -> Vec<Waker> {
        let mut told = Vec::new();
        for key in self.queue.take_all() {
            let slot = &mut self.slots[key.slot()];
            let whom = slot.whom;
            if let Whom::Called(..) = whom {
                self.is_gone(key.slot());
            } else {
                // Held by a sleep that outlived its run: whatever polls it next finds it over.
                slot.key = FIRED;
            }
            told.extend(self.kept(whom));
        }
        self.reasons = 0;
        self.scheduled = 0;
        told
    }

    /// A slot after which none is free.
    #[cold]
    fn new_slot(&mut self) -> u32 {
        if let Some(slot) = self.queue.free_slot() {
            return slot;
        }
        let slot = self.slots.len();
        assert!(
            slot < 1 << Key::SLOT_BITS,
            "more timers than the event queue can number"
        );
        self.slots.grow(|| Slot {
            key: FIRED,
            depth: NONE,
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
            self.slots[key.slot()].key = key.halves();
            self.queue.insert(key);
        }
    }
}

impl Wakers {
    fn keep(&mut self, waker: Waker) -> u32 {
        if let Some(index) = self.free.pop() {
            self.kept[index as usize] = Some(waker);
            return index;
        }
        self.kept.push(Some(waker));
        (self.kept.len() - 1) as u32
    }

    fn take(&mut self, index: u32) -> Option<Waker> {
        self.free.push(index);
        self.kept[index as usize].take()
    }
}

#[cfg(test)]
mod tests;
