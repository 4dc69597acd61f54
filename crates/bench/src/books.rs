//! What a run of a model found, with all its accounts: two runs with the same random numbers are
//! compared by it, to the last bit.

use awaitlab_core::Fate;
use awaitlab_record::Record;
use awaitlab_record::series::Interval;
use awaitlab_record::summary::{FateCounts, Row};
use awaitlab_stats::{Confidence, Histogram, NS_PER_MS, Quantile, Sample};

use crate::hand::account::Tally;
use crate::hand::queue::{Figures, Left};
use crate::models::Queue;

/// The accounts of a run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Books {
    pub(crate) jobs: u64,
    pub(crate) settle: Histogram,
    pub(crate) drain: Histogram,
    pub(crate) attempts: FateCounts,
    pub(crate) started_at_settle: u64,
    pub(crate) succeeded: u64,
    pub(crate) delivered_per_job: Option<f64>,
    pub(crate) busy_ms_per_job: Option<f64>,
    pub(crate) orphan_ms_per_job: Option<f64>,
    pub(crate) peak_in_flight: u64,
    pub(crate) mean_in_flight: Option<f64>,
    pub(crate) amplification: Option<f64>,
    pub(crate) queue: Option<QueueBooks>,
}

/// The accounts of a queue.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct QueueBooks {
    pub(crate) settle_ci95: Option<[f64; 2]>,
    pub(crate) settle_p99_ci95: Option<[f64; 2]>,
    pub(crate) offered_per_s: Option<f64>,
    pub(crate) throughput_per_s: Option<f64>,
    pub(crate) goodput_per_s: Option<f64>,
    pub(crate) wait_mean_ms: Option<f64>,
    pub(crate) wait_p99_ms: Option<f64>,
    pub(crate) queue_peak: u64,
    pub(crate) utilization: Option<f64>,
    pub(crate) intervals: Vec<IntervalBooks>,
}

/// An interval of virtual time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct IntervalBooks {
    counts: [u64; 6],
    in_flight_ns: u128,
    queued_ns: u128,
    settle: Histogram,
}

impl From<&Interval> for IntervalBooks {
    fn from(of: &Interval) -> Self {
        IntervalBooks {
            counts: [
                of.offered,
                of.settled,
                of.good,
                of.rejected,
                of.calls,
                of.attempts,
            ],
            in_flight_ns: of.in_flight_ns,
            queued_ns: of.queued_ns,
            settle: of.settle.clone(),
        }
    }
}

impl Books {
    /// The mean time until a job settled, in milliseconds.
    pub(crate) fn mean_ms(&self) -> f64 {
        self.settle
            .mean()
            .map_or(f64::NAN, |mean_ns| mean_ns / NS_PER_MS)
    }

    /// What the lab recorded of its first variant under its first strategy.
    ///
    /// # Panics
    /// When there is none.
    pub(crate) fn of_lab(record: &Record) -> Self {
        let (row, cell) = (&record.summary.rows[0], &record.cells[0]);
        let queue = cell.series.as_ref().map(|series| {
            let intervals = series.intervals.iter().map(IntervalBooks::from);
            QueueBooks::of_lab(row, intervals.collect())
        });
        Books {
            jobs: row.jobs,
            settle: cell.settle.clone(),
            drain: cell.drain.clone(),
            attempts: row.attempts,
            started_at_settle: row.calls.started_at_settle,
            succeeded: row.calls.succeeded,
            delivered_per_job: row.delivered_per_job,
            busy_ms_per_job: row.busy_ms_per_job,
            orphan_ms_per_job: row.orphan_ms_per_job,
            peak_in_flight: row.in_flight.peak,
            mean_in_flight: row.in_flight.mean,
            amplification: row.amplification,
            queue,
        }
    }

    /// What the hand-written loop counted of fan-outs.
    pub(crate) fn of_fan_outs(tally: &Tally) -> Self {
        let drain_ns = tally.drain.sum() as f64;
        Books::of_tally(tally, tally.busy_ns as f64 / drain_ns, None)
    }

    /// What the hand-written loop counted of a queue.
    pub(crate) fn of_queue(left: &Left) -> Self {
        let mean_in_flight = left.busy_of_all_ns as f64 / left.until_end_ns as f64;
        let queue = QueueBooks::of_left(left);
        Books::of_tally(&left.tally, mean_in_flight, Some(queue))
    }

