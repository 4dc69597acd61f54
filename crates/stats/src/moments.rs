//! Mean and spread from integer sums.
//!
//! [`Moments`] accumulates integers (nanoseconds, counts, differences of either), so merging is
//! exact and the variance is computed without cancellation: with `q` the mean rounded down and
//! `r = sum - n q`,
//!
//! ```text
//! C = sum (x - q)^2 = sum x^2 - n q^2 - 2 q r      (an integer)
//! variance = (C - r^2 / n) / (n - 1)               (unbiased)
//! ```
//!
//! so that identical values have a variance of exactly 0, however large they are.

use crate::student::Confidence;

/// Count, sum and sum of squares of integers.
///
/// Exact for values below 2^64 in size whose squared deviations from the mean sum to less than
/// 2^128: 3 x 10^14 observations that lie 1000 s apart, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moments {
    count: u64,
    sum: i128,
    /// Modulo 2^128: the deviations that are computed from it fit where the squares may not.
    squares: u128,
}

impl Moments {
    /// No observation.
    pub const fn new() -> Self {
        Moments {
            count: 0,
            sum: 0,
            squares: 0,
        }
    }

    /// Adds an observation: a `u64`, an `i64`, or a difference of such.
    #[inline]
    pub fn record(&mut self, value: impl Into<i128>) {
        let value = value.into();
        let size = value.unsigned_abs();
        self.count += 1;
        self.sum += value;
        self.squares = self.squares.wrapping_add(size.wrapping_mul(size));
    }

    /// Adds everything the other has seen.
    pub fn merge(&mut self, other: &Moments) {
        self.count += other.count;
        self.sum += other.sum;
        self.squares = self.squares.wrapping_add(other.squares);
    }

    /// How many observations there were.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Their exact sum.
    pub const fn sum(&self) -> i128 {
        self.sum
    }

    /// Their mean, rounded once; `None` without observations.
    pub fn mean(&self) -> Option<f64> {
        let n = i128::from(self.count);
        if n == 0 {
            return None;
        }
        let (whole, rest) = (self.sum.div_euclid(n), self.sum.rem_euclid(n));
        Some(whole as f64 + rest as f64 / n as f64)
    }

    /// The unbiased variance; `None` with fewer than two observations.
    pub fn variance(&self) -> Option<f64> {
        if self.count < 2 {
            return None;
        }
        let n = i128::from(self.count);
        let q = self.sum.div_euclid(n);
        let (n, r) = (n as u128, self.sum.rem_euclid(n) as u128);
        // Two's complement: products and differences modulo 2^128 give the right C, which fits.
        let q = q as u128;
        let c = self
            .squares
            .wrapping_sub(n.wrapping_mul(q).wrapping_mul(q))
            .wrapping_sub(q.wrapping_mul(r).wrapping_mul(2));
        let about_mean = match c.checked_mul(n) {
            Some(cn) => cn.saturating_sub(r * r) as f64 / n as f64,
            // C n >= 2^128 while r^2 < n^2: nothing is lost by subtracting rounded numbers.
            None => c as f64 - (r as f64 / n as f64) * r as f64,
        };
        Some(about_mean / (n - 1) as f64)
    }

    /// Mean and variance as numbers, for scaling and intervals; `None` without observations.
    pub fn sample(&self) -> Option<Sample> {
        let mean = self.mean()?;
        Some(Sample {
            count: self.count,
            mean,
            variance: self.variance(),
        })
    }

    /// The interval of the mean by Student's t, in the unit of the observations; `None` with fewer
    /// than two of them. Identical observations give an interval of no width.
    pub fn t_interval(&self, confidence: Confidence) -> Option<[f64; 2]> {
        self.sample()?.t_interval(confidence)
    }
}

/// What independent observations say about their mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// How many they are; at least one.
    pub count: u64,
    /// Their mean.
    pub mean: f64,
    /// Their unbiased variance; `None` where there is only one.
    pub variance: Option<f64>,
}

impl Sample {
    /// Summarises numbers that are not integers, such as one quantile per replication, in the order
    /// given (the order reaches the last bit). `None` where there are none.
    pub fn of(values: &[f64]) -> Option<Sample> {
        let first = *values.first()?;
        let n = values.len() as f64;
        // About the first value, so that identical values have no spread at all.
        let shift = values.iter().map(|x| x - first).sum::<f64>() / n;
        let squares = values
            .iter()
            .map(|x| (x - first - shift).powi(2))
            .sum::<f64>();
        let variance = (values.len() >= 2).then(|| squares / (n - 1.0));
        Some(Sample {
            count: values.len() as u64,
            mean: first + shift,
            variance,
        })
    }

    /// The same in a unit that is `factor` times as large: nanoseconds over [`NS_PER_MS`] are
    /// milliseconds.
    ///
    /// [`NS_PER_MS`]: crate::NS_PER_MS
    #[must_use]
    pub fn per(self, factor: f64) -> Sample {
        Sample {
            count: self.count,
            mean: self.mean / factor,
            variance: self.variance.map(|variance| variance / factor / factor),
        }
    }

