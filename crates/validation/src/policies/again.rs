//! Calls that are cut short, tried again, or sent twice: isolated, a service of mean 1.

use crate::figure::*;
use crate::study::{EXPONENTIAL, Study, one_call_with};

pub(super) fn studies() -> Vec<Study> {
    vec![
        retry(),
        unlimited(),
        backoff(),
        jitter("none", "none", (3.5 * 2.0, 0.0), ("sum b 2^i", "no chance")),
        jitter(
            "full",
            "full",
            (3.5, 21.0 / 12.0),
            ("sum b_i / 2", "sum b_i^2 / 12"),
        ),
        jitter(
            "equal",
            "equal",
            (5.25, 21.0 / 48.0),
            ("sum 3 b_i / 4", "sum b_i^2 / 48"),
        ),
        decorrelated(),
        capped(),
        timeout(),
        timeout_in_retry(),
        retry_in_timeout(),
        hedge(),
        two_hedges(),
        heavy_hedge(),
        fallback(),
        layers(),
    ]
}

const HALF_FAIL: &str = "fault = [{ kind = 'error', probability = 0.5 }]\n";
const ALL_FAIL: &str = "fault = [{ kind = 'error' }]\n";
const NO_TIME: &str = "downstream.api.latency = { kind = 'constant', value = '0ms' }\n";

/// N attempts, geometric cut off at 4, each exponential: Wald's E[N] mu, and
/// `Var = E[N] mu^2 + Var[N] mu^2`.
fn retry() -> Study {
    let parts = one_call_with("{ kind = 'retry', attempts = 4 }") + EXPONENTIAL + HALF_FAIL;
    let tries = 1.875;
    let squares = 0.5 + 4.0 * 0.25 + 9.0 * 0.125 + 16.0 * 0.125;
    Study::isolated("four attempts, half of them fail", 10_000, &parts)
        .gives(success_rate(), 0.9375, "1 - f^n")
        .gives(amplification(), tries, "(1-f^n)/(1-f)")
        .gives(mean(), tries, "mu E[N]")
        .gives(
            variance(),
            tries + squares - tries * tries,
            "mu^2 (E[N] + Var[N])",
        )
        .gives(
            per_job("retries per call", "policies.retries"),
            tries - 1.0,
            "E[N] - 1",
        )
}

/// A geometric sum of exponentials is exponential.
fn unlimited() -> Study {
    let parts =
        one_call_with("{ kind = 'retry', attempts = 'unlimited' }") + EXPONENTIAL + HALF_FAIL;
    Study::isolated("attempts without end, half of them fail", 15_000, &parts)
        .gives(mean(), 2.0, "mu / q")
        .gives(variance(), 4.0, "(mu / q)^2")
        .gives(p99(), 2.0 * 100.0_f64.ln(), "-(mu/q) ln(1-p)")
}

/// Everything fails at once, so that only the backoffs are left: 1, 2, 4 s after a base of 1 s.
fn jitter(
    name: &str,
    jitter: &str,
    (mean_s, variance_s2): (f64, f64),
    (of_mean, of_variance): (&'static str, &'static str),
) -> Study {
    let policies = format!(
        "{{ kind = 'retry', attempts = 4, jitter = '{jitter}', \
         backoff = {{ kind = 'exponential', base = '1s' }} }}"
    );
    let parts = one_call_with(&policies) + NO_TIME + ALL_FAIL;
    Study::isolated(
        &format!("backoffs of 1, 2 and 4 s, jitter {name}"),
        10_000,
        &parts,
    )
    .gives(mean(), mean_s, of_mean)
    .gives(variance(), variance_s2, of_variance)
}

fn backoff() -> Study {
    let parts = format!(
        "job.calls = 1\n{NO_TIME}{ALL_FAIL}strategy = [
        {{ name = 'constant', kind = 'all', policies = [{{ kind = 'retry', attempts = 4, backoff = {{ kind = 'constant', base = '1s' }} }}] }},
        {{ name = 'linear', kind = 'all', policies = [{{ kind = 'retry', attempts = 4, backoff = {{ kind = 'linear', base = '1s' }} }}] }},
        {{ name = 'tripled', kind = 'all', policies = [{{ kind = 'retry', attempts = 4, backoff = {{ kind = 'exponential', base = '1s', factor = 3 }} }}] }},
        {{ name = 'capped', kind = 'all', policies = [{{ kind = 'retry', attempts = 4, backoff = {{ kind = 'exponential', base = '1s', cap = '2s' }} }}] }},
    ]"
    );
    Study::isolated("three backoffs without chance", 10, &parts)
        .check("constant", mean(), 3.0, "(n-1) b")
        .check("linear", mean(), 6.0, "b n(n-1)/2")
        .check("tripled", mean(), 13.0, "b (f^(n-1) - 1)/(f-1)")
        .check("capped", mean(), 5.0, "1 + 2 + 2")
}

