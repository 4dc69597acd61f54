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
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use thiserror::Error;

use crate::attempts::{Attempts, Outcome};
use crate::context::Context;
use crate::event::Event;
use crate::line::Line;
use crate::nested::Next;

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
struct Permit<'a>(&'a Bulkhead);

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

    pub(crate) async fn around<A: Attempts, N: Next<A>>(
        &self,
        cx: Context<A>,
        next: N,
    ) -> Outcome<A> {
        let asked = cx.now();
        let mut permit = self.enter_at_once();
        if permit.is_none() && self.may_wait() {
            permit = self.wait(&cx).await;
        }
        let Some(_permit) = permit else {
            return Err(cx.refuse());
        };
        cx.tell(Event::Waited {
            ns: cx.now().nanos_since(asked),
        });
        next.call(cx).await
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

    /// Waits for a place; `None` once it has waited too long.
    async fn wait<A: Attempts>(&self, cx: &Context<A>) -> Option<Permit<'_>> {
        let place = self.line.join();
        let mut over = self.spec.max_wait.map(|longest| cx.sleep(longest));
        poll_fn(|task| {
            if place.is_first(task.waker()) && self.free() > 0 {
                return Poll::Ready(Some(self.take()));
            }
            match &mut over {
                Some(over) => Pin::new(over).poll(task).map(|()| None),
                None => Poll::Pending,
            }
        })
        .await
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let bulkhead = self.0;
        bulkhead.inside.set(bulkhead.inside.get() - 1);
        bulkhead.line.wake_first();
    }
}
