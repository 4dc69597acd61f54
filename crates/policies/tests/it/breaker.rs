//! Circuit breakers: when they open, whom they let probe, what closes them.

use std::time::Duration;

use awaitlab_core::{CallError, ErrorClass, EventClass, Instant, Runtime};
use awaitlab_policies::breaker::{BreakerError, BreakerSpec, Window};
use awaitlab_policies::stack::RuleBroken;
use awaitlab_policies::timeout::Timeout;
use awaitlab_policies::{Event, LayerSpec, PolicySpec, Scope, Stack, StackError, StackSpec};

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::load::Load;
use crate::script::{Play, Stage, fails, fails_500, hangs, ms, ok, spec};

/// Opens at two failures in a row, for a second; two probes.
fn two_in_a_row() -> BreakerSpec {
    BreakerSpec {
        window: Window::Consecutive(2),
        open: ms(1_000),
        probes: 2,
        ..BreakerSpec::default()
    }
}

fn stack(breaker: BreakerSpec) -> Stack {
    spec([PolicySpec::CircuitBreaker(breaker)]).build()
}

/// What happens to calls that arrive so, each of one attempt.
fn transcript(breaker: BreakerSpec, calls: &[(&str, u64, Play)]) -> Vec<String> {
    let (stage, stack) = (Stage::new(), stack(breaker));
    for &(name, at_ms, play) in calls {
        stage.call(name, at_ms, &stack, &[play]);
    }
    stage.transcript()
}

/// The lines of the breaker itself and of refusals.
fn of_the_breaker(transcript: Vec<String>) -> Vec<String> {
    let said = |line: &String| line.contains('[') || line.contains("attempt 0 refused");
    transcript.into_iter().filter(said).collect()
}

#[test]
fn it_opens_at_the_failure_that_is_too_many_and_refuses_until_its_time_is_over() {
    let lines = transcript(
        two_in_a_row(),
        &[
            ("a", 0, fails_500(10)),
            ("b", 20, fails_500(10)),
            ("c", 30, ok(10)),
            ("d", 1_029, ok(10)),
            ("e", 1_030, ok(10)),
        ],
    );
    assert_eq!(
        lines,
        [
            "0 a: attempt 0",
            "10 a: failed error 500",
            "20 b: attempt 0",
            // Open in [30, 1030).
            "30 b: [0] open until 1.03s",
            "30 b: failed error 500",
            "30 c: attempt 0 refused",
            "30 c: failed refused",
            "1029 d: attempt 0 refused",
            "1029 d: failed refused",
            "1030 e: [0] half-open",
            "1030 e: attempt 0",
            "1040 e: ok",
        ]
    );
}

#[test]
fn half_open_lets_so_many_probes_through_and_closes_when_all_have_succeeded() {
    let lines = transcript(
        two_in_a_row(),
        &[
            ("a", 0, fails_500(0)),
            ("b", 0, fails_500(0)),
            ("c", 1_000, ok(100)),
            ("d", 1_010, ok(50)),
            ("e", 1_020, ok(10)),
            // One has succeeded, but both places are taken.
            ("f", 1_070, ok(10)),
            ("g", 1_100, fails_500(10)),
        ],
    );
    assert_eq!(
        of_the_breaker(lines),
        [
            "0 b: [0] open until 1s",
            "1000 c: [0] half-open",
            "1020 e: attempt 0 refused",
            "1070 f: attempt 0 refused",
            "1100 c: [0] closed",
            // g fails: one in a row, and the two before it opened are forgotten.
        ]
    );
}

#[test]
fn one_failed_probe_opens_it_again() {
    let lines = transcript(
        two_in_a_row(),
        &[
            ("a", 0, fails_500(0)),
            ("b", 0, fails_500(0)),
            ("c", 1_000, ok(10)),
            ("d", 1_020, fails_500(10)),
            ("e", 1_040, ok(10)),
            ("f", 2_030, ok(10)),
            ("g", 2_030, ok(20)),
        ],
    );
    assert_eq!(
        of_the_breaker(lines),
        [
            "0 b: [0] open until 1s",
            "1000 c: [0] half-open",
            "1030 d: [0] open until 2.03s",
            "1040 e: attempt 0 refused",
            "2030 f: [0] half-open",
            "2050 g: [0] closed",
        ]
    );
}

