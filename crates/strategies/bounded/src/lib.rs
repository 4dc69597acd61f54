//! A few at a time.
//!
//! **Idea.** A pool of `limit` places over a queue of calls: whoever ends gives its place to the
//! next call at once. Most of the speed of sending everything together, with a load that the
//! service can be told in advance.
//!
//! **Parameters.** `limit`: places, at least 1. `on_error`: what a failure does to the pool, where
//! libraries differ most; [`OnError`] has the six. `rest`: what becomes of the calls in flight when
//! the job rejects early, under [`OnError::Stop`] and [`OnError::ClearQueue`]; under the others
//! either nothing is in flight any more or the pool goes on by design.
//!
//! **What it sends when.** `limit` calls at instant 0, then one at each end of a call, in the order
//! of the queue.
//!
//! **When it hurts.** It limits concurrency, not rate: fast answers make it send faster, straight
//! into a rate limit. A slow call keeps its place, `limit` slow ones keep them all. And a rejection
//! says nothing about what is still running: under [`OnError::KeepStarting`] the whole queue is
//! still worked off for a caller who has long left.
//!
//! **Reference.** `p-limit`, `p-map` and `p-queue` on npm; `buffer_unordered` of the `futures`
//! crate; a `Semaphore` of tokio around each call.

mod on_error;

pub use on_error::OnError;

use awaitlab_core::{Answer, Job, Rest, Strategy};
use thiserror::Error;

/// A few at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounded {
    limit: usize,
    on_error: OnError,
    rest: Rest,
}

/// Why there is no such [`Bounded`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BoundedError {
    /// `limit == 0`: nothing would ever start.
    #[error("limit must be at least 1")]
    ZeroLimit,
    /// `rest` is cancel and `on_error` is one that goes on after the job rejected.
    #[error("rest \"cancel\" contradicts on-error {:?}, which goes on after rejecting", .0.name())]
    CancelsWhatGoesOn(OnError),
}

impl Bounded {
    /// A pool of `limit` places.
    ///
    /// # Errors
    /// When `limit` is 0, or `rest` is cancel under [`OnError::KeepStarting`] or
    /// [`OnError::LoseWorker`].
    pub const fn new(limit: usize, on_error: OnError, rest: Rest) -> Result<Self, BoundedError> {
        if limit == 0 {
            return Err(BoundedError::ZeroLimit);
        }
        match (on_error, rest) {
            (OnError::KeepStarting | OnError::LoseWorker, Rest::Cancel) => {
                Err(BoundedError::CancelsWhatGoesOn(on_error))
            }
            _ => Ok(Bounded {
                limit,
                on_error,
                rest,
            }),
        }
    }

    /// How many calls are in flight at most.
    pub const fn limit(&self) -> usize {
        self.limit
    }

    /// What a failure does.
    pub const fn on_error(&self) -> OnError {
        self.on_error
    }

    /// What becomes of the calls in flight when the job rejects early.
    pub const fn rest(&self) -> Rest {
        self.rest
    }
}

impl Strategy for Bounded {
    async fn run<J: Job>(&self, job: &mut J) {
        let mut queue = 0..job.calls();
        for call in queue.by_ref().take(self.limit) {
            job.start(call);
        }
        let mut errors = Vec::new();
        while let Some((_, result)) = job.next_settled().await {
            // The place is handed on before the caller hears anything: p-limit does so, and its
            // one extra start is the difference between "stop" and "clear-queue".
            if (result.is_ok() || self.on_error.hands_on())
                && let Some(next) = queue.next()
            {
                job.start(next);
            }
            let Err(error) = result else {
                continue;
            };
            match self.on_error {
                OnError::Collect => {}
                OnError::RejectAtEnd => errors.push(error),
                // Only the first counts; the pool goes on.
                OnError::LoseWorker | OnError::KeepStarting => job.settle(Answer::Rejected(error)),
                OnError::Stop | OnError::ClearQueue => {
                    if self.rest == Rest::Cancel {
                        job.cancel_rest();
                    }
                    return job.settle(Answer::Rejected(error));
                }
            }
        }
        job.settle(if errors.is_empty() {
            Answer::Fulfilled
        } else {
            Answer::RejectedWithAll(errors)
        });
    }
}

#[cfg(test)]
mod tests {
    use awaitlab_tokio_runtime::script::{Call, fails, succeeds, transcript};

    use super::*;

    /// Two places. Call 1 fails at 200 with call 0 in flight and three calls in the queue, of which
    /// call 3 fails too.
    const CALLS: [Call; 5] = [
        succeeds(300),
        fails(200),
        succeeds(250),
        fails(120),
        succeeds(90),
    ];

