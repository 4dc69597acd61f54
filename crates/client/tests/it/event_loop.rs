//! An event loop, as transcripts.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use awaitlab_client::{EventLoop, LoopStats};
use awaitlab_core::{EventClass, Instant, Runtime};
use awaitlab_engine::{Engine, Handle};
use proptest::prelude::*;

use crate::{at_ms, cases, ms};

type Log = Rc<RefCell<Vec<(usize, &'static str, Instant)>>>;

fn loop_of(per_call: Duration) -> (Engine, Rc<EventLoop<Handle>>, Log) {
    let engine = Engine::new();
    let event_loop = EventLoop::new(engine.handle().clone(), per_call);
    (engine, event_loop, Log::default())
}

/// An answer that arrives at `at`.
fn answer(
    event_loop: &Rc<EventLoop<Handle>>,
    engine: &Engine,
    log: &Log,
    who: usize,
    at: Instant,
) -> <Handle as Runtime>::Task {
    let (event_loop, runtime, log) = (event_loop.clone(), engine.handle().clone(), log.clone());
    engine.handle().spawn(async move {
        runtime.sleep_until(at, EventClass::Answer).await;
        let turn = event_loop.turn().await;
        assert_eq!(turn.lag_ns(), runtime.now().nanos_since(at));
        log.borrow_mut().push((who, "up", runtime.now()));
        turn.done().await;
        log.borrow_mut().push((who, "done", runtime.now()));
    })
}

/// The same on real Node: settle at 560 ms, drain at 540.
#[test]
fn three_answers_at_once_take_their_turns() {
    let (engine, event_loop, log) = loop_of(ms(20));
    for who in 0..3 {
        answer(&event_loop, &engine, &log, who, at_ms(500));
    }
    engine.run();
    let expected = [
        (0, "up", at_ms(500)),
        (0, "done", at_ms(520)),
        (1, "up", at_ms(520)),
        (1, "done", at_ms(540)),
        (2, "up", at_ms(540)),
        (2, "done", at_ms(560)),
    ];
    assert_eq!(*log.borrow(), expected);
    let stats = LoopStats {
        turns: 3,
        busy_ns: 60_000_000,
        lag_sum_ns: 60_000_000,
        lag_max_ns: 40_000_000,
    };
    assert_eq!(event_loop.stats(), stats, "lags of 0, 20 and 40 ms");
    assert_eq!(event_loop.waiting(), 0);
}

#[test]
fn a_loop_that_costs_nothing_makes_no_event() {
    let (engine, event_loop, log) = loop_of(Duration::ZERO);
    answer(&event_loop, &engine, &log, 0, at_ms(5));
    answer(&event_loop, &engine, &log, 1, at_ms(5));
    engine.run();
    let up_and_done = |who| [(who, "up", at_ms(5)), (who, "done", at_ms(5))];
    assert_eq!(*log.borrow(), [up_and_done(0), up_and_done(1)].concat());
    assert_eq!(engine.events(), 2, "the two answers");
    assert_eq!(event_loop.stats(), LoopStats::default());
}

/// What a call does when its callback is done comes before the next callback: here it cancels it.
#[test]
fn a_call_that_ends_can_still_cancel_the_next_answer() {
    let (engine, event_loop, log) = loop_of(ms(20));
    let next = Rc::new(RefCell::new(None));
    {
        let (event_loop, runtime) = (event_loop.clone(), engine.handle().clone());
        let next = next.clone();
        engine.handle().spawn(async move {
            event_loop.turn().await.done().await;
            runtime.cancel(&next.borrow_mut().take().unwrap());
        });
    }
    *next.borrow_mut() = Some(answer(&event_loop, &engine, &log, 1, at_ms(10)));
    answer(&event_loop, &engine, &log, 2, at_ms(10));
    engine.run();
    assert_eq!(
        *log.borrow(),
        [(2, "up", at_ms(20)), (2, "done", at_ms(40))]
    );
    assert_eq!(event_loop.stats().turns, 2);
}

/// Taken up at 0, cancelled at 5: the thread is busy until 20 all the same.
#[test]
fn a_callback_that_was_taken_up_runs_to_its_end() {
    let (engine, event_loop, log) = loop_of(ms(20));
    let cancelled = answer(&event_loop, &engine, &log, 0, at_ms(0));
    answer(&event_loop, &engine, &log, 1, at_ms(1));
    engine.run_until(at_ms(1));
    engine.handle().cancel(&cancelled);
    engine.run();
    let expected = [
        (0, "up", at_ms(0)),
        (1, "up", at_ms(20)),
        (1, "done", at_ms(40)),
    ];
    assert_eq!(*log.borrow(), expected);
    assert_eq!(event_loop.stats().busy_ns, 40_000_000);
}

#[test]
fn a_loop_whose_queue_has_left_is_idle_again() {
    let (engine, event_loop, log) = loop_of(ms(20));
    answer(&event_loop, &engine, &log, 0, at_ms(0));
    let leaver = answer(&event_loop, &engine, &log, 1, at_ms(1));
    engine.run_until(at_ms(1));
    engine.handle().cancel(&leaver);
    assert_eq!(event_loop.waiting(), 0);
    engine.run();
    answer(&event_loop, &engine, &log, 2, at_ms(50));
    engine.run();
    assert_eq!(
        log.borrow()[2..],
        [(2, "up", at_ms(50)), (2, "done", at_ms(70))]
    );
}

#[test]
fn a_replication_begins_with_an_idle_loop() {
    let (engine, event_loop, log) = loop_of(ms(20));
    answer(&event_loop, &engine, &log, 0, at_ms(0));
    answer(&event_loop, &engine, &log, 1, at_ms(0));
    engine.run_until(at_ms(5));
    engine.reset();
    event_loop.begin_replication();
    log.borrow_mut().clear();
    answer(&event_loop, &engine, &log, 2, at_ms(3));
    engine.run();
    assert_eq!(*log.borrow(), [(2, "up", at_ms(3)), (2, "done", at_ms(23))]);
    assert_eq!(event_loop.stats().turns, 1);
}

proptest! {
    #![proptest_config(cases(128))]

    /// Lindley: a callback is taken up when it has arrived and the one before it is done.
    #[test]
    fn callbacks_run_one_after_another_in_the_order_of_their_arrival(
        mut arrivals in proptest::collection::vec(0_u64..100, 1..30), cost in 1_u64..10,
    ) {
        arrivals.sort_unstable();
        let (engine, event_loop, log) = loop_of(ms(cost));
        for (who, &at) in arrivals.iter().enumerate() {
            answer(&event_loop, &engine, &log, who, at_ms(at));
        }
        engine.run();
        let (mut free, mut lags) = (0, vec![]);
        let mut expected = vec![];
        for (who, &at) in arrivals.iter().enumerate() {
            let up = free.max(at);
            free = up + cost;
            lags.push(ms(up - at).as_nanos());
            expected.extend([(who, "up", at_ms(up)), (who, "done", at_ms(free))]);
        }
        let mut met = log.take();
        met.sort_by_key(|&(who, what, _)| (who, what == "done"));
        prop_assert_eq!(met, expected);
        let stats = event_loop.stats();
        prop_assert_eq!(stats.lag_sum_ns, lags.iter().sum::<u128>());
        prop_assert_eq!(u128::from(stats.lag_max_ns), *lags.iter().max().unwrap());
        prop_assert_eq!(stats.busy_ns, ms(cost).as_nanos() * arrivals.len() as u128);
    }
}
