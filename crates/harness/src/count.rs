//! What jobs and everything around them add up to.
//!
//! Exact integers throughout: it does not matter which thread counted what, or in which order the
//! threads' counts are merged.

pub(crate) mod around;
pub(crate) mod measures;
pub(crate) mod paired;
pub(crate) mod policies;
pub(crate) mod recorder;
pub(crate) mod recovery;
pub(crate) mod series;
pub(crate) mod tally;
