//! The poll that happens inside `start` and `spawn`.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use tokio::task::coop::unconstrained;

/// Polls a future once, here and now, as calling an async function in JavaScript runs it up to its
/// first await.
///
/// Who wakes it is not said: a future that is pending goes to a task of its own, and tokio polls a
/// new task at least once, which is when the right waker is left. Without tokio's cooperative
/// budget, which would otherwise keep the 129th call of a burst from beginning.
pub(crate) fn first_poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    pin!(unconstrained(future)).poll(&mut Context::from_waker(Waker::noop()))
}
