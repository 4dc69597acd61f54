//! One observation at random: what was measured, again.
//!
//! P(X <= x) is the share of observations up to x; the mean is theirs; the p-quantile is the
//! observation of rank ceil(p n). Nothing between two observations and nothing beyond the largest is
//! ever drawn, so a few hundred of them say nothing about a p99.9. Observations are drawn in order of
//! size, rising with the uniform number.

use std::sync::Arc;
use std::time::Duration;

use awaitlab_core::Draws;

use crate::law::Law;
use crate::nanoseconds;

/// A latency that has been observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Empirical {
    /// Ascending, never empty. Shared, so that a model is cheap to clone.
    sorted_ns: Arc<[u64]>,
}

/// Why there is no such distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There are no observations.
    #[error("there must be at least one observation")]
    NoObservations,
}

impl Empirical {
    /// The word for it in a scenario.
    pub const NAME: &'static str = "empirical";

    /// Of these observations, in any order.
    ///
    /// # Errors
    /// When there is none.
    pub fn new(observations: Vec<Duration>) -> Result<Self, Error> {
        if observations.is_empty() {
            return Err(Error::NoObservations);
        }
        let mut sorted_ns: Vec<u64> = observations.into_iter().map(nanoseconds::whole).collect();
        sorted_ns.sort_unstable();
        Ok(Empirical {
            sorted_ns: sorted_ns.into(),
        })
    }

    /// How many observations there are.
    pub fn observations(&self) -> usize {
        self.sorted_ns.len()
    }

    #[inline]
    pub(crate) fn draw(&self, draws: &mut Draws) -> u64 {
        let place = (draws.uniform() * self.sorted_ns.len() as f64) as usize;
        self.sorted_ns[place.min(self.sorted_ns.len() - 1)]
    }

    fn average(&self, of: impl Fn(f64) -> f64) -> f64 {
        let sum: f64 = self.sorted_ns.iter().map(|&ns| of(ns as f64)).sum();
        sum / self.sorted_ns.len() as f64
    }
}

impl Law for Empirical {
    #[inline]
    fn draw_ns(&self, draws: &mut Draws) -> f64 {
        self.draw(draws) as f64
    }

    fn mean_ns(&self) -> Option<f64> {
        Some(self.average(|ns| ns))
    }

    fn limited_mean_ns(&self, limit_ns: f64) -> f64 {
        self.average(|ns| ns.min(limit_ns))
    }

    fn survival(&self, ns: f64) -> f64 {
        let at_most = self
            .sorted_ns
            .partition_point(|&observed| observed as f64 <= ns);
        (self.sorted_ns.len() - at_most) as f64 / self.sorted_ns.len() as f64
    }

    fn quantile_ns(&self, p: f64) -> f64 {
        let n = self.sorted_ns.len();
        // 0.07 x 100 is 7.000000000000001: a rank is not passed by a rounding error.
        let rank = libm::ceil(p * n as f64 - 1e-9) as usize;
        self.sorted_ns[rank.clamp(1, n) - 1] as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{golden, kolmogorov_smirnov};

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn four() -> Empirical {
        Empirical::new(vec![ms(30), ms(10), ms(200), ms(10)]).unwrap()
    }

    #[test]
    fn the_first_draws_are_the_same_in_every_build() {
        assert_eq!(
            golden::first_draws(four()),
            [30_000_000, 30_000_000, 10_000_000, 30_000_000]
        );
    }

    #[test]
    fn draws_follow_the_distribution_function() {
        kolmogorov_smirnov::assert_fits(&four());
        let many = (0..5000)
            .map(|i| Duration::from_micros(i * i % 4999))
            .collect();
        kolmogorov_smirnov::assert_fits(&Empirical::new(many).unwrap());
    }

    /// 10, 10, 30, 200: mean 250 / 4; half of them are at most 10, three quarters at most 30.
    #[test]
    fn mean_and_quantiles_are_those_of_the_observations() {
        let four = four();
        assert_eq!(four.observations(), 4);
        assert_eq!(four.mean_ns(), Some(62.5e6));
        let quantiles = [0.0, 0.5, 0.51, 0.75, 0.76, 1.0].map(|p| four.quantile_ns(p));
        assert_eq!(quantiles, [10e6, 10e6, 30e6, 30e6, 200e6, 200e6]);
    }

    #[test]
    fn exact_ranks_are_not_passed() {
        let hundred = Empirical::new((1..=100).map(ms).collect()).unwrap();
        for percent in 1..=100_u32 {
            let quantile = hundred.quantile_ns(f64::from(percent) / 100.0);
            assert_eq!(quantile, f64::from(percent) * 1e6);
        }
    }

    #[test]
    fn no_observations_are_refused() {
        assert_eq!(Empirical::new(vec![]), Err(Error::NoObservations));
    }
}
