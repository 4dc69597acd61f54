//! Observations from a CSV file beside the scenario.

use std::time::Duration;

use awaitlab_latency::LONGEST;

use crate::document::Table;
use crate::format::Builder;
use crate::printable;
use crate::read::sha256;
use crate::shape::{Choice, Key, Shape};

/// Units with their nanoseconds.
const UNITS: [(&str, f64); 4] = [("ns", 1.0), ("us", 1e3), ("ms", 1e6), ("s", 1e9)];

pub(super) fn keys() -> Vec<Key> {
    let units = UNITS
        .iter()
        .map(|(word, _)| Choice { word, doc: "" })
        .collect();
    vec![
        Key::required(
            "file",
            super::reference(),
            "a CSV file; its path begins at the scenario's",
        ),
        Key::optional(
            "column",
            super::reference(),
            "the heading of the column; the first column when absent",
        ),
        Key::required("unit", Shape::Choice(units), "what the numbers count"),
    ]
}

/// The observations; `None` where they cannot be had, which is reported.
pub(super) fn observations(table: &Table, builder: &mut Builder<'_>) -> Option<Vec<Duration>> {
    let (path, unit) = (table.text("file")?, table.text("unit")?);
    let nanos_per_unit = UNITS.iter().find(|(word, _)| *word == unit)?.1;
    let place = table.get("file")?.place;
    let column = table.text("column");
    let shown = printable::quote(path);
    let refuse = |builder: &mut Builder<'_>, why: String| {
        builder.problems.at(place, format!("{shown}: {why}"));
    };
    let bytes = match (builder.files)(path) {
        Ok(bytes) => bytes,
        Err(why) => {
            refuse(builder, why);
            return None;
        }
    };
    match read(&bytes, column, nanos_per_unit) {
        Ok(observations) => {
            builder.hashes.insert(path.to_owned(), sha256(&bytes));
            Some(observations)
        }
        Err(error) => {
            refuse(builder, error.to_string());
            None
        }
    }
}

/// Why a file has no observations to give.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Error {
    /// A line is no record of a CSV file.
    #[error("line {line} is not CSV")]
    Malformed { line: u64 },
    /// No heading is the one that was asked for.
    #[error("there is no column {column}")]
    NoColumn { column: String },
    /// A field is no number of at least 0.
    #[error("line {line}: {field} is not a number of at least 0")]
    NoNumber { line: u64, field: String },
    /// An observation is beyond what a latency can be.
    #[error("line {line}: longer than 146 years")]
    TooLong { line: u64 },
}

/// The numbers of a column. Without a name for it, a first line that is no number is its heading.
fn read(bytes: &[u8], column: Option<&str>, nanos_per_unit: f64) -> Result<Vec<Duration>, Error> {
    let mut records = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let mut at = 0;
    let mut observations = Vec::new();
    for (index, record) in records.byte_records().enumerate() {
        let record = record.map_err(|error| Error::Malformed {
            line: error.position().map_or(0, csv::Position::line),
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        if index == 0
            && let Some(column) = column
        {
            at = record
                .iter()
                .position(|heading| heading == column.as_bytes())
                .ok_or_else(|| Error::NoColumn {
                    column: printable::quote(column),
                })?;
            continue;
        }
        let field = String::from_utf8_lossy(record.get(at).unwrap_or_default());
        let number = field
            .parse::<f64>()
            .ok()
            .filter(|n| n.is_finite() && *n >= 0.0);
        let Some(number) = number else {
            if index == 0 {
                continue;
            }
            return Err(Error::NoNumber {
                line,
                field: printable::quote(&field),
            });
        };
        let nanos = number * nanos_per_unit;
        if nanos > LONGEST.as_nanos() as f64 {
            return Err(Error::TooLong { line });
        }
        observations.push(Duration::from_nanos(nanos.round() as u64));
    }
    Ok(observations)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: f64 = 1e6;

    fn millis(all: &[u64]) -> Vec<Duration> {
        all.iter().map(|&ms| Duration::from_millis(ms)).collect()
    }

    #[test]
    fn a_column_is_found_by_its_heading() {
        let file = b"name,took\r\nfirst,20\r\n\"second, again\",1.5e1\r\n";
        assert_eq!(read(file, Some("took"), MS), Ok(millis(&[20, 15])));
        let error = Error::NoColumn {
            column: "\"tok\"".to_owned(),
        };
        assert_eq!(read(file, Some("tok"), MS), Err(error));
    }

    #[test]
    fn without_a_heading_it_is_the_first_column() {
        assert_eq!(read(b"20\n15\n", None, MS), Ok(millis(&[20, 15])));
        assert_eq!(
            read(b"\xef\xbb\xbftook\n20\n15", None, MS),
            Ok(millis(&[20, 15]))
        );
    }

    #[test]
    fn what_is_no_latency_is_named_with_its_line() {
        for field in ["-1", "nan", "inf", "x", "\"\""] {
            let file = format!("took\n20\n{field}\n");
            let shown = format!("\"{}\"", field.trim_matches('"'));
            let error = Error::NoNumber {
                line: 3,
                field: shown,
            };
            assert_eq!(read(file.as_bytes(), None, MS), Err(error), "{field}");
        }
        assert_eq!(read(b"1e300\n", None, MS), Err(Error::TooLong { line: 1 }));
    }

    #[test]
    fn an_empty_file_has_no_observations() {
        assert_eq!(read(b"", None, MS), Ok(vec![]));
    }
}
