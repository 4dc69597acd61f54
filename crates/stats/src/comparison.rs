//! Whether one strategy is really better than another.
//!
//! All strategies of a replication meet the same world, so they are compared in pairs: one
//! difference per replication, Student's t on the differences. Comparing many strategies finds
//! winners by chance (ten identical ones at 5 % give a false winner in 68 % of studies), so the p
//! values of a variant are adjusted together, by Holm's step-down method.

use crate::moments::Sample;
use crate::student::{Confidence, two_sided_p};

/// What paired differences say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Mean of strategy minus baseline.
    pub mean: f64,
    /// The interval of that mean; `None` with one replication.
    pub interval: Option<[f64; 2]>,
    /// How often chance alone would show as much, unadjusted; `None` with one replication. 1 where
    /// all differences are 0, and 0 where they are all the same but not 0.
    pub p: Option<f64>,
}

impl Difference {
    /// Tests the differences of one strategy to the baseline, one per replication.
    pub fn of(differences: &Sample, confidence: Confidence) -> Difference {
        let p = differences.standard_error().map(|error| {
            if differences.mean == 0.0 {
                1.0
            } else {
                two_sided_p(differences.mean / error, differences.count - 1)
            }
        });
        let interval = differences.t_interval(confidence);
        Difference {
            mean: differences.mean,
            interval,
            p,
        }
    }

    /// Whether every replication gave both the same.
    pub fn is_identical(&self) -> bool {
        self.mean == 0.0 && self.interval == Some([0.0, 0.0])
    }
}

/// What pairing has gained: the variance that the difference would have, had the two met different
/// worlds, by the one it has. So many times as many replications the same interval would have taken.
///
/// `None` where one has no variance, or the differences have none: then nothing was left to chance.
pub fn gain_of_pairing(baseline: &Sample, strategy: &Sample, differences: &Sample) -> Option<f64> {
    let apart = baseline.variance? + strategy.variance?;
    let paired = differences.variance.filter(|&paired| paired > 0.0)?;
    Some(apart / paired)
}

/// Holm's adjustment: p values that may be held against one level, however many there are.
///
/// The k-th smallest of m becomes `(m - k + 1) p`, never less than the one before it, at most 1.
/// In the order given. (S. Holm, A simple sequentially rejective multiple test procedure, 1979.)
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut adjusted = vec![0.0; p.len()];
    let mut floor = 0.0_f64;
    for (step, &index) in order.iter().enumerate() {
        floor = floor.max((p.len() - step) as f64 * p[index]).min(1.0);
        adjusted[index] = floor;
    }
    adjusted
}

/// Which way a figure is better, and in which words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// A time somebody waits: less is faster.
    Time,
    /// A cost: less is better.
    Cost,
    /// A yield: more is better.
    Yield,
}

/// The finding, in a word or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every replication gave both the same.
    Identical,
    /// Every replication gave both the same figure, and this one fewer results.
    SameDeliversLess,
    /// Less time, and no fewer results.
    Faster,
    /// More time.
    Slower,
    /// A better figure that is not a time, and no fewer results.
    Better,
    /// A worse figure that is not a time.
    Worse,
    /// Less time, bought with results.
    SettlesEarlierDeliversLess,
    /// A better figure that is not a time, bought with results.
    BetterDeliversLess,
    /// What was seen may be chance.
    NotDistinguishable,
    /// One replication (or none that has both figures) tells nothing.
    Unknown,
}

