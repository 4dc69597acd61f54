//! Lets through at once what the service seems to take.
//!
//! Idea: the right bound of a bulkhead changes with the service. An adaptive limit learns it from
//! each answer, and refuses what comes above it, as `SimpleLimiter` of Netflix's concurrency-limits
//! does: a call is refused when as many are in flight as the limit in whole calls. The algorithms,
//! their formulas and defaults are that library's:
//!
//! | algorithm | class | looks at |
//! |---|---|---|
//! | [`aimd`](AdaptiveSpec::Aimd) | `AIMDLimit` | drops |
//! | [`vegas`](AdaptiveSpec::Vegas) | `VegasLimit`, the library's default | the shortest time seen, and drops |
//! | [`gradient2`](AdaptiveSpec::Gradient2) | `Gradient2Limit` | times only |
//!
//! A sample is an answer: how long it took from when the call was let in, measured at this layer (a
//! retry inside belongs to it); how many were in flight then, itself included; and whether it was a
//! drop. No algorithm raises the limit while less than half of it is in use. Each sample is an update:
//! the library's optional `WindowedLimit`, which hands on one sample a second, is not there.
//!
//! What is a drop stands with the library's callers; its gRPC client takes UNAVAILABLE for one and
//! ignores all other failures, its executor takes timeouts and rejections. Here: timeouts, what was
//! throttled or found the service unavailable or out of reach, and the statuses 429 and 503. Other
//! failures are no samples, nor is a call that is refused further in, cancelled, or dropped: it gives
//! its place back and leaves the limit alone.
//!
//! When it hurts: with a timeout outside that cancels, the slowest answers never become samples; with
//! few calls there is nothing to learn from; a quick refusal by the service looks like a quick answer
//! to the algorithms that look at time.

use std::cell::{Cell, RefCell};

use awaitlab_core::{ErrorClass, Instant};

use crate::attempts::{Attempts, Failure, Outcome};
use crate::context::Context;
use crate::event::Event;
use crate::frame::{Frame, Part};
use crate::walk::Entry;

mod aimd;
mod gradient2;
mod spec;
mod vegas;

pub use spec::{AdaptiveError, AdaptiveSpec};

use aimd::Aimd;
use gradient2::Gradient2;
use vegas::Vegas;

/// An adaptive limit with its state.
pub(crate) struct AdaptiveLimit {
    algorithm: RefCell<Algorithm>,
    in_flight: Cell<u32>,
    is_known: Cell<bool>,
}

enum Algorithm {
    Aimd(Aimd),
    Vegas(Vegas),
    Gradient2(Gradient2),
}

/// What an answer tells an algorithm.
struct Sample {
    /// At least 1.
    rtt_ns: u64,
    /// When the call was let in, itself included.
    in_flight: u32,
    dropped: bool,
}

/// One call that was let in. Dropping it gives its place back.
pub(crate) struct Sampled<'s> {
    limit: &'s AdaptiveLimit,
    began: Instant,
    /// Then, itself included.
    in_flight: u32,
}

impl AdaptiveLimit {
    pub(crate) fn new(spec: AdaptiveSpec) -> Result<Self, AdaptiveError> {
        spec.check()?;
        Ok(AdaptiveLimit {
            algorithm: Algorithm::new(spec).into(),
            in_flight: Cell::new(0),
            is_known: Cell::new(false),
        })
    }

    pub(crate) fn enter<'s, A: Attempts>(
        &'s self,
        cx: Context<'s, A>,
        frame: &mut Frame<'s, A>,
    ) -> Entry {
        if !self.is_known.replace(true) {
            self.tell(cx, None);
        }
        if self.in_flight.get() >= self.algorithm.borrow().limit() {
            return Entry::Fails(cx.refuse());
        }
        let in_flight = self.in_flight.get() + 1;
        self.in_flight.set(in_flight);
        frame.holds(Part::AdaptiveLimit(Sampled {
            limit: self,
            began: cx.now(),
            in_flight,
        }));
        Entry::Inside
    }

    fn learn<A: Attempts>(&self, cx: Context<'_, A>, sample: &Sample) {
        let before = self.algorithm.borrow().limit();
        let uniform = || cx.draws().uniform();
        self.algorithm.borrow_mut().update(sample, uniform);
        if self.algorithm.borrow().limit() != before {
            self.tell(cx, Some(before));
        }
    }

    fn tell<A: Attempts>(&self, cx: Context<'_, A>, before: Option<u32>) {
        let now = self.algorithm.borrow().limit();
        cx.tell(Event::Limit {
            before: before.map(f64::from),
            now: f64::from(now),
        });
    }
}

impl Sampled<'_> {
    pub(crate) fn inside_ended<A: Attempts>(&mut self, cx: Context<'_, A>, outcome: &Outcome<A>) {
        if let Some(dropped) = is_drop(outcome) {
            let sample = Sample {
                rtt_ns: cx.now().nanos_since(self.began).max(1),
                in_flight: self.in_flight,
                dropped,
            };
            self.limit.learn(cx, &sample);
        }
    }
}

impl Drop for Sampled<'_> {
    fn drop(&mut self) {
        let in_flight = &self.limit.in_flight;
        in_flight.set(in_flight.get() - 1);
    }
}

/// Whether what a call ended with is a drop; `None` where it is no sample.
fn is_drop<T, E: Failure>(outcome: &Result<T, E>) -> Option<bool> {
    match outcome {
        Ok(_) => Some(false),
        Err(error) => match error.class() {
            ErrorClass::Timeout
            | ErrorClass::Throttled
            | ErrorClass::Unavailable
            | ErrorClass::Connection => Some(true),
            ErrorClass::Error => matches!(error.status(), Some(429 | 503)).then_some(true),
            ErrorClass::Refused | ErrorClass::Cancelled => None,
        },
    }
}

impl Algorithm {
    fn new(spec: AdaptiveSpec) -> Self {
        match spec {
            AdaptiveSpec::Aimd {
                initial,
                min,
                max,
                backoff_ratio,
                timeout,
            } => Algorithm::Aimd(Aimd::new(initial, min..=max, backoff_ratio, timeout)),
            AdaptiveSpec::Vegas {
                initial,
                max,
                smoothing,
                alpha,
                beta,
                probe_multiplier,
            } => {
                let mut vegas = Vegas::new(initial, max, smoothing, probe_multiplier);
                (vegas.alpha, vegas.beta) = (alpha, beta);
                Algorithm::Vegas(vegas)
            }
            AdaptiveSpec::Gradient2 {
                initial,
                min,
                max,
                queue_size,
                rtt_tolerance,
                smoothing,
                long_window,
            } => {
                let mut gradient2 = Gradient2::new(initial, min..=max, queue_size, long_window);
                gradient2.rtt_tolerance = rtt_tolerance;
                gradient2.smoothing = smoothing;
                Algorithm::Gradient2(gradient2)
            }
        }
    }

    /// In whole calls.
    fn limit(&self) -> u32 {
        match self {
            Algorithm::Aimd(aimd) => aimd.limit(),
            Algorithm::Vegas(vegas) => vegas.limit(),
            Algorithm::Gradient2(gradient2) => gradient2.limit(),
        }
    }

    /// Learns from a sample. `uniform` is a random number of (0, 1).
    fn update(&mut self, sample: &Sample, uniform: impl FnOnce() -> f64) {
        match self {
            Algorithm::Aimd(aimd) => aimd.update(sample),
            Algorithm::Vegas(vegas) => vegas.update(sample, uniform),
            Algorithm::Gradient2(gradient2) => gradient2.update(sample),
        }
    }
}
