//! Whether a difference matters.
//!
//! With enough replications any difference is real, also one that nobody would change a line of code
//! for. Who says what matters gets two more answers. A real difference whose whole interval lies
//! within what matters is there, and little. And where chance explains what was seen, an interval
//! within what matters says more than "not distinguishable": whatever difference there is, it is too
//! little to matter (two one-sided tests at half the error each; D. J. Schuirmann, 1987).
//!
//! A verdict without such an addition has an interval that reaches what matters.

use crate::comparison::Verdict;

/// A verdict, and what is known of the size of its difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The verdict.
    pub verdict: Verdict,
    /// The whole interval of the difference lies within what matters.
    pub is_little: bool,
    /// The strategy's success rate is below the baseline's.
    pub delivers_less: bool,
}

impl Finding {
    /// A finding by the interval of the difference; `matters` is the smallest difference that does,
    /// in the metric's unit, where somebody said so.
    pub fn of(
        verdict: Verdict,
        interval: Option<[f64; 2]>,
        matters: Option<f64>,
        delivers_less: bool,
    ) -> Finding {
        let within = |[low, high]: [f64; 2], least: f64| -least < low && high < least;
        Finding {
            verdict,
            is_little: interval.zip(matters).is_some_and(|(i, m)| within(i, m)),
            delivers_less,
        }
    }

    /// As in `summary.json` and in print.
    pub const fn words(self) -> &'static str {
        if !self.is_little {
            return self.verdict.words();
        }
        match self.verdict {
            Verdict::Faster => "faster, by less than matters",
            Verdict::Slower => "slower, by less than matters",
            Verdict::Better => "better, by less than matters",
            Verdict::Worse => "worse, by less than matters",
            Verdict::SettlesEarlierDeliversLess => {
                "settles earlier by less than matters, delivers less"
            }
            Verdict::BetterDeliversLess => "better by less than matters, delivers less",
            Verdict::NotDistinguishable if self.delivers_less => {
                "no difference that matters, delivers less"
            }
            Verdict::NotDistinguishable => "no difference that matters",
            Verdict::Identical | Verdict::SameDeliversLess | Verdict::Unknown => {
                self.verdict.words()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(verdict: Verdict, interval: [f64; 2], matters: Option<f64>) -> &'static str {
        Finding::of(verdict, Some(interval), matters, false).words()
    }

    #[test]
    fn a_real_difference_is_little_when_its_whole_interval_is() {
        let faster = |interval, matters| words(Verdict::Faster, interval, matters);
        assert_eq!(
            faster([-4.0, -2.0], Some(5.0)),
            "faster, by less than matters"
        );
        assert_eq!(faster([-6.0, -2.0], Some(5.0)), "faster");
        assert_eq!(
            faster([-5.0, -2.0], Some(5.0)),
            "faster",
            "reaches what matters"
        );
        assert_eq!(faster([-4.0, -2.0], None), "faster");
    }

    #[test]
    fn chance_within_what_matters_is_no_difference_that_matters() {
        let chance = |interval| words(Verdict::NotDistinguishable, interval, Some(5.0));
        assert_eq!(chance([-2.0, 4.0]), "no difference that matters");
        assert_eq!(chance([-2.0, 7.0]), "not distinguishable");
        let less = Finding::of(
            Verdict::NotDistinguishable,
            Some([-2.0, 4.0]),
            Some(5.0),
            true,
        );
        assert_eq!(less.words(), "no difference that matters, delivers less");
    }

    #[test]
    fn without_an_interval_nothing_is_known_of_the_size() {
        let unknown = Finding::of(Verdict::Unknown, None, Some(5.0), false);
        assert_eq!((unknown.is_little, unknown.words()), (false, "no verdict"));
        assert_eq!(
            words(Verdict::Identical, [0.0, 0.0], Some(5.0)),
            "identical"
        );
        // Nothing matters less than nothing.
        assert_eq!(words(Verdict::Faster, [-2.0, -1.0], Some(0.0)), "faster");
    }
}
