//! A policy of any kind: as it is specified, and with its state.

use crate::adaptive::{AdaptiveLimit, AdaptiveSpec};
use crate::breaker::{BreakerSpec, CircuitBreaker};
use crate::bulkhead::{Bulkhead, BulkheadSpec};
use crate::fallback::Fallback;
use crate::hedge::{Hedge, HedgeSpec};
use crate::rate_limit::{RateLimit, RateLimitSpec};
use crate::retry::{Retry, RetrySpec};
use crate::stack::RuleBroken;
use crate::timeout::Timeout;

/// A policy, without its state.
#[derive(Clone, Debug, PartialEq)]
pub enum PolicySpec {
    /// Gives up when a time has passed.
    Timeout(Timeout),
    /// Tries again after a failure.
    Retry(RetrySpec),
    /// Sends a second attempt when the first is slow.
    Hedge(HedgeSpec),
    /// Refuses while too much fails.
    CircuitBreaker(BreakerSpec),
    /// Lets so many through per time.
    RateLimit(RateLimitSpec),
    /// Lets so many through at once.
    Bulkhead(BulkheadSpec),
    /// Lets so many through at once as seem to be good for the service.
    AdaptiveLimit(AdaptiveSpec),
    /// Answers something else after a failure.
    Fallback(Fallback),
}

/// Which policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// See [`crate::timeout`].
    Timeout,
    /// See [`crate::retry`].
    Retry,
    /// See [`crate::hedge`].
    Hedge,
    /// See [`crate::breaker`].
    CircuitBreaker,
    /// See [`crate::rate_limit`].
    RateLimit,
    /// See [`crate::bulkhead`].
    Bulkhead,
    /// See [`crate::adaptive`].
    AdaptiveLimit,
    /// See [`crate::fallback`].
    Fallback,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 8] = [
        Kind::Timeout,
        Kind::Retry,
        Kind::Hedge,
        Kind::CircuitBreaker,
        Kind::RateLimit,
        Kind::Bulkhead,
        Kind::AdaptiveLimit,
        Kind::Fallback,
    ];

    /// Its name in a scenario.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Timeout => "timeout",
            Kind::Retry => "retry",
            Kind::Hedge => "hedge",
            Kind::CircuitBreaker => "circuit-breaker",
            Kind::RateLimit => "rate-limit",
            Kind::Bulkhead => "bulkhead",
            Kind::AdaptiveLimit => "adaptive-limit",
            Kind::Fallback => "fallback",
        }
    }

    /// A line that says what it does.
    pub const fn summary(self) -> &'static str {
        match self {
            Kind::Timeout => "Gives up when a time has passed.",
            Kind::Retry => "Tries again after a failure.",
            Kind::Hedge => "Sends a second attempt when the first is slow.",
            Kind::CircuitBreaker => "Refuses while too much fails.",
            Kind::RateLimit => "Lets so many through per time.",
            Kind::Bulkhead => "Lets so many through at once.",
            Kind::AdaptiveLimit => "Lets through at once what the service seems to take.",
            Kind::Fallback => "Answers something else after a failure.",
        }
    }
}

impl PolicySpec {
    /// Which policy it is.
    pub const fn kind(&self) -> Kind {
        match self {
            PolicySpec::Timeout(_) => Kind::Timeout,
            PolicySpec::Retry(_) => Kind::Retry,
            PolicySpec::Hedge(_) => Kind::Hedge,
            PolicySpec::CircuitBreaker(_) => Kind::CircuitBreaker,
            PolicySpec::RateLimit(_) => Kind::RateLimit,
            PolicySpec::Bulkhead(_) => Kind::Bulkhead,
            PolicySpec::AdaptiveLimit(_) => Kind::AdaptiveLimit,
            PolicySpec::Fallback(_) => Kind::Fallback,
        }
    }

    /// The policy with fresh state.
    pub(crate) fn build(&self) -> Result<Policy, RuleBroken> {
        Ok(match self {
            PolicySpec::Timeout(spec) => Policy::Timeout(*spec),
            PolicySpec::Retry(spec) => Policy::Retry(Retry::new(spec.clone())?),
            PolicySpec::Hedge(spec) => Policy::Hedge(Hedge::new(spec.clone())?),
            PolicySpec::CircuitBreaker(spec) => Policy::CircuitBreaker(CircuitBreaker::new(*spec)?),
            PolicySpec::RateLimit(spec) => Policy::RateLimit(RateLimit::new(*spec)?),
            PolicySpec::Bulkhead(spec) => Policy::Bulkhead(Bulkhead::new(*spec)?),
            PolicySpec::AdaptiveLimit(spec) => Policy::AdaptiveLimit(AdaptiveLimit::new(*spec)?),
            PolicySpec::Fallback(spec) => Policy::Fallback(*spec),
        })
    }
}

/// A policy with its state.
pub(crate) enum Policy {
    Timeout(Timeout),
    Retry(Retry),
    Hedge(Hedge),
    CircuitBreaker(CircuitBreaker),
    RateLimit(RateLimit),
    Bulkhead(Bulkhead),
    AdaptiveLimit(AdaptiveLimit),
    Fallback(Fallback),
}
