//! What a job finds when it begins: a clock, services, and the randomness of one replication.

use std::rc::Rc;

use awaitlab_core::{Runtime, Streams};
use awaitlab_downstream::Service;
use awaitlab_faults::Rules;
use awaitlab_latency::Model;
use awaitlab_scenario::Variant;

/// The service of a scenario.
pub type SimulatedService = Service<Model, Rules>;

/// The services of a variant on a runtime, in the replication that was begun last.
///
/// One world serves one replication after another: beginning the next costs a few multiplications.
#[derive(Debug)]
pub struct World<R> {
    pub(crate) runtime: R,
    services: Vec<SimulatedService>,
    /// For each part of the job: the first call that is not of it any more, and its service.
    parts: Vec<(u32, u32)>,
    calls: u32,
    pub(crate) give_up: Option<std::time::Duration>,
}

impl<R: Runtime> World<R> {
    /// The world of a variant.
    pub fn new(runtime: R, variant: &Variant) -> Rc<Self> {
        let services = variant
            .downstreams
            .iter()
            .enumerate()
            .map(|(number, downstream)| {
                let rules = Rules::for_downstream(&variant.faults, number);
                Service::new(
                    number as u64,
                    downstream.service.replicas[0].latency.clone(),
                    rules,
                )
            });
        let mut end = 0;
        let parts = variant.job.parts.iter().map(|part| {
            end += part.count;
            (end, part.downstream as u32)
        });
        let parts: Vec<_> = parts.collect();
        Rc::new(World {
            runtime,
            services: services.collect(),
            parts,
            calls: end,
            give_up: variant.job.give_up,
        })
    }

    /// Begins a replication of a run with this seed.
    pub fn begin_replication(&self, seed: u64, replication: u64) {
        let streams = Streams::new(seed, replication);
        for service in &self.services {
            service.begin_replication(streams);
        }
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
    pub(crate) fn service(&self, number: u32) -> &SimulatedService {
        &self.services[number as usize]
    }
}
