//! What there is to say about a fan-out, at its two ends.

/// What came of a fan-out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome<T, E> {
    /// What the strategy answered.
    pub settled: Settled<T, E>,
    /// Calls whose failure nobody had awaited by then.
    pub unhandled: Vec<usize>,
}

/// What a strategy answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled<T, E> {
    /// By call, the results the strategy had seen; `None` for a call that it did not wait for.
    Fulfilled(Vec<Option<Result<T, E>>>),
    /// The error of one call; every other result is lost.
    Rejected {
        /// Whose error it is.
        call: usize,
        /// The error.
        error: E,
    },
    /// Every error and its call, in the order in which they came.
    RejectedWithAll(Vec<(usize, E)>),
    /// The strategy ended without an answer (a race of no calls), or the work was dropped.
    NeverSettled,
}

/// What is left to say when the last call of a fan-out has ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drained {
    /// How many calls were started.
    pub started: usize,
    /// Calls whose failure nobody awaited.
    pub unhandled: Vec<usize>,
}
