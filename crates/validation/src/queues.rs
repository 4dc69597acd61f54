//! Work that keeps arriving, at services with workers, queues, quotas and replicas.
//!
//! Service has mean 1 everywhere, so mu = 1 and a load of rho needs rho arrivals a second and worker.

mod closed;
mod networks;
mod single;
mod variations;
mod workers;

use crate::study::Family;

/// The studies of queues.
pub fn family() -> Family {
    let studies = [
        single::studies(),
        workers::studies(),
        closed::studies(),
        networks::studies(),
        variations::studies(),
    ];
    Family {
        name: "Queues",
        about: "work that keeps arriving",
        studies: studies.into_iter().flatten().collect(),
    }
}
