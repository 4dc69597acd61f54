//! Rows of two runs, matched and judged.

use std::collections::BTreeMap;

use awaitlab_stats::{Confidence, Difference, Sample, Verdict, change, holm};

use super::stored::{OfRow, may_be_stored, of_section};
use super::{Change, MetricChanges, Pairing, RowName, StoredError, StoredRun};
use crate::metric;
use crate::summary::Row;

/// What is said of a figure that is the same.
pub(super) const UNCHANGED: [&str; 3] = [
    Verdict::Identical.words(),
    Verdict::NotDistinguishable.words(),
    EQUAL,
];
/// The figures are the same; what the replications were is not known.
const EQUAL: &str = "equal";
/// What a run says as well: the others would be what finished.
const JOBS_WITHOUT: &str = "not comparable: some jobs have no value";
const REPLICATIONS_WITHOUT: &str = "not comparable: some replications have no value";

/// The changes, and how they were found.
pub(super) struct Judged {
    pub(super) pairing: Pairing,
    pub(super) metrics: Vec<MetricChanges>,
}

/// The rows that both have, by their places, in the order of the first.
pub(super) fn matched(a: &[Row], b: &[Row]) -> Vec<(usize, usize)> {
    let places: BTreeMap<_, usize> = b
        .iter()
        .zip(0..)
        .map(|(row, place)| (key(row), place))
        .collect();
    let rows = a.iter().enumerate();
    rows.filter_map(|(place, row)| Some((place, *places.get(&key(row))?)))
        .collect()
}

/// The rows of one that the other does not have.
pub(super) fn missing(of: &[Row], from: &[Row]) -> Vec<RowName> {
    let known = |row: &&Row| !from.iter().any(|other| key(other) == key(row));
    of.iter().filter(known).map(name).collect()
}

/// Whether two rows have the same figures. Their words belong to the strategy over all variants, so
/// they may differ where a variant was left out.
pub(super) fn same(a: &Row, b: &Row) -> bool {
    let words = b.words.clone();
    Row { words, ..a.clone() } == *b
}

pub(super) fn judge(
    a: &StoredRun,
    b: &StoredRun,
    both: &[(usize, usize)],
    metrics: &[String],
) -> Result<Judged, StoredError> {
    let (run_a, run_b) = (&a.summary.scenario, &b.summary.scenario);
    let mut pairing = if run_a.seed != run_b.seed {
        Pairing::OtherSeeds
    } else if run_a.replications != run_b.replications {
        Pairing::OtherReplications
    } else {
        Pairing::Paired
    };
    let stored = match pairing {
        Pairing::Paired => [a.values(metrics)?, b.values(metrics)?],
        _ => [a, b].map(|run| vec![OfRow::new(); run.summary.rows.len()]),
    };
    let pairs: Vec<Pair<'_>> = both
        .iter()
        .map(|&(i, j)| Pair {
            rows: [&a.summary.rows[i], &b.summary.rows[j]],
            values: [&stored[0][i], &stored[1][j]],
        })
        .collect();
    if pairing == Pairing::Paired {
        pairing = over(&pairs, metrics);
    }
    let metrics = metrics.iter().map(|metric| of_metric(metric, &pairs));
    let metrics = metrics.collect();
    Ok(Judged { pairing, metrics })
}

