//! A record as the files of its folder.

use awaitlab_core::name::file_id;

use crate::folder::{FolderError, Writer};
use crate::summary::Row;
use crate::{Record, hgrm, hlog, jobs_csv, replications_csv, series_csv, table_csv};

/// Writes what the record holds: `summary.json` before anything else, then `table.csv`, `jobs.csv`
/// where jobs were kept, `replications.csv` and `series.csv` where some cell has such, `<variant>/<strategy>.hgrm` with
/// the times of all settled jobs where any settled, the same over virtual time in `.hlog` for cells
/// with a series, and `scenario.toml`.
///
/// # Errors
/// Those of [`Writer::file`]; and when a figure is not finite, before anything is written.
pub fn write_record(writer: &mut Writer, record: &Record) -> Result<(), FolderError> {
    let summary = &record.summary;
    writer.file("summary.json", summary.to_json()?)?;
    writer.stream("table.csv", |file| table_csv::write(summary, file))?;
    if let Some(jobs) = &record.jobs {
        writer.stream("jobs.csv", |file| {
            jobs_csv::write(&summary.rows, jobs, file)
        })?;
    }
    if replications_csv::is_written(&record.cells) {
        writer.stream("replications.csv", |file| {
            replications_csv::write(&summary.rows, &record.cells, file)
        })?;
    }
    if record.cells.iter().any(|cell| cell.series.is_some()) {
        writer.stream("series.csv", |file| {
            series_csv::write(&summary.rows, &record.cells, file)
        })?;
    }
    for (row, cell) in summary.rows.iter().zip(&record.cells) {
        if cell.settle.count() > 0 {
            let name = own_name(row, "hgrm");
            writer.stream(&name, |file| hgrm::write(&cell.settle, file))?;
        }
        if let Some(series) = &cell.series {
            let name = own_name(row, "hlog");
            writer.stream(&name, |file| hlog::write(series, file))?;
        }
    }
    writer.file("scenario.toml", &record.scenario_toml)
}

/// The file of one cell.
fn own_name(row: &Row, extension: &str) -> String {
    let (variant, strategy) = (file_id(&row.variant), file_id(&row.strategy));
    format!("{variant}/{strategy}.{extension}")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use awaitlab_stats::Histogram;
    use tempfile::TempDir;

    use super::*;
    use crate::folder::Folder;
    use crate::sample;

    fn write(record: &Record) -> (TempDir, Result<(), FolderError>) {
        let temp = TempDir::new().unwrap();
        let mut writer = Folder::open(temp.path()).unwrap().begin().unwrap();
        let result = write_record(&mut writer, record);
        writer.finish().unwrap();
        (temp, result)
    }

    #[test]
    fn every_file_has_its_place_and_no_name_is_a_path() {
        let mut record = sample::record();
        record.summary.rows[1].variant = "../../etc".into();
        let (temp, result) = write(&record);
        result.unwrap();
        let text = |name| fs::read_to_string(temp.path().join(name)).unwrap();
        assert_eq!(text("summary.json"), record.summary.to_json().unwrap());
        assert_eq!(text("scenario.toml"), "title = \"Three requests\"\n");
        assert_eq!(text("table.csv").lines().count(), 3);
        assert_eq!(text("jobs.csv").lines().count(), 3);
        assert!(text("healthy/all.hgrm").contains("Total count    =            4"));
        assert!(temp.path().join("etc/all.hgrm").is_file());
    }

    #[test]
    fn where_nothing_settled_there_is_no_distribution_and_where_nobody_asked_no_jobs() {
        let mut record = sample::record();
        record.jobs = None;
        record.cells[0].settle = Histogram::new();
        let (temp, result) = write(&record);
        result.unwrap();
        assert!(!temp.path().join("healthy").exists() && !temp.path().join("jobs.csv").exists());
        assert!(temp.path().join("one-fails/all.hgrm").is_file());
    }

    #[test]
    fn a_cell_with_a_series_has_a_log_and_one_without_has_none() {
        let mut record = sample::record();
        record.cells[1].series = Some(sample::series());
        let (temp, result) = write(&record);
        result.unwrap();
        assert!(temp.path().join("series.csv").is_file());
        assert!(temp.path().join("one-fails/all.hlog").is_file());
        assert!(!temp.path().join("healthy/all.hlog").exists());
    }

    #[test]
    fn without_a_series_there_is_no_file_of_them() {
        let (temp, result) = write(&sample::record());
        result.unwrap();
        assert!(!temp.path().join("series.csv").exists());
    }

    #[test]
    fn a_record_that_cannot_be_written_leaves_nothing() {
        let mut record = sample::record();
        record.summary.rows[0].amplification = Some(f64::NAN);
        let (temp, result) = write(&record);
        assert!(matches!(result, Err(FolderError::Summary(_))));
        assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 0);
    }

    #[test]
    fn two_names_that_make_one_file_are_refused_instead_of_one_lost() {
        let mut record = sample::record();
        record.summary.rows[1].variant = "Healthy!".into();
        let (_temp, result) = write(&record);
        assert!(
            matches!(&result, Err(FolderError::Name { name }) if name == "healthy/all.hgrm"),
            "{result:?}"
        );
    }
}
