//! Tries again after a failure.

use std::time::Duration;

use awaitlab_core::ErrorClass;
use thiserror::Error;

use crate::attempts::{Attempts, Outcome};
use crate::budget::{BudgetError, BudgetSpec};
use crate::context::Context;
use crate::nested::Next;

/// A retry.
#[derive(Clone, Debug, PartialEq)]
pub struct RetrySpec {
    /// Attempts in all, the first included; `None`: until one succeeds.
    pub attempts: Option<u32>,
    /// The delay before the second, third, … attempt.
    pub backoff: Backoff,
    /// What chance makes of it.
    pub jitter: Jitter,
    /// Which failures are tried again.
    pub on: Vec<RetryOn>,
    /// Whether a delay that the service asks for is kept where it is the longer one.
    pub honour_retry_after: bool,
    /// What bounds the retries of all calls together.
    pub budget: Option<BudgetSpec>,
}

/// The delay before the k-th retry, k from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    /// The first delay; 0 is allowed.
    pub base: Duration,
    /// How it grows.
    pub growth: Growth,
    /// No longer than this.
    pub cap: Option<Duration>,
}

/// How a backoff grows from retry to retry, k from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Growth {
    /// Always the base.
    Constant,
    /// base x (k + 1).
    Linear,
    /// base x factor^k.
    Exponential {
        /// At least 1.
        factor: f64,
    },
}

/// What chance makes of a backoff `b` (the words of Brooker, "Exponential Backoff And Jitter", 2015).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Jitter {
    /// `b`.
    #[default]
    None,
    /// U(0, b).
    Full,
    /// b/2 + U(0, b/2).
    Equal,
    /// min(cap, U(base, 3 x previous)), previous beginning at base.
    Decorrelated,
}

/// A failure that is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryOn {
    /// Every failure of a class.
    Class(ErrorClass),
    /// An error with this status.
    Status(u16),
}

/// Why there is no such retry.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum RetryError {
    /// No attempt at all.
    #[error("a retry makes at least one attempt")]
    NoAttempt,
    /// The factor is below 1 or no number.
    #[error("the factor of a backoff must be at least 1")]
    Factor,
    /// The budget has no meaning.
    #[error(transparent)]
    Budget(#[from] BudgetError),
}

/// A retry with its budget.
pub(crate) struct Retry {
    _spec: RetrySpec,
}

impl Retry {
    pub(crate) fn new(spec: RetrySpec) -> Result<Self, RetryError> {
        Ok(Retry { _spec: spec })
    }

    pub(crate) async fn around<A: Attempts, N: Next<A>>(
        &self,
        cx: Context<A>,
        next: N,
    ) -> Outcome<A> {
        next.call(cx).await
    }
}
