//! What jobs find when they begin: a clock, services, client processes, and the randomness of one
//! replication. And what they leave there: everything that is counted over all of them.

mod counts;
mod process;
mod stacks;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use awaitlab_client::UnhandledRejections;
use awaitlab_core::{EventClass, Instant, Rest, Runtime, Strategy, Streams};
use awaitlab_downstream::Service;
use awaitlab_faults::Rules;
use awaitlab_latency::Model;
use awaitlab_policies::{Stack, StackSpec};
use awaitlab_scenario::Variant;

use crate::count::around::Around;
use crate::count::policies::PolicyWatch;
use crate::count::recorder::Recorder;
use crate::job::Settling;
use crate::job::Shared;
use crate::job::attempt::Entry;
use crate::world::process::Process;
use crate::world::stacks::Stacks;

/// A service of a scenario.
pub(crate) type SimulatedService<R> = Service<R, Model, Rules<Model>, Entry<R>>;

/// The services and clients of a variant on a runtime, in the replication that was begun last.
///
/// One world serves one replication after another: beginning the next costs little.
pub struct World<R: Runtime> {
    pub(crate) runtime: R,
    services: Vec<Rc<SimulatedService<R>>>,
    /// For each part of the job: the first call that is not of it any more, and its service.
    parts: Vec<(u32, u32)>,
    calls: u32,
    pub(crate) give_up: Option<Duration>,
    processes: Vec<Rc<Process<R>>>,
    stacks: Stacks,
    streams: Cell<Streams>,
    unhandled: UnhandledRejections,
    restart_after: Option<Duration>,
    /// What a workload in time leaves; an isolated job is its own record.
    recorder: Option<Recorder>,
    /// Whether a call meets nothing at its client.
    clients_are_plain: bool,
    /// Jobs that something can still happen to, and places for more.
    jobs: RefCell<Vec<Rc<Shared<R>>>>,
    /// Places in it that no job has.
    free: RefCell<Vec<usize>>,
    /// When the last job so far was over.
    last_over: Cell<Option<Instant>>,
    around: RefCell<Around>,
    policies: RefCell<PolicyWatch>,
    in_flight: Cell<u64>,
    /// Calls that wait for a connection.
    at_the_door: Cell<u64>,
    /// More of both than a run may have, and what is called then.
    overrun: Cell<bool>,
    on_overrun: Option<(u64, Box<dyn Fn()>)>,
}

impl<R: Runtime> World<R> {
    /// The world of a variant, for jobs that are run one at a time, with these policies around their
    /// calls.
    pub fn new(runtime: R, variant: &Variant, policies: &StackSpec) -> Rc<Self> {
        World::build(runtime, variant, policies, None, None)
    }

    /// The world of a variant whose jobs arrive in time. `on_overrun` is called when more than
    /// `most` attempts are in flight or wait for a connection.
    pub(crate) fn recorded(
        runtime: R,
        variant: &Variant,
        policies: &StackSpec,
        recorder: Recorder,
        most: u64,
        on_overrun: impl Fn() + 'static,
    ) -> Rc<Self> {
        let on_overrun = (most, Box::new(on_overrun) as Box<dyn Fn()>);
        World::build(runtime, variant, policies, Some(recorder), Some(on_overrun))
    }

    fn build(
        runtime: R,
        variant: &Variant,
        policies: &StackSpec,
        recorder: Option<Recorder>,
        on_overrun: Option<(u64, Box<dyn Fn()>)>,
    ) -> Rc<Self> {
        let clients = variant.client.count;
        let services = variant
            .downstreams
            .iter()
            .enumerate()
            .map(|(number, downstream)| {
                let rules = Rules::for_downstream(&variant.faults, number);
                let spec = downstream.service.clone();
                Service::new(runtime.clone(), number as u64, clients, spec, rules)
            });
        let services: Vec<_> = services.collect();
        let mut end = 0;
        let parts = variant.job.parts.iter().map(|part| {
            end += part.count;
            (end, part.downstream as u32)
        });
        let parts: Vec<_> = parts.collect();
        let process = |_| Rc::new(Process::new(&runtime, &variant.client, services.len()));
        let processes: Vec<_> = (0..clients).map(process).collect();
        Rc::new(World {
            stacks: Stacks::new(policies.clone(), clients, services.len()),
            streams: Cell::new(Streams::new(0, 0)),
            unhandled: variant.client.unhandled_rejections,
            restart_after: variant.client.restart_after,
            services,
            parts,
            calls: end,
            give_up: variant.job.give_up,
            recorder,
            clients_are_plain: processes[0].is_plain(),
            jobs: RefCell::default(),
            free: RefCell::default(),
            last_over: Cell::default(),
            around: RefCell::default(),
            policies: RefCell::default(),
            in_flight: Cell::new(0),
            at_the_door: Cell::new(0),
            overrun: Cell::new(false),
            on_overrun,
            runtime,
            processes,
        })
    }

    /// Begins a replication of a run with this seed. Nothing of an earlier one may be alive.
    pub fn begin_replication(&self, seed: u64, replication: u64) {
        let streams = Streams::new(seed, replication);
        for service in &self.services {
            service.begin_replication(streams);
        }
        for process in &self.processes {
            process.begin_replication();
        }
        self.stacks.begin_replication();
        self.streams.set(streams);
        self.last_over.set(None);
        self.in_flight.set(0);
        self.at_the_door.set(0);
        self.overrun.set(false);
    }

