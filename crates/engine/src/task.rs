//! Tasks: their names, their storage, and which of them are ready.
//!
//! A task's future lives in a boxed slot. When it ends, its slot stays and is filled again by the
//! next task whose future has the same type, so that a run of millions of calls allocates as many
//! slots as were ever alive at once. Polling a pinned `Option` is safe
//! code; filling one whose type is behind a `dyn` takes one block that is not.

use std::any::TypeId;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Names a spawned task; of no use once it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskId {
    slot: u32,
    generation: u32,
}

impl TaskId {
    /// 6.7 x 10^7 tasks at once, well above what a run may have in flight.
    pub(crate) const SLOT_BITS: u32 = 26;
    /// A name comes back after its slot has seen that many tasks; a waker kept that long would
    /// cause one needless poll.
    pub(crate) const GENERATION_BITS: u32 = 26;

    pub(crate) fn new(slot: u32, generation: u32) -> Self {
        TaskId { slot, generation }
    }

    pub(crate) fn slot(self) -> u32 {
        self.slot
    }

    pub(crate) fn generation(self) -> u32 {
        self.generation
    }
}

/// Which tasks exist, and which of them wait to be polled, in the order in which they were woken.
#[derive(Debug, Default)]
pub(crate) struct Ready(RefCell<ReadyState>);

#[derive(Debug, Default)]
struct ReadyState {
    queue: VecDeque<u32>,
    slots: Vec<SlotState>,
    alive: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct SlotState {
    generation: u32,
    alive: bool,
    queued: bool,
    /// Cancelled while it was being polled: to be dropped when the poll returns.
    doomed: bool,
}

impl Ready {
    /// A new task, in a slot whose last task has ended or in a new slot.
    ///
    /// # Panics
    /// With 2^26 tasks alive.
    #[inline]
    pub(crate) fn admit(&self, slot: Option<u32>) -> TaskId {
        let state = &mut *self.0.borrow_mut();
        let slot = slot.unwrap_or_else(|| {
            state.slots.push(SlotState::default());
            (state.slots.len() - 1) as u32
        });
        assert!(
            slot < 1 << TaskId::SLOT_BITS,
            "more tasks alive than the engine can number"
        );
        let slot_state = &mut state.slots[slot as usize];
        slot_state.alive = true;
        state.alive += 1;
        TaskId {
            slot,
            generation: slot_state.generation,
        }
    }

    /// Queues a task unless it is queued already, or has ended.
    #[inline]
    pub(crate) fn wake(&self, task: TaskId) {
        let state = &mut *self.0.borrow_mut();
        let Some(slot) = state.slots.get_mut(task.slot as usize) else {
            return;
        };
        if slot.generation == task.generation && slot.alive && !slot.queued {
            slot.queued = true;
            state.queue.push_back(task.slot);
        }
    }

    /// The task that has been ready for longest.
    #[inline]
    pub(crate) fn next(&self) -> Option<TaskId> {
        let state = &mut *self.0.borrow_mut();
        while let Some(slot) = state.queue.pop_front() {
            let slot_state = &mut state.slots[slot as usize];
            slot_state.queued = false;
            if slot_state.alive {
                return Some(TaskId {
                    slot,
                    generation: slot_state.generation,
                });
            }
        }
        None
    }

    #[inline]
    pub(crate) fn is_alive(&self, task: TaskId) -> bool {
        let state = self.0.borrow();
        let slot = state.slots[task.slot as usize];
        slot.alive && slot.generation == task.generation
    }

    /// To be dropped as soon as its poll returns.
    pub(crate) fn doom(&self, task: TaskId) {
        self.0.borrow_mut().slots[task.slot as usize].doomed = true;
    }

    #[inline]
    pub(crate) fn is_doomed(&self, task: TaskId) -> bool {
        self.0.borrow().slots[task.slot as usize].doomed
    }

    /// The task has ended: its name is void from here on.
    #[inline]
    pub(crate) fn retire(&self, task: TaskId) {
        let state = &mut *self.0.borrow_mut();
        let slot = &mut state.slots[task.slot as usize];
        slot.alive = false;
        slot.doomed = false;
        state.alive -= 1;
        slot.generation = (slot.generation + 1) & ((1 << TaskId::GENERATION_BITS) - 1);
    }

    /// How many tasks have not ended.
    #[inline]
    pub(crate) fn alive_count(&self) -> usize {
        self.0.borrow().alive
    }

