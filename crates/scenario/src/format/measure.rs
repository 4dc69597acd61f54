//! `[[measure]]`: a figure of the scenario's own, the share of replications in which something held.

use awaitlab_core::Instant;
use awaitlab_latency::Model;
use awaitlab_workload::Workload;

use crate::document::{Node, Table};
use crate::problem::Problems;
use crate::scenario::Measure;
use crate::shape::{self, Bounds, Key, Shape, Text};

use super::variant::Built;

/// Measures at most of a scenario.
pub const MOST_MEASURES: usize = 64;

pub(super) fn list() -> Shape {
    Shape::list(Shape::Table(shape), 0, MOST_MEASURES, "measures")
}

fn shape() -> shape::Table {
    let number = || Shape::Number(Bounds::Finite);
    let keys = vec![
        Key::required(
            "name",
            Shape::Text(Text::Identifier),
            "its name, of letters, digits, - and _; [[expect]] knows it as measures.NAME",
        ),
        Key::required(
            "metric",
            Shape::Text(Text::Measurable),
            "what is looked at in each replication",
        ),
        Key::optional(
            "during",
            Shape::Window,
            "what of each replication counts; all of it when absent",
        ),
        Key::optional("above", number(), "it holds where the figure is above this"),
        Key::optional("below", number(), "and below this"),
    ];
    let doc = "The share of replications in which something held.";
    shape::Table::plain("measure", doc, keys)
}

pub(super) fn build(node: &Node, worlds: &[Built<'_>], problems: &mut Problems) -> Option<Measure> {
    let table = node.as_table()?;
    check_bounds(node, table, problems);
    check_reach(table, worlds, problems);
    let during = match table.get("during") {
        Some(during) => Some(during.as_window()?),
        None => None,
    };
    Some(Measure {
        name: table.text("name")?.to_owned(),
        metric: table.text("metric")?.to_owned(),
        during: during.map(|window| {
            (
                window.start() - Instant::START,
                window.end() - Instant::START,
            )
        }),
        above: table.number("above"),
        below: table.number("below"),
    })
}

fn check_bounds(node: &Node, table: &Table, problems: &mut Problems) {
    if !table.has("above") && !table.has("below") {
        problems.at(node.place, "holds always: give above or below");
    }
    if let (Some(above), Some(below), Some(written)) = (
        table.number("above"),
        table.number("below"),
        table.get("below"),
    ) && above >= below
    {
        let rule = format!("can never hold: nothing lies above {above} and below {below}");
        problems.at(written.place, rule);
    }
}

/// Reports what no variant has: time that is over, or rates where a job is alone.
fn check_reach(table: &Table, worlds: &[Built<'_>], problems: &mut Problems) {
    let all = |holds: &dyn Fn(&Workload<Model>) -> bool| {
        let mut workloads = worlds.iter().map(|world| world.workload.as_ref());
        workloads.all(|workload| workload.is_some_and(holds))
    };
    if let Some(node) = table.get("metric")
        && let Some(metric) = node.as_text()
        && metric.ends_with("_per_s")
        && all(&Workload::is_isolated)
    {
        let rule = format!("{metric} has no meaning: an isolated job comes alone, at no rate");
        problems.at(node.place, rule);
    }
    if let Some(node) = table.get("during")
        && let Some(window) = node.as_window()
        // Without a horizon a replication takes as long as it takes.
        && all(&|workload| !workload.horizon().is_zero() && window.start() >= Instant::START + workload.horizon())
    {
        let rule = "never comes: in every variant the workload has ended by then";
        problems.at(node.place, rule);
    }
}
