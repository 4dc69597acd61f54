//! From a checked table to a workload.

use std::fmt::Display;
use std::time::Duration;

use awaitlab_latency::Model;
use awaitlab_workload::spec::{BURST, CLOSED, ISOLATED, OPEN};
use awaitlab_workload::{Arrivals, Stage, Workload};

use crate::document::{Node, Table};
use crate::format::{Builder, latency};
use crate::problem::Problems;
use crate::value::duration::LONGEST;

/// When jobs arrive; alone where the scenario has no such table.
pub(in crate::format) fn build(
    node: Option<&Node>,
    builder: &mut Builder<'_>,
) -> Option<Workload<Model>> {
    let Some(node) = node else {
        return Some(Workload::Isolated);
    };
    let table = node.as_table()?;
    let kind = match table.get("kind") {
        Some(kind) => kind.as_text()?,
        None => ISOLATED,
    };
    match kind {
        ISOLATED => Some(Workload::Isolated),
        OPEN => {
            let stages = arriving(table, &mut builder.problems)?;
            accepted(Workload::open(spread(table)?, stages), node, builder)
        }
        CLOSED => {
            let users = table.integer("users")?.try_into().ok()?;
            let think = latency::build(table.get("think")?, "thinking time", None, builder)?;
            let workload = Workload::closed(users, think, table.duration("duration")?);
            accepted(workload, node, builder)
        }
        BURST => accepted(Workload::burst(table.integer("jobs")?), node, builder),
        _ => None,
    }
}

/// What a constructor made; what it said is reported.
fn accepted<E: Display>(
    made: Result<Workload<Model>, E>,
    node: &Node,
    builder: &mut Builder<'_>,
) -> Option<Workload<Model>> {
    made.map_err(|error| builder.problems.at(node.place, error.to_string()))
        .ok()
}

fn spread(table: &Table) -> Option<Arrivals> {
    let written = table.table("arrivals")?.text("kind")?;
    Arrivals::ALL
        .into_iter()
        .find(|arrivals| arrivals.name() == written)
}

/// The stages of an open workload.
fn arriving(table: &Table, problems: &mut Problems) -> Option<Vec<Stage>> {
    let node = table.get("arrivals")?;
    let arrivals = node.as_table()?;
    match (table.get("duration"), table.get("stages")) {
        (Some(duration), None) => {
            if !arrivals.has("rate") {
                let rule = "the key \"rate\" is missing: jobs per time, as in rate = \"200/s\"";
                problems.at(node.place, rule);
            }
            let rate = arrivals.number("rate")?;
            lasting(duration, rate, rate, problems).map(|stage| vec![stage])
        }
        (None, Some(list)) => {
            if let Some(rate) = arrivals.entry("rate") {
                let rule = "contradicts the stages: they say the rate";
                problems.at(rate.place, rule);
            }
            stages(list, problems)
        }
        // Both or neither: reported by the check.
        _ => None,
    }
}

fn stages(list: &Node, problems: &mut Problems) -> Option<Vec<Stage>> {
    let mut stages: Vec<Stage> = Vec::new();
    let mut lasts = Duration::ZERO;
    for item in list.items()? {
        let table = item.as_table()?;
        let to = table.number("rate").or_else(|| table.number("to"))?;
        let from = match table.number("rate") {
            Some(rate) => rate,
            None => stages.last().map_or(0.0, |before| before.to_per_s),
        };
        let stage = lasting(table.get("for")?, from, to, problems)?;
        lasts = lasts.saturating_add(stage.lasts);
        stages.push(stage);
    }
    if lasts > LONGEST {
        let rule = "the stages last at most 100 years (36525d) together";
        problems.at(list.place, rule);
        return None;
    }
    Some(stages)
}

fn lasting(lasts: &Node, from: f64, to: f64, problems: &mut Problems) -> Option<Stage> {
    Stage::ramp(lasts.as_duration()?, from, to)
        .map_err(|error| problems.at(lasts.place, error.to_string()))
        .ok()
}
