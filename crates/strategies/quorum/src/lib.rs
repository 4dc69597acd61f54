//! The first few successes.
//!
//! **Idea.** Every call is started, and the job fulfils with the first `need` successes: what a
//! read or a write to `need` of n replicas waits for. Its latency is that of the `need`-th fastest
//! call, an order statistic, so it is blind to the slowest n - `need`.
//!
//! **Parameters.** `need`: successes that are enough, from 1 to the number of calls. `rest`: what
//! becomes of the calls still in flight.
//!
//! **What it sends when.** All calls at instant 0.
//!
//! **When it hurts.** With `need` close to n it is as slow as `all`, and n - `need` + 1 failures
//! are its end. It rejects the moment `need` successes have become impossible and does not wait
//! for the rest to tell it so.
//!
//! **Reference.** Quorums R and W of Dynamo and Cassandra (`LOCAL_QUORUM`); `Promise.some` of
//! Bluebird and `p-some` on npm. With `need` 1 it is `any`, with `need` n it is `all` that tells
//! every error.

use awaitlab_core::{Answer, Job, Rest, Strategy};
use thiserror::Error;

/// The first `need` successes, or every error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quorum {
    need: usize,
    rest: Rest,
}

/// Why there is no such [`Quorum`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum QuorumError {
    /// `need == 0`: it would be content before anything was sent.
    #[error("need must be at least 1")]
    ZeroNeed,
}

impl Quorum {
    /// The first `need` successes; `rest` is what becomes of the calls still in flight.
    ///
    /// # Errors
    /// When `need` is 0. That it is at most the number of calls is for the job to say: on a job
    /// with fewer calls the strategy rejects at once and starts nothing.
    pub const fn new(need: usize, rest: Rest) -> Result<Self, QuorumError> {
        if need == 0 {
            return Err(QuorumError::ZeroNeed);
        }
        Ok(Quorum { need, rest })
    }

    /// How many successes are enough.
    pub const fn need(&self) -> usize {
        self.need
    }

    /// What becomes of the calls still in flight.
    pub const fn rest(&self) -> Rest {
        self.rest
    }
}

impl Strategy for Quorum {
    fn wanted(&self, _calls: usize) -> usize {
        self.need
    }

    async fn run<J: Job>(&self, job: &mut J) {
        let mut errors = Vec::new();
        let Some(spare) = job.calls().checked_sub(self.need) else {
            return job.settle(Answer::RejectedWithAll(errors));
        };
        for call in 0..job.calls() {
            job.start(call);
        }
        let mut successes = 0;
        while let Some((_, result)) = job.next_settled().await {
            match result {
                Ok(()) => successes += 1,
                Err(error) => errors.push(error),
            }
            let answer = if successes == self.need {
                Answer::Fulfilled
            } else if errors.len() > spare {
                Answer::RejectedWithAll(errors)
            } else {
                continue;
            };
            if self.rest == Rest::Cancel {
                job.cancel_rest();
            }
            return job.settle(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use awaitlab_tokio_runtime::script::{fails, succeeds, transcript};

    use super::*;

    #[test]
    fn it_is_as_fast_as_the_call_that_completes_it() {
        let calls = [succeeds(300), succeeds(100), succeeds(200)];
        assert_eq!(
            transcript(Quorum::new(2, Rest::Orphan).unwrap(), &calls).lines(),
            [
                "0: start 0, start 1, start 2",
                "100: 1 ok",
                "200: 2 ok, fulfilled", // the second fastest
                "300: 0 ok",
            ]
        );
    }

    #[test]
    fn the_others_are_cancelled_before_it_fulfils() {
        let calls = [succeeds(300), succeeds(100), succeeds(200)];
        assert_eq!(
            transcript(Quorum::new(2, Rest::Cancel).unwrap(), &calls).lines(),
            [
                "0: start 0, start 1, start 2",
                "100: 1 ok",
                "200: 2 ok, 0 cancelled, fulfilled"
            ]
        );
    }

    #[test]
    fn it_rejects_as_soon_as_enough_successes_are_impossible() {
        // 3 of 4 needed: one failure is affordable, the second is the end.
        let calls = [succeeds(400), fails(100), succeeds(200), fails(300)];
        assert_eq!(
            transcript(Quorum::new(3, Rest::Cancel).unwrap(), &calls).lines(),
            [
                "0: start 0, start 1, start 2, start 3",
                "100: 1 failed",
                "200: 2 ok",
                "300: 3 failed, 0 cancelled, rejected by all [1, 3]",
            ]
        );
    }

    #[test]
    fn more_than_there_are_calls_is_impossible_from_the_start() {
        let calls = [succeeds(10), succeeds(20)];
        assert_eq!(
            transcript(Quorum::new(3, Rest::Orphan).unwrap(), &calls).lines(),
            ["0: rejected by all []"]
        );
    }

    #[test]
    fn a_quorum_of_none_is_refused() {
        assert_eq!(Quorum::new(0, Rest::Orphan), Err(QuorumError::ZeroNeed));
    }
}
