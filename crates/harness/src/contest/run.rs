//! All variants, all strategies, all replications, on all threads.
//!
//! Where a precision is asked for, replications come in rounds; else all are one round.
//! Replications of a round are cut into batches of a fixed size; a batch runs its replications in every variant
//! under every strategy. Threads take the next batch until there is none, or until the run is
//! interrupted. Since batches are taken in order and always finished, what has been run is a prefix
//! of the replications, the same for every cell, and never "what finished first".

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use awaitlab_record::summary::Precision;
use awaitlab_record::{JobRow, Series};
use awaitlab_scenario::{Measure, Variant};
use rayon::ThreadPool;

use crate::contest::budget::Overrun;
use crate::contest::entrant::{Batch, Entrant};
use crate::contest::rounds::{self, LookAhead};
use crate::contest::{Observer, RunError};
use crate::count::measures::{self, Seen};
use crate::count::paired::{Paired, Pairs, Values, Wanted};
use crate::count::series;
use crate::count::tally::{Figures, Tally};
use crate::job::outcome::JobOutcome;
use crate::results::precision::{self, Assessed, Assessment};
use crate::results::rows;

/// What to run.
pub(crate) struct Run<'a> {
    pub(crate) variants: &'a [&'a Variant],
    pub(crate) entrants: &'a [Entrant],
    /// The entrant that the others are compared to.
    pub(crate) baseline: usize,
    /// By which figure.
    pub(crate) metric: &'a str,
    /// The same, where isolated jobs have values of it.
    pub(crate) paired: Option<Paired>,
    /// Half the interval of that figure over its value, where replications are added until it is
    /// that narrow.
    pub(crate) precision: Option<f64>,
    /// Figures of the scenario's own.
    pub(crate) measures: &'a [Measure],
    pub(crate) seed: u64,
    /// At most.
    pub(crate) replications: u64,
    pub(crate) keep_jobs: bool,
    pub(crate) observer: &'a dyn Observer,
}

/// What came of it.
#[derive(Default)]
pub(crate) struct RunResult {
    /// Per variant and entrant, variants outermost.
    pub(crate) cells: Vec<CellResult>,
    /// In order of cell and replication.
    pub(crate) jobs: Vec<JobRow>,
    /// How many replications were run: the first so many.
    pub(crate) replications: u64,
    /// Whether those are all that were wanted.
    pub(crate) is_complete: bool,
    /// What came of the precision that was asked for.
    pub(crate) precision: Option<Precision>,
}

/// One variant under one entrant.
#[derive(Clone, Default)]
pub(crate) struct CellResult {
    pub(crate) tally: Tally,
    /// Of the compared figure, of isolated jobs.
    pub(crate) values: Values,
    /// The same against the baseline.
    pub(crate) pairs: Pairs,
    /// Over virtual time, of workloads in time.
    pub(crate) series: Option<Series>,
}

impl CellResult {
    fn add_series(&mut self, series: Series) {
        match &mut self.series {
            Some(mine) => series::merge(mine, series),
            none => *none = Some(series),
        }
    }
}

