//! Everything at once, and all or nothing.
//!
//! **Idea.** Every call is started, and the job has its answer when the last succeeded or the
//! first failed, whichever comes first. "First" is first in time, not in the order of the calls.
//!
//! **Parameters.** [`All::rest`]: what becomes of the calls in flight when one has failed. In
//! JavaScript they run on as orphans and nobody looks at what they bring; an `AbortController`, or
//! dropping the futures in Rust, cancels them.
//!
//! **What it sends when.** All calls at instant 0.
//!
//! **When it hurts.** One failure throws away every result that is already there, and without
//! cancelling it does not even stop the spending: the other calls are served to their end. The
//! burst of as many requests as there are calls is what rate limits are made for. And the time to
//! an answer is that of the slowest call: the maximum of n latencies grows with n as soon as they
//! vary.
//!
//! **Reference.** `Promise.all` ([`Rest::Orphan`]); `futures::future::try_join_all` and
//! `tokio::try_join!` ([`Rest::Cancel`]).

use awaitlab_core::{Answer, Job, Rest, Strategy};

/// Everything at once, and all or nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct All {
    /// What becomes of the calls in flight when one has failed.
    pub rest: Rest,
}

impl Strategy for All {
    async fn run<J: Job>(&self, job: &mut J) {
        for call in 0..job.calls() {
            job.start(call);
        }
        while let Some((_, result)) = job.next_settled().await {
            if let Err(error) = result {
                if self.rest == Rest::Cancel {
                    job.cancel_rest();
                }
                return job.settle(Answer::Rejected(error));
            }
        }
        job.settle(Answer::Fulfilled);
    }
}
