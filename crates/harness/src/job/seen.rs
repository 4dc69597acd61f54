//! What a strategy sees of a job in the lab.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use awaitlab_core::{Answer, CallError, CallResult, Job, Runtime};

use crate::job::account::Account;
use crate::job::{Alive, Shared};

/// The wait for the next call to end.
struct NextSettled<'a, R: Runtime>(&'a Shared<R>);

impl<R: Runtime> Future for NextSettled<'_, R> {
    type Output = Option<(usize, CallResult)>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_next(cx)
    }
}

/// The calls of a simulated job, as a strategy sees them.
pub(super) struct SimulatedJob<R: Runtime>(pub(super) Alive<R>);

impl<R: Runtime> Job for SimulatedJob<R> {
    type Error = CallError;

    fn calls(&self) -> usize {
        self.0.job().world.calls() as usize
    }

    #[inline]
    fn start(&mut self, call: usize) {
        // A dead process runs on to its next await, in vain.
        if !self.0.job().dead.get() {
            self.0.job().start(call);
        }
    }

    // No `async fn`, which would be a future around this one.
    #[inline]
    fn next_settled(&mut self) -> impl Future<Output = Option<(usize, CallResult)>> {
        NextSettled(self.0.job())
    }

    fn cancel_rest(&mut self) {
        self.0.job().cancel_calls();
    }

    #[inline]
    fn settle(&mut self, answer: Answer<CallError>) {
        if !self.0.job().dead.get() {
            self.0.job().settle(&answer);
        }
    }

    fn unhandled(&mut self, _: usize) {
        let job = self.0.job();
        if !job.dead.get() {
            job.account(Account::unhandled);
            job.world.failure_is_unhandled(job);
        }
    }
}
