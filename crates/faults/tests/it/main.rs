//! What faults do in time, as transcripts and against the definition.

mod messages;
mod service;
mod shades;
mod stall;

use std::time::Duration;

use awaitlab_core::{AttemptId, Faults, Instant, Latency, Streams};
use awaitlab_faults::{Kind, NeverStalls, Rule, Rules, Scope, Window, Windows};
use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

fn at(ns: u64) -> Instant {
    Instant::from_nanos(ns)
}

fn attempt(job: u64, call: u32, attempt: u32) -> AttemptId {
    AttemptId { job, call, attempt }
}

/// Windows in nanoseconds.
fn listed(windows: &[(u64, u64)]) -> Windows {
    let ns = Duration::from_nanos;
    let window = |&(from, to)| Window::new(ns(from), ns(to)).unwrap();
    Windows::listed(windows.iter().map(window).collect()).unwrap()
}

fn repeating(every: u64, length: u64) -> Windows {
    Windows::repeating(Duration::from_nanos(every), Duration::from_nanos(length)).unwrap()
}

fn during(windows: Windows) -> Scope {
    Scope {
        during: Some(windows),
        ..Scope::default()
    }
}

fn rule<L>(kind: Kind<L>, scope: Scope) -> Rule<L> {
    Rule::new(kind, scope).unwrap()
}

/// The rules of service 0 in replication 0 of seed 1.
fn rules<L: Latency + Clone>(all: &[Rule<L>]) -> Rules<L> {
    let rules = Rules::for_downstream(all, 0);
    rules.begin_replication(Streams::new(1, 0));
    rules
}

fn of_service(kind: Kind, windows: Windows) -> Rule<NeverStalls> {
    rule(kind, during(windows))
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    }
}
