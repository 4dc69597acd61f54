//! A quota with what is left of it.

use awaitlab_core::Instant;

use super::bucket::Bucket;
use super::fixed_window::FixedWindow;
use super::{Quota, RateLimitError};

/// A quota with what is left of it.
pub(super) enum Meter {
    Bucket(Bucket),
    Window(FixedWindow),
}

impl Meter {
    /// A quota that is unused.
    pub(super) fn new(quota: Quota) -> Result<Self, RateLimitError> {
        let meter = match quota {
            Quota::TokenBucket { rate_per_s, burst } => {
                Bucket::full(rate_per_s, burst).map(Meter::Bucket)
            }
            Quota::FixedWindow { limit, window } => {
                FixedWindow::new(limit, window).map(Meter::Window)
            }
        };
        meter.ok_or(RateLimitError::Nothing)
    }

    /// Lets one call through.
    ///
    /// # Errors
    /// Not now; the error is from when on, if nobody comes in between.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), Instant> {
        match self {
            Meter::Bucket(bucket) => bucket.take(now),
            Meter::Window(window) => window.take(now),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_quota_of_nothing_is_refused() {
        let bucket = |rate_per_s, burst| Quota::TokenBucket { rate_per_s, burst };
        let window = |limit, window| Quota::FixedWindow { limit, window };
        let of_nothing = [
            bucket(0.0, 1),
            bucket(-1.0, 1),
            bucket(f64::NAN, 1),
            bucket(f64::INFINITY, 1),
            // Less than a billionth of a token per second is none.
            bucket(1e-10, 1),
            bucket(1.0, 0),
            window(0, Duration::from_secs(1)),
            window(1, Duration::ZERO),
        ];
        for quota in of_nothing {
            let error = Meter::new(quota).err();
            assert_eq!(error, Some(RateLimitError::Nothing), "{quota:?}");
        }
        for quota in [bucket(1e-9, 1), window(1, Duration::from_nanos(1))] {
            assert!(Meter::new(quota).is_ok(), "{quota:?}");
        }
    }
}
