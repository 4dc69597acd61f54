//! Policies with a memory, in the long run: breakers, budgets, and retries that come back to a queue.

use crate::figure::*;
use crate::study::{EXPONENTIAL, Study, one_call_with};

pub(super) fn studies() -> Vec<Study> {
    vec![
        breaker(1),
        breaker(3),
        budget(),
        feedback("at once", "", 0.0),
        feedback(
            "after 2 s",
            ", backoff = { kind = 'constant', base = '2s' }",
            2.0,
        ),
        timeouts_lighten_nothing(),
    ]
}

const SHORT: &str = "downstream.api.latency = { kind = 'constant', value = '1ms' }\n";
const FIFTH_FAILS: &str = "fault = [{ kind = 'error', probability = 0.2 }]\n";

/// One user who thinks for 1 s, exponentially, before a breaker that opens for 5 s after k failures
/// in a row and then lets one probe through.
///
/// A cycle begins when it opens. While it is open calls come at rate 1, without memory: D of them are
/// refused. Then a probe: with q it closes, and it takes (1-p^k)/(p^k q) calls to k failures in a row;
/// with p it opens again. So a cycle lets 1 + q (1-p^k)/(p^k q) = 1/p^k calls through.
fn breaker(failures: i32) -> Study {
    let policies = format!(
        "{{ kind = 'circuit-breaker', consecutive = {failures}, open = '5s', probes = 1 }}"
    );
    let parts = one_call_with(&policies)
        + "downstream.api.latency = { kind = 'exponential', mean = '500ms' }
           fault = [{ kind = 'error', probability = 0.5 }]";
    let through = 2.0_f64.powi(failures);
    let name = format!("a breaker that opens for 5 s after {failures} failures in a row");
    let think = "{ kind = 'exponential', mean = '1s' }";
    Study::closed(&name, 1, think, 100_000, &parts)
        .gives(
            success_rate(),
            0.5 * through / (5.0 + through),
            "q / (1 + D p^k / think)",
        )
        .gives(
            share("calls to an opening", "jobs", "policies.openings"),
            5.0 + through,
            "D / think + p^-k",
        )
}

/// Half of the first tries fail and would be tried again; each puts in a tenth of a token, so in the
/// long run a tenth of them are.
fn budget() -> Study {
    let policies = "{ kind = 'retry', attempts = 2, budget = { deposit = 0.1, max = 10 } }";
    let parts = one_call_with(policies) + SHORT + "fault = [{ kind = 'error', probability = 0.5 }]";
    Study::open("a retry with a budget of a tenth", 1.0, 40_000, &parts)
        .gives(amplification(), 1.1, "1 + deposit")
        .gives(success_rate(), 0.55, "q + deposit q")
}

/// M/M/1 whose customers come back with probability p, at once or after a delay: a Jackson network of
/// a queue at load lambda/(q mu) and of a place without waiting. Response 1/(q mu - lambda) in all
/// passes, and p/q delays.
fn feedback(name: &str, backoff: &str, delay_s: f64) -> Study {
    let policies = format!("{{ kind = 'retry', attempts = 'unlimited'{backoff} }}");
    let parts = one_call_with(&policies) + EXPONENTIAL + FIFTH_FAILS + "downstream.api.workers = 1";
    let name = format!("a fifth of what M/M/1 serves comes back {name}");
    Study::open(&name, 0.5, 60_000, &parts)
        .gives(
            mean(),
            1.0 / 0.3 + 0.25 * delay_s,
            "1/(q mu - lambda) + (p/q) delay",
        )
        .gives(amplification(), 1.25, "1/q")
        .gives(utilization("api"), 0.625, "lambda/(q mu)")
}

/// A service that does not hear of a cancellation goes on: the queue is that of M/M/1 without
/// timeouts, and the share that comes too late is its tail.
fn timeouts_lighten_nothing() -> Study {
    let parts = one_call_with("{ kind = 'timeout', after = '4s' }")
        + EXPONENTIAL
        + "downstream.api.workers = 1";
    let late = (-1.6_f64).exp();
    Study::open(
        "a timeout of 4 s that M/M/1 does not hear of",
        0.6,
        60_000,
        &parts,
    )
    .gives(rejected(), late, "e^(-(mu-lambda) T)")
    .gives(
        mean(),
        2.5 * (1.0 - late),
        "(1 - e^(-(mu-lambda) T)) / (mu-lambda)",
    )
    .gives(
        utilization("api"),
        0.6,
        "rho: the work is done all the same",
    )
}
