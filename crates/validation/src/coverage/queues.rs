//! Worlds in which jobs meet: M/M/1, alone and in company.
//!
//! A call takes 10 ms of service. With two services side by side, a job that makes a call to either
//! at once is a fork and join of two (Flatto and Hahn 1984), and its first call alone is one M/M/1.

use super::World;
use super::claim::Interval::{Difference, Mean, MeanOfP99, OverRequests, P99, SuccessRate};
use super::claim::{Claim, Interval};
use super::lone;

/// Of a call.
const SERVICE_MS: f64 = 10.0;

/// Jobs that arrive at random, to services of one worker each.
#[derive(Clone, Copy)]
pub(super) struct Size {
    pub(super) replications: u32,
    pub(super) seconds: u32,
}

impl Size {
    fn workload(self, load: f64, analysis: &str) -> String {
        let Size {
            replications,
            seconds,
        } = self;
        let rate = 1000.0 / SERVICE_MS * load;
        format!(
            "version = 1
            title = 'coverage'
            replications = {replications}
            analysis = '{analysis}'
            workload = {{ kind = 'open', duration = '{seconds}s', \
             arrivals = {{ kind = 'poisson', rate = '{rate}/s' }} }}\n"
        )
    }

    fn about(self, load: f64) -> String {
        let Size {
            replications,
            seconds,
        } = self;
        let jobs = 1000.0 / SERVICE_MS * load * f64::from(seconds);
        format!("{replications} replications of {seconds} s, about {jobs:.0} jobs each")
    }
}

/// Response of M/M/1 at that load.
fn response_ms(load: f64) -> f64 {
    SERVICE_MS / (1.0 - load)
}

fn service(name: &str) -> String {
    let latency = format!("{{ kind = 'exponential', mean = '{SERVICE_MS}ms' }}");
    format!("downstream.{name} = {{ latency = {latency}, workers = 1 }}\n")
}

fn judged(
    label: &str,
    strategy: &'static str,
    interval: Interval,
    truth: f64,
    formula: &'static str,
) -> Claim {
    Claim {
        label: label.to_owned(),
        strategy,
        interval,
        truth,
        formula,
        judged: true,
    }
}

const ONE: &str = "job.calls = 1\nstrategy = [{ name = 'it', kind = 'all' }]\n";

pub(super) fn mm1(load: f64, size: Size) -> World {
    let w = response_ms(load);
    World {
        name: format!("M/M/1 at load {load}"),
        about: format!("{}, steady-state", size.about(load)),
        scenario: size.workload(load, "steady-state") + ONE + &service("a"),
        lone: false,
        claims: vec![
            judged("mean", "it", Mean, w, "1/(mu-lambda)"),
            judged("p99", "it", P99, w * 100.0_f64.ln(), "ln 100/(mu-lambda)"),
        ],
    }
}

/// The response of the first service is part of both, so the two are far from independent.
pub(super) fn fork_join(load: f64, size: Size) -> World {
    let w = response_ms(load);
    let fork = (12.0 - load) / 8.0 * w;
    let two = "job.call = [{ downstream = 'a' }, { downstream = 'b' }]
        strategy = [{ name = 'both', kind = 'all' }]\n";
    let difference = "-(4-rho)/8/(mu-lambda)";
    World {
        name: format!("fork and join of two M/M/1 at load {load}"),
        about: format!("{}, steady-state", size.about(load)),
        scenario: size.workload(load, "steady-state") + two + &service("a") + &service("b"),
        lone: true,
        claims: vec![
            judged("both: mean", "both", Mean, fork, "(12-rho)/8/(mu-lambda)"),
            judged("first alone: mean", lone::NAME, Mean, w, "1/(mu-lambda)"),
            judged(
                "first alone - both",
                lone::NAME,
                Difference,
                w - fork,
                difference,
            ),
        ],
    }
}

/// Calls that fail come again at once, at the end of the queue: with `q` the probability of a
/// success the number there is that of M/M/1 at a load of `rho/q` (Takacs 1963).
pub(super) fn retries(load: f64, fails: f64, size: Size) -> World {
    let feedback = load / (1.0 - fails);
    let rate_per_ms = load / SERVICE_MS;
    let again = feedback / (1.0 - feedback) / rate_per_ms;
    let strategies = "job.calls = 1
        strategy = [
            { name = 'once', kind = 'all' },
            { name = 'until it works', kind = 'all', \
              policies = [{ kind = 'retry', attempts = 'unlimited' }] },
        ]\n";
    let fault = format!("fault = [{{ kind = 'error', probability = {fails} }}]\n");
    let once = response_ms(load);
    World {
        name: format!("retries at a queue, load {load} and {feedback:.2}"),
        about: format!(
            "{}, steady-state; a call fails with probability {fails}",
            size.about(load)
        ),
        scenario: size.workload(load, "steady-state") + strategies + &fault + &service("a"),
        lone: false,
        claims: vec![
            judged("once: mean", "once", Mean, once, "1/(mu-lambda)"),
            judged(
                "once: success rate",
                "once",
                SuccessRate,
                1.0 - fails,
                "1-f",
            ),
            judged(
                "retried: mean",
                "until it works",
                Mean,
                again,
                "1/(q mu-lambda)",
            ),
            judged(
                "retried - once",
                "until it works",
                Difference,
                again - once,
                "1/(q mu-lambda) - 1/(mu-lambda)",
            ),
        ],
    }
}

/// Intervals that the lab does not make, and those of a run that was set up wrongly.
pub(super) fn pitfalls(load: f64, size: Size) -> World {
    let w = response_ms(load);
    let claim = |label: &str, interval, truth| Claim {
        label: label.to_owned(),
        strategy: "it",
        interval,
        truth,
        formula: "M/M/1",
        judged: false,
    };
    let p99 = w * 100.0_f64.ln();
    World {
        name: format!("M/M/1 at load {load}, {}", size.about(load)),
        about: "steady-state".to_owned(),
        scenario: size.workload(load, "steady-state") + ONE + &service("a"),
        lone: false,
        claims: vec![
            claim("mean, as the lab has it", Mean, w),
            claim("mean, from all requests as if independent", OverRequests, w),
            claim("p99, as the lab has it", P99, p99),
            claim("p99, mean of the replications' p99", MeanOfP99, p99),
        ],
    }
}

/// The long run, asked of runs that begin empty and count everything.
pub(super) fn uncut(load: f64, size: Size) -> World {
    let world = pitfalls(load, size);
    World {
        name: world.name.clone(),
        about: "terminating: the beginning with empty queues counts".to_owned(),
        scenario: size.workload(load, "terminating") + ONE + &service("a"),
        claims: world
            .claims
            .into_iter()
            .filter(|claim| matches!(claim.interval, Mean | P99))
            .collect(),
        ..world
    }
}
