//! One strategy in virtual time, on tokio's paused clock, and on tokio's real clock.
//!
//! The strategy is the same value of the same type in all three. In the first two places its calls
//! are the lab's simulated ones; in the third they are futures as a program has them.
//!
//! Run it with: cargo run --release --example same_code_three_places
#![allow(clippy::print_stdout)] // An example talks to whoever runs it.

use std::time::Duration;

use awaitlab_bounded::{Bounded, OnError};
use awaitlab_core::{Rest, Runtime};
use awaitlab_engine::Engine;
use awaitlab_harness::{JobOutcome, JobRun, World};
use awaitlab_policies::StackSpec;
use awaitlab_scenario::{Scenario, Variant};
use awaitlab_tokio_runtime::{fan_out, paused, real};

/// Latencies of the six calls; the fourth fails. Two at a time: 20, 30 | 20 + 40, 30 + 10 | …
const LATENCIES_MS: [u64; 6] = [20, 30, 40, 10, 50, 20];

const SCENARIO: &str = r#"
version = 1
title = "Six calls, two at a time"
job.calls = 6
downstream.api.latency = { kind = "list", values = ["20ms", "30ms", "40ms", "10ms", "50ms", "20ms"] }
fault = [{ kind = "error", calls = [3] }]
strategy = [{ name = "unused", kind = "all" }]
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let strategy = Bounded::new(2, OnError::Collect, Rest::Orphan)?;
    let scenario = Scenario::parse("six.toml", SCENARIO.as_bytes(), &[])?;
    let variant = &scenario.variants[0];

    let virtual_time = in_virtual_time(variant, strategy);
    let paused_clock = on_tokios_paused_clock(variant, strategy);
    assert_eq!(
        virtual_time, paused_clock,
        "the same job, attempt by attempt"
    );
    for (place, outcome) in [
        ("virtual time", &virtual_time),
        ("paused clock", &paused_clock),
    ] {
        let settled = outcome.settle_ns.map(Duration::from_nanos);
        println!(
            "{place}: {} results after {:?}",
            outcome.delivered,
            settled.unwrap_or_default()
        );
    }
    on_tokios_real_clock(strategy)?;
    Ok(())
}

fn in_virtual_time(variant: &Variant, strategy: Bounded) -> JobOutcome {
    let engine = Engine::new();
    let run = JobRun::new(World::new(
        engine.handle().clone(),
        variant,
        &StackSpec::default(),
    ));
    run.begin(0, strategy, Rest::Orphan);
    engine.run();
    run.close()
}

fn on_tokios_paused_clock(variant: &Variant, strategy: Bounded) -> JobOutcome {
    paused(|runtime| async move {
        let run = JobRun::new(World::new(runtime.clone(), variant, &StackSpec::default()));
        run.begin(0, strategy, Rest::Orphan);
        // The paused clock skips ahead, so a minute costs nothing.
        runtime.sleep(Duration::from_secs(60)).await;
        run.close()
    })
}

fn on_tokios_real_clock(strategy: Bounded) -> std::io::Result<()> {
    let call = |(number, latency): (usize, u64)| {
        move || async move {
            tokio::time::sleep(Duration::from_millis(latency)).await;
            if number == 3 { Err("503") } else { Ok(number) }
        }
    };
    real(|runtime| async move {
        let calls = LATENCIES_MS.into_iter().enumerate().map(call).collect();
        let (work, reply) = fan_out(strategy, calls);
        tokio::spawn(work);
        let outcome = reply.await;
        println!(
            "real clock: {:?} after {:?}",
            outcome.settled,
            runtime.now()
        );
    })
}
