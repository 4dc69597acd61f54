//! A sleep on tokio's clock.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::task::{JoinHandle, spawn_local};
use tokio::time::{Instant, Sleep, sleep_until};

/// A sleep of a [`TokioRuntime`](crate::TokioRuntime).
pub struct TokioSleep(Event);

enum Event {
    Timer(Pin<Box<Sleep>>),
    /// Until now: tokio's own sleep would be ready at once. An empty task at the end of the queue
    /// is an event of its own, which no other wake-up can stand in for.
    Turn(JoinHandle<()>),
}

impl TokioSleep {
    pub(crate) fn until(at: Instant) -> Self {
        TokioSleep(if at > Instant::now() {
            Event::Timer(Box::pin(sleep_until(at)))
        } else {
            Event::Turn(spawn_local(async {}))
        })
    }
}

impl Future for TokioSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.0 {
            Event::Timer(sleep) => sleep.as_mut().poll(cx),
            Event::Turn(turn) => Pin::new(turn).poll(cx).map(|_| ()),
        }
    }
}

impl fmt::Debug for TokioSleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Event::Timer(sleep) => write!(f, "TokioSleep until {:?}", sleep.deadline()),
            Event::Turn(_) => f.write_str("TokioSleep until now"),
        }
    }
}
