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
