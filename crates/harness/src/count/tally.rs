//! What many jobs of one cell add up to. Exact integers, so that it does not matter which thread
//! counted which job, or in which order the threads' tallies are merged.

use awaitlab_core::{AttemptCounts, Status};
use awaitlab_record::Timeline;
use awaitlab_record::replications_csv::FIGURES;
use awaitlab_record::summary::{Distribution, Traits};
use awaitlab_stats::{Histogram, Moments, Sample};

use crate::count::around::Around;
use crate::job::outcome::JobOutcome;

/// The jobs of one cell: one variant under one strategy.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) jobs: u64,
    pub(crate) never_settled: u64,
    pub(crate) settle_fulfilled: Histogram,
    pub(crate) settle_rejected: Histogram,
    pub(crate) drain: Histogram,
    /// Results delivered, per job.
    pub(crate) delivered: Moments,
    pub(crate) lost: u64,
    pub(crate) degraded: u64,
    /// Whether each measure of the scenario held, per replication.
    pub(crate) measures: Vec<Moments>,
    /// Per service.
    pub(crate) attempts: Vec<AttemptCounts>,
    pub(crate) started_at_settle: u64,
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
    pub(crate) cancelled: u64,
    pub(crate) orphan_ns: u128,
    pub(crate) busy_ns: u128,
    /// Of jobs that drained.
    pub(crate) busy_until_drained_ns: u128,
    pub(crate) calls_started: u64,
    pub(crate) peak_in_flight: u64,
    pub(crate) unhandled: u64,
    /// The sums of the traits; what follows from the peak is set when a row is made of it.
    pub(crate) traits: Traits,
    pub(crate) timeline: Option<Timeline>,
    /// What went on around the jobs.
    pub(crate) around: Around,
    /// Of workloads in time.
    pub(crate) time: Option<InTime>,
}

/// What only a workload in time has.
#[derive(Clone, Debug, Default)]
pub(crate) struct InTime {
    pub(crate) replications: u64,
    /// Jobs that arrived and count, and those of them that were good.
    pub(crate) offered: u64,
    pub(crate) good: u64,
    /// Virtual time in which jobs that count arrive.
    pub(crate) measured_ns: u128,
    /// Attempt time in flight of all jobs, also of those that do not count.
    pub(crate) busy_of_all_ns: u128,
    pub(crate) jobs_of_all: u64,
    /// Time from the last fault's end until goodput was back, per replication in which it came back.
    pub(crate) recovery: Moments,
    /// Each replication's own figures, by its number.
    pub(crate) figures: Vec<(u64, Figures)>,
}

/// What one replication measured, of what gets an interval or is compared.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) settle_ms: OfTimes,
    pub(crate) settle_ms_fulfilled: OfTimes,
    pub(crate) settle_ms_rejected: OfTimes,
    pub(crate) drain_ms: OfTimes,
    pub(crate) success_rate: Option<f64>,
    /// The metric of `[compare]`.
    pub(crate) compared: Option<f64>,
    /// Those of `replications.csv`.
    pub(crate) stored: [Option<f64>; FIGURES.len()],
}

/// The same of times.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OfTimes {
    pub(crate) mean: Option<f64>,
    pub(crate) p50: Option<f64>,
    pub(crate) p90: Option<f64>,
    pub(crate) p99: Option<f64>,
    pub(crate) p999: Option<f64>,
}

impl From<Distribution> for OfTimes {
    fn from(of: Distribution) -> OfTimes {
        let Distribution {
            mean,
            p50,
            p90,
            p99,
            p999,
            ..
        } = of;
        OfTimes {
            mean,
            p50,
            p90,
            p99,
            p999,
        }
    }
}

impl InTime {
    /// What the replications measured of a figure, in their order; `None` where one of them has
    /// none.
    pub(crate) fn sample(&self, figure: impl Fn(&Figures) -> Option<f64>) -> Option<Sample> {
        Sample::of(&self.values(figure)?)
    }

    /// The same, one by one.
    pub(crate) fn values(&self, figure: impl Fn(&Figures) -> Option<f64>) -> Option<Vec<f64>> {
        let mut in_order: Vec<_> = self.figures.iter().collect();
        in_order.sort_by_key(|(replication, _)| *replication);
        in_order
            .into_iter()
            .map(|(_, figures)| figure(figures))
            .collect()
    }

    /// Adds other replications.
    pub(crate) fn merge(&mut self, other: InTime) {
        self.replications += other.replications;
        self.offered += other.offered;
        self.good += other.good;
        self.measured_ns += other.measured_ns;
        self.busy_of_all_ns += other.busy_of_all_ns;
        self.jobs_of_all += other.jobs_of_all;
        self.recovery.merge(&other.recovery);
        self.figures.extend(other.figures);
    }
}

