//! The first end, good or bad.
//!
//! **Idea.** Every call is started, and the job is whatever the first of them to end is: its
//! success fulfils, its failure rejects.
//!
//! **Parameters.** [`Race::rest`]: what becomes of the losers.
//!
//! **What it sends when.** All calls at instant 0.
//!
//! **When it hurts.** A call that fails fast beats every call that would have succeeded: between
//! replicas of one service, the broken one wins. `any` is what is usually meant. Losers that are
//! not cancelled are served to their end for nothing.
//!
//! **Reference.** `Promise.race` ([`Rest::Orphan`]); `futures::future::select_all` and
//! `tokio::select!` ([`Rest::Cancel`]). A race of no calls never settles, as in JavaScript.

use awaitlab_core::{Answer, Job, Rest, Strategy};

/// The first end, good or bad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Race {
    /// What becomes of the losers.
    pub rest: Rest,
}

impl Strategy for Race {
    fn wanted(&self, _calls: usize) -> usize {
        1
    }

    async fn run<J: Job>(&self, job: &mut J) {
        for call in 0..job.calls() {
            job.start(call);
        }
        let Some((_, result)) = job.next_settled().await else {
            return;
        };
        if self.rest == Rest::Cancel {
            job.cancel_rest();
        }
        job.settle(match result {
            Ok(()) => Answer::Fulfilled,
            Err(error) => Answer::Rejected(error),
        });
    }
}

#[cfg(test)]
mod tests {
    use awaitlab_tokio_runtime::script::{fails, succeeds, transcript};

    use super::*;

    #[test]
    fn a_fast_failure_beats_every_success() {
        assert_eq!(
            transcript(Race { rest: Rest::Orphan }, &[succeeds(300), fails(10)]).lines(),
            [
                "0: start 0, start 1",
                "10: 1 failed, rejected by 1",
                "300: 0 ok"
            ]
        );
    }

    #[test]
    fn losers_are_cancelled_before_it_settles() {
        let calls = [succeeds(300), succeeds(100), fails(200)];
        assert_eq!(
            transcript(Race { rest: Rest::Cancel }, &calls).lines(),
            [
                "0: start 0, start 1, start 2",
                "100: 1 ok, 0 cancelled, 2 cancelled, fulfilled"
            ]
        );
    }

    #[test]
    fn a_race_of_no_calls_never_settles() {
        assert!(transcript(Race::default(), &[]).lines().is_empty());
    }
}
