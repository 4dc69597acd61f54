//! The changes as a table: one row per metric, variant and strategy.

use std::io::{self, Write};

use super::Changes;
use crate::csv_text::{figure, text};

const COLUMNS: [&str; 14] = [
    "metric",
    "variant",
    "strategy",
    "a",
    "b",
    "difference",
    "difference_ci95_low",
    "difference_ci95_high",
    "relative",
    "relative_ci95_low",
    "relative_ci95_high",
    "paired",
    "p_adjusted",
    "verdict",
];

/// Writes the table. Figures are in the unit of their metric, relative ones shares.
///
/// # Errors
/// Those of the writer.
pub fn write(changes: &Changes, writer: impl Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(writer);
    table.write_record(COLUMNS)?;
    for of_metric in &changes.metrics {
        for change in &of_metric.changes {
            let bounds = |ci: Option<[f64; 2]>| [0, 1].map(|bound| figure(ci.map(|ci| ci[bound])));
            let [low, high] = bounds(change.ci95);
            let [relative_low, relative_high] = bounds(change.relative_ci95);
            table.write_record([
                &*text(&of_metric.metric),
                &*text(&change.row.variant),
                &*text(&change.row.strategy),
                &figure(change.a),
                &figure(change.b),
                &figure(change.difference),
                &low,
                &high,
                &figure(change.relative),
                &relative_low,
                &relative_high,
                if change.paired { "true" } else { "false" },
                &figure(change.p_adjusted),
                change.verdict,
            ])?;
        }
    }
    table.flush()
}
