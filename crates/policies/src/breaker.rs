//! Refuses while too much fails.
//!
//! Idea: a service that fails most calls is spared further ones for a while, and its callers are
//! spared the wait. As in resilience4j 2 (`CircuitBreakerStateMachine`), whose defaults these are:
//!
//! - *Closed*: everything is let through. Each completion that counts goes into the window and is
//!   judged at once, a success too: from `minimum` calls on, failures / calls >= `failure_ratio`
//!   opens. A count window judges when it is full, if `minimum` is larger than the window.
//! - *Open*: everything is refused for `open`, the end excluded. No timer: the first call at or after
//!   the end finds it half-open.
//! - *Half-open*: `probes` calls are let through, further ones refused. One failure opens it again;
//!   so many successes as there are probes close it, with an empty window.
//!
//! Refusals and cancellations count neither way, and a probe that ends so, or is dropped, gives its
//! place to another. As in resilience4j an outcome counts in the state that it meets, whenever its
//! call was let in: nowhere while open, among the probes while half-open. So a slow failure from
//! before the breaker opened can open it again.
//!
//! Where this differs from resilience4j: there half-open is judged by the failure ratio of all its
//! probes, here by the first failure; there the very end of `open` still refuses.
//!
//! When it hurts: shared by many callers it turns a partial failure into a whole one; inside a retry
//! its refusals are quick failures, and a retry that takes them for failures spends itself on them.

use std::cell::RefCell;
use std::time::Duration;

use awaitlab_core::{ErrorClass, Instant};
use thiserror::Error;

use crate::attempts::{Attempts, Failure, Outcome};
use crate::context::Context;
use crate::event::Event;
use crate::frame::{Frame, Part};
use crate::walk::Entry;

mod window;

use window::Calls;

/// A circuit breaker, with the defaults of resilience4j 2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BreakerSpec {
    /// What it looks at.
    pub window: Window,
    /// It opens when failures / calls in the window reach this; above 0, at most 1.
    pub failure_ratio: f64,
    /// Calls in the window before which it does not judge.
    pub minimum: u32,
    /// How long it refuses everything.
    pub open: Duration,
    /// Calls it lets through, half-open, before it closes.
    pub probes: u32,
}

/// What a breaker looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The last so many calls.
    Count(u32),
    /// The calls of the last so long, in slices: of a second where it is whole seconds, as in
    /// resilience4j, else of a tenth of it. The slice that has begun counts as a whole one.
    Time(Duration),
    /// The failures since the last success: it opens at so many, whatever ratio and minimum say.
    Consecutive(u32),
}

impl Default for BreakerSpec {
    fn default() -> Self {
        BreakerSpec {
            window: Window::Count(100),
            failure_ratio: 0.5,
            minimum: 100,
            open: Duration::from_secs(60),
            probes: 10,
        }
    }
}

/// Why there is no such breaker.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum BreakerError {
    /// The ratio is not above 0 and at most 1.
    #[error("the failure ratio of a breaker must lie above 0 and at most at 1")]
    Ratio,
    /// The window is empty.
    #[error("the window of a breaker must hold something")]
    Window,
    /// No call would ever be judged, or no probe let through.
    #[error("a breaker needs at least one call to judge, and one probe")]
    Minimum,
}

/// A breaker with its state.
pub(crate) struct CircuitBreaker {
    spec: BreakerSpec,
    state: RefCell<State>,
}

struct State {
    phase: Phase,
    /// How often it has been half-open: a probe gives its place back to its own time only.
    trials: u64,
}

enum Phase {
    Closed(Calls),
    Open { until: Instant },
    HalfOpen { places: u32, succeeded: u32 },
}

/// A call that was let through. Dropping it gives a probe's place back.
pub(crate) struct Pass<'a> {
    breaker: &'a CircuitBreaker,
    /// The trial it is a probe of.
    trial: Option<u64>,
}

impl CircuitBreaker {
    pub(crate) fn new(spec: BreakerSpec) -> Result<Self, BreakerError> {
        if !(spec.failure_ratio > 0.0 && spec.failure_ratio <= 1.0) {
            return Err(BreakerError::Ratio);
        }
        if let Window::Count(0) | Window::Consecutive(0) | Window::Time(Duration::ZERO) =
            spec.window
        {
            return Err(BreakerError::Window);
        }
        if spec.minimum == 0 || spec.probes == 0 {
            return Err(BreakerError::Minimum);
        }
        let state = State {
            phase: Phase::Closed(Calls::new(&spec)),
            trials: 0,
        };
        Ok(CircuitBreaker {
            spec,
            state: state.into(),
        })
    }

