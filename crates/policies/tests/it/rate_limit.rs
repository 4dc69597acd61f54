//! Rate limits: who passes when, who is refused, and how often that is in the long run.

use std::time::Duration;

use awaitlab_core::{EventClass, Purpose, Runtime, Streams};
use awaitlab_policies::rate_limit::{Quota, RateLimitError, RateLimitSpec, WhenExceeded};
use awaitlab_policies::stack::RuleBroken;
use awaitlab_policies::timeout::Timeout;
use awaitlab_policies::{LayerSpec, PolicySpec, Scope, StackError, StackSpec};

use crate::load::Load;
use crate::retry::constant;
use crate::script::{Play, Stage, fails_500, ms, ok, spec};

fn bucket(rate_per_s: f64, burst: u32, when_exceeded: WhenExceeded) -> PolicySpec {
    PolicySpec::RateLimit(RateLimitSpec {
        quota: Quota::TokenBucket { rate_per_s, burst },
        when_exceeded,
    })
}

fn window(limit: u32, window_ms: u64, when_exceeded: WhenExceeded) -> PolicySpec {
    let window = ms(window_ms);
    PolicySpec::RateLimit(RateLimitSpec {
        quota: Quota::FixedWindow { limit, window },
        when_exceeded,
    })
}

/// What happens to calls that arrive so, each of one attempt.
fn transcript(
    policies: impl IntoIterator<Item = PolicySpec>,
    calls: &[(&str, u64, Play)],
) -> Vec<String> {
    let (stage, stack) = (Stage::new(), spec(policies).build());
    for &(name, at_ms, play) in calls {
        stage.call(name, at_ms, &stack, &[play]);
    }
    stage.transcript()
}

/// Where attempts begin: milliseconds and call.
fn begun(transcript: Vec<String>) -> Vec<String> {
    let begins = transcript.into_iter();
    begins
        .filter_map(|line| line.strip_suffix(": attempt 0").map(str::to_owned))
        .collect()
}

#[test]
fn a_burst_passes_and_the_others_wait_for_a_token_each() {
    // Ten per second: a token each 100 ms, two at the start.
    let lines = transcript(
        [bucket(10.0, 2, WhenExceeded::Wait)],
        &[
            ("a", 0, ok(5)),
            ("b", 0, ok(5)),
            ("c", 0, ok(5)),
            ("d", 30, ok(5)),
            // Half a token has grown again; there is none before 300.
            ("e", 250, ok(5)),
        ],
    );
    assert_eq!(
        lines,
        [
            "0 a: attempt 0",
            "0 b: attempt 0",
            "5 a: ok",
            "5 b: ok",
            "100 c: [0] waited 100 ms",
            "100 c: attempt 0",
            "105 c: ok",
            "200 d: [0] waited 170 ms",
            "200 d: attempt 0",
            "205 d: ok",
            "300 e: [0] waited 50 ms",
            "300 e: attempt 0",
            "305 e: ok",
        ]
    );
}

#[test]
fn without_a_token_a_call_is_refused_where_it_may_not_wait() {
    let lines = transcript(
        [bucket(10.0, 1, WhenExceeded::Reject)],
        &[("a", 0, ok(5)), ("b", 99, ok(5)), ("c", 100, ok(5))],
    );
    assert_eq!(
        lines,
        [
            "0 a: attempt 0",
            "5 a: ok",
            "99 b: attempt 0 refused",
            "99 b: failed refused",
            "100 c: attempt 0",
            "105 c: ok",
        ]
    );
}

#[test]
fn who_gives_up_leaves_the_line_and_nobody_waits_longer_for_it() {
    // Each gives up 150 ms after it came.
    let timeout = PolicySpec::Timeout(Timeout::after(ms(150)));
    let lines = transcript(
        [timeout, bucket(10.0, 1, WhenExceeded::Wait)],
        &[
            ("a", 0, ok(1)),
            ("b", 0, ok(1)),
            ("c", 0, ok(1)),
            ("d", 120, ok(1)),
        ],
    );
    // Tokens at 100 and 200. c would have had the one at 200 and gives up at 150: it is d's.
    assert_eq!(begun(lines.clone()), ["0 a", "100 b", "200 d"]);
    assert!(lines.contains(&"150 c: failed timeout".to_owned()));
}

#[test]
fn who_comes_when_a_token_does_stands_behind_those_who_wait_for_it() {
    // A token each 100 ms. The retry of a is due at 100, and was before b began to wait for the token
    // of that instant.
    let retry = PolicySpec::Retry(constant(2, 50));
    let (stage, stack) = (
        Stage::new(),
        spec([retry, bucket(10.0, 1, WhenExceeded::Wait)]).build(),
    );
    stage.call("a", 0, &stack, &[fails_500(50), ok(5)]);
    stage.call("b", 60, &stack, &[ok(5)]);
    assert_eq!(
        stage.transcript(),
        [
            "0 a: attempt 0",
            "100 b: [1] waited 40 ms",
            "100 b: attempt 0",
            "105 b: ok",
            "200 a: [1] waited 100 ms",
            "200 a: attempt 1",
            "205 a: ok",
        ]
    );
}

