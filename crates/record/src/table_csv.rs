//! `table.csv`: one row per variant and strategy, every figure of the summary a column.
//!
//! A column is named as its figure, with the unit last: `settle_ms.p99` stands in `settle_p99_ms`.
//! Means and quantiles of times and the success rate are followed by the bounds of their 95 % interval. Behind the
//! figures stand the scenario's own measures, a column each with its interval. Figures are plain
//! decimals; an empty cell is one that could not be computed.

use std::collections::BTreeSet;
use std::io::{self, Write};

use awaitlab_core::metric::METRICS;

use crate::csv_text::{figure, text};
use crate::summary::{Analysis, Row, Summary};

/// Writes the table.
///
/// # Errors
/// Those of the writer.
pub fn write(summary: &Summary, writer: impl Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(writer);
    let measures = measures(summary);
    table.write_record(columns(&measures))?;
    for row in &summary.rows {
        table.write_record(cells(row, &measures))?;
    }
    table.flush()
}

/// The names of all rows' measures, in their order.
fn measures(summary: &Summary) -> BTreeSet<&str> {
    let names = summary.rows.iter().flat_map(|row| row.measures.keys());
    names.map(String::as_str).collect()
}

fn columns(measures: &BTreeSet<&str>) -> Vec<String> {
    let mut columns: Vec<String> = ["variant", "strategy", "kind", "analysis"]
        .map(String::from)
        .into();
    for name in METRICS {
        columns.push(column(name, ""));
        if has_interval(name) {
            columns.extend([column(name, "_ci95_low"), column(name, "_ci95_high")]);
        }
    }
    for name in measures {
        columns.extend(["", "_ci95_low", "_ci95_high"].map(|of| format!("measure_{name}{of}")));
    }
    columns.extend(["error_resilience", "resource_utilization", "failure_mode"].map(String::from));
    columns
}

fn cells(row: &Row, measures: &BTreeSet<&str>) -> Vec<String> {
    let mut cells: Vec<String> = [&row.variant, &row.strategy, &row.kind]
        .map(|name| text(name).into_owned())
        .into();
    let analysis = row.analysis.map_or("", Analysis::name);
    cells.push(analysis.to_owned());
    for name in METRICS {
        cells.push(figure(row.metric(name).flatten()));
        if has_interval(name) {
            cells.extend(bounds(row.interval(name).flatten()));
        }
    }
    for name in measures {
        let measure = row.measures.get(*name).copied().unwrap_or_default();
        cells.push(figure(measure.value));
        cells.extend(bounds(measure.ci95));
    }
    let words = &row.words;
    cells.extend(
        [
            &words.error_resilience,
            &words.resource_utilization,
            &words.failure_mode,
        ]
        .map(|words| text(words).into_owned()),
    );
    cells
}

/// `settle_ms_fulfilled.mean` and `_ci95_low` make `settle_fulfilled_mean_ci95_low_ms`.
pub(crate) fn column(name: &str, suffix: &str) -> String {
    let name = name
        .strip_suffix(".value")
        .unwrap_or(name)
        .replace('.', "_");
    let (name, unit) = match name.split_once("_ms") {
        // A time per job keeps its unit where it is: `orphan_ms_per_job`.
        Some((front, back)) if !back.starts_with("_per_") => (format!("{front}{back}"), "_ms"),
        _ => (name, ""),
    };
    format!("{name}{suffix}{unit}")
}

fn bounds(interval: Option<[f64; 2]>) -> [String; 2] {
    [0, 1].map(|bound| figure(interval.map(|interval| interval[bound])))
}

fn has_interval(name: &str) -> bool {
    Row::default().interval(name).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn table(summary: &Summary) -> String {
        let mut bytes = Vec::new();
        write(summary, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// The table on its side: a line for each column.
    fn turned(table: &str) -> String {
        let rows: Vec<Vec<&str>> = table
            .lines()
            .map(|line| line.split(',').collect())
            .collect();
        let cell = |column: usize| rows.iter().map(move |row| row[column]).collect::<Vec<_>>();
        (0..rows[0].len())
            .map(|column| cell(column).join(" | ") + "\n")
            .collect()
    }

    #[test]
    fn a_row_is_every_figure_with_its_unit_in_the_name() {
        let mut summary = sample::summary();
        summary.rows.truncate(1);
        let expected = include_str!("../tests/table_csv.golden.txt");
        assert_eq!(turned(&table(&summary)), expected);
    }

    #[test]
    fn a_figure_that_could_not_be_computed_is_an_empty_cell() {
        let mut summary = sample::summary();
        summary.rows = vec![Row::default()];
        let table = table(&summary);
        let columns: Vec<&str> = table.lines().next().unwrap().split(',').collect();
        let cells: Vec<&str> = table.lines().nth(1).unwrap().split(',').collect();
        let cell = |name| cells[columns.iter().position(|&column| column == name).unwrap()];
        assert_eq!(cell("settle_mean_ms"), "");
        assert_eq!(cell("settle_mean_ci95_low_ms"), "");
        assert_eq!(cell("jobs"), "0");
    }

    #[test]
    fn a_measure_of_some_rows_is_a_column_of_all() {
        let mut summary = sample::summary();
        summary.rows[0].measures.clear();
        summary.rows[1].measures.remove("of v1.2");
        let table = table(&summary);
        let columns: Vec<&str> = table.lines().next().unwrap().split(',').collect();
        let measure = |column: &&str| column.starts_with("measure_");
        let at = columns.iter().position(measure).unwrap();
        assert_eq!(
            columns[at..at + 3],
            [
                "measure_stays overloaded",
                "measure_stays overloaded_ci95_low",
                "measure_stays overloaded_ci95_high"
            ]
        );
        let cells = |row: usize| -> Vec<&str> {
            let line = table.lines().nth(1 + row).unwrap();
            line.split(',').skip(at).take(3).collect()
        };
        assert_eq!(cells(0), ["", "", ""]);
        assert_eq!(cells(1), ["0.75", "0.5", "0.875"]);
    }

    #[test]
    fn no_two_columns_share_a_name() {
        let columns = columns(&BTreeSet::new());
        let distinct: std::collections::BTreeSet<&String> = columns.iter().collect();
        assert_eq!(distinct.len(), columns.len());
    }
}