/// Whether what belongs in pairs was found in both folders.
fn over(pairs: &[Pair<'_>], metrics: &[String]) -> Pairing {
    let changed = pairs.iter().filter(|pair| !pair.is_same());
    let wanted = changed.flat_map(|pair| metrics.iter().map(move |metric| (pair, metric)));
    let mut wanted = wanted
        .filter(|(pair, metric)| pair.rows.iter().all(|row| may_be_stored(row, metric)))
        .peekable();
    if wanted.peek().is_none() && !pairs.iter().all(Pair::is_same) {
        return Pairing::NoneToPair;
    }
    let lacks = |(pair, _): (&Pair<'_>, _)| pair.values.iter().any(|of_row| of_row.is_empty());
    if wanted.any(lacks) {
        return Pairing::NotStored;
    }
    Pairing::Paired
}

/// A row in both runs, and what its replications measured.
struct Pair<'a> {
    rows: [&'a Row; 2],
    values: [&'a OfRow; 2],
}

/// A difference, and whether it is of pairs.
struct Found {
    difference: Difference,
    paired: bool,
    /// Why it is nothing to judge.
    not_comparable: Option<&'static str>,
}

impl Pair<'_> {
    fn is_same(&self) -> bool {
        same(self.rows[0], self.rows[1])
    }

    /// How a figure changed; `None` where one of the runs does not have it.
    fn found(&self, metric: &str) -> Option<Found> {
        let [a, b] = self.rows.map(|row| row.metric(metric).flatten());
        let figures = [a?, b?];
        if self.is_same() {
            let (mean, interval, p) = (0.0, Some([0.0; 2]), Some(1.0));
            let difference = Difference { mean, interval, p };
            return Some(Found {
                difference,
                paired: true,
                not_comparable: None,
            });
        }
        if self.is_of_survivors(metric) {
            let (mean, interval, p) = (figures[1] - figures[0], None, None);
            let is_isolated = self.rows[0].analysis.is_none();
            let without = if is_isolated || self.lacks_settle_times(metric) {
                JOBS_WITHOUT
            } else {
                REPLICATIONS_WITHOUT
            };
            return Some(Found {
                difference: Difference { mean, interval, p },
                paired: false,
                not_comparable: Some(without),
            });
        }
        let each = self.each(metric).filter(|_| !self.lacks_a_variance(metric));
        let difference = match &each {
            Some(each) => change::paired(figures[1] - figures[0], each, Confidence::P95),
            None => {
                let intervals = self.rows.map(|row| row.interval(metric).flatten());
                change::unpaired(figures, intervals, Confidence::P95)
            }
        };
        let paired = each.is_some();
        Some(Found {
            difference,
            paired,
            not_comparable: None,
        })
    }

    /// Whether a figure leaves out repetitions that have no value of it, or jobs that never settled.
    /// Where the values are not known, the drain times of isolated jobs are missing with these.
    fn is_of_survivors(&self, metric: &str) -> bool {
        let lacks = |values: &&OfRow| values.get(metric).is_some_and(|of| of.contains(&None));
        let never_drains = |row: &&Row| row.analysis.is_none() && row.never_settled > 0;
        let lacks_drain_times = || self.rows.iter().any(never_drains);
        self.values.iter().any(lacks)
            || self.lacks_settle_times(metric)
            || metric.starts_with("drain_ms.") && lacks_drain_times()
    }

    /// Whether a metric is a settle time, which jobs that never settled do not have: the others may be
    /// the quick ones.
    fn lacks_settle_times(&self, metric: &str) -> bool {
        let never_settles = |row: &&Row| row.never_settled > 0;
        metric.starts_with("settle_ms.") && self.rows.iter().any(never_settles)
    }

    /// What changed in each replication, or section of isolated jobs; `None` where one of them has no
    /// value, since the others would be what finished, and where there are fewer than two.
    fn each(&self, metric: &str) -> Option<Sample> {
        let [a, b] = self.values.map(|values| values.get(metric));
        let both = a?.iter().zip(b?);
        let each: Option<Vec<f64>> = both.map(|(&a, &b)| Some(b? - a?)).collect();
        Sample::of(&each?).filter(|each| each.count > 1)
    }

    /// Whether times have no variance that an interval could rest on: then the run gave their mean
    /// none, though it had replications enough. Quantiles need none.
    fn lacks_a_variance(&self, metric: &str) -> bool {
        let lacks = |row: &Row| row.settle_ms.mean.is_some() && row.settle_ms.ci95.is_none();
        let needs_it = metric.contains("_ms") && of_section(metric).is_none();
        needs_it && self.rows.iter().any(|row| lacks(row))
    }
}

fn of_metric(metric: &str, pairs: &[Pair<'_>]) -> MetricChanges {
    let found: Vec<Option<Found>> = pairs.iter().map(|pair| pair.found(metric)).collect();
    let p = |found: &Found| found.difference.p;
    let tested: Vec<f64> = found.iter().flatten().filter_map(p).collect();
    let mut adjusted = holm(&tested).into_iter();
    let changes = pairs.iter().zip(&found).filter_map(|(pair, found)| {
        let p_adjusted = found.as_ref().and_then(p).and_then(|_| adjusted.next());
        change(metric, pair, found.as_ref(), p_adjusted)
    });
    MetricChanges {
        changes: changes.collect(),
        metric: metric.to_owned(),
    }
}

/// `None` where neither run has the figure.
fn change(
    metric: &str,
    pair: &Pair<'_>,
    found: Option<&Found>,
    p_adjusted: Option<f64>,
) -> Option<Change> {
    let [a, b] = pair.rows.map(|row| row.metric(metric).flatten());
    let mut change = Change {
        row: name(pair.rows[0]),
        a,
        b,
        difference: None,
        ci95: None,
        relative: None,
        relative_ci95: None,
        paired: false,
        p_adjusted,
        verdict: if a.is_some() {
            "only in A"
        } else {
            "only in B"
        },
        is_worse: false,
    };
    let Some(Found {
        difference,
        paired,
        not_comparable,
    }) = found
    else {
        return a.or(b).map(|_| change);
    };
    let success = pair.rows.map(|row| row.success_rate.value);
    let delivers_less = success[1] < success[0];
    let verdict = Verdict::of(
        difference,
        p_adjusted,
        metric::direction(metric),
        delivers_less,
        Confidence::P95,
    );
    let relative = |of: f64| of / a.unwrap_or_default().abs();
    let has_size = a.is_some_and(|a| a != 0.0);
    change.difference = Some(difference.mean);
    change.ci95 = difference.interval;
    change.relative = has_size.then(|| relative(difference.mean));
    change.relative_ci95 = difference
        .interval
        .filter(|_| has_size)
        .map(|ci| ci.map(relative));
    change.paired = *paired;
    change.verdict = match (verdict, not_comparable) {
        (_, Some(why)) => why,
        (Verdict::Unknown, None) if difference.mean == 0.0 => EQUAL,
        (verdict, None) => verdict.words(),
    };
    change.is_worse = matches!(verdict, Verdict::Slower | Verdict::Worse);
    Some(change)
}

fn name(row: &Row) -> RowName {
    RowName {
        variant: row.variant.clone(),
        strategy: row.strategy.clone(),
    }
}

fn key(row: &Row) -> (&str, &str) {
    (&row.variant, &row.strategy)
}
