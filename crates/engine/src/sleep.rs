//! The sleep of virtual time.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use awaitlab_core::{EventClass, Instant};

use crate::executor::Handle;
use crate::timer::TimerId;

/// Ready once its own event has fired. Scheduled when it is first polled, and gone from the event
/// queue when it is dropped.
#[derive(Debug)]
#[must_use = "a sleep does nothing unless it is awaited"]
pub struct Sleep {
    engine: Handle,
    at: Instant,
    class: EventClass,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Idle,
    Scheduled(TimerId),
    Over,
}

impl Sleep {
    #[inline]
    pub(crate) fn new(engine: Handle, at: Instant, class: EventClass) -> Self {
        Sleep {
            engine,
            at,
            class,
            state: State::Idle,
        }
    }
}

impl Future for Sleep {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.state {
            State::Idle => {
                let whom = self.engine.whom(cx.waker());
                let timer = self.engine.schedule(self.at, self.class, whom);
                self.state = State::Scheduled(timer);
                Poll::Pending
            }
            State::Scheduled(timer) if self.engine.poll_timer(timer, cx.waker()) => {
                self.state = State::Over;
                Poll::Ready(())
            }
            State::Scheduled(_) => Poll::Pending,
            State::Over => Poll::Ready(()),
        }
    }
}

impl Drop for Sleep {
    #[inline]
    fn drop(&mut self) {
        if let State::Scheduled(timer) = self.state {
            self.engine.forget_timer(timer);
        }
    }
}
