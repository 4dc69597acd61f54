//! Adaptive limits: what they let through, what they learn from, and whether they are their
//! library's.

use std::cell::RefCell;
use std::rc::Rc;

use awaitlab_core::{CallError, ErrorClass, Runtime};
use awaitlab_policies::adaptive::{AdaptiveError, AdaptiveSpec};
use awaitlab_policies::stack::RuleBroken;
use awaitlab_policies::timeout::Timeout;
use awaitlab_policies::{Event, LayerSpec, PolicySpec, Scope, Stack, StackError, StackSpec};

use crate::load::{Caller, Load};
use crate::script::{Play, Stage, fails, fails_500, hangs, ms, ok, spec as stack_of};

/// Up by one with an answer, down by a tenth with a drop.
fn aimd(initial: u32) -> PolicySpec {
    PolicySpec::AdaptiveLimit(AdaptiveSpec::Aimd {
        initial,
        min: 1,
        max: 100,
        backoff_ratio: 0.9,
        timeout: ms(1_000),
    })
}

/// What happens to calls that arrive so, each of one attempt.
fn transcript(
    policies: impl IntoIterator<Item = PolicySpec>,
    calls: &[(&str, u64, Play)],
) -> Vec<String> {
    let (stage, stack) = (Stage::new(), stack_of(policies).build());
    for &(name, at_ms, play) in calls {
        stage.call(name, at_ms, &stack, &[play]);
    }
    stage.transcript()
}

/// The lines that say what the limit is.
fn limits(transcript: Vec<String>) -> Vec<String> {
    let lines = transcript.into_iter();
    lines.filter(|line| line.contains(" limit ")).collect()
}

#[test]
fn it_refuses_at_the_limit_and_every_answer_moves_it() {
    let lines = transcript(
        [aimd(2)],
        &[
            ("a", 0, ok(10)),
            ("b", 0, ok(20)),
            ("c", 0, ok(1)),
            ("d", 15, ok(1)),
        ],
    );
    assert_eq!(
        lines,
        [
            "0 a: [0] limit 2.00",
            "0 a: attempt 0",
            "0 b: attempt 0",
            "0 c: attempt 0 refused",
            "0 c: failed refused",
            // One was in flight when a came, 2 x 1 >= 2.
            "10 a: [0] limit 3.00",
            "10 a: ok",
            "15 d: attempt 0",
            // Two were when d came, 2 x 2 >= 3; and when b came, 2 x 2 >= 4.
            "16 d: [0] limit 4.00",
            "16 d: ok",
            "20 b: [0] limit 5.00",
            "20 b: ok",
        ]
    );
}

#[test]
fn drops_lower_it_other_failures_are_ignored() {
    let after = |play| limits(transcript([aimd(10)], &[("a", 0, play)]));
    let drops = [
        CallError::of(ErrorClass::Timeout),
        CallError::of(ErrorClass::Throttled),
        CallError::of(ErrorClass::Unavailable),
        CallError::of(ErrorClass::Connection),
        CallError::status(429),
        CallError::status(503),
    ];
    for drop in drops {
        assert_eq!(
            after(fails(5, drop)),
            ["0 a: [0] limit 10.00", "5 a: [0] limit 9.00"],
            "{drop}"
        );
    }
    let ignored = [
        CallError::status(500),
        CallError::of(ErrorClass::Refused),
        CallError::of(ErrorClass::Cancelled),
    ];
    for ignored in ignored {
        assert_eq!(after(fails(5, ignored)), ["0 a: [0] limit 10.00"]);
    }
    assert_eq!(
        after(ok(1_001))[1..],
        ["1001 a: [0] limit 9.00"],
        "too slow"
    );
}

#[test]
fn a_call_that_is_dropped_or_fails_otherwise_gives_its_place_back() {
    let timeout = PolicySpec::Timeout(Timeout::after(ms(50)));
    let lines = transcript(
        [timeout, aimd(1)],
        &[
            ("a", 0, hangs()),
            ("b", 49, ok(1)),
            ("c", 50, fails_500(10)),
            ("d", 60, ok(10)),
        ],
    );
    assert_eq!(
        lines,
        [
            "0 a: [1] limit 1.00",
            "0 a: attempt 0",
            "49 b: attempt 0 refused",
            "49 b: failed refused",
            // Not a drop: nobody heard how it would have ended.
            "50 a: attempt 0 late",
            "50 a: failed timeout",
            "50 c: attempt 0",
            "60 c: failed error 500",
            "60 d: attempt 0",
            "70 d: [1] limit 2.00",
            "70 d: ok",
        ]
    );
}

/// Limits after each sample of 10 ms, as many calls in flight as the limit lets.
fn saturated(spec: AdaptiveSpec, samples: u32) -> Vec<u32> {
    let load = Load::new();
    let stack = stack_of([PolicySpec::AdaptiveLimit(spec)]).build();
    let limits = Rc::new(RefCell::new(Vec::new()));
    let (counts, caller, heard) = (load.counts.clone(), load.caller(), limits.clone());
    load.engine.handle().spawn(async move {
        // The first tells the limit.
        hang(&caller, &stack);
        let mut in_flight = 1;
        for n in 0..samples {
            let limit = limit_told(&counts.events.borrow()).unwrap();
            for _ in in_flight + 1..limit {
                hang(&caller, &stack);
                in_flight += 1;
            }
            let answered = caller.call(&stack, n, Some((ms(10), Ok(()))));
            assert_eq!(answered.await, Ok(()));
            heard
                .borrow_mut()
                .extend(limit_told(&counts.events.borrow()));
        }
    });
    load.engine.run();
    limits.take()
}

