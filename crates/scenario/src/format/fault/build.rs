//! From a checked table to a rule.

use awaitlab_faults::{
    Capacity, Crash, Error, Hang, Kind, Outage, Partition, Pause, Rule, Scope, Slow, Windows,
};
use awaitlab_latency::Model;

use crate::document::{Node, Table};
use crate::format::{Builder, Names, latency};
use crate::problem::Problems;

use super::Stalls;

/// A rule. What depends on the job it is to strike is left to [`super::strikes`].
pub(in crate::format) fn build(
    node: &Node,
    downstreams: &Names,
    builder: &mut Builder<'_>,
) -> Option<Rule<Model>> {
    let table = node.as_table()?;
    let kind = kind(table, node, builder);
    let scope = scope(table, downstreams, &mut builder.problems);
    let (kind, scope) = (kind?, scope?);
    if kind.is_of_service() && scope.during.is_none() {
        // Missing: reported by the check.
        return None;
    }
    // Both check what the shape has checked; whatever they add would belong to the rule as a whole.
    Rule::new(kind, scope)
        .map_err(|error| builder.problems.at(node.place, error.to_string()))
        .ok()
}

fn kind(table: &Table, node: &Node, builder: &mut Builder<'_>) -> Option<Kind<Model>> {
    if ["factor", "add", "after", "status", "retry-after"]
        .iter()
        .any(|key| table.is_wrong(key))
    {
        return None;
    }
    let made = match table.text("kind")? {
        Error::NAME => error(table),
        Hang::NAME => Ok(Kind::Hang(Hang)),
        Slow::NAME => Slow::new(table.number("factor"), table.duration("add"))
            .map(Kind::Slow)
            .map_err(|error| error.to_string()),
        Outage::NAME => Ok(Kind::Outage(Outage::new(
            table.duration("after").unwrap_or_default(),
        ))),
        Crash::NAME => Crash::new(table.duration("restart")?)
            .map(Kind::Crash)
            .map_err(|error| error.to_string()),
        Pause::NAME => Ok(Kind::Pause(Pause)),
        Partition::NAME => Ok(Kind::Partition(Partition)),
        Capacity::NAME => {
            let workers = table.integer("workers")?.try_into().ok()?;
            Ok(Kind::Capacity(Capacity::new(workers)))
        }
        Stalls::NAME => {
            let law = latency::build(table.get("latency")?, "latency of a stall", None, builder)?;
            Ok(Kind::Stall(Stalls::new(law)))
        }
        _ => return None,
    };
    made.map_err(|error| builder.problems.at(node.place, error))
        .ok()
}

fn error(table: &Table) -> Result<Kind<Model>, String> {
    let status = table
        .integer("status")
        .and_then(|status| u16::try_from(status).ok());
    let error = Error::new(table.duration("after"), status).map_err(|error| error.to_string())?;
    Ok(Kind::Error(match table.duration("retry-after") {
        Some(retry_after) => error.with_retry_after(retry_after),
        None => error,
    }))
}

fn scope(table: &Table, downstreams: &Names, problems: &mut Problems) -> Option<Scope> {
    let downstream = match table.get("downstream") {
        Some(reference) => Some(downstreams.find(reference, problems)?),
        None => None,
    };
    let replica = match table.get("replica") {
        Some(replica) => Some(u32::try_from(replica.as_integer()?).ok()?),
        None => None,
    };
    Some(Scope {
        downstream,
        replica,
        calls: numbers(table, "calls")?,
        attempts: numbers(table, "attempts")?,
        probability: table.number("probability").unwrap_or(1.0),
        during: match table.get("during") {
            Some(during) => Some(windows(during, problems)?),
            None => None,
        },
    })
}

/// The numbers of a key, `None` inside where it is absent; `None` where a number is wrong.
fn numbers(table: &Table, key: &str) -> Option<Option<Vec<u32>>> {
    let Some(list) = table.get(key) else {
        return Some(None);
    };
    let number = |item: &Node| u32::try_from(item.as_integer()?).ok();
    list.items()?
        .iter()
        .map(number)
        .collect::<Option<_>>()
        .map(Some)
}

fn windows(during: &Node, problems: &mut Problems) -> Option<Windows> {
    let Some(table) = during.as_table() else {
        let listed = during.items()?.iter().map(Node::as_window);
        return Windows::listed(listed.collect::<Option<_>>()?).ok();
    };
    let windows = match (table.duration("every"), table.duration("on")) {
        (Some(every), None) => {
            Windows::repeating(every, table.duration("for")?).map_err(|error| error.to_string())
        }
        (None, Some(on)) => {
            Windows::random(on, table.duration("off")?).map_err(|error| error.to_string())
        }
        // Both or neither: reported by the check.
        _ => return None,
    };
    windows
        .map_err(|error| problems.at(during.place, error))
        .ok()
}
