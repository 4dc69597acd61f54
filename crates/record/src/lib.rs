//! The stored result of a run.
//!
//! A [`Record`] is everything a run leaves behind, in memory: the harness makes it, the report
//! draws from it, and this crate writes it as files and reads them back. Every format is one module.
//! Equal records give equal bytes: no clock, no path and no number of threads is in any file.
//!
//! | module | holds |
//! |---|---|
//! | [`summary`] | `summary.json`: the figures as types, and as text |
//! | [`metric`] | a row's figures by name, and which way they are better |
//! | [`words`] | the words of the table, and the rules they follow from |
//! | [`timeline`] | one job, attempt by attempt |
//! | [`series`] | a cell over virtual time |
//! | [`table_csv`], [`jobs_csv`], [`replications_csv`], [`series_csv`], [`hgrm`], [`hlog`] | the other formats |
//! | [`folder`] | where they are written |
//! | [`changes`] | what changed between two of them |

pub mod changes;
mod csv_text;
mod files;
pub mod folder;
pub mod hgrm;
pub mod hlog;
pub mod jobs_csv;
pub mod metric;
pub mod replications_csv;
#[cfg(test)]
mod sample;
pub mod series;
pub mod series_csv;
pub mod summary;
pub mod table_csv;
pub mod timeline;
pub mod words;

pub use changes::{Changes, StoredRun};
pub use files::write_record;
pub use folder::{Folder, FolderError, Writer};
pub use replications_csv::Replication;
pub use series::Series;
pub use summary::Summary;
pub use timeline::{Bar, Timeline};

use awaitlab_stats::Histogram;

/// What a run leaves behind.
#[derive(Clone, Debug)]
pub struct Record {
    /// The figures: what stands in `summary.json`.
    pub summary: Summary,
    /// What stands behind each row of the summary, in the same order.
    pub cells: Vec<Cell>,
    /// One row per job, where they were asked for.
    pub jobs: Option<Vec<JobRow>>,
    /// The bytes of the scenario file as they were read.
    pub scenario_toml: Vec<u8>,
}

/// The distributions behind one row: one variant under one strategy.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Time from arrival to settling, of all settled jobs, in nanoseconds.
    pub settle: Histogram,
    /// The same of fulfilled jobs.
    pub settle_fulfilled: Histogram,
    /// The same of rejected jobs.
    pub settle_rejected: Histogram,
    /// Time from arrival to the end of the job's last attempt.
    pub drain: Histogram,
    /// The first replication's first job, attempt by attempt.
    pub timeline: Timeline,
    /// Over virtual time, for workloads in time.
    pub series: Option<Series>,
    /// What each replication measured, in their order; empty where each is one job.
    pub replications: Vec<Replication>,
}

/// One job, as a row of `jobs.csv`. Times in nanoseconds; settle and drain from the job's arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRow {
    /// Index into the summary's rows: says variant and strategy.
    pub row: u32,
    /// The replication.
    pub replication: u64,
    /// The job within its replication.
    pub job: u64,
    /// When it arrived.
    pub arrival_ns: u64,
    /// How it ended.
    pub status: awaitlab_core::Status,
    /// `None` where it never settled.
    pub settle_ns: Option<u64>,
    /// `None` where an attempt never ended.
    pub drain_ns: Option<u64>,
    /// Attempts that reached a service.
    pub started: u64,
    /// Those of them that had before the job settled.
    pub started_at_settle: u64,
    /// Attempts that were answered with a success.
    pub succeeded: u64,
    /// Attempts that were answered with an error.
    pub failed: u64,
    /// Attempts that were cancelled.
    pub cancelled: u64,
    /// Results the caller received.
    pub delivered: u64,
    /// Attempt time in flight after the job settled.
    pub orphan_ns: u64,
    /// Attempt time in flight.
    pub busy_ns: u64,
    /// Most attempts in flight at once.
    pub peak_in_flight: u64,
}
