//! Quantiles by integer rank.
//!
//! The p-quantile of n observations is the one of rank `ceil(p n)` in increasing order: a value
//! that was observed, below or at which at least a share p of them lies. The rank is computed in
//! integers, from a fraction: `0.9 x 10` must be rank 9, and in floating point it need not be.

use crate::binomial::Binomial;
use crate::student::Confidence;

/// How many observations must lie beyond a quantile before it is worth printing.
pub const SUPPORT: u64 = 10;

/// Floats are read as decimals of this many parts.
const PARTS: u64 = 1_000_000_000;

/// A share p of the observations, as a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantile {
    numerator: u64,
    denominator: u64,
}

impl Quantile {
    /// The median.
    pub const P50: Quantile = Quantile {
        numerator: 1,
        denominator: 2,
    };
    /// 90 %.
    pub const P90: Quantile = Quantile {
        numerator: 9,
        denominator: 10,
    };
    /// 99 %.
    pub const P99: Quantile = Quantile {
        numerator: 99,
        denominator: 100,
    };
    /// 99.9 %.
    pub const P999: Quantile = Quantile {
        numerator: 999,
        denominator: 1000,
    };

    /// The share `numerator / denominator`.
    ///
    /// # Errors
    /// When it is no number, or above 1.
    pub const fn ratio(numerator: u64, denominator: u64) -> Result<Quantile, QuantileError> {
        if denominator == 0 || numerator > denominator {
            return Err(QuantileError::NotBetweenZeroAndOne);
        }
        Ok(Quantile {
            numerator,
            denominator,
        })
    }

    /// The share a decimal means: 0.9 is 9/10, not the binary number next to it.
    ///
    /// # Errors
    /// Outside of [0, 1] and for NaN; and for a number that is no decimal of nine digits, whose
    /// fraction would be a guess.
    pub fn decimal(share: f64) -> Result<Quantile, QuantileError> {
        if !(0.0..=1.0).contains(&share) {
            return Err(QuantileError::NotBetweenZeroAndOne);
        }
        let parts = (share * PARTS as f64).round();
        if parts / PARTS as f64 != share {
            return Err(QuantileError::TooManyDigits);
        }
        Quantile::ratio(parts as u64, PARTS)
    }

    /// The share as a number.
    pub fn share(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// The rank of this quantile among `count` observations, from 1; 0 where there are none.
    pub fn rank(self, count: u64) -> u64 {
        let product = u128::from(self.numerator) * u128::from(count);
        let rank = product.div_ceil(u128::from(self.denominator)) as u64;
        rank.max(1).min(count)
    }

    /// How many of `count` observations lie beyond this quantile, on its thinner side: printed from
    /// [`SUPPORT`] on.
    pub fn observations_beyond(self, count: u64) -> u64 {
        let rank = self.rank(count);
        rank.min(count - rank)
    }

    /// The fewest observations of which [`SUPPORT`] lie beyond this quantile: 1000 for p99. `None` for
    /// the least and the greatest of all, beyond which nothing lies.
    pub fn least_count(self) -> Option<u64> {
        let thinner = self.numerator.min(self.denominator - self.numerator);
        let product = SUPPORT.checked_mul(self.denominator)?;
        (thinner > 0).then(|| product.div_ceil(thinner))
    }

    /// The ranks of the order statistics between which the true quantile lies, whatever the
    /// distribution; `None` with fewer than [`SUPPORT`] observations beyond it.
    ///
    /// How many of n observations lie at or below the true p-quantile is binomial, B(n, p). So with
    /// `l` the largest rank with `P(B < l) <= error / 2` and `u` the smallest with
    /// `P(B >= u) <= error / 2`, the true quantile lies in `[x_l, x_u)` at least as often as the
    /// confidence says. (W. J. Conover, Practical Nonparametric Statistics, 3.2.)
    pub fn interval_ranks(self, count: u64, confidence: Confidence) -> Option<[u64; 2]> {
        if self.observations_beyond(count) < SUPPORT {
            return None;
        }
        let tail = confidence.error() / 2.0;
        let binomial = Binomial::around_its_mode(count, self.share());
        let low = binomial.largest_with_less_below(tail);
        let high = binomial.smallest_with_less_from(tail);
        (low >= 1 && high <= count).then_some([low, high])
    }
}

/// Why a number is no quantile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantileError {
    /// Below 0, above 1, or not a number.
    #[error("a quantile lies between 0 and 1")]
    NotBetweenZeroAndOne,
    /// More than nine digits after the point.
    #[error("a quantile has at most nine digits after the point")]
    TooManyDigits,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    #[test]
    fn a_rank_on_a_boundary_is_exact() {
        assert_eq!(Quantile::P50.rank(10), 5);
        assert_eq!(Quantile::P50.rank(11), 6);
        assert_eq!(Quantile::P90.rank(10), 9);
        assert_eq!(Quantile::P99.rank(100), 99);
        assert_eq!(Quantile::P99.rank(101), 100);
        assert_eq!(Quantile::P999.rank(1000), 999);
        assert_eq!(Quantile::P999.rank(999), 999);
        assert_eq!(Quantile::P999.rank(u64::MAX), 18_428_297_329_635_842_064);
    }

    #[test]
    fn a_rank_is_that_of_an_observation() {
        assert_eq!(Quantile::ratio(0, 1).unwrap().rank(10), 1);
        assert_eq!(Quantile::ratio(1, 1).unwrap().rank(10), 10);
        assert_eq!(Quantile::P50.rank(1), 1);
        assert_eq!(Quantile::P50.rank(0), 0);
    }

