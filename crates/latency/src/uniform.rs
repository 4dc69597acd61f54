//! Equally likely everywhere between two bounds.
//!
//! P(X <= x) = (x - min) / (max - min); mean (min + max) / 2; quantile min + p (max - min).

use std::time::Duration;

use crate::law::Law;
use crate::nanoseconds;
use crate::two_quantiles::{self, MedianAndP99};

/// A latency between `min` and `max`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Uniform {
    min_ns: f64,
    range_ns: f64,
}

/// Why there is no such uniform distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// `max <= min`.
    #[error("max must be longer than min (a single latency is a constant)")]
    NoRange,
}

impl Uniform {
    /// The word for it in a scenario.
    pub const NAME: &'static str = "uniform";

    /// Between `min` and `max`.
    ///
    /// # Errors
    /// When nothing lies between them.
    pub fn new(min: Duration, max: Duration) -> Result<Self, Error> {
        if max <= min {
            return Err(Error::NoRange);
        }
        let min_ns = nanoseconds::real(min);
        Ok(Uniform {
            min_ns,
            range_ns: nanoseconds::real(max) - min_ns,
        })
    }

    /// The one with this median and this p99: 49 % of the range lie between them.
    ///
    /// # Errors
    /// When p99 is not above the median, or so far that the shortest latency would be negative.
    pub fn from_median_p99(median: Duration, p99: Duration) -> Result<Self, two_quantiles::Error> {
        let given = MedianAndP99::new(median, p99)?;
        // Between 0 and twice the median, p99 is 1.98 medians.
        given.ratio_up_to(1.98)?;
        let range_ns = (given.p99_ns - given.median_ns) / 0.49;
        Ok(Uniform {
            min_ns: (given.median_ns - range_ns / 2.0).max(0.0),
            range_ns,
        })
    }
}

impl Law for Uniform {
    fn mean_ns(&self) -> Option<f64> {
        Some(self.min_ns + self.range_ns / 2.0)
    }

    /// With y of the range below the limit: min + y - y^2 / (2 range).
    fn limited_mean_ns(&self, limit_ns: f64) -> f64 {
        let below = (limit_ns - self.min_ns).clamp(0.0, self.range_ns);
        self.min_ns.min(limit_ns) + below - below * below / (2.0 * self.range_ns)
    }

    fn survival(&self, ns: f64) -> f64 {
        (1.0 - (ns - self.min_ns) / self.range_ns).clamp(0.0, 1.0)
    }

    #[inline]
    fn quantile_ns(&self, p: f64) -> f64 {
        self.min_ns + p * self.range_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{golden, kolmogorov_smirnov};

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn the_first_draws_are_the_same_in_every_build() {
        let uniform = Uniform::new(ms(250), ms(750)).unwrap();
        assert_eq!(
            golden::first_draws(uniform),
            [559_402_801, 602_671_860, 383_743_294, 584_908_963]
        );
    }

    #[test]
    fn draws_follow_the_distribution_function() {
        kolmogorov_smirnov::assert_fits(&Uniform::new(ms(250), ms(750)).unwrap());
    }

    /// The slowest of three would take 250 + 500 x 3/4 = 625 ms; one takes 500.
    #[test]
    fn the_mean_is_the_middle() {
        let uniform = Uniform::new(ms(250), ms(750)).unwrap();
        assert_eq!(uniform.mean_ns(), Some(500e6));
        assert_eq!(uniform.quantile_ns(0.9), 700e6);
    }

    #[test]
    fn max_lies_above_min() {
        assert_eq!(Uniform::new(ms(5), ms(5)), Err(Error::NoRange));
        assert_eq!(Uniform::new(ms(6), ms(5)), Err(Error::NoRange));
    }

    /// p99 at 198 ms of a median of 100 ms is 0 to 200 ms; further would begin below 0.
    #[test]
    fn the_shortest_latency_is_not_negative() {
        let widest = Uniform::from_median_p99(ms(100), ms(198)).unwrap();
        assert!(widest.quantile_ns(0.0).abs() < 1e-6);
        assert!((widest.quantile_ns(1.0) - 200e6).abs() < 1e-6);
        assert_eq!(
            Uniform::from_median_p99(ms(100), ms(199)),
            Err(two_quantiles::Error::TooSpread { largest: 1.98 })
        );
    }
}
