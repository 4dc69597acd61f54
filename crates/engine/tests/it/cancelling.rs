//! Tasks that are dropped before they are over.

use std::cell::Cell;
use std::rc::Rc;

use awaitlab_core::{Instant, Runtime};
use awaitlab_engine::{Engine, Handle};

use crate::{Log, ms};

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
