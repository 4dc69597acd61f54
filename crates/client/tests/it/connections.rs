//! A pool of connections, as transcripts.

use std::cell::RefCell;
use std::collections::BinaryHeap;
use std::rc::Rc;
use std::time::Duration;

use awaitlab_client::Connections;
use awaitlab_core::{EventClass, Instant, Runtime};
use awaitlab_engine::{Engine, Handle};
use proptest::prelude::*;

use crate::{at_ms, cases, ms};

/// What each of the askers met: when it got its connection, or when it gave up.
type Log = Rc<RefCell<Vec<(usize, Result<Instant, Instant>)>>>;

/// Asks for a connection at `at` and gives it back `hold` after it got it.
fn ask(
    pool: &Rc<Connections<Handle>>,
    engine: &Engine,
    log: &Log,
    who: usize,
    at: Instant,
    hold: Duration,
) {
    let (pool, runtime, log) = (pool.clone(), engine.handle().clone(), log.clone());
    engine.handle().spawn(async move {
        runtime.sleep_until(at, EventClass::Arrival).await;
        let granted = pool.acquire().await;
        let now = runtime.now();
        let waited_ns = match &granted {
            Ok(permit) => permit.waited_ns(),
            Err(given_up) => given_up.waited_ns(),
        };
        assert_eq!(waited_ns, now.nanos_since(at));
        log.borrow_mut()
            .push((who, if granted.is_ok() { Ok(now) } else { Err(now) }));
        let Ok(permit) = granted else { return };
        runtime.sleep_until(now + hold, EventClass::Answer).await;
        drop(permit);
    });
}

fn pool_of(size: u32, acquire_timeout: Option<Duration>) -> (Engine, Rc<Connections<Handle>>, Log) {
    let engine = Engine::new();
    let pool = Connections::new(engine.handle().clone(), size, acquire_timeout);
    (engine, pool, Log::default())
}

/// Four at 0, four at 100, four at 200 ms; the next would be at 300, but 250 comes first. The same on
/// real Node.
#[test]
fn a_burst_of_twenty_on_four_connections_serves_twelve_and_turns_eight_away() {
    let (engine, pool, log) = pool_of(4, Some(ms(250)));
    for who in 0..20 {
        ask(&pool, &engine, &log, who, Instant::START, ms(100));
    }
    engine.run();
    let expected: Vec<_> = (0..12)
        .map(|who| (who, Ok(at_ms(who as u64 / 4 * 100))))
        .chain((12..20).map(|who| (who, Err(at_ms(250)))))
        .collect();
    assert_eq!(*log.borrow(), expected);
    assert_eq!(engine.now(), at_ms(300), "the last are answered");
    assert_eq!((pool.in_use(), pool.waiting()), (0, 0));
}

#[test]
fn a_connection_freed_at_the_very_instant_of_the_timeout_is_in_time() {
    for (hold, expected) in [(250, Ok(at_ms(250))), (251, Err(at_ms(250)))] {
        let (engine, pool, log) = pool_of(1, Some(ms(250)));
        ask(&pool, &engine, &log, 0, Instant::START, ms(hold));
        ask(&pool, &engine, &log, 1, Instant::START, ms(1));
        engine.run();
        assert_eq!(log.borrow()[1], (1, expected), "held for {hold} ms");
    }
}

#[test]
fn a_free_connection_is_taken_at_the_first_poll_and_without_an_event() {
    let (engine, pool, _) = pool_of(1, Some(ms(1)));
    let held = pool.clone();
    engine.handle().spawn(async move {
        let permit = held.acquire().await.unwrap();
        assert_eq!(permit.waited_ns(), 0);
        assert_eq!(held.in_use(), 1);
    });
    assert_eq!(pool.in_use(), 0, "taken and given back within the spawn");
    engine.run();
    assert_eq!(engine.events(), 0);
}

#[test]
fn without_a_timeout_one_waits_for_ever() {
    let (engine, pool, log) = pool_of(1, None);
    ask(
        &pool,
        &engine,
        &log,
        0,
        Instant::START,
        Duration::from_secs(3600),
    );
    ask(&pool, &engine, &log, 1, Instant::START, ms(1));
    engine.run();
    assert_eq!(log.borrow()[1], (1, Ok(at_ms(3_600_000))));
}

