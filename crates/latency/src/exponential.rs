//! Memoryless: what has not ended is as far from its end as it was at the start.
//!
//! P(X > x) = e^(-x / mean); quantile -mean ln(1 - p); median mean ln 2, p99 mean ln 100. The law of
//! textbook queues, with a standard deviation as large as the mean.

use std::f64::consts::LN_2;
use std::time::Duration;

use crate::law::Law;
use crate::nanoseconds;
use crate::two_quantiles::LN_100;

/// An exponential latency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exponential {
    mean_ns: f64,
}

/// Why there is no such exponential distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The mean, median or p99 is 0.
    #[error("an exponential latency must be longer than 0")]
    Zero,
}

impl Exponential {
    /// The word for it in a scenario.
    pub const NAME: &'static str = "exponential";

    /// The one with this mean.
    ///
    /// # Errors
    /// When the mean is zero.
    pub fn new(mean: Duration) -> Result<Self, Error> {
        Self::from_quantile(mean, 1.0)
    }

    /// The one with this median.
    ///
    /// # Errors
    /// When the median is zero.
    pub fn from_median(median: Duration) -> Result<Self, Error> {
        Self::from_quantile(median, LN_2)
    }

    /// The one with this p99.
    ///
    /// # Errors
    /// When the p99 is zero.
    pub fn from_p99(p99: Duration) -> Result<Self, Error> {
        Self::from_quantile(p99, LN_100)
    }

    /// The one that takes `duration` after `means` of its means.
    fn from_quantile(duration: Duration, means: f64) -> Result<Self, Error> {
        if duration.is_zero() {
            return Err(Error::Zero);
        }
        Ok(Exponential {
            mean_ns: nanoseconds::real(duration) / means,
        })
    }
}

impl Law for Exponential {
    fn mean_ns(&self) -> Option<f64> {
        Some(self.mean_ns)
    }

    fn limited_mean_ns(&self, limit_ns: f64) -> f64 {
        -self.mean_ns * libm::expm1(-limit_ns / self.mean_ns)
    }

    fn survival(&self, ns: f64) -> f64 {
        libm::exp(-ns.max(0.0) / self.mean_ns)
    }

    #[inline]
    fn quantile_ns(&self, p: f64) -> f64 {
        -self.mean_ns * libm::log(1.0 - p)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{golden, kolmogorov_smirnov};

    const HALF_A_SECOND: Duration = Duration::from_millis(500);

    #[test]
    fn the_first_draws_are_the_same_in_every_build() {
        let exponential = Exponential::new(HALF_A_SECOND).unwrap();
        assert_eq!(
            golden::first_draws(exponential),
            [482_222_901, 610_972_876, 155_636_815, 554_055_519]
        );
    }

    #[test]
    fn draws_follow_the_distribution_function() {
        kolmogorov_smirnov::assert_fits(&Exponential::new(HALF_A_SECOND).unwrap());
    }

    /// ln 2 = 0.693147 and ln 100 = 4.605170 means.
    #[test]
    fn median_and_p99_are_multiples_of_the_mean() {
        let exponential = Exponential::new(HALF_A_SECOND).unwrap();
        assert_eq!(exponential.mean_ns(), Some(500e6));
        assert!((exponential.quantile_ns(0.5) - 346_573_590.3).abs() < 0.1);
        assert!((exponential.quantile_ns(0.99) - 2_302_585_093.0).abs() < 0.1);
    }

    /// Timing out at the mean leaves a mean of (1 - 1/e) means.
    #[test]
    fn a_limit_at_the_mean_leaves_0_632_of_it() {
        let exponential = Exponential::new(HALF_A_SECOND).unwrap();
        assert!((exponential.limited_mean_ns(500e6) - 316_060_279.4).abs() < 0.1);
    }

    #[test]
    fn it_can_be_given_by_its_median_or_its_p99() {
        let by_median = Exponential::from_median(HALF_A_SECOND).unwrap();
        assert!((by_median.quantile_ns(0.5) - 500e6).abs() < 1e-6);
        let by_p99 = Exponential::from_p99(HALF_A_SECOND).unwrap();
        assert!((by_p99.quantile_ns(0.99) - 500e6).abs() < 1e-6);
    }

    #[test]
    fn a_latency_of_zero_is_refused() {
        assert_eq!(Exponential::new(Duration::ZERO), Err(Error::Zero));
        assert_eq!(Exponential::from_median(Duration::ZERO), Err(Error::Zero));
        assert_eq!(Exponential::from_p99(Duration::ZERO), Err(Error::Zero));
    }
}
