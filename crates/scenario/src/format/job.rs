//! `[job]`: what a caller starts and waits for.

use crate::document::{Node, Table};
use crate::problem::Problems;
use crate::scenario::{Job, JobPart};
use crate::shape::{self, Key, Shape, Text};

use super::Names;

/// Calls of a job at most: a million attempts in flight is where a simulation of them ends, too.
pub const MOST_CALLS: u64 = 1_000_000;

pub(super) fn shape() -> shape::Table {
    let keys = vec![
        Key::optional(
            "calls",
            Shape::Integer {
                min: 0,
                max: MOST_CALLS,
            },
            "how many calls the job has, all to the one downstream",
        ),
        Key::optional(
            "call",
            Shape::list(Shape::Table(part), 0, usize::MAX, "calls"),
            "the calls, numbered through in this order, where they go to several downstreams",
        ),
        Key::optional(
            "deadline",
            Shape::PositiveDuration,
            "a good job settles within it; it counts goodput and stops nothing",
        ),
        Key::optional(
            "give-up",
            Shape::PositiveDuration,
            "a job that has not settled by then is rejected from outside",
        ),
    ];
    let table = shape::Table::plain("job", "What a caller starts and waits for.", keys);
    shape::Table {
        forms: vec![&["calls"], &["call"]],
        ..table
    }
}

fn part() -> shape::Table {
    let keys = vec![
        Key::required(
            "downstream",
            Shape::Text(Text::Reference),
            "the downstream they go to",
        ),
        Key::optional(
            "count",
            Shape::Integer {
                min: 0,
                max: MOST_CALLS,
            },
            "how many calls; 1 when absent",
        ),
    ];
    shape::Table::plain("job.call", "Some of a job's calls.", keys)
}

pub(super) fn build(table: &Table, downstreams: &Names, problems: &mut Problems) -> Option<Job> {
    let parts = match (table.get("calls"), table.get("call")) {
        (Some(calls), None) => vec![alone(calls, downstreams, problems)?],
        (None, Some(call)) => listed(call, downstreams, problems)?,
        // Both or neither: reported by the check.
        _ => return None,
    };
    Some(Job {
        parts,
        deadline: table.duration("deadline"),
        give_up: table.duration("give-up"),
    })
}

fn alone(calls: &Node, downstreams: &Names, problems: &mut Problems) -> Option<JobPart> {
    if downstreams.len() > 1 {
        let names = downstreams.join();
        let rule = format!(
            "the scenario has several downstreams ({names}): say in [[job.call]] which is called"
        );
        problems.at(calls.place, rule);
        return None;
    }
    Some(JobPart {
        downstream: 0,
        count: calls.as_integer()?.try_into().ok()?,
    })
}

fn listed(call: &Node, downstreams: &Names, problems: &mut Problems) -> Option<Vec<JobPart>> {
    // Every item is looked at, also after one that is wrong.
    let parts: Vec<Option<JobPart>> = call
        .items()?
        .iter()
        .map(|item| one(item, downstreams, problems))
        .collect();
    let parts: Vec<JobPart> = parts.into_iter().collect::<Option<_>>()?;
    let calls: u64 = parts.iter().map(|part| u64::from(part.count)).sum();
    if calls > MOST_CALLS {
        let rule = format!("a job has at most {MOST_CALLS} calls, and these are {calls}");
        problems.at(call.place, rule);
        return None;
    }
    Some(parts)
}

fn one(item: &Node, downstreams: &Names, problems: &mut Problems) -> Option<JobPart> {
    let table = item.as_table()?;
    let downstream = downstreams.find(table.get("downstream")?, problems);
    let count = match table.get("count") {
        Some(count) => count.as_integer()?.try_into().ok()?,
        None => 1,
    };
    Some(JobPart {
        downstream: downstream?,
        count,
    })
}
