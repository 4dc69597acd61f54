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

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::time::Duration;

    use awaitlab_core::{EventClass, Instant, Runtime};
    use tokio::task::yield_now;

    use crate::paused;

    #[test]
    fn a_sleep_of_zero_is_still_an_event() {
        paused(|runtime| async move {
            let mut sleep = pin!(runtime.sleep(Duration::ZERO));
            let polls = poll_fn(|cx| std::task::Poll::Ready(sleep.as_mut().poll(cx).is_ready()));
            assert!(!polls.await, "ready at once");
            sleep.await;
            assert_eq!(runtime.now(), Instant::START, "but time has not moved");
        });
    }

    #[test]
    fn a_sleep_of_zero_lets_what_is_runnable_run_first() {
        paused(|runtime| async move {
            let before = runtime.spawn_joined(async {
                yield_now().await;
                "ran"
            });
            runtime.sleep(Duration::ZERO).await;
            let mut before = pin!(before);
            let ended = poll_fn(|cx| std::task::Poll::Ready(before.as_mut().poll(cx))).await;
            assert_eq!(ended, std::task::Poll::Ready(Some("ran")));
        });
    }

    #[test]
    fn being_polled_for_another_reason_does_not_end_a_sleep() {
        paused(|runtime| async move {
            let mut sleep = pin!(runtime.sleep(Duration::ZERO));
            for _ in 0..3 {
                // Within one turn of the task: no event has come between.
                let ready =
                    poll_fn(|cx| std::task::Poll::Ready(sleep.as_mut().poll(cx).is_ready()));
                assert!(!ready.await);
            }
            sleep.await;
        });
    }

    #[test]
    fn an_instant_that_has_passed_counts_as_now() {
        paused(|runtime| async move {
            let past = runtime.now() + Duration::from_millis(5);
            runtime.sleep(Duration::from_millis(10)).await;
            runtime.sleep_until(past, EventClass::Answer).await;
            assert_eq!(runtime.now(), Instant::START + Duration::from_millis(10));
        });
    }
}
