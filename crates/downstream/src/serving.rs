//! The wait for an answer: the short way through a service without any limit, or the whole way.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use awaitlab_core::{CallResult, Faults, Latency, Ledger, Runtime};

use crate::attempt::Attempt;
use crate::plain::Plain;

pub(crate) enum Serving<R, L, F, G>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
    G: Ledger,
{
    Plain(Plain<R, L, F>),
    Limited(Attempt<R, L, F, G>),
}

impl<R, L, F, G> Future for Serving<R, L, F, G>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
    G: Ledger,
{
    type Output = CallResult;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<CallResult> {
        match &mut *self {
            Serving::Plain(plain) => Pin::new(plain).poll(cx),
            Serving::Limited(attempt) => Pin::new(attempt).poll(cx),
        }
    }
}

/// Nothing in it is pinned: a ledger is a handle, and sleeps can be moved.
impl<R, L, F, G> Unpin for Serving<R, L, F, G>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
    G: Ledger,
{
}
