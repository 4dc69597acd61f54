//! What one job did, as plain numbers.

use awaitlab_core::{AttemptCounts, Instant, Status};
use awaitlab_record::Timeline;

/// What one job did, from its arrival until nothing of it could happen any more. Times in
/// nanoseconds from its arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobOutcome {
    /// The job.
    pub job: u64,
    /// When it arrived.
    pub arrival: Instant,
    /// How it ended.
    pub status: Status,
    /// When its caller had the answer; `None` where it never had.
    pub settle_ns: Option<u64>,
    /// When its last attempt ended; `None` where one never did.
    pub drain_ns: Option<u64>,
    /// Its attempts by fate, per service.
    pub attempts: Vec<AttemptCounts>,
    /// Calls its strategy started.
    pub calls_started: u64,
    /// Attempts that had reached a service when it settled.
    pub started_at_settle: u64,
    /// How its attempts ended.
    pub ends: AttemptEnds,
    /// Results its caller received.
    pub delivered: u64,
    /// Degraded answers its caller received in the place of results.
    pub degraded: u64,
    /// Results handed to its strategy, which then rejected.
    pub lost: u64,
    /// Attempt time in flight after it settled.
    pub orphan_ns: u64,
    /// Attempt time in flight.
    pub busy_ns: u64,
    /// Most attempts in flight at once.
    pub peak_in_flight: u64,
    /// Failures that nobody awaited.
    pub unhandled: u64,
    /// What the words of the comparison table are derived from.
    pub shape: Shape,
    /// Attempt by attempt, where that was asked for.
    pub timeline: Option<Timeline>,
}

impl Default for JobOutcome {
    /// A job at time 0 of which nothing has happened yet.
    fn default() -> Self {
        JobOutcome {
            job: 0,
            arrival: Instant::START,
            status: Status::NeverSettled,
            settle_ns: None,
            drain_ns: None,
            attempts: Vec::new(),
            calls_started: 0,
            started_at_settle: 0,
            ends: AttemptEnds::default(),
            delivered: 0,
            degraded: 0,
            lost: 0,
            orphan_ns: 0,
            busy_ns: 0,
            peak_in_flight: 0,
            unhandled: 0,
            shape: Shape::default(),
            timeline: None,
        }
    }
}

impl JobOutcome {
    /// Begins anew, for another job. What it holds is kept to be used again.
    #[inline]
    pub(crate) fn begin(&mut self, arrival: Instant, services: usize) {
        match self.attempts.as_mut_slice() {
            // One by one: filling a slice takes longer than that.
            [only] if services == 1 => *only = AttemptCounts::default(),
            all if all.len() == services => all.fill(AttemptCounts::default()),
            _ => self.attempts = vec![AttemptCounts::default(); services],
        }
        self.arrival = arrival;
        self.calls_started = 0;
        self.started_at_settle = 0;
        self.ends = AttemptEnds::default();
        self.delivered = 0;
        self.degraded = 0;
        self.lost = 0;
        self.orphan_ns = 0;
        self.busy_ns = 0;
        self.peak_in_flight = 0;
        self.unhandled = 0;
        self.shape = Shape::default();
        // What is left is written when the job is over.
    }

    /// Its attempts by fate, over all services.
    pub fn all_attempts(&self) -> AttemptCounts {
        let mut all = AttemptCounts::default();
        for counts in &self.attempts {
            all += counts;
        }
        all
    }
}

/// How attempts ended, whatever their answers were wanted for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttemptEnds {
    /// Answered with a success.
    pub succeeded: u64,
    /// Answered with an error.
    pub failed: u64,
    /// Cancelled.
    pub cancelled: u64,
}

/// How a job's calls were begun and what its end did to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Some call was started after the job was.
    pub waited: bool,
    /// Calls that ended with a success, before or after the job settled.
    pub calls_succeeded: u64,
    /// Calls for which a fallback stood in.
    pub calls_degraded: u64,
    /// Calls that ended with an error.
    pub calls_failed: u64,
    /// Rejected before the ends of all its calls had been handed to the strategy.
    pub cut_short: bool,
    /// Rejected after all its calls had ended.
    pub rejected_at_end: bool,
}
