//! Runs studies on all threads.
//!
//! A run of a study is one task. Which thread takes it does not matter: it has a seed of its own,
//! and its values have a place of their own.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use awaitlab_harness::{Contest, RunError};
use awaitlab_record::Record;
use awaitlab_scenario::{Scenario, ScenarioErrors};
use thiserror::Error;

use crate::figure::Seen;
use crate::outcome::{FamilyOutcome, StudyOutcome};
use crate::study::{Family, Study};

/// How much is run, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Of all randomness.
    pub seed: u64,
    /// How often each study is run; at least two give a standard error.
    pub batches: u32,
    /// On so many threads: the outcome is the same.
    pub threads: NonZeroUsize,
}

/// Watches from outside, and may end it.
pub trait Observer: Sync {
    /// One more of all runs has been made.
    fn run_done(&self) {}

    /// Whether to stop.
    fn interrupted(&self) -> bool {
        false
    }
}

impl Observer for () {}

/// Why checks came to no outcome.
#[derive(Debug, Error)]
pub enum ValidationError {
    /// A study's scenario is none.
    #[error("study {study:?}: {errors}")]
    Scenario {
        /// The study.
        study: String,
        /// What is wrong with its scenario.
        errors: Box<ScenarioErrors>,
    },
    /// A study could not be run.
    #[error("study {study:?}")]
    Run {
        /// The study.
        study: String,
        /// Why.
        #[source]
        error: RunError,
    },
    /// A check looks at what its study does not have.
    #[error("study {study:?} has no {check:?}")]
    NoValue {
        /// The study.
        study: String,
        /// The check.
        check: String,
    },
    /// Somebody wanted it to end.
    #[error("interrupted")]
    Interrupted,
}

/// Runs all studies and judges their checks.
///
/// # Errors
/// See [`ValidationError`]. A check that fails is no error but an outcome.
pub fn run(
    families: &[Family],
    effort: Effort,
    observer: &dyn Observer,
) -> Result<Vec<FamilyOutcome>, ValidationError> {
    let studies: Vec<&Study> = families.iter().flat_map(|family| &family.studies).collect();
    let values = Values::new(&studies, effort, observer);
    std::thread::scope(|scope| {
        for _ in 1..effort.threads.get() {
            scope.spawn(|| values.work());
        }
        values.work();
    });
    let mut of_studies = values.into_values()?.into_iter();
    let outcomes = families.iter().map(|family| {
        let studies = family.studies.iter().zip(&mut of_studies);
        let studies = studies.map(|(study, values)| StudyOutcome::of(study, &values));
        FamilyOutcome {
            name: family.name,
            about: family.about,
            studies: studies.collect(),
        }
    });
    Ok(outcomes.collect())
}

/// One value a check.
type OfRun = Result<Vec<f64>, ValidationError>;

/// What the runs gave so far.
struct Values<'a> {
    studies: &'a [&'a Study],
    effort: Effort,
    observer: &'a dyn Observer,
    next: AtomicUsize,
    /// By study, then by run.
    of_runs: Vec<Mutex<Option<OfRun>>>,
}

impl<'a> Values<'a> {
    fn new(studies: &'a [&'a Study], effort: Effort, observer: &'a dyn Observer) -> Self {
        let runs = studies.len() * effort.batches as usize;
        Values {
            studies,
            effort,
            observer,
            next: AtomicUsize::new(0),
            of_runs: (0..runs).map(|_| Mutex::new(None)).collect(),
        }
    }

    fn work(&self) {
        while !self.observer.interrupted() {
            let run = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(place) = self.of_runs.get(run) else {
                return;
            };
            let batches = self.effort.batches as usize;
            let study = self.studies[run / batches];
            let values = run_study(study, seed_of(self.effort.seed, study, run % batches));
            *place
                .lock()
                .unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(values);
            self.observer.run_done();
        }
    }

    fn into_values(self) -> Result<Vec<Vec<Vec<f64>>>, ValidationError> {
        let of_runs = self.of_runs.into_iter().map(|place| {
            let values = place.into_inner();
            let values = values.unwrap_or_else(|poisoned| poisoned.into_inner());
            values.unwrap_or(Err(ValidationError::Interrupted))
        });
        let of_runs = of_runs.collect::<Result<Vec<_>, _>>()?;
        let per_study = of_runs.chunks((self.effort.batches as usize).max(1));
        Ok(per_study.map(<[_]>::to_vec).collect())
    }
}

/// A seed that no other study and no other run has. It depends on the study's name alone, so that
/// an added study leaves the others as they were. (FNV-1a.)
fn seed_of(seed: u64, study: &Study, batch: usize) -> u64 {
    let absorb = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let numbers = [seed, batch as u64];
    let bytes = numbers.iter().flat_map(|number| number.to_le_bytes());
    let bytes = bytes.chain(study.name.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, absorb)
}

fn run_study(study: &Study, seed: u64) -> OfRun {
    let name = || study.name.clone();
    let scenario = Scenario::parse("validation.toml", study.scenario.as_bytes(), &[]);
    let mut scenario = scenario.map_err(|errors| ValidationError::Scenario {
        study: name(),
        errors: Box::new(errors),
    })?;
    scenario.seed = seed;
    let contest = Contest::new(&scenario);
    let contest = if study.checks.iter().any(|check| check.figure.needs_jobs) {
        contest.keeping_jobs()
    } else {
        contest
    };
    let record = contest.run().map_err(|error| ValidationError::Run {
        study: name(),
        error,
    })?;
    let values = study.checks.iter().map(|check| {
        let seen = seen(&record, &check.strategy);
        let value = seen.and_then(|seen| check.figure.of(&seen));
        value.ok_or_else(|| ValidationError::NoValue {
            study: name(),
            check: check.name(),
        })
    });
    values.collect()
}

/// What a run left of a strategy.
fn seen<'a>(record: &'a Record, strategy: &str) -> Option<Seen<'a>> {
    let rows = &record.summary.rows;
    let index = rows.iter().position(|row| row.strategy == strategy)?;
    let jobs = record.jobs.as_deref().unwrap_or(&[]);
    // They stand in the order of their rows.
    let first = jobs.partition_point(|job| (job.row as usize) < index);
    let end = jobs.partition_point(|job| (job.row as usize) <= index);
    Some(Seen {
        row: &rows[index],
        cell: &record.cells[index],
        jobs: &jobs[first..end],
    })
}
