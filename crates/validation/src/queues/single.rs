//! One worker.

use crate::figure::*;
use crate::study::{EXPONENTIAL, ONE_CALL, Study};
use crate::theory::{mg1_wait, mg1_wait_variance, root};

pub(super) fn studies() -> Vec<Study> {
    vec![
        mm1_busy(),
        mm1(),
        md1(),
        me2(),
        mh2(),
        log_normal(),
        lifo(),
        dm1(),
        two_calls_at_once(),
        two_calls_in_turn(),
        legs(),
    ]
}

const ONE: &str = "downstream.api.workers = 1\n";

/// The response of M/M/1 is exponential with rate mu - lambda.
fn mm1_busy() -> Study {
    let parts = format!("{ONE_CALL}{EXPONENTIAL}{ONE}");
    Study::open("M/M/1 at 0.8", 0.8, 120_000, &parts)
        .gives(mean(), 5.0, "1/(mu-lambda)")
        .gives(queue_wait(), 4.0, "rho/(mu-lambda)")
        .gives(share_above(5.0 * 10.0_f64.ln()), 0.1, "e^(-(mu-lambda) t)")
        .gives(utilization("api"), 0.8, "rho")
}

fn mm1() -> Study {
    let parts = format!("{ONE_CALL}{EXPONENTIAL}{ONE}");
    Study::open("M/M/1 at 0.5", 0.5, 80_000, &parts)
        .gives(mean(), 2.0, "1/(mu-lambda)")
        .gives(variance(), 4.0, "1/(mu-lambda)^2")
        .gives(share_above(2.0 * 2.0_f64.ln()), 0.5, "e^(-(mu-lambda) t)")
        .gives(in_flight(), 1.0, "rho/(1-rho); L = lambda W")
        .gives(throughput(), 0.5, "lambda")
}

/// In M/D/1 nobody waits with probability 1 - rho, and less than a service with (1-rho) e^rho.
fn md1() -> Study {
    let parts =
        format!("{ONE_CALL}{ONE}downstream.api.latency = {{ kind = 'constant', value = '1s' }}");
    Study::open("M/D/1 at 0.7", 0.7, 70_000, &parts)
        .gives(
            mean(),
            1.0 + mg1_wait(0.7, 1.0, 1.0),
            "mu + rho mu/(2 (1-rho))",
        )
        .gives(
            variance(),
            mg1_wait_variance(0.7, 1.0, 1.0, 1.0),
            "Wq^2 + lambda E[S^3]/(3 (1-rho))",
        )
        .gives(share_above(1.0), 0.7, "rho")
        .gives(
            share_above(2.0),
            1.0 - 0.3 * 0.7_f64.exp(),
            "1 - (1-rho) e^rho",
        )
}

fn me2() -> Study {
    let parts = format!(
        "{ONE_CALL}{ONE}downstream.api.latency = {{ kind = 'erlang', mean = '1s', stages = 2 }}"
    );
    let wait = mg1_wait_variance(0.7, 1.0, 1.5, 3.0);
    Study::open("M/E2/1 at 0.7", 0.7, 70_000, &parts)
        .gives(
            mean(),
            1.0 + mg1_wait(0.7, 1.0, 1.5),
            "Pollaczek-Khinchine, E[S^2] = 3/2",
        )
        .gives(
            variance(),
            0.5 + wait,
            "1/2 + Wq^2 + lambda E[S^3]/(3 (1-rho))",
        )
}

/// Nine in ten take 0.5 s on average, the tenth 5.5 s.
fn mh2() -> Study {
    let parts = format!(
        "{ONE_CALL}{ONE}downstream.api.latency = {{ kind = 'mixture', parts = [
        {{ weight = 9, kind = 'exponential', mean = '500ms' }},
        {{ weight = 1, kind = 'exponential', mean = '5500ms' }},
    ] }}"
    );
    let second = 2.0 * (0.9 * 0.25 + 0.1 * 30.25);
    Study::open("M/H2/1 at 0.5", 0.5, 120_000, &parts).gives(
        mean(),
        1.0 + mg1_wait(0.5, 1.0, second),
        "Pollaczek-Khinchine, E[S^2] = 6.5",
    )
}

