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
