//! Tallies as the rows of a summary.

use std::collections::BTreeMap;

use awaitlab_core::{AttemptCounts, Fate, Instant, Status};
use awaitlab_record::summary::{
    self, CallCounts, Distribution, DownstreamRow, Estimate, FateCounts, InFlight, Row, Traits,
    Wait,
};
use awaitlab_record::{Cell, Replication, Timeline, words};
use awaitlab_scenario::{Analysis, Downstream, Measure, Variant};
use awaitlab_stats::{
    Confidence, Histogram, Moments, NS_PER_MS, Quantile, Sample, proportion, quantile,
};

use crate::contest::entrant::Entrant;
use crate::contest::run::CellResult;
use crate::count::around::ServiceAround;
use crate::count::tally::{Figures, InTime, OfTimes, Tally};
use crate::results::policies;

/// The rows of all cells, variants outermost, with the words of each strategy over all variants.
pub(crate) fn rows(
    entrants: &[Entrant],
    variants: &[(&Variant, &[CellResult])],
    measures: &[Measure],
) -> Vec<Row> {
    let mut rows: Vec<Row> = variants
        .iter()
        .flat_map(|(variant, cells)| {
            entrants.iter().zip(*cells).map(|(entrant, cell)| Row {
                measures: shares(measures, &cell.tally.measures),
                ..row(variant, entrant, &cell.tally)
            })
        })
        .collect();
    words::fill(&mut rows);
    rows
}

/// What one replication measured by itself, with the figure that is compared.
pub(crate) fn figures(
    variant: &Variant,
    entrant: &Entrant,
    tally: &Tally,
    (compared, measures): (&str, &[Measure]),
) -> Figures {
    let row = Row {
        measures: shares(measures, &tally.measures),
        ..row(variant, entrant, tally)
    };
    Figures {
        settle_ms: row.settle_ms.into(),
        settle_ms_fulfilled: row.settle_ms_fulfilled.into(),
        settle_ms_rejected: row.settle_ms_rejected.into(),
        drain_ms: row.drain_ms.into(),
        success_rate: row.success_rate.value,
        compared: row.metric(compared).flatten(),
        stored: Replication::of(0, &row).figures,
    }
}

/// The distributions behind a row.
pub(crate) fn cell(result: CellResult) -> Cell {
    let settle = settle(&result.tally);
    let Tally {
        settle_fulfilled,
        settle_rejected,
        drain,
        timeline,
        time,
        ..
    } = result.tally;
    let timeline = timeline.unwrap_or_else(nobody_arrived);
    let series = result.series;
    Cell {
        settle,
        settle_fulfilled,
        settle_rejected,
        drain,
        timeline,
        series,
        replications: replications(&time.unwrap_or_default().figures),
    }
}

/// In their order, whichever thread ran them.
fn replications(figures: &[(u64, Figures)]) -> Vec<Replication> {
    let of = |&(replication, figures): &(u64, Figures)| Replication {
        replication,
        figures: figures.stored,
    };
    let mut replications: Vec<Replication> = figures.iter().map(of).collect();
    replications.sort_by_key(|replication| replication.replication);
    replications
}