impl Run<'_> {
    /// Runs on every thread of the pool: all replications, or round by round until the intervals are
    /// as narrow as was asked for.
    pub(crate) fn run(&self, pool: &ThreadPool) -> Result<RunResult, RunError> {
        let mut result = self.nothing();
        match self.precision {
            None => {
                self.observer.replications_planned(self.replications);
                self.run_round(pool, self.replications, &mut result)?;
                result.is_complete = result.replications == self.replications;
            }
            Some(asked) => self.run_until(asked, pool, &mut result)?,
        }
        result
            .jobs
            .sort_by_key(|job| (job.row, job.replication, job.job));
        Ok(result)
    }

    fn run_until(
        &self,
        asked: f64,
        pool: &ThreadPool,
        result: &mut RunResult,
    ) -> Result<(), RunError> {
        let section = self.paired_section();
        let mut look_ahead = LookAhead::default();
        for end in rounds::ends(self.is_isolated(), section, self.replications) {
            self.observer.replications_planned(end);
            self.run_round(pool, end, result)?;
            result.is_complete = result.replications == end;
            if result.replications == 0 {
                return Ok(());
            }
            let Assessment {
                mut precision,
                is_hopeless,
            } = self.assess(asked, &result.cells);
            let is_last = end == self.replications;
            let stop = look_ahead.at(precision.reached, is_last).is_break();
            precision.reached = stop && result.is_complete;
            result.precision = Some(precision);
            if stop || is_hopeless || !result.is_complete {
                return Ok(());
            }
        }
        Ok(())
    }

    fn assess(&self, asked: f64, cells: &[CellResult]) -> Assessment {
        let per_variant = cells.chunks(self.entrants.len());
        let variants: Vec<_> = self.variants.iter().copied().zip(per_variant).collect();
        let rows = rows::rows(self.entrants, &variants, self.measures);
        let variant = |index: usize| self.variants[index / self.entrants.len()];
        let assessed = rows.iter().zip(cells).enumerate();
        let assessed = assessed.map(|(index, (row, cell))| Assessed {
            variant: variant(index),
            row,
            cell,
        });
        precision::assess(asked, self.metric, assessed)
    }

    fn is_isolated(&self) -> bool {
        let mut variants = self.variants.iter();
        variants.all(|variant| variant.workload.is_isolated())
    }

    /// Goes on from what has been run until so many replications have.
    fn run_round(
        &self,
        pool: &ThreadPool,
        end: u64,
        result: &mut RunResult,
    ) -> Result<(), RunError> {
        let next = AtomicU64::new(result.replications);
        let batch_size = self.batch_size(end - result.replications);
        let broken = Mutex::new(None);
        let partials = pool.broadcast(|_| self.work(&next, end, batch_size, &broken));
        if let Some(error) = broken
            .into_inner()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .map(|(_, error)| error)
        {
            return Err(error);
        }
        partials
            .into_iter()
            .for_each(|partial| result.merge(partial));
        Ok(())
    }

    /// How many replications of a round a thread takes at a time: enough to be worth it, few enough
    /// that threads end together and an interruption is soon obeyed. Whole sections, where a figure
    /// is one of a section. Depends on the scenario alone.
    pub(crate) fn batch_size(&self, of_round: u64) -> u64 {
        const CALLS: u64 = 100_000;
        const BATCHES: u64 = 16;
        if !self.is_isolated() {
            return self.paired_section();
        }
        let calls = self
            .variants
            .iter()
            .map(|variant| u64::from(variant.job.calls()).max(1));
        let calls_per_replication = calls.sum::<u64>().max(1) * self.entrants.len() as u64;
        let size = (CALLS / calls_per_replication).clamp(1, 1000);
        let size = size.min(of_round.div_ceil(BATCHES).max(1));
        size.next_multiple_of(self.paired_section())
    }

    /// How many replications make one value of what is compared, where some variant is isolated.
    fn paired_section(&self) -> u64 {
        let mut variants = self.variants.iter();
        match self.paired {
            Some(paired) if variants.any(|variant| variant.workload.is_isolated()) => {
                // Of fewer replications there is no whole section anyway.
                let section = paired.section();
                if section <= self.replications {
                    section
                } else {
                    1
                }
            }
            _ => 1,
        }
    }

    fn work(&self, next: &AtomicU64, end: u64, batch_size: u64, broken: &Broken) -> RunResult {
        let mut result = self.nothing();
        while !self.observer.interrupted() && lock(broken).is_none() {
            let first = next.fetch_add(batch_size, Ordering::Relaxed);
            if first >= end {
                break;
            }
            let replications = first..(first + batch_size).min(end);
            for (index, variant) in self.variants.iter().enumerate() {
                let (seed, replications) = (self.seed, replications.clone());
                let batch = Batch {
                    variant,
                    seed,
                    replications,
                    job_rows: None,
                    measures: self.measures,
                    each_alone: self.paired == Some(Paired::Figure),
                };
                if let Err(error) = self.run_batch(index, &batch, &mut result) {
                    let mut broken = lock(broken);
                    if broken
                        .as_ref()
                        .is_none_or(|(earliest, _)| first < *earliest)
                    {
                        *broken = Some((first, error));
                    }
                    return result;
                }
            }
            let count = replications.end - replications.start;
            result.replications += count;
            self.observer.replications_done(count);
        }
        result
    }

    /// Every strategy meets the batch's replications one after another; their values are paired
    /// when all have.
    fn run_batch(
        &self,
        variant: usize,
        batch: &Batch<'_>,
        result: &mut RunResult,
    ) -> Result<(), RunError> {
        let first_cell = variant * self.entrants.len();
        let mut values: Vec<Vec<Option<u64>>> = Vec::with_capacity(self.entrants.len());
        for (index, entrant) in self.entrants.iter().enumerate() {
            let cell = first_cell + index;
            let job_rows = self.keep_jobs.then_some(cell as u32);
            let batch = Batch {
                job_rows,
                ..batch.clone()
            };
            if batch.variant.workload.is_isolated() {
                let of_jobs = self.run_isolated(entrant, cell, &batch, result)?;
                let of_sections = self.paired.map(|paired| paired.of_sections(of_jobs));
                values.push(of_sections.unwrap_or_default());
            } else {
                self.run_timed(entrant, cell, &batch, result)?;
            }
        }
        if let Some(paired) = self.paired
            && !values.is_empty()
        {
            self.pair(
                paired,
                batch.variant,
                &values,
                &mut result.cells[first_cell..],
            );
        }
        Ok(())
    }

    fn pair(
        &self,
        paired: Paired,
        variant: &Variant,
        values: &[Vec<Option<u64>>],
        cells: &mut [CellResult],
    ) {
        let wanted = |index: usize| self.entrants[index].wanted(variant.job.calls()).max(1);
        let (baseline, of_baseline) = (wanted(self.baseline), &values[self.baseline]);
        for (index, (cell, of_strategy)) in cells.iter_mut().zip(values).enumerate() {
            let wanted = Wanted {
                baseline,
                strategy: wanted(index),
            };
            for (&base, &own) in of_baseline.iter().zip(of_strategy) {
                cell.values.add(own);
                cell.pairs.add(paired, wanted, base, own);
            }
        }
    }

    /// Gives the value that is compared, of each replication.
    fn run_isolated(
        &self,
        entrant: &Entrant,
        cell: usize,
        batch: &Batch<'_>,
        result: &mut RunResult,
    ) -> Result<Vec<Option<u64>>, RunError> {
        let mut values = Vec::new();
        let mut not_conserved = None;
        let ended = entrant.run_isolated(batch, &mut |job, around| {
            if !job.attempts.iter().all(|counts| counts.conserved()) {
                not_conserved.get_or_insert(job.job);
            }
            if let Some(row) = batch.job_rows {
                result.jobs.push(job_row(row, job.job, job));
            }
            let held = measured(batch.measures, job);
            let tally = &mut result.cells[cell].tally;
            values.push(match self.paired {
                Some(Paired::Figure) => {
                    let mut own = Tally::default();
                    own.measured(&held);
                    own.around = around.cloned().unwrap_or_default();
                    own.add(job);
                    let figure = self.figures(batch.variant, entrant, &own).compared;
                    tally.merge(own);
                    Paired::Figure.of(job, figure)
                }
                paired => {
                    tally.measured(&held);
                    tally.add(job);
                    if let Some(around) = around {
                        tally.around.merge(around);
                    }
                    paired.and_then(|paired| paired.of(job, None))
                }
            });
        });
        if let Some(replication) = not_conserved {
            return Err(broken(entrant, batch, replication));
        }
        ended.map_err(|overrun| overrun_of(entrant, batch, overrun))?;
        Ok(values)
    }

    fn run_timed(
        &self,
        entrant: &Entrant,
        cell: usize,
        batch: &Batch<'_>,
        result: &mut RunResult,
    ) -> Result<(), RunError> {
        let mut not_conserved = None;
        let before = result.cells[cell].series.take();
        let series = entrant.run_timed(batch, before, &mut |replication, mut left| {
            if left.not_conserved.is_some() {
                not_conserved.get_or_insert(replication);
            }
            let figures = self.figures(batch.variant, entrant, &left.tally);
            left.tally.in_time().figures.push((replication, figures));
            result.jobs.append(&mut left.jobs);
            result.cells[cell].tally.merge(left.tally);
        });
        if let Some(replication) = not_conserved {
            return Err(broken(entrant, batch, replication));
        }
        let series = series.map_err(|overrun| overrun_of(entrant, batch, overrun))?;
        result.cells[cell].series = Some(series);
        Ok(())
    }

    /// What one replication measured by itself.
    fn figures(&self, variant: &Variant, entrant: &Entrant, tally: &Tally) -> Figures {
        rows::figures(variant, entrant, tally, (self.metric, self.measures))
    }

    fn nothing(&self) -> RunResult {
        let cells = self.variants.len() * self.entrants.len();
        RunResult {
            cells: vec![CellResult::default(); cells],
            ..RunResult::default()
        }
    }
}

