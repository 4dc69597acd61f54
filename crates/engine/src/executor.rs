//! The executor: runs what is ready, then moves the clock to the next event.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::mem::ManuallyDrop;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use awaitlab_core::{EventClass, Instant, OnAlarm, Runtime};

use crate::alarm::{Alarm, Callee, Waiter, Whoever};
use crate::sleep::Sleep;
use crate::task::{BoxedSlot, TaskId, Tasks, slot_for};
use crate::timer::{TimerId, Timers, Whom};
use crate::waker::{self, EngineNumber};

/// A run in virtual time: moves the clock, and drops what is left of the run with itself.
#[derive(Debug)]
pub struct Engine {
    handle: Handle,
}

/// What tasks hold of an [`Engine`]: its clock, its sleeps, its spawning. Cheap to clone.
#[derive(Clone)]
pub struct Handle(Rc<Inner>);

struct Inner {
    now: Cell<Instant>,
    events: Cell<u64>,
    /// Of the event that is being handled.
    depth: Cell<u32>,
    running: Cell<bool>,
    stop_asked: Cell<bool>,
    /// With so many events the run ends: what the limits say, none once it was asked to stop.
    last_event: Cell<u64>,
    tasks: Rc<Tasks>,
    timers: RefCell<Timers>,
    /// Whom alarms call.
    callees: RefCell<Vec<Weak<dyn OnAlarm>>>,
    number: EngineNumber,
}

impl Engine {
    /// A run that stands at its start.
    pub fn new() -> Self {
        let tasks = Rc::new(Tasks::default());
        let number = waker::register(&tasks);
        let inner = Inner {
            now: Cell::new(Instant::START),
            events: Cell::new(0),
            depth: Cell::new(0),
            running: Cell::new(false),
            stop_asked: Cell::new(false),
            last_event: Cell::new(0),
            tasks,
            timers: RefCell::default(),
            callees: RefCell::default(),
            number,
        };
        Engine {
            handle: Handle(Rc::new(inner)),
        }
    }

    /// What to give to tasks.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// The time of the run.
    pub fn now(&self) -> Instant {
        self.handle.now()
    }

    /// Runs until nothing can happen any more. Tasks that wait for nothing that will come are left
    /// as they are.
    ///
    /// # Panics
    /// When called from one of its own tasks.
    pub fn run(&self) {
        self.go(Instant::FAR_FUTURE, &Limits::NONE, || true);
    }

    /// Runs all events up to and including those at `horizon`, and leaves the clock at the last of
    /// them.
    ///
    /// # Panics
    /// When called from one of its own tasks.
    pub fn run_until(&self, horizon: Instant) {
        self.go(horizon, &Limits::NONE, || true);
    }

    /// Runs until nothing can happen any more, or a limit is reached, or a task asks to stop. Where
    /// nothing but edges of windows is left, which may repeat for ever, `edges_matter` says whether
    /// something waits for them.
    ///
    /// # Panics
    /// When called from one of its own tasks.
    pub fn run_within(&self, limits: &Limits, edges_matter: impl Fn() -> bool) -> Stop {
        self.go(Instant::FAR_FUTURE, limits, edges_matter)
    }

    fn go(&self, horizon: Instant, limits: &Limits, edges_matter: impl Fn() -> bool) -> Stop {
        let inner = &*self.handle.0;
        assert!(
            !inner.running.replace(true),
            "an engine cannot be run from one of its own tasks"
        );
        inner.stop_asked.set(false);
        inner.last_event.set(limits.events);
        self.handle.run_ready();
        let stop = loop {
            if inner.events.get() >= inner.last_event.get() {
                break if inner.stop_asked.get() {
                    Stop::Asked
                } else {
                    Stop::TooManyEvents
                };
            }
            let mut timers = inner.timers.borrow_mut();
            if timers.only_edges() {
                drop(timers);
                if !self.has_edge_by(horizon) || !edges_matter() {
                    break Stop::Idle;
                }
                timers = inner.timers.borrow_mut();
            }
            let Some(fired) = timers.fire_next(horizon) else {
                break Stop::Idle;
            };
            if timers.are_many() {
                timers.prefetch(&inner.tasks);
            }
            drop(timers);
            if fired.depth > limits.chain {
                let told = inner.timers.borrow_mut().kept(fired.whom);
                // Foreign code: not while we borrow.
                drop(told);
                break Stop::ZeroDelayLoop;
            }
            inner.now.set(fired.at);
            inner.depth.set(fired.depth);
            inner.events.set(inner.events.get() + 1);
            match fired.whom {
                Whom::Nobody => {}
                Whom::Task(task) => self.handle.run_or_wake(task),
                Whom::Waker(_) => {
                    let waker = inner.timers.borrow_mut().kept(fired.whom);
                    if let Some(waker) = waker {
                        waker.wake();
                    }
                }
                Whom::Called(callee, key) => self.handle.call(callee, key),
            }
            self.handle.run_ready();
        };
        inner.depth.set(0);
        inner.running.set(false);
        stop
    }

