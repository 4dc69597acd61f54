//! Time and tasks, wherever they come from.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::time::Instant;

/// What a policy or a simulated service may ask for: the time, a sleep, a task; and what services use in
/// their place where there are very many: alarms, and wakes without a detour.
///
/// The engine gives virtual time, `awaitlab-tokio-runtime` gives tokio's paused or real clock. A
/// handle is cheap to clone; all clones mean the same run. Not `Send`: the engine is one thread,
/// and on tokio a client process is one thread too, as in Node.
pub trait Runtime: Clone + Unpin + 'static {
    /// A future that is ready once its instant has come. It can be moved while it is pending, so
    /// that work can outlive the future that began it and still end at its own event.
    type Sleep: Future<Output = ()> + Unpin + 'static;
    /// Names a spawned task. Dropping it does nothing to the task.
    type Task: Clone + Unpin + 'static;
    /// Somebody whom alarms call, as this runtime knows them.
    type Callee: Clone + 'static;
    /// Names an alarm that has not gone off.
    type Alarm: 'static;
    /// Somebody who is to be woken, as this runtime reaches them with the least ado.
    type Waiter: 'static;

    /// The time since the run began.
    fn now(&self) -> Instant;

    /// Ready at `at`, and not before its own event fires, even at that very instant. An instant
    /// that has passed counts as now; a sleep until now is still an event.
    fn sleep_until(&self, at: Instant, class: EventClass) -> Self::Sleep;

    /// Makes somebody known whom alarms are to call. A runtime may keep them alive for as long as it
    /// lives itself. Not to be called while an alarm goes off.
    fn callee(&self, whom: Rc<dyn OnAlarm>) -> Self::Callee;

    /// Calls `whom` with `key` at `at`, as an event of its own: what is driven by events rather than
    /// awaited needs no task for them. An instant that has passed counts as now, which is still an event:
    /// nobody is called before this returns.
    fn alarm_at(
        &self,
        at: Instant,
        class: EventClass,
        whom: &Self::Callee,
        key: u32,
    ) -> Self::Alarm;

    /// Takes back an alarm that has not gone off. Not to be called for one that has, or whose run was
    /// begun anew: another may have its place. An alarm that is dropped stays set.
    fn take_back(&self, alarm: Self::Alarm);

    /// Who is to be woken in the place of this waker.
    fn waiter(&self, waker: &Waker) -> Self::Waiter;

    /// Wakes somebody.
    fn wake(&self, waiter: Self::Waiter);

    /// Begins a task. Its first poll happens inside, as calling an async function runs it up to its
    /// first await.
    fn spawn(&self, future: impl Future<Output = ()> + 'static) -> Self::Task;

    /// Drops a task's future; over when this returns. Does nothing to a task that has ended. A task
    /// that cancels itself is dropped at its next await.
    fn cancel(&self, task: &Self::Task);

    /// Sleeps for a duration, as a timer.
    fn sleep(&self, duration: Duration) -> Self::Sleep {
        self.sleep_until(self.now() + duration, EventClass::Timer)
    }

    /// Begins a task whose result is wanted.
    fn spawn_joined<T: 'static>(
        &self,
        future: impl Future<Output = T> + 'static,
    ) -> JoinHandle<Self, T> {
        let shared = Rc::new(RefCell::new(Joined {
            result: None,
            waiting: None,
            cancelled: false,
        }));
        let task = self.spawn({
            let shared = shared.clone();
            async move {
                let result = future.await;
                let waiting = {
                    let mut joined = shared.borrow_mut();
                    joined.result = Some(result);
                    joined.waiting.take()
                };
                if let Some(waker) = waiting {
                    waker.wake();
                }
            }
        });
        JoinHandle {
            runtime: self.clone(),
            task,
            shared,
        }
    }
}

/// Whoever is called when an alarm goes off.
pub trait OnAlarm {
    /// The instant has come. `key` is what the alarm was set with.
    fn on_alarm(&self, key: u32);
}

/// Which of the events at one instant come first. Within a class, order of scheduling decides.
///
/// So an answer exactly at its deadline is in time, and a freed place beats the timeout of the one
/// who waits for it. Only virtual time can honour it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventClass {
    /// A window begins or ends.
    Edge,
    /// An answer arrives, or a place is freed.
    Answer,
    /// Timeouts, backoffs, breakers, expiry.
    Timer,
    /// A job arrives, or a request at a service.
    Arrival,
}

/// A spawned task whose result can be awaited. Dropping it lets the task run on.
#[derive(Debug)]
pub struct JoinHandle<R: Runtime, T> {
    runtime: R,
    task: R::Task,
    shared: Rc<RefCell<Joined<T>>>,
}

#[derive(Debug)]
struct Joined<T> {
    result: Option<T>,
    waiting: Option<Waker>,
    cancelled: bool,
}

impl<R: Runtime, T> JoinHandle<R, T> {
    /// Cancels the task; a result it has not brought yet never comes.
    pub fn cancel(&self) {
        let waiting = {
            let mut joined = self.shared.borrow_mut();
            joined.cancelled = joined.result.is_none();
            joined.waiting.take()
        };
        self.runtime.cancel(&self.task);
        if let Some(waker) = waiting {
            waker.wake();
        }
    }
}

impl<R: Runtime, T> Future for JoinHandle<R, T> {
    /// `None` when the task was cancelled through this handle before it ended.
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let mut joined = self.shared.borrow_mut();
        if let Some(result) = joined.result.take() {
            return Poll::Ready(Some(result));
        }
        if joined.cancelled {
            return Poll::Ready(None);
        }
        joined.waiting = Some(cx.waker().clone());
        Poll::Pending
    }
}
