//! One of the nine, as a type.

use awaitlab_all::All;
use awaitlab_all_settled::AllSettled;
use awaitlab_any::Any;
use awaitlab_bounded::Bounded;
use awaitlab_chunked::Chunked;
use awaitlab_core::{Job, Strategy};
use awaitlab_eager_in_order::EagerInOrder;
use awaitlab_quorum::Quorum;
use awaitlab_race::Race;
use awaitlab_sequential::Sequential;
use thiserror::Error;

use crate::kind::Kind;

/// A built-in strategy with its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuiltIn {
    /// One call after another.
    Sequential(Sequential),
    /// Everything at once, and all or nothing.
    All(All),
    /// Everything at once, whatever comes of it.
    AllSettled(AllSettled),
    /// A few at a time.
    Bounded(Bounded),
    /// Slice by slice.
    Chunked(Chunked),
    /// The first success.
    Any(Any),
    /// The first end, good or bad.
    Race(Race),
    /// The first few successes.
    Quorum(Quorum),
    /// Started together, awaited one by one.
    EagerInOrder(EagerInOrder),
}

/// Why a strategy has no meaning for a job of so many calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CallsError {
    /// A race or a quorum of no calls.
    #[error("{} of a job without calls would never have an answer", .0.name())]
    NoCalls(Kind),
    /// A quorum that needs more successes than there are calls.
    #[error("quorum needs {need} successes of a job of {calls} calls")]
    NeedsMoreThanCalls {
        /// The successes it needs.
        need: usize,
        /// The calls there are.
        calls: usize,
    },
}

impl BuiltIn {
    /// Which of the nine it is.
    pub const fn kind(&self) -> Kind {
        match self {
            BuiltIn::Sequential(_) => Kind::Sequential,
            BuiltIn::All(_) => Kind::All,
            BuiltIn::AllSettled(_) => Kind::AllSettled,
            BuiltIn::Bounded(_) => Kind::Bounded,
            BuiltIn::Chunked(_) => Kind::Chunked,
            BuiltIn::Any(_) => Kind::Any,
            BuiltIn::Race(_) => Kind::Race,
            BuiltIn::Quorum(_) => Kind::Quorum,
            BuiltIn::EagerInOrder(_) => Kind::EagerInOrder,
        }
    }

    /// Whether it has a meaning for a job of `calls` calls.
    ///
    /// # Errors
    /// For a race or a quorum without calls, and for a quorum that needs more than there are.
    pub const fn check_calls(&self, calls: usize) -> Result<(), CallsError> {
        match self {
            BuiltIn::Race(_) | BuiltIn::Quorum(_) if calls == 0 => {
                Err(CallsError::NoCalls(self.kind()))
            }
            BuiltIn::Quorum(quorum) if quorum.need() > calls => {
                Err(CallsError::NeedsMoreThanCalls {
                    need: quorum.need(),
                    calls,
                })
            }
            _ => Ok(()),
        }
    }
}

impl Strategy for BuiltIn {
    fn wanted(&self, calls: usize) -> usize {
        match self {
            BuiltIn::Sequential(strategy) => strategy.wanted(calls),
            BuiltIn::All(strategy) => strategy.wanted(calls),
            BuiltIn::AllSettled(strategy) => strategy.wanted(calls),
            BuiltIn::Bounded(strategy) => strategy.wanted(calls),
            BuiltIn::Chunked(strategy) => strategy.wanted(calls),
            BuiltIn::Any(strategy) => strategy.wanted(calls),
            BuiltIn::Race(strategy) => strategy.wanted(calls),
            BuiltIn::Quorum(strategy) => strategy.wanted(calls),
            BuiltIn::EagerInOrder(strategy) => strategy.wanted(calls),
        }
    }

    async fn run<J: Job>(&self, job: &mut J) {
        match self {
            BuiltIn::Sequential(strategy) => strategy.run(job).await,
            BuiltIn::All(strategy) => strategy.run(job).await,
            BuiltIn::AllSettled(strategy) => strategy.run(job).await,
            BuiltIn::Bounded(strategy) => strategy.run(job).await,
            BuiltIn::Chunked(strategy) => strategy.run(job).await,
            BuiltIn::Any(strategy) => strategy.run(job).await,
            BuiltIn::Race(strategy) => strategy.run(job).await,
            BuiltIn::Quorum(strategy) => strategy.run(job).await,
            BuiltIn::EagerInOrder(strategy) => strategy.run(job).await,
        }
    }
}
