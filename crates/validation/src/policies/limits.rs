//! Limiters and bulkheads: a queue, or a loss, in front of a service.

use crate::figure::*;
use crate::study::{EXPONENTIAL, Study, one_call_with};
use crate::theory::{
    erlang_b, erlang_c, mean_of, mm1_impatient, mmc_wait, mmck, poisson, token_bucket_refuses,
};

pub(super) fn studies() -> Vec<Study> {
    vec![
        bucket(1),
        bucket(2),
        bucket(5),
        waiting(),
        waiting_with_a_burst(),
        window(),
        loss("exponential", "kind = 'exponential', mean = '1s'"),
        loss(
            "log-normal",
            "kind = 'log-normal', mean = '1s', sigma = 1.0",
        ),
        bulkhead_with_a_queue(),
        bulkhead_without_end(),
        impatient(),
    ]
}

const SHORT: &str = "downstream.api.latency = { kind = 'constant', value = '1ms' }\n";

/// Poisson arrivals at 0.8/s, a token a second, who finds none is refused.
fn bucket(burst: u32) -> Study {
    let policies = format!(
        "{{ kind = 'rate-limit', rate = '1/s', burst = {burst}, when-exceeded = 'reject' }}"
    );
    let parts = one_call_with(&policies) + SHORT;
    let name = format!("a token bucket of {burst} that refuses, load 0.8");
    Study::open(&name, 0.8, 40_000, &parts).gives(
        refused(),
        token_bucket_refuses(0.8, 1.0, burst),
        "1 - U/(1 + rho U)",
    )
}

/// Waiting for a token is M/D/1.
fn waiting() -> Study {
    let policies = "{ kind = 'rate-limit', rate = '1/s', when-exceeded = 'wait' }";
    let parts = one_call_with(policies) + SHORT;
    Study::open(
        "a token bucket of 1 that waits, load 0.7",
        0.7,
        60_000,
        &parts,
    )
    .gives(client_wait(), 0.7 / 0.6, "rho D / (2 (1-rho))")
    .gives(mean(), 0.7 / 0.6 + 0.001, "the same and the service")
    .gives(share_above(0.0015), 0.7, "rho")
}

/// Nobody waits who finds less than a token's time of work in M/D/1, which has probability
/// (1-rho) e^rho there.
fn waiting_with_a_burst() -> Study {
    let policies = "{ kind = 'rate-limit', rate = '1/s', burst = 2, when-exceeded = 'wait' }";
    let parts = one_call_with(policies) + SHORT;
    let waits = 1.0 - 0.3 * 0.7_f64.exp();
    Study::open(
        "a token bucket of 2 that waits, load 0.7",
        0.7,
        30_000,
        &parts,
    )
    .gives(share_above(0.0015), waits, "1 - (1-rho) e^rho")
}

/// A window of 1 s begins with its first call and the next with the first after its end: a cycle of
/// w + 1/lambda in which min(1 + Poisson(lambda w), limit) get through.
fn window() -> Study {
    let policies = "{ kind = 'rate-limit', limit = 3, window = '1s', when-exceeded = 'reject' }";
    let parts = one_call_with(policies) + SHORT;
    let others = poisson(2.0, 2);
    let through = others[0] + 2.0 * others[1] + 3.0 * (1.0 - others[0] - others[1]);
    Study::open(
        "three calls a window that refuses, two a second",
        2.0,
        10_000,
        &parts,
    )
    .gives(
        refused(),
        1.0 - through / 3.0,
        "1 - E[min(1 + N, L)] / (1 + lambda w)",
    )
}

/// A bulkhead without a queue is Erlang's loss system, whatever the law of the service.
fn loss(name: &str, law: &str) -> Study {
    let parts = one_call_with("{ kind = 'bulkhead', limit = 4, queue = 0 }")
        + &format!("downstream.api.latency = {{ {law} }}");
    let blocked = erlang_b(3.0, 4);
    let name = format!("a bulkhead of 4 at 3 erlangs, {name} service");
    Study::open(&name, 3.0, 8_000, &parts)
        .gives(refused(), blocked, "Erlang B")
        .gives(in_flight(), 3.0 * (1.0 - blocked), "a (1-B)")
}

fn bulkhead_with_a_queue() -> Study {
    let parts = one_call_with("{ kind = 'bulkhead', limit = 2, queue = 3 }") + EXPONENTIAL;
    let number = mmck(1.6, 2, 5);
    let let_in = 1.6 * (1.0 - number[5]);
    Study::open(
        "a bulkhead of 2 with 3 places to wait, load 0.8",
        1.6,
        15_000,
        &parts,
    )
    .gives(refused(), number[5], "M/M/2/5: p_5")
    .gives(
        mean_fulfilled(),
        mean_of(&number) / let_in,
        "L / (lambda (1-p_5))",
    )
}

fn bulkhead_without_end() -> Study {
    let parts = one_call_with("{ kind = 'bulkhead', limit = 3 }") + EXPONENTIAL;
    Study::open("a bulkhead of 3 with a line, load 0.7", 2.1, 30_000, &parts)
        .gives(
            client_wait(),
            mmc_wait(2.1, 3),
            "Erlang C / (c mu - lambda)",
        )
        .gives(mean(), 1.0 + erlang_c(2.1, 3) / 0.9, "1/mu + Wq")
}

fn impatient() -> Study {
    let parts = one_call_with("{ kind = 'bulkhead', limit = 1, max-wait = '2s' }") + EXPONENTIAL;
    Study::open(
        "a bulkhead of 1 where nobody waits longer than 2 s",
        0.8,
        30_000,
        &parts,
    )
    .gives(
        refused(),
        mm1_impatient(0.8, 2.0),
        "M/M/1+D: rho P0 e^(-(mu-lambda) T)",
    )
}