/// What went wrong first, and in which batch. Batches are taken in order, so whoever works on an
/// earlier one finishes it, and which error is told does not depend on the threads.
type Broken = Mutex<Option<(u64, RunError)>>;

fn lock(broken: &Broken) -> MutexGuard<'_, Option<(u64, RunError)>> {
    broken
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl RunResult {
    fn merge(&mut self, other: RunResult) {
        for (mine, theirs) in self.cells.iter_mut().zip(other.cells) {
            mine.tally.merge(theirs.tally);
            mine.values.merge(&theirs.values);
            mine.pairs.merge(&theirs.pairs);
            if let Some(series) = theirs.series {
                mine.add_series(series);
            }
        }
        self.jobs.extend(other.jobs);
        self.replications += other.replications;
    }
}

fn broken(entrant: &Entrant, batch: &Batch<'_>, replication: u64) -> RunError {
    let (variant, strategy) = (batch.variant.name.clone(), entrant.name.clone());
    RunError::NotConserved {
        variant,
        strategy,
        replication,
    }
}

fn overrun_of(entrant: &Entrant, batch: &Batch<'_>, overrun: Overrun) -> RunError {
    RunError::Overrun {
        variant: batch.variant.name.clone(),
        strategy: entrant.name.clone(),
        replication: overrun.replication,
        at: overrun.at,
        what: overrun.what,
        hint: if overrun.is_a_loop() && entrant.retries() {
            "; its retry waits for nothing: give it a backoff, or fewer attempts"
        } else {
            ""
        },
    }
}

