//! Gives up when a time has passed.
//!
//! Idea: nobody waits for ever. Outside a retry it bounds the whole call, inside it each attempt.
//!
//! What giving up does is the difference that matters. With [`cancel`](Timeout::cancel) (an
//! `AbortSignal`) what is inside stops. Without (`Promise.race` with a timer) the call goes on with an
//! error, and its slot takes the next one, while the attempt runs on: a bound of two becomes a peak
//! of six.
//!
//! With [`Clock::Call`] inside a retry all attempts share one deadline, counted from the beginning of
//! the call: once it has passed, every further attempt fails at once, so that retries are pure load.

use std::task::{self, Poll};
use std::time::Duration;

use awaitlab_core::{ErrorClass, EventClass, Instant, Runtime};

use crate::apart::Apart;
use crate::attempts::{Attempts, Failure};
use crate::context::{Context, Given};
use crate::event::Event;
use crate::frame::{Frame, Part, Timer, has_fired};
use crate::walk::{Entry, Step};

/// Gives up when a time has passed. Has no state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout {
    /// After so long.
    pub after: Duration,
    /// Whether what is inside stops then, or runs on unheard.
    pub cancel: bool,
    /// From when on.
    pub clock: Clock,
}

/// From when on a timeout counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// From the beginning of what is inside.
    #[default]
    Attempt,
    /// From the beginning of the call, however often what is inside begins.
    Call,
}

impl Clock {
    /// Every clock, the default first.
    pub const ALL: [Clock; 2] = [Clock::Attempt, Clock::Call];

    /// Its name in a scenario.
    pub const fn name(self) -> &'static str {
        match self {
            Clock::Attempt => "attempt",
            Clock::Call => "call",
        }
    }
}

impl Timeout {
    /// Stops what is inside after a time, counted from its own beginning.
    pub const fn after(after: Duration) -> Self {
        Timeout {
            after,
            cancel: true,
            clock: Clock::Attempt,
        }
    }

    #[inline(always)]
    pub(crate) fn enter<'s, A: Attempts>(
        &self,
        cx: Context<'s, A>,
        frame: &mut Frame<'s, A>,
    ) -> Entry {
        let deadline = self.deadline(cx);
        if self.cancel && self.clock == Clock::Call && cx.now() >= deadline {
            return Entry::Fails(strike(cx));
        }
        frame.waits_for(Some(cx.runtime().sleep_until(deadline, EventClass::Timer)));
        if self.cancel {
            frame.holds(Part::Timeout(None));
            Entry::Inside
        } else {
            frame.holds(Part::Timeout(Some(Box::new(Apart::begin(cx)))));
            Entry::Waits
        }
    }

    #[inline]
    fn deadline<A: Attempts>(&self, cx: Context<'_, A>) -> Instant {
        let from = match self.clock {
            Clock::Attempt => cx.now(),
            Clock::Call => cx.call_began(),
        };
        from + self.after
    }
}

/// Waits for what runs apart, and for the deadline.
pub(crate) fn poll<A: Attempts>(
    apart: &mut Apart<A>,
    deadline: &mut Timer<A>,
    task: &mut task::Context<'_>,
) -> Step<A> {
    if let Poll::Ready(outcome) = apart.poll(task) {
        return Step::Ends(outcome);
    }
    if !has_fired::<A>(deadline, task) {
        return Step::Waits;
    }
    apart.let_go(Given::Late);
    is_over()
}

/// The deadline has come.
pub(crate) fn is_over<A: Attempts>() -> Step<A> {
    Step::GivesUp(Given::Late, Err(A::Error::of(ErrorClass::Timeout)))
}

/// Its time is up, and what is inside was given up.
pub(crate) fn strike<A: Attempts>(cx: Context<'_, A>) -> ErrorClass {
    cx.tell(Event::TimedOut);
    ErrorClass::Timeout
}
