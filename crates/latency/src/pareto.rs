//! Pareto: a power-law tail.
//!
//! P(X > x) = (minimum / x)^alpha from the minimum on; quantile minimum (1 - p)^(-1 / alpha); mean
//! minimum alpha / (alpha - 1). The smaller alpha, the more a few draws outweigh all others: with
//! alpha <= 2 the variance is infinite, with alpha <= 1 the mean is, and then only a cap makes it a
//! latency ([`crate::Model::new`] refuses it without one).

use std::time::Duration;

use crate::law::Law;
use crate::nanoseconds;
use crate::two_quantiles::{self, MedianAndP99};

/// A Pareto latency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pareto {
    minimum_ns: f64,
    alpha: f64,
}

/// Why there is no such Pareto distribution.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// `minimum == 0`.
    #[error("the minimum must be longer than 0")]
    MinimumZero,
    /// `!(0 < alpha < infinity)`.
    #[error("alpha is a finite number above 0, {0} is not")]
    Alpha(f64),
}

impl Pareto {
    /// The word for it in a scenario.
    pub const NAME: &'static str = "pareto";

    /// The one with this shortest latency and this exponent.
    ///
    /// # Errors
    /// When the minimum is zero, or alpha is not finite and above 0.
    pub fn new(minimum: Duration, alpha: f64) -> Result<Self, Error> {
        if minimum.is_zero() {
            return Err(Error::MinimumZero);
        }
        if !(alpha > 0.0 && alpha.is_finite()) {
            return Err(Error::Alpha(alpha));
        }
        Ok(Pareto {
            minimum_ns: nanoseconds::real(minimum),
            alpha,
        })
    }

    /// The one with this median and this p99: their ratio is 50^(1 / alpha). From 50 medians on
    /// there is no mean.
    ///
    /// # Errors
    /// When p99 is not above the median.
    pub fn from_median_p99(median: Duration, p99: Duration) -> Result<Self, two_quantiles::Error> {
        let given = MedianAndP99::new(median, p99)?;
        let alpha = libm::log(50.0) / libm::log(given.ratio());
        Ok(Pareto {
            minimum_ns: given.median_ns * libm::pow(0.5, 1.0 / alpha),
            alpha,
        })
    }
}

impl Law for Pareto {
    fn mean_ns(&self) -> Option<f64> {
        (self.alpha > 1.0).then(|| self.minimum_ns * self.alpha / (self.alpha - 1.0))
    }

    /// With h = ln(limit / minimum) and b = 1 - alpha, beyond the minimum:
    /// minimum (1 + (e^(b h) - 1) / b), whose limit at alpha = 1 is minimum (1 + h).
    fn limited_mean_ns(&self, limit_ns: f64) -> f64 {
        if limit_ns <= self.minimum_ns {
            return limit_ns;
        }
        let (h, b) = (libm::log(limit_ns / self.minimum_ns), 1.0 - self.alpha);
        let tail = if b == 0.0 { h } else { libm::expm1(b * h) / b };
        self.minimum_ns * (1.0 + tail)
    }

    fn survival(&self, ns: f64) -> f64 {
        if ns <= self.minimum_ns {
            1.0
        } else {
            libm::pow(self.minimum_ns / ns, self.alpha)
        }
    }

    #[inline]
    fn quantile_ns(&self, p: f64) -> f64 {
        // e^(-ln(1 - p) / alpha): half the time of a power, and as good here.
        self.minimum_ns * libm::exp(-libm::log(1.0 - p) / self.alpha)
    }

    fn has_infinite_variance(&self) -> bool {
        self.alpha <= 2.0
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
        let pareto = Pareto::new(ms(200), 1.5).unwrap();
        assert_eq!(
            golden::first_draws(pareto),
            [380_422_027, 451_668_213, 246_123_420, 418_659_550]
        );
    }

    #[test]
    fn draws_follow_the_distribution_function() {
        for alpha in [0.8, 1.5, 4.0] {
            kolmogorov_smirnov::assert_fits(&Pareto::new(ms(200), alpha).unwrap());
        }
    }

    /// alpha 1.5: mean 3 minima; p99 100^(2/3) = 21.544347 minima.
    #[test]
    fn mean_and_p99_with_alpha_1_5() {
        let pareto = Pareto::new(ms(200), 1.5).unwrap();
        assert!((pareto.mean_ns().unwrap() - 600e6).abs() < 1e-3);
        assert!((pareto.quantile_ns(0.99) - 4_308_869_380.1).abs() < 0.1);
    }

    #[test]
    fn alpha_decides_which_moments_there_are() {
        let moments = |alpha| {
            let pareto = Pareto::new(ms(200), alpha).unwrap();
            (pareto.mean_ns().is_some(), !pareto.has_infinite_variance())
        };
        assert_eq!(moments(1.0), (false, false));
        assert_eq!(moments(1.001), (true, false));
        assert_eq!(moments(2.0), (true, false));
        assert_eq!(moments(2.001), (true, true));
    }

    #[test]
    fn impossible_parameters_are_refused() {
        assert_eq!(Pareto::new(Duration::ZERO, 2.0), Err(Error::MinimumZero));
        for alpha in [0.0, -1.0, f64::INFINITY, f64::NAN] {
            let error = Pareto::new(ms(1), alpha).unwrap_err();
            assert!(matches!(error, Error::Alpha(_)), "{alpha}");
        }
    }

    #[test]
    fn a_p99_of_50_medians_leaves_no_mean() {
        assert!(
            Pareto::from_median_p99(ms(10), ms(501))
                .unwrap()
                .mean_ns()
                .is_none()
        );
        assert!(
            Pareto::from_median_p99(ms(10), ms(499))
                .unwrap()
                .mean_ns()
                .is_some()
        );
    }
}
