//! Every strategy against the baseline, paired by replication.

use awaitlab_record::metric;
use awaitlab_record::summary::Comparison;
use awaitlab_stats::{
    Confidence, Difference, Direction, Moments, NS_PER_MS, Sample, Verdict, holm,
};

use awaitlab_scenario::Variant;

use crate::contest::entrant::Entrant;
use crate::contest::run::CellResult;
use crate::job::outcome::JobOutcome;
use crate::results::rows::has_infinite_variance;

/// A figure that every replication has a value of, so that strategies can be compared pair by pair.
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
}

impl Paired {
    /// The figure of that name; `None` where it is not one value per replication.
    pub(crate) fn named(metric: &str) -> Option<Paired> {
        Some(match metric {
            "settle_ms.mean" => Paired::Settle,
            "drain_ms.mean" => Paired::Drain,
            "success_rate.value" => Paired::Share,
            "delivered_per_job" => Paired::Delivered,
            "lost_per_job" => Paired::Lost,
            "orphan_ms_per_job" => Paired::Orphan,
            "busy_ms_per_job" => Paired::Busy,
            _ => return None,
        })
    }

    /// Its value in one replication, in nanoseconds or results; `None` where it has none.
    pub(crate) fn of(self, job: &JobOutcome) -> Option<u64> {
        match self {
            Paired::Settle => job.settle_ns,
            Paired::Drain => job.drain_ns,
            Paired::Share | Paired::Delivered => Some(job.delivered),
            Paired::Lost => Some(job.lost),
            Paired::Orphan => Some(job.orphan_ns),
            Paired::Busy => Some(job.busy_ns),
        }
    }

    fn direction(self) -> Direction {
        match self {
            Paired::Settle | Paired::Drain => Direction::Time,
            Paired::Lost | Paired::Orphan | Paired::Busy => Direction::Cost,
            Paired::Share | Paired::Delivered => Direction::Yield,
        }
    }

    fn is_a_time(self) -> bool {
        !matches!(self, Paired::Share | Paired::Delivered | Paired::Lost)
    }

    /// What a value of the one is multiplied with before it is compared to the other's: shares of
    /// different wholes are brought to one, in integers. Its own whole, and the other's.
    fn scale(self, wanted: Wanted) -> [i128; 2] {
        match self {
            Paired::Share => [i128::from(wanted.strategy), i128::from(wanted.baseline)],
            _ => [1, 1],
        }
    }

    /// Units of a compared difference in one unit of the metric.
    fn per_unit(self, wanted: Wanted) -> f64 {
        match self {
            Paired::Settle | Paired::Drain | Paired::Orphan | Paired::Busy => NS_PER_MS,
            Paired::Share => wanted.baseline as f64 * wanted.strategy as f64,
            Paired::Delivered | Paired::Lost => 1.0,
        }
    }
}

/// Results wanted of a job by the two that are compared; at least 1 each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) baseline: u64,
    pub(crate) strategy: u64,
}

/// The differences of one strategy to the baseline.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pairs {
    differences: Moments,
    /// Replications in which one of the two has no value: a job that never settled, for one.
    /// Comparing the others would keep only what finished.
    incomplete: u64,
}

impl Pairs {
    /// Adds the values of one replication.
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

/// A strategy to be judged.
struct Contender<'a> {
    strategy: &'a str,
    differences: Differences<'a>,
    /// Its success rate lies below the baseline's.
    delivers_less: bool,
    wanted: Wanted,
    /// Times of this variant have no variance to build an interval on.
    heavy_tailed: bool,
}

/// Strategy minus baseline, one for each independent repetition.
enum Differences<'a> {
    /// Of isolated jobs, in the unit of [`Paired::of`].
    OfJobs(&'a Pairs),
    /// Of replications of a workload in time, in the metric's unit; `None` where one of them has no
    /// value.
    OfReplications(Option<Sample>),
}

impl Differences<'_> {
    fn are_incomplete(&self) -> bool {
        match self {
            Differences::OfJobs(pairs) => pairs.incomplete > 0,
            Differences::OfReplications(sample) => sample.is_none(),
        }
    }
}

