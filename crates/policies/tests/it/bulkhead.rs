//! Bulkheads: who is inside, who waits, who is refused.

use std::cell::RefCell;
use std::rc::Rc;

use awaitlab_core::{CallError, EventClass, Instant, Runtime, Streams};
use awaitlab_engine::Engine;
use awaitlab_policies::bulkhead::{BulkheadError, BulkheadSpec};
use awaitlab_policies::closure::attempts;
use awaitlab_policies::stack::RuleBroken;
use awaitlab_policies::timeout::Timeout;
use awaitlab_policies::{LayerSpec, PolicySpec, Scope, StackError, StackSpec};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::load::Load;
use crate::script::{Play, Stage, fails_500, hangs, ms, ok, spec};

fn bulkhead(limit: u32, queue: Option<u32>, max_wait_ms: Option<u64>) -> PolicySpec {
    PolicySpec::Bulkhead(BulkheadSpec {
        limit,
        queue,
        max_wait: max_wait_ms.map(ms),
    })
}

/// What happens to calls that arrive so, each of one attempt.
fn transcript(
    policies: impl IntoIterator<Item = PolicySpec>,
    calls: &[(&str, u64, Play)],
) -> Vec<String> {
    let (stage, stack) = (Stage::new(), spec(policies).build());
    for &(name, at_ms, play) in calls {
        stage.call(name, at_ms, &stack, &[play]);
    }
    stage.transcript()
}

#[test]
fn who_finds_it_full_waits_and_comes_in_first_come_first_served() {
    let lines = transcript(
        [bulkhead(1, None, None)],
        &[
            ("a", 0, ok(100)),
            ("b", 10, fails_500(50)),
            ("c", 20, ok(10)),
        ],
    );
    assert_eq!(
        lines,
        [
            "0 a: attempt 0",
            "100 a: ok",
            // 100 - 10, and 150 - 20.
            "100 b: [0] waited 90 ms",
            "100 b: attempt 0",
            "150 b: failed error 500",
            "150 c: [0] waited 130 ms",
            "150 c: attempt 0",
            "160 c: ok",
        ]
    );
}

#[test]
fn who_leaves_and_asks_again_at_once_stands_behind_those_who_wait() {
    let engine = Engine::new();
    let stack = spec([bulkhead(1, None, None)]).build();
    let begun: Rc<RefCell<Vec<(u64, u32)>>> = Rc::default();
    let call = |number: u32| {
        let (runtime, begun) = (engine.handle().clone(), begun.clone());
        let attempt = move |_| {
            let now_ms = runtime.now().as_nanos() / 1_000_000;
            begun.borrow_mut().push((now_ms, number));
            let sleep = runtime.sleep(ms(10));
            async move {
                sleep.await;
                Ok::<(), CallError>(())
            }
        };
        let runtime = engine.handle().clone();
        stack
            .clone()
            .call(attempts(runtime, Streams::new(1, 0), 0, number, attempt))
    };
    // One task makes calls 0 and 1, with nothing in between.
    let (first, again, other) = (call(0), call(1), call(2));
    engine.handle().spawn(async move {
        let _ = (first.await, again.await);
    });
    engine.handle().spawn(async move {
        let _ = other.await;
    });
    engine.run();
    assert_eq!(*begun.borrow(), [(0, 0), (10, 2), (20, 1)]);
}

#[test]
fn without_a_queue_it_sheds_at_once() {
    let lines = transcript(
        [bulkhead(1, Some(0), None)],
        &[("a", 0, ok(100)), ("b", 99, ok(1)), ("c", 100, ok(1))],
    );
    assert_eq!(
        lines,
        [
            "0 a: attempt 0",
            "99 b: attempt 0 refused",
            "99 b: failed refused",
            "100 a: ok",
            "100 c: attempt 0",
            "101 c: ok",
        ]
    );
}

#[test]
fn a_full_queue_refuses_the_newcomer() {
    let lines = transcript(
        [bulkhead(1, Some(1), None)],
        &[
            ("a", 0, ok(100)),
            ("b", 10, ok(100)),
            ("c", 20, ok(1)),
            // b is inside, and has left its place in the queue.
            ("d", 100, ok(1)),
        ],
    );
    assert_eq!(
        lines,
        [
            "0 a: attempt 0",
            "20 c: attempt 0 refused",
            "20 c: failed refused",
            "100 a: ok",
            "100 b: [0] waited 90 ms",
            "100 b: attempt 0",
            "200 b: ok",
            "200 d: [0] waited 100 ms",
            "200 d: attempt 0",
            "201 d: ok",
        ]
    );
}

