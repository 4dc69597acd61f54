//! Wakers that are numbers.
//!
//! The usual waker counts references to its task, atomically, for every clone and drop. A task of
//! the engine is named by a number, so its waker can *be* that number: cloning copies it, dropping
//! does nothing, and waking looks up the engine it belongs to in a table of this thread. A number
//! that has outlived its task, or its engine, wakes nobody.
//!
//! Wakers may travel to other threads, as every waker must; there they find no such engine and do
//! nothing. Nothing outside its thread can make a task of virtual time runnable, or a run would
//! depend on the machine's scheduler.

use std::cell::RefCell;
use std::rc::Rc;
use std::task::{RawWaker, RawWakerVTable, Waker};

use crate::task::{TaskId, Tasks};

/// An engine's number on its thread.
pub(crate) type EngineNumber = u16;

/// A task in one word: its engine, its slot, and which of the slot's tasks it is.
#[derive(Clone, Copy)]
struct Ticket(usize);

const SLOT_BITS: u32 = TaskId::SLOT_BITS;
const GENERATION_BITS: u32 = TaskId::GENERATION_BITS;
const ENGINE_BITS: u32 = 64 - SLOT_BITS - GENERATION_BITS;
/// How many engines one thread can hold at a time.
const ENGINES: usize = 1 << ENGINE_BITS;

const _: () = assert!(usize::BITS == 64, "a waker's number needs 64 bits");

thread_local! {
    /// The tasks of this thread's engines, by number.
    static ENGINES_HERE: RefCell<Vec<Option<Rc<Tasks>>>> = const { RefCell::new(Vec::new()) };
}

/// Makes an engine's tasks reachable for their wakers.
///
/// # Panics
/// With 4096 engines alive on this thread.
pub(crate) fn register(tasks: &Rc<Tasks>) -> EngineNumber {
    ENGINES_HERE.with_borrow_mut(|engines| {
        let number = engines
            .iter()
            .position(Option::is_none)
            .unwrap_or(engines.len());
        assert!(
            number < ENGINES,
            "more than {ENGINES} engines on one thread"
        );
        if number == engines.len() {
            engines.push(None);
        }
        engines[number] = Some(tasks.clone());
        number as EngineNumber
    })
}

/// Its wakers wake nobody from here on.
pub(crate) fn unregister(number: EngineNumber) {
    // An engine kept in a thread-local of its user may be dropped after this table.
    let _ = ENGINES_HERE.try_with(|engines| engines.borrow_mut()[number as usize] = None);
}

/// The waker of a task.
#[inline]
pub(crate) fn waker(engine: EngineNumber, task: TaskId) -> Waker {
    let data = std::ptr::without_provenance(Ticket::new(engine, task).0);
    // SAFETY: the data is a number, never dereferenced, so it is valid for ever and on every
    // thread; the functions of the table only read it, and touch nothing but thread-local state.
    #[allow(unsafe_code)]
    unsafe {
        Waker::new(data, &TABLE)
    }
}

/// The task a waker wakes, if it is one of this engine's.
#[inline]
pub(crate) fn task_of(waker: &Waker, engine: EngineNumber) -> Option<TaskId> {
    if !std::ptr::eq(waker.vtable(), &TABLE) {
        return None;
    }
    let ticket = Ticket(waker.data().addr());
    (ticket.engine() == engine).then(|| ticket.task())
}

static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake, drop);

fn clone(data: *const ()) -> RawWaker {
    RawWaker::new(data, &TABLE)
}

fn wake(data: *const ()) {
    let ticket = Ticket(data.addr());
    // Both "not here" and "already gone" mean that there is nobody to wake.
    let _ = ENGINES_HERE.try_with(|engines| {
        if let Some(Some(tasks)) = engines.borrow().get(ticket.engine() as usize) {
            tasks.wake(ticket.task());
        }
    });
}

fn drop(_: *const ()) {}

impl Ticket {
    #[inline]
    fn new(engine: EngineNumber, task: TaskId) -> Self {
        let engine = u64::from(engine) << (SLOT_BITS + GENERATION_BITS);
        Ticket(
            (engine | u64::from(task.generation()) << SLOT_BITS | u64::from(task.slot())) as usize,
        )
    }

    #[inline]
    fn engine(self) -> EngineNumber {
        (self.0 as u64 >> (SLOT_BITS + GENERATION_BITS)) as EngineNumber
    }

    #[inline]
    fn task(self) -> TaskId {
        let slot = self.0 as u64 & ((1 << SLOT_BITS) - 1);
        let generation = (self.0 as u64 >> SLOT_BITS) & ((1 << GENERATION_BITS) - 1);
        TaskId::new(slot as u32, generation as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waker_carries_its_engine_and_task() {
        let largest = TaskId::new((1 << SLOT_BITS) - 1, (1 << GENERATION_BITS) - 1);
        for (engine, task) in [
            (0, TaskId::new(0, 0)),
            (4095, largest),
            (7, TaskId::new(5, 9)),
        ] {
            assert_eq!(task_of(&waker(engine, task), engine), Some(task));
            assert_eq!(task_of(&waker(engine, task), engine ^ 1), None);
        }
        assert_eq!(task_of(Waker::noop(), 0), None);
    }

    /// A task that waits, and a waker of it.
    fn waiting() -> (Rc<Tasks>, EngineNumber, Waker) {
        let tasks = Rc::new(Tasks::default());
        let (task, _) = tasks.admit::<std::future::Pending<()>>();
        tasks.put_back(task, Box::pin(Some(std::future::pending())));
        let number = register(&tasks);
        let waker = waker(number, task);
        (tasks, number, waker)
    }

    #[test]
    fn a_waker_wakes_its_task_once() {
        let (tasks, number, waker) = waiting();
        waker.wake_by_ref();
        waker.wake();
        assert!(tasks.next().is_some());
        assert!(tasks.next().is_none());
        unregister(number);
    }

    #[test]
    fn a_waker_may_be_cloned_woken_and_dropped_on_another_thread() {
        let (tasks, number, waker) = waiting();
        std::thread::spawn(move || {
            let clone = waker.clone();
            clone.wake_by_ref();
            std::mem::drop((clone, waker));
        })
        .join()
        .unwrap();
        assert!(
            tasks.next().is_none(),
            "what another thread did made nothing runnable here"
        );
        unregister(number);
    }

    #[test]
    fn a_waker_that_outlived_its_engine_wakes_nobody() {
        let (tasks, number, waker) = waiting();
        unregister(number);
        waker.wake_by_ref();
        assert!(tasks.next().is_none());
    }
}
