//! Timeouts: when they strike, and what they leave behind.

use awaitlab_policies::PolicySpec;
use awaitlab_policies::timeout::{Clock, Timeout};

use crate::script::{fails_500, hangs, ms, ok, transcript};

fn timeout(after_ms: u64, cancel: bool) -> PolicySpec {
    PolicySpec::Timeout(Timeout {
        after: ms(after_ms),
        cancel,
        clock: Clock::Attempt,
    })
}

#[test]
fn what_ends_before_the_timeout_is_passed_on() {
    for cancel in [true, false] {
        assert_eq!(
            transcript([timeout(100, cancel)], &[ok(99)]),
            ["0 a: attempt 0", "99 a: ok"]
        );
        assert_eq!(
            transcript([timeout(100, cancel)], &[fails_500(30)]),
            ["0 a: attempt 0", "30 a: failed error 500"]
        );
    }
}

#[test]
fn an_answer_at_the_very_deadline_is_in_time() {
    for cancel in [true, false] {
        assert_eq!(
            transcript([timeout(100, cancel)], &[ok(100)]),
            ["0 a: attempt 0", "100 a: ok"]
        );
    }
}

#[test]
fn a_timeout_that_cancels_stops_the_attempt() {
    assert_eq!(
        transcript([timeout(100, true)], &[ok(250)]),
        [
            "0 a: attempt 0",
            "100 a: attempt 0 late",
            "100 a: failed timeout"
        ]
    );
}

#[test]
fn a_timeout_that_does_not_cancel_leaves_the_attempt_running() {
    assert_eq!(
        transcript([timeout(100, false)], &[ok(250)]),
        [
            "0 a: attempt 0",
            "100 a: failed timeout",
            "250 a: attempt 0 late"
        ]
    );
}

#[test]
fn what_never_answers_is_given_up_too() {
    let stopped = transcript([timeout(100, true)], &[hangs()]);
    assert_eq!(
        stopped[1..],
        ["100 a: attempt 0 late", "100 a: failed timeout"]
    );
    let left = transcript([timeout(100, false)], &[hangs()]);
    assert_eq!(left[1..], ["100 a: failed timeout"], "it hangs on");
}
