//! Records made by hand and by small arithmetic, as the harness would make them.
//!
//! Shared with `examples/gallery.rs`, so that what is tested is what was looked at.

use std::collections::BTreeMap;

use awaitlab_core::{Fate, Instant, Status};
use awaitlab_record::summary::{
    CallCounts, Comparison, Distribution, Estimate, Expectation, FateCounts, InFlight, Row,
    RunStatus, ScenarioInfo, Summary, Traits,
};
use awaitlab_record::{Bar, Cell, Record, Timeline};
use awaitlab_stats::{Confidence, Histogram, Quantile};

/// One strategy in one variant.
pub(crate) struct Case {
    pub(crate) strategy: &'static str,
    pub(crate) kind: &'static str,
    /// Settle times of the jobs, in milliseconds.
    pub(crate) settle_ms: Vec<f64>,
    pub(crate) timeline: Timeline,
    pub(crate) delivered: u64,
    pub(crate) traits: Traits,
}

/// A bar in milliseconds; without an end where that is infinite.
pub(crate) fn bar(call: u32, attempt: u32, start_ms: f64, end_ms: f64, fate: Fate) -> Bar {
    let end = end_ms.is_finite().then(|| at(end_ms));
    Bar {
        call,
        attempt,
        start: at(start_ms),
        end,
        fate,
    }
}

/// A job that arrived at 0.
pub(crate) fn job(calls: u32, status: Status, settled_ms: f64, bars: Vec<Bar>) -> Timeline {
    let drained = bars.iter().map(|bar| bar.end).collect::<Option<Vec<_>>>();
    let drained = drained.and_then(|ends| ends.into_iter().max());
    let settled = settled_ms.is_finite().then(|| at(settled_ms));
    Timeline {
        calls,
        arrival: Instant::START,
        status,
        settled,
        drained,
        bars,
    }
}

fn at(ms: f64) -> Instant {
    Instant::from_nanos((ms * 1e6).round() as u64)
}

/// A record of these variants.
pub(crate) fn record(name: &str, title: &str, variants: Vec<(&str, Vec<Case>)>) -> Record {
    let mut rows = Vec::new();
    let mut cells = Vec::new();
    let mut comparisons = Vec::new();
    for (variant, cases) in variants {
        let baseline = cases
            .first()
            .map(|case| case.strategy.to_string())
            .unwrap_or_default();
        for case in cases {
            let cell = cell(&case);
            rows.push(row(variant, &case, &cell));
            cells.push(cell);
        }
        comparisons.extend(compare(variant, &baseline, &rows));
    }
    awaitlab_record::words::fill(&mut rows);
    let replications = rows.first().map_or(0, |row| row.jobs);
    let scenario = ScenarioInfo {
        name: name.into(),
        title: title.into(),
        question: Some("Which way of awaiting should these calls use?".into()),
        sha256: "0".repeat(64),
        files: BTreeMap::new(),
        seed: 1,
        replications,
        overrides: BTreeMap::new(),
    };
    let summary = Summary {
        schema: 1,
        awaitlab: "0.1.0".into(),
        status: RunStatus::Complete,
        scenario,
        rows,
        comparisons,
        expectations: Vec::new(),
        precision: None,
        notes: Vec::new(),
    };
    Record {
        summary,
        cells,
        jobs: None,
        scenario_toml: Vec::new(),
    }
}

/// An expectation on the mean settle time.
pub(crate) fn expect_mean(variant: &str, strategy: &str, max: f64, value: f64) -> Expectation {
    Expectation {
        variant: variant.into(),
        strategy: strategy.into(),
        metric: "settle_ms.mean".into(),
        min: None,
        max: Some(max),
        equals: None,
        value: Some(value),
        held: value <= max,
    }
}

fn cell(case: &Case) -> Cell {
    let mut settle = Histogram::new();
    case.settle_ms
        .iter()
        .for_each(|ms| settle.record((ms * 1e6).round() as u64));
    let empty = Histogram::new();
    let fulfilled = case.timeline.status == Status::Fulfilled;
    Cell {
        settle_fulfilled: if fulfilled {
            settle.clone()
        } else {
            empty.clone()
        },
        settle_rejected: if fulfilled { empty } else { settle.clone() },
        drain: settle.clone(),
        settle,
        timeline: case.timeline.clone(),
        series: None,
        replications: Vec::new(),
    }
}

fn distribution(histogram: &Histogram) -> Distribution {
    let ms = |ns: u64| ns as f64 / 1e6;
    let quantile = |quantile: Quantile| {
        let enough = quantile.observations_beyond(histogram.count()) >= 10;
        histogram.quantile(quantile).filter(|_| enough).map(ms)
    };
    let interval = |quantile| {
        let ranks = histogram.quantile_interval(quantile, Confidence::P95);
        ranks.map(|interval| interval.map(ms))
    };
    let mean = histogram.mean().map(|ns| ns / 1e6);
    let (min, max) = (histogram.min().map(ms), histogram.max().map(ms));
    // Not the real interval, but one that is as wide as times vary.
    let half = (max.unwrap_or(0.0) - min.unwrap_or(0.0)) / 10.0 / (histogram.count() as f64).sqrt();
    Distribution {
        mean,
        ci95: mean.map(|mean| [mean - half, mean + half]),
        min,
        p50: quantile(Quantile::P50),
        p50_ci95: interval(Quantile::P50),
        p90: quantile(Quantile::P90),
        p90_ci95: interval(Quantile::P90),
        p99: quantile(Quantile::P99),
        p99_ci95: interval(Quantile::P99),
        p999: quantile(Quantile::P999),
        p999_ci95: interval(Quantile::P999),
        max,
    }
}

