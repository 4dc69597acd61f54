//! Counts as results: rows, comparisons, and what came of the scenario's expectations.

pub(crate) mod compare;
pub(crate) mod expect;
pub(crate) mod notes;
pub(crate) mod policies;
pub(crate) mod precision;
pub(crate) mod rows;
