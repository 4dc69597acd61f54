//! What must hold on every sample path.

use awaitlab_catalogue::{BuiltIn, Kind, Parameters, build};
use awaitlab_core::{Fate, Rest};
use awaitlab_harness::JobOutcome;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::shape::{job, list_of_ms, scenario};

fn strategy(kind: Kind, number: u64) -> BuiltIn {
    let given = |name: &str| kind.takes(name).then_some(number);
    let (limit, size, need) = (given("limit"), given("size"), given("need"));
    build(
        kind,
        &Parameters {
            limit,
            size,
            need,
            ..Parameters::default()
        },
    )
    .unwrap()
}

fn run(latencies: &[u64], faults: &str, strategy: BuiltIn) -> JobOutcome {
    let scenario = scenario(&format!(
        "job.calls = {}\ndownstream.api.latency = {{ kind = \"list\", values = {} }}\n\
         fault = [{faults}]\nstrategy = [{{ name = \"unused\", kind = \"all\" }}]\n",
        latencies.len(),
        list_of_ms(latencies),
    ));
    job(&scenario.variants[0], strategy, Rest::Orphan)
}

fn settle(latencies: &[u64], strategy: BuiltIn) -> u64 {
    run(latencies, "", strategy).settle_ns.unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// On the same latencies, without failures: all = all-settled <= bounded(k) <= chunked(k) <=
    /// sequential, and a larger limit is never slower.
    #[test]
    fn waiting_for_more_is_never_quicker(
        latencies in prop::collection::vec(1_u64..1000, 1..20),
        limit in 1_u64..20,
    ) {
        let all = settle(&latencies, strategy(Kind::All, 0));
        let all_settled = settle(&latencies, strategy(Kind::AllSettled, 0));
        let bounded = settle(&latencies, strategy(Kind::Bounded, limit));
        let roomier = settle(&latencies, strategy(Kind::Bounded, limit + 1));
        let chunked = settle(&latencies, strategy(Kind::Chunked, limit));
        let sequential = settle(&latencies, strategy(Kind::Sequential, 0));
        prop_assert_eq!(all, all_settled);
        prop_assert!(all <= bounded && bounded <= chunked && chunked <= sequential);
        prop_assert!(roomier <= bounded);
        prop_assert_eq!(sequential, latencies.iter().sum::<u64>() * 1_000_000);
    }

    /// Attempts made = sum of fates, ends and fates agree, and time in flight adds up.
    #[test]
    fn nothing_is_lost_or_counted_twice(
        latencies in prop::collection::vec(1_u64..1000, 1..20),
        failing in prop::collection::btree_set(0_usize..20, 0..6),
        hanging in prop::option::of(0_usize..20),
        kind in prop::sample::select(Kind::ALL.to_vec()),
        number in 1_u64..6,
    ) {
        let calls = latencies.len();
        let strategy = strategy(kind, number);
        prop_assume!(strategy.check_calls(calls).is_ok());
        let failing: Vec<usize> = failing.into_iter().filter(|&call| call < calls).collect();
        let mut faults = Vec::new();
        if let Some(hanging) = hanging.filter(|&call| call < calls) {
            faults.push(format!("{{ kind = \"hang\", calls = [{hanging}] }}"));
        }
        if !failing.is_empty() {
            faults.push(format!("{{ kind = \"error\", calls = {failing:?} }}"));
        }
        let outcome = run(&latencies, &faults.join(", "), strategy);
        let counts = outcome.all_attempts();
        prop_assert!(counts.conserved());
        prop_assert_eq!(counts[Fate::Rejected] + counts.started, counts.made);
        let ended = outcome.ends.succeeded + outcome.ends.failed + outcome.ends.cancelled;
        prop_assert!(ended <= counts.made);
        prop_assert_eq!(outcome.drain_ns.is_some(), ended == counts.made);
        prop_assert!(outcome.delivered + outcome.lost <= outcome.ends.succeeded);
        prop_assert!(outcome.orphan_ns <= outcome.busy_ns);
        prop_assert!(outcome.started_at_settle <= counts.made);
        prop_assert!(outcome.peak_in_flight <= counts.made);
    }
}
