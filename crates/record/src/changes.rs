//! What changed between two report folders: two versions of the lab, two settings, two seeds.
//!
//! Rows belong together by variant and strategy. Where both runs had one seed and as many
//! replications, and both folders hold what each replication measured, a change is judged by the
//! differences of the replications, which is what both have in common taken out; else by the
//! intervals of the two figures alone. Per metric the p values of all rows are adjusted together.

mod csv_table;
mod judge;
mod regression;
mod stored;
mod table;

use awaitlab_stats::Direction;
use serde::Serialize;

pub use csv_table::write as write_csv;
pub use regression::{FailOver, Regression};
pub use stored::{StoredError, StoredRun};

use crate::metric::direction;
use crate::summary::{RunStatus, ScenarioInfo};

/// What is compared when nobody says what, where a row has it.
pub const USUAL: [&str; 5] = [
    "settle_ms.mean",
    "settle_ms.p99",
    "success_rate.value",
    "amplification",
    "goodput_per_s",
];

/// What changed from one run to another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Changes {
    /// The first run.
    pub a: RunInfo,
    /// The second.
    pub b: RunInfo,
    /// Whether replications could be paired.
    pub pairing: Pairing,
    /// Rows of the first that the second does not have.
    pub only_in_a: Vec<RowName>,
    /// Rows of the second that the first does not have.
    pub only_in_b: Vec<RowName>,
    /// Rows of both in which no figure at all differs, of `rows_in_both`.
    pub identical_rows: u64,
    /// Rows that both have.
    pub rows_in_both: u64,
    /// The changes, metric by metric.
    pub metrics: Vec<MetricChanges>,
    /// What was asked of regressions, and what came of it.
    pub fail_over: Option<FailOver>,
}

/// A run, as far as it must be told from another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunInfo {
    /// The folder, as it was named.
    pub folder: String,
    /// The version of the lab.
    pub awaitlab: String,
    /// Whether it came to its end.
    pub status: RunStatus,
    /// What was run.
    pub scenario: ScenarioInfo,
}

/// A row's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowName {
    /// Its variant.
    pub variant: String,
    /// Its strategy.
    pub strategy: String,
}

/// Whether the replications of two runs could be paired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pairing {
    /// They were, for every metric that each replication has a value of.
    Paired,
    /// They could be, but a folder does not hold what each replication measured.
    NotStored,
    /// Single replications have none of these figures.
    NoneToPair,
    /// One run has more of them.
    OtherReplications,
    /// They met different worlds.
    OtherSeeds,
}

/// How one metric changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MetricChanges {
    /// Its name.
    pub metric: String,
    /// In each row that both have, in the order of the first run.
    pub changes: Vec<Change>,
}

/// How one figure changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The row.
    #[serde(flatten)]
    pub row: RowName,
    /// In the first run.
    pub a: Option<f64>,
    /// In the second.
    pub b: Option<f64>,
    /// Second minus first, in the metric's unit.
    pub difference: Option<f64>,
    /// Its 95 % interval.
    pub ci95: Option<[f64; 2]>,
    /// The difference as a share of the first figure's size; `None` where that is 0.
    pub relative: Option<f64>,
    /// Its interval: that of the difference, as a share of the same.
    pub relative_ci95: Option<[f64; 2]>,
    /// Whether the interval is of replications in pairs.
    pub paired: bool,
    /// Holm's p value over the rows of this metric.
    pub p_adjusted: Option<f64>,
    /// The finding in a word or two.
    pub verdict: &'static str,
    /// Whether it is worse, and not by chance.
    pub is_worse: bool,
}

impl Change {
    /// Whether nothing was seen to change: the figure is the same, and nothing else speaks against it.
    pub fn is_none(&self) -> bool {
        self.difference == Some(0.0) && judge::UNCHANGED.contains(&self.verdict)
    }

    /// Whether it is worse as far as a figure without an interval can say.
    fn seems_worse(&self, metric: &str) -> bool {
        let worse = |difference: f64| match direction(metric) {
            Direction::Time | Direction::Cost => difference > 0.0,
            Direction::Yield => difference < 0.0,
        };
        self.p_adjusted.is_none() && self.difference.is_some_and(worse)
    }
}

/// The metrics that are compared when nobody says what: those of [`USUAL`] that a row of either run
/// has.
pub fn usual(a: &StoredRun, b: &StoredRun) -> Vec<String> {
    let has = |metric: &&str| {
        let rows = a.summary.rows.iter().chain(&b.summary.rows);
        rows.filter_map(|row| row.metric(metric).flatten())
            .next()
            .is_some()
    };
    USUAL.into_iter().filter(has).map(String::from).collect()
}

/// Compares two runs by some metrics.
///
/// # Errors
/// When a table in a folder cannot be read.
pub fn changes(a: &StoredRun, b: &StoredRun, metrics: &[String]) -> Result<Changes, StoredError> {
    let (rows_of_a, rows_of_b) = (&a.summary.rows, &b.summary.rows);
    let both = judge::matched(rows_of_a, rows_of_b);
    let judged = judge::judge(a, b, &both, metrics)?;
    let identical = both
        .iter()
        .filter(|(i, j)| judge::same(&rows_of_a[*i], &rows_of_b[*j]));
    Ok(Changes {
        a: info(a),
        b: info(b),
        pairing: judged.pairing,
        only_in_a: judge::missing(rows_of_a, rows_of_b),
        only_in_b: judge::missing(rows_of_b, rows_of_a),
        identical_rows: identical.count() as u64,
        rows_in_both: both.len() as u64,
        metrics: judged.metrics,
        fail_over: None,
    })
}

fn info(run: &StoredRun) -> RunInfo {
    RunInfo {
        folder: run.folder.display().to_string(),
        awaitlab: run.summary.awaitlab.clone(),
        status: run.summary.status,
        scenario: run.summary.scenario.clone(),
    }
}

#[cfg(test)]
mod tests;
