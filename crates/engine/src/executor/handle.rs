//! What tasks hold of an engine.

use std::fmt;
use std::future::Future;
use std::mem::ManuallyDrop;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use awaitlab_core::{EventClass, Instant, OnAlarm, Runtime};

use super::Handle;
use crate::alarm::{Alarm, Callee, Waiter, Whoever};
use crate::sleep::Sleep;
use crate::task::{BoxedSlot, TaskId, Tasks, slot_for};
use crate::timer::{TimerId, Whom};
use crate::waker;

impl Handle {
    /// Ends the run once the event that is being handled has been, with everything it made
    /// runnable.
    pub fn stop(&self) {
        self.0.stop_asked.set(true);
        self.0.last_event.set(0);
    }

    /// Calls whom an alarm is for.
    #[inline]
    pub(super) fn call(&self, callee: u32, key: u32) {
        // Borrowed while they are called, which counts nothing: nobody becomes known meanwhile.
        let callees = self.0.callees.borrow();
        callees[callee as usize].on_alarm(key);
    }

    #[inline]
    pub(crate) fn schedule(&self, at: Instant, class: EventClass, whom: Whom) -> TimerId {
        let now = self.0.now.get();
        // An event at this very instant continues the chain that led here.
        let depth = if at <= now { self.0.depth.get() + 1 } else { 0 };
        let mut timers = self.0.timers.borrow_mut();
        timers.schedule(at.max(now), class, depth, whom)
    }

    /// Who is to be told when a sleep that was polled with this waker is over.
    #[inline]
    pub(crate) fn whom(&self, waker: &Waker) -> Whom {
        match waker::task_of(waker, self.0.number) {
            Some(task) => Whom::Task(task),
            None => self.keep(waker),
        }
    }

    /// A foreign waker may run code of its own when it is cloned: not while we borrow.
    #[cold]
    fn keep(&self, waker: &Waker) -> Whom {
        let waker = waker.clone();
        self.0.timers.borrow_mut().keep(waker)
    }

    /// Whether the timer has fired; if so it is forgotten, else `waker` is woken when it does.
    #[inline]
    pub(crate) fn poll_timer(&self, timer: TimerId, waker: &Waker) -> bool {
        let mut timers = self.0.timers.borrow_mut();
        if timers.forget_fired(timer) {
            return true;
        }
        let task = waker::task_of(waker, self.0.number).map(Whom::Task);
        let told = timers.whom(timer);
        if task != Some(told) && !timers.will_wake(told, waker) {
            drop(timers);
            self.tell(timer, waker);
        }
        false
    }

    /// Has another one told.
    #[cold]
    fn tell(&self, timer: TimerId, waker: &Waker) {
        let whom = self.whom(waker);
        let replaced = self.0.timers.borrow_mut().tell(timer, whom);
        // A foreign waker may run code of its own when it is dropped: not while we borrow.
        drop(replaced);
    }

    #[inline]
    pub(crate) fn forget_timer(&self, timer: TimerId) {
        let replaced = self.0.timers.borrow_mut().forget(timer);
        drop(replaced);
    }

    /// Polls a task that an event made runnable: at once, if nothing has become so before it.
    #[inline]
    pub(super) fn run_or_wake(&self, task: TaskId) {
        if let Some(boxed) = self.0.tasks.run_or_wake(task) {
            self.poll(task, boxed);
        }
    }

    #[inline]
    pub(super) fn run_ready(&self) {
        while let Some((task, boxed)) = self.0.tasks.next() {
            self.poll(task, boxed);
        }
    }

    /// What a dropped future spawns (work that goes on without it) is dropped too.
    pub(super) fn drop_tasks(&self) {
        loop {
            // Without those that are being polled further up this stack, dropped when that returns.
            let alive = self.0.tasks.alive();
            if alive.is_empty() {
                break;
            }
            for task in alive {
                self.cancel(&task);
            }
        }
    }

    #[inline(always)]
    fn poll(&self, task: TaskId, mut boxed: BoxedSlot) {
        let inner = &*self.0;
        // Dropping our own waker does nothing; say so to the optimizer.
        let waker = ManuallyDrop::new(waker::waker(inner.number, task));
        let polled = boxed.as_mut().poll(&mut Context::from_waker(&waker));
        let over = match polled {
            Poll::Pending => inner.tasks.put_back(task, boxed),
            Poll::Ready(()) => Some(boxed),
        };
        if let Some(boxed) = over {
            self.end(task, boxed);
        }
    }

    /// Drops a task's future, which may run any code, and only then gives its slot away.
    #[inline]
    fn end(&self, task: TaskId, mut boxed: BoxedSlot) {
        self.0.tasks.retire(task);
        boxed.as_mut().empty();
        self.0.tasks.put_vacant(task, boxed);
    }
}

impl Runtime for Handle {
    type Sleep = Sleep;
    type Task = TaskId;
    type Callee = Callee;
    type Alarm = Alarm;
    type Waiter = Waiter;

    #[inline]
    fn now(&self) -> Instant {
        self.0.now.get()
    }

    #[inline]
    fn sleep_until(&self, at: Instant, class: EventClass) -> Sleep {
        Sleep::new(self.clone(), at, class)
    }

    fn callee(&self, whom: Rc<dyn OnAlarm>) -> Callee {
        let mut callees = self.0.callees.try_borrow_mut();
        let callees = callees.as_mut().expect("known before alarms go off");
        callees.push(whom);
        Callee((callees.len() - 1) as u32)
    }

    #[inline]
    fn alarm_at(&self, at: Instant, class: EventClass, whom: &Callee, key: u32) -> Alarm {
        Alarm(self.schedule(at, class, Whom::Called(whom.0, key)))
    }

    #[inline]
    fn take_back(&self, alarm: Alarm) {
        self.0.timers.borrow_mut().take_back(alarm.0);
    }

    #[inline]
    fn waiter(&self, waker: &Waker) -> Waiter {
        Waiter(match waker::task_of(waker, self.0.number) {
            Some(task) => Whoever::Task(task),
            None => Whoever::Waker(waker.clone()),
        })
    }

    #[inline]
    fn wake(&self, waiter: Waiter) {
        match waiter.0 {
            Whoever::Task(task) => self.0.tasks.wake(task),
            Whoever::Waker(waker) => waker.wake(),
        }
    }

    #[inline]
    fn spawn(&self, future: impl Future<Output = ()> + 'static) -> TaskId {
        fn admit<F: Future<Output = ()> + 'static>(
            tasks: &Tasks,
            future: F,
        ) -> (TaskId, BoxedSlot) {
            let (task, vacant) = tasks.admit::<F>();
            match vacant {
                Some(mut boxed) => {
                    slot_for::<F>(boxed.as_mut())
                        .expect("it was vacant for futures of this type")
                        .set(Some(future));
                    (task, boxed)
                }
                None => (task, Box::pin(Some(future))),
            }
        }
        let (task, boxed) = admit(&self.0.tasks, future);
        self.poll(task, boxed);
        task
    }

    fn cancel(&self, task: &TaskId) {
        if let Some(boxed) = self.0.tasks.take_or_doom(*task) {
            self.end(*task, boxed);
        }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("now", &self.now())
            .finish_non_exhaustive()
    }
}