#[test]
fn refusals_and_cancellations_count_neither_way() {
    for class in [ErrorClass::Refused, ErrorClass::Cancelled] {
        let neither = fails(10, CallError::of(class));
        let closed = transcript(
            two_in_a_row(),
            &[
                ("a", 0, fails_500(10)),
                ("b", 20, neither),
                ("c", 40, neither),
                ("d", 60, fails_500(10)),
            ],
        );
        assert_eq!(
            of_the_breaker(closed),
            ["70 d: [0] open until 1.07s"],
            "neither a failure of its own nor a success between two"
        );
        let half_open = transcript(
            two_in_a_row(),
            &[
                ("a", 0, fails_500(0)),
                ("b", 0, fails_500(0)),
                ("c", 1_000, neither),
                ("d", 1_001, neither),
                ("e", 1_002, ok(1)),
                // Both have given their places back.
                ("f", 1_020, ok(10)),
                ("g", 1_020, ok(20)),
            ],
        );
        assert_eq!(
            of_the_breaker(half_open),
            [
                "0 b: [0] open until 1s",
                "1000 c: [0] half-open",
                "1002 e: attempt 0 refused",
                "1040 g: [0] closed",
            ]
        );
    }
}

#[test]
fn a_dropped_probe_gives_its_place_back_once_and_to_its_own_trial_only() {
    let timeout = PolicySpec::Timeout(Timeout::after(ms(500)));
    let one_probe = BreakerSpec {
        probes: 1,
        ..two_in_a_row()
    };
    let breaker = PolicySpec::CircuitBreaker(one_probe);
    let (stage, stack) = (Stage::new(), spec([timeout, breaker]).build());
    let calls = [
        ("a", 0, fails_500(0)),
        ("b", 0, fails_500(0)),
        ("c", 1_000, hangs()),
        ("d", 1_400, ok(10)),
        // c was dropped at 1500.
        ("e", 1_510, hangs()),
        ("f", 1_520, ok(10)),
        ("g", 2_020, ok(10)),
    ];
    for (name, at_ms, play) in calls {
        stage.call(name, at_ms, &stack, &[play]);
    }
    assert_eq!(
        of_the_breaker(stage.transcript()),
        [
            "0 b: [1] open until 1s",
            "1000 c: [1] half-open",
            "1400 d: attempt 0 refused",
            "1520 f: attempt 0 refused",
            "2030 g: [1] closed",
        ]
    );
}

#[test]
fn a_probe_of_an_earlier_trial_gives_nothing_back_to_a_later_one() {
    let timeout = PolicySpec::Timeout(Timeout::after(ms(1_200)));
    let breaker = PolicySpec::CircuitBreaker(two_in_a_row());
    let (stage, stack) = (Stage::new(), spec([timeout, breaker]).build());
    let calls = [
        ("a", 0, fails_500(0)),
        ("b", 0, fails_500(0)),
        // Two probes: one fails at once, the other is dropped at 2200, in the second trial.
        ("c", 1_000, hangs()),
        ("d", 1_000, fails_500(0)),
        ("e", 2_000, hangs()),
        ("f", 2_000, hangs()),
        ("g", 2_200, ok(10)),
        ("h", 2_201, ok(10)),
    ];
    for (name, at_ms, play) in calls {
        stage.call(name, at_ms, &stack, &[play]);
    }
    let lines = of_the_breaker(stage.transcript());
    assert_eq!(
        lines[2..],
        [
            "1000 d: [1] open until 2s",
            "2000 e: [1] half-open",
            "2200 g: attempt 0 refused",
            "2201 h: attempt 0 refused",
        ]
    );
}

#[test]
fn what_ends_while_it_is_open_is_not_counted() {
    let lines = transcript(
        two_in_a_row(),
        &[
            ("a", 0, fails_500(10)),
            ("b", 0, fails_500(10)),
            ("c", 0, fails_500(500)),
            ("d", 0, ok(600)),
            ("e", 1_010, ok(10)),
        ],
    );
    assert_eq!(
        of_the_breaker(lines),
        ["10 b: [0] open until 1.01s", "1010 e: [0] half-open"]
    );
}

#[test]
fn a_late_outcome_counts_in_the_state_that_it_meets() {
    let late = |play| {
        transcript(
            two_in_a_row(),
            &[
                ("a", 0, fails_500(0)),
                // Begun while closed, ends half-open.
                ("old", 0, play),
                ("b", 0, fails_500(0)),
                ("c", 1_000, ok(10)),
            ],
        )
    };
    assert_eq!(
        of_the_breaker(late(fails_500(1_500)))[2..],
        ["1500 old: [0] open until 2.5s"]
    );
    assert_eq!(
        of_the_breaker(late(ok(1_500)))[2..],
        ["1500 old: [0] closed"],
        "the second of two successes"
    );
}

