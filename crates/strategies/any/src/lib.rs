//! The first success.
//!
//! **Idea.** Every call is started and one success is enough; failures are put up with until
//! there is nothing left to hope for.
//!
//! **Parameters.** [`Any::rest`]: what becomes of the calls still in flight when one has succeeded.
//!
//! **What it sends when.** All calls at instant 0.
//!
//! **When it hurts.** It pays for every call and uses one. Left as orphans, the others hold their
//! connections long after the caller has gone on. When all fail, the caller learns so only from
//! the last of them.
//!
//! **Reference.** `Promise.any`, whose `AggregateError` carries all errors (an empty one rejects
//! at once, with none); `futures::future::select_ok` ([`Rest::Cancel`]).

use awaitlab_core::{Answer, Job, Rest, Strategy};

/// The first success, or every error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Any {
    /// What becomes of the calls in flight when one has succeeded.
    pub rest: Rest,
}

impl Strategy for Any {
    fn wanted(&self, _calls: usize) -> usize {
        1
    }

    async fn run<J: Job>(&self, job: &mut J) {
        for call in 0..job.calls() {
            job.start(call);
        }
        let mut errors = Vec::new();
        while let Some((_, result)) = job.next_settled().await {
            match result {
                Ok(()) => {
                    if self.rest == Rest::Cancel {
                        job.cancel_rest();
                    }
                    return job.settle(Answer::Fulfilled);
                }
                Err(error) => errors.push(error),
            }
        }
        job.settle(Answer::RejectedWithAll(errors));
    }
}

#[cfg(test)]
mod tests {
    use awaitlab_tokio_runtime::script::{fails, succeeds, transcript};

    use super::*;

    #[test]
    fn failures_before_the_first_success_are_put_up_with() {
        assert_eq!(
            transcript(
                Any { rest: Rest::Orphan },
                &[succeeds(300), fails(100), succeeds(200)]
            )
            .lines(),
            [
                "0: start 0, start 1, start 2",
                "100: 1 failed",
                "200: 2 ok, fulfilled",
                "300: 0 ok",
            ]
        );
    }

    #[test]
    fn the_others_are_cancelled_before_it_fulfils() {
        assert_eq!(
            transcript(Any { rest: Rest::Cancel }, &[succeeds(300), succeeds(200)]).lines(),
            ["0: start 0, start 1", "200: 1 ok, 0 cancelled, fulfilled"]
        );
    }

    #[test]
    fn without_a_success_it_rejects_with_every_error_in_order_of_time() {
        assert_eq!(
            transcript(Any::default(), &[fails(300), fails(100), fails(200)]).lines(),
            [
                "0: start 0, start 1, start 2",
                "100: 1 failed",
                "200: 2 failed",
                "300: 0 failed, rejected by all [1, 2, 0]",
            ]
        );
    }

    #[test]
    fn no_calls_reject_at_once_without_an_error() {
        assert_eq!(
            transcript(Any::default(), &[]).lines(),
            ["0: rejected by all []"]
        );
    }
}
