//! What must hold whatever the numbers are.
//!
//! Closed forms and real clocks check single figures; laws check all of them. Most are metamorphic:
//! two scenarios that must agree, because what is different between them cannot matter (a limit that
//! never binds, a policy that never strikes, another order of the file) or must matter in a known way
//! (all times tripled, a service renamed). Whole records are compared, row by row and job by job, on
//! small random worlds: [`worlds::worlds`].
//!
//! | module | laws |
//! |---|---|
//! | [`order`] | which strategy settles before which, on the same latencies |
//! | [`monotone`] | more room, less latency; and where that does not help |
//! | [`conservation`] | nothing is lost or counted twice |
//! | [`selection`] | what is run beside it, on how many threads, in which order |
//! | [`chance`] | seeds, replications, common random numbers |
//! | [`idle_parts`] | faults, services and clients that never matter |
//! | [`idle_policies`] | policies that never strike |
//! | [`synonyms`] | two ways to say the same |
//! | [`scaling`] | all times multiplied |

mod chance;
mod conservation;
mod idle_parts;
mod idle_policies;
mod monotone;
mod order;
mod scaling;
mod scripts;
mod selection;
mod synonyms;
mod told;
mod worlds;

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

/// So many cases, the same in every run.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    }
}
