//! A strategy that takes part: its type erased, but only once per batch of replications.
//!
//! Strategies of different types stand in one list, so somewhere their types must be forgotten.
//! Doing it around a whole batch leaves everything inside monomorphic: a call costs no indirection.

use std::ops::Range;
use std::sync::Arc;

use awaitlab_core::{Rest, Strategy};
use awaitlab_engine::Engine;
use awaitlab_scenario::Variant;

use crate::job::JobRun;
use crate::outcome::JobOutcome;
use crate::world::World;

/// A strategy under its name.
#[derive(Clone)]
pub(crate) struct Entrant {
    pub(crate) name: String,
    pub(crate) kind: String,
    runner: Arc<dyn Runner>,
}

/// Replications of one variant.
#[derive(Clone, Debug)]
pub(crate) struct Batch<'a> {
    pub(crate) variant: &'a Variant,
    pub(crate) seed: u64,
    pub(crate) replications: Range<u64>,
}

impl Entrant {
    pub(crate) fn new<S>(name: String, kind: String, strategy: S, rest: Rest) -> Self
    where
        S: Strategy + Clone + Send + Sync + 'static,
    {
        Entrant {
            name,
            kind,
            runner: Arc::new(Typed { strategy, rest }),
        }
    }

    /// How many results a job of `calls` calls wants.
    pub(crate) fn wanted(&self, calls: u32) -> u64 {
        self.runner.wanted(calls as usize) as u64
    }

    /// Runs a batch and hands out each replication's job, in order.
    pub(crate) fn run(&self, batch: &Batch<'_>, seen: &mut dyn FnMut(JobOutcome)) {
        self.runner.run(batch, seen);
    }
}

trait Runner: Send + Sync {
    fn wanted(&self, calls: usize) -> usize;
    fn run(&self, batch: &Batch<'_>, seen: &mut dyn FnMut(JobOutcome));
}

struct Typed<S> {
    strategy: S,
    rest: Rest,
}

impl<S: Strategy + Clone + Send + Sync + 'static> Runner for Typed<S> {
    fn wanted(&self, calls: usize) -> usize {
        self.strategy.wanted(calls)
    }

    fn run(&self, batch: &Batch<'_>, seen: &mut dyn FnMut(JobOutcome)) {
        let engine = Engine::new();
        let world = World::new(engine.handle().clone(), batch.variant);
        let mut run = JobRun::new(world.clone());
        for replication in batch.replications.clone() {
            world.begin_replication(batch.seed, replication);
            // The first job of all is the one that is drawn.
            run.keep_timeline(replication == 0);
            run.begin(replication, self.strategy.clone(), self.rest);
            engine.run();
            seen(run.close());
            engine.reset();
        }
    }
}
