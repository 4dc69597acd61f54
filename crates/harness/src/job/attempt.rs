//! An attempt in flight, and what its service writes of it.
//!
//! A bare attempt (nothing stands around its call, and nothing at its client) is all there is of its
//! call: its service drives it, and its ledger ends the call. Whatever else awaits an attempt keeps
//! its books itself, by [`InFlight`], since what happens to the answer on its way up may take time.

use std::cell::Cell;
use std::rc::Rc;

use awaitlab_core::{AttemptId, CallResult, Instant, Ledger, Runtime};
use awaitlab_faults::Rules;
use awaitlab_latency::Model;
use awaitlab_policies::{Given, Interest, Reply};

use crate::job::account::{Account, Sent};
use crate::job::{Alive, Shared};

/// The wait for what a simulated service answers.
pub(crate) type Answer<R> = awaitlab_downstream::Answer<R, Model, Rules<Model>, Entry<R>>;

/// An attempt in flight. Dropping it is its cancellation.
pub(crate) struct InFlight<R: Runtime> {
    /// Gone once the attempt has been answered.
    alive: Option<Alive<R>>,
    sent: Sent,
    /// Whether a policy still waits for it.
    interest: Interest,
}

/// What a service writes of an attempt.
pub(crate) struct Entry<R: Runtime> {
    job: Rc<Shared<R>>,
    /// Which job it was: a service may go on with work whose job is over and forgotten.
    id: u64,
    sent: Sent,
    /// Of a bare attempt, until it is answered or cancelled.
    bare: Cell<Option<Alive<R>>>,
}

/// Sends the only attempt of a call. Dropping what is given back cancels it.
#[inline]
pub(crate) fn send_bare<R: Runtime>(alive: Alive<R>, call: u32) -> Answer<R> {
    let job = alive.job().clone();
    send(&job, call, 0, Some(alive)).1
}

#[inline]
fn send<R: Runtime>(
    job: &Rc<Shared<R>>,
    call: u32,
    attempt: u32,
    bare: Option<Alive<R>>,
) -> (Sent, Answer<R>) {
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
        bare: Cell::new(bare),
    };
    let answer = world.service(service).serve(id, job.client.get(), ledger);
    job.account(|account| account.is_on_its_way());
    (sent, answer)
}

/// Books the answer of an attempt.
#[inline]
fn answered<R: Runtime>(
    job: &Shared<R>,
    sent: Sent,
    result: CallResult,
    given: Option<Given>,
    now: Instant,
) {
    if job.account(|account| account.answered(sent, result, given, now)) {
        job.world.in_flight(-1);
    }
    if let Err(error) = result {
        job.world.attempt_brought(job, error.class);
    }
}

/// Books that an attempt was stopped.
#[inline]
fn cancelled<R: Runtime>(job: &Shared<R>, sent: Sent, given: Option<Given>) {
    let now = job.world.runtime.now();
    if job.account(|account| account.cancelled(sent, given, now)) {
        job.world.in_flight(-1);
        job.world.may_have_been_abandoned_in_a_queue(sent.service);
    }
}

impl<R: Runtime> InFlight<R> {
    /// Sends the attempt; it is on its way when this returns.
    #[inline]
    pub(crate) fn send(
        alive: Alive<R>,
        call: u32,
        attempt: u32,
        interest: Interest,
    ) -> (Self, Answer<R>) {
        let (sent, answer) = send(alive.job(), call, attempt, None);
        let in_flight = InFlight {
            alive: Some(alive),
            sent,
            interest,
        };
        (in_flight, answer)
    }

    #[inline]
    pub(crate) fn answered(mut self, result: CallResult) -> Alive<R> {
        let alive = self.alive.take().expect("an attempt is answered once");
        let job = alive.job();
        let now = job.world.runtime.now();
        answered(job, self.sent, result, self.interest.given(), now);
        alive
    }
}

impl<R: Runtime> Drop for InFlight<R> {
    #[inline]
    fn drop(&mut self) {
        if let Some(alive) = &self.alive {
            cancelled(alive.job(), self.sent, self.interest.given());
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
        let job_is_over = || {
            let over = |account: &mut Account| account.is_being_swept() || account.is_closed();
            self.job.account(over)
        };
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

    #[inline]
    fn answered(self, result: CallResult) {
        let Some(alive) = self.bare.take() else {
            return;
        };
        let job = alive.job();
        let now = job.world.runtime.now();
        answered(job, self.sent, result, None, now);
        job.call_ended(self.sent.call, result.map(Reply::Genuine));
    }

    #[inline]
    fn cancelled(&self) {
        if let Some(alive) = self.bare.take() {
            cancelled(alive.job(), self.sent, None);
        }
    }
}
