//! Fan-outs with accounts.

use awaitlab_core::{AttemptId, Purpose, Streams};

use crate::hand::account::{Account, Tally};
use crate::hand::events::{Class, Events};
use crate::hand::exponential_ns;
use crate::models::FanOut;

/// Runs all fan-outs.
pub(crate) fn run(model: &FanOut, seed: u64) -> Tally {
    let mut tally = Tally::default();
    let mut events = Events::default();
    let mut sent = vec![0; model.calls as usize];
    for replication in 0..model.replications {
        let latency = Streams::new(seed, replication).stream(Purpose::Latency, 0);
        let mut job = Account::new(0);
        for call in 0..model.calls {
            sent[call as usize] = 0;
            job.sent();
            let attempt = AttemptId {
                job: replication,
                call,
                attempt: 0,
            };
            let takes_ns = exponential_ns(&mut latency.draws(&attempt));
            events.push(takes_ns, Class::Answer, call);
        }
        while let Some(answer) = events.pop() {
            job.answered(sent[answer.whom as usize], answer.at);
            job.settle_when_all_are_in(model.calls, answer.at);
        }
        tally.add(&job);
    }
    assert!(tally.is_conserved());
    tally
}
