//! Started together, awaited one by one.
//!
//! **Idea.** The promises are made first and awaited afterwards, in the order of the calls. It
//! looks like `all` and has its speed as long as nothing fails.
//!
//! **Parameters.** [`EagerInOrder::rest`]: what becomes of the calls in flight when the job has
//! rejected.
//!
//! **What it sends when.** All calls at instant 0.
//!
//! **When it hurts.** On failure. The job rejects with the first failure *in order*, not in time:
//! a call that failed after 10 ms goes unnoticed until everything before it has been awaited. For
//! that long its rejection has no handler, and once the loop has been left no later failure ever
//! gets one: each is *unhandled*, which ends a Node process of version 15 or later.
//!
//! **Reference.** `const a = f(), b = g(); await a; await b;` in JavaScript, a bug that reads like
//! an optimisation. In Rust, `tokio::spawn` each and await the handles in order ([`Rest::Orphan`]):
//! failures that nobody awaited vanish silently.

use awaitlab_core::{Answer, Job, Rest, Strategy};

/// Started together, awaited one by one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EagerInOrder {
    /// What becomes of the calls in flight when the job has rejected.
    pub rest: Rest,
}

impl Strategy for EagerInOrder {
    async fn run<J: Job>(&self, job: &mut J) {
        let calls = job.calls();
        for call in 0..calls {
            job.start(call);
        }
        // What has ended but is not awaited yet: the promises themselves, in JavaScript.
        let mut ended: Vec<Option<Result<(), J::Error>>> = (0..calls).map(|_| None).collect();
        for awaited in 0..calls {
            let result = loop {
                if let Some(result) = ended[awaited].take() {
                    break result;
                }
                let Some((call, result)) = job.next_settled().await else {
                    return;
                };
                if result.is_err() && call != awaited {
                    job.unhandled(call);
                }
                ended[call] = Some(result);
            };
            if let Err(error) = result {
                return self.reject(job, error).await;
            }
        }
        job.settle(Answer::Fulfilled);
    }
}

impl EagerInOrder {
    async fn reject<J: Job>(&self, job: &mut J, error: J::Error) {
        if self.rest == Rest::Cancel {
            job.cancel_rest();
        }
        job.settle(Answer::Rejected(error));
        while let Some((call, result)) = job.next_settled().await {
            if result.is_err() {
                job.unhandled(call);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use awaitlab_tokio_runtime::script::{fails, succeeds, transcript};

    use super::*;

    const ORPHAN: EagerInOrder = EagerInOrder { rest: Rest::Orphan };
    const CANCEL: EagerInOrder = EagerInOrder { rest: Rest::Cancel };

    #[test]
    fn without_a_failure_it_is_as_fast_as_all() {
        assert_eq!(
            transcript(ORPHAN, &[succeeds(300), succeeds(500), succeeds(400)]).lines(),
            [
                "0: start 0, start 1, start 2",
                "300: 0 ok",
                "400: 2 ok",
                "500: 1 ok, fulfilled"
            ]
        );
    }

    #[test]
    fn a_failure_behind_the_awaited_call_is_unhandled_until_its_turn_comes() {
        assert_eq!(
            transcript(ORPHAN, &[succeeds(300), fails(10), succeeds(20)]).lines(),
            [
                "0: start 0, start 1, start 2",
                "10: 1 failed, 1 unhandled", // call 0 is awaited
                "20: 2 ok",
                "300: 0 ok, rejected by 1",
            ]
        );
    }

    #[test]
    fn the_first_failure_in_order_counts_and_not_the_first_in_time() {
        assert_eq!(
            transcript(ORPHAN, &[fails(300), fails(100), succeeds(200)]).lines(),
            [
                "0: start 0, start 1, start 2",
                "100: 1 failed, 1 unhandled",
                "200: 2 ok",
                "300: 0 failed, rejected by 0", // call 0 was awaited all the time: handled
            ]
        );
    }

    #[test]
    fn a_failure_after_the_job_rejected_is_unhandled() {
        assert_eq!(
            transcript(ORPHAN, &[fails(100), succeeds(200), fails(300)]).lines(),
            [
                "0: start 0, start 1, start 2",
                "100: 0 failed, rejected by 0",
                "200: 1 ok",
                "300: 2 failed, 2 unhandled",
            ]
        );
    }

    #[test]
    fn what_is_cancelled_before_it_rejects_can_fail_no_more() {
        assert_eq!(
            transcript(CANCEL, &[fails(100), succeeds(200), fails(300)]).lines(),
            [
                "0: start 0, start 1, start 2",
                "100: 0 failed, 1 cancelled, 2 cancelled, rejected by 0",
            ]
        );
    }

    #[test]
    fn no_calls_fulfil_at_once() {
        assert_eq!(transcript(ORPHAN, &[]).lines(), ["0: fulfilled"]);
    }
}
