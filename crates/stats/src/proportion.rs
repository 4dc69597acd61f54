//! The interval of a share: of results delivered, of jobs fulfilled.
//!
//! The share is taken per replication and its interval is Student's t. Where the event never
//! happened (or always did) there is no spread to estimate from, and the rule of three speaks: with
//! 0 events in N, the upper 95 % bound of the probability is 3/N (`(1 - p)^N = 0.05` gives
//! `p = -ln 0.05 / N = 2.996 / N`).

use crate::moments::Sample;
use crate::student::Confidence;

/// The 95 % interval of a share, within [0, 1].
///
/// `shares` holds the share of each replication; `independent` is the N of the bound: jobs in an
/// isolated workload, otherwise replications. `None` with one replication only.
pub fn ci95(shares: &Sample, independent: u64) -> Option<[f64; 2]> {
    let [low, high] = shares.t_interval(Confidence::P95)?;
    let bound = (3.0 / independent as f64).min(1.0);
    if shares.mean <= 0.0 {
        Some([0.0, bound])
    } else if shares.mean >= 1.0 {
        Some([1.0 - bound, 1.0])
    } else {
        Some([low.max(0.0), high.min(1.0)])
    }
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
        assert!((low - 0.840_174).abs() < 1e-5, "{low}");
        assert!((high - 0.959_826).abs() < 1e-5, "{high}");
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