#[test]
fn a_window_lets_its_limit_through_and_the_next_ones_stand_end_to_end() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    let calls = names.map(|name| (name, 0, ok(10)));
    let lines = transcript([window(5, 1_000, WhenExceeded::Wait)], &calls);
    let expected = names.iter().enumerate();
    let expected: Vec<_> = expected
        .map(|(n, name)| format!("{} {name}", n / 5 * 1_000))
        .collect();
    assert_eq!(begun(lines), expected, "0 s x5, 1 s x5, 2 s x2");
}

#[test]
fn after_an_idle_time_a_window_begins_with_the_next_call() {
    let lines = transcript(
        [window(1, 1_000, WhenExceeded::Wait)],
        &[
            ("a", 300, ok(1)),
            ("b", 400, ok(1)),
            // Idle from 2300 on, where b's window ends.
            ("c", 2_900, ok(1)),
            ("d", 3_000, ok(1)),
        ],
    );
    assert_eq!(begun(lines), ["300 a", "1300 b", "2900 c", "3900 d"]);
}

#[test]
fn a_window_refuses_what_is_above_its_limit_where_it_may_not_wait() {
    let lines = transcript(
        [window(1, 1_000, WhenExceeded::Reject)],
        &[("a", 0, ok(1)), ("b", 999, ok(1)), ("c", 1_000, ok(1))],
    );
    assert_eq!(begun(lines), ["0 a", "1000 c"]);
}

#[test]
fn a_limit_that_lets_nothing_through_is_refused() {
    for policy in [
        bucket(0.0, 1, WhenExceeded::Wait),
        window(0, 1, WhenExceeded::Reject),
    ] {
        let layer = LayerSpec {
            policy,
            scope: Scope::Client,
        };
        let because = StackError::Layer {
            layer: 0,
            rule: RuleBroken::RateLimit(RateLimitError::Nothing),
        };
        assert_eq!(StackSpec::new(vec![layer]), Err(because));
    }
}

/// Who waits behind others that give up waits for nobody but those who pass: ten per second, one
/// token, and callers of whom only the patient pass.
#[test]
fn the_impatient_cost_the_patient_nothing() {
    let layers = |patience_ms| {
        let timeout = PolicySpec::Timeout(Timeout::after(ms(patience_ms)));
        let limit = bucket(10.0, 1, WhenExceeded::Wait);
        let layers = [(timeout, Scope::Job), (limit, Scope::Global)];
        let layers = layers.map(|(policy, scope)| LayerSpec { policy, scope });
        StackSpec::new(layers.to_vec()).unwrap()
    };
    let patient = layers(10_000).build();
    let impatient = layers(50).build_sharing(&patient, |scope| scope == Scope::Global);
    let stage = Stage::new();
    stage.call("a", 0, &patient, &[ok(1)]);
    for _ in 0..20 {
        stage.call("x", 0, &impatient, &[ok(1)]);
    }
    stage.call("b", 0, &patient, &[ok(1)]);
    for _ in 0..20 {
        stage.call("y", 10, &impatient, &[ok(1)]);
    }
    stage.call("c", 20, &patient, &[ok(1)]);
    assert_eq!(begun(stage.transcript()), ["0 a", "100 b", "200 c"]);
}

/// The share of Poisson arrivals that a bucket refuses. Between arrivals its content makes an M/D/1
/// queue of finite room: with D = 1 / rate, rho = lambda / rate, t = (burst - 1) D and
/// U = sum over k < burst of (lambda (kD - t))^k / k! e^(-lambda (kD - t)), it is
/// 1 - U / (1 + rho U). Its standard error here is below that of 300 000 independent coins, 0.0009.
#[test]
fn a_bucket_refuses_as_often_as_its_closed_form_says() {
    const ARRIVALS: u64 = 300_000;
    let (rate, lambda) = (1.0, 0.8);
    for (burst, expected) in [(1, 0.444_444), (2, 0.199_570)] {
        assert!((closed_form(rate, lambda, burst) - expected).abs() < 1e-6);
        let load = Load::new();
        let stack = spec([bucket(rate, burst, WhenExceeded::Reject)]).build();
        let caller = load.caller();
        load.engine.handle().spawn(async move {
            let arrivals = Streams::new(1, 0).stream(Purpose::Arrivals, 0);
            for index in 0..ARRIVALS {
                let gap_s = -arrivals.draws_at(index).uniform().ln() / lambda;
                let at = caller.runtime.now().after_nanos((gap_s * 1e9) as u64);
                caller.runtime.sleep_until(at, EventClass::Arrival).await;
                let answer = Some((Duration::ZERO, Ok(())));
                let _ = caller.call(&stack, 0, answer).await;
            }
        });
        load.engine.run();
        let refused = f64::from(load.counts.refused.get()) / ARRIVALS as f64;
        assert!((refused - expected).abs() < 4.0 * 0.0009, "{refused}");
    }
}

fn closed_form(rate: f64, lambda: f64, burst: u32) -> f64 {
    let t = f64::from(burst - 1) / rate;
    let mut factorial = 1.0;
    let u: f64 = (0..burst)
        .map(|k| {
            factorial *= f64::from(k.max(1));
            let x = lambda * (f64::from(k) / rate - t);
            x.powi(k as i32) / factorial * (-x).exp()
        })
        .sum();
    1.0 - u / (1.0 + lambda / rate * u)
}