/// What is drawn of a cell without any job that counts.
fn nobody_arrived() -> Timeline {
    Timeline {
        calls: 0,
        arrival: Instant::START,
        status: Status::NeverSettled,
        settled: None,
        drained: None,
        bars: Vec::new(),
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
    let downstreams = downstreams(variant, tally);
    let times = Times {
        variant,
        in_time: tally.time.as_ref(),
    };
    let mut row = Row {
        variant: variant.name.clone(),
        strategy: entrant.name.clone(),
        kind: entrant.kind.clone(),
        calls_per_job: calls,
        jobs: tally.jobs,
        fulfilled: tally.settle_fulfilled.count(),
        rejected: tally.settle_rejected.count(),
        never_settled: tally.never_settled,
        settle_ms: times.of(&settle(tally), |of| &of.settle_ms),
        settle_ms_fulfilled: times.of(&tally.settle_fulfilled, |of| &of.settle_ms_fulfilled),
        settle_ms_rejected: times.of(&tally.settle_rejected, |of| &of.settle_ms_rejected),
        drain_ms: times.of(&tally.drain, |of| &of.drain_ms),
        success_rate: success_rate(tally, wanted),
        wanted_per_job: wanted,
        delivered_per_job: tally.delivered.mean(),
        lost_per_job: per_job(tally.lost as f64),
        degraded_per_job: per_job(tally.degraded as f64),
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
        abandoned_ms_per_job: abandoned_ms_per_job(tally),
        in_flight: in_flight(tally),
        wait_ms: wait(&tally.around.waits, &attempts),
        client_wait_ms: wait(&tally.around.client_waits, &attempts),
        amplification: (tally.calls_started > 0)
            .then(|| attempts.made as f64 / tally.calls_started as f64),
        client_deaths: tally.around.client_deaths,
        unhandled: tally.unhandled,
        utilization: downstreams
            .iter()
            .map(|(name, row)| (name.clone(), row.utilization))
            .collect(),
        downstreams,
        traits: Traits {
            one_at_a_time: calls > 1 && tally.peak_in_flight <= 1,
            burst: calls > 1 && tally.peak_in_flight >= calls,
            ..tally.traits
        },
        ..Row::default()
    };
    if let Some(in_time) = &tally.time {
        add_rates(&mut row, variant, tally, in_time);
    }
    add_clients(&mut row, tally);
    policies::add(&mut row, entrant.layers(), tally);
    row
}

/// The share of replications in which each measure held.
fn shares(measures: &[Measure], held: &[Moments]) -> BTreeMap<String, Estimate> {
    let share = |(measure, held): (&Measure, &Moments)| {
        let sample = held.sample();
        let estimate = Estimate {
            value: held.mean(),
            ci95: sample.and_then(|sample| proportion::ci95(&sample, held.count())),
        };
        (measure.name.clone(), estimate)
    };
    measures.iter().zip(held).map(share).collect()
}

/// A service does not know which jobs count: its work is shared by all that arrived.
fn abandoned_ms_per_job(tally: &Tally) -> Option<f64> {
    let services = tally.around.services.iter();
    let abandoned_ns: u128 = services.map(|service| service.abandoned_ns).sum();
    let all_jobs = tally.time.as_ref();
    let all_jobs = all_jobs.map_or(tally.jobs, |in_time| in_time.jobs_of_all);
    (all_jobs > 0).then(|| abandoned_ns as f64 / NS_PER_MS / all_jobs as f64)
}

/// What is counted per second of virtual time.
fn add_rates(row: &mut Row, variant: &Variant, tally: &Tally, in_time: &InTime) {
    let seconds = in_time.measured_ns as f64 / 1e9;
    let per_s = |count: u64| (seconds > 0.0).then(|| count as f64 / seconds);
    row.analysis = Some(match variant.analysis {
        Analysis::Terminating => summary::Analysis::Terminating,
        Analysis::SteadyState { .. } => summary::Analysis::SteadyState,
    });
    let in_burst = variant.workload.horizon().is_zero();
    row.offered_per_s = per_s(in_time.offered).filter(|_| !in_burst);
    row.throughput_per_s = per_s(row.fulfilled + row.rejected);
    row.goodput_per_s = per_s(in_time.good);
    // Only where it came back in every replication: a mean over some would hide the others.
    let recovery = &in_time.recovery;
    let always = recovery.count() == in_time.replications && in_time.replications > 0;
    row.recover_ms = recovery.mean().filter(|_| always).map(|ns| ns / NS_PER_MS);
    let until_end = tally.around.until_end_ns as f64;
    let mean = in_time.busy_of_all_ns as f64 / until_end;
    row.in_flight.mean = (until_end > 0.0).then_some(mean);
}

fn add_clients(row: &mut Row, tally: &Tally) {
    let loops = &tally.around.loops;
    if loops.capacity_ns > 0 {
        row.client_idle_share = Some(1.0 - share(loops.busy_ns, loops.capacity_ns));
        row.loop_lag_ms = wait_of(&loops.lags);
    }
}

fn share(part: u128, whole: u128) -> f64 {
    part as f64 / whole as f64
}

/// Times of a cell, of which an interval is asked.
struct Times<'a> {
    variant: &'a Variant,
    in_time: Option<&'a InTime>,
}

impl Times<'_> {
    /// `own` are a replication's own figures of these times.
    fn of(&self, times: &Histogram, own: impl Fn(&Figures) -> &OfTimes) -> Distribution {
        let sample = times.sample().map(|sample| sample.per(NS_PER_MS));
        let mean = sample.map(|sample| sample.mean);
        let ci95 = match self.in_time {
            // Every isolated job is a replication.
            None => sample.and_then(|sample| sample.t_interval(Confidence::P95)),
            Some(in_time) => over_replications(in_time, mean, |of| own(of).mean),
        };
        let known = |of: Quantile| times.quantile(of).filter(|_| self.knows(times, of));
        let interval = |of: Quantile, own: &dyn Fn(&Figures) -> Option<f64>| {
            let value = known(of)?;
            match self.in_time {
                None => order_statistics(times, of),
                Some(in_time) => quantile_over_replications(in_time, ms(value), own),
            }
        };
        Distribution {
            mean,
            ci95: ci95.filter(|_| !self.variant.has_infinite_variance()),
            min: times.min().map(ms),
            p50: known(Quantile::P50).map(ms),
            p50_ci95: interval(Quantile::P50, &|of| own(of).p50),
            p90: known(Quantile::P90).map(ms),
            p90_ci95: interval(Quantile::P90, &|of| own(of).p90),
            p99: known(Quantile::P99).map(ms),
            p99_ci95: interval(Quantile::P99, &|of| own(of).p99),
            p999: known(Quantile::P999).map(ms),
            p999_ci95: interval(Quantile::P999, &|of| own(of).p999),
            max: times.max().map(ms),
        }
    }

    /// A quantile with hardly anything beyond it is a guess, unless all times are the same: of a single
    /// one nobody knows whether they are.
    fn knows(&self, times: &Histogram, quantile: Quantile) -> bool {
        let in_time = self.in_time.map(|in_time| in_time.replications.max(1));
        let beyond = quantile.observations_beyond(times.count() / in_time.unwrap_or(1));
        let never_varies = times.count() > 1 && times.min() == times.max();
        beyond >= quantile::SUPPORT || never_varies
    }
}

