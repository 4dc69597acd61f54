//! `series.csv`: one row per variant, strategy and interval of virtual time.
//!
//! Rates are per second of virtual time and numbers at once are means over the interval, both
//! averaged over replications; quantiles are of the jobs of all replications that settled in the
//! interval. An empty cell is one that could not be computed. The columns are the same whatever was
//! run; later versions add theirs at the right.

use std::io::{self, Write};

use awaitlab_stats::NS_PER_MS;

use crate::Cell;
use crate::csv_text::{figure, seconds, text};
use crate::series::Figures;
use crate::summary::Row;

/// The columns, in their order.
pub const COLUMNS: [&str; 19] = [
    "variant",
    "strategy",
    "from_s",
    "to_s",
    "offered_per_s",
    "settled_per_s",
    "good_per_s",
    "failed_per_s",
    "in_flight",
    "queued",
    "p50_ms",
    "p99_ms",
    "amplification",
    "retries_per_s",
    "hedges_per_s",
    "timeouts_per_s",
    "refused_per_s",
    "open_breakers",
    "limit",
];

/// Writes the intervals of all cells that have a series; `cells` stand behind `rows`.
///
/// # Errors
/// Those of the writer.
pub fn write(rows: &[Row], cells: &[Cell], writer: impl Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(writer);
    table.write_record(COLUMNS)?;
    for (row, cell) in rows.iter().zip(cells) {
        for figures in cell.series.iter().flat_map(|series| series.figures()) {
            table.write_field(&*text(&row.variant))?;
            table.write_field(&*text(&row.strategy))?;
            table.write_record(fields(&figures))?;
        }
    }
    table.flush()
}

/// All but the names.
fn fields(figures: &Figures) -> [String; 17] {
    let ms = |ns: Option<u64>| figure(ns.map(|ns| ns as f64 / NS_PER_MS));
    let known = |value: f64| figure(Some(value));
    [
        seconds(figures.from_ns),
        seconds(figures.to_ns),
        known(figures.offered_per_s),
        known(figures.settled_per_s),
        known(figures.good_per_s),
        known(figures.failed_per_s),
        known(figures.in_flight),
        known(figures.queued),
        ms(figures.p50_ns),
        ms(figures.p99_ns),
        figure(figures.amplification),
        known(figures.retries_per_s),
        known(figures.hedges_per_s),
        known(figures.timeouts_per_s),
        known(figures.refused_per_s),
        known(figures.open_breakers),
        figure(figures.limit),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn an_interval_is_a_row_of_rates_and_a_cell_without_a_series_has_none() {
        let mut record = sample::record();
        record.cells[1].series = Some(sample::series());
        let mut bytes = Vec::new();
        write(&record.summary.rows, &record.cells, &mut bytes).unwrap();
        let expected = "\
variant,strategy,from_s,to_s,offered_per_s,settled_per_s,good_per_s,failed_per_s,in_flight,queued,p50_ms,p99_ms,amplification,retries_per_s,hedges_per_s,timeouts_per_s,refused_per_s,open_breakers,limit
one fails,'=all(),0,0.5,4,3,2,1,1.5,0.25,200,400,1.25,3,2,5,1,0.125,30
one fails,'=all(),0.5,1,0,0,0,0,0.125,0,,,,0,0,0,0,0,
";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }
}
