//! The executor: runs what is ready, then moves the clock to the next event.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use awaitlab_core::{Instant, OnAlarm, Runtime};

use crate::task::Tasks;
use crate::timer::{Timers, Whom};
use crate::waker::{self, EngineNumber};

mod handle;

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
    callees: RefCell<Vec<Rc<dyn OnAlarm>>>,
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
            let Some(fired) = timers.fire_next(horizon, limits.chain) else {
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

    /// Drops every task, takes every alarm back and begins anew at the start. Slots stay, so the next run
    /// allocates little, and so do those whom alarms call.
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

impl Default for Engine {
    fn default() -> Self {
        Engine::new()
    }
}

impl Drop for Engine {
    /// Tasks hold handles, and so may whom alarms call: a run that is not taken apart would keep itself
    /// alive.
    fn drop(&mut self) {
        self.handle.drop_tasks();
        let told = self.handle.0.timers.borrow_mut().clear();
        let callees = self.handle.0.callees.take();
        drop((told, callees));
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        waker::unregister(self.number);
    }
}
