//! What comes first.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use awaitlab_core::{EventClass, Instant, Runtime};
use awaitlab_engine::{Engine, Handle, Limits};
use futures::future::select;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::wakers::Steal;
use crate::{Log, at, ms};

#[test]
fn events_of_one_instant_are_taken_by_class_then_by_order_of_scheduling() {
    let engine = Engine::new();
    let log = Log::default();
    let asked = [
        ("arrival", EventClass::Arrival),
        ("timer 1", EventClass::Timer),
        ("timer 2", EventClass::Timer),
        ("answer", EventClass::Answer),
        ("edge", EventClass::Edge),
    ];
    for (name, class) in asked {
        let (runtime, log) = (engine.handle().clone(), log.clone());
        engine.handle().spawn(async move {
            runtime.sleep_until(at(5), class).await;
            log.note(name);
        });
    }
    engine.run();
    assert_eq!(
        log.read(),
        ["edge", "answer", "timer 1", "timer 2", "arrival"]
    );
}

#[test]
fn what_an_event_made_runnable_runs_before_the_next_event_of_that_instant() {
    let engine = Engine::new();
    let log = Log::default();
    for name in ["first", "second"] {
        let (runtime, log) = (engine.handle().clone(), log.clone());
        engine.handle().spawn(async move {
            let inner = runtime.spawn_joined({
                let (runtime, log) = (runtime.clone(), log.clone());
                async move {
                    runtime.sleep(ms(5)).await;
                    log.note(format!("{name} fired"));
                }
            });
            inner.await;
            log.note(format!("{name} awaited"));
        });
    }
    engine.run();
    assert_eq!(
        log.read(),
        [
            "first fired",
            "first awaited",
            "second fired",
            "second awaited"
        ]
    );
}

#[test]
fn a_task_runs_up_to_its_first_await_inside_spawn() {
    let engine = Engine::new();
    let log = Log::default();
    let (runtime, inner) = (engine.handle().clone(), log.clone());
    log.note("before");
    engine.handle().spawn(async move {
        inner.note("begun");
        runtime.sleep(ms(1)).await;
        inner.note("resumed");
    });
    log.note("after");
    engine.run();
    assert_eq!(log.read(), ["before", "begun", "after", "resumed"]);
}

#[test]
fn a_sleep_of_zero_is_an_event_and_moves_no_clock() {
    let engine = Engine::new();
    let runtime = engine.handle().clone();
    engine.handle().spawn(async move {
        runtime.sleep(Duration::ZERO).await;
        runtime.sleep_until(Instant::START, EventClass::Timer).await;
    });
    assert_eq!(engine.events(), 0);
    engine.run();
    assert_eq!((engine.events(), engine.now()), (2, Instant::START));
}

#[test]
fn a_sleep_is_not_ready_because_another_event_of_its_instant_woke_the_task() {
    let engine = Engine::new();
    let log = Log::default();
    let (runtime, inner) = (engine.handle().clone(), log.clone());
    engine.handle().spawn(async move {
        let answer = runtime.sleep_until(at(5), EventClass::Answer);
        let timer = runtime.sleep_until(at(5), EventClass::Timer);
        futures::pin_mut!(answer, timer);
        // Polled timer first, so only its own event can keep it from winning.
        match futures::future::select(timer, answer).await {
            futures::future::Either::Left(_) => inner.note("timer"),
            futures::future::Either::Right(_) => inner.note("answer"),
        }
    });
    engine.run();
    assert_eq!(log.read(), ["answer"]);
}

/// A task that notes when it is woken, and its waker.
fn waits(engine: &Engine, log: &Log, name: &'static str) -> Steal {
    let steal = Steal::default();
    let (waiting, log) = (steal.clone(), log.clone());
    engine.handle().spawn(async move {
        waiting.await;
        log.note(name);
    });
    steal
}

#[test]
fn tasks_run_in_the_order_in_which_they_were_woken() {
    let engine = Engine::new();
    let log = Log::default();
    let [a, b, c] = ["a", "b", "c"].map(|name| waits(&engine, &log, name));
    let (runtime, inner) = (engine.handle().clone(), log.clone());
    engine.handle().spawn(async move {
        runtime.sleep(ms(1)).await;
        c.wake();
        a.wake();
        // Woken already: it keeps its turn.
        c.wake();
        b.wake();
        inner.note("waker");
    });
    engine.run();
    assert_eq!(log.read(), ["waker", "c", "a", "b"]);
}

