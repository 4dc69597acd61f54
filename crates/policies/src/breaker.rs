//! Refuses while too much fails.

use std::time::Duration;

use thiserror::Error;

use crate::attempts::{Attempts, Outcome};
use crate::context::Context;
use crate::nested::Next;

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
    /// The calls of the last so long.
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
    _spec: BreakerSpec,
}

impl CircuitBreaker {
    pub(crate) fn new(spec: BreakerSpec) -> Result<Self, BreakerError> {
        Ok(CircuitBreaker { _spec: spec })
    }

    pub(crate) async fn around<A: Attempts, N: Next<A>>(
        &self,
        cx: Context<A>,
        next: N,
    ) -> Outcome<A> {
        next.call(cx).await
    }
}
