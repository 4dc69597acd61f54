//! From what a file says to a strategy, or to what is wrong with it.

use awaitlab_all::All;
use awaitlab_all_settled::AllSettled;
use awaitlab_any::Any;
use awaitlab_bounded::{Bounded, BoundedError, OnError as BoundedOnError};
use awaitlab_chunked::{Chunked, ChunkedError, OnError as ChunkedOnError};
use awaitlab_core::Rest;
use awaitlab_eager_in_order::EagerInOrder;
use awaitlab_quorum::{Quorum, QuorumError};
use awaitlab_race::Race;
use awaitlab_sequential::{OnError as SequentialOnError, Sequential};
use thiserror::Error;

use crate::built_in::BuiltIn;
use crate::kind::Kind;

/// What a strategy is given besides its kind; `None` where nothing was said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    /// `limit`: calls in flight at most.
    pub limit: Option<u64>,
    /// `size`: calls per slice.
    pub size: Option<u64>,
    /// `need`: successes that are enough.
    pub need: Option<u64>,
    /// `on-error`: what a failure does.
    pub on_error: Option<String>,
    /// `rest`: what becomes of the calls in flight when the job settles.
    pub rest: Option<Rest>,
}

/// Why a kind and its parameters make no strategy.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BuildError {
    /// The kind takes no such parameter.
    #[error("{} takes no {parameter}{}", .kind.name(), taken(*.kind))]
    NotTaken {
        /// The kind.
        kind: Kind,
        /// The parameter's key.
        parameter: &'static str,
    },
    /// The parameter has no default and was not given.
    #[error("{} needs {parameter}", .kind.name())]
    Missing {
        /// The kind.
        kind: Kind,
        /// The parameter's key.
        parameter: &'static str,
    },
    /// The parameter counts something, and is 0.
    #[error("{parameter} must be at least 1")]
    Zero {
        /// The parameter's key.
        parameter: &'static str,
    },
    /// The parameter is one of a few words, and this is none of them.
    #[error("{parameter} of {} is {value:?}; it can be {}", .kind.name(), .allowed.join(", "))]
    UnknownValue {
        /// The kind.
        kind: Kind,
        /// The parameter's key.
        parameter: &'static str,
        /// What was given.
        value: String,
        /// What can be given.
        allowed: &'static [&'static str],
    },
    /// `rest` is cancel and `on-error` is one that goes on after the job rejected.
    #[error("rest \"cancel\" contradicts on-error {on_error:?}, which goes on after rejecting")]
    Contradiction {
        /// The name of the `on-error`.
        on_error: &'static str,
    },
}

impl BuildError {
    /// The key to point at. Of a missing one, the key that is missing.
    pub const fn parameter(&self) -> &'static str {
        match self {
            BuildError::NotTaken { parameter, .. }
            | BuildError::Missing { parameter, .. }
            | BuildError::Zero { parameter }
            | BuildError::UnknownValue { parameter, .. } => parameter,
            BuildError::Contradiction { .. } => "rest",
        }
    }
}

/// The strategy of that kind with those parameters.
///
/// # Errors
/// The first rule that is broken: a parameter the kind does not take, one that is missing, 0 or
/// unknown, and last two that contradict each other.
pub fn build(kind: Kind, parameters: &Parameters) -> Result<BuiltIn, BuildError> {
    for (parameter, given) in parameters.given() {
        if given && !kind.takes(parameter) {
            return Err(BuildError::NotTaken { kind, parameter });
        }
    }
    let rest = parameters.rest.unwrap_or_default();
    Ok(match kind {
        Kind::Sequential => {
            let on_error =
                parameters.on_error(kind, &SequentialOnError::ALL, SequentialOnError::name)?;
            BuiltIn::Sequential(Sequential { on_error })
        }
        Kind::All => BuiltIn::All(All { rest }),
        Kind::AllSettled => BuiltIn::AllSettled(AllSettled),
        Kind::Bounded => {
            let limit = count(kind, "limit", parameters.limit)?;
            let on_error = parameters.on_error(kind, &BoundedOnError::ALL, BoundedOnError::name)?;
            BuiltIn::Bounded(Bounded::new(limit, on_error, rest)?)
        }
        Kind::Chunked => {
            let size = count(kind, "size", parameters.size)?;
            let on_error = parameters.on_error(kind, &ChunkedOnError::ALL, ChunkedOnError::name)?;
            BuiltIn::Chunked(Chunked::new(size, on_error, rest)?)
        }
        Kind::Any => BuiltIn::Any(Any { rest }),
        Kind::Race => BuiltIn::Race(Race { rest }),
        Kind::Quorum => BuiltIn::Quorum(Quorum::new(count(kind, "need", parameters.need)?, rest)?),
        Kind::EagerInOrder => BuiltIn::EagerInOrder(EagerInOrder { rest }),
    })
}

