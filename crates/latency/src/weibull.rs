//! Weibull: an exponential number raised to a power.
//!
//! P(X > x) = e^-(x / scale)^shape; quantile scale (-ln(1 - p))^(1 / shape); mean scale
//! Gamma(1 + 1 / shape) (Weibull, "A statistical distribution function of wide applicability",
//! *J. Appl. Mech.* 18, 1951). With a shape below 1, what has lasted long lasts longer still.

use std::f64::consts::LN_2;
use std::time::Duration;

use crate::incomplete_gamma::lower;
use crate::law::Law;
use crate::nanoseconds;
use crate::two_quantiles::{self, LN_100, MedianAndP99};

/// A Weibull latency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weibull {
    scale_ns: f64,
    shape: f64,
    inverse_shape: f64,
}

/// Why there is no such Weibull distribution.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// The mean or the scale is 0.
    #[error("a Weibull latency must be longer than 0")]
    Zero,
    /// `!(0.1 <= shape < infinity)`.
    #[error("a shape is a finite number of at least 0.1, {0} is not")]
    Shape(f64),
}

impl Weibull {
    /// The word for it in a scenario.
    pub const NAME: &'static str = "weibull";

    /// The wildest shape: its mean is 3.6 million scales. Far below, draws pass every horizon.
    pub const SMALLEST_SHAPE: f64 = 0.1;

    /// The one with this mean and shape.
    ///
    /// # Errors
    /// When the mean is zero, or the shape not finite and at least [`Weibull::SMALLEST_SHAPE`].
    pub fn from_mean(mean: Duration, shape: f64) -> Result<Self, Error> {
        let unit = Self::from_scale(mean, shape)?;
        Ok(Weibull {
            scale_ns: unit.scale_ns / unit.mean_in_scales(),
            ..unit
        })
    }

    /// The one of this scale, which 63.2 % of the draws stay below, and this shape.
    ///
    /// # Errors
    /// When the scale is zero, or the shape not finite and at least [`Weibull::SMALLEST_SHAPE`].
    pub fn from_scale(scale: Duration, shape: f64) -> Result<Self, Error> {
        if scale.is_zero() {
            return Err(Error::Zero);
        }
        if !(shape >= Self::SMALLEST_SHAPE && shape.is_finite()) {
            return Err(Error::Shape(shape));
        }
        Ok(Self::of(nanoseconds::real(scale), shape))
    }

    /// The one with this median and this p99: their ratio is (ln 100 / ln 2)^(1 / shape).
    ///
    /// # Errors
    /// When p99 is not above the median, or further than [`Weibull::SMALLEST_SHAPE`] takes it.
    pub fn from_median_p99(median: Duration, p99: Duration) -> Result<Self, two_quantiles::Error> {
        let given = MedianAndP99::new(median, p99)?;
        let largest = libm::pow(LN_100 / LN_2, 1.0 / Self::SMALLEST_SHAPE);
        let ratio = given.ratio_up_to(largest)?;
        let shape = libm::log(LN_100 / LN_2) / libm::log(ratio);
        Ok(Self::of(
            given.median_ns / libm::pow(LN_2, 1.0 / shape),
            shape,
        ))
    }

    fn of(scale_ns: f64, shape: f64) -> Self {
        Weibull {
            scale_ns,
            shape,
            inverse_shape: 1.0 / shape,
        }
    }

    fn mean_in_scales(&self) -> f64 {
        libm::tgamma(1.0 + self.inverse_shape)
    }

    /// The exponential number that becomes `ns`.
    fn exponent(&self, ns: f64) -> f64 {
        libm::pow(ns.max(0.0) / self.scale_ns, self.shape)
    }
}

impl Law for Weibull {
    fn mean_ns(&self) -> Option<f64> {
        Some(self.scale_ns * self.mean_in_scales())
    }

    /// With y = (limit / scale)^shape: mean P(1 + 1 / shape, y) + limit e^-y.
    fn limited_mean_ns(&self, limit_ns: f64) -> f64 {
        let y = self.exponent(limit_ns);
        let below = self.scale_ns * self.mean_in_scales() * lower(1.0 + self.inverse_shape, y);
        below + limit_ns * libm::exp(-y)
    }

    fn survival(&self, ns: f64) -> f64 {
        libm::exp(-self.exponent(ns))
    }

    #[inline]
    fn quantile_ns(&self, p: f64) -> f64 {
        // A power as the exponential of a logarithm: half the time of libm's, and as good here.
        let exponent = -libm::log(1.0 - p);
        self.scale_ns * libm::exp(libm::log(exponent) * self.inverse_shape)
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
        let weibull = Weibull::from_mean(ms(500), 0.7).unwrap();
        assert_eq!(
            golden::first_draws(weibull),
            [375_090_963, 525_964_875, 74_561_470, 457_390_616]
        );
    }

    #[test]
    fn draws_follow_the_distribution_function() {
        for shape in [0.5, 1.0, 3.0] {
            kolmogorov_smirnov::assert_fits(&Weibull::from_mean(ms(500), shape).unwrap());
        }
    }

    /// Shape 1/2: mean Gamma(3) = 2 scales, median (ln 2)^2 = 0.480453 scales.
    #[test]
    fn mean_and_median_with_shape_one_half() {
        let by_scale = Weibull::from_scale(ms(100), 0.5).unwrap();
        assert!((by_scale.mean_ns().unwrap() - 200e6).abs() < 1e-3);
        assert!((by_scale.quantile_ns(0.5) - 48_045_301.4).abs() < 0.1);
        let by_mean = Weibull::from_mean(ms(200), 0.5).unwrap();
        assert!((by_mean.quantile_ns(0.5) - 48_045_301.4).abs() < 0.1);
    }

    #[test]
    fn impossible_parameters_are_refused() {
        assert_eq!(Weibull::from_mean(Duration::ZERO, 1.0), Err(Error::Zero));
        assert_eq!(Weibull::from_scale(Duration::ZERO, 1.0), Err(Error::Zero));
        for shape in [0.0, -1.0, 0.099, f64::INFINITY, f64::NAN] {
            let error = Weibull::from_mean(ms(1), shape).unwrap_err();
            assert!(matches!(error, Error::Shape(_)), "{shape}");
        }
        assert!(Weibull::from_mean(ms(1), 0.1).is_ok());
    }

    /// 6.643856^10 = 1.676 x 10^8 medians is the furthest p99.
    #[test]
    fn a_p99_beyond_the_wildest_shape_is_refused() {
        let microsecond = Duration::from_micros(1);
        assert!(Weibull::from_median_p99(microsecond, ms(167_000)).is_ok());
        let error = Weibull::from_median_p99(microsecond, ms(168_000)).unwrap_err();
        assert!(matches!(error, two_quantiles::Error::TooSpread { .. }));
    }
}
