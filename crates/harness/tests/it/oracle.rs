//! The same job on the engine and on tokio's paused clock.
//!
//! Latencies are whole milliseconds, which is tokio's grain, and no two events share an instant,
//! since at ties tokio fires a whole millisecond at once.

use std::collections::BTreeSet;
use std::time::Duration;

use awaitlab_catalogue::{BuiltIn, Kind, Parameters, build};
use awaitlab_core::{Rest, Runtime};
use awaitlab_harness::{JobOutcome, JobRun, World};
use awaitlab_policies::StackSpec;
use awaitlab_scenario::Variant;
use awaitlab_tokio_runtime::paused;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::shape::{job, list_of_ms, scenario};

fn on_tokio(variant: &Variant, strategy: BuiltIn, rest: Rest) -> JobOutcome {
    paused(|runtime| async move {
        let world = World::new(runtime.clone(), variant, &StackSpec::default());
        world.begin_replication(1, 0);
        let mut run = JobRun::new(world);
        run.keep_timeline(true);
        run.begin(0, strategy, rest);
        // Longer than any job here; the paused clock skips it.
        runtime.sleep(Duration::from_secs(3600)).await;
        run.close()
    })
}

/// Whether everything that happened in the job has an instant of its own, but for what one end
/// causes at once.
fn is_free_of_ties(outcome: &JobOutcome, give_up: Option<u64>) -> bool {
    let bars = &outcome.timeline.as_ref().unwrap().bars;
    let cancelled = |fate| fate == awaitlab_core::Fate::Cancelled;
    let ends = bars
        .iter()
        .filter(|bar| !cancelled(bar.fate))
        .filter_map(|bar| bar.end);
    let mut instants: Vec<u64> = ends.map(|end| end.as_nanos()).collect();
    instants.extend(give_up.map(|ms| ms * 1_000_000));
    let distinct: BTreeSet<u64> = instants.iter().copied().collect();
    distinct.len() == instants.len()
}

fn strategies() -> impl Strategy<Value = BuiltIn> {
    let kind = prop::sample::select(Kind::ALL.to_vec());
    let on_error = prop::sample::select(vec![
        None,
        Some("isolate"),
        Some("collect"),
        Some("stop"),
        Some("clear-queue"),
        Some("lose-worker"),
        Some("keep-starting"),
        Some("reject-at-end"),
    ]);
    let rest = prop::sample::select(vec![Rest::Orphan, Rest::Cancel]);
    (kind, 1_u64..5, on_error, rest).prop_filter_map("a strategy that exists", |parts| {
        let (kind, number, on_error, rest) = parts;
        let given = |name: &str| kind.takes(name).then_some(number);
        let parameters = Parameters {
            limit: given("limit"),
            size: given("size"),
            need: given("need"),
            on_error: on_error.map(str::to_owned),
            rest: kind.takes("rest").then_some(rest),
        };
        build(kind, &parameters).ok()
    })
}

/// Latency in ms, and what becomes of the call.
fn calls() -> impl Strategy<Value = Vec<(u64, u8)>> {
    prop::collection::vec((1_u64..4000, 0_u8..10), 1..9)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_job_is_the_same_on_the_engine_and_on_tokio(
        strategy in strategies(),
        calls in calls(),
        give_up in prop::option::of(1_u64..8000),
        rest in prop::sample::select(vec![Rest::Orphan, Rest::Cancel]),
    ) {
        prop_assume!(strategy.check_calls(calls.len()).is_ok());
        let latencies: Vec<u64> = calls.iter().map(|(latency, _)| *latency).collect();
        let of = |chosen: fn(u8) -> bool| -> Vec<usize> {
            (0..calls.len()).filter(|&call| chosen(calls[call].1)).collect()
        };
        // Three in ten fail after their latency, one in ten never answers.
        let faults = [("error", of(|c| (6..9).contains(&c))), ("hang", of(|c| c == 9))];
        let faults = faults.iter().filter(|(_, calls)| !calls.is_empty());
        let faults: Vec<String> =
            faults.map(|(kind, calls)| format!("{{ kind = \"{kind}\", calls = {calls:?} }}")).collect();
        let give_up_key = give_up.map(|ms| format!("job.give-up = \"{ms}ms\"\n"));
        let scenario = scenario(&format!(
            "job.calls = {}\n{}downstream.api.latency = {{ kind = \"list\", values = {} }}\n\
             fault = [{}]\nstrategy = [{{ name = \"unused\", kind = \"all\" }}]\n",
            calls.len(),
            give_up_key.unwrap_or_default(),
            list_of_ms(&latencies),
            faults.join(", "),
        ));
        let variant = &scenario.variants[0];
        let expected = job(variant, strategy, rest);
        prop_assume!(is_free_of_ties(&expected, give_up));
        prop_assert_eq!(on_tokio(variant, strategy, rest), expected);
    }
}
