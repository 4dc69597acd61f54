//! A call in flight: a future in a place that can be emptied at once.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread;

use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;

use crate::first_poll::first_poll;
use crate::spawner::Spawner;

/// The job's hold on a call that it has started.
#[derive(Debug)]
pub(crate) struct InFlight<F> {
    place: Place<F>,
    /// `None` where the first poll was the last.
    task: Option<AbortHandle>,
}

/// A call has ended: its result, or what it panicked with.
#[derive(Debug)]
pub(crate) struct Ended<R> {
    pub(crate) call: usize,
    pub(crate) result: thread::Result<R>,
}

/// Where the future lies while it is wanted. Whoever empties it decides: after a poll that ended
/// there is a report, though it may be on its way still; after a cancel there is none.
type Place<F> = Arc<Mutex<Option<Pin<Box<F>>>>>;

impl<F: Future> InFlight<F> {
    /// Begins a call: polls it once, and leaves the rest to a task.
    pub(crate) fn begin(
        call: usize,
        future: F,
        ended: UnboundedSender<Ended<F::Output>>,
        spawner: &impl Spawner<Running<F>>,
    ) -> InFlight<F> {
        let place = Arc::new(Mutex::new(Some(Box::pin(future))));
        let mut running = Running {
            call,
            place: place.clone(),
            ended,
        };
        let task = first_poll(Pin::new(&mut running))
            .is_pending()
            .then(|| spawner.spawn(running));
        InFlight { place, task }
    }
}

impl<F> InFlight<F> {
    /// Drops the future, unless the call has ended: `false` then. Waits for a poll under way on
    /// another thread.
    pub(crate) fn cancel(&self) -> bool {
        let taken = lock(&self.place).take();
        if let Some(task) = &self.task {
            task.abort();
        }
        taken.is_some()
    }
}

/// A call as a task of its own.
pub(crate) struct Running<F: Future> {
    call: usize,
    place: Place<F>,
    ended: UnboundedSender<Ended<F::Output>>,
}

impl<F: Future> Future for Running<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut place = lock(&self.place);
        let Some(future) = place.as_mut() else {
            return Poll::Ready(());
        };
        let result = match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(output)) => Ok(output),
            Err(payload) => Err(payload),
        };
        let future = place.take();
        drop(place);
        // What the call held (a permit, a connection) is free when its end is heard of.
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(future)));
        let result = result.and_then(|output| dropped.map(|()| output));
        // Nobody listens where the job itself is gone.
        let _ = self.ended.send(Ended {
            call: self.call,
            result,
        });
        Poll::Ready(())
    }
}

/// Panics of a future are caught under the lock, so a poisoned one has come to no harm.
fn lock<T>(place: &Mutex<T>) -> MutexGuard<'_, T> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}