impl Verdict {
    /// Judges a difference.
    ///
    /// `p_adjusted` is [`holm`]'s over all strategies of the variant; it counts below the error of
    /// the confidence. `delivers_less` says that the strategy's success rate is below the baseline's.
    pub fn of(
        difference: &Difference,
        p_adjusted: Option<f64>,
        direction: Direction,
        delivers_less: bool,
        confidence: Confidence,
    ) -> Verdict {
        if difference.is_identical() {
            return if delivers_less {
                Verdict::SameDeliversLess
            } else {
                Verdict::Identical
            };
        }
        let Some(p) = p_adjusted else {
            return Verdict::Unknown;
        };
        let real = p < confidence.error();
        if !real {
            return Verdict::NotDistinguishable;
        }
        let gain = match direction {
            Direction::Time | Direction::Cost => difference.mean < 0.0,
            Direction::Yield => difference.mean > 0.0,
        };
        match (gain, direction == Direction::Time, delivers_less) {
            (true, true, false) => Verdict::Faster,
            (true, true, true) => Verdict::SettlesEarlierDeliversLess,
            (true, false, false) => Verdict::Better,
            (true, false, true) => Verdict::BetterDeliversLess,
            (false, true, _) => Verdict::Slower,
            (false, false, _) => Verdict::Worse,
        }
    }

    /// As in `summary.json` and in print.
    pub const fn words(self) -> &'static str {
        match self {
            Verdict::Identical => "identical",
            Verdict::SameDeliversLess => "no difference, delivers less",
            Verdict::Faster => "faster",
            Verdict::Slower => "slower",
            Verdict::Better => "better",
            Verdict::Worse => "worse",
            Verdict::SettlesEarlierDeliversLess => "settles earlier, delivers less",
            Verdict::BetterDeliversLess => "better, delivers less",
            Verdict::NotDistinguishable => "not distinguishable",
            Verdict::Unknown => "no verdict",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    fn difference(differences: &[f64]) -> Difference {
        Difference::of(&Sample::of(differences).unwrap(), Confidence::P95)
    }

    fn verdict(differences: &[f64], direction: Direction, delivers_less: bool) -> &'static str {
        let difference = difference(differences);
        let verdict = Verdict::of(
            &difference,
            difference.p,
            direction,
            delivers_less,
            Confidence::P95,
        );
        verdict.words()
    }

    #[test]
    fn a_paired_test_is_the_textbook_one() {
        // Differences 1 2 3 4 5: mean 3, s^2 = 2.5, t = 3 / sqrt(2.5 / 5) = 4.2426 of 4 degrees,
        // p = 0.01324; interval 3 ± 2.77645 x 0.70711.
        let paired = difference(&[1.0, 2.0, 3.0, 4.0, 5.0]);
        assert!(
            (paired.p.unwrap() - 0.013_236).abs() < 1e-5,
            "{:?}",
            paired.p
        );
        let [low, high] = paired.interval.unwrap();
        assert!(
            (low - 1.036_76).abs() < 1e-4 && (high - 4.963_24).abs() < 1e-4,
            "{low} {high}"
        );
    }

    #[test]
    fn pairing_gains_what_the_two_have_in_common() {
        let sample = |values: &[f64]| Sample::of(values).unwrap();
        // 1 2 3 and 2 4 6 have variances 1 and 4, their differences 1 2 3 one of 1.
        let (base, own) = (sample(&[1.0, 2.0, 3.0]), sample(&[2.0, 4.0, 6.0]));
        let gain = gain_of_pairing(&base, &own, &sample(&[1.0, 2.0, 3.0]));
        assert_eq!(gain, Some(5.0));
        assert_eq!(gain_of_pairing(&base, &own, &sample(&[1.0; 3])), None);
        assert_eq!(gain_of_pairing(&sample(&[1.0]), &own, &base), None);
    }

    #[test]
    fn a_difference_without_spread_is_certain() {
        let paired = difference(&[-1000.0; 3]);
        assert_eq!(
            (paired.p, paired.interval),
            (Some(0.0), Some([-1000.0, -1000.0]))
        );
        assert_eq!(verdict(&[-1000.0; 3], Direction::Time, false), "faster");
        assert_eq!(verdict(&[1000.0; 3], Direction::Time, false), "slower");
    }

    #[test]
    fn no_difference_anywhere_is_identical_whatever_was_delivered() {
        assert_eq!(verdict(&[0.0; 2], Direction::Time, false), "identical");
        // As quick, but with less in its hands: not the same.
        let less = "no difference, delivers less";
        assert_eq!(verdict(&[0.0; 2], Direction::Time, true), less);
        assert_eq!(difference(&[0.0; 2]).p, Some(1.0));
    }

