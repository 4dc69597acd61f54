//! Clients in virtual time.

mod connections;
mod event_loop;

use std::time::Duration;

use awaitlab_core::Instant;
use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn at_ms(at: u64) -> Instant {
    Instant::START + ms(at)
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    }
}
