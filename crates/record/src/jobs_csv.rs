//! `jobs.csv`: one row per job.
//!
//! Times are milliseconds to the nanosecond, plain decimals; settling and drain count from the job's
//! arrival and are empty where there is none. `started`, `succeeded`, `failed` and `cancelled` count
//! attempts that reached a service, and say how they ended, not what they were wanted for.

use std::io::{self, Write};

use crate::JobRow;
use crate::csv_text::{ms, text};
use crate::summary::Row;

/// The columns, in their order.
pub const COLUMNS: [&str; 17] = [
    "variant",
    "strategy",
    "replication",
    "job",
    "arrival_ms",
    "status",
    "settle_ms",
    "drain_ms",
    "started",
    "started_at_settle",
    "succeeded",
    "failed",
    "cancelled",
    "delivered",
    "orphan_ms",
    "busy_ms",
    "peak_in_flight",
];

/// Writes the jobs, whose `row` says which of `rows` they belong to.
///
/// # Errors
/// Those of the writer.
///
/// # Panics
/// When a job belongs to no row.
pub fn write(rows: &[Row], jobs: &[JobRow], writer: impl Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(writer);
    table.write_record(COLUMNS)?;
    for job in jobs {
        let row = &rows[job.row as usize];
        table.write_field(&*text(&row.variant))?;
        table.write_field(&*text(&row.strategy))?;
        table.write_record(cells(job))?;
    }
    table.flush()
}

/// All but the names.
fn cells(job: &JobRow) -> [String; 15] {
    let maybe = |ns: Option<u64>| ns.map_or_else(String::new, ms);
    [
        job.replication.to_string(),
        job.job.to_string(),
        ms(job.arrival_ns),
        job.status.name().to_owned(),
        maybe(job.settle_ns),
        maybe(job.drain_ns),
        job.started.to_string(),
        job.started_at_settle.to_string(),
        job.succeeded.to_string(),
        job.failed.to_string(),
        job.cancelled.to_string(),
        job.delivered.to_string(),
        ms(job.orphan_ns),
        ms(job.busy_ns),
        job.peak_in_flight.to_string(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_job_is_a_row_of_plain_decimals() {
        let record = sample::record();
        let mut bytes = Vec::new();
        write(&record.summary.rows, &record.jobs.unwrap(), &mut bytes).unwrap();
        let expected = "\
variant,strategy,replication,job,arrival_ms,status,settle_ms,drain_ms,started,started_at_settle,succeeded,failed,cancelled,delivered,orphan_ms,busy_ms,peak_in_flight
healthy,'=all(),7,0,0,fulfilled,500.000001,1500,3,2,2,1,0,2,70.5,0.000001,3
one fails,'=all(),7,0,0,never-settled,,,3,2,2,1,0,2,70.5,0.000001,3
";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }
}