    fn lines(on_error: OnError, rest: Rest) -> Vec<String> {
        transcript(Bounded::new(2, on_error, rest).unwrap(), &CALLS).lines()
    }

    #[test]
    fn collecting_a_freed_place_takes_the_next_call_at_once() {
        assert_eq!(
            lines(OnError::Collect, Rest::Orphan),
            [
                "0: start 0, start 1",
                "200: 1 failed, start 2",
                "300: 0 ok, start 3",
                "420: 3 failed, start 4", // 300 + 120
                "450: 2 ok",              // 200 + 250; the queue is empty
                "510: 4 ok, fulfilled",   // 420 + 90
            ]
        );
    }

    #[test]
    fn stopping_starts_nothing_more() {
        assert_eq!(
            lines(OnError::Stop, Rest::Orphan),
            [
                "0: start 0, start 1",
                "200: 1 failed, rejected by 1",
                "300: 0 ok"
            ]
        );
        assert_eq!(
            lines(OnError::Stop, Rest::Cancel),
            [
                "0: start 0, start 1",
                "200: 1 failed, 0 cancelled, rejected by 1"
            ]
        );
    }

    #[test]
    fn clearing_the_queue_comes_one_start_late() {
        assert_eq!(
            lines(OnError::ClearQueue, Rest::Orphan),
            [
                "0: start 0, start 1",
                "200: 1 failed, start 2, rejected by 1",
                "300: 0 ok",
                "450: 2 ok", // 200 + 250
            ]
        );
    }

    #[test]
    fn the_call_handed_on_is_cancelled_with_the_rest() {
        assert_eq!(
            lines(OnError::ClearQueue, Rest::Cancel),
            [
                "0: start 0, start 1",
                "200: 1 failed, start 2, 0 cancelled, 2 cancelled, rejected by 1",
            ]
        );
    }

    #[test]
    fn a_lost_worker_leaves_the_queue_to_the_others() {
        assert_eq!(
            lines(OnError::LoseWorker, Rest::Orphan),
            [
                "0: start 0, start 1",
                "200: 1 failed, rejected by 1",
                "300: 0 ok, start 2",
                "550: 2 ok, start 3", // 300 + 250
                "670: 3 failed",      // 550 + 120: the last worker is gone, call 4 never starts
            ]
        );
    }

    #[test]
    fn keeping_to_start_works_off_the_queue_behind_the_callers_back() {
        assert_eq!(
            lines(OnError::KeepStarting, Rest::Orphan),
            [
                "0: start 0, start 1",
                "200: 1 failed, start 2, rejected by 1",
                "300: 0 ok, start 3",
                "420: 3 failed, start 4",
                "450: 2 ok",
                "510: 4 ok",
            ]
        );
    }

    #[test]
    fn rejecting_at_the_end_runs_everything_and_tells_every_error() {
        assert_eq!(
            lines(OnError::RejectAtEnd, Rest::Orphan),
            [
                "0: start 0, start 1",
                "200: 1 failed, start 2",
                "300: 0 ok, start 3",
                "420: 3 failed, start 4",
                "450: 2 ok",
                "510: 4 ok, rejected by all [1, 3]",
            ]
        );
    }

    #[test]
    fn without_a_failure_they_are_all_the_same() {
        let calls = [succeeds(30), succeeds(20), succeeds(40)];
        for on_error in OnError::ALL {
            assert_eq!(
                transcript(Bounded::new(2, on_error, Rest::Orphan).unwrap(), &calls).lines(),
                [
                    "0: start 0, start 1",
                    "20: 1 ok, start 2",
                    "30: 0 ok",
                    "60: 2 ok, fulfilled"
                ],
                "{on_error:?}"
            );
        }
    }

    #[test]
    fn no_calls_fulfil_at_once() {
        for on_error in OnError::ALL {
            let pool = Bounded::new(2, on_error, Rest::Orphan).unwrap();
            assert_eq!(
                transcript(pool, &[]).lines(),
                ["0: fulfilled"],
                "{on_error:?}"
            );
        }
    }

    #[test]
    fn impossible_pools_are_refused() {
        assert_eq!(
            Bounded::new(0, OnError::Collect, Rest::Orphan),
            Err(BoundedError::ZeroLimit)
        );
        for on_error in [OnError::KeepStarting, OnError::LoseWorker] {
            assert_eq!(
                Bounded::new(2, on_error, Rest::Cancel),
                Err(BoundedError::CancelsWhatGoesOn(on_error))
            );
            assert!(Bounded::new(2, on_error, Rest::Orphan).is_ok());
        }
    }
}
