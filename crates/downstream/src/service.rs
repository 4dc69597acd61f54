//! One service: what it is, the replication it is in, and the way in.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::{Rc, Weak};
use std::task::{Poll, Waker};

use awaitlab_core::{
    AttemptId, CallResult, Condition, EventClass, Faults, Instant, Latency, Ledger, OnAlarm,
    Runtime, Streams,
};

use crate::answer::Answer;
use crate::draws::ServiceStreams;
use crate::edges;
use crate::floor::{Floor, Next};
use crate::plain::Plain;
use crate::spec::ServiceSpec;
use crate::stats::ServiceStats;
use crate::visit::Position;

/// A service under load. `G` keeps the account of an attempt.
pub struct Service<R: Runtime, L, F, G> {
    pub(crate) runtime: R,
    pub(crate) spec: ServiceSpec<L>,
    pub(crate) faults: F,
    pub(crate) streams: Cell<ServiceStreams>,
    /// Whether faults can do anything here; else they need not be asked.
    pub(crate) can_be_struck: bool,
    /// Whether all there is to an attempt is its work, for which it may wait.
    pub(crate) is_simple: bool,
    /// The service itself, for what goes on without whoever began it, and as alarms know it.
    pub(crate) me: Weak<Self>,
    callee: OnceCell<R::Callee>,
    pub(crate) floor: RefCell<Floor<R, G>>,
    pub(crate) plain: Plain<R, G>,
    /// A list to be used again.
    pub(crate) next: RefCell<Vec<Next>>,
    /// Whether attempts take the short way in this replication.
    is_plain: Cell<bool>,
    number: u64,
}