    #[test]
    fn a_decimal_means_what_it_says() {
        // 0.55 x 100 is 55.000000000000007 in floating point, whose ceiling is 56.
        assert_eq!(Quantile::decimal(0.55).unwrap().rank(100), 55);
        assert_eq!(Quantile::decimal(0.9).unwrap().rank(10), 9);
        assert_eq!(
            Quantile::decimal(0.999_999).unwrap().rank(1_000_000),
            999_999
        );
    }

    #[test]
    fn a_number_that_is_no_share_is_refused() {
        for share in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert_eq!(
                Quantile::decimal(share),
                Err(QuantileError::NotBetweenZeroAndOne)
            );
        }
        assert_eq!(
            Quantile::decimal(1.0 / 3.0),
            Err(QuantileError::TooManyDigits)
        );
        assert_eq!(
            Quantile::ratio(1, 0),
            Err(QuantileError::NotBetweenZeroAndOne)
        );
        assert_eq!(
            Quantile::ratio(3, 2),
            Err(QuantileError::NotBetweenZeroAndOne)
        );
    }

    #[test]
    fn the_interval_of_a_median_is_that_of_the_printed_tables() {
        for (count, ranks) in [
            (20, [6, 15]),
            (30, [10, 21]),
            (50, [18, 33]),
            (100, [40, 61]),
        ] {
            assert_eq!(
                Quantile::P50.interval_ranks(count, Confidence::P95),
                Some(ranks),
                "{count}"
            );
        }
    }

    #[test]
    fn ten_observations_must_lie_beyond() {
        assert_eq!(Quantile::P99.observations_beyond(999), 9);
        assert_eq!(Quantile::P99.interval_ranks(999, Confidence::P95), None);
        assert_eq!(Quantile::P99.observations_beyond(1000), 10);
        assert!(
            Quantile::P99
                .interval_ranks(1000, Confidence::P95)
                .is_some()
        );
        assert_eq!(Quantile::P50.interval_ranks(0, Confidence::P95), None);
        let (first, last) = (
            Quantile::ratio(0, 1).unwrap(),
            Quantile::ratio(1, 1).unwrap(),
        );
        assert_eq!(first.interval_ranks(1_000_000, Confidence::P95), None);
        assert_eq!(last.interval_ranks(1_000_000, Confidence::P95), None);
    }

    #[test]
    fn the_least_count_is_the_first_with_support() {
        for (quantile, count) in [
            (Quantile::P50, 20),
            (Quantile::P90, 100),
            (Quantile::P99, 1000),
            (Quantile::P999, 10_000),
        ] {
            assert_eq!(quantile.least_count(), Some(count));
            assert_eq!(quantile.observations_beyond(count), SUPPORT);
            assert!(quantile.observations_beyond(count - 1) < SUPPORT);
        }
        assert_eq!(Quantile::ratio(1, 1).unwrap().least_count(), None);
        assert_eq!(Quantile::ratio(0, 1).unwrap().least_count(), None);
    }

    #[test]
    fn a_billion_observations_agree_with_the_normal_distribution() {
        // Rank 5 x 10^8 ± 1.959964 x sqrt(10^9 / 4) = 30 990.
        let [low, high] = Quantile::P50
            .interval_ranks(1_000_000_000, Confidence::P95)
            .unwrap();
        assert!(low.abs_diff(500_000_000 - 30_990) <= 1, "{low}");
        assert!(high.abs_diff(500_000_000 + 30_991) <= 1, "{high}");
    }

    /// `P(B < k)` from the definition, for small n.
    fn less_than(k: u64, n: u64, p: f64) -> f64 {
        let (mut choose, mut sum) = (1.0, 0.0);
        for i in 0..k {
            sum += choose * p.powi(i as i32) * (1.0 - p).powi((n - i) as i32);
            choose *= (n - i) as f64 / (i + 1) as f64;
        }
        sum
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default()
        })]

        #[test]
        fn ranks_keep_what_the_confidence_promises_and_give_nothing_away(
            n in 20_u64..150, percent in 10_u64..90, level in 0.5..0.99,
        ) {
            let quantile = Quantile::ratio(percent, 100).unwrap();
            let confidence = Confidence::new(level).unwrap();
            let tail = confidence.error() / 2.0;
            let Some([low, high]) = quantile.interval_ranks(n, confidence) else { return Ok(()) };
            let p = quantile.share();
            let slack = 1e-9;
            prop_assert!(less_than(low, n, p) <= tail + slack);
            prop_assert!(less_than(low + 1, n, p) > tail - slack);
            prop_assert!(1.0 - less_than(high, n, p) <= tail + slack);
            prop_assert!(1.0 - less_than(high - 1, n, p) > tail - slack);
            prop_assert!(low <= quantile.rank(n) && quantile.rank(n) <= high);
        }

        #[test]
        fn more_confidence_is_wider(n in 20_u64..5000, percent in 1_u64..100) {
            let quantile = Quantile::ratio(percent, 100).unwrap();
            let ranks = |level| quantile.interval_ranks(n, Confidence::new(level).unwrap());
            if let (Some([a, b]), Some([c, d])) = (ranks(0.9), ranks(0.99)) {
                prop_assert!(c <= a && b <= d);
            }
        }
    }
}
