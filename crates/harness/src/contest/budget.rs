//! What no replication may take more of, whatever its workload: past it the run ends, and says where.

use awaitlab_core::Instant;
use awaitlab_engine::{Limits, Stop};

/// How much a replication may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    /// Attempts in flight, and calls that wait for a connection; also attempts in the queue of one
    /// service, wanted or not.
    pub(crate) in_flight: u64,
    /// Events in all, and of those at one instant, each scheduled by the one before.
    pub(crate) limits: Limits,
}

/// More than anybody would wait for, or any real client could hold.
pub(crate) const BUDGET: Budget = Budget {
    in_flight: 20_000_000,
    limits: Limits {
        events: 10_000_000_000,
        chain: 2_000_000,
    },
};

/// Why a replication was ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Overrun {
    pub(crate) replication: u64,
    /// In virtual time.
    pub(crate) at: Instant,
    pub(crate) what: &'static str,
}

const ZERO_DELAY_LOOP: &str = "a loop without delay: more than 2 million events at one instant, \
                               each caused by the one before";

impl Overrun {
    /// Whether time stood still.
    pub(crate) fn is_a_loop(&self) -> bool {
        self.what == ZERO_DELAY_LOOP
    }

    /// Why a replication was stopped at `at`; `None` where it came to its end.
    pub(crate) fn of(stop: Stop, replication: u64, at: Instant) -> Option<Overrun> {
        let what = match stop {
            Stop::Idle => return None,
            Stop::Asked => {
                "more than 20 million attempts in flight, in a queue or waiting for a connection"
            }
            Stop::TooManyEvents => "more than 10 billion events",
            Stop::ZeroDelayLoop => ZERO_DELAY_LOOP,
        };
        Some(Overrun {
            replication,
            at,
            what,
        })
    }
}

// The messages say so.
const _: () = assert!(BUDGET.in_flight == 20_000_000);
const _: () = assert!(BUDGET.limits.events == 10_000_000_000 && BUDGET.limits.chain == 2_000_000);
