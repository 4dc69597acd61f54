//! `[[expect]]`: a figure that must lie within bounds, or the run says so.

use crate::document::Node;
use crate::problem::Problems;
use crate::scenario::Expect;
use crate::shape::{self, Bounds, Key, Shape, Text};

use super::Names;

pub(super) fn list() -> Shape {
    Shape::list(Shape::Table(shape), 0, usize::MAX, "expectations")
}

fn shape() -> shape::Table {
    let number = || Shape::Number(Bounds::Finite);
    let keys = vec![
        Key::required(
            "strategy",
            Shape::Text(Text::Reference),
            "the strategy it is said of",
        ),
        Key::optional(
            "variant",
            Shape::Text(Text::Reference),
            "the variant it is said of; every one when absent",
        ),
        Key::required(
            "metric",
            Shape::Text(Text::Figure),
            "a figure of summary.json, as in settle_ms.p99, or a measure, as in measures.NAME",
        ),
        Key::optional("min", number(), "at least this"),
        Key::optional("max", number(), "at most this"),
        Key::optional("equals", number(), "exactly this"),
    ];
    shape::Table::plain("expect", "A figure that must lie within bounds.", keys)
}

/// What an expectation may refer to.
pub(super) struct Known<'n> {
    pub(super) strategies: &'n Names,
    pub(super) variants: &'n Names,
    pub(super) measures: &'n Names,
}

pub(super) fn build(node: &Node, known: &Known<'_>, problems: &mut Problems) -> Option<Expect> {
    let table = node.as_table()?;
    let strategy = table
        .get("strategy")
        .and_then(|name| known.strategies.find(name, problems));
    let variant = table
        .get("variant")
        .map(|name| known.variants.find(name, problems));
    if let Some(metric) = table.get("metric") {
        known.measures.check_figure(metric, problems);
    }
    let bounds = ["min", "max", "equals"];
    if !bounds.iter().any(|bound| table.has(bound)) {
        problems.at(node.place, "expects nothing: give min, max or equals");
    }
    let [min, max, equals] = bounds.map(|bound| table.number(bound));
    let place = |key| table.get(key).map_or(node.place, |bound| bound.place);
    if let (Some(least), Some(most)) = (min, max)
        && least > most
    {
        let rule = format!("can never hold: max {most} lies below min {least}");
        problems.at(place("max"), rule);
    }
    if let Some(exactly) = equals
        && (min.is_some_and(|least| exactly < least) || max.is_some_and(|most| exactly > most))
    {
        problems.at(
            place("equals"),
            "can never hold: equals lies outside of min and max",
        );
    }
    Some(Expect {
        strategy: strategy?,
        variant: match variant {
            Some(found) => Some(found?),
            None => None,
        },
        metric: table.text("metric")?.to_owned(),
        min,
        max,
        equals,
    })
}
