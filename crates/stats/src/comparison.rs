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
            return Verdict::Identical;
        }
        let Some(p) = p_adjusted else {
            return Verdict::Unknown;
        };
        if !(p < confidence.error()) {
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
            Verdict::Faster => "faster",
            Verdict::Slower => "slower",
            Verdict::Better => "better",
            Verdict::Worse => "worse",
            Verdict::SettlesEarlierDeliversLess => "settles earlier, delivers less",
            Verdict::BetterDeliversLess => "better, delivers less",
            Verdict::NotDistinguishable => "not distinguishable",
            Verdict::Unknown => "–",
        }
    }
}
