//! Scenarios for tests, written as a user writes them.

use awaitlab_core::{Rest, Strategy};
use awaitlab_engine::Engine;
use awaitlab_harness::{Contest, JobOutcome, JobRun, World};
use awaitlab_policies::StackSpec;
use awaitlab_record::Record;
use awaitlab_scenario::{Scenario, Variant};

/// A scenario with the parts that every one needs, and the given ones.
pub(crate) fn scenario(parts: &str) -> Scenario {
    let text = format!("version = 1\ntitle = \"test\"\n{parts}");
    Scenario::parse("test.toml", text.as_bytes(), &[])
        .unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

/// Its record.
pub(crate) fn run(scenario: &Scenario) -> Record {
    Contest::new(scenario).keeping_jobs().run().unwrap()
}

/// One job in virtual time.
pub(crate) fn job<S: Strategy + 'static>(variant: &Variant, strategy: S, rest: Rest) -> JobOutcome {
    job_with(variant, strategy, rest, &StackSpec::default())
}

/// One job of a scenario's only cell, with its policies.
pub(crate) fn stacked_job(scenario: &Scenario) -> JobOutcome {
    let entry = &scenario.strategies[0];
    let variant = &scenario.variants[0];
    job_with(variant, entry.strategy, entry.rest, &entry.policies)
}

pub(crate) fn job_with<S: Strategy + 'static>(
    variant: &Variant,
    strategy: S,
    rest: Rest,
    policies: &StackSpec,
) -> JobOutcome {
    let engine = Engine::new();
    let world = World::new(engine.handle().clone(), variant, policies);
    world.begin_replication(1, 0);
    let mut run = JobRun::new(world);
    run.keep_timeline(true);
    run.begin(0, strategy, rest);
    engine.run();
    run.close()
}

/// `["5ms", "7ms"]`.
pub(crate) fn list_of_ms(latencies: &[u64]) -> String {
    let values: Vec<String> = latencies.iter().map(|ms| format!("\"{ms}ms\"")).collect();
    format!("[{}]", values.join(", "))
}
