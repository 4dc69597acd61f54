//! One job whose calls take and do what they are told.

use awaitlab_catalogue::{BuiltIn, Kind, Parameters, build};
use awaitlab_core::Rest;
use awaitlab_harness::JobOutcome;
use proptest::prelude::*;

use crate::shape::{job, list_of_ms, scenario, stacked_job};

pub(crate) fn strategy(kind: Kind, number: u64) -> BuiltIn {
    with_on_error(kind, number, None)
}

/// A kind with its number, where it has one, and a word for failures.
pub(crate) fn with_on_error(kind: Kind, number: u64, on_error: Option<&str>) -> BuiltIn {
    let given = |name: &str| kind.takes(name).then_some(number);
    let parameters = Parameters {
        limit: given("limit"),
        size: given("size"),
        need: given("need"),
        on_error: on_error.map(str::to_owned),
        ..Parameters::default()
    };
    build(kind, &parameters).unwrap()
}

/// The job of these latencies, under these fault tables.
pub(crate) fn run(latencies: &[u64], faults: &str, strategy: BuiltIn) -> JobOutcome {
    let scenario = scenario(&format!(
        "job.calls = {}\ndownstream.api.latency = {{ kind = \"list\", values = {} }}\n\
         fault = [{faults}]\nstrategy = [{{ name = \"unused\", kind = \"all\" }}]\n",
        latencies.len(),
        list_of_ms(latencies),
    ));
    job(&scenario.variants[0], strategy, Rest::Orphan)
}

/// The same where these calls fail, each when its answer would have come.
pub(crate) fn run_failing(latencies: &[u64], failing: &[bool], strategy: BuiltIn) -> JobOutcome {
    let calls = (0..latencies.len()).filter(|&call| failing[call]);
    let calls: Vec<usize> = calls.collect();
    if calls.is_empty() {
        return run(latencies, "", strategy);
    }
    run(
        latencies,
        &format!("{{ kind = \"error\", calls = {calls:?} }}"),
        strategy,
    )
}

/// When the job settles, in nanoseconds, if nothing fails.
pub(crate) fn settle(latencies: &[u64], strategy: BuiltIn) -> u64 {
    run(latencies, "", strategy).settle_ns.unwrap()
}

/// A job of one strategy, given as a scenario has it, whose calls take so long.
pub(crate) fn run_as(latencies: &[u64], entry: &str, more: &str) -> JobOutcome {
    stacked_job(&scenario(&format!(
        "replications = 1\njob = {{ calls = {} }}\n\
         downstream.api.latency = {{ kind = \"list\", values = {} }}\n\
         strategy = [{{ name = \"it\", {entry} }}]\n{more}",
        latencies.len(),
        list_of_ms(latencies),
    )))
}

/// What calls take in whole ms, and whether they fail.
pub(crate) fn calls() -> impl Strategy<Value = (Vec<u64>, Vec<bool>)> {
    prop::collection::vec((1_u64..1000, prop::bool::weighted(0.2)), 1..16)
        .prop_map(|calls| calls.into_iter().unzip())
}