impl Parameters {
    fn given(&self) -> [(&'static str, bool); 5] {
        [
            ("limit", self.limit.is_some()),
            ("size", self.size.is_some()),
            ("need", self.need.is_some()),
            ("on-error", self.on_error.is_some()),
            ("rest", self.rest.is_some()),
        ]
    }

    /// The choice of that name, or the kind's default.
    fn on_error<T: Copy + Default>(
        &self,
        kind: Kind,
        choices: &[T],
        name: fn(T) -> &'static str,
    ) -> Result<T, BuildError> {
        let Some(value) = &self.on_error else {
            return Ok(T::default());
        };
        let named = choices
            .iter()
            .copied()
            .find(|&choice| name(choice) == value);
        named.ok_or_else(|| BuildError::UnknownValue {
            kind,
            parameter: "on-error",
            value: value.clone(),
            allowed: words(kind, "on-error"),
        })
    }
}

impl From<BoundedError> for BuildError {
    fn from(error: BoundedError) -> Self {
        match error {
            BoundedError::ZeroLimit => BuildError::Zero { parameter: "limit" },
            BoundedError::CancelsWhatGoesOn(on_error) => BuildError::Contradiction {
                on_error: on_error.name(),
            },
        }
    }
}

impl From<ChunkedError> for BuildError {
    fn from(error: ChunkedError) -> Self {
        match error {
            ChunkedError::ZeroSize => BuildError::Zero { parameter: "size" },
        }
    }
}

impl From<QuorumError> for BuildError {
    fn from(error: QuorumError) -> Self {
        match error {
            QuorumError::ZeroNeed => BuildError::Zero { parameter: "need" },
        }
    }
}

/// A count that must be given. More than the machine can count is as good as no bound.
fn count(kind: Kind, parameter: &'static str, given: Option<u64>) -> Result<usize, BuildError> {
    let count = given.ok_or(BuildError::Missing { kind, parameter })?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

fn words(kind: Kind, parameter: &str) -> &'static [&'static str] {
    let info = kind.parameters().iter().find(|info| info.name == parameter);
    info.map_or(&[], |info| info.values.words())
}

fn taken(kind: Kind) -> String {
    let names: Vec<&str> = kind.parameters().iter().map(|info| info.name).collect();
    if names.is_empty() {
        " or any other parameter".to_owned()
    } else {
        format!("; it takes {}", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every count the kind must be given, and nothing else.
    fn least(kind: Kind) -> Parameters {
        let needs = |parameter| kind.takes(parameter).then_some(2);
        Parameters {
            limit: needs("limit"),
            size: needs("size"),
            need: needs("need"),
            ..Parameters::default()
        }
    }

    #[test]
    fn the_least_that_must_be_given_makes_every_kind_with_its_defaults() {
        for kind in Kind::ALL {
            assert_eq!(
                build(kind, &least(kind)).map(|built| built.kind()),
                Ok(kind)
            );
        }
        let pool = Bounded::new(2, BoundedOnError::Collect, Rest::Orphan).unwrap();
        assert_eq!(
            build(Kind::Bounded, &least(Kind::Bounded)),
            Ok(BuiltIn::Bounded(pool))
        );
        let isolating = Sequential {
            on_error: SequentialOnError::Isolate,
        };
        assert_eq!(
            build(Kind::Sequential, &Parameters::default()),
            Ok(BuiltIn::Sequential(isolating))
        );
    }

    #[test]
    fn every_parameter_reaches_its_strategy() {
        let parameters = Parameters {
            limit: Some(7),
            on_error: Some("clear-queue".to_owned()),
            rest: Some(Rest::Cancel),
            ..Parameters::default()
        };
        let pool = Bounded::new(7, BoundedOnError::ClearQueue, Rest::Cancel).unwrap();
        assert_eq!(
            build(Kind::Bounded, &parameters),
            Ok(BuiltIn::Bounded(pool))
        );

        let parameters = Parameters {
            size: Some(5),
            on_error: Some("stop".to_owned()),
            rest: Some(Rest::Cancel),
            ..Parameters::default()
        };
        let slices = Chunked::new(5, ChunkedOnError::Stop, Rest::Cancel).unwrap();
        assert_eq!(
            build(Kind::Chunked, &parameters),
            Ok(BuiltIn::Chunked(slices))
        );

        let parameters = Parameters {
            need: Some(3),
            rest: Some(Rest::Cancel),
            ..Parameters::default()
        };
        let quorum = Quorum::new(3, Rest::Cancel).unwrap();
        assert_eq!(
            build(Kind::Quorum, &parameters),
            Ok(BuiltIn::Quorum(quorum))
        );

        let cancel = Parameters {
            rest: Some(Rest::Cancel),
            ..Parameters::default()
        };
        let rest = Rest::Cancel;
        assert_eq!(build(Kind::All, &cancel), Ok(BuiltIn::All(All { rest })));
        assert_eq!(build(Kind::Any, &cancel), Ok(BuiltIn::Any(Any { rest })));
        assert_eq!(build(Kind::Race, &cancel), Ok(BuiltIn::Race(Race { rest })));
        assert_eq!(
            build(Kind::EagerInOrder, &cancel),
            Ok(BuiltIn::EagerInOrder(EagerInOrder { rest }))
        );
    }

    #[test]
    fn a_parameter_of_another_kind_is_refused() {
        let all = |parameters| build(Kind::All, &parameters);
        let limit = Parameters {
            limit: Some(2),
            ..Parameters::default()
        };
        let not_taken = BuildError::NotTaken {
            kind: Kind::All,
            parameter: "limit",
        };
        assert_eq!(all(limit), Err(not_taken.clone()));
        assert_eq!(not_taken.to_string(), "all takes no limit; it takes rest");

        let on_error = Parameters {
            on_error: Some("stop".to_owned()),
            ..Parameters::default()
        };
        assert_eq!(
            all(on_error),
            Err(BuildError::NotTaken {
                kind: Kind::All,
                parameter: "on-error"
            })
        );
        let rest = Parameters {
            rest: Some(Rest::Orphan),
            ..Parameters::default()
        };
        let not_taken = BuildError::NotTaken {
            kind: Kind::AllSettled,
            parameter: "rest",
        };
        assert_eq!(build(Kind::AllSettled, &rest), Err(not_taken.clone()));
        assert_eq!(
            not_taken.to_string(),
            "all-settled takes no rest or any other parameter"
        );
    }

    #[test]
    fn a_count_must_be_given_and_at_least_one() {
        for (kind, parameter) in [
            (Kind::Bounded, "limit"),
            (Kind::Chunked, "size"),
            (Kind::Quorum, "need"),
        ] {
            assert_eq!(
                build(kind, &Parameters::default()),
                Err(BuildError::Missing { kind, parameter })
            );
            let zero = |given: Option<u64>| given.map(|_| 0);
            let Parameters {
                limit, size, need, ..
            } = least(kind);
            let zero = Parameters {
                limit: zero(limit),
                size: zero(size),
                need: zero(need),
                ..Parameters::default()
            };
            assert_eq!(build(kind, &zero), Err(BuildError::Zero { parameter }));
        }
    }

    #[test]
    fn an_unknown_on_error_is_answered_with_what_there_is() {
        // A word of `bounded`, but not of `chunked`.
        let parameters = Parameters {
            on_error: Some("lose-worker".to_owned()),
            ..least(Kind::Chunked)
        };
        let error = build(Kind::Chunked, &parameters).unwrap_err();
        assert_eq!(
            error,
            BuildError::UnknownValue {
                kind: Kind::Chunked,
                parameter: "on-error",
                value: "lose-worker".to_owned(),
                allowed: &["collect", "stop"],
            }
        );
        assert_eq!(
            error.to_string(),
            "on-error of chunked is \"lose-worker\"; it can be collect, stop"
        );
        assert_eq!(error.parameter(), "on-error");
    }

    #[test]
    fn cancelling_contradicts_what_goes_on_after_rejecting() {
        for on_error in ["keep-starting", "lose-worker"] {
            let parameters = Parameters {
                on_error: Some(on_error.to_owned()),
                rest: Some(Rest::Cancel),
                ..least(Kind::Bounded)
            };
            let error = build(Kind::Bounded, &parameters).unwrap_err();
            assert_eq!(error, BuildError::Contradiction { on_error });
            assert_eq!(error.parameter(), "rest");
        }
    }
}