    #[test]
    fn a_difference_of_mean_zero_is_not_identical() {
        assert_eq!(
            verdict(&[-1.0, 1.0], Direction::Time, false),
            "not distinguishable"
        );
    }

    #[test]
    fn one_replication_tells_nothing() {
        assert_eq!(verdict(&[-1000.0], Direction::Time, false), "no verdict");
        assert_eq!(verdict(&[0.0], Direction::Time, false), "no verdict");
    }

    #[test]
    fn a_gain_in_time_that_costs_results_is_not_faster() {
        let gain = [-3.0, -2.0, -3.0, -2.0];
        assert_eq!(
            verdict(&gain, Direction::Time, true),
            "settles earlier, delivers less"
        );
        assert_eq!(
            verdict(&gain, Direction::Cost, true),
            "better, delivers less"
        );
        assert_eq!(verdict(&gain, Direction::Cost, false), "better");
        assert_eq!(verdict(&gain, Direction::Yield, true), "worse");
    }

    #[test]
    fn the_direction_decides_what_more_means() {
        let more = [3.0, 2.0, 3.0, 2.0];
        assert_eq!(verdict(&more, Direction::Time, true), "slower");
        assert_eq!(verdict(&more, Direction::Cost, false), "worse");
        assert_eq!(verdict(&more, Direction::Yield, false), "better");
    }

    #[test]
    fn a_p_value_at_the_level_does_not_count() {
        let difference = difference(&[-3.0, -2.0, -3.0, -2.0]);
        let at = Confidence::P95.error();
        let judge = |p| {
            Verdict::of(
                &difference,
                Some(p),
                Direction::Time,
                false,
                Confidence::P95,
            )
        };
        assert_eq!(judge(at), Verdict::NotDistinguishable);
        assert_eq!(judge(at - 1e-9), Verdict::Faster);
        assert_eq!(judge(f64::NAN), Verdict::NotDistinguishable);
    }

    #[test]
    fn holm_multiplies_the_smallest_most() {
        // 0.01 x 3, 0.03 x 2, then 0.04 x 1 = 0.04 held up to 0.06.
        let adjusted = holm(&[0.04, 0.01, 0.03]);
        let expected = [0.06, 0.03, 0.06];
        assert!(
            adjusted
                .iter()
                .zip(expected)
                .all(|(a, b)| (a - b).abs() < 1e-12),
            "{adjusted:?}"
        );
        assert_eq!(holm(&[0.4, 0.9]), [0.8, 0.9]);
        assert_eq!(holm(&[0.6, 0.9]), [1.0, 1.0]);
        assert_eq!(holm(&[]), [0.0; 0]);
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default()
        })]

        #[test]
        fn holm_keeps_the_order_and_never_helps(p in prop::collection::vec(0.0..=1.0, 1..12)) {
            let adjusted = holm(&p);
            for i in 0..p.len() {
                prop_assert!(adjusted[i] >= p[i] && adjusted[i] <= 1.0);
                prop_assert!(adjusted[i] <= (p.len() as f64 * p[i]).min(1.0), "above Bonferroni");
                for j in 0..p.len() {
                    prop_assert!(p[i] > p[j] || adjusted[i] <= adjusted[j]);
                }
            }
        }

        #[test]
        fn an_interval_without_zero_and_a_small_p_value_are_the_same(
            differences in prop::collection::vec(-10_i32..12, 2..12),
        ) {
            let numbers: Vec<f64> = differences.iter().map(|&d| f64::from(d)).collect();
            let paired = difference(&numbers);
            let [low, high] = paired.interval.unwrap();
            let certain = low > 1e-9 || high < -1e-9;
            let touches = low.abs() < 1e-9 || high.abs() < 1e-9;
            prop_assert!(touches || certain == (paired.p.unwrap() < 0.05), "{:?}", paired);
        }
    }
}
