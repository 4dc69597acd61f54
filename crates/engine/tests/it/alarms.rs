//! Events that somebody is called for.

use std::cell::RefCell;
use std::rc::Rc;

use awaitlab_core::{EventClass, OnAlarm, Runtime};
use awaitlab_engine::{Engine, Handle, Limits, Stop};

use crate::{Log, at};

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
