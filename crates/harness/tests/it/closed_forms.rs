//! Means of a fan-out of three with a limit of two and a mean latency of 500 ms, against formulas.
//!
//! Within 1 % or four standard errors, whichever is more.

use awaitlab_core::Status;
use awaitlab_harness::Contest;
use awaitlab_record::{JobRow, Record};
use awaitlab_scenario::Scenario;

use crate::shape::scenario;

/// Harmonic numbers H_1..H_3 make every exponential mean here.
const EXPONENTIAL: &str = "{ kind = \"exponential\", mean = \"500ms\" }";
const UNIFORM: &str = "{ kind = \"uniform\", min = \"250ms\", max = \"750ms\" }";
const CONSTANT: &str = "{ kind = \"constant\", value = \"500ms\" }";
const STRATEGIES: &str = r#"
strategy = [
  { name = "sequential", kind = "sequential" },
  { name = "sequential stop", kind = "sequential", on-error = "stop" },
  { name = "all", kind = "all" },
  { name = "all-settled", kind = "all-settled" },
  { name = "bounded", kind = "bounded", limit = 2 },
  { name = "chunked", kind = "chunked", size = 2 },
  { name = "quorum", kind = "quorum", need = 2 },
  { name = "any", kind = "any" },
]
"#;

struct World {
    law: &'static str,
    scenario: Scenario,
    record: Record,
}

impl World {
    /// Calls fail with probability `p`, independently of their latency, after it.
    fn new(law: &'static str, latency: &str, p: f64, replications: u64) -> World {
        let fault = if p > 0.0 {
            format!("fault = [{{ kind = \"error\", probability = {p} }}]\n")
        } else {
            String::new()
        };
        let scenario = scenario(&format!(
            "replications = {replications}\njob.calls = 3\ndownstream.api.latency = {latency}\n\
             {fault}{STRATEGIES}"
        ));
        World::of(law, scenario)
    }

    fn of(law: &'static str, scenario: Scenario) -> World {
        let threads = std::num::NonZeroUsize::new(2).unwrap();
        let record = Contest::new(&scenario).on_threads(threads).run().unwrap();
        World {
            law,
            scenario,
            record,
        }
    }

    /// The mean time to settle, and its interval, as `summary.json` has them.
    #[track_caller]
    fn settles(&self, strategy: &str, theory_ms: f64) {
        let rows = &self.record.summary.rows;
        let row = rows.iter().find(|row| row.strategy == strategy).unwrap();
        let (mean, [low, high]) = (row.settle_ms.mean.unwrap(), row.settle_ms.ci95.unwrap());
        // Half a 95 % interval is 1.96 standard errors.
        self.agree(strategy, mean, (high - low) / 2.0 / 1.96, theory_ms);
    }

    /// The mean of a figure over the jobs of a strategy.
    #[track_caller]
    fn has(&self, strategy: &str, figure: fn(&JobRow) -> f64, theory: f64) {
        let contest = Contest::new(&self.scenario).only_strategies(|name| name == strategy);
        let jobs = contest.keeping_jobs().run().unwrap().jobs.unwrap();
        let n = jobs.len() as f64;
        let mean = jobs.iter().map(figure).sum::<f64>() / n;
        let squares: f64 = jobs.iter().map(|job| (figure(job) - mean).powi(2)).sum();
        self.agree(strategy, mean, (squares / (n - 1.0) / n).sqrt(), theory);
    }

    #[track_caller]
    fn agree(&self, strategy: &str, measured: f64, standard_error: f64, theory: f64) {
        let allowed = (0.01 * theory).max(4.0 * standard_error);
        assert!(
            (measured - theory).abs() <= allowed,
            "{} {strategy}: {measured} instead of {theory}, more than {allowed} away",
            self.law,
        );
    }
}

fn orphan_ms(job: &JobRow) -> f64 {
    job.orphan_ns as f64 / 1e6
}

fn delivered(job: &JobRow) -> f64 {
    job.delivered as f64
}

fn rejected(job: &JobRow) -> f64 {
    f64::from(job.status == Status::Rejected)
}

/// Enough for 1 % to be several standard errors of every cell.
const REPLICATIONS: u64 = 100_000;

#[test]
fn means_without_failures() {
    for (law, latency, all, bounded, chunked, quorum, any) in [
        ("constant", CONSTANT, 500.0, 1000.0, 1000.0, 500.0, 500.0),
        // Order statistics of n uniforms: a + (b - a) k / (n + 1).
        ("uniform", UNIFORM, 625.0, 919.271, 1083.333, 500.0, 375.0),
        // k-th of n: the sum of 1 / i from n - k + 1 to n.
        (
            "exponential",
            EXPONENTIAL,
            916.667,
            1000.0,
            1250.0,
            416.667,
            166.667,
        ),
    ] {
        let world = World::new(law, latency, 0.0, REPLICATIONS);
        world.settles("sequential", 1500.0);
        world.settles("sequential stop", 1500.0);
        world.settles("all", all);
        world.settles("all-settled", all);
        world.settles("bounded", bounded);
        world.settles("chunked", chunked);
        world.settles("quorum", quorum);
        world.settles("any", any);
    }
}

