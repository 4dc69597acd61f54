//! Several services, several replicas.

use crate::figure::*;
use crate::study::{EXPONENTIAL, ONE_CALL, Study};
use crate::theory::{join_the_shorter, root};

pub(super) fn studies() -> Vec<Study> {
    vec![
        tandem(),
        fork_join(0.5),
        fork_join(0.25),
        random_replicas(),
        in_turn(),
        shorter_line("least-in-flight"),
        shorter_line("power-of-two"),
    ]
}

/// What leaves M/M/1 is Poisson (Burke 1956), and the two responses are independent (Reich 1963).
fn tandem() -> Study {
    let parts = "job.call = [{ downstream = 'a' }, { downstream = 'b' }]
        strategy = [{ name = 'it', kind = 'sequential' }]
        downstream.a = { latency = { kind = 'exponential', mean = '1s' }, workers = 1 }
        downstream.b = { latency = { kind = 'exponential', mean = '500ms' }, workers = 1 }";
    Study::open("two M/M/1 one after another", 0.5, 60_000, parts)
        .gives(mean(), 2.0 + 1.0 / 1.5, "sum 1/(mu_i-lambda)")
        .gives(variance(), 4.0 + 1.0 / 2.25, "sum 1/(mu_i-lambda)^2")
        .gives(utilization("b"), 0.25, "lambda/mu_b")
}

/// Flatto and Hahn 1984; Nelson and Tantawi 1988.
fn fork_join(lambda: f64) -> Study {
    let parts = "job.call = [{ downstream = 'a' }, { downstream = 'b' }]
        strategy = [{ name = 'it', kind = 'all' }]
        downstream.a = { latency = { kind = 'exponential', mean = '1s' }, workers = 1 }
        downstream.b = { latency = { kind = 'exponential', mean = '1s' }, workers = 1 }";
    let name = format!("fork and join of two M/M/1 at {lambda}");
    let w = (12.0 - lambda) / 8.0 / (1.0 - lambda);
    Study::open(&name, lambda, 50_000, parts).gives(mean(), w, "(12-rho)/8 / (mu-lambda)")
}

fn replicas(number: u32, balance: &str) -> String {
    format!(
        "{ONE_CALL}{EXPONENTIAL}downstream.api.workers = 1
        downstream.api.replicas = {number}\ndownstream.api.balance = '{balance}'"
    )
}

/// A Poisson process dealt out by coins is as many independent ones.
fn random_replicas() -> Study {
    Study::open(
        "four replicas, any of them, at 0.6",
        2.4,
        20_000,
        &replicas(4, "random"),
    )
    .gives(mean(), 2.5, "1/(mu - lambda/n)")
    .gives(
        share_above(2.5 * 10.0_f64.ln()),
        0.1,
        "e^(-(mu - lambda/n) t)",
    )
}

/// Dealt out in turn each replica is E_n/M/1: sigma = (n rho'/(n rho' + 1 - sigma))^n for rho' the
/// load of one, and the response is exponential with rate mu (1-sigma).
fn in_turn() -> Study {
    let rate = 4.0 * 0.6;
    let sigma = root(0.0, 0.9, |s| s - (rate / (rate + 1.0 - s)).powi(4));
    let w = 1.0 / (1.0 - sigma);
    Study::open(
        "four replicas in turn, at 0.6",
        rate,
        20_000,
        &replicas(4, "round-robin"),
    )
    .gives(mean(), w, "E4/M/1: 1/(mu (1-sigma))")
    .gives(share_above(w * 10.0_f64.ln()), 0.1, "e^(-mu (1-sigma) t)")
}

/// With two replicas both ways of looking are the shorter of two lines.
fn shorter_line(balance: &str) -> Study {
    let name = format!("two replicas at 0.5, {balance}");
    Study::open(&name, 1.0, 40_000, &replicas(2, balance)).gives(
        mean(),
        join_the_shorter(1.0),
        "balance equations of the shorter of two lines, solved",
    )
}
