//! Tasks: their names, their storage, and which of them are ready.
//!
//! A task's future lives in a boxed slot. When it ends, its slot stays and is filled again by the
//! next task whose future has the same type, so that a run of millions of calls allocates as many
//! slots as were ever alive at once. Polling a pinned `Option` is safe code; filling one whose type is
//! behind a `dyn` takes one block that is not.

use std::any::TypeId;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::prefetch::prefetch;

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
    /// cause one needless poll, a name would cancel another task.
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

/// The tasks of an engine: which exist, their futures, and which of them wait to be polled, in the
/// order in which they were woken.
pub(crate) struct Tasks {
    store: RefCell<Store>,
    /// Outside of the store, so that finding nothing ready borrows nothing.
    first_ready: Cell<u32>,
    last_ready: Cell<u32>,
}

#[derive(Default)]
struct Store {
    places: Vec<Place>,
    kinds: Vec<Kind>,
    /// The kind of the task that was spawned last: most likely, that of the next.
    last_kind: usize,
}

/// Where one task after the other lives, all with futures of one type.
struct Place {
    /// Out while it is being polled.
    boxed: Option<BoxedSlot>,
    generation: u32,
    /// The place that is ready after this one.
    next_ready: u32,
    /// The place that was vacant before this one.
    next_vacant: u32,
    kind: u16,
    state: State,
    queued: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ended,
    Alive,
    /// Cancelled while it was being polled: to be dropped when the poll returns.
    Doomed,
}

/// A type of futures, and the vacant places it has.
struct Kind {
    of: TypeId,
    first_vacant: u32,
}

/// No place: the end of a list.
const NONE: u32 = u32::MAX;

impl Default for Tasks {
    fn default() -> Self {
        Tasks {
            store: RefCell::default(),
            first_ready: Cell::new(NONE),
            last_ready: Cell::new(NONE),
        }
    }
}

impl Tasks {
    /// A new task: in a place whose last task has ended, with the vacant slot that is there, or in a
    /// new place, which has none yet.
    ///
    /// # Panics
    /// With 2^26 tasks alive.
    #[inline]
    pub(crate) fn admit<F: 'static>(&self) -> (TaskId, Option<BoxedSlot>) {
        let store = &mut *self.store.borrow_mut();
        let kind = store.kind_of(TypeId::of::<F>());
        let slot = store.kinds[kind].first_vacant;
        if slot == NONE {
            return (store.new_place(kind), None);
        }
        let place = &mut store.places[slot as usize];
        store.kinds[kind].first_vacant = place.next_vacant;
        place.state = State::Alive;
        let task = TaskId::new(slot, place.generation);
        (task, place.boxed.take())
    }

    /// Queues a task unless it is queued already, or has ended.
    #[inline]
    pub(crate) fn wake(&self, task: TaskId) {
        let store = &mut *self.store.borrow_mut();
        if store.can_wake(task) {
            self.enqueue(store, task.slot);
        }
    }

    #[inline]
    fn enqueue(&self, store: &mut Store, slot: u32) {
        let place = &mut store.places[slot as usize];
        place.queued = true;
        place.next_ready = NONE;
        if self.first_ready.get() == NONE {
            self.first_ready.set(slot);
        } else {
            store.places[self.last_ready.get() as usize].next_ready = slot;
        }
        self.last_ready.set(slot);
    }

    /// Takes out a task that is woken, to be polled at once; or queues it as [`wake`](Self::wake)
    /// does, where others have waited for longer.
    #[inline]
    pub(crate) fn run_or_wake(&self, task: TaskId) -> Option<BoxedSlot> {
        let store = &mut *self.store.borrow_mut();
        if !store.can_wake(task) {
            return None;
        }
        if self.first_ready.get() == NONE {
            return store.places[task.slot as usize].boxed.take();
        }
        self.enqueue(store, task.slot);
        None
    }

    /// Takes out the task that has been ready for longest.
    #[inline]
    pub(crate) fn next(&self) -> Option<(TaskId, BoxedSlot)> {
        if self.first_ready.get() == NONE {
            return None;
        }
        self.dequeue()
    }

    fn dequeue(&self) -> Option<(TaskId, BoxedSlot)> {
        let store = &mut *self.store.borrow_mut();
        while self.first_ready.get() != NONE {
            let slot = self.first_ready.get();
            let place = &mut store.places[slot as usize];
            self.first_ready.set(place.next_ready);
            place.queued = false;
            if place.state == State::Ended {
                continue;
            }
            // Absent: it is being polled further up this stack, and will see what woke it when it is
            // polled again.
            if let Some(boxed) = place.boxed.take() {
                return Some((TaskId::new(slot, place.generation), boxed));
            }
        }
        None
    }

    /// Asks for the memory of a task's place.
    #[inline]
    pub(crate) fn prefetch_place(&self, task: TaskId) {
        if let Some(place) = self.store.borrow().places.get(task.slot as usize) {
            prefetch(place);
        }
    }

    /// Asks for the memory of a task's future, where its place is in the cache.
    #[inline]
    pub(crate) fn prefetch_future(&self, task: TaskId) {
        if let Some(place) = self.store.borrow().places.get(task.slot as usize)
            && let Some(boxed) = &place.boxed
        {
            prefetch(&**boxed);
        }
    }

    /// Nothing is ready any more.
    pub(crate) fn forget_ready(&self) {
        let store = &mut *self.store.borrow_mut();
        while self.first_ready.get() != NONE {
            let place = &mut store.places[self.first_ready.get() as usize];
            self.first_ready.set(place.next_ready);
            place.queued = false;
        }
    }

    /// Puts a task back that was polled and is not over; returns what was cancelled meanwhile.
    #[inline]
    pub(crate) fn put_back(&self, task: TaskId, boxed: BoxedSlot) -> Option<BoxedSlot> {
        let store = &mut *self.store.borrow_mut();
        let place = &mut store.places[task.slot as usize];
        if place.state == State::Doomed {
            return Some(boxed);
        }
        place.put(boxed);
        None
    }

    /// Takes out a task that is to be dropped; one that is being polled is dropped after that.
    #[inline]
    pub(crate) fn take_or_doom(&self, task: TaskId) -> Option<BoxedSlot> {
        let store = &mut *self.store.borrow_mut();
        let place = &mut store.places[task.slot as usize];
        if place.state == State::Ended || place.generation != task.generation {
            return None;
        }
        let boxed = place.boxed.take();
        if boxed.is_none() {
            place.state = State::Doomed;
        }
        boxed
    }

    /// The task has ended: its name is void from here on.
    #[inline]
    pub(crate) fn retire(&self, task: TaskId) {
        let place = &mut self.store.borrow_mut().places[task.slot as usize];
        place.state = State::Ended;
        place.generation = (place.generation + 1) & ((1 << TaskId::GENERATION_BITS) - 1);
    }

    /// Keeps the emptied slot of a task that has ended for the next future of its type.
    #[inline]
    pub(crate) fn put_vacant(&self, task: TaskId, boxed: BoxedSlot) {
        let store = &mut *self.store.borrow_mut();
        let place = &mut store.places[task.slot as usize];
        place.put(boxed);
        let kind = &mut store.kinds[place.kind as usize];
        place.next_vacant = kind.first_vacant;
        kind.first_vacant = task.slot;
    }

    /// The tasks that are neither over nor cancelled, by slot.
    pub(crate) fn alive(&self) -> Vec<TaskId> {
        let store = self.store.borrow();
        let places = (0..).zip(&store.places);
        let alive = places.filter(|(_, place)| place.state == State::Alive);
        alive
            .map(|(slot, place)| TaskId::new(slot, place.generation))
            .collect()
    }
}

