//! Twenty calls of which two fail, run with two at a time in every way a library has: what each
//! wastes. The latencies and the figures were measured on Node 20.

use awaitlab_all::All;
use awaitlab_bounded::{Bounded, OnError};
use awaitlab_chunked::Chunked;
use awaitlab_core::{Answer, Rest, Strategy};
use awaitlab_tokio_runtime::script::{Call, Event, Transcript, fails, succeeds, transcript};

const LATENCIES_MS: [u64; 20] = [
    480, 228, 245, 131, 418, 140, 365, 281, 257, 333, 238, 376, 428, 200, 65, 489, 462, 219, 411,
    396,
];

fn calls() -> Vec<Call> {
    let call = |(call, latency_ms)| match call {
        6 | 13 => fails(latency_ms),
        _ => succeeds(latency_ms),
    };
    (0..).zip(LATENCIES_MS).map(call).collect()
}

/// What a job cost: the figures of one line of the table.
#[derive(Debug, PartialEq, Eq)]
struct Cost {
    settle_ms: u64,
    fulfilled: bool,
    started: usize,
    orphan_ms: u64,
    drain_ms: u64,
    busy_ms: u64,
}

fn cost(strategy: impl Strategy + 'static) -> Cost {
    let Transcript(events) = transcript(strategy, &calls());
    let settled = events.iter().find_map(|(at_ms, event)| match event {
        Event::Settled(answer) => Some((*at_ms, matches!(answer, Answer::Fulfilled))),
        _ => None,
    });
    let (settle_ms, fulfilled) = settled.unwrap();
    let mut cost = Cost {
        settle_ms,
        fulfilled,
        started: 0,
        orphan_ms: 0,
        drain_ms: 0,
        busy_ms: 0,
    };
    let mut started_ms = [0; 20];
    for &(at_ms, ref event) in &events {
        match *event {
            Event::Started(call) => {
                cost.started += 1;
                started_ms[call] = at_ms;
            }
            Event::Succeeded(call) | Event::Failed(call) | Event::Cancelled(call) => {
                cost.busy_ms += at_ms - started_ms[call];
                cost.orphan_ms += at_ms.saturating_sub(started_ms[call].max(settle_ms));
                cost.drain_ms = at_ms;
            }
            Event::Unhandled(_) | Event::Settled(_) => {}
        }
    }
    cost
}

fn two_at_a_time(on_error: OnError) -> Bounded {
    Bounded::new(2, on_error, Rest::Orphan).unwrap()
}

fn rejected(started: usize, orphan_ms: u64, drain_ms: u64, busy_ms: u64) -> Cost {
    Cost {
        settle_ms: 1109,
        fulfilled: false,
        started,
        orphan_ms,
        drain_ms,
        busy_ms,
    }
}

#[test]
fn four_ways_to_fail_fast_waste_four_different_amounts() {
    assert_eq!(
        cost(two_at_a_time(OnError::Stop)),
        rejected(8, 70, 1179, 2288)
    );
    assert_eq!(
        cost(two_at_a_time(OnError::ClearQueue)),
        rejected(9, 327, 1366, 2545)
    );
    assert_eq!(
        cost(two_at_a_time(OnError::LoseWorker)),
        rejected(14, 1902, 3011, 4120)
    );
    assert_eq!(
        cost(two_at_a_time(OnError::KeepStarting)),
        rejected(20, 3944, 3174, 6162)
    );
}

#[test]
fn collecting_and_rejecting_at_the_end_cost_the_same_and_differ_in_the_answer() {
    let all_of_it = |fulfilled| Cost {
        settle_ms: 3174,
        fulfilled,
        started: 20,
        orphan_ms: 0,
        drain_ms: 3174,
        busy_ms: LATENCIES_MS.iter().sum(),
    };
    assert_eq!(cost(two_at_a_time(OnError::Collect)), all_of_it(true));
    assert_eq!(cost(two_at_a_time(OnError::RejectAtEnd)), all_of_it(false));
}

#[test]
fn slices_stop_at_the_slice_that_failed() {
    let pairs = Chunked::new(2, awaitlab_chunked::OnError::Stop, Rest::Orphan).unwrap();
    // 480 + 245 + 418 + 365: the fourth slice's slower call is the one that fails.
    let stopped = Cost {
        settle_ms: 1508,
        ..rejected(8, 0, 1508, 2288)
    };
    assert_eq!(cost(pairs), stopped);
}

#[test]
fn cancelling_saves_what_promise_all_wastes() {
    let orphaned = Cost {
        settle_ms: 200,
        ..rejected(20, 2426, 489, 6162)
    };
    assert_eq!(cost(All { rest: Rest::Orphan }), orphaned);
    // 6162 - 2426
    let cancelled = Cost {
        settle_ms: 200,
        ..rejected(20, 0, 200, 3736)
    };
    assert_eq!(cost(All { rest: Rest::Cancel }), cancelled);
}