impl Tally {
    /// Counts a job.
    pub(crate) fn add(&mut self, job: &JobOutcome) {
        self.jobs += 1;
        match (job.status, job.settle_ns) {
            (Status::Fulfilled, Some(settle)) => self.settle_fulfilled.record(settle),
            (_, Some(settle)) => self.settle_rejected.record(settle),
            (_, None) => self.never_settled += 1,
        }
        if let Some(drain) = job.drain_ns {
            self.drain.record(drain);
            self.busy_until_drained_ns += u128::from(job.busy_ns);
        }
        self.delivered.record(job.delivered);
        self.lost += job.lost;
        self.degraded += job.degraded;
        self.add_attempts(&job.attempts);
        self.started_at_settle += job.started_at_settle;
        self.succeeded += job.ends.succeeded;
        self.failed += job.ends.failed;
        self.cancelled += job.ends.cancelled;
        self.orphan_ns += u128::from(job.orphan_ns);
        self.busy_ns += u128::from(job.busy_ns);
        self.calls_started += job.calls_started;
        self.peak_in_flight = self.peak_in_flight.max(job.peak_in_flight);
        self.unhandled += job.unhandled;
        self.add_shape(job);
        if job.timeline.is_some() {
            self.timeline.clone_from(&job.timeline);
        }
    }

    #[inline]
    fn add_shape(&mut self, job: &JobOutcome) {
        let (shape, traits) = (job.shape, &mut self.traits);
        traits.waited |= shape.waited;
        if shape.calls_succeeded > 0 && shape.calls_failed > 0 {
            traits.mixed_jobs += 1;
            traits.mixed_successful += shape.calls_succeeded;
            traits.mixed_delivered += job.delivered;
            traits.mixed_rejected += u64::from(job.status == Status::Rejected);
            traits.mixed_cut_short += u64::from(shape.cut_short);
            traits.mixed_rejected_at_end += u64::from(shape.rejected_at_end);
        }
    }

    #[inline]
    fn add_attempts(&mut self, attempts: &[AttemptCounts]) {
        if self.attempts.len() < attempts.len() {
            self.attempts
                .resize(attempts.len(), AttemptCounts::default());
        }
        for (all, of_job) in self.attempts.iter_mut().zip(attempts) {
            *all += of_job;
        }
    }

    /// Adds what another thread counted of the same cell.
    pub(crate) fn merge(&mut self, other: Tally) {
        self.jobs += other.jobs;
        self.never_settled += other.never_settled;
        self.settle_fulfilled.merge(&other.settle_fulfilled);
        self.settle_rejected.merge(&other.settle_rejected);
        self.drain.merge(&other.drain);
        self.delivered.merge(&other.delivered);
        self.lost += other.lost;
        self.degraded += other.degraded;
        self.merge_measures(&other.measures);
        self.add_attempts(&other.attempts);
        self.started_at_settle += other.started_at_settle;
        self.succeeded += other.succeeded;
        self.failed += other.failed;
        self.cancelled += other.cancelled;
        self.orphan_ns += other.orphan_ns;
        self.busy_ns += other.busy_ns;
        self.busy_until_drained_ns += other.busy_until_drained_ns;
        self.calls_started += other.calls_started;
        self.peak_in_flight = self.peak_in_flight.max(other.peak_in_flight);
        self.unhandled += other.unhandled;
        self.merge_traits(&other.traits);
        self.timeline = self.timeline.take().or(other.timeline);
        self.around.merge(&other.around);
        match (&mut self.time, other.time) {
            (Some(mine), Some(theirs)) => mine.merge(theirs),
            (mine, theirs) => *mine = mine.take().or(theirs),
        }
    }

    /// Which measures held in a replication.
    pub(crate) fn measured(&mut self, held: &[bool]) {
        self.measures.resize(held.len(), Moments::default());
        for (measure, &held) in self.measures.iter_mut().zip(held) {
            measure.record(u64::from(held));
        }
    }

    fn merge_measures(&mut self, theirs: &[Moments]) {
        if self.measures.len() < theirs.len() {
            self.measures.resize(theirs.len(), Moments::default());
        }
        for (mine, theirs) in self.measures.iter_mut().zip(theirs) {
            mine.merge(theirs);
        }
    }

    /// The part that only workloads in time have.
    pub(crate) fn in_time(&mut self) -> &mut InTime {
        self.time.get_or_insert_default()
    }

    fn merge_traits(&mut self, theirs: &Traits) {
        let mine = &mut self.traits;
        mine.waited |= theirs.waited;
        mine.mixed_jobs += theirs.mixed_jobs;
        mine.mixed_successful += theirs.mixed_successful;
        mine.mixed_delivered += theirs.mixed_delivered;
        mine.mixed_rejected += theirs.mixed_rejected;
        mine.mixed_cut_short += theirs.mixed_cut_short;
        mine.mixed_rejected_at_end += theirs.mixed_rejected_at_end;
    }
}
