//! How a fan-out's calls are joined: every strategy, under laws whose order statistics are known.
//!
//! Everything here is isolated: a job alone, a service without limits. With n calls begun at once the
//! k-th end is the k-th order statistic of n draws. For exponential calls of mean 1 it is a sum of
//! independent exponentials, since after each end what is left begins anew without memory: the gap
//! between ends has rate "calls in flight" (Renyi 1953). So means and variances of `all`, `bounded`,
//! `chunked` and `quorum` are sums of 1/j and 1/j^2 over the numbers in flight.

mod exponential;
mod failures;
mod other_laws;

use crate::study::Family;

/// The studies of joins.
pub fn family() -> Family {
    let studies = [
        exponential::studies(),
        other_laws::studies(),
        failures::studies(),
    ];
    Family {
        name: "Joins",
        about: "how a fan-out's calls are joined",
        studies: studies.into_iter().flatten().collect(),
    }
}
