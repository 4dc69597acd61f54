//! Lets through at once what the service seems to take.

use std::time::Duration;

use thiserror::Error;

use crate::attempts::{Attempts, Outcome};
use crate::context::Context;
use crate::nested::Next;

/// An adaptive limit: an algorithm of Netflix's concurrency-limits with its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AdaptiveSpec {
    /// Additive increase, multiplicative decrease.
    Aimd {
        /// The limit at the start.
        initial: u32,
        /// Never below.
        min: u32,
        /// Never above.
        max: u32,
        /// What a drop multiplies it by, 0.5 to below 1.
        backoff_ratio: f64,
        /// An answer that takes longer counts as a drop.
        timeout: Duration,
    },
    /// Keeps a small queue at the service, estimated from the shortest answer seen.
    Vegas {
        /// The limit at the start.
        initial: u32,
        /// Never above.
        max: u32,
        /// How much of a new limit is taken over, above 0 to 1.
        smoothing: f64,
    },
    /// Follows the ratio of long-term to recent answer times.
    Gradient2 {
        /// The limit at the start.
        initial: u32,
        /// Never below.
        min: u32,
        /// Never above.
        max: u32,
        /// Calls in the service's queue that are no sign of trouble.
        queue_size: u32,
        /// How much longer than usual an answer may take before the limit falls, at least 1.
        rtt_tolerance: f64,
        /// How much of a new limit is taken over, above 0 to 1.
        smoothing: f64,
        /// Answers over which "usual" is averaged.
        long_window: u32,
    },
}

/// Why there is no such limit.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum AdaptiveError {
    /// Not 1 <= min <= initial <= max.
    #[error("the limits must be in order: 1 <= min <= initial <= max")]
    Order,
    /// A ratio is out of its range.
    #[error("{0}")]
    Ratio(&'static str),
}

/// An adaptive limit with its state.
pub(crate) struct AdaptiveLimit {
    _spec: AdaptiveSpec,
}

impl AdaptiveLimit {
    pub(crate) fn new(spec: AdaptiveSpec) -> Result<Self, AdaptiveError> {
        Ok(AdaptiveLimit { _spec: spec })
    }

    pub(crate) async fn around<A: Attempts, N: Next<A>>(
        &self,
        cx: Context<A>,
        next: N,
    ) -> Outcome<A> {
        next.call(cx).await
    }
}
