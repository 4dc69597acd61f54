//! Pure arithmetic on observations: exact moments, histograms, quantiles, intervals and comparisons.
//!
//! Two rules shape everything here. *Merging is exact*: what is accumulated is integers, so neither
//! the order of merging nor the number of threads reaches a result. *The unit is the replication*:
//! an interval is made from what independent repetitions gave, never from the requests of one run,
//! which are correlated.
//!
//! | module | holds |
//! |---|---|
//! | [`moments`] | [`Moments`]: count, sum and squares of integers; [`Sample`]: their mean and spread |
//! | [`histogram`] | [`Histogram`]: times, with exact moments and quantiles to three digits |
//! | [`quantile`] | [`Quantile`]: a fraction whose rank is exact; ranks of its interval |
//! | [`student`] | [`Confidence`], Student's t |
//! | [`proportion`] | the interval of a share |
//! | [`comparison`] | [`Difference`], Holm's adjustment, [`Verdict`] |
//! | [`change`] | a figure in two runs: paired by replication, or not |
//! | [`finding`] | [`Finding`]: a verdict, and whether its difference matters |
//!
//! Nothing here reads a clock, a file or a random number.

mod binomial;
pub mod change;
pub mod comparison;
pub mod finding;
pub mod histogram;
pub mod moments;
pub mod proportion;
pub mod quantile;
pub mod student;

pub use comparison::{Difference, Direction, Verdict, gain_of_pairing, holm};
pub use finding::Finding;
pub use histogram::{Bins, Bucket, CurvePoint, Histogram};
pub use moments::{Moments, Sample};
pub use quantile::Quantile;
pub use student::Confidence;

/// Nanoseconds in a millisecond: times are recorded in the first and reported in the second.
pub const NS_PER_MS: f64 = 1e6;
