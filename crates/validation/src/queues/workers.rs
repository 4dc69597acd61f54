//! Several workers, and what is refused.

use crate::figure::*;
use crate::study::{EXPONENTIAL, ONE_CALL, Study};
use crate::theory::{
    erlang_b, mean_of, mm1_impatient, mmc_response_above, mmc_wait, mmck, poisson,
    token_bucket_refuses,
};

pub(super) fn studies() -> Vec<Study> {
    vec![
        mmc(4, 3.2, 40_000),
        mmc(10, 8.0, 16_000),
        infinite(),
        mm1k(),
        mm3k(),
        loss(),
        expiry(),
        quota(1),
        quota(2),
        in_flight_limit(),
        overload(),
    ]
}

fn mmc(workers: u32, lambda: f64, seconds: u32) -> Study {
    let parts = format!("{ONE_CALL}{EXPONENTIAL}downstream.api.workers = {workers}");
    let name = format!("M/M/{workers} at 0.8");
    Study::open(&name, lambda, seconds, &parts)
        .gives(
            mean(),
            1.0 + mmc_wait(lambda, workers),
            "1/mu + C/(c mu-lambda)",
        )
        .gives(
            queue_wait(),
            mmc_wait(lambda, workers),
            "Erlang C / (c mu-lambda)",
        )
        .gives(
            share_above(4.0),
            mmc_response_above(lambda, workers, 4.0),
            "service and, with C, a wait of rate c mu-lambda",
        )
        .gives(utilization("api"), 0.8, "rho")
}

/// No limit of workers: nobody waits, and the number in flight is Poisson.
fn infinite() -> Study {
    let parts = format!("{ONE_CALL}{EXPONENTIAL}");
    Study::open("M/M/infinity at 2 erlangs", 2.0, 25_000, &parts)
        .gives(mean(), 1.0, "1/mu")
        .gives(in_flight(), 2.0, "lambda/mu")
}

fn mm1k() -> Study {
    let parts = format!(
        "{ONE_CALL}{EXPONENTIAL}downstream.api.workers = 1\ndownstream.api.queue.limit = 4"
    );
    let number = mmck(0.8, 1, 5);
    let let_in = 0.8 * (1.0 - number[5]);
    Study::open("M/M/1/5 at 0.8", 0.8, 40_000, &parts)
        .gives(refused(), number[5], "(1-rho) rho^5/(1-rho^6)")
        .gives(
            mean_fulfilled(),
            mean_of(&number) / let_in,
            "L / (lambda (1-p_5))",
        )
        .gives(utilization("api"), 1.0 - number[0], "1 - p_0")
        .gives(rate("goodput", "goodput_per_s"), let_in, "lambda (1-p_5)")
}

fn mm3k() -> Study {
    let parts = format!(
        "{ONE_CALL}{EXPONENTIAL}downstream.api.workers = 3\ndownstream.api.queue.limit = 5"
    );
    let number = mmck(3.6, 3, 8);
    Study::open("M/M/3/8 at 1.2", 3.6, 10_000, &parts)
        .gives(refused(), number[8], "p_8")
        .gives(
            mean_fulfilled(),
            mean_of(&number) / (3.6 * (1.0 - number[8])),
            "L / (lambda (1-p_8))",
        )
}

/// Erlang's loss knows the mean of the service only.
fn loss() -> Study {
    let parts = format!(
        "{ONE_CALL}downstream.api.latency = {{ kind = 'constant', value = '1s' }}
        downstream.api.workers = 5\ndownstream.api.queue.limit = 0"
    );
    let blocked = erlang_b(4.0, 5);
    Study::open("M/D/5/5 at 4 erlangs", 4.0, 10_000, &parts)
        .gives(refused(), blocked, "Erlang B")
        .gives(utilization("api"), 0.8 * (1.0 - blocked), "a (1-B) / c")
}

fn expiry() -> Study {
    let parts = format!(
        "{ONE_CALL}{EXPONENTIAL}downstream.api.workers = 1\ndownstream.api.queue.expire = '3s'"
    );
    Study::open(
        "M/M/1 at 0.9 whose places expire after 3 s",
        0.9,
        40_000,
        &parts,
    )
    .gives(
        success_rate(),
        1.0 - mm1_impatient(0.9, 3.0),
        "1 - rho P0 e^(-(mu-lambda) T)",
    )
    .gives(
        utilization("api"),
        0.9 * (1.0 - mm1_impatient(0.9, 3.0)),
        "rho times the same",
    )
}

fn quota(burst: u32) -> Study {
    let parts = format!(
        "{ONE_CALL}downstream.api.latency = {{ kind = 'constant', value = '1ms' }}
        downstream.api.rate-limit = {{ rate = '1/s', burst = {burst} }}"
    );
    let name = format!("a quota of 1/s and burst {burst} at a load of 0.9");
    Study::open(&name, 0.9, 40_000, &parts).gives(
        refused(),
        token_bucket_refuses(0.9, 1.0, burst),
        "1 - U/(1 + rho U)",
    )
}

/// Who completes leaves behind what an arrival finds: a Poisson number of mean a. With itself there
/// are more than n of them with probability P(Poisson(a) >= n).
fn in_flight_limit() -> Study {
    let parts = format!("{ONE_CALL}{EXPONENTIAL}downstream.api.in-flight-limit = 4");
    let below: f64 = poisson(3.0, 4).iter().sum();
    Study::open("429 above 4 in flight, at 3 erlangs", 3.0, 15_000, &parts).gives(
        per_job("share throttled", "attempts.failed"),
        1.0 - below,
        "P(Poisson(a) >= n)",
    )
}

/// Twice what one worker can do: with a hundred places it is never idle, and half is refused.
fn overload() -> Study {
    let parts = format!(
        "{ONE_CALL}{EXPONENTIAL}downstream.api.workers = 1\ndownstream.api.queue.limit = 99"
    );
    let number = mmck(2.0, 1, 100);
    Study::open("M/M/1/100 at 2", 2.0, 20_000, &parts)
        .gives(refused(), number[100], "p_100 = 1/2")
        .gives(mean_fulfilled(), mean_of(&number), "L mu, near 99")
}
