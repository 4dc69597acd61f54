//! Events that somebody is called for.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use awaitlab_core::{EventClass, OnAlarm, Runtime};
use awaitlab_engine::{Callee, Engine, Handle, Limits, Stop};

use crate::{Log, at};

/// Notes every alarm, and may do something at it.
struct Bell {
    engine: Handle,
    log: Log,
    then: RefCell<Box<dyn FnMut(u32)>>,
}

impl Bell {
    /// One whom the engine knows.
    fn known_to(engine: &Engine, then: impl FnMut(u32) + 'static) -> (Callee, Log) {
        let log = Log::default();
        let bell = Bell {
            engine: engine.handle().clone(),
            log: log.clone(),
            then: RefCell::new(Box::new(then)),
        };
        (engine.handle().callee(Rc::new(bell)), log)
    }
}

impl OnAlarm for Bell {
    fn on_alarm(&self, key: u32) {
        let now = self.engine.now().as_nanos() / 1_000_000;
        self.log.note(format!("{now} {key}"));
        (self.then.borrow_mut())(key);
    }
}

#[test]
fn an_alarm_is_an_event_like_a_sleep() {
    let engine = Engine::new();
    let (callee, log) = Bell::known_to(&engine, |_| {});
    let runtime = engine.handle();
    let alarm = |ms, class, key| runtime.alarm_at(at(ms), class, &callee, key);
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
fn an_alarm_that_is_taken_back_does_not_go_off() {
    let engine = Engine::new();
    let other = Rc::new(RefCell::new(None));
    let (taken, runtime) = (other.clone(), engine.handle().clone());
    let (callee, log) = Bell::known_to(&engine, move |_| {
        if let Some(alarm) = taken.borrow_mut().take() {
            runtime.take_back(alarm);
        }
    });
    let runtime = engine.handle();
    let alarm = |ms, key| runtime.alarm_at(at(ms), EventClass::Timer, &callee, key);
    runtime.take_back(alarm(1, 1));
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
    let runtime = engine.handle().clone();
    let whom = Rc::new(Cell::new(None));
    let known = whom.clone();
    let (callee, _) = Bell::known_to(&engine, move |key| {
        let (now, bell) = (runtime.now(), known.get().unwrap());
        let _next = runtime.alarm_at(now, EventClass::Timer, &bell, key + 1);
    });
    whom.set(Some(callee));
    let _first = engine
        .handle()
        .alarm_at(at(1), EventClass::Timer, &callee, 0);
    let limits = Limits {
        chain: 100,
        ..Limits::NONE
    };
    assert_eq!(engine.run_within(&limits, || true), Stop::ZeroDelayLoop);
}

#[test]
fn whom_alarms_call_goes_with_the_engine() {
    let engine = Engine::new();
    let gone = Rc::new(());
    let held = gone.clone();
    let (callee, _) = Bell::known_to(&engine, move |_| drop(held.clone()));
    let _alarm = engine
        .handle()
        .alarm_at(at(1), EventClass::Timer, &callee, 1);
    engine.run();
    assert_eq!(Rc::strong_count(&gone), 2);
    // The bell holds a handle of the engine that knows it.
    drop(engine);
    assert_eq!(Rc::strong_count(&gone), 1);
}

#[test]
fn a_reset_takes_all_alarms_back() {
    let engine = Engine::new();
    let (callee, log) = Bell::known_to(&engine, |_| {});
    let _alarm = engine
        .handle()
        .alarm_at(at(1), EventClass::Timer, &callee, 1);
    engine.reset();
    engine.run();
    assert!(log.read().is_empty());
}

#[test]
fn an_alarm_that_broke_a_limit_can_be_taken_back_once() {
    let engine = Engine::new();
    let (callee, log) = Bell::known_to(&engine, |_| {});
    let runtime = engine.handle();
    let alarm = |ms, key| runtime.alarm_at(at(ms), EventClass::Timer, &callee, key);
    let broken = alarm(0, 1);
    let limits = Limits {
        chain: 0,
        ..Limits::NONE
    };
    assert_eq!(engine.run_within(&limits, || true), Stop::ZeroDelayLoop);
    runtime.take_back(broken);
    let _others = [alarm(1, 2), alarm(1, 3)];
    engine.run();
    assert_eq!(log.read(), ["1 2", "1 3"], "two timers, two places");
}

#[test]
fn an_alarm_of_a_run_that_was_reset_is_not_there_to_be_taken_back() {
    let engine = Engine::new();
    let (callee, log) = Bell::known_to(&engine, |_| {});
    let runtime = engine.handle();
    let alarm = |ms, key| runtime.alarm_at(at(ms), EventClass::Timer, &callee, key);
    let stale = alarm(1, 1);
    engine.reset();
    runtime.take_back(stale);
    let _others = [alarm(1, 2), alarm(1, 3)];
    engine.run();
    assert_eq!(log.read(), ["1 2", "1 3"]);
}
