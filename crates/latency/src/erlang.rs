//! Erlang: the sum of equal exponential stages, one after another.
//!
//! P(X > x) = Q(stages, x / scale) with scale = mean / stages; standard deviation mean /
//! sqrt(stages). A draw is minus the logarithm of a product of one uniform number a stage: the
//! definition itself, and it rises with each of them.

use std::time::Duration;

use awaitlab_core::Draws;

use crate::incomplete_gamma::{inverse, lower, upper};
use crate::law::Law;
use crate::nanoseconds;

/// An Erlang latency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Erlang {
    stages: u32,
    scale_ns: f64,
}

/// Why there is no such Erlang distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// `mean == 0`.
    #[error("the mean must be longer than 0")]
    MeanZero,
    /// `!(1 <= stages <= 1000)`.
    #[error("there are 1 to 1000 stages, not {0} (gamma takes a larger shape)")]
    Stages(u32),
}

impl Erlang {
    /// The word for it in a scenario.
    pub const NAME: &'static str = "erlang";

    /// A draw costs a number a stage; from here on a gamma law does the same for less.
    pub const MOST_STAGES: u32 = 1000;

    /// The one with this mean over all stages.
    ///
    /// # Errors
    /// When the mean is zero, or there are no stages or more than [`Erlang::MOST_STAGES`].
    pub fn new(mean: Duration, stages: u32) -> Result<Self, Error> {
        if mean.is_zero() {
            return Err(Error::MeanZero);
        }
        if !(1..=Self::MOST_STAGES).contains(&stages) {
            return Err(Error::Stages(stages));
        }
        Ok(Erlang {
            stages,
            scale_ns: nanoseconds::real(mean) / f64::from(stages),
        })
    }

    fn shape(&self) -> f64 {
        f64::from(self.stages)
    }
}

impl Law for Erlang {
    fn draw_ns(&self, draws: &mut Draws) -> f64 {
        // 16 numbers of at least 2^-54 multiply to 2^-864 at the least, which f64 still holds.
        const FACTORS: u32 = 16;
        let mut logarithm = 0.0;
        let mut left = self.stages;
        while left > 0 {
            let factors = left.min(FACTORS);
            let product: f64 = (0..factors).map(|_| 1.0 - draws.uniform()).product();
            logarithm += libm::log(product);
            left -= factors;
        }
        -self.scale_ns * logarithm
    }

    fn mean_ns(&self) -> Option<f64> {
        Some(self.shape() * self.scale_ns)
    }

    /// As gamma's: mean P(stages + 1, x) + limit Q(stages, x).
    fn limited_mean_ns(&self, limit_ns: f64) -> f64 {
        let (shape, x) = (self.shape(), limit_ns / self.scale_ns);
        shape * self.scale_ns * lower(shape + 1.0, x) + limit_ns * upper(shape, x)
    }

    fn survival(&self, ns: f64) -> f64 {
        upper(self.shape(), ns / self.scale_ns)
    }

    /// By a search.
    fn quantile_ns(&self, p: f64) -> f64 {
        self.scale_ns * inverse(self.shape(), p)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Exponential, golden, kolmogorov_smirnov};

    const HALF_A_SECOND: Duration = Duration::from_millis(500);

    #[test]
    fn the_first_draws_are_the_same_in_every_build() {
        let erlang = Erlang::new(HALF_A_SECOND, 4).unwrap();
        assert_eq!(
            golden::first_draws(erlang),
            [307_124_377, 605_646_890, 222_887_238, 558_051_380]
        );
    }

    #[test]
    fn draws_follow_the_distribution_function() {
        for stages in [1, 4, 50] {
            kolmogorov_smirnov::assert_fits(&Erlang::new(HALF_A_SECOND, stages).unwrap());
        }
    }

    #[test]
    fn one_stage_is_exponential_draw_by_draw() {
        let one = Erlang::new(HALF_A_SECOND, 1).unwrap();
        let exponential = Exponential::new(HALF_A_SECOND).unwrap();
        assert_eq!(golden::first_draws(one), golden::first_draws(exponential));
    }

    /// Two stages of 250 ms: P(X > x) = (1 + x) e^-x; x = 1.678347 is the median.
    #[test]
    fn mean_and_median_of_two_stages() {
        let erlang = Erlang::new(HALF_A_SECOND, 2).unwrap();
        assert_eq!(erlang.mean_ns(), Some(500e6));
        assert!((erlang.quantile_ns(0.5) - 419_586_747.5).abs() < 1.0);
    }

    #[test]
    fn impossible_parameters_are_refused() {
        assert_eq!(Erlang::new(Duration::ZERO, 1), Err(Error::MeanZero));
        assert_eq!(Erlang::new(HALF_A_SECOND, 0), Err(Error::Stages(0)));
        assert_eq!(Erlang::new(HALF_A_SECOND, 1001), Err(Error::Stages(1001)));
        assert!(Erlang::new(HALF_A_SECOND, 1000).is_ok());
    }
}
