//! What policies tell whoever counts.

use awaitlab_core::Instant;

/// Something that happened at a layer of a stack, at the time it is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// A retry tries again: after its delay, and before what is inside of it decides whether an
    /// attempt is made.
    Retried,
    /// A budget forbade a retry or a hedge.
    BudgetSpent,
    /// A timeout gave up.
    TimedOut,
    /// A hedge sent an attempt beside one that runs.
    Hedged,
    /// An attempt that a hedge sent answered first.
    HedgeWon,
    /// A breaker opened, and refuses everything until then.
    Opened {
        /// When it lets probes through.
        until: Instant,
    },
    /// A breaker began to let probes through.
    HalfOpened,
    /// A breaker closed.
    Closed,
    /// A call was refused at a breaker, bulkhead or limiter.
    Refused,
    /// A call was let in at a bulkhead or limiter that lets wait, after so long (or at once).
    Waited {
        /// How long, in nanoseconds.
        ns: u64,
    },
    /// An adaptive limiter has another limit now.
    Limit {
        /// What it was; `None` for a limiter that is used for the first time.
        before: Option<f64>,
        /// What it is.
        now: f64,
    },
    /// A fallback stood in for an answer.
    Degraded,
}
