//! Tallies as the rows of a summary.

use std::collections::BTreeMap;

use awaitlab_core::{AttemptCounts, Fate};
use awaitlab_record::summary::{
    CallCounts, Distribution, DownstreamRow, Estimate, FateCounts, InFlight, Row, Traits, Wait,
    Words,
};
use awaitlab_record::{Cell, words};
use awaitlab_scenario::Variant;
use awaitlab_stats::{Confidence, Histogram, NS_PER_MS, Quantile, proportion, quantile};

use crate::entrant::Entrant;
use crate::run::CellResult;
use crate::tally::Tally;

/// The rows of all cells, variants outermost, with the words of each strategy over all variants.
pub(crate) fn rows(entrants: &[Entrant], variants: &[(&Variant, &[CellResult])]) -> Vec<Row> {
    let mut rows: Vec<Row> = variants
        .iter()
        .flat_map(|(variant, cells)| {
            entrants
                .iter()
                .zip(*cells)
                .map(|(entrant, cell)| row(variant, entrant, &cell.tally))
        })
        .collect();
    words::fill(&mut rows);
    rows
}

/// The distributions behind a row.
pub(crate) fn cell(tally: Tally) -> Cell {
    let settle = settle(&tally);
    let Tally {
        settle_fulfilled,
        settle_rejected,
        drain,
        timeline,
        ..
    } = tally;
    let timeline = timeline.expect("whatever was run contains the first replication");
    Cell {
        settle,
        settle_fulfilled,
        settle_rejected,
        drain,
        timeline,
        series: None,
    }
}

fn settle(tally: &Tally) -> Histogram {
    let mut settle = tally.settle_fulfilled.clone();
    settle.merge(&tally.settle_rejected);
    settle
}

fn row(variant: &Variant, entrant: &Entrant, tally: &Tally) -> Row {
    let calls = u64::from(variant.job.calls());
    let wanted = entrant.wanted(variant.job.calls());
    let mut attempts = AttemptCounts::default();
    tally.attempts.iter().for_each(|counts| attempts += counts);
    let per_job = |sum: f64| (tally.jobs > 0).then(|| sum / tally.jobs as f64);
    Row {
        variant: variant.name.clone(),
        strategy: entrant.name.clone(),
        kind: entrant.kind.clone(),
        calls_per_job: calls,
        jobs: tally.jobs,
        fulfilled: tally.settle_fulfilled.count(),
        rejected: tally.settle_rejected.count(),
        never_settled: tally.never_settled,
        settle_ms: distribution(variant, &settle(tally)),
        settle_ms_fulfilled: distribution(variant, &tally.settle_fulfilled),
        settle_ms_rejected: distribution(variant, &tally.settle_rejected),
        drain_ms: distribution(variant, &tally.drain),
        success_rate: success_rate(tally, wanted),
        wanted_per_job: wanted,
        delivered_per_job: tally.delivered.mean(),
        lost_per_job: per_job(tally.lost as f64),
        // No policy gives degraded answers, and no service goes on with cancelled work, yet.
        degraded_per_job: per_job(0.0),
        calls: CallCounts {
            started: attempts.started,
            started_at_settle: tally.started_at_settle,
            succeeded: tally.succeeded,
            failed: tally.failed,
            cancelled: tally.cancelled,
        },
        attempts: fates(&attempts),
        orphan_ms_per_job: per_job(tally.orphan_ns as f64 / NS_PER_MS),
        busy_ms_per_job: per_job(tally.busy_ns as f64 / NS_PER_MS),
        abandoned_ms_per_job: per_job(0.0),
        in_flight: in_flight(tally),
        utilization: variant
            .downstreams
            .iter()
            .map(|d| (d.name.clone(), None))
            .collect(),
        wait_ms: no_wait(&attempts),
        client_wait_ms: no_wait(&attempts),
        amplification: (tally.calls_started > 0)
            .then(|| attempts.made as f64 / tally.calls_started as f64),
        goodput_per_s: None,
        recover_ms: None,
        client_deaths: 0,
        unhandled: tally.unhandled,
        downstreams: downstreams(variant, tally),
        traits: Traits {
            one_at_a_time: calls > 1 && tally.peak_in_flight <= 1,
            burst: calls > 1 && tally.peak_in_flight >= calls,
            ..tally.traits
        },
        words: Words::default(),
        ..Row::default()
    }
}