    fn of_tally(tally: &Tally, mean_in_flight: f64, queue: Option<QueueBooks>) -> Self {
        let per_job = |sum: f64| sum / tally.jobs as f64;
        let fate = |fate: Fate| tally.fates[fate as usize];
        Books {
            jobs: tally.jobs,
            settle: tally.settle.clone(),
            drain: tally.drain.clone(),
            attempts: FateCounts {
                made: tally.started,
                started: tally.started,
                useful: fate(Fate::Useful),
                failed: fate(Fate::Failed),
                rejected: fate(Fate::Rejected),
                late: fate(Fate::Late),
                duplicate: fate(Fate::Duplicate),
                orphaned: fate(Fate::Orphaned),
                cancelled: fate(Fate::Cancelled),
                unanswered: fate(Fate::Unanswered),
            },
            started_at_settle: tally.started_at_settle,
            succeeded: tally.succeeded,
            delivered_per_job: tally.delivered.mean(),
            busy_ms_per_job: Some(per_job(tally.busy_ns as f64 / NS_PER_MS)),
            orphan_ms_per_job: Some(per_job(tally.orphan_ns as f64 / NS_PER_MS)),
            peak_in_flight: u64::from(tally.peak_in_flight),
            mean_in_flight: Some(mean_in_flight),
            amplification: Some(tally.started as f64 / tally.calls_started as f64),
            queue,
        }
    }
}

impl QueueBooks {
    fn of_lab(row: &Row, intervals: Vec<IntervalBooks>) -> Self {
        let service = row.downstreams.values().next();
        QueueBooks {
            settle_ci95: row.settle_ms.ci95,
            settle_p99_ci95: row.settle_ms.p99_ci95,
            offered_per_s: row.offered_per_s,
            throughput_per_s: row.throughput_per_s,
            goodput_per_s: row.goodput_per_s,
            wait_mean_ms: row.wait_ms.mean,
            wait_p99_ms: row.wait_ms.p99,
            queue_peak: service.map_or(0, |service| service.queue_peak),
            utilization: service.and_then(|service| service.utilization),
            intervals,
        }
    }

    fn of_left(left: &Left) -> Self {
        let seconds = left.measured_ns as f64 / 1e9 / left.figures.len() as f64;
        let replications = left.figures.len() as f64;
        let per_s = |count: u64| Some(count as f64 / (seconds * replications));
        let ms = |ns: u64| ns as f64 / NS_PER_MS;
        let settle = &left.tally.settle;
        let means = of_replications(left, |of| of.mean.map(|ns| ns / NS_PER_MS));
        let mean = settle.sample().map(|sample| sample.per(NS_PER_MS).mean);
        let p99s = of_replications(left, |of| of.p99.map(ms));
        let p99 = settle.quantile(Quantile::P99).map(ms);
        QueueBooks {
            settle_ci95: interval(mean, means, 0.0),
            settle_p99_ci95: p99s.and_then(|p99s| {
                let apart = (p99s.mean - p99?).abs();
                interval(p99, Some(p99s), apart)
            }),
            offered_per_s: per_s(left.offered),
            throughput_per_s: per_s(settle.count()),
            goodput_per_s: per_s(left.good),
            wait_mean_ms: left.waits.mean().map(|ns| ns / NS_PER_MS),
            wait_p99_ms: left.waits.quantile(Quantile::P99).map(ms),
            queue_peak: left.queue_peak,
            utilization: Some(left.work_ns as f64 / left.capacity_ns as f64),
            intervals: left.intervals.iter().map(IntervalBooks::from).collect(),
        }
    }
}

fn of_replications(left: &Left, figure: impl Fn(&Figures) -> Option<f64>) -> Option<Sample> {
    let values: Option<Vec<f64>> = left.figures.iter().map(figure).collect();
    Sample::of(&values?)
}

/// Student's interval about a figure of all replications, wider by how far their own lie from it.
fn interval(value: Option<f64>, own: Option<Sample>, apart: f64) -> Option<[f64; 2]> {
    let sample = Sample {
        mean: value?,
        ..own?
    };
    let [low, high] = sample.t_interval(Confidence::P95)?;
    Some([(low - apart).max(0.0), high + apart])
}

/// Requests that a queue's accounts are of, warm-up left out.
pub(crate) fn requests_that_count(model: &Queue) -> f64 {
    0.8 * model.requests() as f64
}
