//! Hedges: when the extra attempts are sent, who wins, and what becomes of the others.

use std::time::Duration;

use awaitlab_core::{CallError, ErrorClass, Rest};
use awaitlab_policies::PolicySpec;
use awaitlab_policies::budget::BudgetSpec;
use awaitlab_policies::hedge::{HedgePercentile, HedgeSpec};
use awaitlab_policies::timeout::Timeout;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::retry::any_plays;
use crate::script::{Play, Stage, fails, fails_500, hangs, ms, ok, spec, transcript};

/// One extra attempt after so long.
pub(crate) fn hedge(delay_ms: u64, rest: Rest) -> HedgeSpec {
    HedgeSpec {
        delay: ms(delay_ms),
        percentile: None,
        max_extra: 1,
        rest,
        budget: None,
    }
}

fn of(hedge: HedgeSpec, plays: &[Play]) -> Vec<String> {
    transcript([PolicySpec::Hedge(hedge)], plays)
}

#[test]
fn nothing_is_sent_when_the_first_answer_is_quick() {
    for rest in Rest::ALL {
        // Answers come before timers.
        for answer_ms in [50, 100] {
            assert_eq!(
                of(hedge(100, rest), &[ok(answer_ms)]),
                ["0 a: attempt 0".to_owned(), format!("{answer_ms} a: ok")]
            );
        }
    }
}

#[test]
fn a_slow_attempt_is_beaten_and_stopped() {
    assert_eq!(
        of(hedge(100, Rest::Cancel), &[ok(300), ok(50)]),
        [
            "0 a: attempt 0",
            "100 a: [0] hedge",
            "100 a: attempt 1",
            "150 a: [0] hedge won",
            "150 a: attempt 0 duplicate",
            "150 a: ok",
        ]
    );
}

#[test]
fn or_it_runs_on_as_an_orphan() {
    assert_eq!(
        of(hedge(100, Rest::Orphan), &[ok(300), ok(50)]),
        [
            "0 a: attempt 0",
            "100 a: [0] hedge",
            "100 a: attempt 1",
            "150 a: [0] hedge won",
            "150 a: ok",
            "300 a: attempt 0 duplicate",
        ]
    );
}

#[test]
fn the_first_may_still_win() {
    let plays = [ok(120), ok(500)];
    let cancelled = of(hedge(100, Rest::Cancel), &plays);
    assert_eq!(cancelled[3..], ["120 a: attempt 1 duplicate", "120 a: ok"]);
    let orphaned = of(hedge(100, Rest::Orphan), &plays);
    assert_eq!(orphaned[3..], ["120 a: ok", "600 a: attempt 1 duplicate"]);
}

#[test]
fn a_failure_while_a_sibling_runs_waits_for_it() {
    for rest in Rest::ALL {
        assert_eq!(
            of(hedge(100, rest), &[fails_500(150), ok(200)])[3..],
            ["300 a: [0] hedge won", "300 a: ok"]
        );
        assert_eq!(
            of(hedge(100, rest), &[ok(300), fails_500(50)])[3..],
            ["300 a: ok"]
        );
    }
}

#[test]
fn when_all_have_failed_the_last_error_is_the_calls() {
    let gone = |ms| fails(ms, CallError::of(ErrorClass::Connection));
    for rest in Rest::ALL {
        let last_is_second = of(hedge(100, rest), &[fails_500(150), gone(200)]);
        assert_eq!(last_is_second[3..], ["300 a: failed connection"]);
        let last_is_first = of(hedge(100, rest), &[gone(300), fails_500(50)]);
        assert_eq!(last_is_first[3..], ["300 a: failed connection"]);
    }
}

#[test]
fn a_call_whose_only_attempt_has_failed_sends_no_other() {
    for rest in Rest::ALL {
        assert_eq!(
            of(hedge(100, rest), &[fails_500(50)]),
            ["0 a: attempt 0", "50 a: failed error 500"]
        );
    }
}

#[test]
fn the_kth_extra_is_sent_after_k_delays() {
    let three = HedgeSpec {
        max_extra: 3,
        ..hedge(100, Rest::Cancel)
    };
    assert_eq!(
        of(three, &[hangs(), fails_500(50), hangs(), ok(10)]),
        [
            "0 a: attempt 0",
            "100 a: [0] hedge",
            "100 a: attempt 1",
            // Attempt 1 fails at 150; attempt 0 still runs.
            "200 a: [0] hedge",
            "200 a: attempt 2",
            "300 a: [0] hedge",
            "300 a: attempt 3",
            "310 a: [0] hedge won",
            "310 a: attempt 2 duplicate",
            "310 a: attempt 0 duplicate",
            "310 a: ok",
        ]
    );
}

#[test]
fn a_delay_of_zero_sends_two_at_once() {
    assert_eq!(
        of(hedge(0, Rest::Cancel), &[ok(30), ok(20)]),
        [
            "0 a: attempt 0",
            "0 a: [0] hedge",
            "0 a: attempt 1",
            "20 a: [0] hedge won",
            "20 a: attempt 0 duplicate",
            "20 a: ok",
        ]
    );
}

