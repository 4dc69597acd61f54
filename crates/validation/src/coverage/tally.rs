//! How many intervals hold the truth.

use awaitlab_stats::Confidence;

/// What became of the intervals of many studies.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Coverage {
    /// Studies.
    pub studies: u64,
    /// Intervals that hold the truth.
    pub hold: u64,
    /// Intervals that end below it.
    pub below: u64,
    /// Intervals that begin above it.
    pub above: u64,
    /// The mean of half their widths.
    pub half_width: f64,
}

impl Coverage {
    /// Counts. A study without an interval is counted, and covers nothing.
    pub fn of(truth: f64, intervals: impl IntoIterator<Item = Option<[f64; 2]>>) -> Coverage {
        let mut coverage = Coverage::default();
        let mut half_widths = 0.0;
        for interval in intervals {
            coverage.studies += 1;
            let Some([low, high]) = interval else {
                continue;
            };
            half_widths += (high - low) / 2.0;
            match () {
                () if truth < low => coverage.above += 1,
                () if truth > high => coverage.below += 1,
                () => coverage.hold += 1,
            }
        }
        coverage.half_width = half_widths / coverage.intervals().max(1) as f64;
        coverage
    }

    /// How many studies have an interval.
    pub fn intervals(&self) -> u64 {
        self.hold + self.below + self.above
    }

    /// The share of the intervals that hold the truth; `None` where there are none.
    pub fn share(&self) -> Option<f64> {
        let intervals = self.intervals();
        (intervals > 0).then(|| self.hold as f64 / intervals as f64)
    }
}

/// The 95 % interval of the probability of something that was seen `seen` times in `of`, at least
/// one:
///
/// ```text
/// (k + z^2/2 ± z sqrt(k (n-k)/n + z^2/4)) / (n + z^2)
/// ```
///
/// (E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927.)
pub fn wilson(seen: u64, of: u64) -> [f64; 2] {
    // Student's t without end is normal.
    let z = Confidence::P95.t(1 << 40);
    let (k, n) = (seen as f64, of as f64);
    let half = z * (k * (n - k) / n + z * z / 4.0).sqrt();
    [-half, half].map(|half| ((k + z * z / 2.0 + half) / (n + z * z)).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_that_is_the_truth_holds_it() {
        let intervals = [[1.0, 2.0], [2.0, 4.0], [2.5, 3.0], [0.0, 1.5]].map(Some);
        let coverage = Coverage::of(2.0, intervals.into_iter().chain([None]));
        let expected = Coverage {
            studies: 5,
            hold: 2,
            below: 1,
            above: 1,
            // 0.5, 1, 0.25 and 0.75 over four.
            half_width: 0.625,
        };
        assert_eq!(coverage, expected);
        assert_eq!(coverage.share(), Some(0.5));
    }

    #[test]
    fn without_intervals_there_is_no_share() {
        assert_eq!(Coverage::of(2.0, [None, None]).share(), None);
    }

    #[test]
    fn a_share_of_all_is_uncertain_on_one_side() {
        let [low, high] = wilson(1000, 1000);
        // n / (n + z^2) with z = 1.95996.
        assert!((low - 1000.0 / 1_003.841_46).abs() < 1e-6, "{low}");
        assert!((high - 1.0).abs() < 1e-12, "{high}");
    }

    #[test]
    fn wilsons_interval_is_the_printed_one() {
        // 950 of 1000: (950 + 1.92073 ± 1.95996 sqrt(47.5 + 0.96037)) / 1003.84146.
        let [low, high] = wilson(950, 1000);
        assert!((low - 0.934_69).abs() < 1e-5, "{low}");
        assert!((high - 0.961_87).abs() < 1e-5, "{high}");
    }
}
