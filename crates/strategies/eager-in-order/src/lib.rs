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
