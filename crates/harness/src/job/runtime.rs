//! The runtime as a job's policies see it.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use awaitlab_core::{EventClass, Instant, OnAlarm, Runtime};

use crate::job::call::{end_turn, take_turn};
use crate::job::{Alive, Shared};

/// The world's runtime, with two differences. What a policy spawns belongs to its job: it keeps the
/// job alive, and ends with its process. And a timer's callback takes its turn in the event loop of
/// its process, where there is one. Alarms are services' own, and stay what they are.
pub(crate) struct OfJob<R: Runtime>(pub(crate) Alive<R>);

impl<R: Runtime> OfJob<R> {
    #[inline]
    pub(crate) fn job(&self) -> &Rc<Shared<R>> {
        self.0.job()
    }
}

impl<R: Runtime> Clone for OfJob<R> {
    #[inline]
    fn clone(&self) -> Self {
        OfJob(self.0.clone())
    }
}

/// A sleep of a policy.
pub(crate) enum Sleep<R: Runtime> {
    Plain(R::Sleep),
    ThroughEventLoop(Pin<Box<dyn Future<Output = ()>>>),
}

/// A sleep after which its callback takes its turn.
fn through_event_loop<R: Runtime>(alive: Alive<R>, sleep: R::Sleep) -> Sleep<R> {
    Sleep::ThroughEventLoop(Box::pin(async move {
        sleep.await;
        let turn = take_turn(alive.job()).await;
        end_turn(turn).await;
    }))
}

impl<R: Runtime> Future for Sleep<R> {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match &mut *self {
            Sleep::Plain(sleep) => Pin::new(sleep).poll(cx),
            Sleep::ThroughEventLoop(sleep) => sleep.as_mut().poll(cx),
        }
    }
}

impl<R: Runtime> Runtime for OfJob<R> {
    type Sleep = Sleep<R>;
    type Task = R::Task;
    type Callee = R::Callee;
    type Alarm = R::Alarm;
    type Waiter = R::Waiter;

    #[inline]
    fn now(&self) -> Instant {
        self.job().world.runtime.now()
    }

    #[inline(always)]
    fn sleep_until(&self, at: Instant, class: EventClass) -> Sleep<R> {
        let world = &self.job().world;
        let sleep = world.runtime.sleep_until(at, class);
        if world.clients_are_plain() || !world.clients_have_event_loops() {
            return Sleep::Plain(sleep);
        }
        through_event_loop(self.0.clone(), sleep)
    }

    fn callee(&self, whom: Rc<dyn OnAlarm>) -> R::Callee {
        self.job().world.runtime.callee(whom)
    }

    fn alarm_at(&self, at: Instant, class: EventClass, whom: &R::Callee, key: u32) -> R::Alarm {
        self.job().world.runtime.alarm_at(at, class, whom, key)
    }

    fn take_back(&self, alarm: R::Alarm) {
        self.job().world.runtime.take_back(alarm);
    }

    #[inline]
    fn waiter(&self, waker: &Waker) -> R::Waiter {
        self.job().world.runtime.waiter(waker)
    }

    #[inline]
    fn wake(&self, waiter: R::Waiter) {
        self.job().world.runtime.wake(waiter);
    }

    fn spawn(&self, future: impl Future<Output = ()> + 'static) -> R::Task {
        let task = self.job().world.runtime.spawn(future);
        self.job().was_spawned(task.clone());
        task
    }

    fn cancel(&self, task: &R::Task) {
        self.job().world.runtime.cancel(task);
    }
}
