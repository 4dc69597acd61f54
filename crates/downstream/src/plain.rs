//! The short way: a service in which no attempt feels another.
//!
//! One replica without workers, slowdown, network or quota: what becomes of an attempt is known when
//! it is sent. A reply computed at once and one alarm are all it takes.

use std::cell::{Cell, RefCell};
use std::task::{Poll, Waker};

use crate::places::Places;
use crate::service::Service;
use crate::slowdown::times;
use crate::spec::{OnCancel, ServiceSpec};
use crate::visit::Work;
use awaitlab_core::time::nanos;
use awaitlab_core::{
    AttemptId, CallResult, EventClass, Faults, Instant, Latency, Ledger, Runtime, Verdict,
};

/// All attempts at such a service, and what it counts.
pub(crate) struct Plain<R: Runtime, G> {
    visits: RefCell<Places<PlainVisit<R::Alarm, G>>>,
    /// Who awaits the answer of an attempt, by its place: apart, since hardly anybody does where there are
    /// very many attempts.
    waiters: RefCell<Vec<Option<R::Waiter>>>,
    // Ahead: the work on an attempt is certain when it begins.
    busy_ns: Cell<u128>,
    abandoned_ns: Cell<u128>,
}

/// An attempt whose reply is known; of no account in a place that is vacant.
struct PlainVisit<A, G> {
    reply: CallResult,
    /// When the work on it is done; the start where nobody works on it, or it has been done.
    work_until: Instant,
    /// `None`: it is never answered, or has been.
    alarm: Option<A>,
    /// Gone once it has been answered, and where nobody is.
    ledger: Option<G>,
    stands: Stands,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// There is no attempt here.
    Vacant,
    /// Nobody will take its answer: it is told to its ledger, and that is all.
    Unattended,
    /// Somebody holds its [`Answer`](crate::Answer).
    Awaited,
}

impl<A, G> Default for PlainVisit<A, G> {
    /// A vacant place.
    fn default() -> Self {
        PlainVisit {
            reply: Ok(()),
            work_until: Instant::START,
            alarm: None,
            ledger: None,
            stands: Stands::Vacant,
        }
    }
}

impl<A, G> PlainVisit<A, G> {
    /// Empties its place. Gives back what may run code of its own when it is dropped.
    #[inline]
    fn leaves(&mut self) -> Option<G> {
        self.stands = Stands::Vacant;
        self.alarm = None;
        self.ledger.take()
    }
}

/// What is known of an attempt when it is sent.
struct Foreseen {
    reply: CallResult,
    work_until: Instant,
    /// `None`: never.
    answered_at: Option<Instant>,
}

impl<R: Runtime, G> Plain<R, G> {
    pub(crate) fn new() -> Self {
        Plain {
            visits: RefCell::new(Places::new()),
            waiters: RefCell::default(),
            busy_ns: Cell::new(0),
            abandoned_ns: Cell::new(0),
        }
    }

    pub(crate) fn busy_ns(&self) -> u128 {
        self.busy_ns.get()
    }

    pub(crate) fn abandoned_ns(&self) -> u128 {
        self.abandoned_ns.get()
    }

    /// Everybody out, nothing counted.
    pub(crate) fn clear(&self) {
        let left: Vec<_> = {
            let visits = &mut *self.visits.borrow_mut();
            visits.give_all_up().map(PlainVisit::leaves).collect()
        };
        let waiters: Vec<_> = {
            let waiters = &mut *self.waiters.borrow_mut();
            waiters.iter_mut().filter_map(Option::take).collect()
        };
        // Ledgers and wakers may run code of their own when they are dropped: not while we borrow.
        drop((left, waiters));
        self.busy_ns.set(0);
        self.abandoned_ns.set(0);
    }
}

impl<L> ServiceSpec<L> {
    /// Whether no attempt feels another, and none takes time on its way.
    pub(crate) fn is_plain(&self) -> bool {
        self.lone_replica()
            .is_some_and(|only| only.workers.is_none() && only.slowdown.is_none())
    }
}

