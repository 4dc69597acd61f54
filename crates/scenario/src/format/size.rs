//! How many jobs a run has, and how many it may have.

use awaitlab_latency::Model;
use awaitlab_workload::{Stage, Workload};

use crate::document::{Place, Table};
use crate::problem::Problems;

use super::variant::Built;
use super::{MOST_JOBS, ROOT};

/// Replications of an isolated workload that names none.
const REPLICATIONS: u64 = 1_000;
/// Replications of a workload in time that names none: each is many jobs, and the unit of every
/// interval, which from here on narrow slowly.
const REPLICATIONS_IN_TIME: u64 = 20;

/// The replications of a scenario: those it says, or as many as suit its workloads.
pub(super) fn replications(root: &Table, worlds: &[Built<'_>]) -> u64 {
    let isolated = |world: &Built<'_>| world.workload.as_ref().is_none_or(Workload::is_isolated);
    root.integer("replications")
        .unwrap_or(match worlds.iter().all(isolated) {
            true => REPLICATIONS,
            false => REPLICATIONS_IN_TIME,
        })
}

/// Reports a run of too many jobs: replications x jobs of all variants x strategies.
pub(super) fn check(
    root: &Table,
    worlds: &[Built<'_>],
    strategies: usize,
    problems: &mut Problems,
) {
    let replications = replications(root, worlds);
    let per_replication: f64 = worlds.iter().map(expected_jobs).sum();
    let jobs = replications as f64 * strategies as f64 * per_replication;
    if jobs <= MOST_JOBS as f64 {
        return;
    }
    let place: Place = ["replications", "workload"]
        .iter()
        .find_map(|key| root.get(key))
        .map_or(ROOT, |node| node.place);
    let variants = worlds.len();
    let rule = format!(
        "a run has at most {MOST_JOBS} jobs, and {replications} replications of {variants} \
         variants and {strategies} strategies are {}{jobs:.0}",
        if per_replication > variants as f64 {
            "about "
        } else {
            ""
        },
    );
    problems.at(place, rule);
}

/// The jobs to be expected of one replication of one strategy.
fn expected_jobs(world: &Built<'_>) -> f64 {
    match &world.workload {
        None | Some(Workload::Isolated) => 1.0,
        Some(Workload::Open { stages, .. }) => stages.iter().map(Stage::jobs).sum(),
        Some(Workload::Closed {
            users,
            think,
            duration,
        }) => f64::from(*users) * duration.as_nanos() as f64 / cycle_ns(think, world),
        Some(Workload::Burst { jobs }) => *jobs as f64,
    }
}

/// The time from one job of a user to the next, about: thinking, and one call of the slowest service.
/// At least a nanosecond: a user who waits for nothing has no end of jobs.
fn cycle_ns(think: &Model, world: &Built<'_>) -> f64 {
    let latencies = world
        .downstreams()
        .flat_map(|downstream| &downstream.service.replicas);
    let slowest = latencies.map(|replica| replica.latency.mean()).max();
    let cycle = think.mean() + slowest.unwrap_or_default();
    cycle.as_nanos().max(1) as f64
}
