//! What a layer holds of one call.

use std::pin::Pin;
use std::task::{self, Poll, ready};

use awaitlab_core::Runtime;

use crate::adaptive::Sampled;
use crate::apart::Apart;
use crate::attempts::{Attempts, Outcome};
use crate::breaker::Pass;
use crate::bulkhead::Visitor;
use crate::context::Context;
use crate::fallback::{self, Fallback};
use crate::hedge::Race;
use crate::rate_limit::Turn;
use crate::retry::{self, Tries};
use crate::spec::Policy;
use crate::timeout;
use crate::walk::{Entry, Step};

/// What a layer holds of one call, from when the call enters it until it leaves it.
pub(crate) struct Frame<'s, A: Attempts> {
    pub(crate) timer: Timer<A>,
    pub(crate) part: Part<'s, A>,
}

/// The timer that a layer waits for, where it does: no policy needs two.
pub(crate) type Timer<A> = Option<<<A as Attempts>::Runtime as Runtime>::Sleep>;

/// What a layer holds beside its timer. With a tag of its own: one that is hidden in a field of a
/// variant takes five instructions to find, wherever it is looked at. In the order of how much there
/// is to them, so that it takes a comparison to know the simple ones.
#[repr(u8)]
pub(crate) enum Part<'s, A: Attempts> {
    /// What is inside, where it may run on.
    Timeout(Option<Box<Apart<A>>>),
    Hedge(Race<'s, A>),
    RateLimit(Turn<'s>),
    Bulkhead(Visitor<'s>),
    CircuitBreaker(Pass<'s>),
    AdaptiveLimit(Sampled<'s>),
    Retry(Tries<'s>),
    Fallback(&'s Fallback),
    /// Nothing: the call has not entered, or has left.
    Nothing,
}

impl<'s, A: Attempts> Frame<'s, A> {
    /// Not a constant, which would be copied whole, its gaps too.
    #[inline]
    pub(crate) fn empty() -> Self {
        Frame {
            timer: None,
            part: Part::Nothing,
        }
    }

    /// The call enters the layer.
    #[inline(always)]
    pub(crate) fn enter(&mut self, policy: &'s Policy, cx: Context<'s, A>) -> Entry {
        match policy {
            Policy::Timeout(timeout) => timeout.enter(cx, self),
            Policy::Retry(retry) => retry.enter(cx, self),
            Policy::Hedge(hedge) => hedge.enter(cx, self),
            Policy::CircuitBreaker(breaker) => breaker.enter(cx, self),
            Policy::RateLimit(limit) => limit.enter(cx, self),
            Policy::Bulkhead(bulkhead) => bulkhead.enter(cx, self),
            Policy::AdaptiveLimit(limit) => limit.enter(cx, self),
            Policy::Fallback(fallback) => {
                self.holds(Part::Fallback(fallback));
                Entry::Inside
            }
        }
    }

    /// What an empty frame holds from here on. Nothing is dropped: to look whether there is anything
    /// costs more than to put this in.
    #[inline(always)]
    pub(crate) fn holds(&mut self, part: Part<'s, A>) {
        let nothing = std::mem::replace(&mut self.part, part);
        debug_assert!(matches!(nothing, Part::Nothing), "a layer is entered once");
        std::mem::forget(nothing);
    }

    /// The same for its timer.
    #[inline(always)]
    pub(crate) fn waits_for(&mut self, timer: Timer<A>) {
        let nothing = std::mem::replace(&mut self.timer, timer);
        debug_assert!(nothing.is_none(), "a layer is entered once");
        std::mem::forget(nothing);
    }

    /// What is inside of the layer has ended. Pending where the layer goes on with the call; else the call
    /// has left it, with the outcome as it stands then.
    #[inline(always)]
    pub(crate) fn inside_ended(
        &mut self,
        cx: Context<'s, A>,
        outcome: &mut Outcome<A>,
    ) -> Poll<()> {
        let timer = &mut self.timer;
        match &mut self.part {
            Part::Hedge(race) => ready!(race.inside_ended(cx, outcome)),
            Part::CircuitBreaker(pass) => pass.inside_ended(cx, outcome),
            Part::AdaptiveLimit(sampled) => sampled.inside_ended(cx, outcome),
            Part::Retry(tries) => ready!(tries.inside_ended(cx, timer, outcome)),
            Part::Fallback(fallback) => ready!(fallback.inside_ended(cx, timer, outcome)),
            Part::Timeout(_) | Part::RateLimit(_) | Part::Bulkhead(_) | Part::Nothing => {}
        }
        self.leave();
        Poll::Ready(())
    }

    /// Whether there is anything to look at: its timer has fired, or it does not wait for that alone.
    #[inline(always)]
    pub(crate) fn may_go_on(&mut self, task: &mut task::Context<'_>) -> bool {
        self.waits_for_more() || has_fired::<A>(&mut self.timer, task)
    }

    /// Whether the layer waits for more than its timer.
    #[inline]
    fn waits_for_more(&self) -> bool {
        match &self.part {
            Part::Timeout(apart) => apart.is_some(),
            Part::Hedge(race) => race.has_beside(),
            Part::RateLimit(_) | Part::Bulkhead(_) => true,
            _ => false,
        }
    }

    /// Does what the layer does where it may go on. What it gives up is still there when this returns.
    pub(crate) fn go_on(&mut self, cx: Context<'s, A>, task: &mut task::Context<'_>) -> Step<A> {
        let timer = &mut self.timer;
        match &mut self.part {
            Part::Timeout(Some(apart)) => timeout::poll(apart, timer, task),
            Part::Timeout(None) => timeout::is_over(),
            Part::Retry(_) => retry::begins_again(cx),
            Part::Hedge(race) => {
                if !race.has_beside() {
                    race.extra_is_due(cx, timer);
                }
                race.poll(cx, timer, task)
            }
            Part::RateLimit(turn) => turn.poll(cx, timer, task),
            Part::Bulkhead(visitor) => visitor.poll(cx, timer, task),
            Part::Fallback(_) => fallback::stands_in(cx),
            Part::CircuitBreaker(_) | Part::AdaptiveLimit(_) | Part::Nothing => Step::Waits,
        }
    }

    /// All that was inside of the layer or beside has been given up.
    #[inline]
    pub(crate) fn gave_up(&self, cx: Context<'s, A>) {
        if let Part::Timeout(_) = self.part {
            timeout::strike(cx);
        }
    }

    /// Drops what runs beside what is inside of the layer.
    #[inline]
    pub(crate) fn drop_beside(&mut self) {
        if let Part::Hedge(race) = &mut self.part {
            race.drop_beside();
        }
    }

    /// The call leaves the layer.
    pub(crate) fn leave(&mut self) {
        self.timer = None;
        self.part = Part::Nothing;
    }
}

/// Whether the timer is there and has fired; then it is gone.
#[inline]
pub(crate) fn has_fired<A: Attempts>(timer: &mut Timer<A>, task: &mut task::Context<'_>) -> bool {
    let fired = match timer {
        Some(sleep) => Pin::new(sleep).poll(task).is_ready(),
        None => false,
    };
    if fired {
        *timer = None;
    }
    fired
}

#[cfg(test)]
mod tests {
    use awaitlab_core::CallError;
    use awaitlab_engine::Handle;

    use super::*;
    use crate::closure::ByClosure;

    #[test]
    fn a_layer_costs_a_call_little() {
        // Times the depth of the stack, times millions of calls in flight.
        type Make = fn(u32) -> std::future::Ready<Result<(), CallError>>;
        assert!(size_of::<Frame<'static, ByClosure<Handle, Make>>>() <= 80);
    }
}
