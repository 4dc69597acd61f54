//! Retries: when they are made, and of what.

use std::time::Duration;

use awaitlab_core::{CallError, ErrorClass};
use awaitlab_engine::{Limits, Stop};
use awaitlab_policies::PolicySpec;
use awaitlab_policies::budget::BudgetSpec;
use awaitlab_policies::retry::{Backoff, Growth, Jitter, RetryOn, RetrySpec};
use awaitlab_policies::timeout::{Clock, Timeout};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::script::{Play, Stage, fails, fails_500, hangs, ms, ok, spec, transcript};

/// So many attempts in all, with a delay that doubles.
pub(crate) fn doubling(attempts: u32, base_ms: u64) -> RetrySpec {
    RetrySpec {
        attempts: Some(attempts),
        backoff: Backoff {
            base: ms(base_ms),
            growth: Growth::Exponential { factor: 2.0 },
            cap: None,
        },
        jitter: Jitter::None,
        on: RetryOn::DEFAULT.to_vec(),
        honour_retry_after: false,
        budget: None,
    }
}

/// The same with a delay that stays.
pub(crate) fn constant(attempts: u32, base_ms: u64) -> RetrySpec {
    let mut retry = doubling(attempts, base_ms);
    retry.backoff.growth = Growth::Constant;
    retry
}

fn status(status: u16) -> CallError {
    CallError::status(status)
}

fn of(retry: RetrySpec, plays: &[Play]) -> Vec<String> {
    transcript([PolicySpec::Retry(retry)], plays)
}

#[test]
fn every_retry_waits_for_its_backoff_and_the_last_error_is_the_calls() {
    let gone = fails(10, CallError::of(ErrorClass::Connection));
    let plays = [fails_500(10), fails_500(10), fails_500(10), gone];
    assert_eq!(
        of(doubling(4, 100), &plays),
        [
            "0 a: attempt 0",
            // 10 + 100
            "110 a: attempt 1",
            // 120 + 200
            "320 a: attempt 2",
            // 330 + 400
            "730 a: attempt 3",
            "740 a: failed connection",
        ]
    );
}

#[test]
fn a_success_ends_it() {
    assert_eq!(
        of(doubling(4, 100), &[fails_500(10), ok(5)]),
        ["0 a: attempt 0", "110 a: attempt 1", "115 a: ok"]
    );
}

#[test]
fn a_delay_of_zero_loses_no_time() {
    assert_eq!(
        of(doubling(3, 0), &[fails_500(10)]),
        [
            "0 a: attempt 0",
            "10 a: attempt 1",
            "20 a: attempt 2",
            "30 a: failed error 500"
        ]
    );
}

#[test]
fn a_loop_without_any_delay_can_be_found() {
    let for_ever = PolicySpec::Retry(RetrySpec {
        attempts: None,
        ..constant(1, 0)
    });
    // The deadline has passed at the beginning, so what is tried again takes no event at all: the
    // delays of zero are the only ones.
    let over = PolicySpec::Timeout(Timeout {
        after: Duration::ZERO,
        cancel: true,
        clock: Clock::Call,
    });
    let stage = Stage::new();
    stage.call("a", 0, &spec([for_ever, over]).build(), &[ok(0)]);
    let limits = Limits {
        chain: 1000,
        ..Limits::NONE
    };
    assert_eq!(stage.run_within(&limits), Stop::ZeroDelayLoop);
}

#[test]
fn without_a_limit_it_goes_on_until_it_succeeds() {
    let unlimited = RetrySpec {
        attempts: None,
        ..constant(1, 90)
    };
    let mut plays = vec![fails_500(10); 1000];
    plays.push(ok(10));
    let lines = of(unlimited, &plays);
    // 1000 x (10 + 90)
    assert_eq!(lines[1000..], ["100000 a: attempt 1000", "100010 a: ok"]);
}

#[test]
fn what_was_refused_or_cancelled_is_not_tried_again_unless_it_is_said() {
    for class in [ErrorClass::Refused, ErrorClass::Cancelled] {
        let play = fails(10, CallError::of(class));
        let end = format!("10 a: failed {}", class.name());
        assert_eq!(of(doubling(2, 100), &[play])[1..], [end]);
        let on_this = RetrySpec {
            on: vec![RetryOn::Class(class)],
            ..doubling(2, 100)
        };
        assert_eq!(of(on_this, &[play, ok(5)])[2..], ["115 a: ok"]);
    }
}

#[test]
fn a_status_is_tried_again_where_it_is_on_the_list() {
    let on_503 = RetrySpec {
        on: vec![RetryOn::Status(503)],
        ..doubling(3, 100)
    };
    assert_eq!(
        of(on_503, &[fails(10, status(503)), fails(10, status(500))]),
        [
            "0 a: attempt 0",
            "110 a: attempt 1",
            "120 a: failed error 500"
        ]
    );
}

/// When the second attempt is made after a first of 10 ms.
fn second_attempt_after(retry_after_ms: u64, honour_retry_after: bool) -> String {
    let throttled = CallError {
        class: ErrorClass::Throttled,
        status: Some(429),
        retry_after: Some(ms(retry_after_ms)),
    };
    let retry = RetrySpec {
        honour_retry_after,
        ..doubling(2, 100)
    };
    of(retry, &[fails(10, throttled), ok(1)])[1].clone()
}

#[test]
fn what_the_service_asks_for_is_kept_where_it_is_longer() {
    assert_eq!(second_attempt_after(1000, true), "1010 a: attempt 1");
    assert_eq!(second_attempt_after(50, true), "110 a: attempt 1");
    assert_eq!(second_attempt_after(1000, false), "110 a: attempt 1");
}