/// Which measures hold in an isolated job.
fn measured(measures: &[Measure], job: &JobOutcome) -> Vec<bool> {
    if measures.is_empty() {
        return Vec::new();
    }
    let mut seen = Seen {
        calls: job.calls_started,
        attempts: job.all_attempts().made,
        ..Seen::default()
    };
    if let Some(settle_ns) = job.settle_ns {
        // Whether it is good, a rate would ask; there is none of an isolated job.
        seen.settled(settle_ns, job.status, false);
    }
    let holds = |measure| measures::holds(measure, &seen, Duration::ZERO);
    measures.iter().map(holds).collect()
}

/// A job as a row of `jobs.csv`; `row` is the index of its cell.
pub(crate) fn job_row(row: u32, replication: u64, job: &JobOutcome) -> JobRow {
    JobRow {
        row,
        replication,
        job: job.job,
        arrival_ns: job.arrival.as_nanos(),
        status: job.status,
        settle_ns: job.settle_ns,
        drain_ns: job.drain_ns,
        started: job.all_attempts().started,
        started_at_settle: job.started_at_settle,
        succeeded: job.ends.succeeded,
        failed: job.ends.failed,
        cancelled: job.ends.cancelled,
        delivered: job.delivered,
        orphan_ns: job.orphan_ns,
        busy_ns: job.busy_ns,
        peak_in_flight: job.peak_in_flight,
    }
}
