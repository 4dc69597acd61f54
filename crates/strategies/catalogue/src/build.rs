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