impl<R, L, F, G> Service<R, L, F, G>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
    G: Ledger,
{
    /// The service with this number among those of a scenario, called by so many clients. Its
    /// randomness is keyed by that number, so services do not share latencies, and those of one do
    /// not depend on the others.
    ///
    /// Attempts are served once a replication has begun. The runtime may keep the service for as long as it
    /// lives itself.
    pub fn new(runtime: R, number: u64, clients: u32, spec: ServiceSpec<L>, faults: F) -> Rc<Self> {
        let floor = Floor::new(&spec, clients, Instant::START);
        let streams = ServiceStreams::new(Streams::new(0, 0), number);
        let service = Rc::new_cyclic(|me: &Weak<Self>| Service {
            me: me.clone(),
            callee: OnceCell::new(),
            runtime,
            is_simple: spec.is_simple() && !faults.can_strike(),
            spec,
            can_be_struck: faults.can_strike(),
            faults,
            streams: Cell::new(streams),
            floor: RefCell::new(floor),
            plain: Plain::new(),
            next: RefCell::default(),
            is_plain: Cell::new(false),
            number,
        });
        let callee = service.runtime.callee(service.clone());
        service.callee.get_or_init(|| callee);
        service
    }

    /// Sets an alarm for the attempt with this key.
    #[inline(always)]
    pub(crate) fn alarm_at(&self, at: Instant, class: EventClass, key: u32) -> R::Alarm {
        let callee = self.callee.get().expect("known since it was made");
        self.runtime.alarm_at(at, class, callee, key)
    }

    /// Begins a replication: everything drawn from here on belongs to it; nothing waits, the bucket
    /// is full, nothing has been counted.
    ///
    /// To be called when no attempt of an earlier replication is alive, and no abandoned work:
    /// after the runtime has been reset. Where faults change the condition of a replica, a task
    /// begins that follows it, for ever where they repeat for ever; its events are edges.
    pub fn begin_replication(self: &Rc<Self>, streams: Streams) {
        let now = self.runtime.now();
        self.faults.begin_replication(streams);
        self.streams.set(ServiceStreams::new(streams, self.number));
        self.clear();
        let changes = self.faults.next_change(now).is_some();
        let replicas = 0..self.spec.replicas.len() as u32;
        let undisturbed = replicas
            .map(|replica| self.faults.condition(replica, now))
            .all(|condition| condition == Condition::default());
        self.is_plain
            .set(self.spec.is_plain() && undisturbed && !changes);
        if !undisturbed {
            edges::apply(self);
        }
        if changes {
            self.runtime.spawn(edges::follow(self.clone()));
        }
    }

    /// Forgets every attempt that is still here, and what was counted. Waits for their answers must
    /// have been dropped: one that is dropped later may cancel whoever has its key then.
    ///
    /// Events that attempts wait for are not taken back: the runtime is to be reset before anything is sent
    /// again, or is not run any more.
    ///
    /// A service that is to be dropped must be cleared where attempts may be left (cancelled, and
    /// worked on): their ledgers may hold it.
    pub fn clear(&self) {
        if !self.is_plain.get() {
            let left = self.floor.borrow_mut().clear(self.runtime.now());
            // Ledgers and wakers may run code of their own when they are dropped: not while we
            // borrow.
            drop(left);
        }
        self.plain.clear();
    }

    /// Sends an attempt from client `client` now, and gives back the wait for its answer. Where there
    /// is no network it arrives inside, else its leg begins. Its ledger hears of the answer before
    /// whoever waits.
    ///
    /// # Panics
    /// When the service sees each client's attempts apart and there is no such client.
    #[inline]
    pub fn serve(
        self: &Rc<Self>,
        attempt: AttemptId,
        client: u32,
        ledger: G,
    ) -> Answer<R, L, F, G> {
        let key = self.enter(attempt, client, ledger, true);
        Answer::new(self.clone(), key)
    }

    /// Sends an attempt as [`serve`](Self::serve) does, for whose answer nobody waits: its ledger
    /// hears of it, and there is no more to it. It can be cancelled until then.
    ///
    /// # Panics
    /// When the service sees each client's attempts apart and there is no such client.
    #[inline]
    pub fn send(&self, attempt: AttemptId, client: u32, ledger: G) -> Unattended {
        Unattended(self.enter(attempt, client, ledger, false))
    }

    /// Cancels an attempt for whose answer nobody waits, and which has none yet: its ledger has not heard
    /// of its end.
    #[inline]
    pub fn cancel(&self, attempt: Unattended) {
        let Unattended(key) = attempt;
        debug_assert!(self.is_unattended(key), "an attempt ends once");
        self.leave(key);
    }

    fn is_unattended(&self, key: u32) -> bool {
        if self.is_plain.get() {
            return self.is_unattended_plain(key);
        }
        let visit = &self.floor.borrow().visits[key];
        let is_there = visit.position != Position::Vacant && visit.cancelled_at.is_none();
        is_there && !visit.awaited
    }

    #[inline]
    fn enter(&self, attempt: AttemptId, client: u32, ledger: G, awaited: bool) -> u32 {
        if self.is_plain.get() {
            self.send_plain(&attempt, ledger, awaited)
        } else {
            self.send_limited(attempt, client, ledger, awaited)
        }
    }

    #[inline]
    pub(crate) fn poll(&self, key: u32, waker: &Waker) -> Poll<CallResult> {
        if self.is_plain.get() {
            self.poll_plain(key, waker)
        } else {
            self.poll_limited(key, waker)
        }
    }

    #[inline]
    pub(crate) fn leave(&self, key: u32) {
        if self.is_plain.get() {
            self.leave_plain(key);
        } else {
            self.leave_limited(key);
        }
    }

    /// How many attempts wait now, at all replicas.
    pub fn queued(&self) -> u64 {
        self.floor.borrow().waiting
    }

    /// Whether anything waits or is worked on, abandoned work and attempts that hang included.
    /// A service without any limit keeps no such book: `false`.
    pub fn has_work(&self) -> bool {
        self.floor.borrow().has_work()
    }

    /// Whether a change of its replicas' condition that is yet to come may set something going that
    /// waits here, or end something that hangs.
    pub fn waits_for_change(&self) -> bool {
        let now = self.runtime.now();
        let prospects = |replica| self.faults.prospects(replica, now);
        self.floor.borrow().waits_for_change(prospects)
    }

    /// What it has done in this replication so far.
    pub fn stats(&self) -> ServiceStats {
        let mut stats = self.floor.borrow().stats(self.runtime.now());
        stats.busy_ns += self.plain.busy_ns();
        stats.abandoned_ns += self.plain.abandoned_ns();
        stats
    }
}

impl<R, L, F, G> OnAlarm for Service<R, L, F, G>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
    G: Ledger,
{
    #[inline]
    fn on_alarm(&self, key: u32) {
        if self.is_plain.get() {
            self.answer_plain(key);
        } else {
            self.go_on(key);
        }
    }
}

/// Names an attempt for whose answer nobody waits, until it has one.
#[derive(Debug)]
pub struct Unattended(u32);
