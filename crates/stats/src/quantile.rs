//! Quantiles by integer rank.
//!
//! The p-quantile of n observations is the one of rank `ceil(p n)` in increasing order: a value
//! that was observed, below or at which at least a share p of them lies. The rank is computed in
//! integers, from a fraction: `0.9 x 10` must be rank 9, and in floating point it need not be.

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

/// The probabilities of a binomial distribution that matter, from ratios of neighbours.
///
/// Summing them directly costs some tens of standard deviations of multiplications, and holds for
/// any n, where continued fractions of the incomplete beta function need a number of terms that
/// grows with it. No logarithm is taken, so the bits are the same everywhere.
struct Binomial {
    /// The value of the first probability.
    from: u64,
    probabilities: Vec<f64>,
}

impl Binomial {
    /// What is this much less likely than the mode adds nothing in double precision.
    const NEGLIGIBLE: f64 = 1e-20;

    /// `0 < p < 1`.
    fn around_its_mode(n: u64, p: f64) -> Binomial {
        let odds = p / (1.0 - p);
        let mode = (((n as f64 + 1.0) * p) as u64).min(n);
        let up = |k: u64| (n - k) as f64 / (k + 1) as f64 * odds;
        let mut below = Vec::new();
        let (mut k, mut weight) = (mode, 1.0);
        while k > 0 && weight > Self::NEGLIGIBLE {
            k -= 1;
            weight /= up(k);
            below.push(weight);
        }
        let from = k;
        let mut probabilities: Vec<f64> = below.into_iter().rev().collect();
        (k, weight) = (mode, 1.0);
        probabilities.push(weight);
        while k < n && weight > Self::NEGLIGIBLE {
            weight *= up(k);
            k += 1;
            probabilities.push(weight);
        }
        let total: f64 = probabilities.iter().sum();
        for probability in &mut probabilities {
            *probability /= total;
        }
        Binomial {
            from,
            probabilities,
        }
    }

    /// The largest k with `P(B < k) <= tail`.
    fn largest_with_less_below(&self, tail: f64) -> u64 {
        let mut below = 0.0;
        for (k, probability) in (self.from..).zip(&self.probabilities) {
            below += probability;
            if below > tail {
                return k;
            }
        }
        self.from
    }

    /// The smallest k with `P(B >= k) <= tail`.
    fn smallest_with_less_from(&self, tail: f64) -> u64 {
        let mut above = 0.0;
        let last = self.from + self.probabilities.len() as u64 - 1;
        for (steps, probability) in (0..).zip(self.probabilities.iter().rev()) {
            above += probability;
            if above > tail {
                return last - steps + 1;
            }
        }
        last
    }
}