#[test]
fn what_was_woken_before_an_event_runs_before_whoever_slept_until_it() {
    let engine = Engine::new();
    let log = Log::default();
    let woken = waits(&engine, &log, "woken");
    let (runtime, inner) = (engine.handle().clone(), log.clone());
    engine.handle().spawn(async move {
        runtime.sleep_until(at(1), EventClass::Edge).await;
        inner.note("sleeper");
    });
    // Called when nothing but an edge is left, and nothing is ready.
    let edges_matter = || {
        woken.wake();
        true
    };
    engine.run_within(&Limits::NONE, edges_matter);
    assert_eq!(log.read(), ["woken", "sleeper"]);
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default()
    })]

    /// Tasks of two types that sleep in steps, some cancelled on the way: every step is reported at
    /// its own time, in order of time, and the run ends with an empty queue.
    #[test]
    fn steps_of_many_tasks_interleave_by_time(
        plans in proptest::collection::vec(proptest::collection::vec(0_u64..20, 1..5), 1..20),
        cancelled in proptest::collection::vec((0_usize..20, 0_u64..40), 0..5),
    ) {
        let engine = Engine::new();
        let seen: Rc<RefCell<Vec<(Instant, Instant)>>> = Rc::default();
        let step = |runtime: Handle, plan: Vec<u64>, seen: Rc<RefCell<Vec<_>>>| async move {
            let mut due = Instant::START;
            for pause in plan {
                due = due + ms(pause);
                runtime.sleep(ms(pause)).await;
                seen.borrow_mut().push((due, runtime.now()));
            }
        };
        let tasks: Vec<_> = plans
            .iter()
            .map(|plan| {
                engine.handle().spawn(step(engine.handle().clone(), plan.clone(), seen.clone()))
            })
            .collect();
        for (which, when) in cancelled {
            let (runtime, task) = (engine.handle().clone(), tasks[which % tasks.len()]);
            engine.handle().spawn(async move {
                runtime.sleep(ms(when)).await;
                runtime.cancel(&task);
            });
        }
        engine.run();
        let seen = seen.borrow();
        prop_assert!(seen.iter().all(|(due, now)| due == now));
        prop_assert!(seen.is_sorted_by_key(|(_, now)| *now));
        prop_assert_eq!(engine.pending_timers(), 0);
    }
}

#[test]
fn among_a_crowd_each_event_comes_at_its_own_time_and_none_of_who_was_cancelled() {
    const CROWD: u64 = 30_000;
    // Scattered, and of some instants there are several.
    let due = |n: u64| n * 7_919 % 20_011;
    let engine = Engine::new();
    let fired = Rc::new(RefCell::new(Vec::new()));
    let tasks: Vec<_> = (0..CROWD)
        .map(|n| {
            let (runtime, fired) = (engine.handle().clone(), fired.clone());
            engine.handle().spawn(async move {
                // Every fifth has a timeout, which is dropped.
                let timeout = (n % 5 == 0).then(|| runtime.sleep(ms(50_000)));
                let sleep = runtime.sleep(ms(due(n)));
                match timeout {
                    Some(timeout) => drop(select(sleep, timeout).await),
                    None => sleep.await,
                }
                fired.borrow_mut().push((runtime.now(), n));
            })
        })
        .collect();
    let cancelled = move |n: u64| n.is_multiple_of(3) && due(n) > 5_000;
    let runtime = engine.handle().clone();
    engine.handle().spawn(async move {
        runtime.sleep_until(at(5_000), EventClass::Arrival).await;
        for (task, _) in tasks.iter().zip(0..).filter(|&(_, n)| cancelled(n)) {
            runtime.cancel(task);
        }
    });
    engine.run();
    let mut expected: Vec<_> = (0..CROWD)
        .filter(|&n| !cancelled(n))
        .map(|n| (at(due(n)), n))
        .collect();
    expected.sort_unstable();
    assert_eq!(*fired.borrow(), expected);
    assert_eq!(engine.pending_timers(), 0);
}
