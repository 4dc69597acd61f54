//! Answers something else after a failure.
//!
//! Idea: a cached list, a default price, an empty recommendation: better than an error page. The call
//! is fulfilled, nothing is delivered, and the figures keep the two apart.
//!
//! When it hurts: it hides from everybody outside that the service is down.

use std::task::Poll;
use std::time::Duration;

use crate::attempts::{Attempts, Outcome, Reply};
use crate::context::Context;
use crate::event::Event;
use crate::frame::Timer;
use crate::walk::Step;

/// Answers something else after a failure. Has no state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fallback {
    /// How long that takes.
    pub latency: Duration,
}

impl Fallback {
    pub(crate) fn inside_ended<A: Attempts>(
        &self,
        cx: Context<'_, A>,
        sleep: &mut Timer<A>,
        outcome: &mut Outcome<A>,
    ) -> Poll<()> {
        if outcome.is_ok() {
            return Poll::Ready(());
        }
        if self.latency.is_zero() {
            *outcome = stand_in(cx);
            return Poll::Ready(());
        }
        *sleep = Some(cx.sleep(self.latency));
        Poll::Pending
    }
}

/// It has slept.
pub(crate) fn stands_in<A: Attempts>(cx: Context<'_, A>) -> Step<A> {
    Step::Ends(stand_in(cx))
}

fn stand_in<A: Attempts>(cx: Context<'_, A>) -> Outcome<A> {
    cx.tell(Event::Degraded);
    Ok(Reply::Degraded)
}
