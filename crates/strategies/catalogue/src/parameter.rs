//! What there is to say about a parameter: to a list, a schema, an error message.

use awaitlab_bounded::OnError as BoundedOnError;
use awaitlab_chunked::OnError as ChunkedOnError;
use awaitlab_core::Rest;
use awaitlab_sequential::OnError as SequentialOnError;

/// A parameter of a strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParameterInfo {
    /// Its key in a scenario.
    pub name: &'static str,
    /// What it decides, in a line.
    pub doc: &'static str,
    /// What it can be.
    pub values: Values,
}

/// What a parameter can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// A whole number of at least 1. It has no default: it must be given.
    Count,
    /// One of these words; the first is the default.
    OneOf(&'static [&'static str]),
}

impl Values {
    /// The words it can be; none for a number.
    pub const fn words(self) -> &'static [&'static str] {
        match self {
            Values::Count => &[],
            Values::OneOf(words) => words,
        }
    }
}

pub(crate) const LIMIT: ParameterInfo = ParameterInfo {
    name: "limit",
    doc: "calls in flight at most",
    values: Values::Count,
};

pub(crate) const SIZE: ParameterInfo = ParameterInfo {
    name: "size",
    doc: "calls per slice",
    values: Values::Count,
};

pub(crate) const NEED: ParameterInfo = ParameterInfo {
    name: "need",
    doc: "successes that are enough, at most the job's calls",
    values: Values::Count,
};

pub(crate) const REST: ParameterInfo = ParameterInfo {
    name: "rest",
    doc: "what becomes of the calls in flight when the job settles",
    values: Values::OneOf(&[Rest::Orphan.name(), Rest::Cancel.name()]),
};

pub(crate) const SEQUENTIAL_ON_ERROR: ParameterInfo = ParameterInfo {
    name: "on-error",
    doc: "what a failure does to the calls behind it",
    values: Values::OneOf(&[
        SequentialOnError::Isolate.name(),
        SequentialOnError::Stop.name(),
    ]),
};

pub(crate) const BOUNDED_ON_ERROR: ParameterInfo = ParameterInfo {
    name: "on-error",
    doc: "what a failure does to the pool",
    values: Values::OneOf(&[
        BoundedOnError::Collect.name(),
        BoundedOnError::Stop.name(),
        BoundedOnError::ClearQueue.name(),
        BoundedOnError::LoseWorker.name(),
        BoundedOnError::KeepStarting.name(),
        BoundedOnError::RejectAtEnd.name(),
    ]),
};

pub(crate) const CHUNKED_ON_ERROR: ParameterInfo = ParameterInfo {
    name: "on-error",
    doc: "what a failure does to the slices behind it",
    values: Values::OneOf(&[ChunkedOnError::Collect.name(), ChunkedOnError::Stop.name()]),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_a_strategy_has_can_be_named() {
        assert_eq!(REST.values.words(), Rest::ALL.map(Rest::name));
        assert_eq!(
            SEQUENTIAL_ON_ERROR.values.words(),
            SequentialOnError::ALL.map(SequentialOnError::name)
        );
        assert_eq!(
            BOUNDED_ON_ERROR.values.words(),
            BoundedOnError::ALL.map(BoundedOnError::name)
        );
        assert_eq!(
            CHUNKED_ON_ERROR.values.words(),
            ChunkedOnError::ALL.map(ChunkedOnError::name)
        );
    }

    #[test]
    fn the_first_word_is_the_default() {
        assert_eq!(REST.values.words()[0], Rest::default().name());
        assert_eq!(
            SEQUENTIAL_ON_ERROR.values.words()[0],
            SequentialOnError::default().name()
        );
        assert_eq!(
            BOUNDED_ON_ERROR.values.words()[0],
            BoundedOnError::default().name()
        );
        assert_eq!(
            CHUNKED_ON_ERROR.values.words()[0],
            ChunkedOnError::default().name()
        );
    }
}
