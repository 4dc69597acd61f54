//! How many jobs a run has, and how many it may have.

use awaitlab_latency::Model;
use awaitlab_workload::{Stage, Workload};

use crate::document::{Place, Table};
use crate::problem::Problems;

use super::variant::Built;
use super::{MOST_JOBS, ROOT, precision};

/// Replications of an isolated workload that names none.
const REPLICATIONS: u64 = 1_000;
/// Replications of a workload in time that names none: each is many jobs, and the unit of every
/// interval, which from here on narrow slowly.
const REPLICATIONS_IN_TIME: u64 = 20;

/// The most of them where a precision is asked for and no maximum is named, if a run may have that
/// many jobs.
const MOST_FOR_PRECISION: u64 = 1_000_000;
const MOST_FOR_PRECISION_IN_TIME: u64 = 1_000;

/// The replications of a scenario: those it says, or as many as suit its workloads.
pub(super) fn replications(root: &Table, worlds: &[Built<'_>], strategies: usize) -> u64 {
    let isolated = |world: &Built<'_>| world.workload.as_ref().is_none_or(Workload::is_isolated);
    let isolated = worlds.iter().all(isolated);
    let absent = || match (precision::is_asked(root), isolated) {
        (false, true) => REPLICATIONS,
        (false, false) => REPLICATIONS_IN_TIME,
        (true, true) => room(worlds, strategies).min(MOST_FOR_PRECISION),
        (true, false) => room(worlds, strategies).min(MOST_FOR_PRECISION_IN_TIME),
    };
    root.integer("replications").unwrap_or_else(absent)
}

/// How many replications a run has room for; enough for a precision in any case, so that a run that
/// is too large is said to be.
fn room(worlds: &[Built<'_>], strategies: usize) -> u64 {
    let per_replication = jobs_per_replication(worlds) * strategies as f64;
    ((MOST_JOBS as f64 / per_replication) as u64).max(precision::LEAST_REPLICATIONS)
}

fn jobs_per_replication(worlds: &[Built<'_>]) -> f64 {
    worlds.iter().map(expected_jobs).sum()
}

/// Reports a run of too many jobs: replications x jobs of all variants x strategies.
pub(super) fn check(
    root: &Table,
    worlds: &[Built<'_>],
    strategies: usize,
    problems: &mut Problems,
) {
    let replications = replications(root, worlds, strategies);
    let per_replication = jobs_per_replication(worlds);
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