fn row(variant: &str, case: &Case, cell: &Cell) -> Row {
    let job = &case.timeline;
    let jobs = case.settle_ms.len().max(100) as u64;
    let ended = |status| if job.status == status { jobs } else { 0 };
    let attempts = fates(job, jobs);
    let settle = distribution(&cell.settle);
    let spent = |from: Option<Instant>| -> f64 {
        let spent = job.bars.iter().map(|bar| {
            let begin = from.map_or(bar.start, |from| from.max(bar.start));
            bar.end.map_or(0, |end| end.nanos_since(begin))
        });
        spent.sum::<u64>() as f64 / 1e6
    };
    let orphan = if job.settled.is_some() {
        spent(job.settled)
    } else {
        0.0
    };
    let success = case.delivered as f64 / f64::from(job.calls);
    Row {
        variant: variant.into(),
        strategy: case.strategy.into(),
        kind: case.kind.into(),
        calls_per_job: job.calls.into(),
        jobs,
        fulfilled: ended(Status::Fulfilled),
        rejected: ended(Status::Rejected),
        never_settled: ended(Status::NeverSettled),
        settle_ms: settle,
        settle_ms_fulfilled: distribution(&cell.settle_fulfilled),
        settle_ms_rejected: distribution(&cell.settle_rejected),
        drain_ms: distribution(&cell.drain),
        success_rate: Estimate {
            value: Some(success),
            ci95: Some([success, success]),
        },
        wanted_per_job: job.calls.into(),
        delivered_per_job: Some(case.delivered as f64),
        lost_per_job: Some(0.0),
        degraded_per_job: Some(0.0),
        calls: CallCounts {
            started: attempts.started,
            ..CallCounts::default()
        },
        attempts,
        orphan_ms_per_job: Some(orphan),
        busy_ms_per_job: Some(spent(None)),
        abandoned_ms_per_job: Some(0.0),
        in_flight: InFlight {
            peak: peak(job),
            mean: None,
        },
        amplification: Some(1.0),
        goodput_per_s: None,
        unhandled: 0,
        downstreams: BTreeMap::new(),
        traits: case.traits,
        ..Row::default()
    }
}

fn peak(job: &Timeline) -> u64 {
    let in_flight = |at: Instant| {
        job.bars
            .iter()
            .filter(|b| b.start <= at && b.end.is_none_or(|end| at < end))
            .count() as u64
    };
    job.bars
        .iter()
        .map(|bar| in_flight(bar.start))
        .max()
        .unwrap_or(0)
}

fn fates(job: &Timeline, jobs: u64) -> FateCounts {
    let of = |fate| jobs * job.bars.iter().filter(|bar| bar.fate == fate).count() as u64;
    let made = jobs * job.bars.len() as u64;
    FateCounts {
        made,
        started: made - of(Fate::Rejected),
        useful: of(Fate::Useful),
        failed: of(Fate::Failed),
        rejected: of(Fate::Rejected),
        late: of(Fate::Late),
        duplicate: of(Fate::Duplicate),
        orphaned: of(Fate::Orphaned),
        cancelled: of(Fate::Cancelled),
        unanswered: of(Fate::Unanswered),
    }
}

fn compare(variant: &str, baseline: &str, rows: &[Row]) -> Vec<Comparison> {
    let of = |strategy: &str| {
        let row = rows
            .iter()
            .find(|row| row.variant == variant && row.strategy == strategy);
        row.map(|row| (row.settle_ms.mean, row.success_rate.value))
    };
    let Some((Some(mean), success)) = of(baseline) else {
        return Vec::new();
    };
    let others = rows
        .iter()
        .filter(|row| row.variant == variant && row.strategy != baseline);
    others
        .filter_map(|row| {
            let difference = row.settle_ms.mean? - mean;
            let less = row.success_rate.value < success;
            let verdict = match difference {
                0.0 => "identical",
                d if d < 0.0 && less => "settles earlier, delivers less",
                d if d < 0.0 => "faster",
                _ => "slower",
            };
            Some(Comparison {
                variant: variant.into(),
                metric: "settle_ms.mean".into(),
                baseline: baseline.into(),
                strategy: row.strategy.clone(),
                difference: Some(difference),
                ci95: Some([difference, difference]),
                p_adjusted: Some(0.0),
                verdict: verdict.into(),
                gain_of_pairing: (difference != 0.0).then_some(4.0),
            })
        })
        .collect()
}
