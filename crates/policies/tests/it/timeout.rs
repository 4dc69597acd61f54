//! Timeouts: when they strike, and what they leave behind.

use awaitlab_policies::PolicySpec;
use awaitlab_policies::timeout::{Clock, Timeout};

use crate::retry::constant;
use crate::script::{Play, fails_500, hangs, ms, ok, transcript};

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

/// One deadline of 250 ms for the whole call, inside a retry every 50 ms.
fn shared_deadline(attempts: u32, cancel: bool, plays: &[Play]) -> Vec<String> {
    let timeout = PolicySpec::Timeout(Timeout {
        after: ms(250),
        cancel,
        clock: Clock::Call,
    });
    transcript([PolicySpec::Retry(constant(attempts, 50)), timeout], plays)
}

#[test]
fn attempts_that_share_a_deadline_have_what_the_earlier_ones_left() {
    for cancel in [true, false] {
        let lines = shared_deadline(2, cancel, &[fails_500(150), ok(50)]);
        // 150 + 50 + 50 = 250: an answer at the deadline is in time.
        assert_eq!(lines[1..], ["200 a: attempt 1", "250 a: ok"]);
    }
    assert_eq!(
        shared_deadline(2, true, &[fails_500(150), ok(51)]),
        [
            "0 a: attempt 0",
            "200 a: attempt 1",
            "250 a: attempt 1 late",
            // 250 + 50: the retry's last attempt, which is not made.
            "250 a: failed timeout",
        ]
    );
}

#[test]
fn after_a_shared_deadline_that_cancels_nothing_starts() {
    assert_eq!(
        shared_deadline(4, true, &[fails_500(200)]),
        [
            "0 a: attempt 0",
            // The second is not made at 250, the third not at 300, the fourth not at 350.
            "350 a: failed timeout",
        ]
    );
}

#[test]
fn after_a_shared_deadline_that_does_not_cancel_each_attempt_starts_and_fails_at_once() {
    assert_eq!(
        shared_deadline(4, false, &[fails_500(200)]),
        [
            "0 a: attempt 0",
            "250 a: attempt 1",
            "300 a: attempt 2",
            "350 a: attempt 3",
            "350 a: failed timeout",
            // Pure load: 250 + 200, 300 + 200, 350 + 200.
            "450 a: attempt 1 late",
            "500 a: attempt 2 late",
            "550 a: attempt 3 late",
        ]
    );
}

#[test]
fn on_its_own_clock_every_attempt_has_all_of_it() {
    let retry = PolicySpec::Retry(constant(2, 50));
    assert_eq!(
        transcript([retry, timeout(250, true)], &[fails_500(200), ok(250)]),
        ["0 a: attempt 0", "250 a: attempt 1", "500 a: ok"]
    );
}

#[test]
fn outside_a_retry_both_clocks_are_one() {
    for clock in Clock::ALL {
        let timeout = PolicySpec::Timeout(Timeout {
            after: ms(250),
            cancel: true,
            clock,
        });
        let retry = PolicySpec::Retry(constant(9, 50));
        assert_eq!(
            transcript([timeout, retry], &[fails_500(100)]),
            [
                "0 a: attempt 0",
                "150 a: attempt 1",
                // It fails at 250 too, and an answer comes before a timer; but only the attempt's
                // answer has come, and the call's would be after a backoff.
                "250 a: failed timeout",
            ]
        );
    }
}
