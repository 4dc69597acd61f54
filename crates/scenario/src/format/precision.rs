//! `precision`: how narrow intervals are to be, instead of how often to repeat.
//!
//! Replications are then added until the intervals are as narrow as that, and `replications` is the
//! most that may be run.

use crate::document::Table;
use crate::problem::Problems;
use crate::shape::{Key, Shape};

const PRECISION: &str = "precision";

/// Fewer replications have intervals too wide to go by: with two of them, 12.7 standard errors.
pub(super) const LEAST_REPLICATIONS: u64 = 10;

pub(super) fn key() -> Key {
    Key::optional(
        PRECISION,
        Shape::Part,
        "adds replications until half the interval of the metric of [compare] is at most this part \
         of its value, in every variant under every strategy; replications is then their maximum",
    )
}

/// Whether a file asks for it, rightly or not.
pub(super) fn is_asked(root: &Table) -> bool {
    root.has(PRECISION)
}

/// The half-width that is asked for, as a share of the value.
pub(super) fn build(root: &Table, problems: &mut Problems) -> Option<f64> {
    let node = root.get(PRECISION)?;
    let precision = node.as_number()?;
    if precision == 0.0 {
        problems.at(
            node.place,
            "can never be reached: an interval has a width where anything varies",
        );
    }
    if let Some(most) = root.integer("replications")
        && most < LEAST_REPLICATIONS
    {
        let rule = format!(
            "can never be reached: it takes at least {LEAST_REPLICATIONS} replications, and there \
             are at most {most}"
        );
        problems.at(node.place, rule);
    }
    Some(precision)
}
