//! Simulation against closed forms.
//!
//! A simulator that is wrong by a tenth looks like one that is right. So everything of the lab about
//! which theory has a formula is held against it: fan-outs, policies around a call, queues; means
//! and variances, quantiles and probabilities.
//!
//! A [`Study`] is a scenario, said as a user says it, with what must come out of it: a list of
//! checks, each a strategy, a figure, the value that theory gives, and the formula. Three families of
//! them stand in [`joins`], [`policies`] and [`queues`]; [`families()`] lists all.
//!
//! # What a check is
//!
//! A study is run [`BATCHES`] times with seeds of its own. Each run gives one value of a figure, and
//! since the runs are independent, whatever happens inside of one, their spread gives the standard
//! error of their mean:
//!
//! ```text
//! z = (mean of the runs - theory) / (standard deviation of the runs / sqrt(runs))
//! ```
//!
//! A check fails where theory lies outside of the 99.9 % interval of Student's t (|z| < 3.88 with 20
//! runs; 3.29 with very many). So a right simulator fails one check in a thousand, under one seed or
//! another. Where all runs give the same value, theory must be that value.
//!
//! The test is honest only where the mean of the runs has no bias that is not small beside its
//! standard error:
//!
//! - isolated jobs have no beginning to forget;
//! - workloads in time are cut: a fifth of the run, hundreds of relaxation times, is left out;
//! - what is counted over a whole run (utilization, attempts in flight) is checked where the run is
//!   so long that its empty beginning and its end do not show;
//! - a quantile in a queue is checked as the share of the jobs beyond it, which has no bias; the
//!   quantiles that a report prints are checked on isolated jobs, whose histogram has a hundred
//!   observations beyond. A share of 0.001 that is off by a tenth is a quantile off by a hundredth.
//!
//! Nothing here is adjusted to make a check pass: there is no tolerance where anything varies.

pub mod coverage;
pub mod figure;
pub mod joins;
mod measure;
pub mod outcome;
pub mod page;
pub mod policies;
pub mod queues;
pub mod study;
pub mod theory;

pub use figure::Figure;
pub use measure::{Effort, Observer, ValidationError, run};
pub use outcome::{FamilyOutcome, Outcome, StudyOutcome};
pub use study::{Check, Family, Study};

/// How often every study is run.
pub const BATCHES: u32 = 20;

/// All checks, in the order in which they are printed.
pub fn families() -> Vec<Family> {
    vec![joins::family(), policies::family(), queues::family()]
}
