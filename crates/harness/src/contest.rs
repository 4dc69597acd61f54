//! Strategies against each other on one scenario.

mod arrivals;
mod budget;
pub(crate) mod entrant;
mod rounds;
pub(crate) mod run;
mod timed;

use std::num::NonZeroUsize;

use awaitlab_core::{Instant, Rest, Strategy};
use awaitlab_policies::StackSpec;
use awaitlab_record::Record;
use awaitlab_record::summary::{RunStatus, SCHEMA, ScenarioInfo, Summary};
use awaitlab_scenario::{Scenario, Variant};
use thiserror::Error;

use crate::contest::entrant::{Enter, Entrant};
use crate::contest::run::{Run, RunResult};
use crate::count::paired::Paired;
use crate::results::compare::{self, Terms, World};
use crate::results::{expect, notes, rows};

/// A scenario's strategies, and any others, to be run against each other.
///
/// The example in the crate's documentation shows a whole one.
pub struct Contest<'a> {
    scenario: &'a Scenario,
    entrants: Vec<Entrant>,
    variants: Vec<&'a Variant>,
    threads: NonZeroUsize,
    keep_jobs: bool,
    observer: &'a dyn Observer,
}

/// Watches a run from outside, and may end it.
pub trait Observer: Sync {
    /// So many replications will have been run when what is going on now has been; said again with a
    /// larger number where a precision needs more of them.
    fn replications_planned(&self, _count: u64) {}

    /// So many more replications have been run, in every variant under every strategy.
    fn replications_done(&self, _count: u64) {}

    /// Whether to stop. What has been begun is finished; the record says that it is not complete.
    fn interrupted(&self) -> bool {
        false
    }
}

/// Why a run came to no record.
#[derive(Debug, Error)]
pub enum RunError {
    /// The threads could not be started.
    #[error("cannot start threads")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// Attempts made, started and by fate do not add up: a bug of the lab.
    #[error(
        "attempts do not add up in variant {variant:?}, strategy {strategy:?}, replication \
         {replication}: a bug of the lab, please report it with the scenario"
    )]
    NotConserved {
        /// The variant.
        variant: String,
        /// The strategy.
        strategy: String,
        /// The replication.
        replication: u64,
    },
    /// A replication would not end in any time, or memory, that somebody would wait for.
    #[error(
        "variant {variant:?}, strategy {strategy:?}, replication {replication}: {what}, at {at:?} \
         of virtual time{hint}"
    )]
    Overrun {
        /// The variant.
        variant: String,
        /// The strategy.
        strategy: String,
        /// The replication.
        replication: u64,
        /// When, in virtual time.
        at: Instant,
        /// What there was too much of.
        what: &'static str,
        /// What may help.
        hint: &'static str,
    },
    /// Interrupted before the first replication was finished: there is nothing to record.
    #[error("interrupted before the first replication was finished")]
    NothingRun,
    /// Neither the scenario nor the program brought a strategy, or none was chosen.
    #[error("there is no strategy to run")]
    NoStrategy,
}

struct Unobserved;

impl Observer for Unobserved {}

impl<'a> Contest<'a> {
    /// The scenario's own strategies, in its variants, on one thread.
    pub fn new(scenario: &'a Scenario) -> Self {
        let entrants = scenario.strategies.iter().map(|entry| {
            let kind = entry.strategy.kind().name().to_owned();
            entry.strategy.accept(Enter {
                name: entry.name.clone(),
                kind,
                rest: entry.rest,
                policies: entry.policies.clone(),
            })
        });
        Contest {
            scenario,
            entrants: entrants.collect(),
            variants: scenario.variants.iter().collect(),
            threads: NonZeroUsize::MIN,
            keep_jobs: false,
            observer: &Unobserved,
        }
    }

    /// Adds a strategy of the program's own. Where the scenario gives up on a job, its calls run on.
    #[must_use]
    pub fn with<S>(self, name: &str, strategy: S) -> Self
    where
        S: Strategy + Clone + Send + Sync + 'static,
    {
        self.with_policies(name, strategy, StackSpec::default())
    }

    /// The same with policies around each of its calls.
    #[must_use]
    pub fn with_policies<S>(mut self, name: &str, strategy: S, policies: StackSpec) -> Self
    where
        S: Strategy + Clone + Send + Sync + 'static,
    {
        let (name, kind) = (name.to_owned(), "own".to_owned());
        let strategy = (strategy, Rest::Orphan);
        self.entrants
            .push(Entrant::new(name, kind, strategy, policies));
        self
    }

    /// Runs only the strategies of which `chosen` says so.
    #[must_use]
    pub fn only_strategies(mut self, chosen: impl Fn(&str) -> bool) -> Self {
        self.entrants.retain(|entrant| chosen(&entrant.name));
        self
    }

