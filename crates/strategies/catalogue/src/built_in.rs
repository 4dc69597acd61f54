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

/// Takes a strategy of the catalogue as what it is: [`BuiltIn::accept`] hands it out.
pub trait StrategyVisitor {
    /// What it makes of it.
    type Output;

    /// The strategy, by its type.
    fn visit<S>(self, strategy: S) -> Self::Output
    where
        S: Strategy + Clone + Send + Sync + 'static;
}

impl BuiltIn {
    /// Hands the strategy out as its own type, for those who run it many times: nothing then asks which
    /// of them it is.
    pub fn accept<V: StrategyVisitor>(self, visitor: V) -> V::Output {
        match self {
            BuiltIn::Sequential(strategy) => visitor.visit(strategy),
            BuiltIn::All(strategy) => visitor.visit(strategy),
            BuiltIn::AllSettled(strategy) => visitor.visit(strategy),
            BuiltIn::Bounded(strategy) => visitor.visit(strategy),
            BuiltIn::Chunked(strategy) => visitor.visit(strategy),
            BuiltIn::Any(strategy) => visitor.visit(strategy),
            BuiltIn::Race(strategy) => visitor.visit(strategy),
            BuiltIn::Quorum(strategy) => visitor.visit(strategy),
            BuiltIn::EagerInOrder(strategy) => visitor.visit(strategy),
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

#[cfg(test)]
mod tests {
    use awaitlab_bounded::OnError;
    use awaitlab_core::Rest;
    use awaitlab_tokio_runtime::script::{Call, fails, succeeds, transcript};

    use super::*;

    const REST: Rest = Rest::Orphan;

    /// One of each, in the order of [`Kind::ALL`].
    fn one_of_each() -> [BuiltIn; 9] {
        [
            BuiltIn::Sequential(Sequential::default()),
            BuiltIn::All(All::default()),
            BuiltIn::AllSettled(AllSettled),
            BuiltIn::Bounded(Bounded::new(2, OnError::Collect, REST).unwrap()),
            BuiltIn::Chunked(Chunked::new(2, awaitlab_chunked::OnError::Collect, REST).unwrap()),
            BuiltIn::Any(Any::default()),
            BuiltIn::Race(Race::default()),
            BuiltIn::Quorum(Quorum::new(2, REST).unwrap()),
            BuiltIn::EagerInOrder(EagerInOrder::default()),
        ]
    }

    fn settled(strategy: BuiltIn, calls: &[Call]) -> String {
        let lines = transcript(strategy, calls).lines();
        let answered = |line: &String| line.contains("fulfilled") || line.contains("rejected");
        format!(
            "{}: {}",
            strategy.kind().name(),
            lines.into_iter().find(answered).unwrap()
        )
    }

    /// No two do the same on both jobs, so a wrong arm of a match would show.
    #[test]
    fn each_runs_as_the_one_it_is() {
        let calls = [succeeds(300), fails(200), succeeds(100), succeeds(50)];
        assert_eq!(
            one_of_each().map(|strategy| settled(strategy, &calls)),
            [
                "sequential: 650: 3 ok, fulfilled", // 300 + 200 + 100 + 50
                "all: 200: 1 failed, rejected by 1",
                "all-settled: 300: 0 ok, fulfilled",
                "bounded: 350: 3 ok, fulfilled", // call 2 from 200 to 300, call 3 from there
                "chunked: 400: 2 ok, fulfilled", // 300 + 100
                "any: 50: 3 ok, fulfilled",
                "race: 50: 3 ok, fulfilled",
                "quorum: 100: 2 ok, fulfilled",
                "eager-in-order: 300: 0 ok, rejected by 1",
            ]
        );
        let calls = [succeeds(20), fails(10)];
        let [.., any, race, _, _] = one_of_each().map(|strategy| settled(strategy, &calls));
        assert_eq!(any, "any: 20: 0 ok, fulfilled");
        assert_eq!(race, "race: 10: 1 failed, rejected by 1");
    }

    #[test]
    fn only_the_first_few_are_wanted_of_any_race_and_quorum() {
        let wanted = one_of_each().map(|strategy| strategy.wanted(5));
        assert_eq!(wanted, [5, 5, 5, 5, 5, 1, 1, 2, 5]);
    }

    #[test]
    fn a_race_and_a_quorum_need_calls() {
        let refused: Vec<CallsError> = one_of_each()
            .iter()
            .filter_map(|strategy| strategy.check_calls(0).err())
            .collect();
        assert_eq!(
            refused,
            [
                CallsError::NoCalls(Kind::Race),
                CallsError::NoCalls(Kind::Quorum)
            ]
        );
    }

    #[test]
    fn a_quorum_of_all_calls_is_possible_and_of_one_more_is_not() {
        let quorum = BuiltIn::Quorum(Quorum::new(3, REST).unwrap());
        assert_eq!(quorum.check_calls(3), Ok(()));
        assert_eq!(
            quorum.check_calls(2),
            Err(CallsError::NeedsMoreThanCalls { need: 3, calls: 2 })
        );
    }
}
