//! How much is run.

use crate::models::{FanOut, Queue};

/// How much is run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Measured runs of each contender.
    pub(crate) rounds: usize,
    /// What everything is divided by.
    divisor: u64,
    /// Requests of the long run whose memory is measured.
    pub(crate) requests: u64,
}

impl Size {
    /// Runs of about a third of a second each.
    pub(crate) fn full(requests: u64) -> Self {
        Size {
            rounds: 9,
            divisor: 1,
            requests,
        }
    }

    /// Enough to see that everything works.
    pub(crate) fn quick() -> Self {
        Size {
            rounds: 3,
            divisor: 20,
            requests: 1_000_000,
        }
    }

    /// A million calls in fan-outs of so many.
    pub(crate) fn fan_out(&self, calls: u32) -> FanOut {
        FanOut {
            calls,
            replications: 1_000_000 / u64::from(calls) / self.divisor,
        }
    }

    /// A million requests in the usual number of replications. Fewer are fewer replications, not
    /// shorter ones: what a replication costs by itself should weigh the same.
    pub(crate) fn queue(&self) -> Queue {
        Queue {
            seconds: 150,
            replications: (20 / self.divisor).max(2),
        }
    }

    /// Events at the engine's queue.
    pub(crate) fn events(&self) -> u64 {
        2_000_000 / self.divisor
    }
}
