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
