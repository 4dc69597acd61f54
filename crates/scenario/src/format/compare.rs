//! `[compare]`: which strategies are compared, on what.

use crate::document::Table;
use crate::problem::Problems;
use crate::scenario::Compare;
use crate::shape::{self, Key, Shape, Text};

use super::Names;

/// What strategies are compared on where nothing is said.
const METRIC: &str = "settle_ms.mean";

pub(super) fn shape() -> shape::Table {
    let keys = vec![
        Key::optional(
            "baseline",
            Shape::Text(Text::Reference),
            "the strategy that the others are compared to; the first when absent",
        ),
        Key::optional(
            "metric",
            Shape::Text(Text::Figure),
            "the figure that decides, or a measure, as in measures.NAME; settle_ms.mean when absent",
        ),
        Key::optional(
            "matters",
            Shape::Percent,
            "the smallest difference that matters, relative to the baseline",
        ),
    ];
    shape::Table::plain("compare", "How strategies are compared.", keys)
}

pub(super) fn build(
    table: Option<&Table>,
    strategies: &Names,
    measures: &Names,
    problems: &mut Problems,
) -> Option<Compare> {
    let get = |key| table.and_then(|table| table.get(key));
    let baseline = match get("baseline") {
        Some(reference) => strategies.find(reference, problems)?,
        None => 0,
    };
    if let Some(metric) = get("metric") {
        measures.check_figure(metric, problems);
    }
    let metric = get("metric")
        .map_or(Some(METRIC), |metric| metric.as_text())?
        .to_owned();
    Some(Compare {
        baseline,
        metric,
        matters: get("matters").and_then(|node| node.as_number()),
    })
}
