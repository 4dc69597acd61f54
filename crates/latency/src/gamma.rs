//! Gamma: a sum of exponential stages, whose number (the shape) need not be whole.
//!
//! P(X <= x) = P(shape, x / scale), the regularized incomplete gamma function; mean shape x scale;
//! standard deviation mean / sqrt(shape). Shape 1 is the exponential law, more is steadier, less is
//! wilder.
//!
//! Its inverse costs a search, so draws are those of Marsaglia and Tsang ("A simple method for
//! generating gamma variables", *ACM TOMS* 26, 2000) from `rand_distr`: from a few numbers each, and
//! not rising with any one of them.

use std::time::Duration;

use awaitlab_core::Draws;
use rand_distr::Distribution as _;

use crate::incomplete_gamma::{inverse, lower, upper};
use crate::inversion;
use crate::law::Law;
use crate::nanoseconds;
use crate::two_quantiles::{self, MedianAndP99};

/// A gamma latency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gamma {
    shape: f64,
    scale_ns: f64,
    /// Of scale 1.
    sampler: rand_distr::Gamma<f64>,
}

/// Why there is no such gamma distribution.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// `mean == 0`.
    #[error("the mean must be longer than 0")]
    MeanZero,
    /// `!(0.01 <= shape <= 1e6)`.
    #[error("a shape lies within 0.01 and 1000000, {0} does not")]
    Shape(f64),
}

impl Gamma {
    /// The word for it in a scenario.
    pub const NAME: &'static str = "gamma";

    /// Below it half of the draws are less than 10^-30 means.
    pub const SMALLEST_SHAPE: f64 = 0.01;
    /// Beyond it the standard deviation is below a thousandth of the mean.
    pub const LARGEST_SHAPE: f64 = 1e6;

    /// The one with this mean and shape.
    ///
    /// # Errors
    /// When the mean is zero, or the shape not within [`Gamma::SMALLEST_SHAPE`] and
    /// [`Gamma::LARGEST_SHAPE`].
    pub fn new(mean: Duration, shape: f64) -> Result<Self, Error> {
        if mean.is_zero() {
            return Err(Error::MeanZero);
        }
        if !(Self::SMALLEST_SHAPE..=Self::LARGEST_SHAPE).contains(&shape) {
            return Err(Error::Shape(shape));
        }
        Ok(Self::of(nanoseconds::real(mean) / shape, shape))
    }

    /// The one with this median and this p99. Their ratio alone fixes the shape: it falls from
    /// 10^31 to 1.0023 as the shape rises.
    ///
    /// # Errors
    /// When p99 is not above the median, or further or closer than the shapes allow.
    pub fn from_median_p99(median: Duration, p99: Duration) -> Result<Self, two_quantiles::Error> {
        let given = MedianAndP99::new(median, p99)?;
        let largest = ratio_at(Self::SMALLEST_SHAPE);
        let ratio = given.ratio_up_to(largest)?;
        let smallest = ratio_at(Self::LARGEST_SHAPE);
        if ratio < smallest {
            return Err(two_quantiles::Error::TooNarrow { smallest });
        }
        let shape = inversion::bisect(Self::SMALLEST_SHAPE, Self::LARGEST_SHAPE, |shape| {
            ratio_at(shape) <= ratio
        });
        Ok(Self::of(given.median_ns / inverse(shape, 0.5), shape))
    }

    fn of(scale_ns: f64, shape: f64) -> Self {
        let sampler = rand_distr::Gamma::new(shape, 1.0)
            .expect("only a shape or scale that is not positive is refused, and both are");
        Gamma {
            shape,
            scale_ns,
            sampler,
        }
    }
}

/// p99 in medians.
fn ratio_at(shape: f64) -> f64 {
    inverse(shape, 0.99) / inverse(shape, 0.5)
}

impl Law for Gamma {
    fn draw_ns(&self, draws: &mut Draws) -> f64 {
        self.scale_ns * self.sampler.sample(draws)
    }

    fn mean_ns(&self) -> Option<f64> {
        Some(self.shape * self.scale_ns)
    }

    /// With x = limit / scale: mean P(shape + 1, x) + limit Q(shape, x).
    fn limited_mean_ns(&self, limit_ns: f64) -> f64 {
        let x = limit_ns / self.scale_ns;
        self.shape * self.scale_ns * lower(self.shape + 1.0, x) + limit_ns * upper(self.shape, x)
    }

    fn survival(&self, ns: f64) -> f64 {
        upper(self.shape, ns / self.scale_ns)
    }

    /// By a search.
    fn quantile_ns(&self, p: f64) -> f64 {
        self.scale_ns * inverse(self.shape, p)
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
        let gamma = Gamma::new(ms(500), 2.5).unwrap();
        assert_eq!(
            golden::first_draws(gamma),
            [535_674_568, 753_552_362, 196_521_168, 877_797_978]
        );
    }

    #[test]
    fn draws_follow_the_distribution_function() {
        for shape in [0.3, 1.0, 2.5, 40.0] {
            kolmogorov_smirnov::assert_fits(&Gamma::new(ms(500), shape).unwrap());
        }
    }

    /// Shape 2: P(X > x) = (1 + x) e^-x in scales of 250 ms; x = 1.678347 is the median.
    #[test]
    fn mean_and_median_with_shape_2() {
        let gamma = Gamma::new(ms(500), 2.0).unwrap();
        assert_eq!(gamma.mean_ns(), Some(500e6));
        assert!((gamma.quantile_ns(0.5) - 419_586_747.5).abs() < 1.0);
    }

    #[test]
    fn impossible_parameters_are_refused() {
        assert_eq!(Gamma::new(Duration::ZERO, 1.0), Err(Error::MeanZero));
        for shape in [0.0, -1.0, 0.0099, 1.001e6, f64::INFINITY, f64::NAN] {
            let error = Gamma::new(ms(1), shape).unwrap_err();
            assert!(matches!(error, Error::Shape(_)), "{shape}");
        }
        assert!(Gamma::new(ms(1), 0.01).is_ok() && Gamma::new(ms(1), 1e6).is_ok());
    }

    /// A million stages spread by 2.326 / 1000 up to the p99.
    #[test]
    fn a_p99_closer_than_a_million_stages_is_refused() {
        assert!(Gamma::from_median_p99(ms(1000), ms(1003)).is_ok());
        let error = Gamma::from_median_p99(ms(1000), ms(1002)).unwrap_err();
        let two_quantiles::Error::TooNarrow { smallest } = error else {
            panic!("{error}")
        };
        assert!((smallest - 1.002328).abs() < 1e-6, "{smallest}");
    }
}
