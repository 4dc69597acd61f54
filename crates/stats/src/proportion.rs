//! The interval of a share: of results delivered, of jobs fulfilled.
//!
//! The share is taken per replication and its interval is Student's t. Where the event never
//! happened (or always did) there is no spread to estimate from, and the rule of three speaks: with
//! 0 events in N, the upper 95 % bound of the probability is 3/N (`(1 - p)^N = 0.05` gives
//! `p = -ln 0.05 / N = 2.996 / N`).
//!
//! Near an end Student's interval is too short on the side that looks away from it: with 1 event in N
//! it ends at 2.96/N, below where it ended with none, and where 3.1 are expected it covers 81 %. So
//! that side is Wilson's, of as many independent observations as the spread of the shares is worth:
//! `n = p (1 - p) / e^2` with e the standard error, Student's t in the place of the normal quantile,
//!
//! ```text
//! (p + c/2 ± sqrt((t e)^2 + c^2/4)) / (1 + c),  c = t^2 / n
//! ```
//!
//! (E. B. Wilson, 1927; for shares that are no plain counts E. Korn and B. Graubard, 1998.) The
//! other side is Student's, since Wilson's would leave 0 out after a single event. Far from the ends
//! the two are the same.

use crate::moments::Sample;
use crate::student::Confidence;

/// The 95 % interval of a share, within [0, 1].
///
/// `shares` holds the share of each replication; `independent` is the N of the bound: jobs in an
/// isolated workload, otherwise replications. `None` with one replication only.
pub fn ci95(shares: &Sample, independent: u64) -> Option<[f64; 2]> {
    let [low, high] = shares.t_interval(Confidence::P95)?;
    let [wilsons_low, wilsons_high] = wilson(shares)?;
    let bound = (3.0 / independent as f64).min(1.0);
    if shares.mean <= 0.0 {
        Some([0.0, bound])
    } else if shares.mean >= 1.0 {
        Some([1.0 - bound, 1.0])
    } else {
        let (low, high) = (low.min(wilsons_low), high.max(wilsons_high));
        Some([low.max(0.0), high.min(1.0)])
    }
}

/// Of a share between 0 and 1; no wider than nothing where it does not vary.
fn wilson(shares: &Sample) -> Option<[f64; 2]> {
    let error = shares.standard_error()?;
    let (p, t) = (shares.mean, Confidence::P95.t(shares.count - 1));
    let half = t * error;
    let c = half * half / (p * (1.0 - p));
    let about = (half * half + c * c / 4.0).sqrt();
    let bound = |about: f64| (p + c / 2.0 + about) / (1.0 + c);
    Some([bound(-about), bound(about)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_happened_is_bounded_by_three_over_n() {
        let never = Sample::of(&[0.0; 20]).unwrap();
        assert_eq!(ci95(&never, 20), Some([0.0, 0.15]));
        assert_eq!(ci95(&never, 60_000), Some([0.0, 0.00005]));
    }

    #[test]
    fn what_always_happened_is_bounded_the_same_way() {
        let always = Sample::of(&[1.0; 30]).unwrap();
        assert_eq!(ci95(&always, 30), Some([0.9, 1.0]));
    }

    #[test]
    fn the_bound_is_a_probability_too() {
        assert_eq!(ci95(&Sample::of(&[0.0, 0.0]).unwrap(), 2), Some([0.0, 1.0]));
    }

    #[test]
    fn a_share_that_varies_has_students_interval() {
        // Shares 0.4 and 0.6: 0.5 ± 12.7062 x 0.1, cut to what a share can be.
        let two = Sample::of(&[0.4, 0.6]).unwrap();
        assert_eq!(ci95(&two, 2), Some([0.0, 1.0]));
        // Ninety 1s and ten 0s: s^2 = 100/99 x 0.09, 0.9 ± 1.98422 x 0.0301511.
        let mut shares = vec![1.0; 90];
        shares.extend([0.0; 10]);
        let [low, high] = ci95(&Sample::of(&shares).unwrap(), 100).unwrap();
        // Wilson's below, of 99 observations: c = 1.98422^2 / 99 = 0.0397691,
        // (0.9198845 - sqrt(0.0598264^2 + 0.0198845^2)) / 1.0397691.
        assert!((low - 0.824_068).abs() < 1e-5, "{low}");
        assert!((high - 0.959_826).abs() < 1e-5, "{high}");
    }

    #[test]
    fn one_event_leaves_more_open_than_none() {
        let events = |k: usize| {
            let mut shares = vec![0.0; 1000];
            shares[..k].fill(1.0);
            ci95(&Sample::of(&shares).unwrap(), 1000).unwrap()
        };
        let ([_, none], [low, one]) = (events(0), events(1));
        assert!(one > none, "{one}, {none}");
        // Clopper and Pearson, who never promise too much: 5.57 of a thousand.
        assert!((one - 0.005_57).abs() < 2e-4, "{one}");
        assert_eq!(low, 0.0);
    }

    /// The interval of `k` times yes in `n` answers.
    fn of_answers(k: u32, n: u32) -> [f64; 2] {
        let (yes, of) = (f64::from(k), f64::from(n));
        let mean = yes / of;
        let sample = Sample {
            count: u64::from(n),
            mean,
            variance: Some(mean * (1.0 - mean) * of / (of - 1.0)),
        };
        ci95(&sample, u64::from(n)).unwrap()
    }

    /// How often the interval of `n` answers holds `p`, from the binomial distribution.
    fn coverage(n: u32, p: f64) -> f64 {
        let mut probability = (1.0 - p).powi(n as i32);
        let mut covered = 0.0;
        for k in 0..=n {
            let [low, high] = of_answers(k, n);
            if low <= p && p <= high {
                covered += probability;
            }
            probability *= f64::from(n - k) / f64::from(k + 1) * p / (1.0 - p);
        }
        covered
    }

    #[test]
    fn an_interval_near_an_end_keeps_its_promise() {
        for n in [20, 100, 400] {
            // From less than one yes in all of them up to a half.
            for step in 1..=200 {
                let p = 0.5 * (f64::from(step) / 200.0).powi(2);
                let covers = coverage(n, p);
                assert!(covers > 0.92, "{covers} of {n} at {p}");
            }
        }
    }

    #[test]
    fn yes_and_no_are_bounded_alike() {
        for k in 0..=20 {
            let ([low, high], [of_no_low, of_no_high]) =
                (of_answers(k, 20), of_answers(20 - k, 20));
            assert!((low + of_no_high - 1.0).abs() < 1e-12, "{k}");
            assert!((high + of_no_low - 1.0).abs() < 1e-12, "{k}");
        }
    }

    #[test]
    fn the_same_share_everywhere_needs_no_interval() {
        // Two of three calls in every replication.
        let share = 2.0 / 3.0;
        assert_eq!(
            ci95(&Sample::of(&[share; 5]).unwrap(), 5),
            Some([share, share])
        );
    }

    #[test]
    fn one_replication_has_no_interval() {
        assert_eq!(ci95(&Sample::of(&[0.0]).unwrap(), 1), None);
    }
}
