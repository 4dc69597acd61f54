//! Tasks that end with whoever began them, unless they are let go.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use awaitlab_core::{JoinHandle, Runtime};

/// Work that runs as a task of its own, and is cancelled when this is dropped.
pub(crate) struct Running<R: Runtime, T>(Option<JoinHandle<R, T>>);

impl<R: Runtime, T: 'static> Running<R, T> {
    /// Begins the work: its first poll happens inside.
    pub(crate) fn begin(runtime: &R, work: impl Future<Output = T> + 'static) -> Self {
        Running(Some(runtime.spawn_joined(work)))
    }

    /// Lets it run on unheard.
    pub(crate) fn let_go(mut self) {
        self.0 = None;
    }
}

impl<R: Runtime, T> Future for Running<R, T> {
    type Output = T;

    /// Pending for ever once it has brought its result.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let Some(handle) = &mut self.0 else {
            return Poll::Pending;
        };
        let ended = ready!(Pin::new(handle).poll(cx));
        self.0 = None;
        // Only this handle cancels it, and only when it is dropped.
        ended.map_or(Poll::Pending, Poll::Ready)
    }
}

impl<R: Runtime, T> Drop for Running<R, T> {
    fn drop(&mut self) {
        if let Some(handle) = &self.0 {
            handle.cancel();
        }
    }
}
