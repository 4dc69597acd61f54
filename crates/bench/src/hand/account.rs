//! What is kept of a job, and of many.

use awaitlab_core::Fate;
use awaitlab_stats::{Histogram, Moments};

/// One job, while something can still happen to it. Times in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Account {
    pub(crate) arrival: u64,
    settled: Option<u64>,
    last_end: u64,
    calls_started: u32,
    started: u32,
    started_at_settle: u32,
    in_flight: u32,
    peak_in_flight: u32,
    succeeded: u32,
    fates: [u32; 8],
    delivered: u32,
    busy_ns: u64,
    orphan_ns: u64,
}

/// Many jobs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) jobs: u64,
    pub(crate) settle: Histogram,
    pub(crate) drain: Histogram,
    pub(crate) delivered: Moments,
    pub(crate) calls_started: u64,
    pub(crate) started: u64,
    pub(crate) started_at_settle: u64,
    pub(crate) succeeded: u64,
    pub(crate) fates: [u64; 8],
    pub(crate) peak_in_flight: u32,
    pub(crate) busy_ns: u128,
    pub(crate) orphan_ns: u128,
}

impl Account {
    /// A job that arrives.
    #[inline]
    pub(crate) fn new(arrival: u64) -> Self {
        Account {
            arrival,
            ..Account::default()
        }
    }

    /// A call is started and its request sent.
    #[inline]
    pub(crate) fn sent(&mut self) {
        self.calls_started += 1;
        self.started += 1;
        self.in_flight += 1;
        self.peak_in_flight = self.peak_in_flight.max(self.in_flight);
    }

    /// A request that was sent then is answered now, with a success: nothing fails in these models.
    #[inline]
    pub(crate) fn answered(&mut self, sent: u64, now: u64) {
        self.succeeded += 1;
        let fate = match self.settled {
            Some(_) => Fate::Orphaned,
            None => Fate::Useful,
        };
        self.fates[fate as usize] += 1;
        self.in_flight -= 1;
        self.busy_ns += now - sent;
        if let Some(settled) = self.settled {
            self.orphan_ns += now - settled.max(sent);
        }
        self.last_end = now;
    }

    /// The join is over: whether, as all calls have been answered.
    #[inline]
    pub(crate) fn settle_when_all_are_in(&mut self, calls: u32, now: u64) -> bool {
        if self.succeeded < calls {
            return false;
        }
        self.settled = Some(now);
        self.started_at_settle = self.started;
        self.delivered = self.succeeded;
        true
    }

    /// Attempt time in flight, in nanoseconds.
    pub(crate) fn busy_ns(&self) -> u64 {
        self.busy_ns
    }
}

impl Tally {
    /// Counts a job that is over.
    #[inline]
    pub(crate) fn add(&mut self, job: &Account) {
        self.jobs += 1;
        if let Some(settled) = job.settled {
            self.settle.record(settled - job.arrival);
        }
        self.drain.record(job.last_end - job.arrival);
        self.delivered.record(u64::from(job.delivered));
        self.calls_started += u64::from(job.calls_started);
        self.started += u64::from(job.started);
        self.started_at_settle += u64::from(job.started_at_settle);
        self.succeeded += u64::from(job.succeeded);
        for (all, of_job) in self.fates.iter_mut().zip(job.fates) {
            *all += u64::from(of_job);
        }
        self.peak_in_flight = self.peak_in_flight.max(job.peak_in_flight);
        self.busy_ns += u128::from(job.busy_ns);
        self.orphan_ns += u128::from(job.orphan_ns);
    }

    /// Adds other jobs.
    pub(crate) fn merge(&mut self, other: &Tally) {
        self.jobs += other.jobs;
        self.settle.merge(&other.settle);
        self.drain.merge(&other.drain);
        self.delivered.merge(&other.delivered);
        self.calls_started += other.calls_started;
        self.started += other.started;
        self.started_at_settle += other.started_at_settle;
        self.succeeded += other.succeeded;
        for (mine, theirs) in self.fates.iter_mut().zip(other.fates) {
            *mine += theirs;
        }
        self.peak_in_flight = self.peak_in_flight.max(other.peak_in_flight);
        self.busy_ns += other.busy_ns;
        self.orphan_ns += other.orphan_ns;
    }

    /// Every attempt has one fate.
    pub(crate) fn is_conserved(&self) -> bool {
        self.started == self.fates.iter().sum::<u64>()
    }
}
