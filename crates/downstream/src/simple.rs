//! The middle way: workers, those who wait for one, and nothing else.
//!
//! Without faults, network, quota and any end to patience, all that alarms tell of is work that is done. It
//! is a success, its answer is there, and its worker is free for one other: what the long way does in
//! several steps, with care for what may happen between them, is done in one go here. Attempts come in as
//! everywhere (`attempt`) and are cancelled as everywhere (`cancel`).

use awaitlab_core::{Faults, Instant, Latency, Ledger, Runtime};

use crate::floor::{Floor, Next};
use crate::service::Service;
use crate::spec::ServiceSpec;
use crate::visit::Position;

impl<L> ServiceSpec<L> {
    /// Whether all there is to an attempt is its work, for which it may wait as long as it takes: without
    /// faults, it is then a success.
    pub(crate) fn is_simple(&self) -> bool {
        self.lone_replica()
            .is_some_and(|only| only.queue.limit.is_none() && only.queue.expire.is_none())
    }
}

/// What the end of work leaves to be done, once nothing is borrowed.
struct Finished<R: Runtime, G> {
    /// Whether anybody asks for the answer.
    is_wanted: bool,
    /// Who is to be told of it, or dropped.
    ledger: Option<G>,
    waiter: Option<R::Waiter>,
    /// Whom the free worker has turned to.
    next: Option<u32>,
}

impl<R: Runtime, G> Finished<R, G> {
    const NOTHING: Self = Finished {
        is_wanted: false,
        ledger: None,
        waiter: None,
        next: None,
    };
}

impl<R: Runtime, G> Floor<R, G> {
    /// The work on an attempt is done and its answer there, at a service that is simple
    /// ([`ServiceSpec::is_simple`]): it is a success, and one worker is free for the next who waits.
    #[inline(always)]
    fn finish(&mut self, key: u32, now: Instant) -> Finished<R, G> {
        let visit = &mut self.visits[key];
        if !visit.in_service() {
            // It was forgotten with the run that it was of.
            return Finished::NOTHING;
        }
        let mut finished = Finished::NOTHING;
        finished.is_wanted = visit.cancelled_at.is_none();
        self.stats.busy_ns += u128::from(now.nanos_since(visit.begun));
        if !finished.is_wanted {
            self.stats.abandoned_ns += u128::from(visit.abandoned_ns(now));
        }
        if visit.awaited && finished.is_wanted {
            visit.alarm = None;
            visit.position = Position::Answered;
            visit.present = false;
            (finished.ledger, finished.waiter) = (visit.ledger.take(), visit.waiter.take());
        } else {
            (finished.ledger, finished.waiter) = visit.leaves();
            self.visits.give_up(key);
        }
        self.present -= 1;
        self.replicas[0].working -= 1;
        if let Some(Next::TakenUp(next) | Next::ThrownOut(next)) = self.take_up_next(0, now) {
            finished.next = Some(next);
        }
        finished
    }
}

impl<R, L, F, G> Service<R, L, F, G>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
    G: Ledger,
{
    /// The work on an attempt is done, at a service where nothing else could have ended by an alarm, and
    /// nothing lies between the worker and the client: the same as [`go_on`](Self::go_on), in one go.
    #[inline(always)]
    pub(crate) fn finish_work(&self, key: u32) {
        let now = self.runtime.now();
        let Finished {
            is_wanted,
            ledger,
            waiter,
            next,
        } = self.floor.borrow_mut().finish(key, now);
        if let Some(ledger) = ledger
            && is_wanted
        {
            ledger.answered(Ok(()));
        }
        if let Some(waiter) = waiter {
            self.runtime.wake(waiter);
        }
        if let Some(next) = next {
            self.begin_work(next);
        }
    }
}
