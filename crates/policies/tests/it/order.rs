//! The order of a stack is its meaning: the same two policies, either way round.

use awaitlab_core::Rest;
use awaitlab_policies::PolicySpec;
use awaitlab_policies::breaker::{BreakerSpec, Window};
use awaitlab_policies::bulkhead::BulkheadSpec;
use awaitlab_policies::rate_limit::{Quota, RateLimitSpec, WhenExceeded};
use awaitlab_policies::timeout::Timeout;

use crate::hedge::hedge;
use crate::retry::constant;
use crate::script::{Play, Stage, fails_500, hangs, ms, ok, spec, transcript};

fn retry(attempts: u32, delay_ms: u64) -> PolicySpec {
    PolicySpec::Retry(constant(attempts, delay_ms))
}

fn timeout(after_ms: u64) -> PolicySpec {
    PolicySpec::Timeout(Timeout::after(ms(after_ms)))
}

/// Opens at two failures in a row, for a second.
fn breaker() -> PolicySpec {
    PolicySpec::CircuitBreaker(BreakerSpec {
        window: Window::Consecutive(2),
        open: ms(1000),
        probes: 1,
        ..BreakerSpec::default()
    })
}

/// One at a time.
fn bulkhead(queue: Option<u32>) -> PolicySpec {
    PolicySpec::Bulkhead(BulkheadSpec {
        limit: 1,
        queue,
        max_wait: None,
    })
}

/// Two in each second.
fn limit(when_exceeded: WhenExceeded) -> PolicySpec {
    let quota = Quota::FixedWindow {
        limit: 2,
        window: ms(1000),
    };
    PolicySpec::RateLimit(RateLimitSpec {
        quota,
        when_exceeded,
    })
}

/// Calls with these names and arrivals, all of the same plays, through one stack.
fn calls(
    policies: impl IntoIterator<Item = PolicySpec>,
    arrivals: &[(&str, u64)],
    plays: &[Play],
) -> Vec<String> {
    let (stage, stack) = (Stage::new(), spec(policies).build());
    for &(name, at_ms) in arrivals {
        stage.call(name, at_ms, &stack, plays);
    }
    stage.transcript()
}

#[test]
fn retry_around_timeout_bounds_every_attempt() {
    assert_eq!(
        transcript([retry(3, 50), timeout(100)], &[hangs(), ok(101), ok(100)]),
        [
            "0 a: attempt 0",
            "100 a: attempt 0 late",
            // 100 + 50
            "150 a: attempt 1",
            "250 a: attempt 1 late",
            // 250 + 50, and 100 more
            "300 a: attempt 2",
            "400 a: ok",
        ]
    );
}

#[test]
fn timeout_around_retry_bounds_the_call() {
    assert_eq!(
        transcript([timeout(250), retry(9, 50)], &[fails_500(80)]),
        [
            "0 a: attempt 0",
            "130 a: attempt 1",
            // 130 + 80 + 50 = 260 would be the third.
            "250 a: failed timeout",
        ]
    );
    assert_eq!(
        transcript([timeout(250), retry(9, 50)], &[fails_500(80), hangs()]),
        [
            "0 a: attempt 0",
            "130 a: attempt 1",
            "250 a: attempt 1 late",
            "250 a: failed timeout",
        ]
    );
}

#[test]
fn retry_around_breaker_has_every_attempt_judged_and_itself_refused() {
    assert_eq!(
        transcript([retry(4, 20), breaker()], &[fails_500(10)]),
        [
            "0 a: attempt 0",
            "30 a: attempt 1",
            // The second failure in a row, of one call.
            "40 a: [1] open until 1.04s",
            // A refusal is not tried again.
            "60 a: attempt 2 refused",
            "60 a: failed refused",
        ]
    );
}

#[test]
fn breaker_around_retry_judges_calls() {
    assert_eq!(
        calls(
            [breaker(), retry(3, 20)],
            &[("a", 0), ("b", 100), ("c", 200)],
            &[fails_500(10)]
        ),
        [
            // Three failures, and one verdict.
            "0 a: attempt 0",
            "30 a: attempt 1",
            "60 a: attempt 2",
            "70 a: failed error 500",
            "100 b: attempt 0",
            "130 b: attempt 1",
            "160 b: attempt 2",
            "170 b: [0] open until 1.17s",
            "170 b: failed error 500",
            "200 c: attempt 0 refused",
            "200 c: failed refused",
        ]
    );
}

#[test]
fn hedge_around_bulkhead_queues_behind_itself() {
    let hedge = || PolicySpec::Hedge(hedge(100, Rest::Cancel));
    assert_eq!(
        transcript([hedge(), bulkhead(Some(0))], &[ok(300), ok(50)]),
        [
            "0 a: attempt 0",
            "100 a: [0] hedge",
            // The first attempt holds the only place. The refusal waits for it.
            "100 a: attempt 1 refused",
            "300 a: ok",
        ]
    );
    assert_eq!(
        transcript([hedge(), bulkhead(None)], &[ok(300), ok(50)]),
        // The extra attempt waits for the place of the first, whose answer ends the call.
        ["0 a: attempt 0", "100 a: [0] hedge", "300 a: ok"]
    );
}

#[test]
fn bulkhead_around_hedge_lets_calls_in_and_both_their_attempts() {
    let hedge = PolicySpec::Hedge(hedge(100, Rest::Cancel));
    assert_eq!(
        calls(
            [bulkhead(None), hedge],
            &[("a", 0), ("b", 10)],
            &[ok(300), ok(50)]
        ),
        [
            "0 a: attempt 0",
            "100 a: [1] hedge",
            "100 a: attempt 1",
            "150 a: [1] hedge won",
            "150 a: attempt 0 duplicate",
            "150 a: ok",
            "150 b: [0] waited 140 ms",
            "150 b: attempt 0",
            "250 b: [1] hedge",
            "250 b: attempt 1",
            "300 b: [1] hedge won",
            "300 b: attempt 0 duplicate",
            "300 b: ok",
        ]
    );
}

#[test]
fn limit_around_retry_counts_calls() {
    assert_eq!(
        calls(
            [limit(WhenExceeded::Reject), retry(3, 20)],
            &[("a", 0), ("b", 100), ("c", 200)],
            &[fails_500(10), fails_500(10), ok(10)]
        ),
        [
            "0 a: attempt 0",
            "30 a: attempt 1",
            "60 a: attempt 2",
            "70 a: ok",
            "100 b: attempt 0",
            "130 b: attempt 1",
            "160 b: attempt 2",
            "170 b: ok",
            // The third call of the second, after six attempts.
            "200 c: attempt 0 refused",
            "200 c: failed refused",
        ]
    );
}

#[test]
fn retry_around_limit_counts_attempts() {
    let plays = [fails_500(10), fails_500(10), ok(10)];
    assert_eq!(
        transcript([retry(3, 20), limit(WhenExceeded::Reject)], &plays),
        [
            "0 a: attempt 0",
            "30 a: attempt 1",
            "60 a: attempt 2 refused",
            "60 a: failed refused",
        ]
    );
    assert_eq!(
        transcript([retry(3, 20), limit(WhenExceeded::Wait)], &plays),
        [
            "0 a: attempt 0",
            "30 a: attempt 1",
            // It is 60, and the next window begins at 1000.
            "1000 a: [1] waited 940 ms",
            "1000 a: attempt 2",
            "1010 a: ok",
        ]
    );
}
