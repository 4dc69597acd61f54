//! Every fan-out that was run on real Node 20.
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
    /// How the scenario says it.
    fn strategy(&self) -> String {
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
        let timed_out = |cancel: bool| {
            let after = &self.params["timeout_ms"];
            let timeout =
                format!("{{ kind = \"timeout\", after = \"{after}ms\", cancel = {cancel} }}");
            format!("{}, policies = [{timeout}]", bounded("collect"))
        };
        match self.strategy.as_str() {
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
            "pool_timeout_cancel" => timed_out(true),
            "pool_timeout_nocancel" => timed_out(false),
            "retry_per_attempt_timeout" => format!("{}, {}", plain("all"), self.retry()),
            unknown => panic!("{unknown}"),
        }
    }

    /// A retry around a timeout, both as the case has them.
    fn retry(&self) -> String {
        let [retries, base, timeout] =
            ["retries", "base_ms", "timeout_ms"].map(|name| self.params[name].as_u64().unwrap());
        format!(
            "policies = [\
             {{ kind = \"retry\", attempts = {}, backoff = {{ kind = \"exponential\", base = \"{base}ms\" }} }}, \
             {{ kind = \"timeout\", after = \"{timeout}ms\" }}]",
            retries + 1
        )
    }

    /// What each attempt of each call takes and ends with, where the case says so.
    fn attempts(&self) -> Option<Vec<Vec<(u64, String)>>> {
        let attempts = self.params.get("attempts")?.clone();
        Some(serde_json::from_value(attempts).unwrap())
    }

    /// What calls take, and which fail.
    fn script(&self) -> (String, String) {
        if let Some(calls) = self.attempts() {
            let latencies = |attempts: &Vec<(u64, String)>| {
                list_of_ms(&attempts.iter().map(|(ms, _)| *ms).collect::<Vec<_>>())
            };
            let values: Vec<String> = calls.iter().map(latencies).collect();
            let failing = (0..).zip(&calls).flat_map(|(call, attempts)| {
                let failing = (0..).zip(attempts).filter(|(_, (_, end))| end == "fail");
                failing.map(move |(attempt, _): (u32, _)| (call, attempt))
            });
            let rule = |(call, attempt): (u32, u32)| {
                format!("{{ kind = \"error\", calls = [{call}], attempts = [{attempt}] }}")
            };
            let rules: Vec<String> = failing.map(rule).collect();
            return (format!("[{}]", values.join(", ")), rules.join(", "));
        }
        let failing = (0..)
            .zip(&self.outcomes)
            .filter(|(_, outcome)| *outcome == "fail");
        let failing: Vec<u64> = failing.map(|(call, _)| call).collect();
        let rule = format!("{{ kind = \"error\", calls = {failing:?} }}");
        let rules = if failing.is_empty() {
            String::new()
        } else {
            rule
        };
        (list_of_ms(&self.latencies_ms), rules)
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
        let (values, rules) = self.script();
        let latency = if self.latencies_ms.is_empty() {
            // A job without calls needs a service all the same.
            "{ kind = \"constant\", value = \"1ms\" }".to_owned()
        } else {
            format!("{{ kind = \"list\", values = {values} }}")
        };
        let fault = if rules.is_empty() {
            String::new()
        } else {
            format!("fault = [{rules}]\n")
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
    for case in &cases {
        let strategy = case.strategy();
        let record = run(&scenario(&case.scenario(&strategy)));
        assert_eq!(
            measured(&record.jobs.unwrap()[0]),
            case.expected,
            "{}: {strategy}",
            case.id
        );
    }
    assert_eq!(cases.len(), 57);
}
