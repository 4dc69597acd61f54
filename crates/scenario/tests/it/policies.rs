//! Every kind of policy, read into its spec.

use std::time::Duration;

use awaitlab_core::{ErrorClass, Rest};
use awaitlab_policies::adaptive::AdaptiveSpec;
use awaitlab_policies::breaker::{BreakerSpec, Window};
use awaitlab_policies::budget::BudgetSpec;
use awaitlab_policies::bulkhead::BulkheadSpec;
use awaitlab_policies::fallback::Fallback;
use awaitlab_policies::hedge::{HedgePercentile, HedgeSpec};
use awaitlab_policies::rate_limit::{Quota, RateLimitSpec, WhenExceeded};
use awaitlab_policies::retry::{Backoff, Growth, Jitter, RetryOn, RetrySpec};
use awaitlab_policies::timeout::{Clock, Timeout};
use awaitlab_policies::{Kind, LayerSpec, PolicySpec, Scope};

use crate::story::{STORY, parse, with, with_policies};

const MS: Duration = Duration::from_millis(1);

/// The policies of the story's second strategy, where these are written.
#[track_caller]
fn layers(policies: &str) -> Vec<LayerSpec> {
    match parse(&with_policies(policies)) {
        Ok(scenario) => scenario.strategies[1].policies.layers().to_vec(),
        Err(errors) => panic!("{policies}\n{errors}"),
    }
}

/// The only one of them.
#[track_caller]
fn one(policy: &str) -> PolicySpec {
    let [layer] = &layers(&format!("[{policy}]"))[..] else {
        panic!("one policy")
    };
    layer.policy.clone()
}

/// A retry with every default.
fn retry(attempts: Option<u32>) -> RetrySpec {
    RetrySpec {
        attempts,
        backoff: Backoff {
            base: Duration::ZERO,
            growth: Growth::Constant,
            cap: None,
        },
        jitter: Jitter::None,
        on: [
            ErrorClass::Error,
            ErrorClass::Timeout,
            ErrorClass::Throttled,
            ErrorClass::Unavailable,
            ErrorClass::Connection,
        ]
        .map(RetryOn::Class)
        .to_vec(),
        honour_retry_after: false,
        budget: None,
    }
}

#[test]
fn a_strategy_without_policies_has_none() {
    assert!(parse(STORY).unwrap().strategies[1].policies.is_empty());
    assert_eq!(layers("[]"), []);
}

#[test]
fn policies_stand_outermost_first() {
    let text = r#"[
        { kind = "timeout", after = "5s" },
        { kind = "retry", attempts = 3 },
        { kind = "timeout", after = "1s" },
    ]"#;
    let kinds: Vec<Kind> = layers(text).iter().map(|l| l.policy.kind()).collect();
    assert_eq!(kinds, [Kind::Timeout, Kind::Retry, Kind::Timeout]);
}

