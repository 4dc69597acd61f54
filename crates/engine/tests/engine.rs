//! What the engine promises: order, eagerness, cancellation, and wakers that are real.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use awaitlab_core::{EventClass, Instant, OnAlarm, Runtime};
use awaitlab_engine::{Engine, Handle, Limits, Stop};
use futures::StreamExt;
use futures::future::join_all;
use futures::stream::FuturesUnordered;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// What happened, in order.
#[derive(Clone, Default)]
struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    fn note(&self, what: impl Into<String>) {
        self.0.borrow_mut().push(what.into());
    }

    fn read(&self) -> Vec<String> {
        self.0.borrow().clone()
    }
}

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn at(n: u64) -> Instant {
    Instant::START + ms(n)
}

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

/// Notes when it is dropped.
struct Guard(Log, &'static str);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.note(self.1);
    }
}

#[test]
fn a_cancelled_task_is_dropped_when_cancel_returns_and_its_timer_with_it() {
    let engine = Engine::new();
    let log = Log::default();
    let (runtime, guard) = (engine.handle().clone(), Guard(log.clone(), "dropped"));
    let task = engine.handle().spawn(async move {
        runtime.sleep(ms(1)).await;
        drop(guard);
    });
    assert_eq!(engine.pending_timers(), 1);
    engine.handle().cancel(&task);
    log.note("cancel returned");
    assert_eq!(engine.pending_timers(), 0);
    engine.run();
    assert_eq!(log.read(), ["dropped", "cancel returned"]);
    assert_eq!(engine.now(), Instant::START, "nothing was left to wait for");
}

#[test]
fn a_task_that_cancels_itself_is_dropped_at_its_next_await() {
    let engine = Engine::new();
    let log = Log::default();
    let own_name = Rc::new(Cell::new(None));
    let (runtime, inner, name) = (engine.handle().clone(), log.clone(), own_name.clone());
    let task = engine.handle().spawn(async move {
        let _guard = Guard(inner.clone(), "dropped");
        runtime.sleep(ms(1)).await;
        runtime.cancel(&name.get().unwrap());
        inner.note("still here");
        runtime.sleep(ms(1)).await;
        inner.note("never");
    });
    own_name.set(Some(task));
    engine.run();
    assert_eq!(log.read(), ["still here", "dropped"]);
}

#[test]
fn a_name_that_outlived_its_task_cancels_nobody() {
    let engine = Engine::new();
    let log = Log::default();
    let spawn = |name: &'static str| {
        let (runtime, log) = (engine.handle().clone(), log.clone());
        engine.handle().spawn(async move {
            runtime.sleep(ms(1)).await;
            log.note(name);
        })
    };
    let first = spawn("first");
    engine.run();
    let _second = spawn("second");
    engine.handle().cancel(&first);
    engine.run();
    assert_eq!(
        log.read(),
        ["first", "second"],
        "the second task sits in the first one's slot"
    );
}

#[test]
fn a_joined_task_gives_its_result_once_and_none_when_cancelled() {
    let engine = Engine::new();
    let log = Log::default();
    let (runtime, inner) = (engine.handle().clone(), log.clone());
    engine.handle().spawn(async move {
        let seven = runtime.spawn_joined({
            let runtime = runtime.clone();
            async move {
                runtime.sleep(ms(3)).await;
                7
            }
        });
        let never = runtime.spawn_joined(std::future::pending::<u8>());
        inner.note(format!("{:?} at {:?}", seven.await, runtime.now()));
        never.cancel();
        inner.note(format!("{:?}", never.await));
    });
    engine.run();
    assert_eq!(log.read(), ["Some(7) at 3ms", "None"]);
}

#[test]
fn combinators_of_others_work_inside_a_task() {
    let engine = Engine::new();
    let log = Log::default();
    let (runtime, inner) = (engine.handle().clone(), log.clone());
    engine.handle().spawn(async move {
        let mut unordered: FuturesUnordered<_> = (1..=50_u64)
            .map(|n| {
                let sleep = runtime.sleep(ms((n * 37) % 51));
                async move {
                    sleep.await;
                    (n * 37) % 51
                }
            })
            .collect();
        let mut ends = Vec::new();
        while let Some(end) = unordered.next().await {
            assert_eq!(runtime.now(), at(end), "woken at its own time");
            ends.push(end);
        }
        assert_eq!(ends, (1..=50).collect::<Vec<_>>());
        join_all((1..=50).map(|n| runtime.sleep(ms(n)))).await;
        inner.note(format!("{:?}", runtime.now()));
    });
    engine.run();
    assert_eq!(log.read(), ["100ms"]);
}

