//! The columns of the comparison table, the same in the terminal and in Markdown.

use awaitlab_record::summary::{Comparison, Expectation, Row, Summary};
use awaitlab_stats::Verdict;

use crate::figures::{self, NONE};

/// A column of the comparison table.
pub(crate) struct Column {
    pub(crate) head: &'static str,
    /// The same, for a terminal that would else lose a column.
    pub(crate) short: &'static str,
    cell: fn(&Row) -> String,
    /// The same without what a narrow terminal can do without.
    brief: fn(&Row) -> String,
    /// Whether a table has it that has this row.
    wanted: fn(&Row) -> bool,
}

impl Column {
    const fn new(
        head: &'static str,
        short: &'static str,
        cell: fn(&Row) -> String,
        wanted: fn(&Row) -> bool,
    ) -> Self {
        Column {
            head,
            short,
            cell,
            brief: cell,
            wanted,
        }
    }

    const fn or_brief(self, brief: fn(&Row) -> String) -> Self {
        Column { brief, ..self }
    }

    /// What stands in it.
    pub(crate) fn cell(&self, row: &Row) -> String {
        (self.cell)(row)
    }

    /// What stands in it where there is little room.
    pub(crate) fn brief(&self, row: &Row) -> String {
        (self.brief)(row)
    }
}

/// All columns after the strategy's name, in the order of their worth: a narrow terminal loses them
/// from the right.
const COLUMNS: [Column; 10] = [
    Column::new("Settle mean", "Settle", settle_mean, always),
    Column::new("p99", "p99", p99, always).or_brief(brief_p99),
    Column::new("Success", "Success", success, always),
    Column::new("Goodput", "Goodput", goodput, has_goodput),
    Column::new("Recovery", "Recov.", recovery, has_recovery),
    Column::new("Deaths", "Deaths", deaths, has_deaths),
    Column::new("Amplification", "Amplif.", amplification, always),
    Column::new("Orphan time", "Orphan", orphan, always),
    Column::new("Attempts", "Attempts", attempts, always),
    Column::new("Utilization", "Utiliz.", utilization, has_utilization),
];

/// The columns of a run's table: those of work in time only where it was in time.
pub(crate) fn columns(summary: &Summary) -> Vec<&'static Column> {
    let wanted = |column: &&Column| summary.rows.iter().any(column.wanted);
    // Without rows there is nothing that asks for a column, and a table has its head all the same.
    let empty = |column: &&Column| (column.wanted)(&Row::default());
    COLUMNS
        .iter()
        .filter(|column| wanted(column) || empty(column))
        .collect()
}

/// Whether jobs came in time, so that goodput can be told.
pub(crate) fn has_goodput(row: &Row) -> bool {
    row.goodput_per_s.is_some()
}

/// Whether goodput came back after a fault.
pub(crate) fn has_recovery(row: &Row) -> bool {
    row.recover_ms.is_some()
}

/// Whether client processes died.
pub(crate) fn has_deaths(row: &Row) -> bool {
    row.client_deaths > 0
}

/// Whether jobs settled, but too few for a 99th percentile.
pub(crate) fn lacks_a_percentile(row: &Row) -> bool {
    row.settle_ms.mean.is_some() && row.settle_ms.p99.is_none()
}

/// Whether the 99th percentile has an interval that shows.
pub(crate) fn has_an_interval_of_p99(row: &Row) -> bool {
    p99(row) != brief_p99(row)
}

/// Whether some service has a limit of workers.
pub(crate) fn has_utilization(row: &Row) -> bool {
    busiest(row).is_some()
}

fn always(_: &Row) -> bool {
    true
}

fn settle_mean(row: &Row) -> String {
    figures::mean_time(row.settle_ms.mean, row.settle_ms.ci95)
}

fn p99(row: &Row) -> String {
    figures::mean_time(row.settle_ms.p99, row.settle_ms.p99_ci95)
}

