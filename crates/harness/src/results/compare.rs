//! Every strategy against the baseline, paired by repetition.

use awaitlab_record::metric;
use awaitlab_record::summary::{Comparison, Row};
use awaitlab_scenario::Variant;
use awaitlab_stats::{
    Confidence, Difference, Finding, Sample, Verdict, change, comparison::gain_of_pairing, holm,
};

use crate::contest::entrant::Entrant;
use crate::contest::run::CellResult;
use crate::count::paired::{Paired, Wanted};

/// What is compared, and how.
pub(crate) struct Terms<'a> {
    pub(crate) metric: &'a str,
    pub(crate) entrants: &'a [Entrant],
    /// The entrant that the others are compared to.
    pub(crate) baseline: usize,
    /// The smallest difference that matters, as a share of the baseline's value.
    pub(crate) matters: Option<f64>,
}

/// What came out in one variant; a cell and a row of each entrant.
pub(crate) struct World<'a> {
    pub(crate) variant: &'a Variant,
    pub(crate) cells: &'a [CellResult],
    pub(crate) rows: &'a [Row],
}

/// What independent repetitions measured under two strategies, in the metric's unit.
#[derive(Clone, Copy)]
struct Repeated {
    baseline: Sample,
    strategy: Sample,
    /// Strategy minus baseline.
    differences: Sample,
    /// The same of the figure that is printed: of repetitions, or of the whole run.
    difference: f64,
}

/// A strategy to be judged.
struct Contender<'a> {
    strategy: &'a str,
    /// Or why there is nothing to judge.
    repeated: Result<Repeated, &'static str>,
    /// Its success rate lies below the baseline's.
    delivers_less: bool,
    /// The metric is a time that has no variance to build an interval on.
    heavy_tailed: bool,
}

const NO_VERDICT: &str = "no verdict";
const JOBS_WITHOUT: &str = "not comparable: some jobs have no value";
const REPLICATIONS_WITHOUT: &str = "not comparable: some replications have no value";

/// Judges the strategies of a variant against one of them, together.
pub(crate) fn compare(terms: &Terms<'_>, world: &World<'_>) -> Vec<Comparison> {
    let success_rate = |index: usize| {
        let delivered = &world.cells[index].tally.delivered;
        delivered.mean().unwrap_or(0.0) / wanted(terms, world, index) as f64
    };
    let heavy_tailed = is_a_time(terms.metric)
        && !is_a_quantile(terms.metric)
        && world.variant.has_infinite_variance();
    let contenders = others(terms).map(|index| Contender {
        strategy: &terms.entrants[index].name,
        repeated: repeated(terms, world, index),
        delivers_less: success_rate(index) < success_rate(terms.baseline),
        heavy_tailed,
    });
    let contenders: Vec<Contender<'_>> = contenders.collect();
    let judged = judge(terms.metric, terms.matters, &contenders);
    let name = |comparison| Comparison {
        variant: world.variant.name.clone(),
        baseline: terms.entrants[terms.baseline].name.clone(),
        ..comparison
    };
    judged.into_iter().map(name).collect()
}

/// Of how many repetitions the differences to the baseline are all the same but not nothing, of each
/// strategy of which they are.
pub(crate) fn all_alike(terms: &Terms<'_>, world: &World<'_>) -> Vec<u64> {
    let differences = |index| Some(repeated(terms, world, index).ok()?.differences);
    let alike = |each: &Sample| each.variance == Some(0.0) && each.mean != 0.0;
    let alike = others(terms).filter_map(differences).filter(alike);
    alike.map(|each| each.count).collect()
}

/// All but the baseline, by their places.
fn others(terms: &Terms<'_>) -> impl Iterator<Item = usize> {
    let baseline = terms.baseline;
    (0..terms.entrants.len()).filter(move |&index| index != baseline)
}

/// Results that a job wants under a strategy; at least 1.
fn wanted(terms: &Terms<'_>, world: &World<'_>, index: usize) -> u64 {
    let calls = world.variant.job.calls();
    terms.entrants[index].wanted(calls).max(1)
}