    /// How many calls a job has.
    pub fn calls(&self) -> u32 {
        self.calls
    }

    /// How many services there are.
    pub(crate) fn services(&self) -> usize {
        self.services.len()
    }

    /// The number of the service that a call goes to.
    #[inline]
    pub(crate) fn service_of(&self, call: u32) -> u32 {
        match self.parts.as_slice() {
            [(_, only)] => *only,
            parts => parts[parts.partition_point(|(end, _)| *end <= call)].1,
        }
    }

    #[inline]
    pub(crate) fn service(&self, number: u32) -> &Rc<SimulatedService<R>> {
        &self.services[number as usize]
    }

    #[inline]
    pub(crate) fn client(&self, number: u32) -> &Rc<Process<R>> {
        &self.processes[number as usize]
    }

    pub(crate) fn clients(&self) -> &[Rc<Process<R>>] {
        &self.processes
    }

    /// Whether a call meets nothing at its client: no connections, no event loop.
    #[inline]
    pub(crate) fn clients_are_plain(&self) -> bool {
        self.clients_are_plain
    }

    #[inline]
    pub(crate) fn clients_have_event_loops(&self) -> bool {
        self.processes[0].event_loop().is_some()
    }

    /// What stands around the calls of a job of this client, by service; `None`: nothing.
    #[inline]
    pub(crate) fn stacks_for_job(&self, client: u32) -> Option<Rc<[Stack]>> {
        self.stacks.for_job(client)
    }

    /// The random numbers of the replication.
    pub(crate) fn streams(&self) -> Streams {
        self.streams.get()
    }

    pub(crate) fn recorder(&self) -> Option<&Recorder> {
        self.recorder.as_ref()
    }

    /// Whether at some service an edge of a fault may yet set going what waits, or end what hangs.
    pub(crate) fn waits_for_edge(&self) -> bool {
        self.services
            .iter()
            .any(|service| service.waits_for_change())
    }
}

/// Jobs, as they come and go.
impl<R: Runtime> World<R> {
    /// A job arrives at a client.
    #[inline]
    pub(crate) fn job_arrives<S: Strategy + 'static>(
        self: &Rc<Self>,
        id: u64,
        client: u32,
        strategy: S,
        rest: Rest,
    ) -> Rc<Shared<R>> {
        let job = self.place_for_job();
        job.is_live.set(true);
        let mut with_timeline = false;
        if let Some(recorder) = &self.recorder {
            let now = self.runtime.now();
            job.counts.set(recorder.counts(now));
            with_timeline = recorder.job_arrives(now);
        }
        if self.client(client).is_up() {
            job.begin(id, client, strategy, rest, with_timeline);
        } else {
            job.refuse(id, client, with_timeline);
        }
        job
    }

    /// A place that no job has: one that had one, or a new one.
    #[inline]
    fn place_for_job(self: &Rc<Self>) -> Rc<Shared<R>> {
        let jobs = &mut *self.jobs.borrow_mut();
        let place = self.free.borrow_mut().pop().unwrap_or_else(|| {
            jobs.push(Rc::new(Shared::new(self.clone(), jobs.len())));
            jobs.len() - 1
        });
        jobs[place].clone()
    }

    /// Nothing can happen to the job any more.
    #[inline]
    pub(crate) fn job_is_over(&self, job: &Shared<R>) {
        self.last_over.set(Some(self.runtime.now()));
        let Some(recorder) = &self.recorder else {
            return;
        };
        let recorded = job.close(|outcome| recorder.job_is_over(outcome));
        if recorded.is_none() {
            return;
        }
        job.is_live.set(false);
        self.free.borrow_mut().push(job.place());
    }

    #[inline]
    pub(crate) fn job_has_settled(&self, settling: &Settling, now: Instant) {
        if let Some(recorder) = &self.recorder {
            recorder.job_has_settled(settling, now);
        }
    }

    /// Closes the jobs that are still open at the end of a run, and forgets all. Takes a world apart
    /// whose jobs hold it.
    pub(crate) fn close(&self) {
        let jobs = std::mem::take(&mut *self.jobs.borrow_mut());
        for job in jobs.iter().filter(|job| job.is_live.get()) {
            job.close(|outcome| {
                if let Some(recorder) = &self.recorder {
                    recorder.job_is_over(outcome);
                }
            });
        }
        self.free.borrow_mut().clear();
        self.clear_services();
    }

    /// Services forget what they still work on: its ledgers hold the world, and the world them.
    pub(crate) fn clear_services(&self) {
        self.services.iter().for_each(|service| service.clear());
    }

    /// A failure that nobody awaits: a process may end by it.
    pub(crate) fn failure_is_unhandled(self: &Rc<Self>, job: &Shared<R>) {
        let client = job.client.get();
        if self.unhandled == UnhandledRejections::Throw {
            self.client(client).die(job.counts.get());
            let jobs = self.jobs.borrow().clone();
            jobs.iter()
                .filter(|job| job.is_live.get() && job.client.get() == client)
                .for_each(|job| job.die());
            // What its policies knew is gone with it.
            self.stacks.forget(client);
            if let Some(after) = self.restart_after {
                let process = self.client(client).clone();
                // An edge: nobody who arrives at that instant is too early, and when nobody arrives
                // any more the run need not go on for it.
                let back = self.runtime.now() + after;
                let restart = self.runtime.sleep_until(back, EventClass::Edge);
                self.runtime.spawn(async move {
                    restart.await;
                    process.come_back();
                });
            }
        }
    }
}
