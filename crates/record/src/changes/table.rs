//! A CSV file of the lab, read back: one line per replication, row after row.

use std::fs::File;
use std::io;
use std::path::Path;

use super::stored::{OfRow, Source, StoredError};
use crate::csv_text::text;
use crate::summary::Row;

/// Adds what the file says of each row to the row's values, of those of workloads in time or of the
/// others. A column that the file does not have adds
/// nothing: an earlier version did not write it.
pub(super) fn read(
    path: &Path,
    file: File,
    (rows, in_time): (&[Row], bool),
    sources: &[Source],
    values: &mut [OfRow],
) -> Result<(), StoredError> {
    let mut csv = csv::Reader::from_reader(io::BufReader::new(file));
    let heads = csv.headers().map_err(|error| unread(path, error))?.clone();
    let place = |name: &str| heads.iter().position(|head| head == name);
    let names = ["variant", "strategy", "replication"].map(place);
    let [Some(variant), Some(strategy), Some(replication)] = names else {
        return Err(broken(path, Some(1), "not a table of the lab"));
    };
    let sources: Vec<(&Source, usize)> = sources
        .iter()
        .filter_map(|source| Some((source, place(&source.column)?)))
        .collect();
    let names: Vec<_> = rows
        .iter()
        .map(|row| [text(&row.variant), text(&row.strategy)])
        .collect();
    let mut next = vec![0_u64; rows.len()];
    let mut current = 0;
    let mut line = csv::StringRecord::new();
    while csv
        .read_record(&mut line)
        .map_err(|error| unread(path, error))?
    {
        let wrong = |why: &str| broken(path, line.position().map(csv::Position::line), why);
        let name = [&line[variant], &line[strategy]];
        // Thousands of lines of one row follow each other.
        if names.get(current).is_none_or(|current| *current != name) {
            let found = names.iter().position(|of_row| *of_row == name);
            current =
                found.ok_or_else(|| wrong("summary.json has no such variant and strategy"))?;
        }
        if rows[current].analysis.is_some() != in_time {
            continue;
        }
        if line[replication].parse() != Ok(next[current]) {
            let why = format!("replication {} was expected", next[current]);
            return Err(wrong(&why));
        }
        next[current] += 1;
        for &(source, place) in &sources {
            let value = number(&line[place]).ok_or_else(|| wrong("there is no number"))?;
            let value = value.map(|value| match source.of_wanted {
                true => value / rows[current].wanted_per_job.max(1) as f64,
                false => value,
            });
            let of_metric = values[current].entry(source.metric.clone()).or_default();
            of_metric.push(value);
        }
    }
    Ok(())
}

/// A cell: a number, or nothing. `None` where it is neither.
fn number(cell: &str) -> Option<Option<f64>> {
    if cell.is_empty() {
        return Some(None);
    }
    let number = cell.parse::<f64>().ok();
    number.filter(|number| number.is_finite()).map(Some)
}

fn broken(path: &Path, line: Option<u64>, why: &str) -> StoredError {
    StoredError::Table {
        file: path.to_owned(),
        line,
        why: why.to_owned(),
    }
}

fn unread(path: &Path, error: csv::Error) -> StoredError {
    let line = error.position().map(csv::Position::line);
    match error.into_kind() {
        csv::ErrorKind::Io(source) => StoredError::Io {
            file: path.to_owned(),
            source,
        },
        _ => broken(path, line, "not a table of the lab"),
    }
}
