//! Laws with another shape, and what is added to a latency on the way.

use crate::figure::*;
use crate::study::{EXPONENTIAL, ONE_CALL, Study};
use crate::theory::{integral, normal_cdf};

pub(super) fn studies() -> Vec<Study> {
    vec![
        uniform(),
        weibull(),
        pareto(),
        erlang(),
        gamma(),
        log_normal(),
        rare_and_slow(),
        network(),
        slow(),
        stall(),
    ]
}

const ALL_AND_ANY: &str =
    "strategy = [{ name = 'all', kind = 'all' }, { name = 'any', kind = 'any' }]\n";

/// Order statistics of n uniforms on [a, a + w]: the k-th has mean a + w k/(n+1) and variance
/// w^2 k (n+1-k) / ((n+1)^2 (n+2)).
fn uniform() -> Study {
    let parts = "job.calls = 3
        downstream.api.latency = { kind = 'uniform', min = '500ms', max = '1500ms' }
        strategy = [
        { name = 'all', kind = 'all' },
        { name = 'any', kind = 'any' },
        { name = 'quorum of 2', kind = 'quorum', need = 2 },
        { name = 'bounded 2', kind = 'bounded', limit = 2 },
    ]";
    // The third call begins at the smaller of two and ends later than the larger, or not:
    // E[min] + E[max(R, L)], R the range of two, L a call, of which R <= w and L >= a.
    let range = |x: f64| 1.0 - (1.0 - x.clamp(0.0, 1.0)).powi(2);
    let call = |x: f64| (x - 0.5).clamp(0.0, 1.0);
    let longer = integral(0.0, 1.5, |x| 1.0 - range(x) * call(x));
    Study::isolated("three uniform calls", 5_000, parts)
        .check("all", mean(), 1.25, "a + w n/(n+1)")
        .check("all", variance(), 3.0 / 80.0, "w^2 n / ((n+1)^2 (n+2))")
        .check("all", p90(), 0.5 + 0.9_f64.powf(1.0 / 3.0), "a + w p^(1/n)")
        .check("any", mean(), 0.75, "a + w/(n+1)")
        .check("quorum of 2", mean(), 1.0, "a + w k/(n+1)")
        .check(
            "quorum of 2",
            variance(),
            4.0 / 80.0,
            "w^2 k (n+1-k) / ((n+1)^2 (n+2))",
        )
        .check(
            "bounded 2",
            mean(),
            0.5 + 1.0 / 3.0 + longer,
            "E[min of 2] + int 1 - F_range F",
        )
}

/// The smallest of n Weibulls is one, smaller by n^(-1/k); the largest follows by inclusion and
/// exclusion.
fn weibull() -> Study {
    let parts = format!(
        "job.calls = 4\n{ALL_AND_ANY}
        downstream.api.latency = {{ kind = 'weibull', mean = '1s', shape = 2.0 }}"
    );
    let largest = 4.0 - 6.0 / 2.0_f64.sqrt() + 4.0 / 3.0_f64.sqrt() - 1.0 / 2.0;
    let spread = 4.0 / std::f64::consts::PI - 1.0;
    Study::isolated("four Weibull calls, shape 2", 5_000, &parts)
        .check("any", mean(), 0.5, "mu n^(-1/k)")
        .check("any", variance(), spread / 4.0, "mu^2 (4/pi - 1) / n")
        .check("all", mean(), largest, "mu sum (-1)^(j+1) C(n,j) j^(-1/k)")
}

/// `E[largest] = x prod i/(i - 1/alpha)`, from Beta(n, 1 - 1/alpha).
fn pareto() -> Study {
    let parts = format!(
        "job.calls = 4\n{ALL_AND_ANY}
        downstream.api.latency = {{ kind = 'pareto', minimum = '1s', alpha = 5.0 }}"
    );
    let largest: f64 = (1..=4)
        .map(|i| f64::from(i) / (f64::from(i) - 0.2))
        .product();
    let p99_of_all = (1.0 - 0.99_f64.powf(0.25)).powf(-0.2);
    Study::isolated("four Pareto calls, alpha 5", 5_000, &parts)
        .check("any", mean(), 20.0 / 19.0, "x n alpha / (n alpha - 1)")
        .check("all", mean(), largest, "x prod i / (i - 1/alpha), i to n")
        .check(
            "all",
            share_above(p99_of_all),
            0.01,
            "1 - (1 - (x/t)^alpha)^n",
        )
}

