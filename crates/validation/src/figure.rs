//! What a check looks at: one number of one run under one strategy.
//!
//! Times are in seconds here, as theory has them with a service that takes a second.

use awaitlab_record::summary::Row;
use awaitlab_record::{Cell, JobRow};

const NS_PER_S: f64 = 1e9;

/// One number of a run.
pub struct Figure {
    /// What it is.
    pub label: String,
    /// Its unit; empty for shares and counts.
    pub unit: &'static str,
    /// Whether it needs a row for each job.
    pub needs_jobs: bool,
    of: Box<Of>,
}

type Of = dyn Fn(&Seen<'_>) -> Option<f64> + Send + Sync;

/// What a run left of one strategy.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    /// Its figures.
    pub row: &'a Row,
    /// Its distributions.
    pub cell: &'a Cell,
    /// Its jobs, where they are kept.
    pub jobs: &'a [JobRow],
}

impl Figure {
    /// A figure of its own.
    pub fn new(
        label: &str,
        unit: &'static str,
        of: impl Fn(&Seen<'_>) -> Option<f64> + Send + Sync + 'static,
    ) -> Figure {
        Figure {
            label: label.to_owned(),
            unit,
            needs_jobs: false,
            of: Box::new(of),
        }
    }

    /// Its value; `None` where the run has none.
    pub fn of(&self, seen: &Seen<'_>) -> Option<f64> {
        (self.of)(seen)
    }
}

/// Mean time to settle.
pub fn mean() -> Figure {
    seconds("mean", "settle_ms.mean")
}

/// Mean time to settle of those that were fulfilled.
pub fn mean_fulfilled() -> Figure {
    seconds("mean of the fulfilled", "settle_ms_fulfilled.mean")
}

/// Variance of the time to settle.
pub fn variance() -> Figure {
    Figure::new("variance", "s^2", |seen| {
        let sample = seen.cell.settle.sample()?;
        Some(sample.variance? / (NS_PER_S * NS_PER_S))
    })
}

/// Median time to settle, as a report prints it.
pub fn p50() -> Figure {
    seconds("p50", "settle_ms.p50")
}

/// The 90th percentile.
pub fn p90() -> Figure {
    seconds("p90", "settle_ms.p90")
}

/// The 99th percentile.
pub fn p99() -> Figure {
    seconds("p99", "settle_ms.p99")
}

/// The 99.9th percentile.
pub fn p999() -> Figure {
    seconds("p99.9", "settle_ms.p999")
}

/// Share of the jobs that took longer than `limit_s` seconds, or never settled.
pub fn share_above(limit_s: f64) -> Figure {
    let within = move |job: &&JobRow| {
        let settle_ns = job.settle_ns.map(|ns| ns as f64);
        settle_ns.is_some_and(|ns| ns <= limit_s * NS_PER_S)
    };
    let label = format!("share above {} s", crate::page::digits(limit_s));
    let figure = Figure::new(&label, "", move |seen| {
        let jobs = seen.jobs.len() as f64;
        let later = jobs - seen.jobs.iter().filter(within).count() as f64;
        (jobs > 0.0).then(|| later / jobs)
    });
    Figure {
        needs_jobs: true,
        ..figure
    }
}

/// A time that `summary.json` has in milliseconds.
pub fn seconds(label: &str, metric: &'static str) -> Figure {
    Figure::new(label, "s", move |seen| {
        seen.row.metric(metric).flatten().map(|ms| ms / 1000.0)
    })
}

/// A number that `summary.json` has.
pub fn number(label: &str, metric: &'static str) -> Figure {
    Figure::new(label, "", move |seen| seen.row.metric(metric).flatten())
}

/// The same per second.
pub fn rate(label: &str, metric: &'static str) -> Figure {
    Figure::new(label, "/s", move |seen| seen.row.metric(metric).flatten())
}

/// One count as a share of another.
pub fn share(label: &str, part: &'static str, whole: &'static str) -> Figure {
    Figure::new(label, "", move |seen| {
        let part = seen.row.metric(part).flatten()?;
        let whole = seen.row.metric(whole).flatten()?;
        (whole > 0.0).then(|| part / whole)
    })
}

/// A count per job.
pub fn per_job(label: &str, count: &'static str) -> Figure {
    share(label, count, "jobs")
}

/// Share of the jobs that were rejected.
pub fn rejected() -> Figure {
    per_job("share rejected", "rejected")
}

/// Results delivered / results wanted.
pub fn success_rate() -> Figure {
    number("success rate", "success_rate.value")
}

/// Attempts made / calls started.
pub fn amplification() -> Figure {
    number("attempts per call", "amplification")
}

/// Time of attempts in flight, per job.
pub fn busy() -> Figure {
    seconds("attempt time", "busy_ms_per_job")
}

/// The part of it after the job settled.
pub fn orphan() -> Figure {
    seconds("orphan time", "orphan_ms_per_job")
}

/// Attempts refused at a door / attempts made.
pub fn refused() -> Figure {
    share("share refused", "attempts.rejected", "attempts.made")
}

/// Attempts in flight, averaged over time.
pub fn in_flight() -> Figure {
    number("in flight", "in_flight.mean")
}

/// Mean time in the service's queue.
pub fn queue_wait() -> Figure {
    seconds("mean wait in the queue", "wait_ms.mean")
}

/// Mean time at the client's doors.
pub fn client_wait() -> Figure {
    seconds("mean wait at the client", "client_wait_ms.mean")
}

/// Jobs settled per second.
pub fn throughput() -> Figure {
    rate("throughput", "throughput_per_s")
}

/// Share of the workers' time in use.
pub fn utilization(service: &'static str) -> Figure {
    Figure::new("utilization", "", move |seen| {
        seen.row.utilization.get(service).copied().flatten()
    })
}