#[test]
fn a_saturated_gradient2_is_its_library_s() {
    let limits = saturated(AdaptiveSpec::gradient2(), 100);
    let after = [1, 2, 5, 10, 50, 100].map(|samples| limits[samples - 1]);
    assert_eq!(after, [20, 21, 24, 28, 60, 100]);
}

#[test]
fn a_saturated_aimd_grows_by_one_a_sample_to_its_bound() {
    let limits = saturated(AdaptiveSpec::aimd(), 200);
    let after = [1, 2, 5, 180, 181, 200].map(|samples| limits[samples - 1]);
    assert_eq!(after, [21, 22, 25, 200, 200, 200]);
}

#[test]
fn a_saturated_vegas_grows_by_six_logarithms_a_sample() {
    let limits = saturated(AdaptiveSpec::vegas(), 100);
    // The first sets the shortest time; 20 + 14 x 6 = 104, from where on it is 12 at a time, until
    // the probe: 104 + 74 x 12 = 992, then the bound.
    let after = [1, 2, 15, 16, 89, 90, 100].map(|samples| limits[samples - 1]);
    assert_eq!(after, [20, 26, 104, 116, 992, 1_000, 1_000]);
}

#[test]
fn a_limit_without_a_meaning_is_refused() {
    let error = |spec| {
        let layer = LayerSpec {
            policy: PolicySpec::AdaptiveLimit(spec),
            scope: Scope::Client,
        };
        match StackSpec::new(vec![layer]) {
            Ok(_) => None,
            Err(StackError::Layer {
                layer: 0,
                rule: RuleBroken::AdaptiveLimit(error),
            }) => Some(error),
            Err(other) => panic!("{other}"),
        }
    };
    let aimd = |initial, min, max, backoff_ratio| AdaptiveSpec::Aimd {
        initial,
        min,
        max,
        backoff_ratio,
        timeout: ms(1),
    };
    assert_eq!(error(aimd(1, 1, 1, 0.5)), None);
    for (initial, min, max) in [(1, 0, 1), (1, 2, 2), (3, 1, 2)] {
        let order = Some(AdaptiveError::Order);
        assert_eq!(error(aimd(initial, min, max, 0.5)), order);
    }
    for backoff_ratio in [0.49, 1.0, f64::NAN] {
        let found = error(aimd(1, 1, 1, backoff_ratio));
        assert!(matches!(found, Some(AdaptiveError::Ratio(_))), "{found:?}");
    }
    let mut no_time = AdaptiveSpec::aimd();
    if let AdaptiveSpec::Aimd { timeout, .. } = &mut no_time {
        *timeout = ms(0);
    }
    assert_eq!(error(no_time), Some(AdaptiveError::Timeout));

    let vegas = |initial, new_smoothing, multiplier| {
        let mut spec = AdaptiveSpec::vegas();
        if let AdaptiveSpec::Vegas {
            initial: at_first,
            smoothing,
            probe_multiplier,
            ..
        } = &mut spec
        {
            (*at_first, *smoothing, *probe_multiplier) = (initial, new_smoothing, multiplier);
        }
        spec
    };
    assert_eq!(error(vegas(1_000, 1.0, 1)), None);
    assert_eq!(error(vegas(1_001, 1.0, 1)), Some(AdaptiveError::Order));
    assert_eq!(error(vegas(0, 1.0, 1)), Some(AdaptiveError::Order));
    assert_eq!(error(vegas(1, 1.0, 0)), Some(AdaptiveError::Samples));
    for smoothing in [0.0, 1.1, f64::NAN] {
        let found = error(vegas(1, smoothing, 1));
        assert!(matches!(found, Some(AdaptiveError::Ratio(_))), "{found:?}");
    }

    let gradient2 = |tolerance, window| {
        let mut spec = AdaptiveSpec::gradient2();
        if let AdaptiveSpec::Gradient2 {
            rtt_tolerance,
            long_window,
            ..
        } = &mut spec
        {
            (*rtt_tolerance, *long_window) = (tolerance, window);
        }
        spec
    };
    assert_eq!(error(gradient2(1.0, 1)), None);
    assert_eq!(error(gradient2(1.0, 0)), Some(AdaptiveError::Samples));
    for tolerance in [0.9, f64::INFINITY, f64::NAN] {
        let found = error(gradient2(tolerance, 1));
        assert!(matches!(found, Some(AdaptiveError::Ratio(_))), "{found:?}");
    }
}

fn limit_told(events: &[Event]) -> Option<u32> {
    events.iter().rev().find_map(|event| match event {
        Event::Limit { now, .. } => Some(*now as u32),
        _ => None,
    })
}

/// A call that stays in flight.
fn hang(caller: &Caller, stack: &Stack) {
    let call = caller.call(stack, u32::MAX, None);
    caller.runtime.spawn(async move {
        let _ = call.await;
    });
}