/// Two calls of two stages of 1/2 each. `E[min] = int (e^-x (1 + x))^2 dx / 2 = 5/8`.
fn erlang() -> Study {
    let parts = format!(
        "job.calls = 2\n{ALL_AND_ANY}
        downstream.api.latency = {{ kind = 'erlang', mean = '1s', stages = 2 }}"
    );
    Study::isolated("two Erlang calls of two stages", 5_000, &parts)
        .check("any", mean(), 0.625, "int (1 - F)^2")
        .check("all", mean(), 2.0 - 0.625, "2 mu - E[min]")
}

/// The sum of four gammas of shape 1/2 is one of shape 2: an Erlang, with mean 4.
fn gamma() -> Study {
    let parts = "job.calls = 4\nstrategy = [{ name = 'sequential', kind = 'sequential' }]
        downstream.api.latency = { kind = 'gamma', mean = '1s', shape = 0.5 }";
    Study::isolated("four gamma calls, shape 1/2", 5_000, parts)
        .check("sequential", variance(), 8.0, "n mu^2 / shape")
        .check(
            "sequential",
            share_above(8.0),
            5.0 * (-4.0_f64).exp(),
            "e^-x (1 + x), x = t/2",
        )
}

fn log_normal() -> Study {
    let parts = "job.calls = 5
        downstream.api.latency = { kind = 'log-normal', mean = '1s', sigma = 0.5 }
        strategy = [{ name = 'sequential', kind = 'sequential' }, { name = 'all', kind = 'all' }]";
    // The median is e^(-sigma^2 / 2).
    let within = |t: f64| normal_cdf((t.ln() + 0.125) / 0.5);
    let above = 1.0 - within(2.5).powi(5);
    Study::isolated("five log-normal calls, sigma 1/2", 5_000, parts)
        .check("sequential", mean(), 5.0, "n mu")
        .check(
            "sequential",
            variance(),
            5.0 * 0.25_f64.exp_m1(),
            "n mu^2 (e^(sigma^2) - 1)",
        )
        .check(
            "all",
            mean(),
            integral(0.0, 60.0, |t| {
                if t > 0.0 {
                    1.0 - within(t).powi(5)
                } else {
                    1.0
                }
            }),
            "int 1 - F^n",
        )
        .check(
            "all",
            share_above(2.5),
            above,
            "1 - Phi((ln t - m)/sigma)^n",
        )
}

/// Dean and Barroso, The Tail at Scale (2013): one leaf in a hundred is slow, of a hundred.
fn rare_and_slow() -> Study {
    let parts = "job.calls = 100\nstrategy = [{ name = 'all', kind = 'all' }]
        downstream.api.latency = { kind = 'mixture', parts = [
        { weight = 99, kind = 'constant', value = '10ms' },
        { weight = 1, kind = 'constant', value = '1s' },
    ] }";
    let slow = 1.0 - 0.99_f64.powi(100);
    Study::isolated("a hundred leaves, one in a hundred slow", 500, parts)
        .check("all", share_above(0.5), slow, "1 - 0.99^100")
        .check("all", mean(), 0.01 + 0.99 * slow, "the same, in time")
}

fn network() -> Study {
    let parts = format!(
        "{ONE_CALL}{EXPONENTIAL}downstream.api.network = {{ kind = 'exponential', mean = '250ms' }}"
    );
    Study::isolated("a service and two legs of network", 10_000, &parts)
        .gives(mean(), 1.5, "mu + 2 leg")
        .gives(variance(), 1.125, "mu^2 + 2 leg^2")
}

fn slow() -> Study {
    let parts = format!(
        "{ONE_CALL}{EXPONENTIAL}fault = [{{ kind = 'slow', factor = 2.0, probability = 0.5 }}]"
    );
    Study::isolated("half of the calls at half the speed", 10_000, &parts)
        .gives(mean(), 1.5, "(1-p) mu + p f mu")
        .gives(variance(), 2.75, "2 mu^2 (1-p + p f^2) - mean^2")
}

/// What a job sends together is slow together: one draw, not the largest of three.
fn stall() -> Study {
    let parts = "job.calls = 3\nstrategy = [{ name = 'all', kind = 'all' }]
        downstream.api.latency = { kind = 'constant', value = '1s' }
        fault = [{ kind = 'stall', probability = 0.25, latency = { kind = 'exponential', mean = '1s' } }]";
    Study::isolated("a quarter of the jobs stall as a whole", 10_000, parts)
        .check("all", mean(), 1.25, "mu + p stall")
        .check("all", variance(), 0.5 - 0.0625, "2 p stall^2 - (p stall)^2")
}
