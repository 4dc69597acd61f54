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

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use awaitlab_core::{ErrorClass, EventClass, Instant, Runtime};

use crate::attempts::{Attempts, Failure, Outcome};
use crate::context::{Context, Given, Waiting};
use crate::event::Event;
use crate::nested::Next;
use crate::task::Running;

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

    pub(crate) async fn around<A: Attempts, N: Next<A>>(
        &self,
        cx: Context<A>,
        next: N,
    ) -> Outcome<A> {
        let deadline = self.deadline(&cx);
        if self.cancel && self.clock == Clock::Call && cx.now() >= deadline {
            return self.strike(&cx);
        }
        let (inner, waiting) = cx.waited_for();
        let timer = cx.runtime().sleep_until(deadline, EventClass::Timer);
        let ended = if self.cancel {
            let work = pin!(next.call(inner));
            in_time(work, timer, &waiting).await
        } else {
            let mut task = Running::begin(cx.runtime(), next.call(inner));
            let ended = in_time(Pin::new(&mut task), timer, &waiting).await;
            if ended.is_none() {
                task.let_go();
            }
            ended
        };
        ended.unwrap_or_else(|| self.strike(&cx))
    }

    fn deadline<A: Attempts>(&self, cx: &Context<A>) -> Instant {
        let from = match self.clock {
            Clock::Attempt => cx.now(),
            Clock::Call => cx.call_began(),
        };
        from + self.after
    }

    fn strike<A: Attempts>(&self, cx: &Context<A>) -> Outcome<A> {
        cx.tell(Event::TimedOut);
        Err(A::Error::of(ErrorClass::Timeout))
    }
}

/// What `work` brings, or `None` when the timer comes first; then the work has been given up. It is
/// borrowed: an argument of a future is a copy in it, and a copy per layer doubles a stack's size
/// with each.
fn in_time<'a, F: Future>(
    mut work: Pin<&'a mut F>,
    mut timer: impl Future<Output = ()> + Unpin + 'a,
    waiting: &'a Waiting,
) -> impl Future<Output = Option<F::Output>> + 'a {
    poll_fn(move |cx| {
        if let Poll::Ready(result) = work.as_mut().poll(cx) {
            return Poll::Ready(Some(result));
        }
        if Pin::new(&mut timer).poll(cx).is_ready() {
            waiting.give_up(Given::Late);
            return Poll::Ready(None);
        }
        Poll::Pending
    })
}
