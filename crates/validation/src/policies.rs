//! What stands around a call: retries, backoffs, timeouts, hedges; limiters, bulkheads, breakers,
//! budgets.
//!
//! The first kind is isolated: one call, whose law is known, is cut and repeated. The second needs
//! time: a limiter is a queue or a loss system in front of a service, and its law is theirs.

mod again;
mod limits;
mod long_run;

use crate::study::Family;

/// The studies of policies.
pub fn family() -> Family {
    let studies = [again::studies(), limits::studies(), long_run::studies()];
    Family {
        name: "Policies",
        about: "what stands around a call",
        studies: studies.into_iter().flatten().collect(),
    }
}
