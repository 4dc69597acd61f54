//! The numbers behind the words of the table.

use awaitlab_record::summary::{Row, Summary};
use awaitlab_record::words;

use crate::columns;
use crate::figures;

/// What one strategy's words were derived from, over all variants.
pub(crate) struct Evidence<'a> {
    /// A row of the strategy: its name and its words.
    pub(crate) row: &'a Row,
    of: words::Evidence,
    peak: u64,
}

/// Whether the words say anything of any strategy: of single calls they cannot.
pub(crate) fn are_said(summary: &Summary) -> bool {
    columns::strategies(summary).iter().any(|row| {
        let words = &row.words;
        [
            &words.error_resilience,
            &words.resource_utilization,
            &words.failure_mode,
        ]
        .iter()
        .any(|word| !word.is_empty() && *word != figures::NONE)
    })
}

/// The evidence of each strategy, in the order of the scenario.
pub(crate) fn evidence(summary: &Summary) -> Vec<Evidence<'_>> {
    columns::strategies(summary)
        .iter()
        .map(|row| Evidence::gather(summary, row))
        .collect()
}

impl<'a> Evidence<'a> {
    fn gather(summary: &Summary, row: &'a Row) -> Self {
        let rows: Vec<&Row> = summary
            .rows
            .iter()
            .filter(|r| r.strategy == row.strategy)
            .collect();
        Evidence {
            row,
            of: words::Evidence::of(rows.iter().copied()),
            peak: rows.iter().map(|row| row.in_flight.peak).max().unwrap_or(0),
        }
    }

    /// How the strategy loads its services: `at most 3 of 3 calls in flight`.
    pub(crate) fn load(&self) -> String {
        let calls = figures::counted(self.row.calls_per_job, "call", "calls");
        let waited = if self.of.traits.waited {
            ", some waited for their start"
        } else {
            ""
        };
        format!("at most {} of {calls} in flight{waited}", self.peak)
    }

    /// What became of the jobs in which some calls failed and some did not.
    pub(crate) fn partial_failures(&self) -> String {
        let traits = &self.of.traits;
        if traits.mixed_jobs == 0 {
            return "none".into();
        }
        let jobs = figures::counted(traits.mixed_jobs, "job", "jobs");
        let delivered = format!(
            "{} of {} successes delivered",
            figures::count(traits.mixed_delivered),
            figures::count(traits.mixed_successful)
        );
        let how = match (traits.mixed_cut_short, traits.mixed_rejected_at_end) {
            _ if traits.mixed_rejected == 0 => {
                return format!("{jobs}, none rejected; {delivered}");
            }
            (0, 0) => String::new(),
            (cut, 0) => format!(" ({} before all had ended)", figures::count(cut)),
            (0, end) => format!(" ({} after all had ended)", figures::count(end)),
            (cut, end) => format!(
                " ({} before all had ended, {} after)",
                figures::count(cut),
                figures::count(end)
            ),
        };
        format!(
            "{jobs}, {} rejected{how}; {delivered}",
            figures::count(traits.mixed_rejected)
        )
    }
}