/// Judges the strategies of a variant against one of them, together.
pub(crate) fn compare(
    metric: &str,
    entrants: &[Entrant],
    baseline: usize,
    variant: &Variant,
    cells: &[CellResult],
) -> Vec<Comparison> {
    let calls = variant.job.calls();
    let wanted = |index: usize| entrants[index].wanted(calls).max(1);
    let success_rate =
        |index: usize| cells[index].tally.delivered.mean().unwrap_or(0.0) / wanted(index) as f64;
    let others = (0..entrants.len()).filter(|&index| index != baseline);
    let contenders = others.map(|index| Contender {
        strategy: &entrants[index].name,
        differences: differences(variant, &cells[baseline], &cells[index]),
        delivers_less: success_rate(index) < success_rate(baseline),
        wanted: Wanted {
            baseline: wanted(baseline),
            strategy: wanted(index),
        },
        heavy_tailed: has_infinite_variance(variant),
    });
    judge(
        &variant.name,
        metric,
        &entrants[baseline].name,
        &contenders.collect::<Vec<_>>(),
    )
}

fn differences<'a>(
    variant: &Variant,
    baseline: &CellResult,
    strategy: &'a CellResult,
) -> Differences<'a> {
    if variant.workload.is_isolated() {
        return Differences::OfJobs(&strategy.pairs);
    }
    let values = |cell: &CellResult| cell.tally.time.as_ref()?.values(|of| of.compared);
    let both = values(baseline).zip(values(strategy));
    let each = both.map(|(baseline, strategy)| {
        strategy
            .iter()
            .zip(&baseline)
            .map(|(own, base)| own - base)
            .collect::<Vec<_>>()
    });
    Differences::OfReplications(each.and_then(|each| Sample::of(&each)))
}

