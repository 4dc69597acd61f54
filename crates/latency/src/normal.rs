//! A normal law without its negative part.
//!
//! A negative draw is drawn again, so what is drawn is the normal law given that it is not negative:
//! with Phi and phi the standard normal distribution function and density, a = mean / sd,
//!
//! - P(X > x) = Phi((mean - x) / sd) / Phi(a) for x >= 0,
//! - the mean of what is drawn is mean + sd phi(a) / Phi(a), above the `mean` that was given.
//!
//! Here that law is inverted, which gives it exactly from one uniform number. With a of 4 and more
//! the difference is below one draw in 30 000; with a = 1 a sixth of the draws is drawn again
//! ([`Normal::share_drawn_again`]), and then a log-normal or gamma law is the better description.

use std::time::Duration;

use crate::inversion;
use crate::law::Law;
use crate::nanoseconds;
use crate::standard_normal::{cdf, integrated_cdf, quantile};
use crate::two_quantiles::{self, MedianAndP99};

/// A normal latency, truncated at 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normal {
    /// Mean of the untruncated law.
    location_ns: f64,
    /// Standard deviation of the untruncated law.
    sd_ns: f64,
    /// What of the untruncated law is not negative.
    kept: f64,
}

/// Why there is no such normal distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// `sd == 0`.
    #[error("sd must be longer than 0 (a latency that never varies is a constant)")]
    NoSpread,
}

impl Normal {
    /// The word for it in a scenario.
    pub const NAME: &'static str = "normal";

    /// With this mean and standard deviation, both before negative draws are drawn again.
    ///
    /// # Errors
    /// When the standard deviation is zero.
    pub fn new(mean: Duration, sd: Duration) -> Result<Self, Error> {
        if sd.is_zero() {
            return Err(Error::NoSpread);
        }
        Ok(Self::at(nanoseconds::real(mean), nanoseconds::real(sd)))
    }

    /// The one whose draws, those that were drawn again included, have this median and this p99.
    ///
    /// # Errors
    /// When p99 is not above the median, or further than that of half a normal law: 3.8190 medians.
    pub fn from_median_p99(median: Duration, p99: Duration) -> Result<Self, two_quantiles::Error> {
        let given = MedianAndP99::new(median, p99)?;
        let ratio = given.ratio_up_to(Self::ratio_at(0.0))?;
        // Truncation lifts the median more than the p99, so the untruncated a is too large.
        let untruncated = quantile(0.99) / (ratio - 1.0);
        let a = inversion::bisect(0.0, untruncated, |a| Self::ratio_at(a) <= ratio);
        let sd_ns = given.median_ns / Self::at(a, 1.0).unclamped(0.5);
        Ok(Self::at(a * sd_ns, sd_ns))
    }

    /// The share of draws of the untruncated law that are negative.
    pub fn share_drawn_again(&self) -> f64 {
        cdf(-self.location_ns / self.sd_ns)
    }

    fn at(location_ns: f64, sd_ns: f64) -> Self {
        Normal {
            location_ns,
            sd_ns,
            kept: cdf(location_ns / sd_ns),
        }
    }

    /// p99 in medians for a given a = mean / sd; falls as a rises.
    fn ratio_at(a: f64) -> f64 {
        let unit = Self::at(a, 1.0);
        unit.unclamped(0.99) / unit.unclamped(0.5)
    }

    #[inline]
    fn unclamped(&self, p: f64) -> f64 {
        // By the share beyond, so that the upper tail keeps its precision.
        self.location_ns - self.sd_ns * quantile((1.0 - p) * self.kept)
    }
}

impl Law for Normal {
    fn mean_ns(&self) -> Option<f64> {
        Some(self.sd_ns * integrated_cdf(self.location_ns / self.sd_ns) / self.kept)
    }

    fn limited_mean_ns(&self, limit_ns: f64) -> f64 {
        let integral = |ns: f64| integrated_cdf((self.location_ns - ns) / self.sd_ns);
        self.sd_ns * (integral(0.0) - integral(limit_ns)) / self.kept
    }

    fn survival(&self, ns: f64) -> f64 {
        (cdf((self.location_ns - ns) / self.sd_ns) / self.kept).min(1.0)
    }

    #[inline]
    fn quantile_ns(&self, p: f64) -> f64 {
        self.unclamped(p).max(0.0)
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
        let normal = Normal::new(ms(500), ms(100)).unwrap();
        assert_eq!(
            golden::first_draws(normal),
            [530_234_565, 553_983_273, 437_956_828, 543_941_072]
        );
    }

    #[test]
    fn draws_follow_the_distribution_function() {
        kolmogorov_smirnov::assert_fits(&Normal::new(ms(500), ms(100)).unwrap());
        kolmogorov_smirnov::assert_fits(&Normal::new(ms(100), ms(300)).unwrap());
    }

    /// Far from 0 it is the normal law: p97.5 at mean + 1.959964 sd.
    #[test]
    fn far_from_zero_nothing_is_drawn_again() {
        let normal = Normal::new(ms(500), ms(10)).unwrap();
        assert_eq!(normal.mean_ns(), Some(500e6));
        assert!((normal.quantile_ns(0.975) - 519_599_639.8).abs() < 0.1);
        assert_eq!(normal.share_drawn_again(), 0.0);
    }

    /// Half a normal law: mean sd sqrt(2 / pi) = 0.797885 sd, median 0.674490 sd.
    #[test]
    fn around_zero_every_other_draw_is_drawn_again() {
        let half = Normal::new(Duration::ZERO, ms(100)).unwrap();
        assert!((half.mean_ns().unwrap() - 79_788_456.1).abs() < 0.1);
        assert!((half.quantile_ns(0.5) - 67_448_975.0).abs() < 0.1);
        assert_eq!(half.share_drawn_again(), 0.5);
    }

    #[test]
    fn a_spread_of_zero_is_refused() {
        assert_eq!(Normal::new(ms(500), Duration::ZERO), Err(Error::NoSpread));
    }

    #[test]
    fn median_and_p99_cannot_be_further_apart_than_those_of_half_a_normal_law() {
        let half = Normal::from_median_p99(ms(1000), ms(3818)).unwrap();
        assert!((half.share_drawn_again() - 0.5).abs() < 1e-3);
        let error = Normal::from_median_p99(ms(1000), ms(3820)).unwrap_err();
        let two_quantiles::Error::TooSpread { largest } = error else {
            panic!("{error}")
        };
        assert!((largest - 3.8190).abs() < 1e-4);
    }
}
