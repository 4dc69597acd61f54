//! The algorithms with their parameters.

use std::time::Duration;

use thiserror::Error;

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
        /// An answer that takes longer counts as a drop; above 0.
        timeout: Duration,
    },
    /// Keeps a small queue at the service, estimated from the shortest answer seen.
    Vegas {
        /// The limit at the start.
        initial: u32,
        /// Never above. Never below 1.
        max: u32,
        /// How much of a new limit is taken over, above 0 to 1.
        smoothing: f64,
        /// A shorter queue than this lets the limit grow; `None`: 3 log10 of the limit.
        alpha: Option<u32>,
        /// A longer queue than this lets the limit fall; `None`: 6 log10 of the limit.
        beta: Option<u32>,
        /// After half to all of so many samples per call of the limit, the shortest answer is
        /// forgotten; above 0.
        probe_multiplier: u32,
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
        /// Answers over which "usual" is averaged; above 0.
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
    /// Every answer would be a drop.
    #[error("the timeout of an adaptive limit must be above 0")]
    Timeout,
    /// Nothing is averaged, or everything forgotten at once.
    #[error("the samples of an adaptive limit must be counted from 1")]
    Samples,
}

impl AdaptiveSpec {
    /// `AIMDLimit` with its defaults.
    pub const fn aimd() -> Self {
        AdaptiveSpec::Aimd {
            initial: 20,
            min: 20,
            max: 200,
            backoff_ratio: 0.9,
            timeout: Duration::from_secs(5),
        }
    }

    /// `VegasLimit` with its defaults.
    pub const fn vegas() -> Self {
        AdaptiveSpec::Vegas {
            initial: 20,
            max: 1000,
            smoothing: 1.0,
            alpha: None,
            beta: None,
            probe_multiplier: 30,
        }
    }

    /// `Gradient2Limit` with its defaults.
    pub const fn gradient2() -> Self {
        AdaptiveSpec::Gradient2 {
            initial: 20,
            min: 20,
            max: 200,
            queue_size: 4,
            rtt_tolerance: 1.5,
            smoothing: 0.2,
            long_window: 600,
        }
    }

    pub(super) fn check(&self) -> Result<(), AdaptiveError> {
        let ratio = |is_right, rule| {
            let wrong = AdaptiveError::Ratio(rule);
            if is_right { Ok(()) } else { Err(wrong) }
        };
        let smooth = |smoothing: f64| {
            let is_right = smoothing > 0.0 && smoothing <= 1.0;
            ratio(is_right, "the smoothing must lie above 0 and at most at 1")
        };
        match *self {
            AdaptiveSpec::Aimd {
                initial,
                min,
                max,
                backoff_ratio,
                timeout,
            } => {
                in_order(min, initial, max)?;
                let is_right = (0.5..1.0).contains(&backoff_ratio);
                ratio(is_right, "the backoff ratio must be from 0.5 to below 1")?;
                if timeout.is_zero() {
                    return Err(AdaptiveError::Timeout);
                }
                Ok(())
            }
            AdaptiveSpec::Vegas {
                initial,
                max,
                smoothing,
                probe_multiplier,
                ..
            } => {
                in_order(1, initial, max)?;
                smooth(smoothing)?;
                counted(probe_multiplier)
            }
            AdaptiveSpec::Gradient2 {
                initial,
                min,
                max,
                rtt_tolerance,
                smoothing,
                long_window,
                ..
            } => {
                in_order(min, initial, max)?;
                let is_right = rtt_tolerance >= 1.0 && rtt_tolerance.is_finite();
                ratio(is_right, "the tolerance of answer times must be at least 1")?;
                smooth(smoothing)?;
                counted(long_window)
            }
        }
    }
}

fn in_order(min: u32, initial: u32, max: u32) -> Result<(), AdaptiveError> {
    if 1 <= min && min <= initial && initial <= max {
        Ok(())
    } else {
        Err(AdaptiveError::Order)
    }
}

fn counted(samples: u32) -> Result<(), AdaptiveError> {
    if samples == 0 {
        return Err(AdaptiveError::Samples);
    }
    Ok(())
}