fn judge(
    variant: &str,
    metric: &str,
    baseline: &str,
    contenders: &[Contender<'_>],
) -> Vec<Comparison> {
    let differences: Vec<_> = contenders
        .iter()
        .map(|one| difference(metric, one))
        .collect();
    let tested: Vec<f64> = differences
        .iter()
        .flatten()
        .filter_map(|(d, _)| d.p)
        .collect();
    let mut adjusted = holm(&tested).into_iter();
    let judged = contenders
        .iter()
        .zip(differences)
        .map(|(contender, difference)| {
            let mut comparison = Comparison {
                variant: variant.to_owned(),
                metric: metric.to_owned(),
                baseline: baseline.to_owned(),
                strategy: contender.strategy.to_owned(),
                difference: None,
                ci95: None,
                p_adjusted: None,
                verdict: unpaired(contender).to_owned(),
            };
            if let Some((difference, direction)) = difference {
                let p_adjusted = difference.p.and_then(|_| adjusted.next());
                let less = contender.delivers_less;
                let verdict =
                    Verdict::of(&difference, p_adjusted, direction, less, Confidence::P95);
                comparison.difference = Some(difference.mean);
                comparison.ci95 = difference.interval;
                comparison.p_adjusted = p_adjusted;
                comparison.verdict = verdict.words().to_owned();
            }
            comparison
        });
    judged.collect()
}

fn difference(metric: &str, contender: &Contender<'_>) -> Option<(Difference, Direction)> {
    let (sample, direction, is_a_time) = match &contender.differences {
        differences if differences.are_incomplete() => return None,
        Differences::OfJobs(pairs) => {
            let paired = Paired::named(metric)?;
            let per_unit = paired.per_unit(contender.wanted);
            let sample = pairs.differences.sample()?.per(per_unit);
            (sample, paired.direction(), paired.is_a_time())
        }
        Differences::OfReplications(sample) => (
            (*sample)?,
            metric::direction(metric),
            metric.contains("_ms"),
        ),
    };
    let mut difference = Difference::of(&sample, Confidence::P95);
    if contender.heavy_tailed && is_a_time && !difference.is_identical() {
        (difference.interval, difference.p) = (None, None);
    }
    Some((difference, direction))
}

/// Why there is nothing to judge.
fn unpaired(contender: &Contender<'_>) -> &'static str {
    match contender.differences {
        Differences::OfJobs(_) if contender.differences.are_incomplete() => {
            "not comparable: some jobs have no value"
        }
        Differences::OfReplications(None) => "not comparable: some replications have no value",
        _ => "no verdict",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;
    const THREE: Wanted = Wanted {
        baseline: 3,
        strategy: 3,
    };

    fn pairs(of: &[(Option<u64>, Option<u64>)]) -> Pairs {
        let mut pairs = Pairs::default();
        of.iter()
            .for_each(|&(baseline, strategy)| pairs.add(Paired::Settle, THREE, baseline, strategy));
        pairs
    }

    fn one(metric: &str, pairs: &Pairs, delivers_less: bool) -> Comparison {
        let contender = Contender {
            strategy: "b",
            differences: Differences::OfJobs(pairs),
            delivers_less,
            wanted: THREE,
            heavy_tailed: false,
        };
        judge("base", metric, "a", &[contender]).remove(0)
    }

    #[test]
    fn a_constant_gain_is_faster_by_exactly_that() {
        let gains = pairs(&[(Some(1500 * MS), Some(500 * MS)); 10]);
        let faster = one("settle_ms.mean", &gains, false);
        assert_eq!(faster.difference, Some(-1000.0));
        assert_eq!(faster.ci95, Some([-1000.0, -1000.0]));
        assert_eq!(faster.verdict, "faster");
        assert_eq!(
            one("settle_ms.mean", &gains, true).verdict,
            "settles earlier, delivers less"
        );
    }

    #[test]
    fn a_job_that_never_settles_makes_the_pair_incomparable() {
        let mostly = pairs(&[
            (Some(MS), Some(MS)),
            (Some(MS), None),
            (Some(MS), Some(2 * MS)),
        ]);
        let comparison = one("settle_ms.mean", &mostly, false);
        assert_eq!((comparison.difference, comparison.p_adjusted), (None, None));
        assert!(comparison.verdict.starts_with("not comparable"));
    }

    #[test]
    fn equal_in_every_replication_is_identical() {
        let same = pairs(&[(Some(7), Some(7)), (Some(9), Some(9))]);
        assert_eq!(one("settle_ms.mean", &same, false).verdict, "identical");
    }

    #[test]
    fn times_without_a_variance_are_not_tested() {
        let gains = pairs(&[(Some(9 * MS), Some(MS)), (Some(7 * MS), Some(MS))]);
        let contender = Contender {
            strategy: "b",
            differences: Differences::OfJobs(&gains),
            delivers_less: false,
            wanted: THREE,
            heavy_tailed: true,
        };
        let times = judge(
            "base",
            "settle_ms.mean",
            "a",
            std::slice::from_ref(&contender),
        )
        .remove(0);
        assert_eq!(
            (times.difference, times.ci95, times.p_adjusted),
            (Some(-7.0), None, None)
        );
        assert_eq!(times.verdict, "no verdict");
        let results = judge("base", "lost_per_job", "a", &[contender]).remove(0);
        assert!(results.ci95.is_some(), "counts have a variance");
    }

    #[test]
    fn shares_of_different_wholes_are_compared_as_shares() {
        // Three of three against one of one: both everything. Then two of three against none.
        let wanted = Wanted {
            baseline: 3,
            strategy: 1,
        };
        let share = |of: &[(u64, u64)]| {
            let mut pairs = Pairs::default();
            for &(baseline, strategy) in of {
                pairs.add(Paired::Share, wanted, Some(baseline), Some(strategy));
            }
            let differences = Differences::OfJobs(&pairs);
            let (strategy, heavy_tailed, delivers_less) = ("b", false, false);
            let one = Contender {
                strategy,
                differences,
                delivers_less,
                wanted,
                heavy_tailed,
            };
            judge("base", "success_rate.value", "a", &[one]).remove(0)
        };
        assert_eq!(share(&[(3, 1), (3, 1)]).verdict, "identical");
        assert_eq!(share(&[(2, 0), (2, 0)]).difference, Some(-2.0 / 3.0));
    }

    #[test]
    fn a_figure_without_a_value_per_replication_gets_no_verdict() {
        let same = pairs(&[(Some(7), Some(7))]);
        assert_eq!(one("settle_ms.p99", &same, false).verdict, "no verdict");
    }
}