fn log_normal() -> Study {
    let parts = format!(
        "{ONE_CALL}{ONE}downstream.api.latency = {{ kind = 'log-normal', mean = '1s', sigma = 1.0 }}"
    );
    Study::open("M/log-normal/1 at 0.5", 0.5, 120_000, &parts).gives(
        mean(),
        1.0 + mg1_wait(0.5, 1.0, 1.0_f64.exp()),
        "Pollaczek-Khinchine, E[S^2] = e^(sigma^2)",
    )
}

/// The order of service changes no mean. Who waits waits for the rest of a service and for all that
/// arrives meanwhile: a busy period, with E[wait^2] = 2 rho / (1-rho)^3 in all.
fn lifo() -> Study {
    let parts =
        format!("{ONE_CALL}{EXPONENTIAL}{ONE}downstream.api.queue = {{ discipline = 'lifo' }}");
    Study::open("M/M/1 at 0.5, last come first served", 0.5, 70_000, &parts)
        .gives(mean(), 2.0, "as in order of arrival")
        .gives(variance(), 1.0 + 8.0 - 1.0, "mu^2 + 2 rho/(1-rho)^3 - Wq^2")
}

/// Arrivals like clockwork: sigma = e^(-(1-sigma)/rho) is the share that waits, and the response is
/// exponential with rate mu (1-sigma).
fn dm1() -> Study {
    let parts = format!("{ONE_CALL}{EXPONENTIAL}{ONE}");
    let sigma = root(0.0, 0.9, |s| s - (-(1.0 - s) / 0.7).exp());
    let w = 1.0 / (1.0 - sigma);
    Study::arriving("D/M/1 at 0.7", "constant", 0.7, 70_000, &parts)
        .gives(mean(), w, "1/(mu (1-sigma))")
        .gives(variance(), w * w, "1/(mu (1-sigma))^2")
        .gives(share_above(w * 10.0_f64.ln()), 0.1, "e^(-mu (1-sigma) t)")
}

/// Both calls of a job stand in line together: the job is a customer of two stages.
fn two_calls_at_once() -> Study {
    let parts =
        format!("job.calls = 2\nstrategy = [{{ name = 'it', kind = 'all' }}]\n{EXPONENTIAL}{ONE}");
    Study::open(
        "jobs of two calls at one worker, load 0.6",
        0.3,
        120_000,
        &parts,
    )
    .gives(
        mean(),
        2.0 + mg1_wait(0.3, 2.0, 6.0),
        "M/E2/1 with a mean of 2",
    )
    .gives(
        variance(),
        2.0 + mg1_wait_variance(0.3, 2.0, 6.0, 24.0),
        "2 + Wq^2 + lambda E[S^3]/(3 (1-rho))",
    )
}

/// The second call of a job comes back to the end of the line: a network of Kelly's, with the number
/// of M/M/1 at twice the load.
fn two_calls_in_turn() -> Study {
    let parts = format!(
        "job.calls = 2\nstrategy = [{{ name = 'it', kind = 'sequential' }}]\n{EXPONENTIAL}{ONE}"
    );
    Study::open("jobs of two calls in turn, load 0.6", 0.3, 80_000, &parts)
        .gives(mean(), 2.0 / 0.4, "2/(mu - 2 lambda)")
        .gives(in_flight(), 0.6 / 0.4, "rho/(1-rho)")
}

fn legs() -> Study {
    let parts = format!(
        "{ONE_CALL}{EXPONENTIAL}{ONE}downstream.api.network = {{ kind = 'exponential', mean = '500ms' }}"
    );
    // A Poisson process delayed at random is Poisson.
    Study::open("M/M/1 at 0.5 behind a network", 0.5, 70_000, &parts)
        .gives(mean(), 3.0, "1/(mu-lambda) + 2 leg")
        .gives(variance(), 4.5, "1/(mu-lambda)^2 + 2 leg^2")
}
