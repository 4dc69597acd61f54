//! What the policies around calls did: a line per strategy, of what is not zero everywhere.
//!
//! Counts are per job, because runs of other lengths would else have other figures; openings and the
//! time open are of a whole replication, because a breaker outlives a job. What is added up here the
//! report shows again layer by layer, in the order of the stack. A cell is empty where the stack has
//! no policy that could do such a thing.

mod layers;

use awaitlab_record::summary::{LayerRow, Row, Summary};

use crate::blocks::Block;
use crate::columns;
use crate::figures::{self, NONE};

pub(crate) use layers::push_stacks;

/// A column of the table.
pub(crate) struct Column {
    pub(crate) head: &'static str,
    /// What it means, where its head does not say it.
    said: &'static str,
    /// The kinds of policies that can have it; in the row of a stack without them the cell is empty.
    of: &'static [&'static str],
    cell: fn(&Row, u64) -> String,
    /// Whether a table has it that has this row.
    wanted: fn(&Row) -> bool,
}

impl Column {
    fn cell(&self, row: &Row, replications: u64) -> String {
        let has = |layer: &LayerRow| self.of.contains(&layer.kind.as_str());
        if row.layers.iter().any(has) {
            (self.cell)(row, replications)
        } else {
            String::new()
        }
    }
}

const OPENINGS: &str = "Openings";

const COLUMNS: [Column; 11] = [
    Column {
        head: "Retries",
        said: "",
        of: &["retry"],
        cell: |row, _| per_job(row.policies.retries, row),
        wanted: |row| row.policies.retries > 0,
    },
    Column {
        head: "Spent",
        said: "Spent: retries and hedges that a budget forbade.",
        of: &["retry", "hedge"],
        cell: |row, _| per_job(row.policies.budget_spent, row),
        wanted: |row| row.policies.budget_spent > 0,
    },
    Column {
        head: "Timeouts",
        said: "",
        of: &["timeout"],
        cell: |row, _| per_job(row.policies.timeouts, row),
        wanted: |row| row.policies.timeouts > 0,
    },
    Column {
        head: "Hedges",
        said: "Hedges: attempts sent beside one that runs, and the share of them that answered \
               first.",
        of: &["hedge"],
        cell: |row, _| hedges(row),
        wanted: |row| row.policies.hedges > 0,
    },
    Column {
        head: OPENINGS,
        said: "",
        of: &["circuit-breaker"],
        cell: |row, replications| per(row.policies.openings, replications),
        wanted: |row| row.policies.openings > 0,
    },
    Column {
        head: "Open",
        said: "Open: time in which breakers refused everything, all breakers together.",
        of: &["circuit-breaker"],
        cell: |row, _| figures::maybe_time(row.policies.open_ms),
        wanted: |row| row.policies.open_ms > Some(0.0),
    },
    Column {
        head: "Refused",
        said: "Refused: calls that a breaker, a bulkhead or a limiter refused.",
        of: &[
            "circuit-breaker",
            "rate-limit",
            "bulkhead",
            "adaptive-limit",
        ],
        cell: |row, _| per_job(row.policies.refused, row),
        wanted: |row| row.policies.refused > 0,
    },
    Column {
        head: "Wait",
        said: "Wait: of a call at the limiter or bulkhead where it waits longest.",
        of: &["rate-limit", "bulkhead"],
        cell: |row, _| figures::maybe_time(wait(row).and_then(|layer| layer.wait_ms.mean)),
        wanted: waits,
    },
    Column {
        head: "Wait p99",
        said: "",
        of: &["rate-limit", "bulkhead"],
        cell: |row, _| figures::maybe_time(wait(row).and_then(|layer| layer.wait_ms.p99)),
        wanted: waits,
    },
    Column {
        head: "Limit",
        said: "Limit: of an adaptive limiter, averaged over time, with its lowest and highest.",
        of: &["adaptive-limit"],
        cell: |row, _| row.layers.iter().find_map(limit).unwrap_or_else(none),
        wanted: |row| row.layers.iter().any(|layer| layer.limit.is_some()),
    },
    Column {
        head: "Degraded",
        said: "Degraded: calls for which a fallback stood in.",
        of: &["fallback"],
        cell: |row, _| per_job(row.policies.degraded, row),
        wanted: |row| row.policies.degraded > 0,
    },
];

/// The table of some rows: heads, then the rows that have policies. `None` where nothing was done.
pub(crate) struct Table {
    pub(crate) columns: Vec<&'static Column>,
    /// Name of the strategy, then a cell for each column.
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn of(summary: &Summary, block: &Block<'_>) -> Option<Table> {
        let rows = || block.rows.iter().filter(|row| has_policies(row));
        let columns: Vec<&Column> = COLUMNS
            .iter()
            .filter(|column| rows().any(column.wanted))
            .collect();
        let replications = summary.scenario.replications;
        let cells = |row: &Row| -> Vec<String> {
            let cells = columns.iter().map(|column| column.cell(row, replications));
            std::iter::once(row.strategy.clone()).chain(cells).collect()
        };
        let rows = rows().map(cells).collect();
        (!columns.is_empty()).then_some(Table { columns, rows })
    }

    /// What its counts are of.
    pub(crate) fn per(&self) -> &'static str {
        if self.columns.iter().any(|column| column.head == OPENINGS) {
            "per job; openings and time open per replication"
        } else {
            "per job"
        }
    }

    /// What its heads mean.
    pub(crate) fn said(&self) -> String {
        let said = self.columns.iter().map(|column| column.said);
        said.filter(|said| !said.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// Whether anything stood around its calls.
pub(crate) fn has_policies(row: &Row) -> bool {
    !row.layers.is_empty()
}

fn hedges(row: &Row) -> String {
    let policies = &row.policies;
    match policies.hedges {
        0 => per_job(0, row),
        sent => {
            let won = figures::percent(policies.hedges_won as f64 / sent as f64);
            format!("{} ({won} won)", per_job(sent, row))
        }
    }
}

/// The layer at which calls wait longest.
fn wait(row: &Row) -> Option<&LayerRow> {
    let known = row
        .layers
        .iter()
        .filter(|layer| layer.wait_ms.mean.is_some());
    known.max_by(|a, b| {
        a.wait_ms
            .mean
            .partial_cmp(&b.wait_ms.mean)
            .unwrap_or(std::cmp::Ordering::Equal)
    })
}

fn waits(row: &Row) -> bool {
    wait(row).is_some_and(|layer| layer.wait_ms.mean > Some(0.0))
}

/// `38.2 (20 to 61)`.
fn limit(layer: &LayerRow) -> Option<String> {
    let limit = layer.limit.as_ref()?;
    let said = |value: f64| figures::number((value * 10.0).round() / 10.0);
    let mean = limit.mean.map_or_else(none, said);
    Some(match limit.min.zip(limit.max) {
        Some((low, high)) if low < high => format!("{mean} ({} to {})", said(low), said(high)),
        _ => mean,
    })
}

fn per_job(count: u64, row: &Row) -> String {
    columns::per_job(count, row.jobs)
}

/// As [`columns::per_job`], of whatever there are so many of.
fn per(count: u64, of: u64) -> String {
    columns::per_job(count, of)
}

fn none() -> String {
    NONE.into()
}