fn ms(ns: u64) -> f64 {
    ns as f64 / NS_PER_MS
}

/// The interval of a quantile of times that each come from a replication of their own.
fn order_statistics(times: &Histogram, quantile: Quantile) -> Option<[f64; 2]> {
    if times.min() == times.max() {
        let only = times.min().filter(|_| times.count() > 1)?;
        return Some([ms(only); 2]);
    }
    let interval = times.quantile_interval(quantile, Confidence::P95)?;
    Some(interval.map(ms))
}

/// The interval about a figure, as wide as what each replication measured by itself has it; `None`
/// where one of them has no such figure, since the others would be what finished. No time is
/// negative.
fn over_replications(
    in_time: &InTime,
    value: Option<f64>,
    figure: impl Fn(&Figures) -> Option<f64>,
) -> Option<[f64; 2]> {
    let sample = Sample {
        mean: value?,
        ..in_time.sample(figure)?
    };
    let [low, high] = sample.t_interval(Confidence::P95)?;
    Some([low.max(0.0), high])
}

/// The same about a quantile of all jobs, wider by how far the replications' own lie from it on
/// average: in a short replication of a busy queue the slow jobs come in few clumps, which bends
/// its own quantile more than the spread of them shows, and that of all jobs as well.
fn quantile_over_replications(
    in_time: &InTime,
    value: f64,
    figure: impl Fn(&Figures) -> Option<f64>,
) -> Option<[f64; 2]> {
    let own = in_time.sample(figure)?;
    let [low, high] = Sample { mean: value, ..own }.t_interval(Confidence::P95)?;
    let apart = (own.mean - value).abs();
    Some([(low - apart).max(0.0), high + apart])
}

/// Delivered / wanted; of a job that wants nothing there is none.
fn success_rate(tally: &Tally, wanted: u64) -> Estimate {
    let sample = tally.delivered.sample().filter(|_| wanted > 0);
    let shares = sample.map(|sample| sample.per(wanted as f64));
    // What each independent repetition has: a job where it is one, else a replication. About the
    // share of all jobs, which is the one that is printed: where failing is quick, replications that
    // fail have more jobs.
    let (repeated, independent) = match &tally.time {
        None => (shares, tally.jobs),
        Some(in_time) => {
            let own = in_time.sample(|of| of.success_rate);
            let about = own.zip(shares).map(|(own, shares)| Sample {
                mean: shares.mean,
                ..own
            });
            (about, in_time.replications)
        }
    };
    Estimate {
        value: shares.map(|shares| shares.mean),
        ci95: repeated.and_then(|shares| proportion::ci95(&shares, independent)),
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

/// Time somewhere on the way, per attempt; without any such place nobody waits.
fn wait(waits: &Histogram, attempts: &AttemptCounts) -> Wait {
    if waits.count() > 0 {
        return wait_of(waits);
    }
    let zero = (attempts.made > 0).then_some(0.0);
    Wait {
        mean: zero,
        p99: zero,
    }
}

pub(crate) fn wait_of(waits: &Histogram) -> Wait {
    let p99 = waits
        .quantile(Quantile::P99)
        .map(|ns| ns as f64 / NS_PER_MS);
    Wait {
        mean: waits.mean().map(|ns| ns / NS_PER_MS),
        p99,
    }
}

fn downstreams(variant: &Variant, tally: &Tally) -> BTreeMap<String, DownstreamRow> {
    let nothing = ServiceAround::default();
    let row = |(number, downstream): (usize, &Downstream)| {
        let counts = tally.attempts.get(number).copied().unwrap_or_default();
        let around = tally.around.services.get(number).unwrap_or(&nothing);
        let row = DownstreamRow {
            attempts: fates(&counts),
            utilization: utilization(around),
            wait_ms: wait(&around.waits, &counts),
            queue_peak: around.queue_peak,
        };
        (downstream.name.clone(), row)
    };
    variant.downstreams.iter().enumerate().map(row).collect()
}

/// Share of its workers' time in use; `None` where it has no limit.
fn utilization(around: &ServiceAround) -> Option<f64> {
    (around.capacity_ns > 0).then(|| share(around.busy_ns, around.capacity_ns))
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
