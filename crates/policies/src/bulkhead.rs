//! Lets so many calls through at once.
//!
//! Idea: a service that hangs may take all of a process's patience with it. A bulkhead bounds how
//! many calls are inside at once; others wait outside, first come first served, and where the queue
//! is full too, or the wait too long, they are refused before anything is sent.
//!
//! Inside a retry a call gives its place back while it backs off; outside, it keeps it. Outside a
//! timeout that cancels, the timeout does not count the wait; inside it, it does.
//!
//! A place is a guard: when what is inside ends or is dropped, it is given back, once. A place that
//! an answer frees at the very instant at which the longest wait ends is in time, as answers come
//! before timers.
//!
//! When it hurts: with a queue that nothing bounds it refuses nobody and only moves the wait.

use std::cell::Cell;
use std::task;
use std::time::Duration;

use awaitlab_core::Instant;

use thiserror::Error;

use crate::attempts::{Attempts, Failure};
use crate::context::Context;
use crate::event::Event;
use crate::frame::{Frame, Part, Timer, has_fired};
use crate::line::{Line, Place};
use crate::walk::{Entry, Step};

/// A bulkhead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkheadSpec {
    /// Calls inside at once.
    pub limit: u32,
    /// Calls that wait outside at most; `None`: any number, 0: none.
    pub queue: Option<u32>,
    /// How long they wait at most.
    pub max_wait: Option<Duration>,
}

/// Why there is no such bulkhead.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum BulkheadError {
    /// Nobody would ever come in.
    #[error("a bulkhead must let at least one in")]
    Nobody,
}

/// A bulkhead with who is inside.
pub(crate) struct Bulkhead {
    spec: BulkheadSpec,
    inside: Cell<u32>,
    line: Line,
}

/// A place inside. Dropping it gives it back.
pub(crate) struct Permit<'a>(&'a Bulkhead);

/// One call at a bulkhead.
pub(crate) enum Visitor<'s> {
    Waiting {
        bulkhead: &'s Bulkhead,
        asked: Instant,
        place: Place<'s>,
    },
    Inside {
        _permit: Permit<'s>,
    },
    Gone,
}

impl Bulkhead {
    pub(crate) fn new(spec: BulkheadSpec) -> Result<Self, BulkheadError> {
        if spec.limit == 0 {
            return Err(BulkheadError::Nobody);
        }
        Ok(Bulkhead {
            spec,
            inside: Cell::new(0),
            line: Line::default(),
        })
    }

    pub(crate) fn enter<'s, A: Attempts>(
        &'s self,
        cx: Context<'s, A>,
        frame: &mut Frame<'s, A>,
    ) -> Entry {
        if let Some(permit) = self.enter_at_once() {
            cx.tell(Event::Waited { ns: 0 });
            frame.holds(Part::Bulkhead(Visitor::Inside { _permit: permit }));
            Entry::Inside
        } else if self.may_wait() {
            frame.waits_for(self.spec.max_wait.map(|longest| cx.sleep(longest)));
            frame.holds(Part::Bulkhead(Visitor::Waiting {
                bulkhead: self,
                asked: cx.now(),
                place: self.line.join(),
            }));
            Entry::Waits
        } else {
            Entry::Fails(cx.refuse())
        }
    }

    /// The places that nobody has. Those who wait have the first claim to them: for an instant,
    /// between a place's being freed and their being polled.
    fn free(&self) -> usize {
        (self.spec.limit - self.inside.get()) as usize
    }

    fn enter_at_once(&self) -> Option<Permit<'_>> {
        (self.free() > self.line.len()).then(|| self.take())
    }

    fn may_wait(&self) -> bool {
        let without_a_place = self.line.len().saturating_sub(self.free());
        self.spec
            .queue
            .is_none_or(|most| without_a_place < most as usize)
    }

    fn take(&self) -> Permit<'_> {
        self.inside.set(self.inside.get() + 1);
        Permit(self)
    }
}

impl Visitor<'_> {
    /// `over` is when it has waited for too long.
    pub(crate) fn poll<A: Attempts>(
        &mut self,
        cx: Context<'_, A>,
        over: &mut Timer<A>,
        task: &mut task::Context<'_>,
    ) -> Step<A> {
        let Visitor::Waiting {
            bulkhead,
            asked,
            place,
        } = self
        else {
            return Step::Waits;
        };
        if place.is_first(task.waker()) && bulkhead.free() > 0 {
            let waited_ns = cx.now().nanos_since(*asked);
            *over = None;
            // The place in the line goes when the place inside is taken, not before.
            *self = Visitor::Inside {
                _permit: bulkhead.take(),
            };
            cx.tell(Event::Waited { ns: waited_ns });
            return Step::Inside;
        }
        if !has_fired::<A>(over, task) {
            return Step::Waits;
        }
        // It leaves the line before that is told.
        *self = Visitor::Gone;
        Step::Ends(Err(A::Error::of(cx.refuse())))
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let bulkhead = self.0;
        bulkhead.inside.set(bulkhead.inside.get() - 1);
        bulkhead.line.wake_first();
    }
}
