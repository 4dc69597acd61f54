//! `replications.csv`: what each replication of a workload in time measured by itself.
//!
//! A row per variant, strategy and replication, a column for each of [`FIGURES`], named as in
//! `table.csv`. Replications are what is independent, so this is what every interval of such a run
//! rests on, and what two runs of one seed are compared by. Of isolated jobs, each of which is a
//! replication, `jobs.csv` says the same.

use std::io::{self, Write};

use crate::Cell;
use crate::csv_text::{figure, text};
use crate::summary::Row;
use crate::table_csv::column;

/// The figures, by name: those that are a mean, a quantile, a share or a rate. Counts over all
/// replications are not among them.
pub const FIGURES: [&str; 21] = [
    "settle_ms.mean",
    "settle_ms.p50",
    "settle_ms.p90",
    "settle_ms.p99",
    "settle_ms_fulfilled.mean",
    "settle_ms_fulfilled.p99",
    "drain_ms.mean",
    "success_rate.value",
    "delivered_per_job",
    "lost_per_job",
    "degraded_per_job",
    "amplification",
    "throughput_per_s",
    "goodput_per_s",
    "recover_ms",
    "orphan_ms_per_job",
    "busy_ms_per_job",
    "abandoned_ms_per_job",
    "in_flight.mean",
    "wait_ms.mean",
    "client_wait_ms.mean",
];

/// More rows than this are not written: nobody reads them, and nothing needs so many replications.
pub const MOST_ROWS: usize = 200_000;

/// What one replication measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Replication {
    /// Its number.
    pub replication: u64,
    /// One for each of [`FIGURES`]; `None` where it has none.
    pub figures: [Option<f64>; FIGURES.len()],
}

impl Replication {
    /// What stands in a row that was made of one replication alone.
    pub fn of(replication: u64, row: &Row) -> Replication {
        Replication {
            replication,
            figures: FIGURES.map(|name| row.metric(name).flatten()),
        }
    }
}

/// Whether there is something to write, and not too much.
pub fn is_written(cells: &[Cell]) -> bool {
    let rows: usize = cells.iter().map(|cell| cell.replications.len()).sum();
    (1..=MOST_ROWS).contains(&rows)
}

/// Writes the replications of each cell, which belongs to the row at the same place.
///
/// # Errors
/// Those of the writer.
pub fn write(rows: &[Row], cells: &[Cell], writer: impl Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(writer);
    let names = ["variant", "strategy", "replication"].map(String::from);
    table.write_record(
        names
            .into_iter()
            .chain(FIGURES.map(|name| column(name, ""))),
    )?;
    for (row, cell) in rows.iter().zip(cells) {
        for replication in &cell.replications {
            table.write_field(&*text(&row.variant))?;
            table.write_field(&*text(&row.strategy))?;
            table.write_field(replication.replication.to_string())?;
            table.write_record(replication.figures.map(figure))?;
        }
    }
    table.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_replication_is_a_row_and_a_figure_that_is_missing_an_empty_cell() {
        let mut record = sample::record();
        let row = &mut record.summary.rows[1];
        (row.settle_ms.p99, row.amplification) = (None, Some(1.25));
        let row = row.clone();
        record.cells[1].replications = vec![Replication::of(0, &row), Replication::of(1, &row)];
        assert!(is_written(&record.cells));
        let mut bytes = Vec::new();
        write(&record.summary.rows, &record.cells, &mut bytes).unwrap();
        let expected = "\
variant,strategy,replication,settle_mean_ms,settle_p50_ms,settle_p90_ms,settle_p99_ms,settle_fulfilled_mean_ms,settle_fulfilled_p99_ms,drain_mean_ms,success_rate,delivered_per_job,lost_per_job,degraded_per_job,amplification,throughput_per_s,goodput_per_s,recover_ms,orphan_ms_per_job,busy_ms_per_job,abandoned_ms_per_job,in_flight_mean,wait_mean_ms,client_wait_mean_ms
one fails,'=all(),0,150,145,190,,250,299,450,0.5,1.5,0.25,4.75,1.25,9.5,8.5,2000,17.5,1500,0.125,2.75,0,0
one fails,'=all(),1,150,145,190,,250,299,450,0.5,1.5,0.25,4.75,1.25,9.5,8.5,2000,17.5,1500,0.125,2.75,0,0
";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    #[test]
    fn without_replications_of_a_workload_in_time_there_is_nothing_to_write() {
        assert!(!is_written(&sample::record().cells));
    }

    #[test]
    fn every_figure_has_a_name_that_a_scenario_may_use() {
        for name in FIGURES {
            assert!(awaitlab_core::metric::exists(name), "{name}");
        }
    }
}
