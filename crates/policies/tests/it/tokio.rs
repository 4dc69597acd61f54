//! The same stacks on another runtime: tokio's paused clock tells the same story, wherever no two
//! events fall on one instant.

use std::slice::from_ref;

use awaitlab_core::Rest;
use awaitlab_policies::PolicySpec;
use awaitlab_policies::fallback::Fallback;
use awaitlab_policies::timeout::{Clock, Timeout};

use crate::hedge::hedge;
use crate::retry::{constant, doubling};
use crate::script::{Play, fails_500, hangs, ms, ok, transcript, transcript_on_tokio};

fn agrees(policies: &[PolicySpec], plays: &[Play]) {
    let virtual_time = transcript(policies.to_vec(), plays);
    assert!(virtual_time.len() > 1);
    assert_eq!(transcript_on_tokio(policies.to_vec(), plays), virtual_time);
}

fn timeout(after_ms: u64, cancel: bool, clock: Clock) -> PolicySpec {
    PolicySpec::Timeout(Timeout {
        after: ms(after_ms),
        cancel,
        clock,
    })
}

#[test]
fn retries_are_made_at_the_same_times() {
    let retry = PolicySpec::Retry(doubling(4, 100));
    agrees(from_ref(&retry), &[fails_500(10)]);
    agrees(from_ref(&retry), &[fails_500(10), fails_500(20), ok(5)]);
    agrees(&[PolicySpec::Retry(doubling(3, 0))], &[fails_500(10)]);
}

#[test]
fn hedges_are_won_and_lost_at_the_same_times() {
    for rest in Rest::ALL {
        let hedge = PolicySpec::Hedge(hedge(100, rest));
        for plays in [
            [ok(50), hangs()],
            [ok(300), ok(50)],
            [ok(120), ok(500)],
            [fails_500(150), ok(200)],
            [fails_500(300), fails_500(50)],
        ] {
            agrees(from_ref(&hedge), &plays);
        }
    }
}

#[test]
fn timeouts_strike_at_the_same_times() {
    for cancel in [true, false] {
        for clock in Clock::ALL {
            let retry = PolicySpec::Retry(constant(3, 60));
            let timeout = timeout(250, cancel, clock);
            agrees(&[retry.clone(), timeout.clone()], &[fails_500(200)]);
            agrees(&[retry.clone(), timeout.clone()], &[ok(300)]);
            agrees(&[timeout, retry], &[fails_500(100)]);
        }
    }
}

#[test]
fn a_stack_of_four_tells_the_same_story() {
    let stack = [
        PolicySpec::Fallback(Fallback { latency: ms(7) }),
        timeout(1000, true, Clock::Attempt),
        PolicySpec::Retry(doubling(5, 50)),
        PolicySpec::Hedge(hedge(100, Rest::Orphan)),
    ];
    // Attempt 0 and its hedge fail, 2 is beaten by 3, and so on until the time is up.
    let plays = [
        fails_500(130),
        fails_500(40),
        ok(400),
        fails_500(30),
        hangs(),
    ];
    agrees(&stack, &plays[..4]);
    agrees(&stack, &[fails_500(130), fails_500(40), hangs()]);
}
