//! How busy calls keep what serves them: workers, connections, the client's event loop.
//!
//! c servers that are each busy for s with every call have a load of x s / c when x calls arrive per
//! second. At a load of 1 or more no queue is long enough. Where load makes a service slower, what
//! counts is its speed when all workers are busy; without a limit of workers a linear slowdown by f
//! at n has the limit n / (s (f - 1)), to which n / (s (1 + (f - 1) n / at)) rises with n.

use std::time::Duration;

use awaitlab_core::Verdict;
use awaitlab_downstream::ServiceSpec;
use awaitlab_downstream::spec::{Balance, ReplicaSpec, Slowdown};
use awaitlab_faults::{Kind, Rule};
use awaitlab_latency::Model;
use awaitlab_policies::retry::{RetryOn, RetrySpec};
use awaitlab_policies::{LayerSpec, PolicySpec, StackSpec};

use crate::printable;
use crate::scenario::{Downstream, Job, JobPart};

use super::fault::target;
use super::variant::Built;

/// Everything that serves, with its load when so many jobs arrive per second and each of their calls
/// to a service takes so many attempts.
pub(super) fn loads(
    world: &Built<'_>,
    jobs_per_s: f64,
    attempts: &dyn Fn(usize) -> f64,
) -> Vec<(String, f64)> {
    let (Some(job), Some(client)) = (&world.job, &world.client) else {
        return Vec::new();
    };
    let mut loads = Vec::new();
    for (index, Downstream { name, service }) in world.downstreams().enumerate() {
        let calls_per_s = jobs_per_s * f64::from(calls_to(job, index)) * attempts(index);
        let name = printable::quote(name);
        if let Some(connections) = client.connections {
            let held_s = held(service).as_secs_f64() * messages(service);
            let connections = f64::from(connections) * f64::from(client.count);
            let what = format!("the connections to {name}");
            loads.push((what, calls_per_s * held_s / connections));
        }
        let served_per_s = capacity_per_s(world, job, index, service);
        loads.push((name, calls_per_s * messages(service) / served_per_s));
    }
    if let Some(cpu) = client.per_call {
        let of_part = |part: &JobPart| f64::from(part.count) * attempts(part.downstream);
        let answers_per_s = jobs_per_s * job.parts.iter().map(of_part).sum::<f64>();
        let load = answers_per_s * cpu.as_secs_f64() / f64::from(client.count);
        loads.push(("the client's event loop".to_owned(), load));
    }
    loads
}

/// The attempts that a call to a service takes at least, on average, under these policies: with p for
/// the share of attempts that fail by a rule which always holds, and n attempts at most,
/// `(1 - p^n) / (1 - p)`.
///
/// At least, because timeouts, refusals and hedges depend on how busy the service is. A retry with a
/// budget is taken for none.
pub(super) fn attempts(world: &Built<'_>, downstream: usize, policies: &StackSpec) -> f64 {
    let Some(job) = &world.job else { return 1.0 };
    let most = |layer: &LayerSpec| match &layer.policy {
        PolicySpec::Retry(retry) if retry.budget.is_none() && retries_errors(retry) => {
            f64::from(retry.attempts.unwrap_or(u32::MAX))
        }
        _ => 1.0,
    };
    let most: f64 = policies.layers().iter().map(most).product();
    let p = failing(world, job, downstream);
    // What always fails is tried as often as it may be.
    if p < 1.0 {
        (1.0 - p.powf(most)) / (1.0 - p)
    } else {
        most
    }
}

fn retries_errors(retry: &RetrySpec) -> bool {
    retry
        .on
        .contains(&RetryOn::Class(awaitlab_core::ErrorClass::Error))
}

/// The share of the attempts at a service that a rule which always holds answers with an error.
fn failing(world: &Built<'_>, job: &Job, downstream: usize) -> f64 {
    let (mut failing, mut left) = (0.0, 1.0);
    for rule in world.rules() {
        let scope = rule.scope();
        let is_here = scope.downstream.is_none_or(|only| only == downstream);
        // Of some replica or attempt only: how many those are depends on the rest.
        if is_here && scope.replica.is_none() && scope.attempts.is_none() {
            let share = left * scope.probability * share_of_calls(rule, job, downstream);
            failing += match rule.kind() {
                Kind::Error(_) => share,
                _ => 0.0,
            };
            left -= share;
        }
    }
    failing
}

