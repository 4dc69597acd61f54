//! An attempt in flight, and what its service writes of it.
//!
//! A bare attempt (nothing stands around its call, and nothing at its client) is all there is of its
//! call: its service drives it, and its ledger ends the call. Whatever else awaits an attempt keeps
//! its books itself, by [`InFlight`], since what happens to the answer on its way up may take time.

use std::cell::Cell;
use std::rc::Rc;

use awaitlab_core::{AttemptId, CallResult, Instant, Ledger, Runtime};
use awaitlab_downstream::Unattended;
use awaitlab_faults::Rules;
use awaitlab_latency::Model;
use awaitlab_policies::{Given, Interest};

use crate::job::Shared;
use crate::job::account::{Account, Sent};

/// The wait for what a simulated service answers.
pub(crate) type Answer<R> = awaitlab_downstream::Answer<R, Model, Rules<Model>, Entry<R>>;

/// An attempt in flight. Dropping it is its cancellation. Whoever awaits its answer keeps the job alive.
pub(crate) struct InFlight<R: Runtime> {
    /// Gone once the attempt has been answered.
    job: Option<Rc<Shared<R>>>,
    sent: Sent,
    /// Whether a policy still waits for it.
    interest: Interest,
}

/// What a service writes of an attempt.
pub(crate) struct Entry<R: Runtime> {
    job: Rc<Shared<R>>,
    at: Instant,
    call: u32,
    attempt: u32,
    /// Which of the jobs of its place it was: a service may go on with work whose job is over and
    /// forgotten.
    generation: u32,
    /// Of a bare attempt, until it is answered or cancelled: it is its job's that long.
    is_bare: Cell<bool>,
}

/// Sends the only attempt of a call, which is in the books already.
#[inline]
pub(crate) fn send_bare<R: Runtime>(job: &Rc<Shared<R>>, sent: Sent) -> Unattended {
    job.is_kept_alive();
    let (id, ledger) = Entry::of(job, sent, true);
    let service = job.world.service(sent.service);
    service.send(id, job.client.get(), ledger)
}

/// Sends an attempt that something stands around.
fn send<R: Runtime>(job: &Rc<Shared<R>>, call: u32, attempt: u32) -> (Sent, Answer<R>) {
    let world = &job.world;
    let sent = Sent {
        call,
        attempt,
        service: world.service_of(call),
        at: world.runtime.now(),
    };
    job.account(|account| account.sent(sent));
    world.attempt_was_sent(sent.at);
    let (id, ledger) = Entry::of(job, sent, false);
    let service = world.service(sent.service);
    let answer = service.serve(id, job.client.get(), ledger);
    job.account(Account::is_on_its_way);
    (sent, answer)
}

/// Books the answer of an attempt.
pub(crate) fn answered<R: Runtime>(
    job: &Shared<R>,
    sent: Sent,
    result: CallResult,
    given: Option<Given>,
    now: Instant,
) {
    if job.account(|account| account.answered(sent, result.is_ok(), given, now)) {
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
        job: &Rc<Shared<R>>,
        call: u32,
        attempt: u32,
        interest: Interest,
    ) -> (Self, Answer<R>) {
        let (sent, answer) = send(job, call, attempt);
        let in_flight = InFlight {
            job: Some(job.clone()),
            sent,
            interest,
        };
        (in_flight, answer)
    }

    /// Books its answer.
    #[inline(always)]
    pub(crate) fn answered(&mut self, result: CallResult) {
        if let Some(job) = self.job.take() {
            let now = job.world.runtime.now();
            answered(&job, self.sent, result, self.interest.given(), now);
        }
    }
}

impl<R: Runtime> Drop for InFlight<R> {
    #[inline]
    fn drop(&mut self) {
        if let Some(job) = &self.job {
            cancelled(job, self.sent, self.interest.given());
        }
    }
}

impl<R: Runtime> Entry<R> {
    #[inline]
    fn of(job: &Rc<Shared<R>>, sent: Sent, is_bare: bool) -> (AttemptId, Self) {
        let Sent {
            call, attempt, at, ..
        } = sent;
        let id = AttemptId {
            job: job.id.get(),
            call,
            attempt,
        };
        let entry = Entry {
            job: job.clone(),
            at,
            call,
            attempt,
            generation: job.generation.get(),
            is_bare: Cell::new(is_bare),
        };
        (id, entry)
    }

    #[inline]
    fn sent(&self) -> Sent {
        Sent {
            call: self.call,
            attempt: self.attempt,
            service: self.job.world.service_of(self.call),
            at: self.at,
        }
    }
}

impl<R: Runtime> Ledger for Entry<R> {
    fn refused(&self) {
        let now = self.job.world.runtime.now();
        self.job
            .account(|account| account.refused(self.sent(), now));
        self.job.world.in_flight(-1);
    }

    #[inline(always)]
    fn queued_for(&self, ns: u64) {
        // What the end of a run sweeps out of a queue has not come through it.
        if self.job.generation.get() == self.generation && !self.job.account(Account::is_ending) {
            let world = &self.job.world;
            world.waited_in_queue(&self.job, world.service_of(self.call), ns);
        }
    }

    fn stayed_queued_for(&self, ns: u64) {
        // Whose job it was does not matter any more.
        self.job.world.stayed_in_queue(ns);
    }

    #[inline]
    fn answered(self, result: CallResult) {
        if self.is_bare.get() {
            self.job.bare_call_ended(self.sent(), result);
        }
    }

    #[inline]
    fn cancelled(&self) {
        if self.is_bare.replace(false) {
            cancelled(&self.job, self.sent(), None);
            self.job.is_let_go();
        }
    }
}

impl<R: Runtime> Drop for Entry<R> {
    #[inline]
    fn drop(&mut self) {
        if self.is_bare.get() {
            self.job.is_let_go();
        }
    }
}