impl<R, L, F, G> Service<R, L, F, G>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
    G: Ledger,
{
    /// Sends an attempt; gives back its key.
    #[inline(always)]
    pub(crate) fn send_plain(&self, attempt: &AttemptId, ledger: G, awaited: bool) -> u32 {
        let Foreseen {
            reply,
            work_until,
            answered_at,
        } = self.foresee(attempt);
        let visits = &mut *self.plain.visits.borrow_mut();
        let key = visits.claim();
        let visit = &mut visits[key];
        visit.reply = reply;
        visit.work_until = work_until;
        visit.alarm = answered_at.map(|at| self.alarm_at(at, EventClass::Answer, key));
        visit.ledger = Some(ledger);
        visit.stands = if awaited {
            Stands::Awaited
        } else {
            Stands::Unattended
        };
        key
    }

    #[inline(always)]
    fn foresee(&self, attempt: &AttemptId) -> Foreseen {
        let now = self.runtime.now();
        let mut foreseen = Foreseen {
            reply: Ok(()),
            work_until: Instant::START,
            answered_at: None,
        };
        if self.can_be_struck && self.faults.loses(attempt, 0, now) {
            return foreseen;
        }
        let verdict = if self.can_be_struck {
            self.faults.judge(attempt, 0, now)
        } else {
            Verdict::Serve
        };
        let answered_at = match Work::of(verdict) {
            Ok(Work::Hang) => return foreseen,
            Ok(work) => {
                let mut draws = self.streams.get().latency.draws(attempt);
                let mut work_ns = self.spec.replicas[0].latency.sample_ns(attempt, &mut draws);
                match work {
                    Work::Slow { factor, add } => {
                        work_ns = times(work_ns, factor).saturating_add(nanos(add));
                    }
                    Work::Fail(error) => foreseen.reply = Err(error),
                    Work::Serve | Work::Hang => {}
                }
                foreseen.work_until = self.finishes(0, now, work_ns);
                let busy_ns = &self.plain.busy_ns;
                busy_ns.set(busy_ns.get() + u128::from(foreseen.work_until.nanos_since(now)));
                foreseen.work_until
            }
            Err((error, after)) => {
                foreseen.reply = Err(error);
                self.finishes(0, now, nanos(after))
            }
        };
        if !(self.can_be_struck && self.faults.loses(attempt, 0, answered_at)) {
            foreseen.answered_at = Some(answered_at);
        }
        foreseen
    }

    /// The alarm of an attempt has gone off: its answer is there.
    #[inline(always)]
    pub(crate) fn answer_plain(&self, key: u32) {
        let (ledger, reply, awaited) = {
            let visits = &mut *self.plain.visits.borrow_mut();
            let visit = &mut visits[key];
            let reply = visit.reply;
            match visit.stands {
                // It was forgotten with the run that it was of.
                Stands::Vacant => return,
                Stands::Unattended => {
                    let ledger = visit.leaves();
                    visits.give_up(key);
                    (ledger, reply, false)
                }
                Stands::Awaited => {
                    visit.work_until = Instant::START;
                    visit.alarm = None;
                    (visit.ledger.take(), reply, true)
                }
            }
        };
        if let Some(ledger) = ledger {
            ledger.answered(reply);
        }
        if awaited && let Some(waiter) = self.take_waiter(key) {
            self.runtime.wake(waiter);
        }
    }

    fn take_waiter(&self, key: u32) -> Option<R::Waiter> {
        let waiters = &mut *self.plain.waiters.borrow_mut();
        waiters.get_mut(key as usize)?.take()
    }

    #[inline]
    pub(crate) fn poll_plain(&self, key: u32, waker: &Waker) -> Poll<CallResult> {
        {
            let visits = &mut *self.plain.visits.borrow_mut();
            let visit = &mut visits[key];
            if visit.ledger.is_none() {
                let reply = visit.reply;
                visit.leaves();
                visits.give_up(key);
                return Poll::Ready(reply);
            }
        }
        // A foreign waker may run code of its own when it is cloned or dropped: not while we borrow.
        let waiter = self.runtime.waiter(waker);
        let replaced = {
            let (key, waiters) = (key as usize, &mut *self.plain.waiters.borrow_mut());
            if key >= waiters.len() {
                waiters.resize_with(key + 1, || None);
            }
            waiters[key].replace(waiter)
        };
        drop(replaced);
        Poll::Pending
    }

    pub(crate) fn is_unattended_plain(&self, key: u32) -> bool {
        self.plain.visits.borrow()[key].stands == Stands::Unattended
    }

    /// Nobody waits for the answer any more.
    #[inline]
    pub(crate) fn leave_plain(&self, key: u32) {
        let (alarm, ledger, work_until) = {
            let visits = &mut *self.plain.visits.borrow_mut();
            let visit = &mut visits[key];
            if visit.stands == Stands::Vacant {
                return;
            }
            let (alarm, work_until) = (visit.alarm.take(), visit.work_until);
            let ledger = visit.leaves();
            visits.give_up(key);
            (alarm, ledger, work_until)
        };
        if let Some(alarm) = alarm {
            self.runtime.take_back(alarm);
        }
        drop(self.take_waiter(key));
        let Some(ledger) = ledger else { return };
        if work_until > Instant::START {
            let left_ns = u128::from(work_until.nanos_since(self.runtime.now()));
            let (busy_ns, abandoned_ns) = (&self.plain.busy_ns, &self.plain.abandoned_ns);
            match self.spec.on_cancel {
                OnCancel::KeepWorking => abandoned_ns.set(abandoned_ns.get() + left_ns),
                OnCancel::Stop => busy_ns.set(busy_ns.get().saturating_sub(left_ns)),
            }
        }
        ledger.cancelled();
    }
}
