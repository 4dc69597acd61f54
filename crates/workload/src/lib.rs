//! When jobs arrive.
//!
//! | kind | jobs arrive |
//! |---|---|
//! | isolated | one a replication, alone, at time 0 |
//! | open | as they come: they do not wait for each other |
//! | closed | from users who wait for their answer and think before they ask again |
//! | burst | all at once, at time 0 |

pub mod spec;

pub use spec::{Arrivals, Stage, Workload};
