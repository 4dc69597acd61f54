//! The worlds, in the order in which they are printed, and those that show where intervals fail.

use super::World;
use super::claim::{Claim, Interval};
use super::coxian::Coxian;
use super::queues::{self, Size};

/// Mean latency of a call of an isolated job.
const CALL_MS: f64 = 100.0;
/// Calls of a fan-out.
const CALLS: u32 = 10;
/// How many of them bounded concurrency makes at a time.
const LIMIT: u32 = 4;
/// Of a call that may be tried again.
const FAILS: f64 = 0.3;
/// At most.
const ATTEMPTS: usize = 3;

/// Where an interval is valid: coverage is judged.
pub fn worlds() -> Vec<World> {
    let size = |replications, seconds| Size {
        replications,
        seconds,
    };
    vec![
        queues::mm1(0.5, size(20, 40)),
        queues::mm1(0.8, size(20, 240)),
        queues::fork_join(0.5, size(20, 20)),
        queues::fork_join(0.8, size(20, 20)),
        queues::retries(0.5, FAILS, size(20, 80)),
        retry(5000, "mean"),
        retry(12_000, "p99"),
        fan_out(2000, "mean"),
        fan_out(12_000, "p99"),
    ]
}

/// Where it is not, or not known to be: coverage is shown.
pub fn pitfalls() -> Vec<World> {
    let size = |replications, seconds| Size {
        replications,
        seconds,
    };
    vec![
        too_short(queues::mm1(0.8, size(10, 160))),
        too_short(queues::retries(0.5, FAILS, size(20, 20))),
        queues::pitfalls(0.5, size(20, 5)),
        queues::pitfalls(0.8, size(20, 20)),
        queues::pitfalls(0.8, size(20, 5)),
        queues::uncut(0.8, size(20, 5)),
        heavy_tail(2000),
    ]
}

/// A world that is judged where it is longer.
fn too_short(world: World) -> World {
    let unjudged = world.claims.into_iter().map(|claim| Claim {
        judged: false,
        ..claim
    });
    World {
        name: format!("{}, shorter", world.name),
        claims: unjudged.collect(),
        ..world
    }
}

fn isolated(jobs: u32, compared: &str, parts: &str) -> String {
    format!(
        "version = 1
        title = 'coverage'
        replications = {jobs}
        compare = {{ metric = 'settle_ms.{compared}' }}\n{parts}"
    )
}

/// Two strategies whose laws are known.
struct Pair {
    name: &'static str,
    /// What a difference is called.
    label: &'static str,
    /// Baseline and the other, each with the formula of its mean.
    strategies: [(&'static str, Coxian, &'static str); 2],
}

impl Pair {
    /// The means or the p99 of both, and their difference.
    fn world(self, jobs: u32, compared: &'static str, parts: &str) -> World {
        let (of_row, of_difference) = match compared {
            "mean" => (Interval::Mean, Interval::Difference),
            _ => (Interval::P99, Interval::DifferenceOfP99),
        };
        let truth = |law: &Coxian, interval| {
            CALL_MS
                * match interval {
                    Interval::Mean => law.mean(),
                    _ => law.quantile(0.99),
                }
        };
        let rows = [Interval::Mean, Interval::P99];
        let rows = rows.into_iter().flat_map(|interval| {
            let of = |(strategy, law, formula): &(&'static str, Coxian, &'static str)| Claim {
                label: format!("{strategy}: {}", words(interval)),
                strategy,
                interval,
                truth: truth(law, interval),
                formula: if interval == Interval::Mean {
                    formula
                } else {
                    "its law"
                },
                judged: true,
            };
            self.strategies.iter().map(of).collect::<Vec<_>>()
        });
        let [(_, base, _), (strategy, law, _)] = &self.strategies;
        let difference = Claim {
            label: format!("{}: {compared}", self.label),
            strategy,
            interval: of_difference,
            truth: truth(law, of_row) - truth(base, of_row),
            formula: "of the two",
            judged: true,
        };
        World {
            claims: rows.chain([difference]).collect(),
            name: format!("{}, {compared} compared", self.name),
            about: format!("{jobs} jobs"),
            scenario: isolated(jobs, compared, parts),
            lone: false,
        }
    }
}

fn words(interval: Interval) -> &'static str {
    match interval {
        Interval::Mean => "mean",
        _ => "p99",
    }
}

/// One call, tried again.
fn retry(jobs: u32, compared: &'static str) -> World {
    let parts = format!(
        "job.calls = 1
        downstream.api.latency = {{ kind = 'exponential', mean = '{CALL_MS}ms' }}
        fault = [{{ kind = 'error', probability = {FAILS} }}]
        strategy = [
            {{ name = 'once', kind = 'all' }},
            {{ name = 'retried', kind = 'all', \
               policies = [{{ kind = 'retry', attempts = {ATTEMPTS} }}] }},
        ]"
    );
    let pair = Pair {
        name: "retries, isolated",
        label: "retried - once",
        strategies: [
            ("once", Coxian::again(1, FAILS), "m"),
            ("retried", Coxian::again(ATTEMPTS, FAILS), "m (1-f^n)/(1-f)"),
        ],
    };
    let mut world = pair.world(jobs, compared, &parts);
    if compared == "mean" {
        world.claims.push(Claim {
            label: "retried: success rate".to_owned(),
            strategy: "retried",
            interval: Interval::SuccessRate,
            truth: 1.0 - FAILS.powi(ATTEMPTS as i32),
            formula: "1-f^n",
            judged: true,
        });
    }
    world
}

/// Calls at once, and a few at a time.
fn fan_out(jobs: u32, compared: &'static str) -> World {
    let parts = format!(
        "job.calls = {CALLS}
        downstream.api.latency = {{ kind = 'exponential', mean = '{CALL_MS}ms' }}
        strategy = [
            {{ name = 'at once', kind = 'all' }},
            {{ name = 'bounded', kind = 'bounded', limit = {LIMIT} }},
        ]"
    );
    let pair = Pair {
        name: "fan-out of ten, isolated",
        label: "bounded - at once",
        strategies: [
            ("at once", Coxian::bounded(CALLS, CALLS), "m H_n"),
            (
                "bounded",
                Coxian::bounded(CALLS, LIMIT),
                "m ((n-k)/k + H_k)",
            ),
        ],
    };
    pair.world(jobs, compared, &parts)
}

/// A variance that is finite and nothing more: the third moment is not, and Student's t rests on it.
fn heavy_tail(jobs: u32) -> World {
    let alpha = 2.1;
    let claim = |label: &str, interval, truth, formula| Claim {
        label: label.to_owned(),
        strategy: "it",
        interval,
        truth,
        formula,
        judged: false,
    };
    let parts = format!(
        "job.calls = 1
        strategy = [{{ name = 'it', kind = 'all' }}]
        downstream.api.latency = {{ kind = 'pareto', minimum = '{CALL_MS}ms', alpha = {alpha} }}"
    );
    let mean = CALL_MS * alpha / (alpha - 1.0);
    let p99 = CALL_MS * 100.0_f64.powf(1.0 / alpha);
    World {
        name: format!("isolated, latencies with a tail of Pareto {alpha}, {jobs} jobs"),
        about: "the variance is finite, the third moment is not".to_owned(),
        scenario: isolated(jobs, "mean", &parts),
        lone: false,
        claims: vec![
            claim(
                "mean, as the lab has it",
                Interval::Mean,
                mean,
                "m alpha/(alpha-1)",
            ),
            claim(
                "p99, as the lab has it",
                Interval::P99,
                p99,
                "m 100^(1/alpha)",
            ),
        ],
    }
}
