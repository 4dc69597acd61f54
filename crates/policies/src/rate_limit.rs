//! Lets so many calls through per time.

use std::time::Duration;

use thiserror::Error;

use crate::attempts::{Attempts, Outcome};
use crate::context::Context;
use crate::nested::Next;

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
    _spec: RateLimitSpec,
}

impl RateLimit {
    pub(crate) fn new(spec: RateLimitSpec) -> Result<Self, RateLimitError> {
        Ok(RateLimit { _spec: spec })
    }

    pub(crate) async fn around<A: Attempts, N: Next<A>>(
        &self,
        cx: Context<A>,
        next: N,
    ) -> Outcome<A> {
        next.call(cx).await
    }
}
