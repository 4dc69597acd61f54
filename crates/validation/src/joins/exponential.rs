//! Calls of one second on average, exponential: without memory.

use crate::figure::*;
use crate::study::{EXPONENTIAL, Study};
use crate::theory::{harmonic, harmonic_squares};

pub(super) fn studies() -> Vec<Study> {
    vec![three(), quantiles(), many(), constants()]
}

fn three() -> Study {
    let strategies = "job.calls = 3\nstrategy = [
        { name = 'sequential', kind = 'sequential' },
        { name = 'all', kind = 'all' },
        { name = 'all-settled', kind = 'all-settled' },
        { name = 'in order', kind = 'eager-in-order' },
        { name = 'bounded 2', kind = 'bounded', limit = 2 },
        { name = 'chunks of 2', kind = 'chunked', size = 2 },
        { name = 'quorum of 2', kind = 'quorum', need = 2 },
        { name = 'quorum, cancelled', kind = 'quorum', need = 2, rest = 'cancel' },
        { name = 'any', kind = 'any' },
        { name = 'race', kind = 'race' },
    ]\n";
    let study = format!("{strategies}{EXPONENTIAL}");
    Study::isolated("three exponential calls", 5_000, &study)
        .check("sequential", mean(), 3.0, "n mu")
        .check("sequential", variance(), 3.0, "n mu^2")
        .check("all", mean(), harmonic(3), "mu H_n")
        .check(
            "all",
            variance(),
            harmonic_squares(3),
            "mu^2 sum 1/i^2, i to n",
        )
        .check(
            "all",
            in_flight(),
            3.0 / harmonic(3),
            "E[busy] / E[drain] = n / H_n",
        )
        .check("all-settled", busy(), 3.0, "n mu")
        .check("in order", mean(), harmonic(3), "as all")
        .check("bounded 2", mean(), 0.5 + 1.5, "mu ((n-k)/k + H_k)")
        .check(
            "bounded 2",
            variance(),
            0.25 + 1.25,
            "mu^2 ((n-k)/k^2 + sum 1/i^2, i to k)",
        )
        .check("chunks of 2", mean(), 1.5 + 1.0, "mu (H_2 + H_1)")
        .check(
            "chunks of 2",
            variance(),
            1.25 + 1.0,
            "the slices' variances",
        )
        .check(
            "quorum of 2",
            mean(),
            1.0 / 3.0 + 0.5,
            "mu sum 1/i, i from n-k+1 to n",
        )
        .check(
            "quorum of 2",
            variance(),
            1.0 / 9.0 + 0.25,
            "mu^2 sum 1/i^2, i from n-k+1 to n",
        )
        .check(
            "quorum of 2",
            orphan(),
            1.0,
            "what is left has mean mu, without memory",
        )
        .check(
            "quorum, cancelled",
            busy(),
            2.0,
            "each gap's time in flight has mean mu",
        )
        .check("any", mean(), 1.0 / 3.0, "mu / n")
        .check("any", orphan(), 2.0, "(n-1) mu")
        .check("race", variance(), 1.0 / 9.0, "mu^2 / n^2")
}

/// Quantiles as reports print them.
fn quantiles() -> Study {
    let strategies = "job.calls = 4\nstrategy = [
        { name = 'all', kind = 'all' },
        { name = 'any', kind = 'any' },
    ]\n";
    // F^n = p of the largest, (1 - F)^n = 1 - p of the smallest.
    let largest = |p: f64| -(1.0 - p.powf(0.25)).ln();
    let smallest = |p: f64| -(1.0 - p).ln() / 4.0;
    let study = format!("{strategies}{EXPONENTIAL}");
    Study::isolated("quantiles of four exponential calls", 12_000, &study)
        .check("all", p50(), largest(0.5), "-mu ln(1 - p^(1/n))")
        .check("all", p90(), largest(0.9), "-mu ln(1 - p^(1/n))")
        .check("all", p99(), largest(0.99), "-mu ln(1 - p^(1/n))")
        .check(
            "all",
            share_above(largest(0.999)),
            0.001,
            "1 - (1 - e^-t)^n",
        )
        .check("any", p50(), smallest(0.5), "-(mu/n) ln(1 - p)")
        .check("any", p90(), smallest(0.9), "-(mu/n) ln(1 - p)")
        .check("any", p99(), smallest(0.99), "-(mu/n) ln(1 - p)")
}

fn many() -> Study {
    let strategies = "job.calls = 100\nstrategy = [
        { name = 'all', kind = 'all' },
        { name = 'bounded 10', kind = 'bounded', limit = 10 },
        { name = 'chunks of 10', kind = 'chunked', size = 10 },
        { name = 'quorum of 90', kind = 'quorum', need = 90 },
    ]\n";
    let study = format!("{strategies}{EXPONENTIAL}");
    let tenth = harmonic_squares(10);
    Study::isolated("a hundred exponential calls", 300, &study)
        .check("all", mean(), harmonic(100), "mu H_n")
        .check(
            "bounded 10",
            mean(),
            9.0 + harmonic(10),
            "mu ((n-k)/k + H_k)",
        )
        .check(
            "bounded 10",
            variance(),
            0.9 + tenth,
            "mu^2 ((n-k)/k^2 + sum 1/i^2, i to k)",
        )
        .check("chunks of 10", mean(), 10.0 * harmonic(10), "mu (n/k) H_k")
        .check(
            "chunks of 10",
            variance(),
            10.0 * tenth,
            "(n/k) times that of a slice",
        )
        .check(
            "quorum of 90",
            mean(),
            harmonic(100) - harmonic(10),
            "mu (H_n - H_(n-k))",
        )
        .check("quorum of 90", orphan(), 10.0, "(n-k) mu, without memory")
}

fn constants() -> Study {
    let study = "job.calls = 10\ndownstream.api.latency = { kind = 'constant', value = '1s' }
        strategy = [
        { name = 'sequential', kind = 'sequential' },
        { name = 'all', kind = 'all' },
        { name = 'bounded 3', kind = 'bounded', limit = 3 },
        { name = 'chunks of 4', kind = 'chunked', size = 4 },
    ]";
    Study::isolated("ten calls that never vary", 10, study)
        .check("sequential", mean(), 10.0, "n mu")
        .check("all", mean(), 1.0, "mu")
        .check("bounded 3", mean(), 4.0, "mu ceil(n/k)")
        .check("chunks of 4", mean(), 3.0, "mu ceil(n/k)")
}