#[test]
fn a_ratio_is_judged_at_each_completion_from_the_minimum_on() {
    let breaker = BreakerSpec {
        window: Window::Count(4),
        failure_ratio: 0.5,
        minimum: 3,
        ..two_in_a_row()
    };
    let lines = transcript(
        breaker,
        &[
            ("a", 0, fails_500(10)),
            ("b", 0, fails_500(20)),
            // Two of two, not judged; two of three are.
            ("c", 0, ok(30)),
        ],
    );
    assert_eq!(of_the_breaker(lines), ["30 c: [0] open until 1.03s"]);
}

#[test]
fn a_breaker_without_a_meaning_is_refused() {
    let with = |change: fn(&mut BreakerSpec)| {
        let mut breaker = BreakerSpec::default();
        change(&mut breaker);
        let layer = LayerSpec {
            policy: PolicySpec::CircuitBreaker(breaker),
            scope: Scope::Client,
        };
        StackSpec::new(vec![layer]).err()
    };
    let because = |error| {
        Some(StackError::Layer {
            layer: 0,
            rule: RuleBroken::CircuitBreaker(error),
        })
    };
    assert_eq!(with(|_| {}), None);
    assert_eq!(with(|b| b.failure_ratio = 1.0), None);
    let ratio = because(BreakerError::Ratio);
    assert_eq!(with(|b| b.failure_ratio = 0.0), ratio);
    assert_eq!(with(|b| b.failure_ratio = 1.1), ratio);
    assert_eq!(with(|b| b.failure_ratio = f64::NAN), ratio);
    let window = because(BreakerError::Window);
    assert_eq!(with(|b| b.window = Window::Count(0)), window);
    assert_eq!(with(|b| b.window = Window::Consecutive(0)), window);
    assert_eq!(with(|b| b.window = Window::Time(Duration::ZERO)), window);
    let minimum = because(BreakerError::Minimum);
    assert_eq!(with(|b| b.minimum = 0), minimum);
    assert_eq!(with(|b| b.probes = 0), minimum);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 100,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// Probes that are dropped, refused further in, or succeed: never more in flight than places, and
    /// whatever became of those that did not count, the breaker can still close.
    #[test]
    fn places_of_probes_are_neither_lost_nor_made(
        probes in 1_u32..5,
        calls in prop::collection::vec((0_u64..10, 0_u64..40, 1_u64..60, any::<bool>()), 0..40),
    ) {
        let breaker = BreakerSpec { probes, ..two_in_a_row() };
        let inside_a_timeout = |timeout_ms| {
            let layers = [
                PolicySpec::Timeout(Timeout::after(ms(timeout_ms))),
                PolicySpec::CircuitBreaker(breaker),
            ];
            StackSpec::new(layers.into_iter().zip([Scope::Job, Scope::Global])
                .map(|(policy, scope)| LayerSpec { policy, scope })
                .collect())
                .unwrap()
        };
        let of_all = |scope| scope == Scope::Global;
        let shared = inside_a_timeout(100_000).build();
        let load = Load::new();
        let spawn = |at: Instant, timeout_ms, end| {
            let stack = inside_a_timeout(timeout_ms).build_sharing(&shared, of_all);
            let call = load.caller().call(&stack, 0, end);
            let runtime = load.caller().runtime;
            load.engine.handle().spawn(async move {
                runtime.sleep_until(at, EventClass::Arrival).await;
                // Its end is of no interest: an answer, a refusal, a timeout.
                let _ = call.await;
            });
        };
        let failure = Some((ms(0), Err(CallError::status(500))));
        spawn(Instant::START, 1, failure);
        spawn(Instant::START, 1, failure);
        load.engine.run();
        load.counts.peak.set(0);

        // As many successes as would close it never come.
        let mut at = Instant::START + ms(1_000);
        let mut successes = 0;
        for (gap_ms, latency_ms, timeout_ms, succeeds) in calls {
            at = at + ms(gap_ms);
            let succeeds = succeeds && successes + 1 < probes;
            successes += u32::from(succeeds);
            let refused = Err(CallError::of(ErrorClass::Refused));
            let result = if succeeds { Ok(()) } else { refused };
            spawn(at, timeout_ms, Some((ms(latency_ms), result)));
        }
        load.engine.run();
        prop_assert!(load.counts.peak.get() <= probes);
        prop_assert_eq!(load.counts.in_flight.get(), 0);
        prop_assert!(!load.counts.events.borrow().contains(&Event::Closed));

        for _ in 0..probes {
            spawn(at + ms(1_000), 1_000, Some((ms(1), Ok(()))));
        }
        load.engine.run();
        prop_assert!(load.counts.events.borrow().contains(&Event::Closed));
    }
}