#[test]
fn a_place_freed_at_the_very_end_of_the_longest_wait_is_in_time() {
    let lines = transcript(
        [bulkhead(1, None, Some(50))],
        &[("a", 0, ok(100)), ("b", 49, ok(1)), ("c", 50, ok(1))],
    );
    assert_eq!(
        lines,
        [
            "0 a: attempt 0",
            // b came at 49 and has waited for 50 ms.
            "99 b: attempt 0 refused",
            "99 b: failed refused",
            "100 a: ok",
            "100 c: [0] waited 50 ms",
            "100 c: attempt 0",
            "101 c: ok",
        ]
    );
}

/// A timeout of its own around a bulkhead that all share.
fn inside_a_timeout(timeout_ms: u64, bulkhead: PolicySpec) -> StackSpec {
    let timeout = LayerSpec {
        policy: PolicySpec::Timeout(Timeout::after(ms(timeout_ms))),
        scope: Scope::Job,
    };
    let bulkhead = LayerSpec {
        policy: bulkhead,
        scope: Scope::Global,
    };
    StackSpec::new(vec![timeout, bulkhead]).unwrap()
}

fn of_all(scope: Scope) -> bool {
    scope == Scope::Global
}

#[test]
fn a_waiter_that_is_dropped_leaves_the_queue() {
    let bulkhead = bulkhead(1, Some(1), None);
    let patient = inside_a_timeout(1_000, bulkhead.clone()).build();
    let impatient = inside_a_timeout(50, bulkhead).build_sharing(&patient, of_all);
    let stage = Stage::new();
    stage.call("a", 0, &patient, &[ok(200)]);
    stage.call("b", 10, &impatient, &[ok(1)]);
    stage.call("c", 20, &patient, &[ok(1)]);
    // b gave up at 60: there is room in the queue.
    stage.call("d", 60, &patient, &[ok(10)]);
    assert_eq!(
        stage.transcript(),
        [
            "0 a: attempt 0",
            "20 c: attempt 0 refused",
            "20 c: failed refused",
            "60 b: failed timeout",
            "200 a: ok",
            "200 d: [1] waited 140 ms",
            "200 d: attempt 0",
            "210 d: ok",
        ]
    );
}

#[test]
fn a_timeout_outside_that_cancels_gives_the_place_back_once() {
    let timeout = PolicySpec::Timeout(Timeout::after(ms(100)));
    let lines = transcript(
        [timeout, bulkhead(1, Some(0), None)],
        &[("a", 0, hangs()), ("b", 100, ok(10)), ("c", 105, ok(10))],
    );
    assert_eq!(
        lines,
        [
            "0 a: attempt 0",
            "100 a: attempt 0 late",
            "100 a: failed timeout",
            "100 b: attempt 0",
            "105 c: attempt 0 refused",
            "105 c: failed refused",
            "110 b: ok",
        ]
    );
}

#[test]
fn a_bulkhead_that_lets_nobody_in_is_refused() {
    let layer = LayerSpec {
        policy: bulkhead(0, None, None),
        scope: Scope::Client,
    };
    let because = StackError::Layer {
        layer: 0,
        rule: RuleBroken::Bulkhead(BulkheadError::Nobody),
    };
    assert_eq!(StackSpec::new(vec![layer]), Err(because));
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 100,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// Whoever gives up, waiting or inside: never more inside than the limit, and at the end as many
    /// places as at the beginning.
    #[test]
    fn places_are_neither_lost_nor_made(
        limit in 1_u32..5,
        queue in prop::option::of(0_u32..4),
        max_wait_ms in prop::option::of(1_u64..30),
        calls in prop::collection::vec((0_u64..10, 0_u64..40, 1_u64..60), 1..60),
    ) {
        let bulkhead = bulkhead(limit, queue, max_wait_ms);
        let shared = inside_a_timeout(1, bulkhead.clone()).build();
        let load = Load::new();
        let mut at = Instant::START;
        for (n, (gap_ms, latency_ms, timeout_ms)) in (0..).zip(calls) {
            at = at + ms(gap_ms);
            let spec = inside_a_timeout(timeout_ms, bulkhead.clone());
            let call = load.caller().call(
                &spec.build_sharing(&shared, of_all),
                n,
                Some((ms(latency_ms), Ok(()))),
            );
            let runtime = load.caller().runtime;
            load.engine.handle().spawn(async move {
                runtime.sleep_until(at, EventClass::Arrival).await;
                // Its end is of no interest: an answer, a refusal, a timeout.
                let _ = call.await;
            });
        }
        load.engine.run();
        prop_assert!(load.counts.peak.get() <= limit);
        prop_assert_eq!(load.counts.in_flight.get(), 0);

        let patient = inside_a_timeout(1_000_000, bulkhead).build_sharing(&shared, of_all);
        for n in 0..limit + 1 {
            let call = load.caller().call(&patient, n, None);
            load.engine.handle().spawn(async move {
                let _ = call.await;
            });
        }
        prop_assert_eq!(load.counts.in_flight.get(), limit);
    }
}
