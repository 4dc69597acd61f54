//! Exponential calls of mean 1 of which each fails with probability p, whatever it takes; q = 1 - p.
//!
//! Ends come one after another and each is a failure with probability p, independently of when:
//! whatever ends a job at an end is decided by coins, and the time is the sum of the gaps before.

use crate::figure::*;
use crate::study::{EXPONENTIAL, ONE_CALL, Study};
use crate::theory::{harmonic, integral};

pub(super) fn studies() -> Vec<Study> {
    vec![three(), pools(), giving_up(), fast_failures()]
}

const P: f64 = 0.3;
const Q: f64 = 1.0 - P;
const FAULT: &str = "fault = [{ kind = 'error', probability = 0.3 }]\n";

fn three() -> Study {
    let strategies = "job.calls = 3\nstrategy = [
        { name = 'sequential', kind = 'sequential' },
        { name = 'loop without catch', kind = 'sequential', on-error = 'stop' },
        { name = 'all', kind = 'all' },
        { name = 'all, cancelled', kind = 'all', rest = 'cancel' },
        { name = 'all-settled', kind = 'all-settled' },
        { name = 'in order', kind = 'eager-in-order' },
        { name = 'any', kind = 'any' },
        { name = 'race', kind = 'race' },
        { name = 'quorum of 2', kind = 'quorum', need = 2 },
    ]\n";
    let tried = (1.0 - Q.powi(3)) / P;
    let in_order = P * 1.0 + Q * P * harmonic(2) + Q * Q * harmonic(3);
    let any = 1.0 / 3.0 + P / 2.0 + P * P;
    Study::isolated(
        "three calls, three in ten fail",
        6_000,
        &format!("{strategies}{EXPONENTIAL}{FAULT}"),
    )
    .check("sequential", success_rate(), Q, "q")
    .check("loop without catch", mean(), tried, "mu (1-q^n)/p")
    .check(
        "loop without catch",
        per_job("calls made", "attempts.made"),
        tried,
        "(1-q^n)/p",
    )
    .check("loop without catch", rejected(), 1.0 - Q.powi(3), "1 - q^n")
    .check(
        "all",
        mean(),
        1.0 / 3.0 + Q / 2.0 + Q * Q,
        "mu sum q^(j-1)/(n-j+1)",
    )
    .check("all", orphan(), 3.0 - tried, "n mu - mu (1-q^n)/p")
    .check(
        "all",
        per_job("orphans", "attempts.orphaned"),
        3.0 * P - P * P,
        "3p - p^2",
    )
    .check(
        "all",
        number("values lost", "lost_per_job"),
        P * Q * (3.0 - 2.0 * P),
        "p q (3-2p)",
    )
    .check(
        "all",
        number("delivered", "delivered_per_job"),
        3.0 * Q.powi(3),
        "n q^n",
    )
    .check("all, cancelled", busy(), tried, "mu (1-q^n)/p")
    .check(
        "all-settled",
        number("delivered", "delivered_per_job"),
        3.0 * Q,
        "n q",
    )
    .check("in order", mean(), in_order, "sum q^i p H_(i+1) + q^n H_n")
    .check("any", mean(), any, "mu sum p^(j-1)/(n-j+1)")
    .check("any", rejected(), P.powi(3), "p^n")
    .check("race", rejected(), P, "p")
    .check(
        "quorum of 2",
        mean(),
        5.0 / 6.0 + 2.0 * P * Q,
        "two ends, a third if they differ",
    )
    .check(
        "quorum of 2",
        rejected(),
        P * P * (1.0 + 2.0 * Q),
        "p^3 + 3 p^2 q",
    )
}

