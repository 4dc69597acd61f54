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

#[cfg(test)]
mod tests {
    use awaitlab_tokio_runtime::script::{fails, succeeds, transcript};

    use super::*;

    #[test]
    fn the_caller_waits_for_the_slowest() {
        assert_eq!(
            transcript(
                All::default(),
                &[succeeds(300), succeeds(500), succeeds(400)]
            )
            .lines(),
            [
                "0: start 0, start 1, start 2",
                "300: 0 ok",
                "400: 2 ok",
                "500: 1 ok, fulfilled"
            ]
        );
    }

    #[test]
    fn it_rejects_at_the_first_failure_in_time_and_the_others_run_on() {
        let calls = [fails(300), fails(200), succeeds(100)];
        assert_eq!(
            transcript(All { rest: Rest::Orphan }, &calls).lines(),
            [
                "0: start 0, start 1, start 2",
                "100: 2 ok",
                "200: 1 failed, rejected by 1",
                "300: 0 failed", // swallowed: not even unhandled
            ]
        );
    }

    #[test]
    fn the_others_are_cancelled_before_it_rejects() {
        let calls = [succeeds(300), fails(200), succeeds(100)];
        assert_eq!(
            transcript(All { rest: Rest::Cancel }, &calls).lines(),
            [
                "0: start 0, start 1, start 2",
                "100: 2 ok",
                "200: 1 failed, 0 cancelled, rejected by 1",
            ]
        );
    }

    #[test]
    fn no_calls_fulfil_at_once() {
        assert_eq!(transcript(All::default(), &[]).lines(), ["0: fulfilled"]);
    }
}