/// Hands out the waker it was polled with.
struct Steal(Rc<RefCell<Option<Waker>>>);

impl Future for Steal {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut stolen = self.0.borrow_mut();
        if stolen.is_some() {
            return Poll::Ready(());
        }
        *stolen = Some(cx.waker().clone());
        Poll::Pending
    }
}

#[test]
fn a_waker_wakes_its_task_between_runs_too() {
    let engine = Engine::new();
    let log = Log::default();
    let stolen = Rc::new(RefCell::new(None));
    let (steal, inner) = (Steal(stolen.clone()), log.clone());
    engine.handle().spawn(async move {
        steal.await;
        inner.note("woken");
    });
    engine.run();
    assert!(log.read().is_empty());
    stolen.borrow().as_ref().unwrap().wake_by_ref();
    engine.run();
    assert_eq!(log.read(), ["woken"]);
}

#[test]
fn a_waker_that_outlived_its_task_disturbs_nobody() {
    let engine = Engine::new();
    let stolen = Rc::new(RefCell::new(None));
    let polls = Rc::new(Cell::new(0));
    let task = engine.handle().spawn(Steal(stolen.clone()));
    engine.handle().cancel(&task);
    // Sits in the same slot: its type is the same.
    let counted = Rc::new(RefCell::new(None));
    engine.handle().spawn(Steal(counted.clone()));
    engine.handle().spawn({
        let polls = polls.clone();
        std::future::poll_fn(move |_| {
            polls.set(polls.get() + 1);
            Poll::<()>::Pending
        })
    });
    stolen.borrow().as_ref().unwrap().wake_by_ref();
    engine.run();
    assert_eq!(polls.get(), 1, "its first poll, and no other");
    assert!(counted.borrow().is_some());
}

#[test]
fn two_engines_on_one_thread_keep_apart() {
    let (slow, fast) = (Engine::new(), Engine::new());
    for (engine, pause) in [(&slow, 1_000), (&fast, 1)] {
        let runtime = engine.handle().clone();
        engine.handle().spawn(async move {
            for _ in 0..3 {
                runtime.sleep(ms(pause)).await;
            }
        });
    }
    fast.run();
    assert_eq!((slow.now(), fast.now()), (Instant::START, at(3)));
    slow.run();
    assert_eq!(slow.now(), at(3_000));
}

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
fn a_reset_run_begins_anew_and_drops_what_was_left() {
    let engine = Engine::new();
    let log = Log::default();
    let guard = Guard(log.clone(), "dropped");
    engine.handle().spawn(async move {
        std::future::pending::<()>().await;
        drop(guard);
    });
    let runtime = engine.handle().clone();
    engine
        .handle()
        .spawn(async move { runtime.sleep(ms(9)).await });
    engine.run();
    engine.reset();
    assert_eq!(log.read(), ["dropped"]);
    assert_eq!(
        (engine.now(), engine.events(), engine.pending_timers()),
        (Instant::START, 0, 0)
    );
}

#[test]
fn a_dropped_engine_drops_tasks_that_hold_its_handle() {
    let log = Log::default();
    let engine = Engine::new();
    let (runtime, guard) = (engine.handle().clone(), Guard(log.clone(), "dropped"));
    engine.handle().spawn(async move {
        runtime.sleep(ms(1)).await;
        std::future::pending::<()>().await;
        drop(guard);
    });
    engine.run();
    drop(engine);
    assert_eq!(log.read(), ["dropped"]);
}

