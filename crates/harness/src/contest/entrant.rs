//! A strategy that takes part: its type erased, but only once per batch of replications.
//!
//! Strategies of different types stand in one list, so somewhere their types must be forgotten.
//! Doing it around a whole batch leaves everything inside monomorphic: a call costs no indirection.

use std::ops::Range;
use std::sync::Arc;

use awaitlab_catalogue::StrategyVisitor;
use awaitlab_core::{Rest, Strategy};
use awaitlab_engine::Engine;
use awaitlab_policies::{Kind, LayerSpec, StackSpec};
use awaitlab_record::Series;
use awaitlab_scenario::{Measure, Variant};

use crate::contest::budget::{BUDGET, Overrun};
use crate::contest::timed::Timed;
use crate::count::around::{self, Around};
use crate::count::recorder::Replication;
use crate::job::JobRun;
use crate::job::outcome::JobOutcome;
use crate::world::World;

/// A strategy under its name.
#[derive(Clone)]
pub(crate) struct Entrant {
    pub(crate) name: String,
    pub(crate) kind: String,
    policies: StackSpec,
    runner: Arc<dyn Runner>,
}

/// Replications of one variant.
#[derive(Clone, Debug)]
pub(crate) struct Batch<'a> {
    pub(crate) variant: &'a Variant,
    pub(crate) seed: u64,
    pub(crate) replications: Range<u64>,
    /// Where one row per job is wanted: the index of their cell.
    pub(crate) job_rows: Option<u32>,
    /// Figures of the scenario's own.
    pub(crate) measures: &'a [Measure],
    /// Of isolated jobs: whether what goes on around each is told with it, and not once for all.
    pub(crate) each_alone: bool,
}

/// Takes in a job, and what went on around the jobs since that was told last.
pub(crate) type SeeJob<'a> = dyn FnMut(&JobOutcome, Option<&Around>) + 'a;

impl Entrant {
    pub(crate) fn new<S>(
        name: String,
        kind: String,
        (strategy, rest): (S, Rest),
        policies: StackSpec,
    ) -> Self
    where
        S: Strategy + Clone + Send + Sync + 'static,
    {
        Entrant {
            name,
            kind,
            runner: Arc::new(Typed {
                strategy,
                rest,
                policies: policies.clone(),
            }),
            policies,
        }
    }

    /// What stands around its calls, outermost first.
    pub(crate) fn layers(&self) -> &[LayerSpec] {
        self.policies.layers()
    }

    /// Whether it tries calls again.
    pub(crate) fn retries(&self) -> bool {
        let retry = |layer: &LayerSpec| layer.policy.kind() == Kind::Retry;
        self.layers().iter().any(retry)
    }

    /// How many results a job of `calls` calls wants.
    pub(crate) fn wanted(&self, calls: u32) -> u64 {
        self.runner.wanted(calls as usize) as u64
    }

    /// Runs a batch of isolated jobs and hands out each replication's, in order.
    pub(crate) fn run_isolated(
        &self,
        batch: &Batch<'_>,
        seen: &mut SeeJob<'_>,
    ) -> Result<(), Overrun> {
        self.runner.run_isolated(batch, seen)
    }

    /// Runs a batch of a workload in time and hands out what each replication leaves, in order.
    /// Gives the series with the batch's replications added.
    pub(crate) fn run_timed(
        &self,
        batch: &Batch<'_>,
        series: Option<Series>,
        seen: &mut dyn FnMut(u64, Replication),
    ) -> Result<Series, Overrun> {
        self.runner
            .run_timed(batch, self.wanted(batch.variant.job.calls()), series, seen)
    }
}

/// Makes an entrant of a strategy of the catalogue.
pub(crate) struct Enter {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) rest: Rest,
    pub(crate) policies: StackSpec,
}

impl StrategyVisitor for Enter {
    type Output = Entrant;

    fn visit<S>(self, strategy: S) -> Entrant
    where
        S: Strategy + Clone + Send + Sync + 'static,
    {
        Entrant::new(self.name, self.kind, (strategy, self.rest), self.policies)
    }
}

trait Runner: Send + Sync {
    fn wanted(&self, calls: usize) -> usize;
    fn run_isolated(&self, batch: &Batch<'_>, seen: &mut SeeJob<'_>) -> Result<(), Overrun>;
    fn run_timed(
        &self,
        batch: &Batch<'_>,
        wanted: u64,
        series: Option<Series>,
        seen: &mut dyn FnMut(u64, Replication),
    ) -> Result<Series, Overrun>;
}

struct Typed<S> {
    strategy: S,
    rest: Rest,
    policies: StackSpec,
}

impl<S: Strategy + Clone + Send + Sync + 'static> Runner for Typed<S> {
    fn wanted(&self, calls: usize) -> usize {
        self.strategy.wanted(calls)
    }

    fn run_isolated(&self, batch: &Batch<'_>, seen: &mut SeeJob<'_>) -> Result<(), Overrun> {
        let engine = Engine::new();
        let world = World::new(engine.handle().clone(), batch.variant, &self.policies);
        let mut run = JobRun::new(world.clone());
        let worth_measuring = around::is_worth_measuring(batch.variant, &self.policies);
        for replication in batch.replications.clone() {
            world.begin_replication(batch.seed, replication);
            // The first job of all is the one that is drawn.
            run.keep_timeline(replication == 0);
            run.begin(replication, self.strategy.clone(), self.rest);
            let stop = engine.run_within(&BUDGET.limits, || world.waits_for_edge());
            if let Some(overrun) = Overrun::of(stop, replication, engine.now()) {
                return Err(overrun);
            }
            let is_last = replication + 1 == batch.replications.end;
            let around = if worth_measuring {
                world.measure_around(engine.now());
                (is_last || batch.each_alone).then(|| world.take_around())
            } else {
                is_last.then(|| world.take_errors())
            };
            run.close_and_show(|job| seen(job, around.as_ref()));
            engine.reset();
        }
        Ok(())
    }

    fn run_timed(
        &self,
        batch: &Batch<'_>,
        wanted: u64,
        series: Option<Series>,
        seen: &mut dyn FnMut(u64, Replication),
    ) -> Result<Series, Overrun> {
        let timed = Timed {
            strategy: self.strategy.clone(),
            rest: self.rest,
            policies: self.policies.clone(),
            budget: BUDGET,
        };
        timed.run(batch, wanted, series, seen)
    }
}