fn distribution(variant: &Variant, times: &Histogram) -> Distribution {
    let ms = |ns: u64| ns as f64 / NS_PER_MS;
    // A quantile with hardly anything beyond it is a guess, unless all times are the same.
    let known = |quantile: Quantile| {
        let beyond = quantile.observations_beyond(times.count());
        beyond >= quantile::SUPPORT || times.min() == times.max()
    };
    let quantile = |of: Quantile| times.quantile(of).filter(|_| known(of)).map(ms);
    let sample = times.sample().map(|sample| sample.per(NS_PER_MS));
    let interval = sample.and_then(|sample| sample.t_interval(Confidence::P95));
    Distribution {
        mean: sample.map(|sample| sample.mean),
        ci95: interval.filter(|_| !has_infinite_variance(variant)),
        min: times.min().map(ms),
        p50: quantile(Quantile::P50),
        p90: quantile(Quantile::P90),
        p99: quantile(Quantile::P99),
        p999: quantile(Quantile::P999),
        max: times.max().map(ms),
    }
}

/// Whether means of times have no interval in this variant: Student's rests on a variance.
pub(crate) fn has_infinite_variance(variant: &Variant) -> bool {
    variant
        .downstreams
        .iter()
        .flat_map(|downstream| &downstream.service.replicas)
        .any(|replica| replica.latency.has_infinite_variance())
}

/// Delivered / wanted; of a job that wants nothing there is none.
fn success_rate(tally: &Tally, wanted: u64) -> Estimate {
    let sample = tally.delivered.sample().filter(|_| wanted > 0);
    let shares = sample.map(|sample| sample.per(wanted as f64));
    Estimate {
        value: shares.map(|shares| shares.mean),
        ci95: shares.and_then(|shares| proportion::ci95(&shares, tally.jobs)),
    }
}

fn in_flight(tally: &Tally) -> InFlight {
    let drain_ns = tally.drain.sum();
    let mean = tally.busy_until_drained_ns as f64 / drain_ns as f64;
    InFlight {
        peak: tally.peak_in_flight,
        mean: (drain_ns > 0).then_some(mean),
    }
}

/// Services have no queue and clients no doors yet: every attempt waits for nothing.
fn no_wait(attempts: &AttemptCounts) -> Wait {
    let zero = (attempts.made > 0).then_some(0.0);
    Wait {
        mean: zero,
        p99: zero,
    }
}

fn downstreams(variant: &Variant, tally: &Tally) -> BTreeMap<String, DownstreamRow> {
    let named = variant
        .downstreams
        .iter()
        .zip(&tally.attempts)
        .map(|(downstream, counts)| {
            (
                downstream.name.clone(),
                DownstreamRow {
                    attempts: fates(counts),
                    utilization: None,
                    queue_peak: 0,
                    ..DownstreamRow::default()
                },
            )
        });
    named.collect()
}

fn fates(counts: &AttemptCounts) -> FateCounts {
    FateCounts {
        made: counts.made,
        started: counts.started,
        useful: counts[Fate::Useful],
        failed: counts[Fate::Failed],
        rejected: counts[Fate::Rejected],
        late: counts[Fate::Late],
        duplicate: counts[Fate::Duplicate],
        orphaned: counts[Fate::Orphaned],
        cancelled: counts[Fate::Cancelled],
        unanswered: counts[Fate::Unanswered],
    }
}