#[test]
fn a_spent_budget_leaves_what_is_in_flight_alone() {
    let one_for_all = PolicySpec::Hedge(HedgeSpec {
        budget: Some(BudgetSpec::TokenBucket {
            deposit: 0.0,
            max: 1.0,
            needs: 1.0,
            per_second: 0.0,
        }),
        ..hedge(100, Rest::Cancel)
    });
    let (stage, stack) = (Stage::new(), spec([one_for_all]).build());
    stage.call("a", 0, &stack, &[ok(300), ok(50)]);
    stage.call("b", 1000, &stack, &[ok(300), ok(50)]);
    assert_eq!(
        stage.transcript()[6..],
        [
            "1000 b: attempt 0",
            "1100 b: [0] budget spent",
            "1300 b: ok"
        ]
    );
}

/// Hedged at the median once two attempts have been observed, after a second until then.
fn at_the_median() -> PolicySpec {
    PolicySpec::Hedge(HedgeSpec {
        percentile: Some(HedgePercentile {
            quantile: 0.5,
            minimum_samples: 2,
        }),
        ..hedge(1000, Rest::Cancel)
    })
}

/// After how many milliseconds the last of these calls is hedged, each of which is later than the
/// end of the one before.
fn last_hedged_after(calls: &[&[Play]]) -> Option<f64> {
    let (stage, stack) = (Stage::new(), spec([at_the_median()]).build());
    let mut began_ms: u32 = 0;
    for plays in calls {
        began_ms += 10_000;
        stage.call("a", began_ms.into(), &stack, plays);
    }
    let hedges = stage.transcript();
    let hedges = hedges.iter().filter(|line| line.ends_with("] hedge"));
    let mut at_ms = hedges.filter_map(|line| line.split_once(' ')?.0.parse::<f64>().ok());
    at_ms.next_back().map(|ms| ms - f64::from(began_ms))
}

#[test]
fn a_percentile_takes_over_once_enough_was_observed() {
    let slow: &[Play] = &[ok(5000), ok(1)];
    assert_eq!(last_hedged_after(&[&[ok(10)], slow]), Some(1000.0));
    assert_eq!(last_hedged_after(&[&[ok(10)], &[ok(10)], slow]), Some(10.0));
    // By rank the second of 10, 30 and 500, to a thousandth.
    let median = last_hedged_after(&[&[ok(500)], &[ok(10)], &[ok(30)], slow]);
    assert!(
        median.is_some_and(|ms| (30.0..30.03).contains(&ms)),
        "{median:?}"
    );
}

#[test]
fn failures_are_not_observed() {
    let calls: &[&[Play]] = &[
        &[fails_500(1)],
        &[fails_500(1)],
        &[ok(10)],
        &[ok(5000), ok(1)],
    ];
    assert_eq!(last_hedged_after(calls), Some(1000.0), "one was observed");
}

#[test]
fn a_first_attempt_that_failed_is_not_observed_though_an_extra_saves_the_call() {
    // Fails at 1500, and the extra of 1000 succeeds at 3000.
    let saved: &[Play] = &[fails_500(1500), ok(2000)];
    let calls: &[&[Play]] = &[saved, saved, &[hangs(), ok(1)]];
    assert_eq!(last_hedged_after(calls), Some(1000.0), "none was observed");
}

#[test]
fn a_beaten_attempt_is_observed_as_long_as_it_was_waited_for() {
    // 2000 (the first of the call, beaten by an extra of 1000) and 2000: not 1000, as the extra
    // attempt took.
    let beaten: &[Play] = &[hangs(), ok(1000)];
    let calls: &[&[Play]] = &[beaten, beaten, &[hangs(), ok(1)]];
    assert_eq!(last_hedged_after(calls), Some(2000.0));
}

#[test]
fn who_leaves_a_hedge_leaves_all_its_attempts() {
    let timeout = PolicySpec::Timeout(Timeout::after(ms(120)));
    for rest in Rest::ALL {
        let mut lines = transcript(
            [timeout.clone(), PolicySpec::Hedge(hedge(100, rest))],
            &[hangs()],
        );
        lines[3..5].sort();
        assert_eq!(
            lines[1..],
            [
                "100 a: [1] hedge",
                "100 a: attempt 1",
                "120 a: attempt 0 late",
                "120 a: attempt 1 late",
                "120 a: failed timeout"
            ]
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_hedge_that_is_never_due_is_none(plays in any_plays(), orphan in any::<bool>()) {
        let never = HedgeSpec {
            delay: Duration::MAX,
            max_extra: 3,
            ..hedge(0, if orphan { Rest::Orphan } else { Rest::Cancel })
        };
        prop_assert_eq!(of(never, &plays), transcript([], &plays));
    }

    /// An answer comes when the first of them comes: min(first, delay + second).
    #[test]
    fn a_hedged_call_takes_the_shorter_of_two_ways(
        first_ms in 0_u64..1000, second_ms in 0_u64..1000, delay_ms in 0_u64..1000,
        orphan in any::<bool>(),
    ) {
        let rest = if orphan { Rest::Orphan } else { Rest::Cancel };
        let lines = of(hedge(delay_ms, rest), &[ok(first_ms), ok(second_ms)]);
        let end = format!("{} a: ok", first_ms.min(delay_ms + second_ms));
        prop_assert!(lines.contains(&end), "{lines:?}");
    }
}
