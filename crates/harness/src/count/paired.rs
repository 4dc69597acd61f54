//! What is compared of isolated jobs: one value for each independent repetition, as an integer, so
//! that sums of values and of their differences are exact.
//!
//! A figure that a single job has is a value of each job. A quantile is one of many jobs: it is taken
//! of every *section*, so many replications in a row that ten of them lie beyond it. Sections begin
//! at fixed replications, so that both strategies' sections met the same world, and which thread ran
//! them does not matter; what is left behind the last whole one is not compared. (Batching; S. Asmussen
//! and P. Glynn, Stochastic Simulation, III.5.)

use awaitlab_core::Status;
use awaitlab_stats::quantile::SUPPORT;
use awaitlab_stats::{Moments, NS_PER_MS, Quantile};

use crate::job::outcome::JobOutcome;

/// A figure that independent repetitions have a value of, so that strategies can be compared pair by
/// pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paired {
    Settle,
    Drain,
    /// Results delivered of results wanted.
    Share,
    Delivered,
    Lost,
    Orphan,
    Busy,
    /// Any other figure that one job has, as its row would say, in millionths.
    Figure,
    /// A quantile of a section.
    Quantile(Times, Quantile),
}

/// Times of many jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Times {
    Settled,
    Fulfilled,
    Rejected,
    Drained,
}

const MILLIONTHS: f64 = 1e6;

impl Paired {
    /// The figure of that name; `None` where neither a job nor a section has a value of it.
    pub(crate) fn named(metric: &str) -> Option<Paired> {
        Some(match metric {
            "settle_ms.mean" => Paired::Settle,
            "drain_ms.mean" => Paired::Drain,
            "success_rate.value" => Paired::Share,
            "delivered_per_job" => Paired::Delivered,
            "lost_per_job" => Paired::Lost,
            "orphan_ms_per_job" => Paired::Orphan,
            "busy_ms_per_job" => Paired::Busy,
            // Of work that arrives in time.
            "offered_per_s" | "throughput_per_s" | "goodput_per_s" | "recover_ms" => return None,
            // Of the attempts of many jobs.
            "wait_ms.p99" | "client_wait_ms.p99" | "loop_lag_ms.p99" => return None,
            _ => return Paired::of_times(metric).unwrap_or(Some(Paired::Figure)),
        })
    }

    /// A statistic of times; `None` where the metric is none, `Some(None)` for the extremes, which
    /// only all jobs together have.
    fn of_times(metric: &str) -> Option<Option<Paired>> {
        let (group, statistic) = metric.split_once('.')?;
        let times = match group {
            "settle_ms" => Times::Settled,
            "settle_ms_fulfilled" => Times::Fulfilled,
            "settle_ms_rejected" => Times::Rejected,
            "drain_ms" => Times::Drained,
            _ => return None,
        };
        let quantile = match statistic {
            "p50" => Quantile::P50,
            "p90" => Quantile::P90,
            "p99" => Quantile::P99,
            "p999" => Quantile::P999,
            "mean" => return None,
            _ => return Some(None),
        };
        Some(Some(Paired::Quantile(times, quantile)))
    }

    /// Its value in one job, in nanoseconds, results or millionths; `None` where it has none. Of
    /// [`Paired::Figure`] the job's row says it.
    pub(crate) fn of(self, job: &JobOutcome, figure: Option<f64>) -> Option<u64> {
        let settled = |status| job.settle_ns.filter(|_| job.status == status);
        match self {
            Paired::Settle | Paired::Quantile(Times::Settled, _) => job.settle_ns,
            Paired::Drain | Paired::Quantile(Times::Drained, _) => job.drain_ns,
            Paired::Quantile(Times::Fulfilled, _) => settled(Status::Fulfilled),
            Paired::Quantile(Times::Rejected, _) => settled(Status::Rejected),
            Paired::Share | Paired::Delivered => Some(job.delivered),
            Paired::Lost => Some(job.lost),
            Paired::Orphan => Some(job.orphan_ns),
            Paired::Busy => Some(job.busy_ns),
            Paired::Figure => figure.map(|figure| (figure * MILLIONTHS).round() as u64),
        }
    }

    /// How many replications have one value together.
    pub(crate) fn section(self) -> u64 {
        match self {
            Paired::Quantile(_, quantile) => quantile.least_count().unwrap_or(1),
            _ => 1,
        }
    }

    /// The values of whole sections, from those of their jobs.
    pub(crate) fn of_sections(self, jobs: Vec<Option<u64>>) -> Vec<Option<u64>> {
        let Paired::Quantile(times, quantile) = self else {
            return jobs;
        };
        let of_section = |jobs: &[Option<u64>]| {
            let mut known: Vec<u64> = jobs.iter().flatten().copied().collect();
            let all_or_none = matches!(times, Times::Settled | Times::Drained);
            if known.is_empty() || all_or_none && known.len() < jobs.len() {
                return None;
            }
            known.sort_unstable();
            let count = known.len() as u64;
            let enough = quantile.observations_beyond(count) >= SUPPORT;
            let varies = known.first() != known.last();
            (enough || !varies).then(|| known[quantile.rank(count) as usize - 1])
        };
        let section = usize::try_from(self.section()).unwrap_or(usize::MAX);
        jobs.chunks_exact(section).map(of_section).collect()
    }