fn brief_p99(row: &Row) -> String {
    figures::maybe_time(row.settle_ms.p99)
}

fn success(row: &Row) -> String {
    row.success_rate
        .value
        .map_or_else(|| NONE.into(), figures::percent)
}

fn goodput(row: &Row) -> String {
    row.goodput_per_s.map_or_else(
        || NONE.into(),
        |rate| format!("{}/s", figures::number(rate)),
    )
}

fn recovery(row: &Row) -> String {
    figures::maybe_time(row.recover_ms)
}

fn deaths(row: &Row) -> String {
    figures::count(row.client_deaths)
}

fn amplification(row: &Row) -> String {
    row.amplification
        .map_or_else(|| NONE.into(), |a| format!("{a:.2}"))
}

fn orphan(row: &Row) -> String {
    figures::maybe_time(row.orphan_ms_per_job)
}

fn attempts(row: &Row) -> String {
    per_job(row.attempts.made, row.jobs)
}

fn utilization(row: &Row) -> String {
    busiest(row).map_or_else(|| NONE.into(), figures::percent)
}

/// The utilization of the busiest service.
fn busiest(row: &Row) -> Option<f64> {
    row.utilization.values().copied().flatten().reduce(f64::max)
}

/// Attempts, or whatever else is counted over all jobs, per job.
pub(crate) fn per_job(count: u64, jobs: u64) -> String {
    if jobs == 0 {
        NONE.into()
    } else {
        figures::number(count as f64 / jobs as f64)
    }
}

/// The rows of each variant, in the order of the scenario.
pub(crate) fn variants(summary: &Summary) -> Vec<(&str, &[Row])> {
    summary
        .rows
        .chunk_by(|a, b| a.variant == b.variant)
        .map(|rows| (rows[0].variant.as_str(), rows))
        .collect()
}

/// One row for each strategy, of the first variant: what does not depend on the variant, such as
/// the words, can be read from it.
pub(crate) fn strategies(summary: &Summary) -> &[Row] {
    variants(summary).first().map_or(&[], |(_, rows)| rows)
}

/// Whether the scenario has variants of its own.
pub(crate) fn has_variants(summary: &Summary) -> bool {
    variants(summary).len() > 1
        || summary
            .rows
            .first()
            .is_some_and(|row| row.variant != "base")
}

/// What was found against one baseline in one variant, by one metric.
pub(crate) struct Findings<'a> {
    pub(crate) baseline: &'a str,
    pub(crate) metric: &'a str,
    /// Verdict, and whom it is about.
    pub(crate) groups: Vec<(&'a str, Vec<&'a Comparison>)>,
}

/// The comparisons of a variant, gathered by what was found.
pub(crate) fn findings<'a>(summary: &'a Summary, variant: &str) -> Vec<Findings<'a>> {
    let mut found: Vec<Findings<'a>> = Vec::new();
    for comparison in summary.comparisons.iter().filter(|c| c.variant == variant) {
        let about = (comparison.baseline.as_str(), comparison.metric.as_str());
        let index = match found.iter().position(|f| (f.baseline, f.metric) == about) {
            Some(index) => index,
            None => {
                found.push(Findings {
                    baseline: about.0,
                    metric: about.1,
                    groups: Vec::new(),
                });
                found.len() - 1
            }
        };
        let groups = &mut found[index].groups;
        match groups
            .iter_mut()
            .find(|(verdict, _)| *verdict == comparison.verdict)
        {
            Some((_, whom)) => whom.push(comparison),
            None => groups.push((&comparison.verdict, vec![comparison])),
        }
    }
    found
}