/// Each from U(base, 3 x previous), the previous beginning at the base: D = 1 + U (3 P - 1), so that
/// `E[D] = (1 + 3 E[P]) / 2`.
fn decorrelated() -> Study {
    let policies = "{ kind = 'retry', attempts = 4, jitter = 'decorrelated', \
                    backoff = { kind = 'exponential', base = '1s' } }";
    let parts = one_call_with(policies) + NO_TIME + ALL_FAIL;
    Study::isolated("three backoffs from 1 s, decorrelated", 10_000, &parts).gives(
        mean(),
        2.0 + 3.5 + 5.75,
        "sum of m_i = (b + 3 m_(i-1))/2",
    )
}

/// U(1, 3), but no more than 2: half of the draws are cut.
fn capped() -> Study {
    let policies = "{ kind = 'retry', attempts = 2, jitter = 'decorrelated', \
                    backoff = { kind = 'exponential', base = '1s', cap = '2s' } }";
    let parts = one_call_with(policies) + NO_TIME + ALL_FAIL;
    let second_moment = 0.5 * 7.0 / 3.0 + 0.5 * 4.0;
    Study::isolated("one backoff from 1 to 3 s, capped at 2 s", 10_000, &parts)
        .gives(mean(), 1.75, "E[min(c, U(b, 3b))]")
        .gives(
            variance(),
            second_moment - 1.75 * 1.75,
            "E[min^2] - E[min]^2",
        )
        .gives(share_above(1.5), 0.75, "P(U(b, 3b) > t)")
}

fn timeout() -> Study {
    let parts = format!(
        "job.calls = 1\n{EXPONENTIAL}strategy = [
        {{ name = 'aborted', kind = 'all', policies = [{{ kind = 'timeout', after = '1s' }}] }},
        {{ name = 'left alone', kind = 'all', policies = [{{ kind = 'timeout', after = '1s', cancel = false }}] }},
    ]"
    );
    let late = (-1.0_f64).exp();
    let second_moment = 2.0 * (1.0 - 2.0 * late);
    Study::isolated("a timeout at the mean", 10_000, &parts)
        .check(
            "aborted",
            per_job("share late", "attempts.late"),
            late,
            "e^(-T/mu)",
        )
        .check("aborted", mean(), 1.0 - late, "mu (1 - e^(-T/mu))")
        .check(
            "aborted",
            variance(),
            second_moment - (1.0 - late).powi(2),
            "int to T of 2t S - mean^2",
        )
        .check("aborted", busy(), 1.0 - late, "mu (1 - e^(-T/mu))")
        .check("left alone", busy(), 1.0, "mu")
        .check("left alone", orphan(), late, "mu e^(-T/mu)")
        .check("left alone", rejected(), late, "e^(-T/mu)")
}

/// Each attempt fails with probability e^-1 and takes 1 - e^-1 on average, so the mean of all is
/// (1-f^n)/(1-f) (1-f).
fn timeout_in_retry() -> Study {
    let policies = "{ kind = 'retry', attempts = 3 }, { kind = 'timeout', after = '1s' }";
    let parts = one_call_with(policies) + EXPONENTIAL;
    let f = (-1.0_f64).exp();
    Study::isolated("three attempts of at most the mean", 10_000, &parts)
        .gives(success_rate(), 1.0 - f.powi(3), "1 - f^n, f = e^(-T/mu)")
        .gives(
            amplification(),
            (1.0 - f.powi(3)) / (1.0 - f),
            "(1-f^n)/(1-f)",
        )
        .gives(mean(), 1.0 - f.powi(3), "mu (1 - f^n)")
}

/// Attempts without end are exponential of mean 2; the timeout cuts them at 2 s, whether it stands
/// around the retry or inside it with the call's clock.
fn retry_in_timeout() -> Study {
    let parts = format!(
        "job.calls = 1\n{EXPONENTIAL}{HALF_FAIL}strategy = [
        {{ name = 'total timeout', kind = 'all', policies = [{{ kind = 'timeout', after = '2s' }}, {{ kind = 'retry', attempts = 'unlimited' }}] }},
        {{ name = 'shared deadline', kind = 'all', policies = [{{ kind = 'retry', attempts = 'unlimited', on = ['error'] }}, {{ kind = 'timeout', after = '2s', clock = 'call' }}] }},
    ]"
    );
    let late = (-1.0_f64).exp();
    Study::isolated("attempts without end within twice the mean", 10_000, &parts)
        .check("total timeout", rejected(), late, "e^(-q T/mu)")
        .check(
            "total timeout",
            mean(),
            2.0 * (1.0 - late),
            "(mu/q) (1 - e^(-q T/mu))",
        )
        .check("shared deadline", rejected(), late, "e^(-q T/mu)")
        .check(
            "shared deadline",
            mean(),
            2.0 * (1.0 - late),
            "(mu/q) (1 - e^(-q T/mu))",
        )
}