    /// Whether an event is due, where all that is pending are edges.
    #[cold]
    fn has_edge_by(&self, horizon: Instant) -> bool {
        let next = self.handle.0.timers.borrow().next_at();
        next.is_some_and(|at| at <= horizon)
    }

    /// Drops every task and begins anew at the start. Slots stay, so the next run allocates little.
    ///
    /// # Panics
    /// When called from one of its own tasks.
    pub fn reset(&self) {
        let inner = &*self.handle.0;
        assert!(
            !inner.running.get(),
            "an engine cannot be reset from one of its own tasks"
        );
        self.handle.drop_tasks();
        let told = inner.timers.borrow_mut().clear();
        // What is foreign may run code of its own when it is dropped: not while we borrow.
        drop(told);
        // Whatever dropping them woke is gone too.
        inner.tasks.forget_ready();
        inner.now.set(Instant::START);
        inner.events.set(0);
        inner.depth.set(0);
    }

    /// Events taken since the start.
    pub fn events(&self) -> u64 {
        self.handle.0.events.get()
    }

    /// Timers pending.
    pub fn pending_timers(&self) -> usize {
        self.handle.0.timers.borrow().pending()
    }
}

/// When a run is to be ended although things could still happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Events in all.
    pub events: u64,
    /// Events at one instant, each scheduled by the one before.
    pub chain: u32,
}

impl Limits {
    /// None that is ever reached.
    pub const NONE: Limits = Limits {
        events: u64::MAX,
        chain: u32::MAX,
    };
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Nothing can happen any more.
    Idle,
    /// A task asked for it.
    Asked,
    /// [`Limits::events`] were reached.
    TooManyEvents,
    /// [`Limits::chain`] was exceeded: something goes on for ever without time passing.
    ZeroDelayLoop,
}

impl Handle {
    /// Ends the run once the event that is being handled has been, with everything it made
    /// runnable.
    pub fn stop(&self) {
        self.0.stop_asked.set(true);
        self.0.last_event.set(0);
    }

    /// Calls whom an alarm is for; nobody, when they are no more.
    #[inline]
    fn call(&self, callee: u32, key: u32) {
        let whom = self.0.callees.borrow()[callee as usize].upgrade();
        if let Some(whom) = whom {
            whom.on_alarm(key);
        }
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
    fn run_or_wake(&self, task: TaskId) {
        if let Some(boxed) = self.0.tasks.run_or_wake(task) {
            self.poll(task, boxed);
        }
    }

    #[inline]
    fn run_ready(&self) {
        while let Some((task, boxed)) = self.0.tasks.next() {
            self.poll(task, boxed);
        }
    }

    /// What a dropped future spawns (work that goes on without it) is dropped too.
    fn drop_tasks(&self) {
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

    #[inline]
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

    fn callee(&self, whom: Weak<dyn OnAlarm>) -> Callee {
        let callees = &mut *self.0.callees.borrow_mut();
        callees.push(whom);
        Callee((callees.len() - 1) as u32)
    }

    #[inline]
    fn alarm_at(&self, at: Instant, class: EventClass, whom: &Callee, key: u32) -> Alarm {
        Alarm(self.schedule(at, class, Whom::Called(whom.0, key)))
    }

    #[inline]
    fn take_back(&self, alarm: Alarm) {
        self.forget_timer(alarm.0);
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

impl Default for Engine {
    fn default() -> Self {
        Engine::new()
    }
}

impl Drop for Engine {
    /// Tasks hold handles, so a run that is not taken apart would keep itself alive.
    fn drop(&mut self) {
        self.handle.drop_tasks();
        let told = self.handle.0.timers.borrow_mut().clear();
        drop(told);
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("now", &self.now())
            .finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        waker::unregister(self.number);
    }
}
