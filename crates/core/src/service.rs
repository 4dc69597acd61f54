//! The traits a simulated service is made of.

use std::time::Duration;

use crate::attempt::AttemptId;
use crate::outcome::ErrorClass;
use crate::stream::{Draws, Streams};
use crate::time::Instant;

/// How long a service works on an attempt.
pub trait Latency {
    /// The service time of one attempt, in nanoseconds.
    ///
    /// A function of `attempt` and of what `draws`, which is keyed by that attempt, gives: the same
    /// attempt takes as long whichever strategy made it.
    fn sample_ns(&self, attempt: &AttemptId, draws: &mut Draws) -> u64;

    /// [`Latency::sample_ns`] as a duration.
    fn sample(&self, attempt: &AttemptId, draws: &mut Draws) -> Duration {
        Duration::from_nanos(self.sample_ns(attempt, draws))
    }
}

/// The faults that strike a service or the way to it.
pub trait Faults {
    /// What happens to an attempt that reaches the service now.
    ///
    /// Judged once per attempt. Random rules draw from `streams`, keyed by rule and attempt.
    fn judge(&self, attempt: &AttemptId, now: Instant, streams: &Streams) -> Verdict;
}

/// What the fault rules say of an attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// No rule matches: it is served.
    Serve,
    /// It fails.
    Fail {
        /// Time until the error is answered; `None`: the attempt's own latency.
        after: Option<Duration>,
        /// Its class.
        class: ErrorClass,
        /// The status that is answered, where one is.
        status: Option<u16>,
    },
    /// Accepted, never answered.
    Hang,
    /// Served, but slower: latency x `factor` + `add`.
    Slow {
        /// At least 0.
        factor: f64,
        /// Added after the factor.
        add: Duration,
    },
}

/// A world without faults.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFaults;

impl Faults for NoFaults {
    #[inline]
    fn judge(&self, _: &AttemptId, _: Instant, _: &Streams) -> Verdict {
        Verdict::Serve
    }
}
