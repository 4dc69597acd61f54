//! Lets so many calls through at once.

use std::time::Duration;

use thiserror::Error;

use crate::attempts::{Attempts, Outcome};
use crate::context::Context;
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
    _spec: BulkheadSpec,
}

impl Bulkhead {
    pub(crate) fn new(spec: BulkheadSpec) -> Result<Self, BulkheadError> {
        Ok(Bulkhead { _spec: spec })
    }

    pub(crate) async fn around<A: Attempts, N: Next<A>>(
        &self,
        cx: Context<A>,
        next: N,
    ) -> Outcome<A> {
        next.call(cx).await
    }
}