#[test]
fn a_timeout_is_read() {
    let plain = one(r#"{ kind = "timeout", after = "1.5s" }"#);
    assert_eq!(plain, PolicySpec::Timeout(Timeout::after(1500 * MS)));
    let whole = one(r#"{ kind = "timeout", after = "1s", cancel = false, clock = "call" }"#);
    let meant = Timeout {
        after: 1000 * MS,
        cancel: false,
        clock: Clock::Call,
    };
    assert_eq!(whole, PolicySpec::Timeout(meant));
}

#[test]
fn a_retry_is_read() {
    let plain = one(r#"{ kind = "retry", attempts = 3 }"#);
    assert_eq!(plain, PolicySpec::Retry(retry(Some(3))));
    let unlimited = one(r#"{ kind = "retry", attempts = "unlimited" }"#);
    assert_eq!(unlimited, PolicySpec::Retry(retry(None)));
    let whole = layers(
        r#"[{ kind = "retry", attempts = 4, jitter = "equal", honour-retry-after = true,
             backoff = { kind = "exponential", base = "100ms", factor = 3, cap = "2s" },
             on = ["timeout", "throttled", "error 503"],
             budget = { deposit = 0.1, max = 10, needs = 2, per-second = 0.5 }, scope = "global" },
            { kind = "timeout", after = "1s" }]"#,
    );
    let meant = RetrySpec {
        backoff: Backoff {
            base: 100 * MS,
            growth: Growth::Exponential { factor: 3.0 },
            cap: Some(2000 * MS),
        },
        jitter: Jitter::Equal,
        on: vec![
            RetryOn::Class(ErrorClass::Timeout),
            RetryOn::Class(ErrorClass::Throttled),
            RetryOn::Status(503),
        ],
        honour_retry_after: true,
        budget: Some(BudgetSpec::TokenBucket {
            deposit: 0.1,
            max: 10.0,
            needs: 2.0,
            per_second: 0.5,
        }),
        ..retry(Some(4))
    };
    assert_eq!(whole[0].policy, PolicySpec::Retry(meant));
    assert_eq!(whole[0].scope, Scope::Global);
}

#[test]
fn every_backoff_and_jitter_is_read() {
    let backoff = |written: &str| match one(&format!(
        r#"{{ kind = "retry", attempts = 2, backoff = {written} }}"#
    )) {
        PolicySpec::Retry(retry) => (retry.backoff, retry.jitter),
        other => panic!("{other:?}"),
    };
    for (kind, growth) in [
        ("constant", Growth::Constant),
        ("linear", Growth::Linear),
        ("exponential", Growth::Exponential { factor: 2.0 }),
    ] {
        let (read, jitter) = backoff(&format!("{{ kind = \"{kind}\", base = \"1s\" }}"));
        let meant = Backoff {
            base: 1000 * MS,
            growth,
            cap: None,
        };
        assert_eq!((read, jitter), (meant, Jitter::None));
    }
    for (word, meant) in [
        ("none", Jitter::None),
        ("full", Jitter::Full),
        ("equal", Jitter::Equal),
        ("decorrelated", Jitter::Decorrelated),
    ] {
        let base = r#"{ kind = "exponential", base = "0s", cap = "1s" }, jitter"#;
        assert_eq!(backoff(&format!("{base} = \"{word}\"")).1, meant);
    }
}

#[test]
fn every_class_of_errors_can_be_tried_again() {
    let on = r#"["error", "timeout", "throttled", "unavailable", "connection", "refused", "cancelled", "error 404"]"#;
    let PolicySpec::Retry(read) = one(&format!("{{ kind = \"retry\", attempts = 2, on = {on} }}"))
    else {
        panic!("a retry")
    };
    assert_eq!(read.on.len(), 8);
    assert_eq!(read.on[5], RetryOn::Class(ErrorClass::Refused));
    assert_eq!(read.on[7], RetryOn::Status(404));
}

#[test]
fn every_budget_is_read() {
    let budget = |written: &str| match one(&format!(
        r#"{{ kind = "retry", attempts = 2, budget = {written} }}"#
    )) {
        PolicySpec::Retry(retry) => retry.budget,
        other => panic!("{other:?}"),
    };
    let bucket = BudgetSpec::TokenBucket {
        deposit: 0.2,
        max: 100.0,
        needs: 1.0,
        per_second: 0.0,
    };
    assert_eq!(budget("{ deposit = 0.2, max = 100 }"), Some(bucket));
    let named = r#"{ kind = "token-bucket", deposit = 0.2, max = 100 }"#;
    assert_eq!(budget(named), Some(bucket));
    let ratio = BudgetSpec::FailureRatio { ratio: 0.1 };
    let written = r#"{ kind = "failure-ratio", ratio = 0.1 }"#;
    assert_eq!(budget(written), Some(ratio));
}

#[test]
fn a_hedge_is_read() {
    let plain = HedgeSpec {
        delay: 50 * MS,
        percentile: None,
        max_extra: 1,
        rest: Rest::Cancel,
        budget: None,
    };
    let read = one(r#"{ kind = "hedge", delay = "50ms" }"#);
    assert_eq!(read, PolicySpec::Hedge(plain.clone()));
    let by_percentile = |minimum_samples| {
        Some(HedgePercentile {
            quantile: 0.95,
            minimum_samples,
        })
    };
    let read = one(r#"{ kind = "hedge", delay = "50ms", percentile = "95%" }"#);
    let meant = HedgeSpec {
        percentile: by_percentile(100),
        ..plain.clone()
    };
    assert_eq!(read, PolicySpec::Hedge(meant));
    let read = one(
        r#"{ kind = "hedge", delay = "50ms", percentile = "95%", minimum-samples = 20,
             max-extra = 2, rest = "orphan", budget = { kind = "failure-ratio", ratio = 0.2 } }"#,
    );
    let meant = HedgeSpec {
        percentile: by_percentile(20),
        max_extra: 2,
        rest: Rest::Orphan,
        budget: Some(BudgetSpec::FailureRatio { ratio: 0.2 }),
        ..plain
    };
    assert_eq!(read, PolicySpec::Hedge(meant));
}

#[test]
fn a_circuit_breaker_is_read() {
    let breaker = |keys: &str| match one(&format!("{{ kind = \"circuit-breaker\"{keys} }}")) {
        PolicySpec::CircuitBreaker(breaker) => breaker,
        other => panic!("{other:?}"),
    };
    let default = BreakerSpec::default();
    assert_eq!(breaker(""), default);
    let whole = ", window = \"10s\", failure-ratio = 1, minimum = 5, open = \"1s\", probes = 3";
    let meant = BreakerSpec {
        window: Window::Time(Duration::from_secs(10)),
        failure_ratio: 1.0,
        minimum: 5,
        open: 1000 * MS,
        probes: 3,
    };
    assert_eq!(breaker(whole), meant);
    let consecutive = BreakerSpec {
        window: Window::Consecutive(5),
        ..default
    };
    assert_eq!(breaker(", consecutive = 5"), consecutive);
    // A window of 10 never holds 100; one of 200 or of a time may.
    for (window, meant, minimum) in [
        ("10", Window::Count(10), 10),
        ("200", Window::Count(200), 100),
        ("\"10s\"", Window::Time(Duration::from_secs(10)), 100),
    ] {
        let read = breaker(&format!(", window = {window}"));
        assert_eq!((read.window, read.minimum), (meant, minimum));
    }
}

#[test]
fn a_rate_limit_is_read() {
    let limit = |keys: &str| match one(&format!("{{ kind = \"rate-limit\", {keys} }}")) {
        PolicySpec::RateLimit(limit) => limit,
        other => panic!("{other:?}"),
    };
    let bucket = |burst| RateLimitSpec {
        quota: Quota::TokenBucket {
            rate_per_s: 50.0,
            burst,
        },
        when_exceeded: WhenExceeded::Wait,
    };
    assert_eq!(limit("rate = \"50/s\""), bucket(1));
    assert_eq!(limit("rate = \"50/s\", burst = 10"), bucket(10));
    let window = RateLimitSpec {
        quota: Quota::FixedWindow {
            limit: 4,
            window: 1000 * MS,
        },
        when_exceeded: WhenExceeded::Reject,
    };
    let read = limit("limit = 4, window = \"1s\", when-exceeded = \"reject\"");
    assert_eq!(read, window);
}

#[test]
fn a_bulkhead_is_read() {
    let plain = BulkheadSpec {
        limit: 2,
        queue: None,
        max_wait: None,
    };
    let read = one(r#"{ kind = "bulkhead", limit = 2 }"#);
    assert_eq!(read, PolicySpec::Bulkhead(plain));
    let read = one(r#"{ kind = "bulkhead", limit = 2, queue = 0 }"#);
    let sheds = BulkheadSpec {
        queue: Some(0),
        ..plain
    };
    assert_eq!(read, PolicySpec::Bulkhead(sheds));
    let read = one(r#"{ kind = "bulkhead", limit = 2, queue = 9, max-wait = "1s" }"#);
    let waits = BulkheadSpec {
        queue: Some(9),
        max_wait: Some(1000 * MS),
        ..plain
    };
    assert_eq!(read, PolicySpec::Bulkhead(waits));
}

#[test]
fn an_adaptive_limit_is_read() {
    let limit = |keys: &str| match one(&format!("{{ kind = \"adaptive-limit\", {keys} }}")) {
        PolicySpec::AdaptiveLimit(limit) => limit,
        other => panic!("{other:?}"),
    };
    let aimd = AdaptiveSpec::Aimd {
        initial: 8,
        min: 4,
        max: 50,
        backoff_ratio: 0.75,
        timeout: 1000 * MS,
    };
    let written = r#"algorithm = "aimd", initial = 8, min = 4, max = 50, backoff-ratio = 0.75, timeout = "1s""#;
    assert_eq!(limit(written), aimd);
    let vegas = AdaptiveSpec::Vegas {
        initial: 8,
        max: 50,
        smoothing: 0.5,
        alpha: Some(2),
        beta: Some(5),
        probe_multiplier: 10,
    };
    let written = r#"algorithm = "vegas", initial = 8, max = 50, smoothing = 0.5, alpha = 2, beta = 5,
                     probe-multiplier = 10"#;
    assert_eq!(limit(written), vegas);
    let gradient = AdaptiveSpec::Gradient2 {
        initial: 8,
        min: 4,
        max: 50,
        queue_size: 0,
        rtt_tolerance: 2.0,
        smoothing: 0.5,
        long_window: 100,
    };
    let written = r#"algorithm = "gradient2", initial = 8, min = 4, max = 50, queue-size = 0,
                     rtt-tolerance = 2, smoothing = 0.5, long-window = 100"#;
    assert_eq!(limit(written), gradient);
    for (name, default) in [
        ("aimd", AdaptiveSpec::aimd()),
        ("vegas", AdaptiveSpec::vegas()),
        ("gradient2", AdaptiveSpec::gradient2()),
    ] {
        assert_eq!(limit(&format!("algorithm = \"{name}\"")), default);
    }
}

#[test]
fn a_fallback_is_read() {
    for (keys, latency) in [("", Duration::ZERO), (", latency = \"5ms\"", 5 * MS)] {
        let read = one(&format!("{{ kind = \"fallback\"{keys} }}"));
        assert_eq!(read, PolicySpec::Fallback(Fallback { latency }));
    }
}

#[test]
fn state_is_the_clients_unless_a_scope_is_named() {
    for (keys, scope) in [
        ("", Scope::Client),
        (", scope = \"client\"", Scope::Client),
        (", scope = \"job\"", Scope::Job),
        (", scope = \"global\"", Scope::Global),
    ] {
        let read = layers(&format!("[{{ kind = \"bulkhead\", limit = 2{keys} }}]"));
        assert_eq!(read[0].scope, scope, "{keys}");
    }
}

#[test]
fn a_rule_may_strike_every_attempt_that_some_strategy_makes() {
    let struck = |policies: &str, attempt: u32| {
        let text = with_policies(policies).replace(
            "calls = [1]",
            &format!("calls = [1]\nattempts = [{attempt}]"),
        );
        parse(&text).is_ok()
    };
    // The last of three is number 2.
    let three = r#"[{ kind = "retry", attempts = 3 }]"#;
    assert_eq!((struck(three, 2), struck(three, 3)), (true, false));
    // 3 x 2: each of three is hedged.
    let six = r#"[{ kind = "retry", attempts = 3 }, { kind = "hedge", delay = "1s" }]"#;
    assert_eq!((struck(six, 5), struck(six, 6)), (true, false));
    let any = r#"[{ kind = "retry", attempts = "unlimited" }, { kind = "hedge", delay = "1s" }]"#;
    assert!(struck(any, 1_000_000));
}

#[test]
fn an_isolated_workload_shares_no_state_and_the_notes_say_so() {
    let notes = |policies: &str, workload: &str| {
        let text = with_policies(policies).replace("replications = 100", workload);
        parse(&text).unwrap().notes
    };
    let policies = r#"[{ kind = "timeout", after = "1s" }, { kind = "retry", attempts = 2 },
        { kind = "bulkhead", limit = 2 }, { kind = "circuit-breaker", scope = "global" },
        { kind = "rate-limit", rate = "1/s", scope = "job" }]"#;
    let note = "in an isolated workload every job meets fresh state, whatever the scope: no two \
                jobs share that of circuit-breaker, bulkhead";
    assert_eq!(notes(policies, "workload.kind = \"isolated\""), [note]);
    let burst = "workload = { kind = \"burst\", jobs = 5 }";
    assert!(!notes(policies, burst).contains(&note.to_owned()));
    // What has no state, or state of one job only, misses nothing.
    let job =
        r#"[{ kind = "retry", attempts = 2 }, { kind = "bulkhead", limit = 2, scope = "job" }]"#;
    assert_eq!(notes(job, "workload.kind = \"isolated\""), [""; 0]);
}

#[test]
fn a_policy_is_set_from_the_command_line() {
    let text = with_policies(r#"[{ kind = "retry", attempts = 3 }]"#);
    let key = "strategy.\"Two at a time\".policies.0.attempts".to_owned();
    let overrides = [(key, "unlimited".to_owned())];
    let scenario =
        awaitlab_scenario::Scenario::parse("story.toml", text.as_bytes(), &overrides).unwrap();
    let read = &scenario.strategies[1].policies.layers()[0].policy;
    assert_eq!(*read, PolicySpec::Retry(retry(None)));
    assert!(parse(&with("limit = 2", "limit = 2\npolicies = []")).is_ok());
}
