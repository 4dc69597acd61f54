//! What came of the precision that was asked for.

use awaitlab_record::summary::{Precision, Summary};

use crate::columns;
use crate::figures;

/// `Precision of 2 % of the mean settle time: reached, at most 1.9 % (A).` `name` writes a name.
pub(crate) fn said(
    summary: &Summary,
    precision: &Precision,
    name: impl Fn(&str) -> String,
) -> String {
    let within = if columns::has_variants(summary) {
        format!(" in {}", name(&precision.variant))
    } else {
        String::new()
    };
    let whose = format!("{}{within}", name(&precision.strategy));
    let outcome = match (precision.reached, precision.widest) {
        (true, Some(widest)) => {
            format!("reached, at most ±{} ({whose})", figures::percent(widest))
        }
        (_, Some(widest)) => {
            format!("NOT reached, ±{} ({whose})", figures::percent(widest))
        }
        (_, None) => format!("NOT reached, {whose} has no interval"),
    };
    format!(
        "Precision of ±{} asked for, {}: {outcome}",
        figures::percent(precision.asked),
        columns::spoken(&precision.metric)
    )
}
