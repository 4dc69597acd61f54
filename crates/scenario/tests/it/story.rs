//! A small scenario that is in order, for others to break.

use awaitlab_scenario::{Broken, Position, Scenario, ScenarioErrors};

/// The lines are numbered in what tests expect.
pub(crate) const STORY: &str = r#"version = 1
title = "Three requests"
replications = 100
job = { calls = 3 }

[downstream.api]
latency = { kind = "constant", value = "500ms" }

[[strategy]]
name = "One by one"
kind = "sequential"

[[strategy]]
name = "Two at a time"
kind = "bounded"
limit = 2

[[fault]]
kind = "error"
calls = [1]

[[variant]]
name = "healthy"
fault = []

[[variant]]
name = "one fails"

[[expect]]
strategy = "One by one"
metric = "settle_ms.mean"
max = 1600
"#;

/// One with services, clients, a workload and faults of every sort.
pub(crate) const WORLD: &str = r#"version = 1
title = "Under load"
warm-up = "10%"
analysis = "steady-state"
job = { calls = 2, deadline = "1s" }
client = { count = 2, connections = 5, acquire-timeout = "1s", event-loop = { per-call = "1ms" }, unhandled-rejections = "throw", restart-after = "2s" }
[workload]
kind = "open"
arrivals = { kind = "poisson" }
stages = [{ for = "10s", rate = "4/s" }, { for = "5s", to = "0.5/ms" }]
[downstream.api]
latency = { kind = "exponential", mean = "50ms" }
workers = 2
queue = { limit = 9, discipline = "lifo", expire = "1s" }
slowdown = { kind = "linear", at = 2, factor = 1.5 }
rate-limit = { rate = "100/s", burst = 5 }
replicas = 3
balance = "power-of-two"
[downstream.api.replica.1]
latency = { kind = "constant", value = "1s" }
[[fault]]
kind = "crash"
restart = "1s"
replica = 2
during = ["1s..2s"]
[[fault]]
kind = "stall"
latency = { kind = "constant", value = "1s" }
during = { on = "1s", off = "5s" }
[[strategy]]
name = "All"
kind = "all"
[[variant]]
name = "as it is"
[[variant]]
name = "closed"
workload = { kind = "closed", users = 9, think = { kind = "exponential", mean = "1s" }, duration = "1m" }
"#;

/// Policies of every kind, with every key in some of them.
pub(crate) const POLICIES: [&str; 4] = [
    r#"[
  { kind = "fallback", latency = "5ms" },
  { kind = "timeout", after = "5s" },
  { kind = "retry", attempts = 3, backoff = { kind = "exponential", base = "100ms", factor = 1.5, cap = "2s" }, jitter = "full", on = ["timeout", "throttled", "error 503"], honour-retry-after = true, budget = { deposit = 0.1, max = 10 }, scope = "client" },
  { kind = "circuit-breaker", window = 50, failure-ratio = 0.4, minimum = 20, open = "10s", probes = 3, scope = "global" },
  { kind = "hedge", delay = "50ms", percentile = "95%", minimum-samples = 50, max-extra = 2, rest = "orphan", budget = { kind = "failure-ratio", ratio = 0.1 } },
  { kind = "bulkhead", limit = 5, queue = 10, max-wait = "1s", scope = "job" },
  { kind = "rate-limit", rate = "50/s", burst = 5, when-exceeded = "reject" },
  { kind = "timeout", after = "1s", cancel = false, clock = "call" },
]"#,
    r#"[
  { kind = "adaptive-limit", algorithm = "aimd", initial = 10, min = 5, max = 50, backoff-ratio = 0.9, timeout = "1s" },
  { kind = "adaptive-limit", algorithm = "vegas", smoothing = 0.5, alpha = 3, beta = 6, probe-multiplier = 30 },
  { kind = "adaptive-limit", algorithm = "gradient2", queue-size = 4, rtt-tolerance = 2, long-window = 100 },
  { kind = "rate-limit", limit = 4, window = "1s", when-exceeded = "wait" },
  { kind = "rate-limit", rate = "4/s" },
  { kind = "retry", attempts = "unlimited", backoff = { kind = "constant", base = "0s" }, budget = { kind = "token-bucket", deposit = 0, max = 10, needs = 2, per-second = 0.1 } },
  { kind = "retry", attempts = 2, backoff = { kind = "linear", base = "1s" }, jitter = "decorrelated" },
]"#,
    r#"[{ kind = "circuit-breaker", window = "10s" }, { kind = "circuit-breaker", consecutive = 5 }]"#,
    "[]",
];

pub(crate) fn parse(text: &str) -> Result<Scenario, ScenarioErrors> {
    Scenario::parse("story.toml", text.as_bytes(), &[])
}

/// The story with one piece of it replaced, which must be there exactly once.
pub(crate) fn with(piece: &str, by: &str) -> String {
    assert_eq!(STORY.matches(piece).count(), 1, "{piece:?}");
    STORY.replace(piece, by)
}

/// The story with another latency in line 7.
pub(crate) fn with_latency(latency: &str) -> String {
    with(r#"{ kind = "constant", value = "500ms" }"#, latency)
}

/// The story with policies around the second strategy's calls, in line 17.
pub(crate) fn with_policies(policies: &str) -> String {
    with("limit = 2", &format!("limit = 2\npolicies = {policies}"))
}

/// A broken rule as `line:column key: rule (help)`.
pub(crate) fn shown(broken: &Broken) -> String {
    let position = match &broken.position {
        Position::File => "file".to_owned(),
        Position::At { line, column } => format!("{line}:{column}"),
        Position::Set(key) => format!("--set {key}"),
    };
    let help = broken
        .help
        .as_ref()
        .map_or(String::new(), |help| format!(" ({help})"));
    format!("{position} {}: {}{help}", broken.key, broken.rule)
}

/// Every broken rule of a text, one a line.
pub(crate) fn all(errors: &ScenarioErrors) -> String {
    errors
        .broken()
        .iter()
        .map(shown)
        .collect::<Vec<_>>()
        .join("\n")
}
