//! `awaitlab compare`.

use awaitlab_core::metric::METRICS;
use awaitlab_record::changes::{self, Changes, StoredError, StoredRun};

use crate::args::{ChangesFormat, CompareArgs};
use crate::exit::{BadUsage, Exit};
use crate::output;

/// Compares two report folders.
pub(crate) fn compare(args: &CompareArgs) -> anyhow::Result<Exit> {
    let a = StoredRun::read(&args.a).map_err(unread)?;
    let b = StoredRun::read(&args.b).map_err(unread)?;
    let metrics = metrics(&args.metrics, &a, &b)?;
    let mut changes = changes::changes(&a, &b, &metrics).map_err(unread)?;
    if changes.rows_in_both == 0 {
        let [a, b] = [&args.a, &args.b].map(|folder| folder.display());
        return Err(BadUsage(format!(
            "{a} and {b} have no variant and strategy in common, so there is nothing to compare"
        ))
        .into());
    }
    if let Some(percent) = args.fail_over {
        changes = changes.failing_over(percent);
    }
    print(args.format, &changes)?;
    let regressions = changes
        .fail_over
        .iter()
        .flat_map(|found| &found.regressions);
    Ok(match regressions.count() {
        0 => Exit::Done,
        _ => Exit::Missed,
    })
}

/// The figures asked for, each once; without any, the usual ones.
fn metrics(asked: &[String], a: &StoredRun, b: &StoredRun) -> Result<Vec<String>, BadUsage> {
    if asked.is_empty() {
        return Ok(changes::usual(a, b));
    }
    let mut metrics: Vec<String> = Vec::new();
    for metric in asked {
        // A scenario's own measures are figures of its rows alone.
        let mut rows = a.summary.rows.iter().chain(&b.summary.rows);
        if !METRICS.contains(&metric.as_str()) && rows.all(|row| row.metric(metric).is_none()) {
            return Err(unknown(metric));
        }
        if !metrics.contains(metric) {
            metrics.push(metric.clone());
        }
    }
    Ok(metrics)
}

fn unknown(metric: &str) -> BadUsage {
    let group = metric.split(['.', '_']).next().unwrap_or(metric);
    let near: Vec<&str> = METRICS
        .iter()
        .copied()
        .filter(|name| name.starts_with(group))
        .collect();
    let known = if near.is_empty() || group.is_empty() {
        METRICS
    } else {
        &near
    };
    BadUsage(format!(
        "there is no figure {metric:?}; there are {}",
        known.join(", ")
    ))
}

/// What cannot be read is bad input, unless it is the machine that failed.
fn unread(error: StoredError) -> anyhow::Error {
    match error {
        StoredError::Io { .. } => error.into(),
        error => BadUsage(error.to_string()).into(),
    }
}

fn print(format: ChangesFormat, changes: &Changes) -> anyhow::Result<()> {
    let text = match format {
        ChangesFormat::Table => awaitlab_report::changes(changes, output::width(), output::color()),
        ChangesFormat::Markdown => awaitlab_report::changes_markdown(changes),
        ChangesFormat::Json => serde_json::to_string_pretty(changes)? + "\n",
        ChangesFormat::Csv => {
            let mut csv = Vec::new();
            changes::write_csv(changes, &mut csv)?;
            String::from_utf8_lossy(&csv).into_owned()
        }
    };
    output::results(&text)
}
