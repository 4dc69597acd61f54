//! One call after another.
//!
//! **Idea.** `for … await`: a call is sent when the one before it has been answered. The caller
//! waits for the sum of all latencies, which is what one pays for never having more than one
//! request in flight.
//!
//! **Parameters.** [`Sequential::on_error`]: what a failure does to the calls behind it.
//! [`OnError::Isolate`] is a `try`/`catch` around each await: the loop goes on and the job fulfils
//! with what succeeded. [`OnError::Stop`] is the plain loop: the first failure leaves it, the calls
//! behind never start and the results before are lost.
//!
//! **What it sends when.** Call 0 at once; call `i` at the instant at which call `i - 1` ended.
//! Never two at a time, so there is never anything to cancel or to orphan.
//!
//! **When it hurts.** Whenever the calls do not need each other: three requests of 500 ms take
//! 1500 ms instead of 500. One call that never answers blocks all behind it, whatever `on_error`
//! says.
//!
//! **Reference.** `for (const call of calls) await call()` in JavaScript; the same loop over
//! `.await` in Rust; `buffered(1)` of the `futures` crate.

use awaitlab_core::{Answer, Job, Strategy};

/// One call after another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sequential {
    /// What a failure does to the calls behind it.
    pub on_error: OnError,
}

/// What a failure does to the calls behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// Nothing: it is caught and the loop goes on.
    #[default]
    Isolate,
    /// They never start: the job rejects with it.
    Stop,
}

impl OnError {
    /// Every choice, the default first.
    pub const ALL: [OnError; 2] = [OnError::Isolate, OnError::Stop];

    /// Its name in a scenario.
    pub const fn name(self) -> &'static str {
        match self {
            OnError::Isolate => "isolate",
            OnError::Stop => "stop",
        }
    }
}

impl Strategy for Sequential {
    async fn run<J: Job>(&self, job: &mut J) {
        for call in 0..job.calls() {
            job.start(call);
            let ended = job.next_settled().await;
            if let (Some((_, Err(error))), OnError::Stop) = (ended, self.on_error) {
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
    fn the_caller_waits_for_the_sum_and_a_failure_is_isolated() {
        let calls = [succeeds(700), fails(500), succeeds(300)];
        assert_eq!(
            transcript(
                Sequential {
                    on_error: OnError::Isolate
                },
                &calls
            )
            .lines(),
            [
                "0: start 0",
                "700: 0 ok, start 1",
                "1200: 1 failed, start 2", // 700 + 500
                "1500: 2 ok, fulfilled",   // 1200 + 300
            ]
        );
    }

    #[test]
    fn a_plain_loop_is_left_at_the_first_failure() {
        let calls = [succeeds(700), fails(500), succeeds(300)];
        assert_eq!(
            transcript(
                Sequential {
                    on_error: OnError::Stop
                },
                &calls
            )
            .lines(),
            [
                "0: start 0",
                "700: 0 ok, start 1",
                "1200: 1 failed, rejected by 1"
            ]
        );
    }

    #[test]
    fn no_calls_fulfil_at_once() {
        for on_error in OnError::ALL {
            assert_eq!(
                transcript(Sequential { on_error }, &[]).lines(),
                ["0: fulfilled"]
            );
        }
    }
}
