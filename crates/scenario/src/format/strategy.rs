//! `[[strategy]]`: a way of running the calls of a job, under its name.

use awaitlab_catalogue::{Kind, ParameterInfo, Parameters, Values, build as built_in};
use awaitlab_core::Rest;

use crate::document::{Node, Table};
use crate::problem::Problems;
use crate::scenario::Entry;
use crate::shape::{self, Choice, Key, Shape, Text};

use super::job::MOST_CALLS;
use super::policy;

/// Strategies at most of a scenario.
pub const MOST_STRATEGIES: usize = 256;

const REST: &str = "rest";

pub(super) fn list() -> Shape {
    Shape::list(Shape::Table(shape), 1, MOST_STRATEGIES, "strategies")
}

fn shape() -> shape::Table {
    let rest = Shape::Choice(vec![
        Choice {
            word: Rest::Orphan.name(),
            doc: "They run on, and nobody looks (JavaScript).",
        },
        Choice {
            word: Rest::Cancel.name(),
            doc: "They are cancelled (an AbortController).",
        },
    ]);
    let keys = vec![
        Key::required(
            "name",
            Shape::Text(Text::Name),
            "its name in every table and chart",
        ),
        // Here and not with the kinds, because every kind takes it where the job has a give-up.
        Key::optional(
            REST,
            rest,
            "what becomes of the calls in flight when the job settles",
        ),
        Key::optional(
            "policies",
            policy::list(),
            "what stands around each call, outermost first",
        ),
    ];
    let kinds = Kind::ALL
        .into_iter()
        .map(|kind| shape::Kind {
            name: kind.name(),
            doc: kind.summary(),
            keys: kind
                .parameters()
                .iter()
                .filter(|info| info.name != REST)
                .map(key)
                .collect(),
            forms: Vec::new(),
        })
        .collect();
    shape::Table {
        kinds,
        ..shape::Table::plain("strategy", "A way of running the calls of a job.", keys)
    }
}

fn key(info: &ParameterInfo) -> Key {
    match info.values {
        Values::Count => Key::required(
            info.name,
            Shape::Integer {
                min: 1,
                max: MOST_CALLS,
            },
            info.doc,
        ),
        Values::OneOf(words) => {
            let choices = words.iter().map(|word| Choice { word, doc: "" }).collect();
            Key::optional(info.name, Shape::Choice(choices), info.doc)
        }
    }
}

/// A strategy. `gives_up`: some variant's job has a give-up.
pub(super) fn build(node: &Node, gives_up: bool, problems: &mut Problems) -> Option<Entry> {
    let table = node.as_table()?;
    let kind = Kind::from_name(table.text("kind")?)?;
    let policies = policy::build(table, problems);
    let rest = rest(table);
    let takes_rest = kind.takes(REST);
    if let (Some(written), false, false) = (table.get(REST), takes_rest, gives_up) {
        let rule = format!(
            "never applies: {} does not settle with calls in flight, unless the job has a give-up",
            kind.name()
        );
        problems.at(written.place, rule);
    }
    let parameters = Parameters {
        limit: table.integer("limit"),
        size: table.integer("size"),
        need: table.integer("need"),
        on_error: table.text("on-error").map(str::to_owned),
        rest: rest.filter(|_| takes_rest),
    };
    // Where the check has found a parameter wrong or missing, building says it again.
    let whole = kind.parameters().iter().all(|info| match info.values {
        Values::Count => table.integer(info.name).is_some(),
        Values::OneOf(_) => !table.has(info.name) || table.text(info.name).is_some(),
    });
    if !whole {
        return None;
    }
    let strategy = built_in(kind, &parameters)
        .map_err(|error| {
            let place = table
                .get(error.parameter())
                .map_or(node.place, |key| key.place);
            problems.at(place, error.to_string());
        })
        .ok()?;
    Some(Entry {
        name: table.text("name")?.to_owned(),
        strategy,
        policies: policies?,
        rest: rest.unwrap_or_default(),
    })
}

fn rest(table: &Table) -> Option<Rest> {
    let written = table.text(REST)?;
    Rest::ALL.into_iter().find(|rest| rest.name() == written)
}

/// Reports a strategy that has no meaning for a job of so many calls.
pub(super) fn fits(
    node: &Node,
    entry: &Entry,
    calls: u32,
    within: Option<&str>,
    problems: &mut Problems,
) {
    let Err(error) = entry.strategy.check_calls(calls as usize) else {
        return;
    };
    let within = within.map_or(String::new(), |name| {
        format!(" (in the variant \"{name}\")")
    });
    // The number that is too large, or else the kind.
    let at = |key| node.as_table().and_then(|table| table.get(key));
    let place = at("need")
        .or_else(|| at("kind"))
        .map_or(node.place, |key| key.place);
    problems.at(place, format!("{error}{within}"));
}