    /// What a value of the one is multiplied with before it is compared to the other's: shares of
    /// different wholes are brought to one, in integers. Of the baseline, and of the strategy.
    fn scale(self, wanted: Wanted) -> [i128; 2] {
        match self {
            Paired::Share => [i128::from(wanted.strategy), i128::from(wanted.baseline)],
            _ => [1, 1],
        }
    }

    /// Units of a value in one unit of the metric, where a job wants so many results.
    pub(crate) fn per_unit(self, wanted: u64) -> f64 {
        match self {
            Paired::Settle
            | Paired::Drain
            | Paired::Orphan
            | Paired::Busy
            | Paired::Quantile(..) => NS_PER_MS,
            Paired::Share => wanted as f64,
            Paired::Delivered | Paired::Lost => 1.0,
            Paired::Figure => MILLIONTHS,
        }
    }

    /// Units of a compared difference in one unit of the metric.
    pub(crate) fn difference_per_unit(self, wanted: Wanted) -> f64 {
        match self {
            Paired::Share => wanted.baseline as f64 * wanted.strategy as f64,
            _ => self.per_unit(1),
        }
    }
}

/// Results wanted of a job by the two that are compared; at least 1 each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) baseline: u64,
    pub(crate) strategy: u64,
}

/// What one strategy's repetitions measured of the compared figure.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values {
    pub(crate) moments: Moments,
    /// Repetitions without a value.
    pub(crate) missing: u64,
}

impl Values {
    pub(crate) fn add(&mut self, value: Option<u64>) {
        match value {
            Some(value) => self.moments.record(value),
            None => self.missing += 1,
        }
    }

    pub(crate) fn merge(&mut self, other: &Values) {
        self.moments.merge(&other.moments);
        self.missing += other.missing;
    }
}

/// The differences of one strategy to the baseline.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pairs {
    pub(crate) differences: Moments,
    /// Repetitions in which one of the two has no value: a job that never settled, for one.
    /// Comparing the others would keep only what finished.
    pub(crate) incomplete: u64,
}

impl Pairs {
    /// Adds the values of one repetition.
    pub(crate) fn add(
        &mut self,
        paired: Paired,
        wanted: Wanted,
        baseline: Option<u64>,
        strategy: Option<u64>,
    ) {
        let [of_baseline, of_strategy] = paired.scale(wanted);
        match (baseline, strategy) {
            (Some(baseline), Some(strategy)) => {
                let own = i128::from(strategy) * of_strategy;
                self.differences
                    .record(own - i128::from(baseline) * of_baseline);
            }
            _ => self.incomplete += 1,
        }
    }

    pub(crate) fn merge(&mut self, other: &Pairs) {
        self.differences.merge(&other.differences);
        self.incomplete += other.incomplete;
    }
}

#[cfg(test)]
mod tests {
    use awaitlab_core::metric::METRICS;

    use super::*;

    #[test]
    fn a_figure_is_of_each_job_or_of_sections_or_of_nothing_smaller_than_the_run() {
        let unpaired: Vec<&str> = METRICS
            .iter()
            .copied()
            .filter(|metric| Paired::named(metric).is_none())
            .collect();
        let mut expected = vec![
            "offered_per_s",
            "throughput_per_s",
            "goodput_per_s",
            "recover_ms",
        ];
        expected.extend(["wait_ms.p99", "client_wait_ms.p99", "loop_lag_ms.p99"]);
        for group in [
            "settle_ms",
            "settle_ms_fulfilled",
            "settle_ms_rejected",
            "drain_ms",
        ] {
            let extremes = METRICS.iter().filter(|metric| {
                **metric == format!("{group}.min") || **metric == format!("{group}.max")
            });
            expected.extend(extremes);
        }
        assert_eq!(unpaired.len(), expected.len());
        assert!(unpaired.iter().all(|metric| expected.contains(metric)));
        let p99 = Paired::named("settle_ms.p99").unwrap();
        assert_eq!((p99.section(), Paired::Figure.section()), (1000, 1));
        assert_eq!(
            Paired::named("settle_ms_rejected.mean"),
            Some(Paired::Figure)
        );
    }

    #[test]
    fn a_section_has_the_quantile_of_its_own_jobs_and_the_rest_has_none() {
        let median = Paired::named("settle_ms.p50").unwrap();
        // 1 to 20, 21 to 40, and five more: the tenth of each twenty.
        let jobs: Vec<Option<u64>> = (1..=45).map(Some).collect();
        assert_eq!(median.of_sections(jobs), [Some(10), Some(30)]);
    }

    #[test]
    fn a_section_with_a_job_that_never_settled_has_no_quantile() {
        let median = Paired::named("settle_ms.p50").unwrap();
        let mut jobs: Vec<Option<u64>> = (1..=20).map(Some).collect();
        jobs[3] = None;
        assert_eq!(median.of_sections(jobs.clone()), [None]);
        // Of those that are fulfilled, nineteen are too few, unless all took the same.
        let fulfilled = Paired::named("settle_ms_fulfilled.p50").unwrap();
        assert_eq!(fulfilled.of_sections(jobs), [None]);
        let mut same = vec![Some(7); 20];
        same[0] = None;
        assert_eq!(fulfilled.of_sections(same), [Some(7)]);
        assert_eq!(fulfilled.of_sections(vec![None; 20]), [None]);
    }
}