#[test]
fn a_spent_budget_returns_the_error_that_would_have_been_tried_again() {
    let retry = PolicySpec::Retry(RetrySpec {
        budget: Some(BudgetSpec::TokenBucket {
            deposit: 0.5,
            max: 1.0,
            needs: 1.0,
            per_second: 0.0,
        }),
        ..constant(3, 100)
    });
    let (stage, stack) = (Stage::new(), spec([retry]).build());
    for (name, at_ms) in [("a", 0), ("b", 1000), ("c", 2000)] {
        stage.call(name, at_ms, &stack, &[fails_500(10)]);
    }
    assert_eq!(
        stage.transcript(),
        [
            // Full: the deposit is lost, the retry takes the one token.
            "0 a: attempt 0",
            "110 a: attempt 1",
            "120 a: [0] budget spent",
            "120 a: failed error 500",
            // Half a token.
            "1000 b: attempt 0",
            "1010 b: [0] budget spent",
            "1010 b: failed error 500",
            // A whole one again.
            "2000 c: attempt 0",
            "2110 c: attempt 1",
            "2120 c: [0] budget spent",
            "2120 c: failed error 500",
        ]
    );
}

#[test]
fn the_last_failure_asks_no_budget_but_is_a_failure() {
    // Two in five may fail.
    let retry = PolicySpec::Retry(RetrySpec {
        budget: Some(BudgetSpec::FailureRatio { ratio: 0.4 }),
        ..constant(2, 100)
    });
    let (stage, stack) = (Stage::new(), spec([retry]).build());
    for call in 0..4 {
        stage.call("quiet", call, &stack, &[ok(1)]);
    }
    // 1/5, then 2/5.
    stage.call("a", 1000, &stack, &[fails_500(10)]);
    // 3/6, as the retry that failed counts too.
    stage.call("b", 2000, &stack, &[fails_500(10)]);
    assert_eq!(
        stage.transcript()[8..],
        [
            "1000 a: attempt 0",
            "1110 a: attempt 1",
            "1120 a: failed error 500",
            "2000 b: attempt 0",
            "2010 b: [0] budget spent",
            "2010 b: failed error 500",
        ]
    );
}

#[test]
fn two_calls_do_not_share_their_jitter() {
    let full = PolicySpec::Retry(RetrySpec {
        jitter: Jitter::Full,
        ..constant(2, 100)
    });
    let (stage, stack) = (Stage::new(), spec([full]).build());
    for name in ["a", "b"] {
        stage.call(name, 0, &stack, &[fails_500(0), ok(0)]);
    }
    let lines = stage.transcript();
    let second = lines.iter().filter_map(|line| line.split_once(' '));
    let second = second.filter(|(_, what)| what.ends_with("attempt 1"));
    let at_ms: Vec<f64> = second.map(|(ms, _)| ms.parse().unwrap()).collect();
    assert!(at_ms.len() == 2 && at_ms[0] != at_ms[1], "{lines:?}");
    assert!(
        at_ms.iter().all(|ms| (0.0..100.0).contains(ms)),
        "{lines:?}"
    );
}

#[test]
fn two_retries_of_a_call_do_not_share_their_jitter() {
    let full = RetrySpec {
        jitter: Jitter::Full,
        ..constant(3, 100)
    };
    let lines = of(full, &[fails_500(0)]);
    let attempts = lines.iter().filter(|line| line.contains(": attempt"));
    let at_ms: Vec<f64> = attempts
        .filter_map(|line| line.split_once(' ')?.0.parse().ok())
        .collect();
    let [first, second, third] = at_ms[..] else {
        panic!("{lines:?}");
    };
    let delays = [second - first, third - second];
    // Of the same draw they would be equal, but for the rounding of the transcript.
    assert!((delays[0] - delays[1]).abs() > 0.001, "{delays:?}");
}

#[test]
fn a_factor_of_any_size_only_takes_long() {
    let mut retry = doubling(3, 1);
    retry.backoff.growth = Growth::Exponential { factor: 1e300 };
    retry.backoff.cap = Some(Duration::from_secs(60));
    assert_eq!(
        of(retry, &[fails_500(0)]),
        [
            "0 a: attempt 0",
            "1 a: attempt 1",
            "60001 a: attempt 2",
            "60001 a: failed error 500"
        ]
    );
}

pub(crate) fn any_plays() -> impl Strategy<Value = Vec<Play>> {
    let play = prop_oneof![
        (0_u64..500).prop_map(ok),
        (0_u64..500).prop_map(fails_500),
        Just(hangs()),
    ];
    proptest::collection::vec(play, 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn one_attempt_is_no_retry(plays in any_plays(), base_ms in 0_u64..100) {
        prop_assert_eq!(of(doubling(1, base_ms), &plays), transcript([], &plays));
    }

    /// Each failure is followed by its delay, however long: the end is the sum of what is waited for.
    #[test]
    fn a_call_takes_as_long_as_its_attempts_and_delays(
        failures_ms in proptest::collection::vec(0_u64..500, 0..6),
        last_ms in 0_u64..500,
        base_ms in 0_u64..100,
    ) {
        let mut plays: Vec<Play> = failures_ms.iter().copied().map(fails_500).collect();
        plays.push(ok(last_ms));
        let attempts: u64 = failures_ms.iter().sum::<u64>() + last_ms;
        // base x (2^n - 1)
        let delays = base_ms * ((1 << failures_ms.len()) - 1);
        let lines = of(doubling(7, base_ms), &plays);
        let end = format!("{} a: ok", attempts + delays);
        prop_assert_eq!(lines.last(), Some(&end));
    }
}
