//! Policies.

use super::{all_refused, refused};
use crate::story::{with, with_policies};

/// A policy alone, which begins at 17:13, with what is said of it. `all` begins every one.
#[track_caller]
fn alone(all: &str, cases: &[(&str, &str, &str)]) {
    let case = |(policy, position, says): &(&str, _, _)| {
        let policies = format!("[{{ {all}{policy} }}]");
        (with_policies(&policies), *position, *says)
    };
    all_refused(cases.iter().map(case));
}

#[test]
fn policies() {
    alone(
        "",
        &[
            ("after = \"1s\"", "17:13", r#"the key "kind" is missing"#),
            (
                "kind = \"retri\"",
                "17:22",
                r#"there is no policy "retri": it is one of "timeout", "retry", "hedge", "circuit-breaker", "rate-limit", "bulkhead", "adaptive-limit", "fallback" (did you mean "retry"?)"#,
            ),
            (
                "kind = \"bulkhead\", limit = 2, after = \"1s\"",
                "17:45",
                r#"no key of policy "bulkhead" (it is a key of "timeout")"#,
            ),
            (
                "kind = \"bulkhead\", limit = 2, scope = \"process\"",
                "17:53",
                r#"must be one of "job", "client", "global", not "process""#,
            ),
        ],
    );
    let text = with("limit = 2", "limit = 2\npolicies = { kind = \"fallback\" }");
    refused(&text, "17:12", "must be a list of policies, not a table");
    let text = with("limit = 2", "limit = 2\npolicies = [\"fallback\"]");
    refused(&text, "17:13", "must be a table, not \"fallback\"");
}

#[test]
fn timeouts() {
    alone(
        "",
        &[
            (
                "kind = \"timeout\"",
                "17:13",
                r#"the key "after" is missing"#,
            ),
            (
                "kind = \"timeout\", after = \"0s\"",
                "17:41",
                "must be a duration above 0",
            ),
            (
                "kind = \"timeout\", after = \"1s\", cancel = \"no\"",
                "17:56",
                "must be true or false, not \"no\"",
            ),
            (
                "kind = \"timeout\", after = \"1s\", clock = \"job\"",
                "17:55",
                r#"must be one of "attempt", "call", not "job""#,
            ),
        ],
    );
}

#[test]
fn retries() {
    alone(
        "",
        &[
            (
                "kind = \"retry\"",
                "17:13",
                r#"the key "attempts" is missing"#,
            ),
            (
                "kind = \"retry\", attempts = 0",
                "17:42",
                r#"must be a whole number from 1 to 1000000, or "unlimited", not 0"#,
            ),
            (
                "kind = \"retry\", attempts = \"unlimitd\"",
                "17:42",
                r#"or "unlimited", not "unlimitd" (did you mean "unlimited"?)"#,
            ),
            (
                "kind = \"retry\", attempts = \"3\"",
                "17:42",
                "must be a whole number from 1 to 1000000",
            ),
            (
                "kind = \"retry\", attempts = 3, jitter = \"full\"",
                "17:45",
                "never applies: without a backoff there is no delay",
            ),
            (
                "kind = \"retry\", attempts = 3, on = []",
                "17:50",
                "a list of failures: this one is empty",
            ),
            (
                "kind = \"retry\", attempts = 3, on = [\"timeuot\"]",
                "17:51",
                r#"a failure is one of error, timeout, throttled, unavailable, connection, refused, cancelled, or an error's status, as in "error 503" (did you mean "timeout"?)"#,
            ),
            (
                "kind = \"retry\", attempts = 3, on = [\"error 99\"]",
                "17:51",
                "a status is a number from 100 to 599",
            ),
            (
                "kind = \"retry\", attempts = 3, on = [503]",
                "17:51",
                "must be a text, not 503",
            ),
            (
                "kind = \"retry\", attempts = 3, on = [\"timeout\"]",
                "17:50",
                "never applies: nothing inside of the retry fails like that",
            ),
            (
                "kind = \"retry\", attempts = 3, honour-retry-after = 1",
                "17:66",
                "must be true or false, not 1",
            ),
        ],
    );
}

#[test]
fn backoffs() {
    let cases = [
        ("backoff = \"1s\"", "17:55", "must be a table, not \"1s\""),
        (
            "backoff = { base = \"1s\" }",
            "17:55",
            r#"the key "kind" is missing: it is one of "constant", "linear", "exponential""#,
        ),
        (
            "backoff = { kind = \"linear\" }",
            "17:55",
            r#"the key "base" is missing"#,
        ),
        (
            "backoff = { kind = \"linear\", base = \"1s\", factor = 2 }",
            "17:87",
            r#"no key of backoff "linear" (it is a key of "exponential")"#,
        ),
        (
            "backoff = { kind = \"exponential\", base = \"1s\", factor = 0.5 }",
            "17:101",
            "a number of at least 1, not 0.5",
        ),
        (
            "backoff = { kind = \"exponential\", base = \"1s\", cap = \"500ms\" }",
            "17:98",
            "a cap of 500ms lies below the base of 1s",
        ),
        (
            "backoff = { kind = \"constant\", base = \"1s\", cap = \"2s\" }",
            "17:89",
            "never applies: a constant backoff does not grow",
        ),
        (
            "backoff = { kind = \"exponential\", base = \"1s\", factor = 3 }, jitter = \"decorrelated\"",
            "17:92",
            "never applies: decorrelated jitter",
        ),
    ];
    alone("kind = \"retry\", attempts = 3, ", &cases);
}

#[test]
fn budgets() {
    let cases = [
        ("{ deposit = 0.1 }", "17:54", r#"the key "max" is missing"#),
        (
            "{ deposit = -1, max = 10 }",
            "17:66",
            "a number of at least 0, not -1",
        ),
        (
            "{ deposit = 1, max = 10, ratio = 0.1 }",
            "17:79",
            r#"no key of budget "token-bucket" (it is a key of "failure-ratio")"#,
        ),
        (
            "{ deposit = 1, max = 0.5 }",
            "17:75",
            "never lets an extra attempt through: one needs 1 in the bucket, which holds 0.5",
        ),
        (
            "{ deposit = 1, max = 0.5, needs = 0.2 }",
            "17:75",
            "one needs 1 in the bucket, which holds 0.5",
        ),
        (
            "{ kind = \"failure-ratio\", ratio = 2 }",
            "17:88",
            "a probability from 0 to 1, not 2",
        ),
        (
            "{ kind = \"bucket\" }",
            "17:63",
            r#"there is no budget "bucket""#,
        ),
    ];
    alone("kind = \"retry\", attempts = 3, budget = ", &cases);
}

#[test]
fn hedges() {
    alone(
        "",
        &[
            (
                "kind = \"hedge\", percentile = \"95%\"",
                "17:13",
                r#"the key "delay" is missing"#,
            ),
            (
                "kind = \"hedge\", delay = \"1s\", percentile = \"100%\"",
                "17:58",
                "must be a percentage below 100%",
            ),
            (
                "kind = \"hedge\", delay = \"1s\", percentile = \"0%\"",
                "17:58",
                "must lie above 0 and below 1",
            ),
            (
                "kind = \"hedge\", delay = \"1s\", minimum-samples = 5",
                "17:45",
                "never applies: without a percentile nothing is sampled",
            ),
            (
                "kind = \"hedge\", delay = \"1s\", max-extra = 0",
                "17:57",
                "from 1 to 1000, not 0",
            ),
            (
                "kind = \"hedge\", delay = \"1s\", rest = \"kill\"",
                "17:52",
                r#"must be one of "cancel", "orphan", not "kill""#,
            ),
        ],
    );
}

#[test]
fn breakers() {
    let says = "give exactly one of: window, or consecutive, or none of them";
    let never = "never applies: failures in a row are counted, whatever share they are";
    let cases = [
        ("window = 10, consecutive = 5", "17:13", says),
        (
            "window = 0",
            "17:50",
            r#"must be a whole number from 1 to 1000000, or a duration above 0, as in "80ms", not 0"#,
        ),
        ("window = \"10\"", "17:50", "a duration needs a unit"),
        ("window = \"0s\"", "17:50", "a duration above 0"),
        (
            "failure-ratio = 0",
            "17:57",
            "a number above 0, at most 1, not 0",
        ),
        (
            "failure-ratio = 1.01",
            "17:57",
            "a number above 0, at most 1, not 1.01",
        ),
        (
            "window = 10, minimum = 11",
            "17:64",
            "never reached: the window holds 10 calls",
        ),
        ("minimum = 101", "17:51", "the window holds 100 calls"),
        ("consecutive = 5, minimum = 5", "17:58", never),
        ("consecutive = 5, failure-ratio = 0.5", "17:58", never),
        ("open = \"0s\"", "17:48", "a duration above 0"),
        ("probes = 0", "17:50", "from 1 to 1000000, not 0"),
    ];
    alone("kind = \"circuit-breaker\", ", &cases);
}

#[test]
fn limits_at_the_client() {
    let says = "give exactly one of: rate, or rate and burst, or limit and window";
    alone(
        "",
        &[
            ("kind = \"rate-limit\"", "17:13", says),
            ("kind = \"rate-limit\", burst = 5", "17:13", says),
            ("kind = \"rate-limit\", limit = 5", "17:13", says),
            (
                "kind = \"rate-limit\", rate = \"5/s\", window = \"1s\", limit = 3",
                "17:13",
                says,
            ),
            (
                "kind = \"rate-limit\", rate = \"0/s\"",
                "17:43",
                "a rate above 0",
            ),
            (
                "kind = \"rate-limit\", rate = \"5/s\", when-exceeded = \"drop\"",
                "17:66",
                r#"must be one of "wait", "reject", not "drop""#,
            ),
            (
                "kind = \"bulkhead\"",
                "17:13",
                r#"the key "limit" is missing"#,
            ),
            (
                "kind = \"bulkhead\", limit = 0",
                "17:42",
                "from 1 to 1000000000, not 0",
            ),
            (
                "kind = \"bulkhead\", limit = 1, queue = 0, max-wait = \"1s\"",
                "17:56",
                "never applies: with queue = 0 nobody waits",
            ),
            (
                "kind = \"bulkhead\", limit = 1, max-wait = \"0s\"",
                "17:56",
                "a duration above 0",
            ),
        ],
    );
}

#[test]
fn adaptive_limits() {
    let cases = [
        ("initial = 5", "17:13", r#"the key "algorithm" is missing"#),
        (
            "algorithm = \"gradient\"",
            "17:52",
            r#"must be one of "aimd", "vegas", "gradient2", not "gradient" (did you mean "gradient2"?)"#,
        ),
        (
            "algorithm = \"aimd\", queue-size = 4",
            "17:60",
            r#"no key of the algorithm "aimd" (it is a key of "gradient2")"#,
        ),
        (
            "algorithm = \"aimd\", backoff-ratio = 0",
            "17:76",
            "a number from 0.5 to below 1, not 0",
        ),
        (
            "algorithm = \"vegas\", min = 5",
            "17:61",
            r#"no key of the algorithm "vegas" (it is a key of "aimd", "gradient2")"#,
        ),
        (
            "algorithm = \"vegas\", alpha = 5, beta = 4",
            "17:69",
            "alpha 5 lies above beta 4",
        ),
        (
            "algorithm = \"vegas\", probe-multiplier = 0",
            "17:80",
            "from 1 to 1000000000, not 0",
        ),
        (
            "algorithm = \"gradient2\", initial = 10",
            "17:13",
            "the limits must be in order: 1 <= min <= initial <= max",
        ),
        (
            "algorithm = \"gradient2\", timeout = \"1s\"",
            "17:65",
            r#"no key of the algorithm "gradient2" (it is a key of "aimd")"#,
        ),
        (
            "algorithm = \"gradient2\", rtt-tolerance = 0.9",
            "17:81",
            "a number of at least 1, not 0.9",
        ),
        (
            "algorithm = \"vegas\", smoothing = 0",
            "17:73",
            "a number above 0, at most 1, not 0",
        ),
    ];
    alone("kind = \"adaptive-limit\", ", &cases);
}

#[test]
fn a_scope_needs_state() {
    alone(
        "",
        &[
            (
                "kind = \"timeout\", after = \"1s\", scope = \"job\"",
                "17:47",
                "never applies: a timeout has no state",
            ),
            (
                "kind = \"fallback\", scope = \"client\"",
                "17:34",
                "never applies: a fallback has no state",
            ),
            (
                "kind = \"retry\", attempts = 3, scope = \"job\"",
                "17:45",
                "never applies: a retry without a budget has no state",
            ),
            (
                "kind = \"hedge\", delay = \"1s\", scope = \"job\"",
                "17:45",
                "never applies: a hedge without a percentile or a budget has no state",
            ),
        ],
    );
}

#[test]
fn a_policy_needs_failures_from_inside_of_it() {
    let (retry, fallback) = (
        r#"{ kind = "retry", attempts = 3 }"#,
        r#"{ kind = "fallback" }"#,
    );
    let breaker = r#"{ kind = "circuit-breaker" }"#;
    let full = r#"{ kind = "bulkhead", limit = 2, queue = 0 }"#;
    let nothing = "never applies: nothing inside of it fails";
    for outer in [retry, fallback, breaker] {
        refused(
            &with_policies(&format!("[{outer}, {fallback}]")),
            "17:13",
            nothing,
        );
    }
    // Refusals are failures for a fallback; a retry leaves them alone, and a breaker does not count them.
    let on_refusal = |outer: &str| with_policies(&format!("[{outer}, {full}, {fallback}]"));
    assert!(crate::story::parse(&on_refusal(fallback)).is_ok());
    refused(&on_refusal(retry), "17:13", nothing);
    refused(&on_refusal(breaker), "17:13", nothing);
    let asked = r#"{ kind = "retry", attempts = 3, on = ["refused"] }"#;
    assert!(crate::story::parse(&on_refusal(asked)).is_ok());
    // A timeout around the fallback brings failures back.
    let late = r#"{ kind = "timeout", after = "1s" }"#;
    for outer in [retry, fallback, breaker] {
        let text = with_policies(&format!("[{outer}, {late}, {fallback}]"));
        assert!(crate::story::parse(&text).is_ok(), "{outer}");
    }
}

#[test]
fn attempts_that_nobody_makes_are_not_struck() {
    let text = with_policies(r#"[{ kind = "retry", attempts = 3 }]"#)
        .replace("calls = [1]", "attempts = [2, 3]");
    refused(
        &text,
        "21:16",
        "never happens: no strategy's policies make more than 3 attempts, numbered 0 to 2",
    );
    // In a variant's rules too.
    let text = with(
        "fault = []",
        "fault = [{ kind = \"hang\", attempts = [1] }]",
    );
    refused(&text, "24:39", "no policy makes a second attempt");
}