/// Survival S(t) up to the delay d, S(t) S(t-d) beyond. Without memory a cancelled hedge costs no
/// work: two attempts end at twice the rate.
fn hedge() -> Study {
    let parts = format!(
        "job.calls = 1\n{EXPONENTIAL}strategy = [
        {{ name = 'cancelled', kind = 'all', policies = [{{ kind = 'hedge', delay = '2995732274ns' }}] }},
        {{ name = 'orphaned', kind = 'all', policies = [{{ kind = 'hedge', delay = '2995732274ns', rest = 'orphan' }}] }},
    ]"
    );
    let delay = 20.0_f64.ln();
    // S(t) S(t-d) = e^(-2t + d) = 0.001.
    let p999 = (1000.0_f64.ln() + delay) / 2.0;
    Study::isolated("a hedge at the p95", 15_000, &parts)
        .check("cancelled", mean(), 0.975, "int S")
        .check("cancelled", amplification(), 1.05, "1 + S(d)")
        .check(
            "cancelled",
            busy(),
            1.0,
            "mu: without memory two cost as much as one",
        )
        .check(
            "cancelled",
            share("hedges that won", "policies.hedges_won", "policies.hedges"),
            0.5,
            "either first",
        )
        .check("cancelled", p90(), 10.0_f64.ln(), "S(t) before the delay")
        .check("cancelled", share_above(p999), 0.001, "S(t) S(t-d)")
        .check("orphaned", busy(), 1.05, "mu (1 + S(d))")
        .check("orphaned", orphan(), 0.05, "mu S(d)")
}

fn two_hedges() -> Study {
    let policies = "{ kind = 'hedge', delay = '500ms', max-extra = 2 }";
    let parts = one_call_with(policies) + EXPONENTIAL;
    // Up to d one runs, to 2d two, then three.
    let (first, second) = ((-0.5_f64).exp(), (-1.5_f64).exp());
    let mean_s = (1.0 - first) + (first - second) / 2.0 + second / 3.0;
    Study::isolated(
        "a hedge at half the mean, another at the mean",
        10_000,
        &parts,
    )
    .gives(mean(), mean_s, "int S(t) S(t-d) S(t-2d)")
    .gives(
        amplification(),
        1.0 + first + second,
        "1 + e^(-d) + e^(-3d)",
    )
    .gives(busy(), 1.0, "mu, without memory")
}

/// Pareto with alpha 2 from 1 s on, whose variance is infinite; hedged after 2 s it has one. Two
/// attempts run from 2 s on, the second of which takes at least until 3 s:
/// `int_3 t^-2 (t-2)^-2 dt = (4/3 - ln 3) / 4`.
fn heavy_hedge() -> Study {
    let parts = one_call_with("{ kind = 'hedge', delay = '2s' }")
        + "downstream.api.latency = { kind = 'pareto', minimum = '1s', alpha = 2.0 }";
    let both = (4.0 / 3.0 - 3.0_f64.ln()) / 4.0;
    Study::isolated("a hedged Pareto call, alpha 2", 15_000, &parts)
        .gives(mean(), 1.0 + 2.0 / 3.0 + both, "int S(t) S(t-d)")
        .gives(amplification(), 1.25, "1 + (x/d)^alpha")
        .gives(share_above(4.0), 1.0 / 64.0, "S(t) S(t-d)")
}

fn fallback() -> Study {
    let parts = one_call_with("{ kind = 'fallback', latency = '500ms' }")
        + EXPONENTIAL
        + "fault = [{ kind = 'error', probability = 0.3 }]";
    Study::isolated("a fallback of half a second", 10_000, &parts)
        .gives(number("degraded", "degraded_per_job"), 0.3, "p")
        .gives(mean(), 1.15, "mu + p l")
        .gives(variance(), 1.0 + 0.25 * 0.21, "mu^2 + p q l^2")
}

fn layers() -> Study {
    let parts = format!(
        "job.calls = 1\n{EXPONENTIAL}{ALL_FAIL}strategy = [
        {{ name = 'five layers', kind = 'all', policies = [{}] }},
    ]",
        ["{ kind = 'retry', attempts = 3 }"; 5].join(", ")
    );
    Study::isolated(
        "three attempts in each of five layers, all fail",
        100,
        &parts,
    )
    .check("five layers", amplification(), 243.0, "3^5")
    .check("five layers", mean(), 243.0, "3^5 mu")
}
