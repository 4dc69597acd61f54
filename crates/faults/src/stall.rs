//! What a job asks together is slow together: one extra latency shared by all calls of a job that
//! reach the service at the same instant.
//!
//! Independent slowness makes the slowest of n calls slower than each; correlated slowness (a lock, a
//! cold cache, a noisy neighbour) does not. The extra latency, and with a probability below 1 whether
//! there is one, are a function of the rule, the replication, the job and the instant: calls of one
//! instant share them, those that arrive later, retries among them, meet their own.

use awaitlab_core::{AttemptId, Draws, Instant, Latency, Stream, Verdict};

/// Extra latency by a law, shared by what a job sends at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stall<L> {
    add: L,
}

/// The law of rules among which there is no stall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeverStalls {}

impl<L> Stall<L> {
    /// The word for it in a scenario.
    pub const NAME: &'static str = "stall";

    /// Served, but later by a draw of this law.
    pub const fn new(add: L) -> Self {
        Stall { add }
    }

    /// The law of the extra latency.
    pub const fn add(&self) -> &L {
        &self.add
    }
}

impl<L: Latency> Stall<L> {
    /// What becomes of an attempt of that job that reaches the service now; `stream` is the rule's.
    pub(crate) fn verdict(&self, job: u64, now: Instant, stream: &Stream) -> Verdict {
        // To the law it is one request of the job, whichever of its calls asks.
        let of_job = AttemptId {
            job,
            call: 0,
            attempt: 0,
        };
        let mut draws = stream.draws(&together(job, now));
        Verdict::Slow {
            factor: 1.0,
            add: self.add.sample(&of_job, &mut draws),
        }
    }
}

/// The key of everything that a job sends at one instant.
pub(crate) fn together(job: u64, now: Instant) -> AttemptId {
    let ns = now.as_nanos();
    // An attempt's call and number make one 64-bit component of its key: here it is the instant.
    AttemptId {
        job,
        call: (ns >> 32) as u32,
        attempt: ns as u32,
    }
}

impl Latency for NeverStalls {
    fn sample_ns(&self, _: &AttemptId, _: &mut Draws) -> u64 {
        match *self {}
    }
}
