//! Where a run ends.

use std::time::Duration;

use awaitlab_core::{EventClass, Runtime};
use awaitlab_engine::{Engine, Limits, Stop};

use crate::{Log, at, ms};

#[test]
fn a_run_to_a_horizon_takes_the_events_at_it_and_leaves_later_ones() {
    let engine = Engine::new();
    let log = Log::default();
    for n in [1, 2, 3] {
        let (runtime, log) = (engine.handle().clone(), log.clone());
        engine.handle().spawn(async move {
            runtime.sleep(ms(n)).await;
            log.note(n.to_string());
        });
    }
    engine.run_until(at(2));
    assert_eq!(
        (log.read().len(), engine.now(), engine.pending_timers()),
        (2, at(2), 1)
    );
}

#[test]
fn a_loop_without_delay_is_found_and_a_crowd_at_one_instant_is_not_one() {
    let limits = Limits {
        chain: 1000,
        ..Limits::NONE
    };
    let engine = Engine::new();
    for _ in 0..5000 {
        let runtime = engine.handle().clone();
        engine
            .handle()
            .spawn(async move { runtime.sleep(ms(1)).await });
    }
    assert_eq!(engine.run_within(&limits, || true), Stop::Idle);
    let runtime = engine.handle().clone();
    engine.handle().spawn(async move {
        loop {
            runtime.sleep(Duration::ZERO).await;
        }
    });
    assert_eq!(engine.run_within(&limits, || true), Stop::ZeroDelayLoop);
    assert_eq!(engine.now(), at(1), "it stood still");
}

#[test]
fn a_run_ends_at_its_limit_of_events_or_when_it_is_asked_to() {
    let engine = Engine::new();
    let runtime = engine.handle().clone();
    engine.handle().spawn(async move {
        loop {
            runtime.sleep(ms(1)).await;
            if runtime.now() == at(20) {
                runtime.stop();
            }
        }
    });
    let limits = Limits {
        events: 10,
        ..Limits::NONE
    };
    assert_eq!(engine.run_within(&limits, || true), Stop::TooManyEvents);
    assert_eq!(engine.now(), at(10));
    assert_eq!(engine.run_within(&Limits::NONE, || true), Stop::Asked);
    assert_eq!(engine.now(), at(20));
}

#[test]
fn edges_alone_keep_a_run_going_only_while_something_waits_for_them() {
    let engine = Engine::new();
    let runtime = engine.handle().clone();
    engine.handle().spawn(async move {
        loop {
            runtime
                .sleep_until(runtime.now() + ms(10), EventClass::Edge)
                .await;
        }
    });
    let runtime = engine.handle().clone();
    engine
        .handle()
        .spawn(async move { runtime.sleep(ms(25)).await });
    let waits = || engine.now() < at(50);
    assert_eq!(engine.run_within(&Limits::NONE, waits), Stop::Idle);
    assert_eq!(engine.now(), at(50));
}
