//! Every fan-out that was run on real Node 20 and needs no policy.
//!
//! `node-cases.json` holds latencies and outcomes by call, and what came out: settle, drain, counts
//! and times, exact to the millisecond.

use std::collections::BTreeMap;

use awaitlab_core::Status;
use awaitlab_record::JobRow;
use serde::Deserialize;

use crate::shape::{list_of_ms, run, scenario};

#[derive(Debug, Deserialize)]
struct Case {
    id: String,
    strategy: String,
    params: BTreeMap<String, serde_json::Value>,
    latencies_ms: Vec<u64>,
    outcomes: Vec<String>,
    expected: Expected,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
struct Expected {
    status: String,
    completion_ms: u64,
    drain_ms: u64,
    started: u64,
    started_at_settle: u64,
    succeeded: u64,
    failed: u64,
    aborted: u64,
    delivered: u64,
    wasted_ms_after_settle: u64,
    busy_ms: u64,
    peak_in_flight: u64,
}

impl Case {
    /// How the scenario says it; `None` for what needs a policy.
    fn strategy(&self) -> Option<String> {
        let limit = self
            .params
            .get("limit")
            .and_then(serde_json::Value::as_u64)
            .unwrap_or(0);
        let plain = |kind: &str| format!("kind = \"{kind}\"");
        let bounded = |on_error: &str| {
            format!("kind = \"bounded\", limit = {limit}, on-error = \"{on_error}\"")
        };
        let chunked = |on_error: &str| {
            format!("kind = \"chunked\", size = {limit}, on-error = \"{on_error}\"")
        };
        Some(match self.strategy.as_str() {
            "sequential_isolated" => plain("sequential"),
            "sequential_abort" => "kind = \"sequential\", on-error = \"stop\"".to_owned(),
            "promise_all" => plain("all"),
            "all_with_abort" => "kind = \"all\", rest = \"cancel\"".to_owned(),
            "all_settled" => plain("all-settled"),
            "promise_any" => plain("any"),
            "promise_race" => plain("race"),
            "eager_then_await_in_order" => plain("eager-in-order"),
            "pool_collect" | "p-limit+allSettled" => bounded("collect"),
            "p-map" | "pool_race_set" => bounded("stop"),
            "p-limit+all" | "p-queue+all" => bounded("keep-starting"),
            "p-limit+all+clearQueue" => bounded("clear-queue"),
            "pool_worker_dies" => bounded("lose-worker"),
            "chunked_settled" => chunked("collect"),
            "chunked_all" => chunked("stop"),
            "connpool:burst_settled" | "bucket:burst_settled" => plain("all-settled"),
            "all_cpu" => plain("all"),
            _ => return None,
        })
    }

    /// What the client and the service can take.
    fn limits(&self) -> String {
        let number = |name: &str| self.params[name].as_u64().unwrap();
        match self.strategy.as_str() {
            "connpool:burst_settled" => format!(
                "client = {{ connections = {}, acquire-timeout = \"{}ms\" }}\n",
                number("conn_pool"),
                number("acquire_timeout_ms"),
            ),
            "bucket:burst_settled" => format!(
                "downstream.api.rate-limit = \
                 {{ rate = \"{}/s\", burst = {}, reject-latency = \"{}ms\" }}\n",
                number("refill_per_s"),
                number("bucket"),
                number("reject_ms"),
            ),
            "all_cpu" => {
                format!(
                    "client.event-loop = {{ per-call = \"{}ms\" }}\n",
                    number("cpu_ms")
                )
            }
            _ => String::new(),
        }
    }

    fn scenario(&self, strategy: &str) -> String {
        let latency = if self.latencies_ms.is_empty() {
            // A job without calls needs a service all the same.
            "{ kind = \"constant\", value = \"1ms\" }".to_owned()
        } else {
            format!(
                "{{ kind = \"list\", values = {} }}",
                list_of_ms(&self.latencies_ms)
            )
        };
        let failing = (0..)
            .zip(&self.outcomes)
            .filter(|(_, outcome)| *outcome == "fail");
        let failing: Vec<u64> = failing.map(|(call, _)| call).collect();
        let fault = if failing.is_empty() {
            String::new()
        } else {
            format!("fault = [{{ kind = \"error\", calls = {failing:?} }}]\n")
        };
        format!(
            "replications = 1\njob.calls = {}\ndownstream.api.latency = {latency}\n{fault}{}\
             strategy = [{{ name = \"it\", {strategy} }}]\n",
            self.latencies_ms.len(),
            self.limits(),
        )
    }
}

fn measured(job: &JobRow) -> Expected {
    let ms = |ns: u64| {
        assert_eq!(
            ns % 1_000_000,
            0,
            "whole milliseconds in, whole milliseconds out"
        );
        ns / 1_000_000
    };
    Expected {
        status: match job.status {
            Status::Fulfilled => "fulfilled",
            Status::Rejected => "rejected",
            Status::NeverSettled => "never settled",
        }
        .to_owned(),
        completion_ms: ms(job.settle_ns.unwrap()),
        drain_ms: ms(job.drain_ns.unwrap()),
        started: job.started,
        started_at_settle: job.started_at_settle,
        succeeded: job.succeeded,
        failed: job.failed,
        aborted: job.cancelled,
        delivered: job.delivered,
        wasted_ms_after_settle: ms(job.orphan_ns),
        busy_ms: ms(job.busy_ns),
        peak_in_flight: job.peak_in_flight,
    }
}

#[test]
fn the_lab_does_what_node_did() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("node-cases.json")).unwrap();
    let mut compared = 0;
    for case in &cases {
        let Some(strategy) = case.strategy() else {
            continue;
        };
        let record = run(&scenario(&case.scenario(&strategy)));
        assert_eq!(
            measured(&record.jobs.unwrap()[0]),
            case.expected,
            "{}: {strategy}",
            case.id
        );
        compared += 1;
    }
    // The three others need timeouts and retries.
    assert_eq!((compared, cases.len()), (54, 57));
}