impl Store {
    #[inline]
    fn can_wake(&self, task: TaskId) -> bool {
        self.places.get(task.slot as usize).is_some_and(|place| {
            place.generation == task.generation && place.state != State::Ended && !place.queued
        })
    }

    #[inline]
    fn kind_of(&mut self, of: TypeId) -> usize {
        if !matches!(self.kinds.get(self.last_kind), Some(kind) if kind.of == of) {
            self.last_kind = self.find_kind(of);
        }
        self.last_kind
    }

    /// A run has a handful of them.
    fn find_kind(&mut self, of: TypeId) -> usize {
        let known = self.kinds.iter().position(|kind| kind.of == of);
        known.unwrap_or_else(|| {
            let first_vacant = NONE;
            self.kinds.push(Kind { of, first_vacant });
            self.kinds.len() - 1
        })
    }

    #[cold]
    fn new_place(&mut self, kind: usize) -> TaskId {
        let slot = self.places.len();
        assert!(
            slot < 1 << TaskId::SLOT_BITS,
            "more tasks alive than the engine can number"
        );
        let kind = u16::try_from(kind).expect("a program has fewer types of tasks");
        self.places.push(Place {
            boxed: None,
            generation: 0,
            next_ready: NONE,
            next_vacant: NONE,
            kind,
            state: State::Alive,
            queued: false,
        });
        TaskId::new(slot as u32, 0)
    }
}

impl Place {
    #[inline]
    fn put(&mut self, boxed: BoxedSlot) {
        let before = self.boxed.replace(boxed);
        debug_assert!(before.is_none(), "it was taken out");
        // Not dropped, so that there is no code to drop it.
        std::mem::forget(before);
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

/// The slot as what it is, if it is one for futures of that type.
///
/// Futures are large, and every move of one is a copy: into what this gives, one is moved once, where
/// a way around by `dyn Any` moves it three times.
#[inline]
pub(crate) fn slot_for<F: Future<Output = ()> + 'static>(
    slot: Pin<&mut dyn Slot>,
) -> Option<Pin<&mut Option<F>>> {
    if slot.future_type() != TypeId::of::<F>() {
        return None;
    }
    // SAFETY: `Slot` is private and implemented for `Option<F>` alone, and `future_type` is the type
    // of that F: so what is behind the pointer is an `Option<F>`. It stays where it is, and pinned.
    #[allow(unsafe_code)]
    let slot = unsafe {
        slot.map_unchecked_mut(|slot| &mut *std::ptr::from_mut(slot).cast::<Option<F>>())
    };
    Some(slot)
}

#[cfg(test)]
mod tests;
