//! `analysis` and `warm-up`: what part of a run is its result.
//!
//! A workload in time begins with empty queues. Where the question is how a service does in the long
//! run, that beginning is left out (steady-state); where the transient itself is the story, nothing is
//! (terminating). Unless the file says which, a run is terminating when something in it varies with
//! time, or when no long run exists because more arrives than can be served: a load of 1 or more. Retries
//! of what fails by a rule that always holds are part of the load; what else retries and hedges may
//! add is not known before the run, and the note says so where it could matter.

use awaitlab_faults::{Kind, Rule};
use awaitlab_latency::Model;
use awaitlab_workload::{Stage, Workload};

use crate::document::{Entry, Table};
use crate::printable;
use crate::scenario::{self, Analysis};
use crate::shape::{Choice, Key, Shape};

use super::Builder;
use super::load::{self, loads};
use super::policy;
use super::variant::Built;

/// The part of a run that is warm-up where the file names none.
const WARM_UP: f64 = 0.2;

const ANALYSIS: &str = "analysis";
const WARM_UP_KEY: &str = "warm-up";
const STEADY_STATE: &str = "steady-state";
const TERMINATING: &str = "terminating";

pub(super) fn keys() -> [Key; 2] {
    let analysis = Shape::Choice(vec![
        Choice {
            word: STEADY_STATE,
            doc: "Jobs that arrive in the warm-up are left out of every figure.",
        },
        Choice {
            word: TERMINATING,
            doc: "Nothing is left out: the transient is the result.",
        },
    ]);
    [
        Key::optional(
            ANALYSIS,
            analysis,
            "what part of a workload in time is the result; when absent, terminating if something \
             varies with time or the load is 1 or more",
        ),
        Key::optional(
            WARM_UP_KEY,
            Shape::Part,
            "the part of the time in which jobs are left out of a steady state; 20% when absent",
        ),
    ]
}

/// What a world's runs are analysed as, and why.
struct Decision {
    analysis: Analysis,
    /// Nothing to be said of an isolated job.
    reason: Option<String>,
}

