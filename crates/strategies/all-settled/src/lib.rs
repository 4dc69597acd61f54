//! Everything at once, whatever comes of it.
//!
//! **Idea.** Every call is started and every end is waited for. The job always fulfils; which
//! calls failed is for the caller to read.
//!
//! **Parameters.** None: it never settles with a call in flight.
//!
//! **What it sends when.** All calls at instant 0.
//!
//! **When it hurts.** A failure is known early and told late: the caller waits for the slowest
//! call even when it can no longer use the answer. A call that never ends means a job that never
//! settles. And it is the same burst as `all`.
//!
//! **Reference.** `Promise.allSettled`; `futures::future::join_all`; `JoinSet::join_all` of tokio.

use awaitlab_core::{Answer, Job, Strategy};

/// Everything at once, whatever comes of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AllSettled;

impl Strategy for AllSettled {
    async fn run<J: Job>(&self, job: &mut J) {
        for call in 0..job.calls() {
            job.start(call);
        }
        while job.next_settled().await.is_some() {}
        job.settle(Answer::Fulfilled);
    }
}
