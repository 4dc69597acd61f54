//! The logarithm is normal: many small slownesses that multiply.
//!
//! X = median e^(sigma Z) with Z standard normal; mean = median e^(sigma^2 / 2); P(X > x) =
//! Phi(ln(median / x) / sigma). The usual first guess for a service: skewed, with a tail that is
//! heavier than exponential and still has every moment.

use std::time::Duration;

use crate::law::Law;
use crate::nanoseconds;
use crate::standard_normal::{cdf, quantile};
use crate::two_quantiles::{self, MedianAndP99};

/// A log-normal latency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogNormal {
    median_ns: f64,
    sigma: f64,
}

/// Why there is no such log-normal distribution.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// The median or the mean is 0.
    #[error("a log-normal latency must be longer than 0")]
    Zero,
    /// `!(0 < sigma <= 10)`.
    #[error("sigma lies above 0 and is at most 10, {0} is not")]
    Sigma(f64),
}

impl LogNormal {
    /// The word for it in a scenario.
    pub const NAME: &'static str = "log-normal";

    /// The widest spread: its mean is 5 x 10^21 medians, far beyond what any run could meet.
    pub const LARGEST_SIGMA: f64 = 10.0;

    /// The one with this median and this p99: sigma = ln(p99 / median) / 2.326348.
    ///
    /// # Errors
    /// When p99 is not above the median, or further than [`LogNormal::LARGEST_SIGMA`] takes it.
    pub fn from_median_p99(median: Duration, p99: Duration) -> Result<Self, two_quantiles::Error> {
        let given = MedianAndP99::new(median, p99)?;
        let z = quantile(0.99);
        let ratio = given.ratio_up_to(libm::exp(Self::LARGEST_SIGMA * z))?;
        Ok(LogNormal {
            median_ns: given.median_ns,
            sigma: libm::log(ratio) / z,
        })
    }

    /// The one with this median, and this standard deviation of its logarithm.
    ///
    /// # Errors
    /// When the median is zero, or sigma is not above 0 and at most [`LogNormal::LARGEST_SIGMA`].
    pub fn from_median_sigma(median: Duration, sigma: f64) -> Result<Self, Error> {
        if median.is_zero() {
            return Err(Error::Zero);
        }
        if !(sigma > 0.0 && sigma <= Self::LARGEST_SIGMA) {
            return Err(Error::Sigma(sigma));
        }
        Ok(LogNormal {
            median_ns: nanoseconds::real(median),
            sigma,
        })
    }

    /// The one with this mean, and this standard deviation of its logarithm.
    ///
    /// # Errors
    /// As [`LogNormal::from_median_sigma`].
    pub fn from_mean_sigma(mean: Duration, sigma: f64) -> Result<Self, Error> {
        let with_mean_as_median = Self::from_median_sigma(mean, sigma)?;
        let median_ns = with_mean_as_median.median_ns * libm::exp(-sigma * sigma / 2.0);
        Ok(LogNormal { median_ns, sigma })
    }

    fn mean(&self) -> f64 {
        self.median_ns * libm::exp(self.sigma * self.sigma / 2.0)
    }
}

impl Law for LogNormal {
    fn mean_ns(&self) -> Option<f64> {
        Some(self.mean())
    }

    /// With z = ln(limit / median) / sigma: mean Phi(z - sigma) + limit Phi(-z).
    fn limited_mean_ns(&self, limit_ns: f64) -> f64 {
        let z = libm::log(limit_ns / self.median_ns) / self.sigma;
        self.mean() * cdf(z - self.sigma) + limit_ns * cdf(-z)
    }

    fn survival(&self, ns: f64) -> f64 {
        cdf(-libm::log(ns.max(0.0) / self.median_ns) / self.sigma)
    }

    #[inline]
    fn quantile_ns(&self, p: f64) -> f64 {
        self.median_ns * libm::exp(self.sigma * quantile(p))
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
        let log_normal = LogNormal::from_median_p99(ms(80), ms(900)).unwrap();
        assert_eq!(
            golden::first_draws(log_normal),
            [109_573_045, 140_285_083, 41_951_713, 126_367_716]
        );
    }

    #[test]
    fn draws_follow_the_distribution_function() {
        kolmogorov_smirnov::assert_fits(&LogNormal::from_median_p99(ms(80), ms(900)).unwrap());
    }

    /// e^(1/2) = 1.648721 medians; the p99 is e^2.326348 = 10.240474 medians.
    #[test]
    fn mean_and_p99_with_sigma_1() {
        let log_normal = LogNormal::from_median_sigma(ms(100), 1.0).unwrap();
        assert!((log_normal.mean_ns().unwrap() - 164_872_127.1).abs() < 0.1);
        assert!((log_normal.quantile_ns(0.99) - 1_024_047_365.7).abs() < 10.0);
    }

    #[test]
    fn it_can_be_given_by_its_mean() {
        let log_normal = LogNormal::from_mean_sigma(ms(100), 2.0).unwrap();
        assert!((log_normal.mean_ns().unwrap() - 100e6).abs() < 1e-3);
    }

    #[test]
    fn impossible_parameters_are_refused() {
        assert_eq!(
            LogNormal::from_median_sigma(Duration::ZERO, 1.0),
            Err(Error::Zero)
        );
        assert_eq!(
            LogNormal::from_mean_sigma(Duration::ZERO, 1.0),
            Err(Error::Zero)
        );
        for sigma in [0.0, -1.0, 10.001, f64::INFINITY, f64::NAN] {
            let error = LogNormal::from_median_sigma(ms(1), sigma).unwrap_err();
            assert!(matches!(error, Error::Sigma(_)), "{sigma}");
            let error = LogNormal::from_mean_sigma(ms(1), sigma).unwrap_err();
            assert!(matches!(error, Error::Sigma(_)), "{sigma}");
        }
    }

    /// Sigma 10 puts the p99 at e^23.26 = 1.27 x 10^10 medians: 12.7 s over a median of 1 ns.
    #[test]
    fn a_p99_beyond_the_widest_spread_is_refused() {
        let nanosecond = Duration::from_nanos(1);
        assert!(LogNormal::from_median_p99(nanosecond, ms(12_000)).is_ok());
        let error = LogNormal::from_median_p99(nanosecond, ms(13_000)).unwrap_err();
        assert!(matches!(error, two_quantiles::Error::TooSpread { .. }));
    }
}
