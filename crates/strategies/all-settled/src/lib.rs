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

#[cfg(test)]
mod tests {
    use awaitlab_tokio_runtime::script::{fails, succeeds, transcript};

    use super::*;

    #[test]
    fn an_early_failure_is_told_when_the_slowest_has_ended() {
        assert_eq!(
            transcript(AllSettled, &[succeeds(500), fails(50), succeeds(300)]).lines(),
            [
                "0: start 0, start 1, start 2",
                "50: 1 failed",
                "300: 2 ok",
                "500: 0 ok, fulfilled"
            ]
        );
    }

    #[test]
    fn it_fulfils_even_when_everything_failed() {
        assert_eq!(
            transcript(AllSettled, &[fails(20), fails(10)]).lines(),
            [
                "0: start 0, start 1",
                "10: 1 failed",
                "20: 0 failed, fulfilled"
            ]
        );
    }

    #[test]
    fn no_calls_fulfil_at_once() {
        assert_eq!(transcript(AllSettled, &[]).lines(), ["0: fulfilled"]);
    }
}
