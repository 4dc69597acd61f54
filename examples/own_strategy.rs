//! A strategy the lab does not have, against two that it has.
//!
//! Run it with: cargo run --release --example own_strategy
#![allow(clippy::print_stdout)] // An example talks to whoever runs it.

use awaitlab_core::{Answer, Job, Strategy};
use awaitlab_harness::Contest;
use awaitlab_scenario::Scenario;

/// A canary: one call goes first, and only if it succeeds do the others follow, all at once.
#[derive(Clone)]
struct Canary;

impl Strategy for Canary {
    async fn run<J: Job>(&self, job: &mut J) {
        job.start(0);
        if let Some((_, Err(error))) = job.next_settled().await {
            return job.settle(Answer::Rejected(error));
        }
        for call in 1..job.calls() {
            job.start(call);
        }
        while job.next_settled().await.is_some() {}
        job.settle(Answer::Fulfilled);
    }
}

const SCENARIO: &str = r#"
version = 1
title = "Ten calls, one of which goes first"
job.calls = 10
downstream.api.latency = { kind = "log-normal", median = "80ms", p99 = "400ms" }
strategy = [
  { name = "Sequential", kind = "sequential", on-error = "stop" },
  { name = "Promise.allSettled()", kind = "all-settled" },
]
[[variant]]
name = "healthy"
[[variant]]
name = "down"
fault = [{ kind = "outage" }]
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let scenario = Scenario::parse("canary.toml", SCENARIO.as_bytes(), &[])?;
    let record = Contest::new(&scenario).with("Canary first", Canary).run()?;
    println!("{}", awaitlab_report::terminal(&record.summary, 80, false));
    Ok(())
}
