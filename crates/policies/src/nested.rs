//! Layers around layers, as types: a call through a stack costs neither a box nor an indirection.

use std::future::Future;

use crate::attempts::{Attempts, Outcome};
use crate::context::Context;
use crate::spec::Policy;

/// What a policy stands around: the layers below it, with the attempt at their bottom.
pub(crate) trait Next<A: Attempts>: Copy + 'static {
    /// Layers below, and this one.
    const DEPTH: usize;

    /// Makes the call as the layers below make it.
    fn call(self, cx: Context<A>) -> impl Future<Output = Outcome<A>> + 'static;
}

/// The attempt itself.
#[derive(Clone, Copy, Default)]
pub(crate) struct Bottom;

impl<A: Attempts> Next<A> for Bottom {
    const DEPTH: usize = 0;

    #[inline]
    fn call(self, cx: Context<A>) -> impl Future<Output = Outcome<A>> + 'static {
        cx.attempt()
    }
}

/// A policy around `N`. Which policy that is stands in the stack, at this depth.
#[derive(Clone, Copy, Default)]
pub(crate) struct Nested<N>(N);

impl<A: Attempts, N: Next<A>> Next<A> for Nested<N> {
    const DEPTH: usize = N::DEPTH + 1;

    #[inline]
    #[expect(
        clippy::manual_async_fn,
        reason = "the future of an `async fn` holds its arguments twice"
    )]
    fn call(self, mut cx: Context<A>) -> impl Future<Output = Outcome<A>> + 'static {
        async move {
            let policy = cx.enter(Self::DEPTH);
            match &*policy {
                Policy::Timeout(timeout) => timeout.around(cx, self.0).await,
                Policy::Retry(retry) => retry.around(cx, self.0).await,
                Policy::Hedge(hedge) => hedge.around(cx, self.0).await,
                Policy::CircuitBreaker(breaker) => breaker.around(cx, self.0).await,
                Policy::RateLimit(limit) => limit.around(cx, self.0).await,
                Policy::Bulkhead(bulkhead) => bulkhead.around(cx, self.0).await,
                Policy::AdaptiveLimit(limit) => limit.around(cx, self.0).await,
                Policy::Fallback(fallback) => fallback.around(cx, self.0).await,
            }
        }
    }
}
