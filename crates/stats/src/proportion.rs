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