fn calls_to(job: &Job, downstream: usize) -> u32 {
    let parts = job
        .parts
        .iter()
        .filter(|part| part.downstream == downstream);
    parts.map(|part| part.count).sum()
}

/// An attempt on a versioned item is two: a read and a write.
fn messages(service: &ServiceSpec<Model>) -> f64 {
    if service.versioned_item { 2.0 } else { 1.0 }
}

/// How long a message and its answer take at least, on average over the replicas.
fn held(service: &ServiceSpec<Model>) -> Duration {
    let all: Duration = service.replicas.iter().map(|r| r.latency.mean()).sum();
    let legs = service.network.as_ref().map_or(Duration::ZERO, Model::mean);
    // At most 10 000 replicas.
    all / service.replicas.len() as u32 + legs * 2
}

/// The messages per second that keep a service just busy; infinite where nothing limits it.
fn capacity_per_s(
    world: &Built<'_>,
    job: &Job,
    downstream: usize,
    service: &ServiceSpec<Model>,
) -> f64 {
    let replicas = (0..).zip(&service.replicas);
    let capacities = replicas.map(|(number, replica)| {
        at_once(replica) / work_s(world, job, (downstream, number), replica)
    });
    match service.balance {
        // Every replica gets the same share, so the weakest is overloaded first.
        Balance::RoundRobin | Balance::Random => {
            capacities.fold(f64::INFINITY, f64::min) * service.replicas.len() as f64
        }
        Balance::LeastInFlight | Balance::PowerOfTwo => capacities.sum(),
    }
}

/// How many attempts a replica works on at once, measured in those that have it for themselves.
fn at_once(replica: &ReplicaSpec<Model>) -> f64 {
    let workers = replica.workers.map(f64::from);
    match (workers, replica.slowdown) {
        (Some(n), Some(Slowdown::Linear { at, factor })) => {
            n / (1.0 + (factor - 1.0) * n / f64::from(at))
        }
        (None, Some(Slowdown::Linear { at, factor })) => f64::from(at) / (factor - 1.0),
        (Some(n), Some(Slowdown::Knee { at, beyond })) if n > f64::from(at) => n / beyond,
        (Some(n), _) => n,
        (None, _) => f64::INFINITY,
    }
}

/// The mean time that a replica works on an attempt, in seconds, with the rules that always hold.
fn work_s(
    world: &Built<'_>,
    job: &Job,
    (downstream, replica): (usize, u32),
    spec: &ReplicaSpec<Model>,
) -> f64 {
    let mean = spec.latency.mean().as_secs_f64();
    let mut work = 0.0;
    // The share of the attempts that no rule before has struck.
    let mut left = 1.0;
    for rule in world.rules() {
        let scope = rule.scope();
        let is_here = scope.downstream.is_none_or(|only| only == downstream)
            && scope.replica.is_none_or(|only| only == replica);
        if is_here && let Some(struck) = struck_s(rule, mean) {
            let share = left * scope.probability * share_of_calls(rule, job, downstream);
            work += share * struck;
            left -= share;
        }
    }
    work + left * mean
}

/// The work on an attempt that a rule strikes; `None` where the rule judges no attempts.
fn struck_s(rule: &Rule<Model>, mean_s: f64) -> Option<f64> {
    match rule.kind() {
        Kind::Slow(slow) => match slow.verdict() {
            Verdict::Slow { factor, add } => Some(mean_s * factor + add.as_secs_f64()),
            _ => Some(mean_s),
        },
        Kind::Stall(stall) => Some(mean_s + stall.add().mean().as_secs_f64()),
        Kind::Error(_) | Kind::Outage(_) | Kind::Hang(_) => Some(mean_s),
        _ => None,
    }
}

/// Of a job's calls to a service, the share that a rule names.
fn share_of_calls(rule: &Rule<Model>, job: &Job, downstream: usize) -> f64 {
    let Some(named) = &rule.scope().calls else {
        return 1.0;
    };
    let goes_there = |call: &&u32| target(job, u64::from(**call)) == Some(downstream);
    let struck = named.iter().filter(goes_there).count();
    struck as f64 / f64::from(calls_to(job, downstream).max(1))
}
