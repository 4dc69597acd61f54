//! Wakers that are real: kept, foreign, or outlived.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use awaitlab_core::{Instant, Runtime};
use awaitlab_engine::{Engine, Limits, Sleep, Stop};
use futures::StreamExt;
use futures::future::join_all;
use futures::stream::FuturesUnordered;

use crate::{Log, at, ms};

/// Hands out the waker it was polled with, and is over when it is polled again.
#[derive(Clone, Default)]
pub(crate) struct Steal(Rc<RefCell<Option<Waker>>>);

impl Steal {
    pub(crate) fn wake(&self) {
        self.0.borrow().as_ref().unwrap().wake_by_ref();
    }
}

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
    let stolen = Steal::default();
    let (steal, inner) = (stolen.clone(), log.clone());
    engine.handle().spawn(async move {
        steal.await;
        inner.note("woken");
    });
    engine.run();
    assert!(log.read().is_empty());
    stolen.wake();
    engine.run();
    assert_eq!(log.read(), ["woken"]);
}

#[test]
fn a_waker_that_outlived_its_task_disturbs_nobody() {
    let engine = Engine::new();
    let stolen = Steal::default();
    let polls = Rc::new(Cell::new(0));
    let task = engine.handle().spawn(stolen.clone());
    engine.handle().cancel(&task);
    // Sits in the same slot: its type is the same.
    let counted = Steal::default();
    engine.handle().spawn(counted.clone());
    engine.handle().spawn({
        let polls = polls.clone();
        std::future::poll_fn(move |_| {
            polls.set(polls.get() + 1);
            Poll::<()>::Pending
        })
    });
    stolen.wake();
    engine.run();
    assert_eq!(polls.get(), 1, "its first poll, and no other");
    assert!(counted.0.borrow().is_some());
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
fn a_sleep_that_is_moved_to_another_task_wakes_that_one() {
    let engine = Engine::new();
    let log = Log::default();
    let shared = Rc::new(RefCell::new(Some(Box::pin(engine.handle().sleep(ms(5))))));
    let polled = shared.clone();
    engine.handle().spawn(std::future::poll_fn(move |cx| {
        match polled.borrow_mut().as_mut() {
            Some(sleep) => sleep.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }));
    let (runtime, inner) = (engine.handle().clone(), log.clone());
    engine.handle().spawn(async move {
        runtime.sleep(ms(1)).await;
        let sleep = shared.borrow_mut().take().unwrap();
        // Through a waker that is not the engine's, and then through its own.
        let mut sleep = FuturesUnordered::from_iter([sleep]);
        assert!(futures::poll!(sleep.next()).is_pending());
        sleep.into_iter().next().unwrap().await;
        inner.note(format!("{:?}", runtime.now()));
    });
    engine.run();
    assert_eq!(log.read(), ["5ms"]);
}

/// Counts how often it was woken.
#[derive(Default)]
struct Foreign(AtomicU32);

impl Wake for Foreign {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Foreign {
    fn poll(self: &Arc<Self>, sleep: &mut Sleep) -> Poll<()> {
        let waker = Waker::from(self.clone());
        Pin::new(sleep).poll(&mut Context::from_waker(&waker))
    }

    /// How often it was woken, and how many hold on to it.
    fn count(self: &Arc<Self>) -> (u32, usize) {
        (self.0.load(Ordering::Relaxed), Arc::strong_count(self) - 1)
    }
}

#[test]
fn a_foreign_waker_is_held_as_long_as_it_may_be_woken() {
    let engine = Engine::new();
    let [one, other] = [(); 2].map(|()| Arc::new(Foreign::default()));
    let [mut first, mut second, mut third] = [1, 2, 3].map(|n| engine.handle().sleep(ms(n)));
    for sleep in [&mut first, &mut second, &mut third] {
        for _ in 0..2 {
            assert!(one.poll(sleep).is_pending());
        }
    }
    assert_eq!(
        one.count(),
        (0, 3),
        "once for each, however often it polled"
    );
    assert!(other.poll(&mut second).is_pending());
    assert_eq!((one.count(), other.count()), ((0, 2), (0, 1)));
    drop(third);
    assert_eq!((one.count(), other.count()), ((0, 1), (0, 1)));
    engine.run_until(at(1));
    assert_eq!((one.count(), other.count()), ((1, 0), (0, 1)));
    assert!(one.poll(&mut first).is_ready());
    engine.reset();
    assert_eq!((one.count(), other.count()), ((1, 0), (0, 0)));
}

#[test]
fn a_foreign_waker_of_an_event_that_breaks_a_limit_is_dropped_unwoken() {
    let engine = Engine::new();
    let foreign = Arc::new(Foreign::default());
    let mut sleep = engine.handle().sleep(ms(0));
    assert!(foreign.poll(&mut sleep).is_pending());
    let limits = Limits {
        chain: 0,
        ..Limits::NONE
    };
    assert_eq!(engine.run_within(&limits, || true), Stop::ZeroDelayLoop);
    assert_eq!(foreign.count(), (0, 0));
}