/// A pool of three over ten calls. The j-th end comes after gaps of 1/min(k, n-i+1), i up to j, and
/// is the first failure with probability q^(j-1) p.
fn pools() -> Study {
    let strategies = "job.calls = 10\nstrategy = [
        { name = 'stop', kind = 'bounded', limit = 3, on-error = 'stop' },
        { name = 'keep starting', kind = 'bounded', limit = 3, on-error = 'keep-starting' },
        { name = 'reject at end', kind = 'bounded', limit = 3, on-error = 'reject-at-end' },
        { name = 'chunks of 5, stop', kind = 'chunked', size = 5, on-error = 'stop' },
    ]\n";
    let (n, k) = (10_i32, 3_i32);
    let in_flight = |j: i32| f64::from(k.min(n - j + 1));
    let sum = |term: &dyn Fn(i32) -> f64| (1..=n).map(term).sum::<f64>();
    let settles = sum(&|j| Q.powi(j - 1) / in_flight(j));
    let made = sum(&|j| Q.powi(j - 1) * P * f64::from(n.min(j - 1 + k))) + 10.0 * Q.powi(n);
    let orphans = sum(&|j| Q.powi(j - 1) * P * (in_flight(j) - 1.0));
    // Everything runs, and what has ended by the time of the rejection is not an orphan.
    let left = 10.0 - sum(&|j| Q.powi(j - 1));
    let slice: f64 = (1..=5).map(|j| Q.powi(j - 1) / f64::from(6 - j)).sum();
    Study::isolated(
        "a pool of three over ten calls, three in ten fail",
        3_000,
        &format!("{strategies}{EXPONENTIAL}{FAULT}"),
    )
    .check("stop", mean(), settles, "mu sum q^(j-1) / min(k, n-j+1)")
    .check(
        "stop",
        per_job("calls made", "attempts.made"),
        made,
        "sum q^(j-1) p min(n, j-1+k) + n q^n",
    )
    .check(
        "stop",
        orphan(),
        orphans,
        "mu sum q^(j-1) p (min(k, n-j+1) - 1)",
    )
    .check("keep starting", mean(), settles, "as stop")
    .check("keep starting", orphan(), left, "n mu - mu (1-q^n)/p")
    .check(
        "keep starting",
        per_job("calls made", "attempts.made"),
        10.0,
        "n",
    )
    .check(
        "reject at end",
        mean(),
        7.0 / 3.0 + harmonic(3),
        "mu ((n-k)/k + H_k)",
    )
    .check("reject at end", rejected(), 1.0 - Q.powi(n), "1 - q^n")
    .check(
        "chunks of 5, stop",
        mean(),
        slice * (1.0 + Q.powi(5)),
        "a slice, and with q^5 another",
    )
}

/// A job that is given up after two seconds: `int (1 - F^n)` up to there.
fn giving_up() -> Study {
    let parts = format!(
        "job.calls = 3\njob.give-up = '2s'\n{EXPONENTIAL}
        strategy = [
        {{ name = 'all', kind = 'all' }},
        {{ name = 'sequential, cancelled', kind = 'sequential', rest = 'cancel' }},
    ]"
    );
    let within = |t: f64| 1.0 - (-t).exp();
    // Poisson: fewer than three ends in two seconds.
    let too_late = (-2.0_f64).exp() * (1.0 + 2.0 + 2.0);
    Study::isolated("a job given up after two seconds", 10_000, &parts)
        .check("all", rejected(), 1.0 - within(2.0).powi(3), "1 - F(T)^n")
        .check(
            "all",
            mean(),
            integral(0.0, 2.0, |t| 1.0 - within(t).powi(3)),
            "int to T of 1 - F^n",
        )
        .check(
            "sequential, cancelled",
            rejected(),
            too_late,
            "P(fewer than 3 of Poisson(T))",
        )
}

/// A failure that takes no time is an outcome without a wait.
fn fast_failures() -> Study {
    let parts = format!(
        "{ONE_CALL}{EXPONENTIAL}fault = [
        {{ kind = 'outage', probability = 0.2 }},
        {{ kind = 'error', probability = 0.5, after = '2s' }},
    ]"
    );
    // The second rule is asked where the first did not strike: 0.2, 0.4, 0.4.
    Study::isolated("two faults, the first that strikes decides", 10_000, &parts)
        .gives(success_rate(), 0.4, "(1-p1) (1-p2)")
        .gives(mean(), 0.4 * 2.0 + 0.4, "(1-p1) (p2 after + (1-p2) mu)")
        .gives(mean_fulfilled(), 1.0, "mu")
}
