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

use crate::shape::{job, job_with, list_of_ms, scenario};

fn on_tokio(variant: &Variant, strategy: BuiltIn, rest: Rest, policies: &StackSpec) -> JobOutcome {
    paused(|runtime| async move {
        let world = World::new(runtime.clone(), variant, policies);
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
        max_global_rejects: 20_000,
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
        let none = StackSpec::default();
        prop_assert_eq!(on_tokio(variant, strategy, rest, &none), expected);
    }

    #[test]
    fn a_stack_of_policies_is_the_same_on_the_engine_and_on_tokio(
        strategy in strategies(),
        policies in prop::collection::vec(policies(), 1..4),
        calls in prop::collection::vec(attempts(), 1..6),
    ) {
        let timed = policies.iter().any(|policy| policy.contains("timeout") || policy.contains("hedge"));
        // Nothing fails any more outside of a fallback: what stands there never applies.
        let inner = policies.iter().skip(1);
        prop_assume!(inner.clone().all(|policy| !policy.contains("fallback")));
        // Calls that start together would have their timers together.
        let one_at_a_time = BuiltIn::Sequential(Default::default());
        let strategy = if timed && calls.len() > 1 { one_at_a_time } else { strategy };
        prop_assume!(strategy.check_calls(calls.len()).is_ok());
        let scenario = scenario(&scripted(&calls, &policies));
        let (variant, policies) = (&scenario.variants[0], &scenario.strategies[0].policies);
        let expected = job_with(variant, strategy, Rest::Orphan, policies);
        prop_assume!(is_free_of_ties(&expected, None));
        prop_assert_eq!(on_tokio(variant, strategy, Rest::Orphan, policies), expected);
    }
}

/// A policy as a scenario writes it. Times in odd milliseconds, so that few of their sums meet.
fn policies() -> impl Strategy<Value = String> {
    let odd = |most: u64| (1..most).prop_map(|half| 2 * half + 1);
    prop_oneof![
        (
            odd(1500),
            any::<bool>(),
            prop::sample::select(vec!["attempt", "call"])
        )
            .prop_map(|(after, cancel, clock)| format!(
                "kind = \"timeout\", after = \"{after}ms\", cancel = {cancel}, clock = \"{clock}\""
            )),
        (1_u32..4, odd(700)).prop_map(|(attempts, base)| format!(
            "kind = \"retry\", attempts = {attempts}, \
             backoff = {{ kind = \"exponential\", base = \"{base}ms\" }}"
        )),
        (
            odd(700),
            1_u32..3,
            prop::sample::select(vec!["cancel", "orphan"])
        )
            .prop_map(|(delay, extra, rest)| format!(
                "kind = \"hedge\", delay = \"{delay}ms\", max-extra = {extra}, rest = \"{rest}\""
            )),
        odd(900).prop_map(|open| format!(
            "kind = \"circuit-breaker\", consecutive = 2, open = \"{open}ms\", probes = 1"
        )),
        (1_u32..3, 0_u32..3).prop_map(|(limit, queue)| format!(
            "kind = \"bulkhead\", limit = {limit}, queue = {queue}"
        )),
        odd(50).prop_map(|latency| format!("kind = \"fallback\", latency = \"{latency}ms\"")),
    ]
}

/// What a call's attempts take, in ms, and what becomes of them: 0 to 4 succeed.
fn attempts() -> impl Strategy<Value = Vec<(u64, u8)>> {
    prop::collection::vec((1_u64..2000, 0_u8..9), 4)
}

/// A job whose attempts take as long and end as they are told, under these policies.
fn scripted(calls: &[Vec<(u64, u8)>], policies: &[String]) -> String {
    let latencies = calls
        .iter()
        .map(|attempts| list_of_ms(&attempts.iter().map(|(ms, _)| *ms).collect::<Vec<_>>()));
    let mut faults = Vec::new();
    for (call, attempts) in calls.iter().enumerate() {
        for (attempt, (_, fate)) in attempts.iter().enumerate() {
            let kind = match fate {
                0..=4 => continue,
                5..=7 => "error",
                _ => "hang",
            };
            faults.push(format!(
                "{{ kind = \"{kind}\", calls = [{call}], attempts = [{attempt}] }}"
            ));
        }
    }
    // A rule for an attempt that nothing ever makes would be an error.
    let again = "{ kind = \"retry\", attempts = 4 }";
    format!(
        "job.calls = {}\ndownstream.api.latency = {{ kind = \"list\", values = [{}] }}\n\
         fault = [{}]\nstrategy = [\
         {{ name = \"it\", kind = \"all\", policies = [{{ {} }}] }}, \
         {{ name = \"unused\", kind = \"all\", policies = [{again}] }}]\n",
        calls.len(),
        latencies.collect::<Vec<_>>().join(", "),
        faults.join(", "),
        policies.join(" }, { "),
    )
}
