//! What is counted over all jobs of a world.

use std::cell::Cell;

use awaitlab_core::{ErrorClass, Instant, Runtime};
use awaitlab_policies::Event;

use crate::count::around::Around;
use crate::job::Shared;
use crate::world::World;

impl<R: Runtime> World<R> {
    #[inline]
    pub(crate) fn attempt_was_made(&self, now: Instant) {
        if let Some(recorder) = &self.recorder {
            recorder.attempt_was_made(now);
        }
    }

    #[inline]
    pub(crate) fn call_was_started(&self, now: Instant) {
        if let Some(recorder) = &self.recorder {
            recorder.call_was_started(now);
        }
    }

    /// A call is started and its only attempt sent.
    #[inline]
    pub(crate) fn bare_call_was_sent(&self, now: Instant) {
        let Some(recorder) = &self.recorder else {
            return;
        };
        let in_flight = self.in_flight.get() + 1;
        self.in_flight.set(in_flight);
        recorder.bare_call_was_sent(in_flight, now);
        self.keep_within_budget();
    }

    /// An attempt is sent.
    #[inline]
    pub(crate) fn attempt_was_sent(&self, now: Instant) {
        self.attempt_was_made(now);
        self.in_flight(1);
    }

    /// So many more, or fewer, attempts are in flight.
    #[inline(always)]
    pub(crate) fn in_flight(&self, change: i64) {
        let Some(recorder) = &self.recorder else {
            return;
        };
        let now_in_flight = self.in_flight.get().wrapping_add_signed(change);
        self.in_flight.set(now_in_flight);
        recorder.in_flight(now_in_flight, self.runtime.now());
        self.keep_within_budget();
    }

    /// A call waits for a connection, until what this gives back is dropped.
    pub(crate) fn waits_at_the_door(&self) -> AtTheDoor<'_> {
        self.at_the_door.set(self.at_the_door.get() + 1);
        self.keep_within_budget();
        AtTheDoor(&self.at_the_door)
    }

    /// An attempt has been cancelled, and its service may go on with it: who gives up does not make
    /// its queue any shorter.
    pub(crate) fn may_have_been_abandoned_in_a_queue(&self, service: u32) {
        self.keep_within_budget_with(|| self.service(service).queued());
    }

    /// Whether more is in flight, or waits for a connection, than a run may have.
    pub(crate) fn is_overrun(&self) -> bool {
        self.overrun.get()
    }

    #[inline]
    fn keep_within_budget(&self) {
        self.keep_within_budget_with(|| self.in_flight.get() + self.at_the_door.get());
    }

    #[inline]
    fn keep_within_budget_with(&self, count: impl Fn() -> u64) {
        if let Some((most, overrun)) = &self.on_overrun
            && count() > *most
        {
            self.overrun.set(true);
            overrun();
        }
    }

    #[inline(always)]
    pub(crate) fn waited_in_queue(&self, job: &Shared<R>, service: u32, ns: u64) {
        if let Some(recorder) = &self.recorder {
            recorder.queued(ns, self.runtime.now());
        }
        if job.counts.get() {
            self.around.borrow_mut().waited_in_queue(service, ns);
        }
    }

    /// An attempt has stayed in a queue for so long after it was cancelled.
    pub(crate) fn stayed_in_queue(&self, ns: u64) {
        if let Some(recorder) = &self.recorder {
            recorder.queued(ns, self.runtime.now());
        }
    }

    pub(crate) fn waited_at_client(&self, job: &Shared<R>, ns: u64) {
        if job.counts.get() {
            self.around.borrow_mut().waited_at_client(ns);
        }
    }

    pub(crate) fn lagged(&self, job: &Shared<R>, ns: u64) {
        if job.counts.get() {
            self.around.borrow_mut().loops.lags.record(ns);
        }
    }

    /// A policy says what happened at its layer.
    pub(crate) fn policy_did(&self, job: &Shared<R>, layer: usize, event: Event) {
        let (now, counts) = (self.runtime.now(), job.counts.get());
        if let (Event::Waited { ns }, true) = (event, counts) {
            self.around.borrow_mut().waited_at_client(ns);
        }
        let held = self
            .policies
            .borrow_mut()
            .happened(layer, event, now, counts);
        if let Some(recorder) = &self.recorder {
            recorder.policy_did(event, held, now);
        }
    }

    /// An attempt brought an error, or was refused.
    pub(crate) fn attempt_brought(&self, job: &Shared<R>, class: ErrorClass) {
        if job.counts.get() {
            self.policies.borrow_mut().errors().attempts[class as usize] += 1;
        }
    }

    /// A call ended with an error.
    pub(crate) fn call_failed(&self, job: &Shared<R>, class: ErrorClass) {
        if job.counts.get() {
            self.policies.borrow_mut().errors().calls[class as usize] += 1;
        }
    }

    /// When the jobs of a replication that ends now were over; now, where one of them never is.
    pub(crate) fn jobs_were_over(&self, now: Instant) -> Instant {
        let some_never = self.jobs.borrow().iter().any(|job| job.is_live.get());
        self.last_over.get().filter(|_| !some_never).unwrap_or(now)
    }

    /// Measures what went on around the jobs of the replication that ends now.
    pub(crate) fn measure_around(&self, now: Instant) {
        self.around.borrow_mut().measure(self, now);
        let held = self.policies.borrow_mut().end_replication(now);
        if let Some(recorder) = &self.recorder {
            held.iter().for_each(|held| recorder.held(held));
        }
    }

    /// What was measured since this was asked for last.
    pub(crate) fn take_around(&self) -> Around {
        let mut around = std::mem::take(&mut *self.around.borrow_mut());
        around.complete();
        around.policies = self.policies.borrow_mut().take();
        around
    }

    /// Of jobs around which nothing else is worth measuring: the errors of those that have ended.
    pub(crate) fn take_errors(&self) -> Around {
        Around {
            policies: self.policies.borrow_mut().take(),
            ..Around::default()
        }
    }
}

/// A call that waits for a connection.
pub(crate) struct AtTheDoor<'a>(&'a Cell<u64>);

impl Drop for AtTheDoor<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}
