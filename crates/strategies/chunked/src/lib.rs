//! Slice by slice.
//!
//! **Idea.** The calls are cut into slices of `size`; a slice is started whole and awaited whole
//! before the next begins. The poor man's concurrency limit: a loop around `Promise.all`.
//!
//! **Parameters.** `size`: calls per slice, at least 1. `on_error`: [`OnError::Collect`] awaits
//! each slice with `Promise.allSettled` and fulfils with what succeeded; [`OnError::Stop`] awaits
//! it with `Promise.all` and rejects at the first failure. `rest`: what then becomes of the slice's
//! other calls.
//!
//! **What it sends when.** `size` calls at instant 0, the next `size` when the slowest of those has
//! ended, and so on.
//!
//! **When it hurts.** Every slice waits for its slowest call while the places of the others stand
//! empty: on the same latencies it is never faster than `bounded` with that limit, and the more
//! latencies vary the worse it gets.
//!
//! **Reference.** `for (const slice of chunk(calls, size)) await Promise.all(slice.map(run))`, with
//! lodash's `_.chunk`.

use awaitlab_core::{Answer, Job, Rest, Strategy};
use thiserror::Error;

/// Slice by slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunked {
    size: usize,
    on_error: OnError,
    rest: Rest,
}

/// What a failure does to the slices behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// Nothing: the slice is awaited to its end and the next begins.
    #[default]
    Collect,
    /// They never start: the job rejects with the first failure in time.
    Stop,
}

impl OnError {
    /// Every choice, the default first.
    pub const ALL: [OnError; 2] = [OnError::Collect, OnError::Stop];

    /// Its name in a scenario.
    pub const fn name(self) -> &'static str {
        match self {
            OnError::Collect => "collect",
            OnError::Stop => "stop",
        }
    }
}

/// Why there is no such [`Chunked`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ChunkedError {
    /// `size == 0`: no slice would hold a call.
    #[error("size must be at least 1")]
    ZeroSize,
}

impl Chunked {
    /// Slices of `size` calls. `rest` is what becomes of a slice's other calls when one has failed
    /// under [`OnError::Stop`]; under [`OnError::Collect`] there never are any.
    ///
    /// # Errors
    /// When `size` is 0.
    pub const fn new(size: usize, on_error: OnError, rest: Rest) -> Result<Self, ChunkedError> {
        if size == 0 {
            return Err(ChunkedError::ZeroSize);
        }
        Ok(Chunked {
            size,
            on_error,
            rest,
        })
    }

    /// How many calls a slice has; the last may have fewer.
    pub const fn size(&self) -> usize {
        self.size
    }

    /// What a failure does to the slices behind it.
    pub const fn on_error(&self) -> OnError {
        self.on_error
    }

    /// What becomes of a slice's other calls when one has failed.
    pub const fn rest(&self) -> Rest {
        self.rest
    }
}

impl Strategy for Chunked {
    async fn run<J: Job>(&self, job: &mut J) {
        let mut queue = 0..job.calls();
        while !queue.is_empty() {
            for call in queue.by_ref().take(self.size) {
                job.start(call);
            }
            while let Some((_, result)) = job.next_settled().await {
                if let (Err(error), OnError::Stop) = (result, self.on_error) {
                    if self.rest == Rest::Cancel {
                        job.cancel_rest();
                    }
                    return job.settle(Answer::Rejected(error));
                }
            }
        }
        job.settle(Answer::Fulfilled);
    }
}

#[cfg(test)]
mod tests {
    use awaitlab_tokio_runtime::script::{fails, succeeds, transcript};

    use super::*;

    fn pairs(on_error: OnError, rest: Rest) -> Chunked {
        Chunked::new(2, on_error, rest).unwrap()
    }

    #[test]
    fn every_slice_waits_for_its_slowest() {
        let calls = [
            succeeds(100),
            succeeds(500),
            succeeds(200),
            fails(300),
            succeeds(50),
        ];
        assert_eq!(
            transcript(pairs(OnError::Collect, Rest::Orphan), &calls).lines(),
            [
                "0: start 0, start 1",
                "100: 0 ok",
                "500: 1 ok, start 2, start 3",
                "700: 2 ok",              // 500 + 200
                "800: 3 failed, start 4", // 500 + 300
                "850: 4 ok, fulfilled",   // 800 + 50
            ]
        );
    }

    #[test]
    fn a_failed_slice_is_the_last_and_its_rest_runs_on() {
        let calls = [succeeds(500), fails(100), succeeds(200)];
        assert_eq!(
            transcript(pairs(OnError::Stop, Rest::Orphan), &calls).lines(),
            [
                "0: start 0, start 1",
                "100: 1 failed, rejected by 1",
                "500: 0 ok"
            ]
        );
    }

    #[test]
    fn the_rest_of_a_failed_slice_is_cancelled_before_it_rejects() {
        let calls = [succeeds(500), fails(100), succeeds(200)];
        assert_eq!(
            transcript(pairs(OnError::Stop, Rest::Cancel), &calls).lines(),
            [
                "0: start 0, start 1",
                "100: 1 failed, 0 cancelled, rejected by 1"
            ]
        );
    }

    #[test]
    fn a_slice_may_be_larger_than_the_job() {
        let wide = Chunked::new(usize::MAX, OnError::Collect, Rest::Orphan).unwrap();
        assert_eq!(
            transcript(wide, &[succeeds(10), succeeds(20)]).lines(),
            ["0: start 0, start 1", "10: 0 ok", "20: 1 ok, fulfilled"]
        );
    }

    #[test]
    fn no_calls_fulfil_at_once() {
        for on_error in OnError::ALL {
            assert_eq!(
                transcript(pairs(on_error, Rest::Orphan), &[]).lines(),
                ["0: fulfilled"]
            );
        }
    }

    #[test]
    fn slices_without_calls_are_refused() {
        assert_eq!(
            Chunked::new(0, OnError::Collect, Rest::Orphan),
            Err(ChunkedError::ZeroSize)
        );
    }
}
