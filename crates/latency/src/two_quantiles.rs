//! Median and p99 as parameters: what engineers know of a service.

use std::time::Duration;

use crate::nanoseconds;

/// The natural logarithm of 100: minus that of the share beyond the p99.
pub(crate) const LN_100: f64 = 4.605_170_185_988_092;

/// Why a kind has no member with this median and this p99.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// `median == 0`.
    #[error("the median must be longer than 0")]
    MedianZero,
    /// `p99 <= median`.
    #[error("p99 must lie above the median")]
    NotIncreasing,
    /// `p99 / median > largest`.
    #[error("p99 is more than {largest:.4} times the median, further than this kind can spread")]
    TooSpread {
        /// The largest ratio of p99 to median that the kind can have.
        largest: f64,
    },
    /// `p99 / median < smallest`.
    #[error("p99 is less than {smallest:.6} times the median, closer than this kind can be")]
    TooNarrow {
        /// The smallest ratio of p99 to median that the kind can have.
        smallest: f64,
    },
}

/// A median and a p99 above it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MedianAndP99 {
    pub(crate) median_ns: f64,
    pub(crate) p99_ns: f64,
}

impl MedianAndP99 {
    pub(crate) fn new(median: Duration, p99: Duration) -> Result<Self, Error> {
        if median.is_zero() {
            return Err(Error::MedianZero);
        }
        if p99 <= median {
            return Err(Error::NotIncreasing);
        }
        Ok(MedianAndP99 {
            median_ns: nanoseconds::real(median),
            p99_ns: nanoseconds::real(p99),
        })
    }

    /// p99 in medians.
    pub(crate) fn ratio(self) -> f64 {
        self.p99_ns / self.median_ns
    }

    /// The ratio, when a kind can spread that far.
    pub(crate) fn ratio_up_to(self, largest: f64) -> Result<f64, Error> {
        let ratio = self.ratio();
        if ratio > largest {
            Err(Error::TooSpread { largest })
        } else {
            Ok(ratio)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;
    use crate::{Gamma, Law, LogNormal, Normal, Pareto, Uniform, Weibull};

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_median_of_zero_and_a_p99_at_or_below_it_are_refused_by_every_kind() {
        let constructors: [fn(Duration, Duration) -> Option<Error>; 6] = [
            |median, p99| Uniform::from_median_p99(median, p99).err(),
            |median, p99| Normal::from_median_p99(median, p99).err(),
            |median, p99| LogNormal::from_median_p99(median, p99).err(),
            |median, p99| Gamma::from_median_p99(median, p99).err(),
            |median, p99| Weibull::from_median_p99(median, p99).err(),
            |median, p99| Pareto::from_median_p99(median, p99).err(),
        ];
        for refused_by in constructors {
            assert_eq!(refused_by(Duration::ZERO, ms(10)), Some(Error::MedianZero));
            assert_eq!(refused_by(ms(10), ms(10)), Some(Error::NotIncreasing));
            assert_eq!(refused_by(ms(10), ms(9)), Some(Error::NotIncreasing));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 64,
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(1),
            ..ProptestConfig::default()
        })]

        #[test]
        fn median_and_p99_come_out_as_they_went_in(
            median_us in 10_u64..10_000_000, share in 0.01_f64..1.0, exponent in 0.02_f64..4.0,
        ) {
            let median = Duration::from_micros(median_us);
            let times = |ratio: f64| Duration::from_nanos((median_us as f64 * 1e3 * ratio) as u64);
            let narrow = |largest: f64| times(1.0 + (largest - 1.0) * share);
            let wide = times(exponent.exp());
            let laws: [(Duration, Box<dyn Law>); 6] = [
                (narrow(1.98), Box::new(Uniform::from_median_p99(median, narrow(1.98)).unwrap())),
                (narrow(3.81), Box::new(Normal::from_median_p99(median, narrow(3.81)).unwrap())),
                (wide, Box::new(LogNormal::from_median_p99(median, wide).unwrap())),
                (wide, Box::new(Gamma::from_median_p99(median, wide).unwrap())),
                (wide, Box::new(Weibull::from_median_p99(median, wide).unwrap())),
                (wide, Box::new(Pareto::from_median_p99(median, wide).unwrap())),
            ];
            for (kind, (p99, law)) in laws.iter().enumerate() {
                let close = |p, expected| {
                    let got = law.quantile_ns(p);
                    (got / nanoseconds::real(expected) - 1.0).abs() < 1e-9
                };
                prop_assert!(close(0.5, median), "kind {}: {}", kind, law.quantile_ns(0.5));
                prop_assert!(close(0.99, *p99), "kind {}: {}", kind, law.quantile_ns(0.99));
            }
        }
    }
}