#[test]
fn what_a_dropped_task_spawns_is_dropped_with_the_run() {
    struct SpawnsOnDrop(Handle, Log);
    impl Drop for SpawnsOnDrop {
        fn drop(&mut self) {
            let guard = Guard(self.1.clone(), "dropped");
            self.0.spawn(async move {
                std::future::pending::<()>().await;
                drop(guard);
            });
        }
    }
    let log = Log::default();
    let engine = Engine::new();
    let spawns = SpawnsOnDrop(engine.handle().clone(), log.clone());
    engine.handle().spawn(async move {
        std::future::pending::<()>().await;
        drop(spawns);
    });
    engine.reset();
    assert_eq!(log.read(), ["dropped"]);
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

/// Notes every alarm, and may do something at it.
struct Bell {
    engine: Handle,
    log: Log,
    then: RefCell<Box<dyn FnMut(u32)>>,
}

impl Bell {
    fn new(engine: &Engine, then: impl FnMut(u32) + 'static) -> (Rc<Self>, Log) {
        let log = Log::default();
        let bell = Bell {
            engine: engine.handle().clone(),
            log: log.clone(),
            then: RefCell::new(Box::new(then)),
        };
        (Rc::new(bell), log)
    }
}

impl OnAlarm for Bell {
    fn on_alarm(self: Rc<Self>, key: u32) {
        let now = self.engine.now().as_nanos() / 1_000_000;
        self.log.note(format!("{now} {key}"));
        (self.then.borrow_mut())(key);
    }
}

#[test]
fn an_alarm_is_an_event_like_a_sleep() {
    let engine = Engine::new();
    let (bell, log) = Bell::new(&engine, |_| {});
    let runtime = engine.handle();
    let alarm = |ms, class, key| runtime.alarm_at(at(ms), class, bell.clone(), key);
    let _late = alarm(7, EventClass::Answer, 1);
    let _timer = alarm(5, EventClass::Timer, 2);
    let (sleeper, sleeps) = (runtime.clone(), log.clone());
    runtime.spawn(async move {
        sleeper.sleep_until(at(5), EventClass::Timer).await;
        sleeps.note("5 sleeper");
    });
    let _answer = alarm(5, EventClass::Answer, 3);
    let _last = alarm(5, EventClass::Timer, 4);
    engine.run();
    assert_eq!(log.read(), ["5 3", "5 2", "5 sleeper", "5 4", "7 1"]);
    assert_eq!(engine.events(), 5);
}

#[test]
fn an_alarm_that_is_dropped_does_not_go_off() {
    let engine = Engine::new();
    let other = Rc::new(RefCell::new(None));
    let taken = other.clone();
    let (bell, log) = Bell::new(&engine, move |_| drop(taken.borrow_mut().take()));
    let runtime = engine.handle();
    let alarm = |ms, key| runtime.alarm_at(at(ms), EventClass::Timer, bell.clone(), key);
    drop(alarm(1, 1));
    // Taken back by whoever is called before it.
    let _first = alarm(2, 2);
    *other.borrow_mut() = Some(alarm(3, 3));
    engine.run();
    assert_eq!(log.read(), ["2 2"]);
    assert_eq!(engine.pending_timers(), 0);
}

#[test]
fn an_alarm_set_for_now_is_the_next_event_and_continues_the_chain() {
    let engine = Engine::new();
    let again = Rc::new(RefCell::new(None));
    let (set, runtime) = (again.clone(), engine.handle().clone());
    let whom: Rc<RefCell<Option<Rc<Bell>>>> = Rc::default();
    let known = whom.clone();
    let (bell, _) = Bell::new(&engine, move |key| {
        let bell = known.borrow().clone().unwrap();
        let now = runtime.now();
        let alarm = runtime.alarm_at(now, EventClass::Timer, bell, key + 1);
        *set.borrow_mut() = Some(alarm);
    });
    *whom.borrow_mut() = Some(bell.clone());
    let runtime = engine.handle();
    let first = runtime.alarm_at(at(1), EventClass::Timer, bell.clone(), 0);
    let limits = Limits {
        chain: 100,
        ..Limits::NONE
    };
    assert_eq!(engine.run_within(&limits, || true), Stop::ZeroDelayLoop);
    drop((first, again.take()));
    whom.take();
}

#[test]
fn a_reset_forgets_whom_alarms_would_have_called() {
    let engine = Engine::new();
    let (bell, log) = Bell::new(&engine, |_| {});
    let alarm = engine
        .handle()
        .alarm_at(at(1), EventClass::Timer, bell.clone(), 1);
    assert_eq!(Rc::strong_count(&bell), 2);
    engine.reset();
    assert_eq!(Rc::strong_count(&bell), 1);
    drop(alarm);
    engine.run();
    assert!(log.read().is_empty());
}