    /// The standard error of the mean; `None` where there is only one observation.
    pub fn standard_error(&self) -> Option<f64> {
        self.variance
            .map(|variance| (variance / self.count as f64).sqrt())
    }

    /// `mean ± t s / sqrt(n)`, with `t` of `n - 1` degrees of freedom; `None` where there is only
    /// one observation.
    pub fn t_interval(&self, confidence: Confidence) -> Option<[f64; 2]> {
        let error = self.standard_error()?;
        let half = confidence.t(self.count - 1) * error;
        Some([self.mean - half, self.mean + half])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    fn moments(values: &[i64]) -> Moments {
        let mut moments = Moments::new();
        values.iter().for_each(|&value| moments.record(value));
        moments
    }

    #[test]
    fn the_variance_is_unbiased() {
        // Mean 5, squared deviations 9 + 1 + 1 + 1 + 0 + 0 + 4 + 16 = 32, over 7.
        let moments = moments(&[2, 4, 4, 4, 5, 5, 7, 9]);
        assert_eq!(moments.mean(), Some(5.0));
        assert_eq!(moments.variance(), Some(32.0 / 7.0));
    }

    #[test]
    fn a_spread_of_one_nanosecond_survives_an_hour() {
        let hour = 3_600_000_000_000;
        assert_eq!(moments(&[hour, hour + 1]).variance(), Some(0.5));
        let centuries = i64::MAX - 1;
        assert_eq!(moments(&[centuries, centuries + 1]).variance(), Some(0.5));
        assert_eq!(moments(&[-centuries, -centuries - 1]).variance(), Some(0.5));
    }

    #[test]
    fn identical_values_have_an_interval_of_no_width() {
        let seventh = moments(&[1_500_000_001; 7]);
        assert_eq!(
            seventh.t_interval(Confidence::P95),
            Some([1_500_000_001.0; 2])
        );
    }

    #[test]
    fn one_observation_has_a_mean_and_no_interval() {
        assert_eq!(moments(&[7]).mean(), Some(7.0));
        assert_eq!(moments(&[7]).t_interval(Confidence::P95), None);
        assert_eq!(Moments::new().mean(), None);
        assert_eq!(Moments::new().sample(), None);
    }

    #[test]
    fn the_interval_is_the_textbook_one() {
        // Mean 5, s^2 = 32/7, n = 8, t(7) = 2.36462: 5 ± 2.36462 x sqrt(32/56) = 5 ± 1.78750.
        let [low, high] = moments(&[2, 4, 4, 4, 5, 5, 7, 9])
            .t_interval(Confidence::P95)
            .unwrap();
        assert!((low - 3.21250).abs() < 1e-4, "{low}");
        assert!((high - 6.78750).abs() < 1e-4, "{high}");
    }

    #[test]
    fn a_unit_scales_mean_and_interval_alike() {
        let ms = moments(&[1_000_000, 3_000_000])
            .sample()
            .unwrap()
            .per(crate::NS_PER_MS);
        assert_eq!((ms.mean, ms.variance), (2.0, Some(2.0)));
    }

    #[test]
    fn a_sample_of_identical_numbers_has_no_spread() {
        let tenths = Sample::of(&[0.1; 10]).unwrap();
        assert_eq!((tenths.mean, tenths.variance), (0.1, Some(0.0)));
        assert_eq!(Sample::of(&[]), None);
        assert_eq!(Sample::of(&[0.1]).unwrap().variance, None);
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default()
        })]

        #[test]
        fn merging_is_recording_in_any_order(
            a in prop::collection::vec(any::<i64>(), 0..20),
            b in prop::collection::vec(any::<i64>(), 0..20),
        ) {
            let both: Vec<i64> = b.iter().chain(&a).copied().collect();
            let (mut ab, mut ba) = (moments(&a), moments(&b));
            ab.merge(&moments(&b));
            ba.merge(&moments(&a));
            prop_assert_eq!(ab, ba);
            prop_assert_eq!(ab, moments(&both));
        }

        #[test]
        fn the_variance_does_not_know_where_zero_is(
            values in prop::collection::vec(-1_000_000_i64..1_000_000, 2..20),
            shift in -(1_i64 << 60)..(1 << 60),
        ) {
            let shifted: Vec<i64> = values.iter().map(|value| value + shift).collect();
            prop_assert_eq!(moments(&values).variance(), moments(&shifted).variance());
        }

        #[test]
        fn integers_and_numbers_give_the_same_sample(
            values in prop::collection::vec(-1_000_i64..1_000, 2..20),
        ) {
            let numbers: Vec<f64> = values.iter().map(|&value| value as f64).collect();
            let (exact, rounded) = (moments(&values).sample().unwrap(), Sample::of(&numbers).unwrap());
            prop_assert!((exact.mean - rounded.mean).abs() < 1e-9);
            prop_assert!((exact.variance.unwrap() - rounded.variance.unwrap()).abs() < 1e-6);
        }
    }
}