#[test]
fn means_when_one_call_in_ten_fails() {
    for (law, latency, all, orphan) in [
        ("constant", CONSTANT, 500.0, 0.0),
        ("uniform", UNIFORM, 588.75, 48.75),
        ("exponential", EXPONENTIAL, 796.667, 145.0),
    ] {
        let world = World::new(law, latency, 0.1, REPLICATIONS);
        // 500 (1 - q^3) / p calls are started.
        world.settles("sequential stop", 1355.0);
        world.settles("sequential", 1500.0);
        world.settles("all", all);
        world.has("all", orphan_ms, orphan);
        world.has("all-settled", delivered, 3.0 * 0.9);
        world.has("all", delivered, 3.0 * 0.729);
    }
}

#[test]
fn values_lost_and_calls_left_behind_by_a_rejection() {
    for p in [0.1_f64, 0.3] {
        let q = 1.0 - p;
        let world = World::new("exponential", EXPONENTIAL, p, REPLICATIONS);
        world.has("all", delivered, 3.0 * q.powi(3));
        world.has("all", rejected, 1.0 - q.powi(3));
        let tried = (1.0 - q.powi(3)) / p;
        world.has("sequential stop", |job| job.started as f64, tried);
        world.settles("sequential stop", 500.0 * tried);
        // n mu - mu (1 - q^n) / p.
        world.has("all", orphan_ms, 1500.0 - 500.0 * tried);
        let row = world
            .record
            .summary
            .rows
            .iter()
            .find(|row| row.strategy == "all")
            .unwrap();
        let jobs = row.jobs as f64;
        // In flight at a rejection: 3p - p^2 a job, each of which ends as an orphan. At most two a
        // job, so the standard error is at most 1 / sqrt(jobs).
        let orphaned = row.attempts.orphaned as f64 / jobs;
        world.agree("all", orphaned, 1.0 / jobs.sqrt(), 3.0 * p - p * p);
        // Values fulfilled before the first failure in time, likewise.
        let lost = row.lost_per_job.unwrap();
        world.agree("all", lost, 1.0 / jobs.sqrt(), p * q * (3.0 - 2.0 * p));
    }
}

/// P(T > t) = (1 - p F)^n - (q F)^n, integrated numerically: the mean of a fail-fast join under any
/// law whose failures take as long as its successes.
fn mean_of_all(p: f64, distribution: impl Fn(f64) -> f64) -> f64 {
    let (step, end) = (0.01, 60_000.0);
    let survival = |t: f64| {
        let f = distribution(t);
        (1.0 - p * f).powi(3) - ((1.0 - p) * f).powi(3)
    };
    (0..(end / step) as u64)
        .map(|i| survival((i as f64 + 0.5) * step) * step)
        .sum()
}

#[test]
fn fail_fast_under_other_laws() {
    // Weibull with shape 2 and a mean of 500 ms: scale = 500 / Gamma(1.5).
    let scale = 500.0 / 0.886_226_925_452_758;
    let weibull = World::new(
        "weibull",
        "{ kind = \"weibull\", mean = \"500ms\", shape = 2.0 }",
        0.3,
        REPLICATIONS,
    );
    weibull.settles(
        "all",
        mean_of_all(0.3, |t| 1.0 - (-(t / scale).powi(2)).exp()),
    );
    // Pareto with alpha 3 from 333.3 ms on: its mean is 3/2 of that.
    let pareto = World::new(
        "pareto",
        "{ kind = \"pareto\", minimum = \"300ms\", alpha = 3.0 }",
        0.3,
        REPLICATIONS,
    );
    let below = |t: f64| {
        if t < 300.0 {
            0.0
        } else {
            1.0 - (300.0 / t).powi(3)
        }
    };
    pareto.settles("all", mean_of_all(0.3, below));
    pareto.settles("sequential", 1350.0);
    // Erlang of two stages: F = 1 - e^-x (1 + x), x = t / 250.
    let erlang = World::new(
        "erlang",
        "{ kind = \"erlang\", mean = \"500ms\", stages = 2 }",
        0.3,
        REPLICATIONS,
    );
    let below = |t: f64| 1.0 - (-t / 250.0).exp() * (1.0 + t / 250.0);
    erlang.settles("all", mean_of_all(0.3, below));
}

#[test]
fn a_hundred_calls_ten_at_a_time() {
    let scenario = scenario(
        r#"
        replications = 4000
        job.calls = 100
        downstream.api.latency = { kind = "exponential", mean = "1s" }
        strategy = [
          { name = "bounded", kind = "bounded", limit = 10 },
          { name = "chunked", kind = "chunked", size = 10 },
        ]
        "#,
    );
    let world = World::of("exponential", scenario);
    world.settles("bounded", 11_928.968);
    world.settles("chunked", 29_289.683);
}
