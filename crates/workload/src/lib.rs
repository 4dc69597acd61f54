//! When jobs arrive.
//!
//! | kind | jobs arrive |
//! |---|---|
//! | isolated | one a replication, alone, at time 0 |
//! | open | as they come: they do not wait for each other |
//! | closed | from users who wait for their answer and think before they ask again |
//! | burst | all at once, at time 0 |
//!
//! An open workload keeps coming when the service is slow, and shows what waiting costs; a closed one
//! slows down with the service, and hides it. Real users are mostly open, load generators mostly
//! closed (Schroeder, Wierman and Harchol-Balter 2006).
//!
//! | module | holds |
//! |---|---|
//! | [`spec`] | the kinds, and what a scenario says of them |
//! | [`stage`] | rates that are constant or change evenly |
//! | [`arrivals`] | the instants at which the jobs of an open workload arrive |
//! | [`closed`] | how long users think, and what their jobs are called |
//!
//! Everything drawn here is a function of seed, replication and number: it is the same for every
//! strategy.

pub mod arrivals;
mod choice;
pub mod closed;
pub mod spec;
pub mod stage;

pub use arrivals::ArrivalTimes;
pub use closed::{job_of, think_ns};
pub use spec::{Arrivals, BurstError, ClosedError, OpenError, Workload};
pub use stage::{Stage, StageError};

/// Every kind of workload, as a scenario names it, with a line about it.
pub const KINDS: &[(&str, &str)] = &[
    (spec::ISOLATED, "one job a replication, alone, at time 0"),
    (
        spec::OPEN,
        "jobs arrive by themselves, at a rate that may change in stages",
    ),
    (
        spec::CLOSED,
        "each of `users` thinks, starts a job, waits for its answer, and thinks again",
    ),
    (spec::BURST, "all `jobs` at once, at time 0"),
];