/// Decides for every world, reports what is asked for in vain, and notes how it was decided.
pub(super) fn decide(
    root: &Table,
    worlds: &[Built<'_>],
    entries: &[Option<scenario::Entry>],
    builder: &mut Builder<'_>,
) -> Vec<Analysis> {
    let entries: Vec<&scenario::Entry> = entries.iter().flatten().collect();
    let decide = |world| of(root, world, &entries);
    let decisions: Vec<Decision> = worlds.iter().map(decide).collect();
    // A workload that is wrong may be one to which the keys apply.
    if worlds.iter().all(|world| world.workload.is_some()) {
        report_vain(root, worlds, &decisions, builder);
    }
    let reasons = || decisions.iter().map(|decision| decision.reason.as_deref());
    let first = reasons().next().flatten();
    match first {
        Some(reason) if reasons().all(|other| other == first) => builder.note(reason.to_owned()),
        _ => {
            for (world, reason) in worlds.iter().zip(reasons()) {
                if let (Some(name), Some(reason)) = (world.name, reason) {
                    builder.note(format!("{}: {reason}", printable::quote(name)));
                }
            }
        }
    }
    decisions
        .into_iter()
        .map(|decision| decision.analysis)
        .collect()
}

/// Reports keys that apply to no world.
fn report_vain(
    root: &Table,
    worlds: &[Built<'_>],
    decisions: &[Decision],
    builder: &mut Builder<'_>,
) {
    let problems = &mut builder.problems;
    let mut vain = |entry: Option<&Entry>, rule: &str| {
        if let Some(entry) = entry {
            problems.at(entry.place, format!("never applies: {rule}"));
        }
    };
    let (analysis, warm_up) = (root.entry(ANALYSIS), root.entry(WARM_UP_KEY));
    let is = |wanted: fn(&Workload<Model>) -> bool| {
        worlds
            .iter()
            .all(|world| world.workload.as_ref().is_some_and(wanted))
    };
    if is(Workload::is_isolated) {
        let rule = "an isolated job is a result as a whole";
        vain(analysis, rule);
        vain(warm_up, rule);
    } else if root.text(ANALYSIS) == Some(STEADY_STATE) && is(|w| w.horizon().is_zero()) {
        vain(
            analysis,
            "jobs that all arrive at once have no steady state",
        );
    } else if decisions
        .iter()
        .all(|d| d.analysis == Analysis::Terminating)
    {
        let why = decisions
            .iter()
            .find_map(|decision| decision.reason.as_deref());
        vain(warm_up, why.unwrap_or(TERMINATING));
    }
}

fn of(root: &Table, world: &Built<'_>, entries: &[&scenario::Entry]) -> Decision {
    let terminating = |reason: Option<String>| Decision {
        analysis: Analysis::Terminating,
        reason: reason.map(|reason| format!("{TERMINATING}, nothing is left out: {reason}")),
    };
    let workload = match &world.workload {
        None | Some(Workload::Isolated) => return terminating(None),
        Some(workload) => workload,
    };
    if workload.horizon().is_zero() {
        return terminating(Some("all jobs arrive at once".to_owned()));
    }
    match root.text(ANALYSIS) {
        Some(TERMINATING) => terminating(Some("the scenario says so".to_owned())),
        Some(_) => steady(root, workload, None),
        None => match transient(workload, world, entries) {
            Some(reason) => terminating(Some(reason)),
            None => steady(root, workload, doubt(workload, world, entries)),
        },
    }
}

fn steady(root: &Table, workload: &Workload<Model>, doubt: Option<String>) -> Decision {
    let warm_up = root.number(WARM_UP_KEY).unwrap_or(WARM_UP);
    let horizon = workload.horizon().as_secs_f64();
    // Rounded, as 0.07 x 100 is 7.000000000000001.
    let percent = (warm_up * 1e8).round() / 1e6;
    Decision {
        analysis: Analysis::SteadyState { warm_up },
        reason: Some(format!(
            "{STEADY_STATE}: jobs arriving in the first {percent} % of {horizon} s are left out{}",
            doubt.unwrap_or_default()
        )),
    }
}

/// Why there is no steady state; `None` where there is one.
fn transient(
    workload: &Workload<Model>,
    world: &Built<'_>,
    entries: &[&scenario::Entry],
) -> Option<String> {
    if world.rules().any(|rule| rule.scope().during.is_some()) {
        return Some("a fault comes and goes".to_owned());
    }
    if world.rules().any(|rule| is_trap(rule, workload, world)) {
        return Some("attempts that hang keep what they hold for ever".to_owned());
    }
    let Workload::Open { stages, .. } = workload else {
        return None;
    };
    let rate = stages.first()?.from_per_s;
    let is_level = |stage: &Stage| stage.is_steady() && stage.from_per_s == rate;
    if !stages.iter().all(is_level) {
        return Some("the rate of arrivals changes".to_owned());
    }
    if let Some((what, load)) = overload(world, rate, &|_| 1.0) {
        return Some(format!("the load of {what} is {load:.2}"));
    }
    entries.iter().find_map(|entry| {
        let attempts = |downstream| load::attempts(world, downstream, &entry.policies);
        let (what, load) = overload(world, rate, &attempts)?;
        let name = printable::quote(&entry.name);
        Some(format!(
            "with the retries of {name} the load of {what} is {load:.2}"
        ))
    })
}

/// What is loaded with 1 or more.
fn overload(
    world: &Built<'_>,
    rate: f64,
    attempts: &dyn Fn(usize) -> f64,
) -> Option<(String, f64)> {
    let all = loads(world, rate, attempts);
    all.into_iter().find(|(_, load)| *load >= 1.0)
}

/// What could make a steady state none, which no formula knows beforehand: how often timeouts and
/// hedges strike depends on how busy the services are.
fn doubt(
    workload: &Workload<Model>,
    world: &Built<'_>,
    entries: &[&scenario::Entry],
) -> Option<String> {
    let Workload::Open { stages, .. } = workload else {
        return None;
    };
    let rate = stages.first()?.from_per_s;
    entries.iter().find_map(|entry| {
        let most = f64::from(policy::most_attempts(&entry.policies));
        let (what, _) = overload(world, rate, &|_| most)?;
        let all = loads(world, rate, &|_| 1.0);
        let load = all.into_iter().find(|(other, _)| *other == what)?.1;
        let name = printable::quote(&entry.name);
        Some(format!(
            "; the load of {what} is {load:.2} before retries and hedges, and those of {name} could \
             take it to 1 and beyond"
        ))
    })
}

/// Whether attempts that never end take something that others need: a worker, a connection, a user.
fn is_trap(rule: &Rule<Model>, workload: &Workload<Model>, world: &Built<'_>) -> bool {
    let scope = rule.scope();
    if !matches!(rule.kind(), Kind::Hang(_)) || scope.probability == 0.0 {
        return false;
    }
    let mut struck = world
        .downstreams()
        .enumerate()
        .filter(|(index, _)| scope.downstream.is_none_or(|only| only == *index))
        .flat_map(|(_, downstream)| &downstream.service.replicas);
    matches!(workload, Workload::Closed { .. })
        || world
            .client
            .is_some_and(|client| client.connections.is_some())
        || struck.any(|replica| replica.workers.is_some())
}
