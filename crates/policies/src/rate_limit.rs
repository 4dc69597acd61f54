//! Lets so many calls through per time.
//!
//! Idea: a quota that is kept at the client costs the service nothing. A call above it waits for its
//! turn, first come first served, or is refused; either way before anything is sent.
//!
//! - *Token bucket*: `burst` tokens, full at the start; a call takes one; `rate` grow per second.
//! - *Fixed window*, as p-queue's `interval` and `intervalCap`: the first call begins a window; who
//!   waits when it ends begins the next at that very instant, so under load the windows stand end to
//!   end. When nobody waits, the next window begins with the next call, not before: a window that
//!   ended unused does not shift it. (Releases of p-queue up to 8 forget when any window but the
//!   first of such a row ends, and may let a second `intervalCap` through in it; that is not done
//!   here.)
//!
//! Who waits and is dropped leaves the line, and nobody behind it waits longer for that. There is one
//! timer, the first one's; all whose turn has come pass within its event.
//!
//! When it hurts: a window lets twice its limit through within an instant, at the seam of two; and
//! waiting turns a quota into latency that no service sees.

use std::cell::RefCell;
use std::task;
use std::time::Duration;

use awaitlab_core::{EventClass, Instant, Runtime};
use thiserror::Error;

use crate::attempts::Attempts;
use crate::context::Context;
use crate::event::Event;
use crate::frame::{Frame, Part, Timer, has_fired};
use crate::line::{Line, Place};
use crate::walk::{Entry, Step};

mod bucket;
mod fixed_window;
mod meter;

use meter::Meter;

/// A rate limit at the client.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimitSpec {
    /// What it lets through.
    pub quota: Quota,
    /// What it does with the others.
    pub when_exceeded: WhenExceeded,
}

/// What a rate limit lets through.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quota {
    /// A bucket of tokens, full at the start; a call takes one.
    TokenBucket {
        /// Tokens per second, above 0.
        rate_per_s: f64,
        /// Tokens it holds, at least 1.
        burst: u32,
    },
    /// So many in each window, as p-queue's `intervalCap`.
    FixedWindow {
        /// Calls in a window, at least 1.
        limit: u32,
        /// Its length, above 0.
        window: Duration,
    },
}

/// What a rate limit does with a call above it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenExceeded {
    /// It waits for its turn, first come first served.
    #[default]
    Wait,
    /// It is refused.
    Reject,
}

impl WhenExceeded {
    /// Both, the default first.
    pub const ALL: [WhenExceeded; 2] = [WhenExceeded::Wait, WhenExceeded::Reject];

    /// Its name in a scenario.
    pub const fn name(self) -> &'static str {
        match self {
            WhenExceeded::Wait => "wait",
            WhenExceeded::Reject => "reject",
        }
    }
}

/// Why there is no such rate limit.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum RateLimitError {
    /// It would never let anything through.
    #[error(
        "a rate limit must let something through: a rate, a limit, a burst and a window above 0"
    )]
    Nothing,
}

/// A rate limit with its state.
pub(crate) struct RateLimit {
    when_exceeded: WhenExceeded,
    meter: RefCell<Meter>,
    line: Line,
}

/// One call that waits for its turn.
pub(crate) struct Turn<'s> {
    meter: &'s RefCell<Meter>,
    asked: Instant,
    /// Gone once it has passed.
    place: Option<Place<'s>>,
}

impl RateLimit {
    pub(crate) fn new(spec: RateLimitSpec) -> Result<Self, RateLimitError> {
        Ok(RateLimit {
            when_exceeded: spec.when_exceeded,
            meter: Meter::new(spec.quota)?.into(),
            line: Line::default(),
        })
    }

    pub(crate) fn enter<'s, A: Attempts>(
        &'s self,
        cx: Context<'s, A>,
        frame: &mut Frame<'s, A>,
    ) -> Entry {
        let asked = cx.now();
        let at_once = self.line.is_empty() && self.meter.borrow_mut().take(asked).is_ok();
        match self.when_exceeded {
            WhenExceeded::Reject if at_once => Entry::Inside,
            WhenExceeded::Reject => Entry::Fails(cx.refuse()),
            WhenExceeded::Wait if at_once => {
                cx.tell(Event::Waited { ns: 0 });
                Entry::Inside
            }
            WhenExceeded::Wait => {
                frame.holds(Part::RateLimit(Turn {
                    meter: &self.meter,
                    asked,
                    place: Some(self.line.join()),
                }));
                Entry::Waits
            }
        }
    }
}

impl Turn<'_> {
    /// The timer is the first one's.
    pub(crate) fn poll<A: Attempts>(
        &mut self,
        cx: Context<'_, A>,
        timer: &mut Timer<A>,
        task: &mut task::Context<'_>,
    ) -> Step<A> {
        match &self.place {
            Some(place) if place.is_first(task.waker()) => {}
            _ => return Step::Waits,
        }
        loop {
            let taken = self.meter.borrow_mut().take(cx.now());
            let Err(at) = taken else {
                break;
            };
            timer.get_or_insert_with(|| cx.runtime().sleep_until(at, EventClass::Timer));
            if !has_fired::<A>(timer, task) {
                return Step::Waits;
            }
            // Outside virtual time a sleep may end early: then it sleeps again.
        }
        *timer = None;
        self.place = None;
        cx.tell(Event::Waited {
            ns: cx.now().nanos_since(self.asked),
        });
        Step::Inside
    }
}
