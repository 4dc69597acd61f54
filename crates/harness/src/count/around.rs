//! What goes on around jobs: queues, workers, connections, event loops, processes that end.

use awaitlab_core::{Instant, Runtime};
use awaitlab_policies::StackSpec;
use awaitlab_scenario::Variant;
use awaitlab_stats::Histogram;

use crate::count::policies::PolicyTally;
use crate::world::World;

/// What one cell's jobs found around them. Exact sums, merged in any order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Around {
    /// Virtual time until the last job was over, and with it all that clients did.
    pub(crate) until_end_ns: u128,
    /// Time in services' queues, per attempt: of all services, see [`Around::complete`].
    pub(crate) waits: Histogram,
    /// Time at clients' doors, per attempt.
    pub(crate) client_waits: Histogram,
    pub(crate) services: Vec<ServiceAround>,
    pub(crate) loops: Loops,
    pub(crate) client_deaths: u64,
    pub(crate) policies: PolicyTally,
}

/// One service.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServiceAround {
    /// Time in its queue, per attempt.
    pub(crate) waits: Histogram,
    /// Worker time in use, and to be had; the latter 0 where there is no limit.
    pub(crate) busy_ns: u128,
    pub(crate) capacity_ns: u128,
    pub(crate) abandoned_ns: u128,
    pub(crate) queue_peak: u64,
}

/// The clients' event loops.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loops {
    pub(crate) busy_ns: u128,
    /// Their time in all; 0 where there are none.
    pub(crate) capacity_ns: u128,
    pub(crate) lags: Histogram,
}

impl Around {
    #[inline(always)]
    pub(crate) fn waited_in_queue(&mut self, service: u32, ns: u64) {
        self.service(service as usize).waits.record(ns);
    }

    pub(crate) fn waited_at_client(&mut self, ns: u64) {
        self.client_waits.record(ns);
    }

    /// Adds up over services what was only counted of each.
    pub(crate) fn complete(&mut self) {
        let services = self.services.iter();
        services.for_each(|service| self.waits.merge(&service.waits));
    }

    #[inline(always)]
    fn service(&mut self, number: usize) -> &mut ServiceAround {
        if number >= self.services.len() {
            self.services
                .resize_with(number + 1, ServiceAround::default);
        }
        &mut self.services[number]
    }

    /// Takes in what services and clients say at the end of a replication.
    ///
    /// Services may still have worked on what nobody waited for when the last job was over.
    pub(crate) fn measure<R: Runtime>(&mut self, world: &World<R>, now: Instant) {
        let end_ns = u128::from(now.as_nanos());
        let jobs_end_ns = u128::from(world.jobs_were_over(now).as_nanos());
        self.until_end_ns += jobs_end_ns;
        for number in 0..world.services() {
            let stats = world.service(number as u32).stats();
            let service = self.service(number);
            service.busy_ns += stats.busy_ns;
            service.capacity_ns += stats
                .workers
                .map_or(0, |workers| u128::from(workers) * end_ns);
            service.abandoned_ns += stats.abandoned_ns;
            service.queue_peak = service.queue_peak.max(stats.queue_peak);
        }
        for process in world.clients() {
            self.client_deaths += process.deaths();
            if let Some(event_loop) = process.event_loop() {
                self.loops.busy_ns += event_loop.stats().busy_ns;
                self.loops.capacity_ns += jobs_end_ns;
            }
        }
    }

    /// Adds other replications.
    pub(crate) fn merge(&mut self, other: &Around) {
        self.until_end_ns += other.until_end_ns;
        self.waits.merge(&other.waits);
        self.client_waits.merge(&other.client_waits);
        for (number, theirs) in other.services.iter().enumerate() {
            let mine = self.service(number);
            mine.waits.merge(&theirs.waits);
            mine.busy_ns += theirs.busy_ns;
            mine.capacity_ns += theirs.capacity_ns;
            mine.abandoned_ns += theirs.abandoned_ns;
            mine.queue_peak = mine.queue_peak.max(theirs.queue_peak);
        }
        self.loops.busy_ns += other.loops.busy_ns;
        self.loops.capacity_ns += other.loops.capacity_ns;
        self.loops.lags.merge(&other.loops.lags);
        self.client_deaths += other.client_deaths;
        self.policies.merge(&other.policies);
    }
}

/// Whether there is anything around a variant's jobs that is worth measuring.
pub(crate) fn is_worth_measuring(variant: &Variant, policies: &StackSpec) -> bool {
    let client = &variant.client;
    let limited = variant.downstreams.iter().any(|downstream| {
        let service = &downstream.service;
        service.rate_limit.is_some()
            || service.in_flight_limit.is_some()
            || service
                .replicas
                .iter()
                .any(|replica| replica.workers.is_some())
    });
    limited || !policies.is_empty() || *client != awaitlab_client::ClientSpec::default()
}
