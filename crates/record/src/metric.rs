//! A row's figures by name: `settle_ms.p99`, `attempts.orphaned`, `success_rate.value`.
//!
//! The names are those of `awaitlab_core::metric`: the path of a number in a row of `summary.json`.
//! The bounds of intervals, what stands under the name of a service or of one layer of policies,
//! errors by class, and the traits that only the words are derived from have none. A scenario's own
//! measures are figures too, as `measures.NAME`, of the rows that have them.

use awaitlab_stats::Direction;

use crate::summary::{CallCounts, Distribution, FateCounts, InFlight, PolicyCounts, Row, Wait};

impl Row {
    /// The figure of that name: `None` where there is no such figure, `Some(None)` where this row
    /// could not compute it.
    pub fn metric(&self, name: &str) -> Option<Option<f64>> {
        let Some((group, figure)) = name.split_once('.') else {
            return self.plain(name);
        };
        match group {
            "settle_ms" => self.settle_ms.figure(figure),
            "settle_ms_fulfilled" => self.settle_ms_fulfilled.figure(figure),
            "settle_ms_rejected" => self.settle_ms_rejected.figure(figure),
            "drain_ms" => self.drain_ms.figure(figure),
            "success_rate" if figure == "value" => Some(self.success_rate.value),
            "calls" => self.calls.figure(figure).map(count),
            "attempts" => self.attempts.figure(figure).map(count),
            "in_flight" => self.in_flight.figure(figure),
            "wait_ms" => self.wait_ms.figure(figure),
            "client_wait_ms" => self.client_wait_ms.figure(figure),
            "loop_lag_ms" => self.loop_lag_ms.figure(figure),
            "policies" => self.policies.figure(figure),
            "measures" => self.measures.get(figure).map(|measure| measure.value),
            _ => None,
        }
    }

    /// The 95 % interval of the figure of that name: `None` where figures of that name have none,
    /// `Some(None)` where this row could not compute it.
    pub fn interval(&self, name: &str) -> Option<Option<[f64; 2]>> {
        let (group, figure) = name.split_once('.')?;
        match group {
            "settle_ms" => self.settle_ms.interval(figure),
            "settle_ms_fulfilled" => self.settle_ms_fulfilled.interval(figure),
            "settle_ms_rejected" => self.settle_ms_rejected.interval(figure),
            "drain_ms" => self.drain_ms.interval(figure),
            "success_rate" if figure == "value" => Some(self.success_rate.ci95),
            "measures" => self.measures.get(figure).map(|measure| measure.ci95),
            _ => None,
        }
    }

    fn plain(&self, name: &str) -> Option<Option<f64>> {
        Some(match name {
            "calls_per_job" => count(self.calls_per_job),
            "wanted_per_job" => count(self.wanted_per_job),
            "jobs" => count(self.jobs),
            "fulfilled" => count(self.fulfilled),
            "rejected" => count(self.rejected),
            "never_settled" => count(self.never_settled),
            "delivered_per_job" => self.delivered_per_job,
            "lost_per_job" => self.lost_per_job,
            "degraded_per_job" => self.degraded_per_job,
            "orphan_ms_per_job" => self.orphan_ms_per_job,
            "busy_ms_per_job" => self.busy_ms_per_job,
            "abandoned_ms_per_job" => self.abandoned_ms_per_job,
            "amplification" => self.amplification,
            "offered_per_s" => self.offered_per_s,
            "throughput_per_s" => self.throughput_per_s,
            "goodput_per_s" => self.goodput_per_s,
            "recover_ms" => self.recover_ms,
            "client_idle_share" => self.client_idle_share,
            "unhandled" => count(self.unhandled),
            "client_deaths" => count(self.client_deaths),
            _ => return None,
        })
    }
}

/// Which way a figure of that name is better.
///
/// What callers receive is a yield; times that callers wait are times; the rest (work, counts of
/// what went wrong) is a cost.
pub fn direction(name: &str) -> Direction {
    match name.split('.').next().unwrap_or(name) {
        "settle_ms"
        | "settle_ms_fulfilled"
        | "settle_ms_rejected"
        | "drain_ms"
        | "wait_ms"
        | "client_wait_ms"
        | "loop_lag_ms"
        | "recover_ms" => Direction::Time,
        "success_rate" | "fulfilled" | "delivered_per_job" | "throughput_per_s"
        | "goodput_per_s" => Direction::Yield,
        // Time that a client has left over is the opposite of work.
        "client_idle_share" => Direction::Yield,
        "calls" if name == "calls.succeeded" => Direction::Yield,
        "attempts" if name == "attempts.useful" => Direction::Yield,
        // Also measures: most of them say that something went wrong.
        _ => Direction::Cost,
    }
}

/// A count as a figure: exact up to 2^53.
fn count(count: u64) -> Option<f64> {
    Some(count as f64)
}

impl Distribution {
    fn figure(&self, name: &str) -> Option<Option<f64>> {
        Some(match name {
            "mean" => self.mean,
            "min" => self.min,
            "p50" => self.p50,
            "p90" => self.p90,
            "p99" => self.p99,
            "p999" => self.p999,
            "max" => self.max,
            _ => return None,
        })
    }

    fn interval(&self, name: &str) -> Option<Option<[f64; 2]>> {
        Some(match name {
            "mean" => self.ci95,
            "p50" => self.p50_ci95,
            "p90" => self.p90_ci95,
            "p99" => self.p99_ci95,
            "p999" => self.p999_ci95,
            _ => return None,
        })
    }
}

