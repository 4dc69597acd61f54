//! An attempt in flight, and what its service writes of it.

use std::rc::Rc;

use awaitlab_core::{AttemptId, CallResult, Ledger, Runtime};
use awaitlab_policies::Interest;

use crate::job::account::Sent;
use crate::job::{Alive, Shared};

/// An attempt in flight. Dropping it is its cancellation.
pub(crate) struct InFlight<R: Runtime> {
    /// Gone once the attempt has been answered.
    alive: Option<Alive<R>>,
    sent: Sent,
    /// Whether a policy still waits for it.
    interest: Interest,
}

/// What a service writes of an attempt.
struct Entry<R: Runtime> {
    job: Rc<Shared<R>>,
    /// Which job it was: a service may go on with work whose job is over and forgotten.
    id: u64,
    sent: Sent,
}

impl<R: Runtime> InFlight<R> {
    /// Sends the attempt; it is on its way when this returns.
    #[inline]
    pub(crate) fn send(
        alive: Alive<R>,
        call: u32,
        attempt: u32,
        interest: Interest,
    ) -> (Self, impl Future<Output = CallResult> + use<R>) {
        let job = alive.job();
        let world = &job.world;
        let (at, service) = (world.runtime.now(), world.service_of(call));
        let sent = Sent {
            call,
            attempt,
            service,
            at,
        };
        job.account(|account| account.sent(sent));
        world.attempt_was_made(at);
        world.in_flight(1);
        let id = AttemptId {
            job: job.id.get(),
            call,
            attempt,
        };
        let ledger = Entry {
            job: job.clone(),
            id: id.job,
            sent,
        };
        let answer = world.service(service).serve(id, job.client.get(), ledger);
        job.account(|account| account.is_on_its_way());
        (
            InFlight {
                alive: Some(alive),
                sent,
                interest,
            },
            answer,
        )
    }

    #[inline]
    pub(crate) fn answered(mut self, result: CallResult) -> Alive<R> {
        let alive = self.alive.take().expect("an attempt is answered once");
        let job = alive.job();
        let now = job.world.runtime.now();
        let given = self.interest.given();
        if job.account(|account| account.answered(self.sent, result, given, now)) {
            job.world.in_flight(-1);
        }
        if let Err(error) = result {
            job.world.attempt_brought(job, error.class);
        }
        alive
    }
}

impl<R: Runtime> Drop for InFlight<R> {
    #[inline]
    fn drop(&mut self) {
        if let Some(alive) = &self.alive {
            let job = alive.job();
            let now = job.world.runtime.now();
            let given = self.interest.given();
            if job.account(|account| account.cancelled(self.sent, given, now)) {
                job.world.in_flight(-1);
                job.world
                    .may_have_been_abandoned_in_a_queue(self.sent.service);
            }
        }
    }
}

impl<R: Runtime> Clone for Entry<R> {
    fn clone(&self) -> Self {
        Entry {
            job: self.job.clone(),
            id: self.id,
            sent: self.sent,
        }
    }
}

impl<R: Runtime> Ledger for Entry<R> {
    fn refused(&self) {
        let now = self.job.world.runtime.now();
        self.job.account(|account| account.refused(self.sent, now));
        self.job.world.in_flight(-1);
    }

    fn queued_for(&self, ns: u64) {
        let job_is_over = || self.job.account(|account| account.is_closed());
        // What the end of a run sweeps out of a queue has not come through it.
        if self.job.id.get() != self.id || job_is_over() {
            return;
        }
        self.job
            .world
            .waited_in_queue(&self.job, self.sent.service, ns);
    }
    fn stayed_queued_for(&self, ns: u64) {
        // Whose job it was does not matter any more.
        self.job.world.stayed_in_queue(ns);
    }
}
