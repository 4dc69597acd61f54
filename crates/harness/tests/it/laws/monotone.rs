//! More room and shorter calls never hurt a job that is alone with a service that has room for all.
//! Calls of a pool are independent and taken in order, and the sorted instants at which places
//! become free never get later when a place is added or a call gets shorter. So it holds for every
//! kind, with failures that belong to calls.
//!
//! It does not hold for slices of any size (only for multiples), for services that slow down under
//! load, for failures that belong to instants, nor for the other jobs of a shared service: a test
//! each, with the numbers.

use awaitlab_catalogue::{BuiltIn, Kind};
use proptest::prelude::*;
use proptest::sample::select;

use super::cases;
use super::scripts::{calls, run_as, run_failing, settle, strategy, with_on_error};
use crate::shape::{run, scenario};

fn every_kind() -> impl Strategy<Value = BuiltIn> {
    let words = [
        "collect",
        "stop",
        "clear-queue",
        "lose-worker",
        "keep-starting",
        "reject-at-end",
    ];
    let number = 1_u64..8;
    prop_oneof![
        (select(Kind::ALL.to_vec()), number.clone())
            .prop_map(|(kind, number)| strategy(kind, number)),
        (select(words.to_vec()), number.clone()).prop_map(|(word, limit)| with_on_error(
            Kind::Bounded,
            limit,
            Some(word)
        )),
        number.prop_map(|size| with_on_error(Kind::Chunked, size, Some("stop"))),
        Just(with_on_error(Kind::Sequential, 0, Some("stop"))),
    ]
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn a_larger_limit_is_never_slower(
        (latencies, failing) in calls(),
        limit in 1_u64..16,
        word in select(vec!["collect", "stop", "clear-queue", "lose-worker", "keep-starting"]),
    ) {
        let settle = |limit| {
            run_failing(
                &latencies,
                &failing,
                with_on_error(Kind::Bounded, limit, Some(word)),
            )
            .settle_ns
        };
        prop_assert!(settle(limit + 1) <= settle(limit));
    }

    #[test]
    fn slices_of_a_multiple_are_never_slower(
        latencies in prop::collection::vec(1_u64..1000, 1..20),
        size in 1_u64..6,
        times in 1_u64..5,
    ) {
        let settle = |size| settle(&latencies, strategy(Kind::Chunked, size));
        prop_assert!(settle(size * times) <= settle(size));
    }

    #[test]
    fn a_shorter_call_never_makes_its_job_slower(
        (latencies, failing) in calls(),
        strategy in every_kind(),
        call in any::<prop::sample::Index>(),
        share in 0.0..1.0,
    ) {
        prop_assume!(strategy.check_calls(latencies.len()).is_ok());
        let call = call.index(latencies.len());
        let mut shorter = latencies.clone();
        shorter[call] = (latencies[call] as f64 * share) as u64;
        let settle = |latencies: &[u64]| run_failing(latencies, &failing, strategy).settle_ns;
        prop_assert!(settle(&shorter) <= settle(&latencies));
    }

    /// A second attempt of a slow call can only bring the answer forward: the service has room.
    #[test]
    fn a_hedge_never_makes_a_job_slower(
        latencies in prop::collection::vec(1_u64..1000, 1..12),
        again in 1_u64..1000,
        delay in 1_u64..1000,
        kind in select(vec!["\"all\"", "\"bounded\", limit = 3", "\"sequential\"", "\"any\""]),
    ) {
        let twice: Vec<String> = latencies
            .iter()
            .map(|ms| format!("[\"{ms}ms\", \"{again}ms\"]"))
            .collect();
        let settle = |policies: &str| {
            let scenario = scenario(&format!(
                "replications = 1\njob.calls = {}\n\
                 downstream.api.latency = {{ kind = \"list\", values = [{}] }}\n\
                 strategy = [{{ name = \"it\", kind = {kind}, policies = [{policies}] }}]\n",
                latencies.len(),
                twice.join(", "),
            ));
            crate::shape::stacked_job(&scenario).settle_ns.unwrap()
        };
        let hedged = settle(&format!("{{ kind = \"hedge\", delay = \"{delay}ms\" }}"));
        prop_assert!(hedged <= settle(""));
    }
}

#[test]
fn larger_slices_can_be_slower() {
    let latencies = [10, 10, 100, 100];
    // (10, 10) and (100, 100); (10, 10, 100) and (100).
    assert_eq!(settle(&latencies, strategy(Kind::Chunked, 2)), 110_000_000);
    assert_eq!(settle(&latencies, strategy(Kind::Chunked, 3)), 200_000_000);
}

#[test]
fn a_larger_limit_can_be_slower_where_load_slows_the_service() {
    let settle = |limit: u32| {
        let slowdown = "slowdown = { kind = \"knee\", at = 2, beyond = 10.0 }";
        let scenario = scenario(&format!(
            "replications = 1\njob.calls = 3\n\
             downstream.api = \
             {{ latency = {{ kind = \"constant\", value = \"100ms\" }}, {slowdown} }}\n\
             strategy = [{{ name = \"it\", kind = \"bounded\", limit = {limit} }}]\n"
        ));
        crate::shape::stacked_job(&scenario).settle_ns.unwrap() / 1_000_000
    };
    // One at a time 3 x 100, two 2 x 100; the third beside two others takes ten times as long.
    assert_eq!((settle(1), settle(2), settle(3)), (300, 200, 1000));
}

#[test]
fn a_shorter_call_can_make_its_job_slower_where_failures_belong_to_instants() {
    let outage = "fault = [{ kind = \"outage\", after = \"500ms\", during = [\"10ms..20ms\"] }]";
    let settle = |first: u64| {
        let job = run_as(&[first, 50], "kind = \"sequential\"", outage);
        job.settle_ns.unwrap() / 1_000_000
    };
    // The second call begins when the first has ended: within the outage, or behind it.
    assert_eq!((settle(15), settle(20)), (515, 70));
}

#[test]
fn a_longer_call_of_one_job_can_make_another_quicker() {
    let settle = |first: u64| {
        let record = run(&scenario(&format!(
            "replications = 1\n\
             job.call = [{{ downstream = \"door\" }}, {{ downstream = \"desk\" }}]\n\
             downstream.door.latency = \
             {{ kind = \"list\", values = [\"{first}ms\", \"1ms\", \"20ms\", \"1ms\"] }}\n\
             downstream.desk = \
             {{ latency = {{ kind = \"constant\", value = \"100ms\" }}, workers = 1 }}\n\
             workload = {{ kind = \"burst\", jobs = 2 }}\n\
             strategy = [{{ name = \"it\", kind = \"sequential\" }}]\n"
        )));
        let jobs = record.jobs.unwrap();
        let settled = jobs.iter().map(|job| job.settle_ns.unwrap() / 1_000_000);
        settled.collect::<Vec<_>>()
    };
    // Both come to one desk, and who is there first is served first.
    assert_eq!(settle(10), [110, 210]);
    assert_eq!(settle(30), [220, 120]);
}