    /// The tasks that have not ended, by slot.
    pub(crate) fn alive(&self) -> Vec<TaskId> {
        let state = self.0.borrow();
        let slots = (0..).zip(&state.slots).filter(|(_, slot)| slot.alive);
        slots
            .map(|(slot, state)| TaskId {
                slot,
                generation: state.generation,
            })
            .collect()
    }
}

/// A place for one future of a type that only the place itself knows.
pub(crate) trait Slot {
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()>;
    /// Drops the future.
    fn empty(self: Pin<&mut Self>);
    /// The type of its futures.
    fn future_type(&self) -> TypeId;
}

impl<F: Future<Output = ()> + 'static> Slot for Option<F> {
    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.as_pin_mut() {
            Some(future) => future.poll(cx),
            None => Poll::Ready(()),
        }
    }

    #[inline]
    fn empty(mut self: Pin<&mut Self>) {
        self.set(None);
    }

    #[inline]
    fn future_type(&self) -> TypeId {
        TypeId::of::<F>()
    }
}

pub(crate) type BoxedSlot = Pin<Box<dyn Slot>>;

/// Puts a future into a slot of its own type; gives it back where the slot is of another.
///
/// Futures are large, and every move of one is a copy: here is one, where a way around by `dyn Any`
/// takes three.
#[inline]
pub(crate) fn fill<F: Future<Output = ()> + 'static>(
    slot: Pin<&mut dyn Slot>,
    future: F,
) -> Result<(), F> {
    if slot.future_type() != TypeId::of::<F>() {
        return Err(future);
    }
    // SAFETY: `Slot` is private and implemented for `Option<F>` alone, and `future_type` is the type
    // of that F: so what is behind the pointer is an `Option<F>`. It stays where it is, and pinned.
    #[allow(unsafe_code)]
    let mut place: Pin<&mut Option<F>> = unsafe {
        slot.map_unchecked_mut(|slot| &mut *std::ptr::from_mut(slot).cast::<Option<F>>())
    };
    place.set(Some(future));
    Ok(())
}

/// The slots of an engine. One that is being polled is out of the store.
#[derive(Default)]
pub(crate) struct Slots {
    slots: Vec<Option<BoxedSlot>>,
    /// Slots whose task has ended, by the type of future they hold: a handful of types.
    vacant: Vec<(TypeId, Vec<u32>)>,
}

impl Slots {
    /// A vacant slot for a future of type `F`.
    #[inline]
    pub(crate) fn take_vacant<F: 'static>(&mut self) -> Option<(u32, BoxedSlot)> {
        let wanted = TypeId::of::<F>();
        let (_, vacant) = self.vacant.iter_mut().find(|(of, _)| *of == wanted)?;
        let slot = vacant.pop()?;
        Some((slot, self.slots[slot as usize].take()?))
    }

    #[inline]
    pub(crate) fn take(&mut self, slot: u32) -> Option<BoxedSlot> {
        self.slots.get_mut(slot as usize)?.take()
    }

    #[inline]
    pub(crate) fn put(&mut self, slot: u32, boxed: BoxedSlot) {
        let index = slot as usize;
        if index >= self.slots.len() {
            self.slots.resize_with(index + 1, || None);
        }
        self.slots[index] = Some(boxed);
    }

    /// Keeps an emptied slot for the next future of its type.
    #[inline]
    pub(crate) fn put_vacant(&mut self, slot: u32, boxed: BoxedSlot) {
        let of = boxed.as_ref().get_ref().future_type();
        self.put(slot, boxed);
        match self
            .vacant
            .iter_mut()
            .find(|(vacant_of, _)| *vacant_of == of)
        {
            Some((_, vacant)) => vacant.push(slot),
            None => self.vacant.push((of, vec![slot])),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;

    /// A future of its own type, which says when it is dropped and checks that it was not moved.
    struct Heavy<const N: usize>([u8; N], Rc<Cell<u32>>);

    impl<const N: usize> Future for Heavy<N> {
        type Output = ();

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            assert!(self.0.iter().all(|&byte| byte == 7), "what was put in");
            Poll::Ready(())
        }
    }

    impl<const N: usize> Drop for Heavy<N> {
        fn drop(&mut self) {
            self.1.set(self.1.get() + 1);
        }
    }

    #[test]
    fn a_slot_takes_only_futures_of_its_own_type() {
        let dropped = Rc::new(Cell::new(0));
        let heavy = |dropped: &Rc<Cell<u32>>| Heavy([7; 64], dropped.clone());
        let mut slot: BoxedSlot = Box::pin(None::<Heavy<64>>);
        assert!(fill(slot.as_mut(), Heavy([0; 63], dropped.clone())).is_err());
        assert_eq!(dropped.get(), 1, "it came back");
        assert!(fill(slot.as_mut(), heavy(&dropped)).is_ok());
        let mut cx = Context::from_waker(std::task::Waker::noop());
        assert!(slot.as_mut().poll(&mut cx).is_ready());
        // Filled again, what was in it is dropped; once.
        assert!(fill(slot.as_mut(), heavy(&dropped)).is_ok());
        assert_eq!(dropped.get(), 2);
        drop(slot);
        assert_eq!(dropped.get(), 3);
    }
}
