//! Jobs that are run one after another, each alone.

use std::rc::Rc;

use awaitlab_core::{Rest, Runtime, Strategy};

use crate::job::Shared;
use crate::job::outcome::JobOutcome;
use crate::world::World;

/// Runs one job after another in a world, each alone. Generic over the runtime, so that the same job
/// can be run in virtual time and on tokio, and its outcomes compared.
///
/// ```no_run
/// # use awaitlab_harness::{JobRun, World};
/// # fn example(variant: &awaitlab_scenario::Variant, strategy: awaitlab_catalogue::BuiltIn) {
/// let engine = awaitlab_engine::Engine::new();
/// let world = World::new(engine.handle().clone(), variant, &awaitlab_policies::StackSpec::default());
/// world.begin_replication(1, 0);
/// let run = JobRun::new(world);
/// run.begin(0, strategy, awaitlab_core::Rest::Orphan);
/// engine.run();
/// println!("{:?}", run.close());
/// # }
/// ```
pub struct JobRun<R: Runtime> {
    shared: Rc<Shared<R>>,
    with_timeline: bool,
}

impl<R: Runtime> JobRun<R> {
    /// A place for jobs in this world; none has begun.
    pub fn new(world: Rc<World<R>>) -> Self {
        JobRun {
            shared: Rc::new(Shared::new(world, 0)),
            with_timeline: false,
        }
    }

    /// Keeps every attempt of the next jobs for a timeline.
    pub fn keep_timeline(&mut self, keep: bool) {
        self.with_timeline = keep;
    }

    /// Begins a job with this number. `rest` says what a give-up of the scenario does to it.
    ///
    /// What is left of the job before must be gone: close it, then reset its runtime.
    pub fn begin<S: Strategy + 'static>(&self, id: u64, strategy: S, rest: Rest) {
        self.shared.begin(id, 0, strategy, rest, self.with_timeline);
    }

    /// Takes stock of the job, once nothing of it can happen any more.
    ///
    /// # Panics
    /// When the job has been closed before, or none has begun.
    pub fn close(&self) -> JobOutcome {
        self.close_and_show(JobOutcome::clone)
    }

    /// The same, shown and not given.
    pub(crate) fn close_and_show<T>(&self, show: impl FnOnce(&JobOutcome) -> T) -> T {
        self.shared.close(show).expect("a job is closed once")
    }
}

impl<R: Runtime> Drop for JobRun<R> {
    fn drop(&mut self) {
        // A closed account takes what the runtime still sweeps away for what it is.
        let _ = self.shared.close(|_| ());
        self.shared.world.clear_services();
    }
}