/// Who waits second leaves at 50; the third moves up and gets the connection of 100.
#[test]
fn who_leaves_the_queue_gives_its_place_to_those_behind() {
    let (engine, pool, log) = pool_of(1, None);
    ask(&pool, &engine, &log, 0, Instant::START, ms(100));
    engine.run_until(Instant::START);
    let leaver = {
        let pool = pool.clone();
        engine.handle().spawn(async move {
            let _ = pool.acquire().await;
            unreachable!("cancelled before its turn");
        })
    };
    ask(&pool, &engine, &log, 2, Instant::START, ms(100));
    engine.run_until(at_ms(50));
    assert_eq!(pool.waiting(), 2);
    engine.handle().cancel(&leaver);
    assert_eq!(pool.waiting(), 1);
    engine.run();
    assert_eq!(*log.borrow(), [(0, Ok(at_ms(0))), (2, Ok(at_ms(100)))]);
    assert_eq!(pool.in_use(), 0);
}

/// The permit is given back inside a task that cancels the one who has just been handed it.
#[test]
fn a_connection_handed_to_one_who_is_cancelled_goes_to_the_next() {
    let (engine, pool, log) = pool_of(1, None);
    let runtime = engine.handle().clone();
    let taken = Rc::new(RefCell::new(None));
    {
        let (pool, taken) = (pool.clone(), taken.clone());
        runtime.spawn(async move { *taken.borrow_mut() = pool.acquire().await.ok() });
    }
    let handed = {
        let pool = pool.clone();
        runtime.spawn(async move {
            let _ = pool.acquire().await;
            unreachable!("cancelled before it could look");
        })
    };
    ask(&pool, &engine, &log, 2, Instant::START, ms(10));
    let canceller = runtime.clone();
    runtime.spawn(async move {
        canceller.sleep(ms(5)).await;
        drop(taken.take());
        canceller.cancel(&handed);
    });
    engine.run();
    assert_eq!(*log.borrow(), [(2, Ok(at_ms(5)))]);
    assert_eq!((pool.in_use(), pool.waiting()), (0, 0), "given back once");
}

#[test]
fn nobody_overtakes_in_the_event_that_frees_a_connection() {
    let (engine, pool, log) = pool_of(1, None);
    let runtime = engine.handle().clone();
    {
        let (pool, runtime, log) = (pool.clone(), runtime.clone(), log.clone());
        engine.handle().spawn(async move {
            let permit = pool.acquire().await.unwrap();
            runtime.sleep(ms(10)).await;
            drop(permit);
            let again = pool.acquire().await.unwrap();
            log.borrow_mut().push((0, Ok(runtime.now())));
            drop(again);
        });
    }
    ask(&pool, &engine, &log, 1, Instant::START, ms(10));
    engine.run();
    assert_eq!(*log.borrow(), [(1, Ok(at_ms(10))), (0, Ok(at_ms(20)))]);
}

/// First come first served with impatience, one asker after another: it gets the connection that is
/// free first, unless that is later than it waits.
fn expected(size: u32, patience: Duration, askers: &[(u64, u64)]) -> Vec<Result<Instant, Instant>> {
    let mut free: BinaryHeap<_> = (0..size)
        .map(|_| std::cmp::Reverse(Instant::START))
        .collect();
    askers
        .iter()
        .map(|&(at, hold)| {
            let std::cmp::Reverse(first_free) = free.peek().copied().unwrap();
            let granted = first_free.max(at_ms(at));
            if granted > at_ms(at) + patience {
                return Err(at_ms(at) + patience);
            }
            free.pop();
            free.push(std::cmp::Reverse(granted + ms(hold)));
            Ok(granted)
        })
        .collect()
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn connections_are_granted_first_come_first_served_or_given_up_in_time(
        size in 1_u32..4,
        patience in 0_u64..30,
        mut askers in proptest::collection::vec((0_u64..60, 1_u64..30), 1..40),
    ) {
        askers.sort_by_key(|(at, _)| *at);
        let (engine, pool, log) = pool_of(size, Some(ms(patience)));
        for (who, &(at, hold)) in askers.iter().enumerate() {
            ask(&pool, &engine, &log, who, at_ms(at), ms(hold));
        }
        engine.run();
        let mut met = log.take();
        met.sort_by_key(|(who, _)| *who);
        let met: Vec<_> = met.into_iter().map(|(_, met)| met).collect();
        prop_assert_eq!(met, expected(size, ms(patience), &askers));
        prop_assert_eq!((pool.in_use(), pool.waiting()), (0, 0));
    }
}