fn is_a_time(metric: &str) -> bool {
    metric.contains("_ms")
}

/// Whether a metric is a quantile of times: those have intervals whatever the variance.
pub(crate) fn is_a_quantile(metric: &str) -> bool {
    matches!(Paired::named(metric), Some(Paired::Quantile(..)))
}

/// Whether the run's own figure is the better estimate of what repetitions have: of means, shares and
/// quantiles of many jobs, which are biased a little in each repetition.
fn is_pooled(metric: &str, variant: &Variant) -> bool {
    let of_many_jobs = metric.ends_with(".mean")
        || metric.ends_with("_per_job")
        || matches!(metric, "success_rate.value" | "amplification");
    is_a_quantile(metric) || of_many_jobs && !variant.workload.is_isolated()
}

fn repeated(terms: &Terms<'_>, world: &World<'_>, index: usize) -> Result<Repeated, &'static str> {
    let repeated = if world.variant.workload.is_isolated() {
        let wanted = Wanted {
            baseline: wanted(terms, world, terms.baseline),
            strategy: wanted(terms, world, index),
        };
        of_jobs(terms, world, index, wanted)?
    } else {
        in_time(
            terms.metric,
            [terms.baseline, index].map(|of| &world.cells[of]),
        )?
    };
    // What never differs is not made to, by how many jobs each repetition has.
    let is_sure = repeated.differences.variance == Some(0.0);
    if is_sure || !is_pooled(terms.metric, world.variant) {
        return Ok(repeated);
    }
    let value = |index: usize| world.rows[index].metric(terms.metric).flatten();
    let (Some(baseline), Some(strategy)) = (value(terms.baseline), value(index)) else {
        return Err(NO_VERDICT);
    };
    // Sections of isolated jobs are as independent as the jobs: no clumps that bend them all.
    Ok(if world.variant.workload.is_isolated() {
        repeated.centred_on(baseline, strategy)
    } else {
        repeated.about(baseline, strategy)
    })
}

/// Of isolated jobs, or of sections of them.
fn of_jobs(
    terms: &Terms<'_>,
    world: &World<'_>,
    index: usize,
    wanted: Wanted,
) -> Result<Repeated, &'static str> {
    let paired = Paired::named(terms.metric).ok_or(NO_VERDICT)?;
    let (baseline, strategy) = (&world.cells[terms.baseline], &world.cells[index]);
    if strategy.pairs.incomplete > 0 {
        return Err(JOBS_WITHOUT);
    }
    let own = |cell: &CellResult, wanted: u64| -> Result<Sample, &str> {
        let sample = cell.values.moments.sample().ok_or(NO_VERDICT)?;
        Ok(sample.per(paired.per_unit(wanted)))
    };
    let differences = strategy.pairs.differences.sample().ok_or(NO_VERDICT)?;
    let differences = differences.per(paired.difference_per_unit(wanted));
    Ok(Repeated {
        baseline: own(baseline, wanted.baseline)?,
        strategy: own(strategy, wanted.strategy)?,
        differences,
        difference: differences.mean,
    })
}

/// Of replications of a workload in time.
fn in_time(metric: &str, cells: [&CellResult; 2]) -> Result<Repeated, &'static str> {
    let [baseline, strategy] = cells;
    // The times of the others would be those of what finished.
    let never_settles = |cell: &CellResult| cell.tally.never_settled > 0;
    if metric.starts_with("settle_ms.") && cells.into_iter().any(never_settles) {
        return Err(JOBS_WITHOUT);
    }
    let values = |cell: &CellResult| {
        let in_time = cell.tally.time.as_ref()?;
        in_time.values(|of| of.compared)
    };
    let (baseline, strategy) = values(baseline)
        .zip(values(strategy))
        .ok_or(REPLICATIONS_WITHOUT)?;
    let each = strategy.iter().zip(&baseline).map(|(own, base)| own - base);
    let sample = |values: &[f64]| Sample::of(values).ok_or(NO_VERDICT);
    let differences = sample(&each.collect::<Vec<_>>())?;
    Ok(Repeated {
        differences,
        difference: differences.mean,
        baseline: sample(&baseline)?,
        strategy: sample(&strategy)?,
    })
}

