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
