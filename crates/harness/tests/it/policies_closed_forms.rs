//! One call and its policies against formulas: within 2 % or four standard errors, whichever is more,
//! from scenario files alone.

use std::num::NonZeroUsize;

use awaitlab_harness::Contest;
use awaitlab_record::summary::Row;

use crate::shape::scenario;

/// The rows of a scenario of single calls to one service.
fn rows(service: &str, strategies: &str, parts: &str) -> Vec<Row> {
    let scenario = scenario(&format!(
        "job.calls = 1\ndownstream.api = {{ {service} }}\nstrategy = [{strategies}]\n{parts}"
    ));
    let contest = Contest::new(&scenario).on_threads(NonZeroUsize::new(2).unwrap());
    contest.run().unwrap().summary.rows
}

fn with_policy(name: &str, policy: &str) -> String {
    format!("{{ name = \"{name}\", kind = \"all\", policies = [{{ {policy} }}] }},\n")
}

#[track_caller]
fn agree(what: &str, measured: f64, standard_error: f64, theory: f64) {
    let allowed = (0.02 * theory).max(4.0 * standard_error);
    assert!(
        (measured - theory).abs() <= allowed,
        "{what}: {measured} instead of {theory}, more than {allowed} away"
    );
}

#[track_caller]
fn settles(row: &Row, theory_ms: f64) {
    let (mean, [low, high]) = (row.settle_ms.mean.unwrap(), row.settle_ms.ci95.unwrap());
    // Half a 95 % interval is 1.96 standard errors.
    agree(&row.strategy, mean, (high - low) / 2.0 / 1.96, theory_ms);
}

#[track_caller]
fn succeeds(row: &Row, theory: f64) {
    let share = row.success_rate.value.unwrap();
    let standard_error = (theory * (1.0 - theory) / row.jobs as f64).sqrt();
    agree(&row.strategy, share, standard_error, theory);
}

const AT_ONCE: &str = "latency = { kind = \"constant\", value = \"0ms\" }";
const EXPONENTIAL: &str = "latency = { kind = \"exponential\", mean = \"1s\" }";

#[test]
fn a_retry_hides_all_failures_but_those_in_a_row() {
    for (failing, attempts) in [(0.5_f64, 4), (0.2, 3), (0.9, 10)] {
        let retry = format!(
            "kind = \"retry\", attempts = {attempts}, backoff = {{ kind = \"constant\", base = \"0ms\" }}"
        );
        let fault = format!(
            "replications = 40000\nfault = [{{ kind = \"error\", probability = {failing} }}]"
        );
        let row = rows(AT_ONCE, &with_policy("retry", &retry), &fault).remove(0);
        let lost = failing.powi(attempts);
        // f = 0.5, n = 4: 0.9375 and 1.875.
        succeeds(&row, 1.0 - lost);
        // Attempts vary less than those of a geometric law, by sqrt(f) / (1 - f).
        let deviation = failing.sqrt() / (1.0 - failing);
        agree(
            "attempts",
            row.amplification.unwrap(),
            deviation / (row.jobs as f64).sqrt(),
            (1.0 - lost) / (1.0 - failing),
        );
    }
}

#[test]
fn a_timeout_cuts_off_the_tail_of_an_exponential() {
    for (after_s, given_up) in [(1.0_f64, 0.367_879), (0.5, 0.606_531), (3.0, 0.049_787)] {
        let timeout = format!("kind = \"timeout\", after = \"{after_s}s\"");
        let strategy = with_policy("timeout", &timeout);
        let row = rows(EXPONENTIAL, &strategy, "replications = 40000").remove(0);
        // P(timeout) = e^(-T), E[min(X, T)] = 1 - P.
        succeeds(&row, 1.0 - given_up);
        settles(&row, 1000.0 * (1.0 - given_up));
        let late = row.attempts.late as f64 / row.jobs as f64;
        agree("late", late, 0.5 / (row.jobs as f64).sqrt(), given_up);
    }
}

#[test]
fn full_jitter_waits_half_as_long_as_none_and_equal_jitter_three_quarters() {
    let retry = |jitter: &str| {
        let policy = format!(
            "kind = \"retry\", attempts = 5, jitter = \"{jitter}\", \
             backoff = {{ kind = \"exponential\", base = \"100ms\" }}"
        );
        with_policy(jitter, &policy)
    };
    let strategies = ["none", "full", "equal"].map(retry).concat();
    let fails = "replications = 20000\nfault = [{ kind = \"error\" }]";
    let rows = rows(AT_ONCE, &strategies, fails);
    // 100 + 200 + 400 + 800.
    assert_eq!(rows[0].settle_ms.mean, Some(1500.0));
    settles(&rows[1], 750.0);
    settles(&rows[2], 1125.0);
}

#[test]
fn a_hedge_at_p95_has_a_twentieth_more_attempts_and_seven_tenths_of_the_tail() {
    // -ln(0.05) s. S(t) = e^-t up to d, e^-t e^-(t - d) beyond.
    let hedge = with_policy("hedge", "kind = \"hedge\", delay = \"2995732274ns\"");
    let row = rows(EXPONENTIAL, &hedge, "replications = 200000").remove(0);
    // 1 - 0.05 + 0.05 / 2.
    settles(&row, 975.0);
    agree(
        "extra attempts",
        row.amplification.unwrap() - 1.0,
        (0.05 * 0.95 / row.jobs as f64).sqrt(),
        0.05,
    );
    // (d - ln 0.001) / 2, where the density is twice the 0.001 beyond.
    let standard_error_ms = 1000.0 * (0.001 / row.jobs as f64).sqrt() / 0.002;
    agree(
        "p99.9",
        row.settle_ms.p999.unwrap(),
        standard_error_ms,
        4951.744,
    );
}

#[test]
fn a_bucket_that_refuses_is_the_same_at_the_client_and_at_the_service() {
    // D = 1, t = b - 1, U = the sum over k < b of (l (k - t))^k / k! e^(-l (k - t)); refused are
    // 1 - U / (1 + l U). b = 1: U = 1. b = 2: U = e^0.8.
    for (burst, refused) in [(1, 0.444_444), (2, 0.199_570), (3, 0.103_299)] {
        let quota = format!("rate = \"1/s\", burst = {burst}");
        let at_client = format!("kind = \"rate-limit\", {quota}, when-exceeded = \"reject\"");
        let arriving = "replications = 10\n\
             workload = { kind = \"open\", duration = \"10000s\", arrivals = { kind = \"poisson\", rate = \"0.8/s\" } }";
        let client = rows(AT_ONCE, &with_policy("client", &at_client), arriving).remove(0);
        let at_service = format!("{AT_ONCE}, rate-limit = {{ {quota} }}");
        let alone = "{ name = \"service\", kind = \"all\" }";
        let service = rows(&at_service, alone, arriving).remove(0);
        let jobs = client.jobs as f64;
        // Who is refused depends on who was before: independent calls would vary about as much.
        agree(
            "refused",
            client.attempts.rejected as f64 / jobs,
            (refused * (1.0 - refused) / jobs).sqrt(),
            refused,
        );
        assert_eq!(client.attempts, service.attempts, "the same arrivals");
    }
}
