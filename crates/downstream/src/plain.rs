//! The short way: a service in which no attempt feels another.
//!
//! One replica without workers, slowdown, network or quota: what becomes of an attempt is known when
//! it is sent. A reply computed at once and one alarm are all it takes.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Poll, Waker};

use awaitlab_core::time::nanos;
use awaitlab_core::{AttemptId, CallResult, EventClass, Faults, Instant, Latency, Ledger, Runtime};
use slab::Slab;

use crate::service::Service;
use crate::slowdown::times;
use crate::spec::{OnCancel, ServiceSpec};
use crate::visit::Work;

/// All attempts at such a service, and what it counts.
#[derive(Debug)]
pub(crate) struct Plain<A, G> {
    visits: RefCell<Slab<PlainVisit<A, G>>>,
    // Ahead: the work on an attempt is certain when it begins.
    busy_ns: Cell<u128>,
    abandoned_ns: Cell<u128>,
}

/// An attempt whose reply is known.
#[derive(Debug)]
struct PlainVisit<A, G> {
    reply: CallResult,
    /// When the work on it is done; the start where nobody works on it, or it has been done.
    work_until: Instant,
    /// `None`: it is never answered, or has been.
    alarm: Option<A>,
    /// Gone once it has been answered.
    ledger: Option<G>,
    waker: Option<Waker>,
}

/// What is known of an attempt when it is sent.
struct Foreseen {
    reply: CallResult,
    work_until: Instant,
    /// `None`: never.
    answered_at: Option<Instant>,
}

impl<A, G> Plain<A, G> {
    pub(crate) fn new() -> Self {
        Plain {
            visits: RefCell::new(Slab::new()),
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
        let left = std::mem::take(&mut *self.visits.borrow_mut());
        // Ledgers and wakers may run code of their own when they are dropped: not while we borrow.
        drop(left);
        self.busy_ns.set(0);
        self.abandoned_ns.set(0);
    }
}

impl<L> ServiceSpec<L> {
    /// Whether no attempt feels another, and none takes time on its way.
    pub(crate) fn is_plain(&self) -> bool {
        let unlimited = match self.replicas.as_slice() {
            [only] => only.workers.is_none() && only.slowdown.is_none(),
            _ => false,
        };
        unlimited
            && self.network.is_none()
            && self.rate_limit.is_none()
            && self.in_flight_limit.is_none()
            && !self.versioned_item
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
    #[inline]
    pub(crate) fn send_plain(self: &Rc<Self>, attempt: &AttemptId, ledger: G) -> u32 {
        let Foreseen {
            reply,
            work_until,
            answered_at,
        } = self.foresee(attempt);
        let mut visits = self.plain.visits.borrow_mut();
        let place = visits.vacant_entry();
        let key = place.key() as u32;
        let alarm = answered_at.map(|at| {
            self.runtime
                .alarm_at(at, EventClass::Answer, self.clone(), key)
        });
        place.insert(PlainVisit {
            reply,
            work_until,
            alarm,
            ledger: Some(ledger),
            waker: None,
        });
        key
    }

    #[inline]
    fn foresee(&self, attempt: &AttemptId) -> Foreseen {
        let now = self.runtime.now();
        let mut foreseen = Foreseen {
            reply: Ok(()),
            work_until: Instant::START,
            answered_at: None,
        };
        if self.faults.loses(attempt, 0, now) {
            return foreseen;
        }
        let answered_at = match Work::of(self.faults.judge(attempt, 0, now)) {
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
                foreseen.work_until = self.faults.finishes(0, now, work_ns);
                let busy_ns = &self.plain.busy_ns;
                busy_ns.set(busy_ns.get() + u128::from(foreseen.work_until.nanos_since(now)));
                foreseen.work_until
            }
            Err((error, after)) => {
                foreseen.reply = Err(error);
                self.faults.finishes(0, now, nanos(after))
            }
        };
        if !self.faults.loses(attempt, 0, answered_at) {
            foreseen.answered_at = Some(answered_at);
        }
        foreseen
    }

    /// The alarm of an attempt has gone off: its answer is there.
    #[inline]
    pub(crate) fn answer_plain(&self, key: u32) {
        let (alarm, ledger, waker, reply) = {
            let visit = &mut self.plain.visits.borrow_mut()[key as usize];
            visit.work_until = Instant::START;
            let alarm = visit.alarm.take();
            (alarm, visit.ledger.take(), visit.waker.take(), visit.reply)
        };
        drop(alarm);
        if let Some(ledger) = ledger {
            ledger.answered(reply);
        }
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    #[inline]
    pub(crate) fn poll_plain(&self, key: u32, waker: &Waker) -> Poll<CallResult> {
        let replaced;
        {
            let visits = &mut *self.plain.visits.borrow_mut();
            let visit = &mut visits[key as usize];
            if visit.ledger.is_none() {
                return Poll::Ready(visits.remove(key as usize).reply);
            }
            replaced = visit.waker.replace(waker.clone());
        }
        // A foreign waker may run code of its own when it is dropped: not while we borrow.
        drop(replaced);
        Poll::Pending
    }

    /// Nobody waits for the answer any more, or it has been told.
    #[inline]
    pub(crate) fn leave_plain(&self, key: u32) {
        let visit = self.plain.visits.borrow_mut().remove(key as usize);
        let Some(ledger) = visit.ledger else { return };
        drop((visit.alarm, visit.waker));
        if visit.work_until > Instant::START {
            let left_ns = u128::from(visit.work_until.nanos_since(self.runtime.now()));
            let (busy_ns, abandoned_ns) = (&self.plain.busy_ns, &self.plain.abandoned_ns);
            match self.spec.on_cancel {
                OnCancel::KeepWorking => abandoned_ns.set(abandoned_ns.get() + left_ns),
                OnCancel::Stop => busy_ns.set(busy_ns.get().saturating_sub(left_ns)),
            }
        }
        ledger.cancelled();
    }
}
