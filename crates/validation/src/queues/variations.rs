//! Clients with limits, services that stand still, loads that change.

use crate::figure::*;
use crate::study::{EXPONENTIAL, ONE_CALL, Study};
use crate::theory::{mg1_wait, mm1_impatient, mmc_wait};

pub(super) fn studies() -> Vec<Study> {
    vec![
        connections(),
        acquire_timeout(),
        event_loop(),
        pauses(),
        outages(),
        ramp(),
        burst(),
        versioned(),
    ]
}

/// A pool of connections to a service without limits is M/M/c.
fn connections() -> Study {
    let parts = format!("{ONE_CALL}{EXPONENTIAL}client.connections = 2");
    Study::open("a pool of two connections, load 0.7", 1.4, 40_000, &parts)
        .gives(client_wait(), mmc_wait(1.4, 2), "Erlang C / (c mu-lambda)")
        .gives(mean(), 1.0 + mmc_wait(1.4, 2), "1/mu + Wq")
        .gives(in_flight(), 1.4, "lambda/mu: who waits is not in flight")
}

fn acquire_timeout() -> Study {
    let parts =
        format!("{ONE_CALL}{EXPONENTIAL}client = {{ connections = 1, acquire-timeout = '1s' }}");
    Study::open(
        "one connection, waited for at most 1 s",
        0.8,
        40_000,
        &parts,
    )
    .gives(
        refused(),
        mm1_impatient(0.8, 1.0),
        "M/M/1+D: rho P0 e^(-(mu-lambda) T)",
    )
}

/// What leaves a service without limits is Poisson: the thread that takes up the answers is M/D/1.
fn event_loop() -> Study {
    let parts = format!("{ONE_CALL}{EXPONENTIAL}client.event-loop = {{ per-call = '500ms' }}");
    let lag = mg1_wait(1.2, 0.5, 0.25);
    Study::open("an event loop at 0.6", 1.2, 40_000, &parts)
        .gives(
            seconds("loop lag", "loop_lag_ms.mean"),
            lag,
            "rho D/(2 (1-rho))",
        )
        .gives(mean(), 1.5 + lag, "1/mu + lag + D")
        .gives(number("idle share", "client_idle_share"), 0.4, "1 - rho")
}

/// M/M/1 that stands still for 5 s after 20 s, on average and exponentially, and goes on where it
/// was (White and Christie 1958). xi is the rate of stopping, eta that of going on, A = eta/(xi+eta)
/// the share of the time in which it works. The balance equations give the generating functions of
/// the number while it works and while it stands, G0 = xi G1 / (lambda (1-z) + eta), and
///
/// ```text
/// G1 = mu p / (mu - lambda z - xi lambda z / (lambda (1-z) + eta)),   p = A - lambda/mu
/// L  = G0'(1) + G1'(1),   W = L / lambda
/// ```
fn pauses() -> Study {
    let parts = format!(
        "{ONE_CALL}{EXPONENTIAL}downstream.api.workers = 1
        fault = [{{ kind = 'pause', during = {{ on = '5s', off = '20s' }} }}]"
    );
    let (lambda, xi, eta) = (0.5, 0.05, 0.2);
    let works = eta / (xi + eta);
    let w = (1.0 + xi * (eta + lambda) / (eta * eta)) / (1.0 - lambda / works)
        + works * xi / (eta * eta);
    Study::open(
        "M/M/1 at 0.5 that stands still a fifth of the time",
        lambda,
        150_000,
        &parts,
    )
    .gives(
        mean(),
        w,
        "(1 + xi (eta+lambda)/eta^2)/(mu-lambda/A) + A xi/eta^2",
    )
}

fn outages() -> Study {
    let parts = format!(
        "{ONE_CALL}downstream.api.latency = {{ kind = 'constant', value = '1ms' }}
        fault = [{{ kind = 'outage', during = {{ on = '1s', off = '4s' }} }}]"
    );
    Study::open(
        "out of order for 1 s after 4 s, on average",
        1.0,
        20_000,
        &parts,
    )
    .gives(success_rate(), 0.8, "off/(on + off)")
}

/// From nothing to 10/s in a minute: the number of jobs is Poisson, with the area below as its mean.
fn ramp() -> Study {
    let parts = format!(
        "replications = 30\n{ONE_CALL}{EXPONENTIAL}
        workload = {{ kind = 'open', arrivals = {{ kind = 'poisson' }}, stages = [{{ for = '60s', to = '10/s' }}] }}"
    );
    Study::new("a ramp to 10/s in a minute", &parts).gives(
        rate("offered", "offered_per_s"),
        5.0,
        "int lambda dt / T",
    )
}

/// The i-th of n at c workers ends after ceil(i/c) services.
fn burst() -> Study {
    let parts = format!(
        "replications = 2\n{ONE_CALL}downstream.api.latency = {{ kind = 'constant', value = '1s' }}
        downstream.api.workers = 4\nworkload = {{ kind = 'burst', jobs = 20 }}"
    );
    Study::new("twenty jobs at once before four workers", &parts)
        .gives(mean(), 3.0, "(n/c + 1)/2 mu")
        .gives(utilization("api"), 1.0, "nobody is idle")
        .gives(in_flight(), 12.0, "L = X W = 4 x 3")
}

/// Two clients read, both write, one conflicts and tries again alone: three attempts, always.
fn versioned() -> Study {
    let parts = "replications = 1000\njob.calls = 2
        strategy = [{ name = 'it', kind = 'all', policies = [{ kind = 'retry', attempts = 'unlimited' }] }]
        downstream.api.latency = { kind = 'constant', value = '0ms' }
        downstream.api.network = { kind = 'constant', value = '10ms' }
        downstream.api.item = 'versioned'";
    Study::new("two writers of one versioned item", parts).gives(
        amplification(),
        1.5,
        "3 attempts for 2 calls",
    )
}