    #[inline(always)]
    pub(crate) fn enter<'s, A: Attempts>(
        &'s self,
        cx: Context<'s, A>,
        frame: &mut Frame<'s, A>,
    ) -> Entry {
        // Closed, it looks no further.
        if !self.is_closed() && self.turn_half_open(cx.now()) {
            cx.tell(Event::HalfOpened);
        }
        let Some(pass) = self.let_through() else {
            return Entry::Fails(cx.refuse());
        };
        frame.holds(Part::CircuitBreaker(pass));
        Entry::Inside
    }

    #[inline]
    fn is_closed(&self) -> bool {
        matches!(self.state.borrow().phase, Phase::Closed(_))
    }

    /// Whether it has been open for long enough, and just became half-open.
    fn turn_half_open(&self, now: Instant) -> bool {
        let mut state = self.state.borrow_mut();
        let is_over = matches!(state.phase, Phase::Open { until } if now >= until);
        if is_over {
            state.trials += 1;
            state.phase = Phase::HalfOpen {
                places: self.spec.probes,
                succeeded: 0,
            };
        }
        is_over
    }

    #[inline]
    fn let_through(&self) -> Option<Pass<'_>> {
        let trial = if self.is_closed() {
            None
        } else {
            Some(self.take_place()?)
        };
        Some(Pass {
            breaker: self,
            trial,
        })
    }

    /// A place among the probes, where it is half-open and has one: the trial it is of.
    fn take_place(&self) -> Option<u64> {
        let mut state = self.state.borrow_mut();
        let trial = state.trials;
        match &mut state.phase {
            Phase::HalfOpen { places, .. } if *places > 0 => {
                *places -= 1;
                Some(trial)
            }
            _ => None,
        }
    }

    fn give_place_back(&self, trial: u64) {
        let mut state = self.state.borrow_mut();
        if state.trials != trial {
            return;
        }
        if let Phase::HalfOpen { places, .. } = &mut state.phase {
            *places += 1;
        }
    }

    /// Counts a call that has ended, and tells what that changes.
    #[inline(always)]
    fn judge<A: Attempts>(&self, cx: Context<'_, A>, failed: bool) {
        let may_change = match &mut self.state.borrow_mut().phase {
            Phase::Closed(calls) => calls.end(cx.now(), failed),
            Phase::Open { .. } => false,
            Phase::HalfOpen { .. } => true,
        };
        if may_change && let Some(change) = self.change(cx.now(), failed) {
            cx.tell(change);
        }
    }

    /// What a call that has ended changes where the breaker is half-open, or closed and too much failed.
    fn change(&self, now: Instant, failed: bool) -> Option<Event> {
        let mut state = self.state.borrow_mut();
        let opens = match &mut state.phase {
            Phase::Closed(_) => true,
            Phase::Open { .. } => false,
            Phase::HalfOpen { succeeded, .. } => {
                *succeeded += u32::from(!failed);
                if *succeeded == self.spec.probes {
                    state.phase = Phase::Closed(Calls::new(&self.spec));
                    return Some(Event::Closed);
                }
                failed
            }
        };
        opens.then(|| {
            let until = now + self.spec.open;
            state.phase = Phase::Open { until };
            Event::Opened { until }
        })
    }
}

/// Whether a call failed; `None` where that says nothing of the service.
fn counts<T, E: Failure>(outcome: &Result<T, E>) -> Option<bool> {
    match outcome {
        Ok(_) => Some(false),
        Err(error) => match error.class() {
            ErrorClass::Refused | ErrorClass::Cancelled => None,
            _ => Some(true),
        },
    }
}

impl Pass<'_> {
    #[inline(always)]
    pub(crate) fn inside_ended<A: Attempts>(&mut self, cx: Context<'_, A>, outcome: &Outcome<A>) {
        if let Some(failed) = counts(outcome) {
            // A probe's place is used up.
            self.trial = None;
            self.breaker.judge(cx, failed);
        }
    }
}

impl Drop for Pass<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(trial) = self.trial {
            self.breaker.give_place_back(trial);
        }
    }
}
