//! A report folder, read back as far as two of them can be compared.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

use awaitlab_stats::Quantile;

use super::table;
use crate::replications_csv::FIGURES;
use crate::summary::{Row, Summary, SummaryError};
use crate::table_csv::column;

/// A report folder.
#[derive(Clone, Debug)]
pub struct StoredRun {
    /// The folder, as it was named.
    pub folder: PathBuf,
    /// Its `summary.json`.
    pub summary: Summary,
}

/// Why a folder cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum StoredError {
    /// There is nothing, no folder, or no `summary.json` in it.
    #[error("{folder:?} is not a report folder: {why}")]
    NotAReport {
        /// The folder, as it was named.
        folder: PathBuf,
        /// What is missing.
        why: &'static str,
    },
    /// Its `summary.json` is not what this version reads.
    #[error("{file:?}: {source}")]
    Summary {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: SummaryError,
    },
    /// A table of it is not what the lab wrote beside this summary.
    #[error("{file:?}{}: {why}", at_line(*line))]
    Table {
        /// The file.
        file: PathBuf,
        /// In which line, where one can be told.
        line: Option<u64>,
        /// What is wrong.
        why: String,
    },
    /// The operating system refused; why is its source.
    #[error("cannot read {file:?}")]
    Io {
        /// What was read.
        file: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

fn at_line(line: Option<u64>) -> String {
    line.map_or_else(String::new, |line| format!(", line {line}"))
}

/// What each replication of a row measured of some figures, in order.
pub(super) type OfRow = BTreeMap<String, Vec<Option<f64>>>;

impl StoredRun {
    /// Reads a folder's summary.
    ///
    /// # Errors
    /// When it is no report folder, or one that this version cannot read.
    pub fn read(folder: impl Into<PathBuf>) -> Result<StoredRun, StoredError> {
        let folder = folder.into();
        let not_a_report = |why| StoredError::NotAReport {
            folder: folder.clone(),
            why,
        };
        match fs::metadata(&folder) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Err(not_a_report("it is a file")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(not_a_report("there is no such folder"));
            }
            Err(source) => {
                return Err(StoredError::Io {
                    file: folder,
                    source,
                });
            }
        }
        let file = folder.join("summary.json");
        let text = match fs::read(&file) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(not_a_report("it has no summary.json"));
            }
            Err(source) => return Err(StoredError::Io { file, source }),
        };
        match Summary::from_json(&text) {
            Ok(summary) => Ok(StoredRun { folder, summary }),
            Err(source) => Err(StoredError::Summary { file, source }),
        }
    }

    /// What each replication of each row measured of these metrics, as far as the folder says.
    pub(super) fn values(&self, metrics: &[String]) -> Result<Vec<OfRow>, StoredError> {
        let rows = &self.summary.rows;
        let mut values = vec![OfRow::new(); rows.len()];
        for (file, in_time, columns) in [
            ("jobs.csv", false, of_jobs(metrics)),
            ("replications.csv", true, of_replications(metrics)),
        ] {
            // What a job of a workload in time took says nothing by itself.
            let concerns = |row: &Row| row.analysis.is_some() == in_time;
            if columns.is_empty() || !rows.iter().any(concerns) {
                continue;
            }
            let path = self.folder.join(file);
            match File::open(&path) {
                Ok(open) => table::read(&path, open, (rows, in_time), &columns, &mut values)?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(StoredError::Io { file: path, source }),
            }
        }
        self.check_count(&values)?;
        for (_, of_row) in rows
            .iter()
            .zip(&mut values)
            .filter(|(row, _)| row.analysis.is_none())
        {
            for (metric, jobs) in of_row {
                if let Some(quantile) = of_section(metric) {
                    *jobs = sections(jobs, quantile);
                }
            }
        }
        Ok(values)
    }

    /// What is stored must be of every replication: the others would be what finished first.
    fn check_count(&self, values: &[OfRow]) -> Result<(), StoredError> {
        let expected = self.summary.scenario.replications;
        for (row, of_row) in self.summary.rows.iter().zip(values) {
            let file = if row.analysis.is_some() {
                "replications.csv"
            } else {
                "jobs.csv"
            };
            if let Some(found) = of_row
                .values()
                .map(Vec::len)
                .find(|&n| n as u64 != expected)
            {
                return Err(StoredError::Table {
                    file: self.folder.join(file),
                    line: None,
                    why: format!(
                        "{found} replications of {:?} in {:?}, where summary.json has {expected}",
                        row.strategy, row.variant
                    ),
                });
            }
        }
        Ok(())
    }
}

/// Whether each replication of such a row has a value of the metric, and a folder may hold it.
pub(super) fn may_be_stored(row: &Row, metric: &str) -> bool {
    let metric = [metric.to_owned()];
    let sources = match row.analysis {
        Some(_) => of_replications(&metric),
        None => of_jobs(&metric),
    };
    !sources.is_empty()
}

/// A column of numbers, the metric it is of, and whether it is a share of what the job wanted.
pub(super) struct Source {
    pub(super) metric: String,
    pub(super) column: String,
    pub(super) of_wanted: bool,
}

/// Where an isolated job's own figure stands in `jobs.csv`.
fn of_jobs(metrics: &[String]) -> Vec<Source> {
    let column = |metric: &str| match metric {
        "settle_ms.mean" => Some("settle_ms"),
        "drain_ms.mean" => Some("drain_ms"),
        "success_rate.value" | "delivered_per_job" => Some("delivered"),
        "orphan_ms_per_job" => Some("orphan_ms"),
        "busy_ms_per_job" => Some("busy_ms"),
        quantile => match (of_section(quantile)?, quantile.split_once('.')?.0) {
            (_, "settle_ms") => Some("settle_ms"),
            (_, "drain_ms") => Some("drain_ms"),
            _ => None,
        },
    };
    let found = metrics.iter().filter_map(|metric| {
        Some(Source {
            metric: metric.clone(),
            column: column(metric)?.to_owned(),
            of_wanted: metric == "success_rate.value",
        })
    });
    found.collect()
}

/// The quantile that is no figure of a job, but one of a section: as many jobs in a row as have ten
/// beyond it.
pub(super) fn of_section(metric: &str) -> Option<Quantile> {
    match metric.split_once('.')?.1 {
        "p50" => Some(Quantile::P50),
        "p90" => Some(Quantile::P90),
        "p99" => Some(Quantile::P99),
        "p999" => Some(Quantile::P999),
        _ => None,
    }
}

/// The quantile of each whole section; `None` where a job of it has no value.
fn sections(jobs: &[Option<f64>], of: Quantile) -> Vec<Option<f64>> {
    let least = of
        .least_count()
        .and_then(|least| usize::try_from(least).ok());
    let sections = jobs.chunks_exact(least.unwrap_or(usize::MAX));
    let quantile = |section: &[Option<f64>]| {
        let mut times: Vec<f64> = section.iter().copied().collect::<Option<_>>()?;
        times.sort_by(f64::total_cmp);
        let rank = usize::try_from(of.rank(times.len() as u64)).ok()?;
        times.get(rank.checked_sub(1)?).copied()
    };
    sections.map(quantile).collect()
}

fn of_replications(metrics: &[String]) -> Vec<Source> {
    let known = metrics
        .iter()
        .filter(|metric| FIGURES.contains(&metric.as_str()));
    let source = |metric: &String| Source {
        metric: metric.clone(),
        column: column(metric, ""),
        of_wanted: false,
    };
    known.map(source).collect()
}
