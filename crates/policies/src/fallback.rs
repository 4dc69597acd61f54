//! Answers something else after a failure.
//!
//! Idea: a cached list, a default price, an empty recommendation: better than an error page. The call
//! is fulfilled, nothing is delivered, and the figures keep the two apart.
//!
//! When it hurts: it hides from everybody outside that the service is down.

use std::time::Duration;

use crate::attempts::{Attempts, Outcome, Reply};
use crate::context::Context;
use crate::event::Event;
use crate::nested::Next;

/// Answers something else after a failure. Has no state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fallback {
    /// How long that takes.
    pub latency: Duration,
}

impl Fallback {
    pub(crate) async fn around<A: Attempts, N: Next<A>>(
        &self,
        cx: Context<A>,
        next: N,
    ) -> Outcome<A> {
        let outcome = next.call(cx.clone()).await;
        if outcome.is_ok() {
            return outcome;
        }
        if !self.latency.is_zero() {
            cx.sleep(self.latency).await;
        }
        cx.tell(Event::Degraded);
        Ok(Reply::Degraded)
    }
}