impl CallCounts {
    fn figure(&self, name: &str) -> Option<u64> {
        Some(match name {
            "started" => self.started,
            "started_at_settle" => self.started_at_settle,
            "succeeded" => self.succeeded,
            "failed" => self.failed,
            "cancelled" => self.cancelled,
            _ => return None,
        })
    }
}

impl FateCounts {
    fn figure(&self, name: &str) -> Option<u64> {
        Some(match name {
            "made" => self.made,
            "started" => self.started,
            "useful" => self.useful,
            "failed" => self.failed,
            "rejected" => self.rejected,
            "late" => self.late,
            "duplicate" => self.duplicate,
            "orphaned" => self.orphaned,
            "cancelled" => self.cancelled,
            "unanswered" => self.unanswered,
            _ => return None,
        })
    }
}

impl PolicyCounts {
    fn figure(&self, name: &str) -> Option<Option<f64>> {
        Some(match name {
            "retries" => count(self.retries),
            "budget_spent" => count(self.budget_spent),
            "timeouts" => count(self.timeouts),
            "hedges" => count(self.hedges),
            "hedges_won" => count(self.hedges_won),
            "openings" => count(self.openings),
            "open_ms" => self.open_ms,
            "refused" => count(self.refused),
            "degraded" => count(self.degraded),
            _ => return None,
        })
    }
}

impl InFlight {
    fn figure(&self, name: &str) -> Option<Option<f64>> {
        match name {
            "peak" => Some(count(self.peak)),
            "mean" => Some(self.mean),
            _ => None,
        }
    }
}

impl Wait {
    fn figure(&self, name: &str) -> Option<Option<f64>> {
        match name {
            "mean" => Some(self.mean),
            "p99" => Some(self.p99),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use awaitlab_core::metric::METRICS;
    use serde_json::Value;

    use super::*;
    use crate::sample;

    /// Path and value of every number below an object, but for what has no name.
    fn numbers(value: &Value, path: &str, found: &mut Vec<(String, f64)>) {
        const NAMELESS: [&str; 6] = [
            "downstreams",
            "utilization",
            "attempt_errors",
            "call_errors",
            "measures",
            "traits",
        ];
        match value {
            Value::Number(number) => found.push((path.into(), number.as_f64().unwrap())),
            Value::Object(fields) => {
                for (key, value) in fields
                    .iter()
                    .filter(|(key, _)| !NAMELESS.contains(&key.as_str()))
                {
                    let dot = if path.is_empty() { "" } else { "." };
                    numbers(value, &format!("{path}{dot}{key}"), found);
                }
            }
            _ => {}
        }
    }

    #[test]
    fn every_number_of_a_row_has_a_name_and_every_name_a_number() {
        let row = sample::row("healthy", "all");
        let mut found = Vec::new();
        numbers(&serde_json::to_value(&row).unwrap(), "", &mut found);
        let paths: BTreeSet<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, METRICS.iter().copied().collect::<BTreeSet<&str>>());
        for (path, value) in &found {
            assert_eq!(row.metric(path), Some(Some(*value)), "{path}");
        }
    }

    #[test]
    fn an_unknown_name_is_told_from_a_figure_that_is_missing() {
        let empty = Row::default();
        assert_eq!(empty.metric("settle_ms.p99"), Some(None));
        for unknown in [
            "",
            "settle_ms",
            "settle_ms.p95",
            "settle_ms.p99.x",
            "attempts.",
            "traits",
        ] {
            assert_eq!(empty.metric(unknown), None, "{unknown:?}");
        }
    }

    #[test]
    fn a_measure_is_a_figure_of_the_rows_that_have_it() {
        let row = sample::row("healthy", "all");
        assert_eq!(row.metric("measures.stays overloaded"), Some(Some(0.75)));
        assert_eq!(
            row.metric("measures.of v1.2"),
            Some(None),
            "the first dot parts"
        );
        assert_eq!(row.metric("measures.another"), None);
        assert_eq!(Row::default().metric("measures.stays overloaded"), None);
    }

    #[test]
    fn only_means_quantiles_and_shares_have_intervals() {
        let row = sample::row("healthy", "all");
        assert_eq!(row.interval("settle_ms.mean"), Some(row.settle_ms.ci95));
        assert_eq!(row.interval("drain_ms.p99"), Some(row.drain_ms.p99_ci95));
        assert_eq!(row.interval("measures.of v1.2"), Some(None));
        for none in [
            "settle_ms.max",
            "amplification",
            "wait_ms.p99",
            "measures.x",
        ] {
            assert_eq!(row.interval(none), None, "{none}");
        }
    }

    #[test]
    fn without_policies_nothing_was_counted_and_no_time_is_known() {
        let none = Row::default();
        assert_eq!(none.metric("policies.retries"), Some(Some(0.0)));
        assert_eq!(none.metric("policies.open_ms"), Some(None));
    }

    #[test]
    fn less_waiting_more_results_and_less_work_are_better() {
        assert_eq!(direction("settle_ms.p99"), Direction::Time);
        assert_eq!(direction("success_rate.value"), Direction::Yield);
        assert_eq!(direction("attempts.orphaned"), Direction::Cost);
        assert_eq!(direction("attempts.useful"), Direction::Yield);
    }
}