/// Who cannot be told from the baseline of a variant, the baseline first; nobody where all can be,
/// or are known to be the same.
pub(crate) fn not_distinguishable<'a>(found: &Findings<'a>) -> Vec<&'a str> {
    let alike = [Verdict::NotDistinguishable, Verdict::Identical].map(Verdict::words);
    let of = |verdict: &str| alike.contains(&verdict);
    let groups = || found.groups.iter().filter(|(verdict, _)| of(verdict));
    if groups().all(|(verdict, _)| *verdict == Verdict::Identical.words()) {
        return Vec::new();
    }
    let whom = groups().flat_map(|(_, whom)| whom.iter());
    std::iter::once(found.baseline)
        .chain(whom.map(|comparison| comparison.strategy.as_str()))
        .collect()
}

/// A difference with its sign, in the unit of its metric.
pub(crate) fn difference(comparison: &Comparison) -> Option<String> {
    let difference = comparison.difference?;
    if difference == 0.0 {
        return None;
    }
    let sign = if difference > 0.0 { "+" } else { "" };
    let metric = comparison.metric.as_str();
    let value = if is_a_share(metric) {
        format!("{} points", figures::number(difference * 100.0))
    } else {
        measured(metric, difference)
    };
    Some(format!("{sign}{value}"))
}

fn is_a_share(metric: &str) -> bool {
    let name = metric.split('.').next().unwrap_or(metric);
    matches!(name, "success_rate" | "client_idle_share" | "measures")
}

/// A metric's value in its unit.
pub(crate) fn measured(metric: &str, value: f64) -> String {
    let name = metric.split('.').next().unwrap_or(metric);
    if name.ends_with("_ms") || name.contains("_ms_") || metric == "policies.open_ms" {
        figures::time(value)
    } else if is_a_share(metric) {
        figures::percent(value)
    } else if name.ends_with("_per_s") {
        format!("{}/s", figures::number(value))
    } else {
        figures::number(value)
    }
}

/// A metric as it is spoken of: `settle_ms.mean` is the mean settle time.
pub(crate) fn spoken(metric: &str) -> String {
    match metric {
        "settle_ms.mean" => "mean settle time".into(),
        "settle_ms.p50" => "median settle time".into(),
        "settle_ms.p99" => "p99 of the settle time".into(),
        "success_rate.value" => "success rate".into(),
        "goodput_per_s" => "goodput".into(),
        "recover_ms" => "time to recover".into(),
        other => other.into(),
    }
}

/// An expectation in words: `settle_ms.p99 at most 300 ms`.
pub(crate) fn expected(expectation: &Expectation) -> String {
    let metric = &expectation.metric;
    let bounds = [
        (expectation.min, "at least"),
        (expectation.max, "at most"),
        (expectation.equals, "equal to"),
    ];
    let said: Vec<String> = bounds
        .iter()
        .filter_map(|(bound, word)| bound.map(|b| format!("{word} {}", measured(metric, b))))
        .collect();
    format!("{metric} {}", said.join(" and "))
}

/// What was measured for an expectation.
pub(crate) fn found(expectation: &Expectation) -> String {
    expectation
        .value
        .map_or_else(|| NONE.into(), |value| measured(&expectation.metric, value))
}

/// More names than this in a row are not read.
pub(crate) const NAMED: usize = 8;

/// The first of many, and how many others there are.
pub(crate) fn some_of(names: &[String]) -> String {
    match names.len().saturating_sub(NAMED) {
        // One name is no longer than saying that there is one more.
        0 | 1 => names.join(", "),
        others => format!("{} and {others} others", names[..NAMED].join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_written_in_the_unit_of_its_metric() {
        assert_eq!(measured("settle_ms.p99", 1500.0), "1500 ms");
        assert_eq!(measured("orphan_ms_per_job", 70.0), "70 ms");
        assert_eq!(measured("policies.open_ms", 480.0), "480 ms");
        assert_eq!(measured("policies.retries", 480.0), "480");
        assert_eq!(measured("measures.stays overloaded", 0.75), "75 %");
        assert_eq!(measured("goodput_per_s", 79.5), "79.5/s");
    }
}
