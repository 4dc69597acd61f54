//! What the jobs of one replication of a workload in time leave behind, while they come and go.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use awaitlab_core::Instant;
use awaitlab_core::time::nanos;
use awaitlab_policies::Event;
use awaitlab_record::{JobRow, Series};
use awaitlab_scenario::Measure;

use crate::contest::run::job_row;
use crate::count::measures::Windows;
use crate::count::policies::Held;
use crate::count::recovery::Cohorts;
use crate::count::series::SeriesRecorder;
use crate::count::tally::Tally;
use crate::job::Settling;
use crate::job::is_complete;
use crate::job::outcome::JobOutcome;

/// What a recorder has to know of its variant and strategy.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// Jobs that arrive before it are the warm-up: they are run, and left out of every figure.
    pub(crate) counted_from: Instant,
    /// The first job to arrive from here on is the one that is drawn: the first that meets a fault,
    /// where there are any.
    pub(crate) drawn_from: Instant,
    /// Within which a good job settles.
    pub(crate) deadline: Option<Duration>,
    /// Results that a complete job delivers.
    pub(crate) wanted: u64,
    /// Until when jobs arrive.
    pub(crate) horizon: Duration,
    /// Where one row per job is wanted: the index of its cell.
    pub(crate) job_rows: Option<u32>,
    /// Figures of the scenario's own.
    pub(crate) measures: Vec<Measure>,
    /// Whether there may be something to recover from.
    pub(crate) has_faults: bool,
}

/// The record of a replication, while it is made.
pub(crate) struct Recorder {
    rules: Rules,
    replication: Cell<u64>,
    /// One job of the first replication is drawn.
    timeline_wanted: Cell<bool>,
    state: RefCell<State>,
}

struct State {
    left: Replication,
    series: SeriesRecorder,
    windows: Windows,
}

/// What one replication leaves.
#[derive(Default)]
pub(crate) struct Replication {
    pub(crate) tally: Tally,
    pub(crate) jobs: Vec<JobRow>,
    /// Where there are faults.
    pub(crate) cohorts: Cohorts,
    /// A job whose attempts do not add up.
    pub(crate) not_conserved: Option<u64>,
}

impl Recorder {
    /// A recorder; it goes on with the series of earlier replications where there are any.
    pub(crate) fn new(rules: Rules, series: Option<Series>) -> Self {
        let fresh = || SeriesRecorder::new(rules.horizon);
        let series = series.map_or_else(fresh, SeriesRecorder::resume);
        Recorder {
            state: RefCell::new(State {
                left: Replication::default(),
                series,
                windows: Windows::new(&rules.measures, rules.counted_from),
            }),
            rules,
            replication: Cell::new(0),
            timeline_wanted: Cell::new(false),
        }
    }

    pub(crate) fn begin_replication(&self, replication: u64) {
        self.replication.set(replication);
        self.timeline_wanted.set(replication == 0);
        self.state.borrow_mut().left = Replication::default();
    }

    /// What the replication that has ended leaves.
    pub(crate) fn take(&self, now: Instant) -> Replication {
        let state = &mut *self.state.borrow_mut();
        state.series.end_replication(now);
        std::mem::take(&mut state.left)
    }

    /// Which measures held in the replication that has ended.
    pub(crate) fn measures(&self, measured: Duration) -> Vec<bool> {
        self.state.borrow_mut().windows.end_replication(measured)
    }

    /// What all replications together leave over time.
    pub(crate) fn take_series(&self) -> Series {
        let none = SeriesRecorder::new(self.rules.horizon);
        std::mem::replace(&mut self.state.borrow_mut().series, none).finish()
    }

    /// Whether a job that arrived then counts.
    #[inline]
    pub(crate) fn counts(&self, arrival: Instant) -> bool {
        arrival >= self.rules.counted_from
    }

    /// Says whether the job is the one to be drawn.
    #[inline]
    pub(crate) fn job_arrives(&self, now: Instant) -> bool {
        let state = &mut *self.state.borrow_mut();
        state.series.offered(now);
        state.windows.saw(now, |seen| seen.offered += 1);
        if self.rules.has_faults {
            state.left.cohorts.arrived(now);
        }
        if self.counts(now) {
            state.left.tally.in_time().offered += 1;
            return now >= self.rules.drawn_from && self.timeline_wanted.replace(false);
        }
        false
    }

    #[inline(always)]
    pub(crate) fn job_has_settled(&self, settling: &Settling, now: Instant) {
        let took = now.nanos_since(settling.arrival);
        let good = self.is_good(settling, took);
        let state = &mut *self.state.borrow_mut();
        let State {
            series, windows, ..
        } = state;
        series.settled(now, took, settling.status, good);
        windows.saw(now, |seen| seen.settled(took, settling.status, good));
        if good && self.rules.has_faults {
            state.left.cohorts.was_good(settling.arrival);
        }
        if self.counts(settling.arrival) {
            state.left.tally.in_time().good += u64::from(good);
        }
    }

    /// Fulfilled, complete, and within the deadline.
    fn is_good(&self, settling: &Settling, took: u64) -> bool {
        let rules = &self.rules;
        is_complete(settling.status, settling.delivered, rules.wanted)
            && rules
                .deadline
                .is_none_or(|deadline| took <= nanos(deadline))
    }

    #[inline(always)]
    pub(crate) fn job_is_over(&self, outcome: &JobOutcome) {
        let left = &mut self.state.borrow_mut().left;
        if !outcome.attempts.iter().all(|counts| counts.conserved()) {
            left.not_conserved.get_or_insert(outcome.job);
        }
        let in_time = left.tally.in_time();
        in_time.jobs_of_all += 1;
        in_time.busy_of_all_ns += u128::from(outcome.busy_ns);
        if self.counts(outcome.arrival) {
            if let Some(row) = self.rules.job_rows {
                let row = job_row(row, self.replication.get(), outcome);
                left.jobs.push(row);
            }
            left.tally.add(outcome);
        }
    }

    #[inline]
    pub(crate) fn attempt_was_made(&self, now: Instant) {
        let state = &mut *self.state.borrow_mut();
        state.series.attempt(now);
        state.windows.saw(now, |seen| seen.attempts += 1);
    }

    #[inline]
    pub(crate) fn call_was_started(&self, now: Instant) {
        let state = &mut *self.state.borrow_mut();
        state.series.call(now);
        state.windows.saw(now, |seen| seen.calls += 1);
    }

    /// A call is started, its only attempt sent; so many are in flight now.
    #[inline]
    pub(crate) fn bare_call_was_sent(&self, in_flight: u64, now: Instant) {
        let state = &mut *self.state.borrow_mut();
        state.series.bare_call(in_flight, now);
        state.windows.saw(now, |seen| {
            seen.calls += 1;
            seen.attempts += 1;
        });
    }

    #[inline]
    pub(crate) fn in_flight(&self, count: u64, now: Instant) {
        self.state.borrow_mut().series.in_flight(count, now);
    }

    /// A policy did something; `held` is what has held until now.
    pub(crate) fn policy_did(&self, event: Event, held: Option<Held>, now: Instant) {
        self.state.borrow_mut().series.policy_did(event, now);
        if let Some(held) = held {
            self.held(&held);
        }
    }

    /// A state of policies held.
    pub(crate) fn held(&self, held: &Held) {
        self.state.borrow_mut().series.held(held);
    }

    /// An attempt has just spent so long in a queue.
    #[inline(always)]
    pub(crate) fn queued(&self, ns: u64, now: Instant) {
        self.state.borrow_mut().series.queued(ns, now);
    }
}