    /// Runs only the variants of which `chosen` says so.
    #[must_use]
    pub fn only_variants(mut self, chosen: impl Fn(&str) -> bool) -> Self {
        self.variants.retain(|variant| chosen(&variant.name));
        self
    }

    /// Runs on that many threads. The record is the same for any number of them.
    #[must_use]
    pub fn on_threads(mut self, threads: NonZeroUsize) -> Self {
        self.threads = threads;
        self
    }

    /// Keeps one row per job. Takes memory for each.
    #[must_use]
    pub fn keeping_jobs(mut self) -> Self {
        self.keep_jobs = true;
        self
    }

    /// Lets somebody watch, and interrupt.
    #[must_use]
    pub fn observed_by(mut self, observer: &'a dyn Observer) -> Self {
        self.observer = observer;
        self
    }

    /// How many replications will be run, each in every variant under every strategy; where a
    /// precision is asked for, at most.
    pub fn replications(&self) -> u64 {
        self.scenario.replications
    }

    /// How many jobs that is.
    pub fn jobs(&self) -> u64 {
        let cells = self.variants.len() as u64 * self.entrants.len() as u64;
        self.replications().saturating_mul(cells)
    }

    /// Runs everything.
    ///
    /// # Errors
    /// See [`RunError`]. An interrupted run is no error as long as something has been run.
    pub fn run(&self) -> Result<Record, RunError> {
        if self.entrants.is_empty() {
            return Err(RunError::NoStrategy);
        }
        let run = Run {
            variants: &self.variants,
            entrants: &self.entrants,
            baseline: self.baseline(),
            metric: &self.scenario.compare.metric,
            paired: Paired::named(&self.scenario.compare.metric),
            precision: self.scenario.precision,
            measures: &self.scenario.measures,
            seed: self.scenario.seed,
            replications: self.scenario.replications,
            keep_jobs: self.keep_jobs,
            observer: self.observer,
        };
        // More threads than batches would have nothing to do.
        let replications = self.scenario.replications;
        let batches = replications.div_ceil(run.batch_size(replications));
        let threads = usize::try_from(batches).map_or(usize::MAX, |most| most.max(1));
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads.get().min(threads))
            .build()?;
        let result = run.run(&pool)?;
        if result.replications == 0 {
            return Err(RunError::NothingRun);
        }
        Ok(self.record(result))
    }

    /// The scenario's baseline, or the first strategy where that one does not take part.
    fn baseline(&self) -> usize {
        let named = self.scenario.strategies.get(self.scenario.compare.baseline);
        let is_named = |entrant: &Entrant| named.is_some_and(|entry| entry.name == entrant.name);
        self.entrants.iter().position(is_named).unwrap_or(0)
    }

    fn record(&self, result: RunResult) -> Record {
        let scenario = self.scenario;
        let per_variant = result.cells.chunks(self.entrants.len());
        let variants: Vec<_> = self.variants.iter().copied().zip(per_variant).collect();
        let rows = rows::rows(&self.entrants, &variants, &scenario.measures);
        let terms = Terms {
            metric: &scenario.compare.metric,
            entrants: &self.entrants,
            baseline: self.baseline(),
            matters: scenario.compare.matters,
        };
        let per_variant = variants.iter().zip(rows.chunks(self.entrants.len()));
        let worlds: Vec<World<'_>> = per_variant
            .map(|((variant, cells), rows)| World {
                variant,
                cells,
                rows,
            })
            .collect();
        let compare = |world| compare::compare(&terms, world);
        let comparisons = worlds.iter().flat_map(compare).collect();
        let found = notes::notes(&terms, &worlds, result.replications);
        let summary = Summary {
            schema: SCHEMA,
            awaitlab: env!("CARGO_PKG_VERSION").to_owned(),
            status: if result.is_complete {
                RunStatus::Complete
            } else {
                RunStatus::Interrupted
            },
            scenario: ScenarioInfo {
                name: scenario.name.clone(),
                title: scenario.title.clone(),
                question: scenario.question.clone(),
                sha256: scenario.source.sha256.clone(),
                files: scenario.source.files.clone(),
                seed: scenario.seed,
                replications: result.replications,
                overrides: scenario.source.overrides.clone(),
            },
            comparisons,
            expectations: expect::judge(scenario, &rows),
            precision: result.precision,
            rows,
            notes: scenario.notes.iter().cloned().chain(found).collect(),
        };
        Record {
            summary,
            cells: result.cells.into_iter().map(rows::cell).collect(),
            jobs: self.keep_jobs.then_some(result.jobs),
            scenario_toml: scenario.source.bytes.clone(),
        }
    }
}
