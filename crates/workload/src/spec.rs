//! What a workload is, before it is run.

use std::time::Duration;

/// When jobs arrive. Generic over the law of thinking times.
#[derive(Clone, Debug, PartialEq)]
pub enum Workload<L> {
    /// One job a replication, alone, at time 0.
    Isolated,
    /// Jobs arrive by themselves, at rates given by stages.
    Open {
        /// How they are spread at a given rate.
        arrivals: Arrivals,
        /// One after another; at least one.
        stages: Vec<Stage>,
    },
    /// Each user thinks, starts a job, waits for it to settle, and thinks again; nothing is started
    /// after `duration`.
    Closed {
        /// How many.
        users: u32,
        /// How long each thinks each time.
        think: L,
        /// Until when jobs are started.
        duration: Duration,
    },
    /// All at time 0.
    Burst {
        /// How many.
        jobs: u64,
    },
}

/// How arrivals are spread at a given rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrivals {
    /// Evenly: the i-th when the rate has summed up to i, the first at 0.
    Constant,
    /// At random: a Poisson process of that rate.
    Poisson,
}

/// A stretch of time in which the rate is constant or changes evenly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    /// How long it lasts.
    pub lasts: Duration,
    /// Jobs per second at its start.
    pub from_per_s: f64,
    /// Jobs per second at its end.
    pub to_per_s: f64,
}

impl<L> Workload<L> {
    /// Whether every replication is one job.
    pub fn is_isolated(&self) -> bool {
        matches!(self, Workload::Isolated)
    }

    /// Until when jobs are started: the sum of the stages, or the duration; zero for a burst and an
    /// isolated job.
    pub fn horizon(&self) -> Duration {
        match self {
            Workload::Isolated | Workload::Burst { .. } => Duration::ZERO,
            Workload::Open { stages, .. } => stages.iter().map(|stage| stage.lasts).sum(),
            Workload::Closed { duration, .. } => *duration,
        }
    }
}