impl Repeated {
    /// The same about the figures of the whole run, as if what repetitions have were theirs but for
    /// luck.
    fn centred_on(self, baseline: f64, strategy: f64) -> Repeated {
        let centred = self.about(baseline, strategy);
        Repeated {
            differences: Sample {
                mean: centred.difference,
                ..centred.differences
            },
            ..centred
        }
    }

    /// The same about the figures of the whole run. Where those are far from what repetitions have
    /// on average, the interval is wider for it.
    fn about(self, baseline: f64, strategy: f64) -> Repeated {
        let about = |sample, mean| Sample { mean, ..sample };
        Repeated {
            baseline: about(self.baseline, baseline),
            strategy: about(self.strategy, strategy),
            difference: strategy - baseline,
            ..self
        }
    }
}

/// Variant and baseline are left empty.
fn judge(metric: &str, matters: Option<f64>, contenders: &[Contender<'_>]) -> Vec<Comparison> {
    let differences: Vec<_> = contenders.iter().map(difference).collect();
    let tested: Vec<f64> = differences.iter().flatten().filter_map(|d| d.p).collect();
    let mut adjusted = holm(&tested).into_iter();
    let judged = contenders
        .iter()
        .zip(differences)
        .map(|(contender, difference)| {
            let nothing = Comparison {
                variant: String::new(),
                metric: metric.to_owned(),
                baseline: String::new(),
                strategy: contender.strategy.to_owned(),
                difference: None,
                ci95: None,
                p_adjusted: None,
                verdict: contender.repeated.err().unwrap_or(NO_VERDICT).to_owned(),
                gain_of_pairing: None,
            };
            let (Some(difference), Ok(repeated)) = (difference, &contender.repeated) else {
                return nothing;
            };
            let p_adjusted = difference.p.and_then(|_| adjusted.next());
            let (direction, less) = (metric::direction(metric), contender.delivers_less);
            let verdict = Verdict::of(&difference, p_adjusted, direction, less, Confidence::P95);
            let matters = matters.map(|share| share * repeated.baseline.mean.abs());
            let finding = Finding::of(verdict, difference.interval, matters, less);
            let Repeated {
                baseline,
                strategy,
                differences,
                ..
            } = repeated;
            let gain = gain_of_pairing(baseline, strategy, differences);
            Comparison {
                difference: Some(difference.mean),
                ci95: difference.interval,
                p_adjusted,
                verdict: finding.words().to_owned(),
                gain_of_pairing: gain.filter(|_| !contender.heavy_tailed),
                ..nothing
            }
        });
    judged.collect()
}

fn difference(contender: &Contender<'_>) -> Option<Difference> {
    let repeated = contender.repeated.as_ref().ok()?;
    let each = &repeated.differences;
    let mut difference = change::paired(repeated.difference, each, Confidence::P95);
    if contender.heavy_tailed && !difference.is_identical() {
        (difference.interval, difference.p) = (None, None);
    }
    Some(difference)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeated(baseline: &[f64], strategy: &[f64]) -> Repeated {
        let each = strategy.iter().zip(baseline).map(|(own, base)| own - base);
        let differences = Sample::of(&each.collect::<Vec<_>>()).unwrap();
        Repeated {
            baseline: Sample::of(baseline).unwrap(),
            strategy: Sample::of(strategy).unwrap(),
            differences,
            difference: differences.mean,
        }
    }

    fn contender(repeated: Result<Repeated, &'static str>) -> Contender<'static> {
        Contender {
            strategy: "b",
            repeated,
            delivers_less: false,
            heavy_tailed: false,
        }
    }

    fn one(metric: &str, contender: Contender<'_>) -> Comparison {
        judge(metric, None, &[contender]).remove(0)
    }

    #[test]
    fn a_constant_gain_is_faster_by_exactly_that() {
        let gains = repeated(&[1500.0; 10], &[500.0; 10]);
        let faster = one("settle_ms.mean", contender(Ok(gains)));
        assert_eq!(faster.difference, Some(-1000.0));
        assert_eq!(faster.ci95, Some([-1000.0, -1000.0]));
        assert_eq!(faster.verdict, "faster");
        assert_eq!(faster.gain_of_pairing, None, "nothing was left to chance");
        let with_less = Contender {
            delivers_less: true,
            ..contender(Ok(gains))
        };
        assert_eq!(
            one("settle_ms.mean", with_less).verdict,
            "settles earlier, delivers less"
        );
    }

    #[test]
    fn what_cannot_be_compared_says_why() {
        let incomplete = one("settle_ms.mean", contender(Err(JOBS_WITHOUT)));
        assert_eq!((incomplete.difference, incomplete.p_adjusted), (None, None));
        assert_eq!(incomplete.verdict, JOBS_WITHOUT);
    }

    #[test]
    fn equal_in_every_repetition_is_identical() {
        let same = repeated(&[7.0, 9.0], &[7.0, 9.0]);
        assert_eq!(
            one("settle_ms.mean", contender(Ok(same))).verdict,
            "identical"
        );
    }

    #[test]
    fn times_without_a_variance_are_not_tested() {
        let gains = repeated(&[9.0, 7.0], &[1.0, 1.0]);
        let heavy = Contender {
            heavy_tailed: true,
            ..contender(Ok(gains))
        };
        let times = one("settle_ms.mean", heavy);
        assert_eq!(
            (times.difference, times.ci95, times.p_adjusted),
            (Some(-7.0), None, None)
        );
        assert_eq!(
            (times.verdict.as_str(), times.gain_of_pairing),
            (NO_VERDICT, None)
        );
    }

    #[test]
    fn what_matters_is_a_share_of_the_baseline() {
        // 100 and 101 against 98 and 99.2: faster by 1.9 ± 1.27, and 5 % of 100.5 are 5.
        let little = contender(Ok(repeated(&[100.0, 101.0], &[98.0, 99.2])));
        let judged =
            |matters| judge("settle_ms.mean", matters, std::slice::from_ref(&little)).remove(0);
        assert_eq!(judged(Some(0.05)).verdict, "faster, by less than matters");
        assert_eq!(
            judged(Some(0.03)).verdict,
            "faster",
            "3.0 lies within the interval"
        );
        assert_eq!(judged(None).verdict, "faster");
    }

    #[test]
    fn the_figures_of_the_run_are_what_differs_by_the_spread_of_repetitions() {
        let own = repeated(&[10.0, 12.0], &[8.0, 11.0]).about(11.5, 9.0);
        assert_eq!(own.difference, -2.5);
        // -2 and -1: a mean that is 1 from it, which the interval is wider by.
        assert_eq!(
            (own.differences.mean, own.differences.variance),
            (-1.5, Some(0.5))
        );
        let judged = one("settle_ms.mean", contender(Ok(own)));
        let half = 12.706_204_736 * 0.5 + 1.0;
        let [low, high] = judged.ci95.unwrap();
        assert!((low + 2.5 + half).abs() < 1e-6 && (high + 2.5 - half).abs() < 1e-6);
    }

    #[test]
    fn sections_of_isolated_jobs_are_not_made_wider() {
        let own = repeated(&[10.0, 12.0], &[8.0, 11.0]).centred_on(11.5, 9.0);
        let judged = one("settle_ms.p99", contender(Ok(own)));
        assert_eq!(judged.difference, Some(-2.5));
        let half = 12.706_204_736 * 0.5;
        let [low, high] = judged.ci95.unwrap();
        assert!((low + 2.5 + half).abs() < 1e-6 && (high + 2.5 - half).abs() < 1e-6);
    }
}
