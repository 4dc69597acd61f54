//! Fallbacks: when they stand in, and for what.

use awaitlab_policies::PolicySpec;
use awaitlab_policies::fallback::Fallback;
use awaitlab_policies::timeout::Timeout;

use crate::script::{fails_500, hangs, ms, ok, transcript};

fn fallback(latency_ms: u64) -> PolicySpec {
    PolicySpec::Fallback(Fallback {
        latency: ms(latency_ms),
    })
}

#[test]
fn a_success_needs_no_fallback() {
    assert_eq!(
        transcript([fallback(5)], &[ok(100)]),
        ["0 a: attempt 0", "100 a: ok"]
    );
}

#[test]
fn a_failure_is_answered_after_the_latency() {
    for (latency_ms, end) in [(0, "100 a: degraded"), (5, "105 a: degraded")] {
        assert_eq!(
            transcript([fallback(latency_ms)], &[fails_500(100)]),
            ["0 a: attempt 0", end]
        );
    }
}

#[test]
fn outside_a_timeout_it_answers_for_what_was_given_up() {
    let timeout = PolicySpec::Timeout(Timeout::after(ms(100)));
    assert_eq!(
        transcript([fallback(5), timeout], &[hangs()]),
        ["0 a: attempt 0", "100 a: attempt 0 late", "105 a: degraded"]
    );
}

#[test]
fn inside_a_timeout_its_latency_counts() {
    let timeout = PolicySpec::Timeout(Timeout::after(ms(100)));
    assert_eq!(
        transcript([timeout.clone(), fallback(5)], &[fails_500(95)]),
        ["0 a: attempt 0", "100 a: failed timeout"],
    );
    assert_eq!(
        transcript([timeout, fallback(5)], &[fails_500(94)])[1..],
        ["99 a: degraded"]
    );
}
