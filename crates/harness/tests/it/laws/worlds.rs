//! Small random scenarios, as text: every kind of workload, with services that push back, faults,
//! clients with limits, and strategies with policies.

use proptest::prelude::*;
use proptest::sample::select;

use super::told::{Told, told};

/// A scenario in pieces, so that a law can exchange one of them.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) replications: u64,
    pub(crate) seed: u64,
    pub(crate) calls: usize,
    /// Further keys of the job: `give-up = "1s"`.
    pub(crate) job: Vec<String>,
    /// Of the service `api`.
    pub(crate) latency: String,
    /// Its further keys: `workers = 2`.
    pub(crate) service: Vec<String>,
    /// The insides of fault tables.
    pub(crate) faults: Vec<String>,
    /// The keys of the client.
    pub(crate) client: Vec<String>,
    /// The inside of the workload's table.
    pub(crate) workload: String,
    pub(crate) strategies: Vec<Entry>,
    /// Whole lines.
    pub(crate) more: String,
}

/// A strategy in pieces.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    /// Its kind and parameters.
    pub(crate) kind: String,
    /// The insides of its policies' tables, outermost first.
    pub(crate) policies: Vec<String>,
}

pub(crate) const ISOLATED: &str = "kind = \"isolated\"";

impl World {
    pub(crate) fn toml(&self) -> String {
        // What the law is about must not decide which part of a run counts.
        let analysis = if self.is_isolated() {
            ""
        } else {
            "analysis = \"terminating\"\n"
        };
        let tables = |insides: &[String]| match insides {
            [] => String::new(),
            some => format!("{{ {} }}", some.join(" }, { ")),
        };
        let entries: Vec<String> = self
            .strategies
            .iter()
            .map(|entry| {
                let policies = tables(&entry.policies);
                format!(
                    "name = \"{}\", {}, policies = [{policies}]",
                    entry.name, entry.kind
                )
            })
            .collect();
        let with = |first: String, more: &[String]| [&[first], more].concat().join(", ");
        format!(
            "seed = {}\nreplications = {}\n{analysis}\
             job = {{ {} }}\ndownstream.api = {{ {} }}\nfault = [{}]\nclient = {{ {} }}\n\
             workload = {{ {} }}\nstrategy = [{}]\n{}",
            self.seed,
            self.replications,
            with(
                format!(
                    "call = [{{ downstream = \"api\", count = {} }}]",
                    self.calls
                ),
                &self.job
            ),
            with(format!("latency = {{ {} }}", self.latency), &self.service),
            tables(&self.faults),
            self.client.join(", "),
            self.workload,
            tables(&entries),
            self.more,
        )
    }

    pub(crate) fn told(&self) -> Told {
        told(&self.toml())
    }

    /// The same with something changed.
    pub(crate) fn but(&self, change: impl FnOnce(&mut World)) -> World {
        let mut other = self.clone();
        change(&mut other);
        other
    }

    pub(crate) fn is_isolated(&self) -> bool {
        self.workload == ISOLATED
    }

    /// The same with other strategies, called a, b, and so on.
    pub(crate) fn under(&self, entries: &[Entry]) -> World {
        self.but(|world| {
            let named = ["a", "b", "c", "d", "e", "f"].into_iter().zip(entries);
            let named = named.map(|(name, entry)| Entry {
                name: name.to_owned(),
                ..entry.clone()
            });
            world.strategies = named.collect();
        })
    }

    /// The same in which every attempt is answered some time, whatever it meets.
    pub(crate) fn that_answers(&self) -> World {
        self.but(|world| world.faults.retain(|fault| !fault.contains("hang")))
    }
}

impl Entry {
    pub(crate) fn of(kind: &str, policies: &[&str]) -> Entry {
        Entry {
            name: "it".to_owned(),
            kind: kind.to_owned(),
            policies: policies.iter().map(|&policy| policy.to_owned()).collect(),
        }
    }
}

/// Worlds under two strategies.
pub(crate) fn worlds() -> impl Strategy<Value = World> {
    let entries = prop::collection::vec(entries(), 2);
    let faults = prop::collection::vec(select(FAULTS.to_vec()), 0..3);
    let service = (select(WORKERS.to_vec()), select(WAYS.to_vec()));
    let parts = (
        0_u64..1000,
        1_usize..6,
        select(LATENCIES.to_vec()),
        select(WORKLOADS.to_vec()),
    );
    (parts, service, faults, select(CLIENTS.to_vec()), entries).prop_map(
        |((seed, calls, latency, workload), service, faults, client, entries)| {
            let given = |keys: &[&str]| -> Vec<String> {
                let keys = keys.iter().filter(|key| !key.is_empty());
                keys.map(|&key| key.to_owned()).collect()
            };
            let world = World {
                replications: if workload == ISOLATED { 40 } else { 3 },
                seed,
                calls,
                job: Vec::new(),
                latency: latency.to_owned(),
                service: given(&[service.0, service.1]),
                faults: given(&faults),
                client: given(&[client]),
                workload: workload.to_owned(),
                strategies: Vec::new(),
                more: String::new(),
            };
            world.under(&entries)
        },
    )
}

/// A kind of strategy with policies.
pub(crate) fn entries() -> impl Strategy<Value = Entry> {
    (select(KINDS.to_vec()), select(STACKS.to_vec()))
        .prop_map(|(kind, policies)| Entry::of(kind, policies))
}

/// For jobs of five calls: latencies that do not come from chance.
pub(crate) const LIST: &str =
    "kind = \"list\", values = [\"31ms\", \"7ms\", [\"120ms\", \"3ms\"], \"59ms\", \"5ms\"]";

const LATENCIES: [&str; 5] = [
    "kind = \"exponential\", mean = \"40ms\"",
    "kind = \"log-normal\", median = \"30ms\", p99 = \"300ms\"",
    "kind = \"constant\", value = \"50ms\"",
    LIST,
    "kind = \"uniform\", min = \"10ms\", max = \"90ms\"",
];

const WORKLOADS: [&str; 5] = [
    ISOLATED,
    ISOLATED,
    "kind = \"open\", arrivals = { kind = \"poisson\", rate = \"20/s\" }, duration = \"1500ms\"",
    "kind = \"closed\", users = 4, think = { kind = \"exponential\", mean = \"100ms\" }, \
     duration = \"1s\"",
    "kind = \"burst\", jobs = 12",
];

const WORKERS: [&str; 4] = [
    "",
    "workers = 2",
    "workers = 3, queue = { limit = 2 }",
    "workers = 1, queue = { discipline = \"lifo\", expire = \"80ms\" }, on-cancel = \"stop\"",
];

const WAYS: [&str; 4] = [
    "",
    "network = { kind = \"exponential\", mean = \"2ms\" }",
    "replicas = 2, balance = \"power-of-two\"",
    "rate-limit = { rate = \"100/s\", burst = 5, reject-latency = \"1ms\" }",
];

const CLIENTS: [&str; 4] = [
    "",
    "count = 3",
    "connections = 3, acquire-timeout = \"60ms\"",
    "event-loop = { per-call = \"3ms\" }",
];

const FAULTS: [&str; 6] = [
    "kind = \"error\", probability = 0.2",
    "kind = \"error\", status = 503, calls = [0], after = \"4ms\", probability = 0.5",
    "kind = \"hang\", probability = 0.05",
    "kind = \"slow\", factor = 3.0, probability = 0.2",
    "kind = \"outage\", during = [\"20ms..60ms\"]",
    "kind = \"stall\", latency = { kind = \"exponential\", mean = \"30ms\" }, probability = 0.3",
];

pub(crate) const KINDS: [&str; 16] = [
    "kind = \"sequential\"",
    "kind = \"sequential\", on-error = \"stop\"",
    "kind = \"all\"",
    "kind = \"all\", rest = \"cancel\"",
    "kind = \"all-settled\"",
    "kind = \"bounded\", limit = 2",
    "kind = \"bounded\", limit = 2, on-error = \"stop\", rest = \"cancel\"",
    "kind = \"bounded\", limit = 2, on-error = \"clear-queue\"",
    "kind = \"bounded\", limit = 2, on-error = \"lose-worker\"",
    "kind = \"bounded\", limit = 3, on-error = \"keep-starting\"",
    "kind = \"bounded\", limit = 3, on-error = \"reject-at-end\"",
    "kind = \"chunked\", size = 2",
    "kind = \"any\"",
    "kind = \"race\", rest = \"cancel\"",
    "kind = \"quorum\", need = 1",
    "kind = \"eager-in-order\"",
];

const TIMEOUT: &str = "kind = \"timeout\", after = \"90ms\"";
const RETRY: &str =
    "kind = \"retry\", attempts = 3, backoff = { kind = \"exponential\", base = \"10ms\" }";
const HEDGE: &str = "kind = \"hedge\", delay = \"45ms\"";
const BREAKER: &str = "kind = \"circuit-breaker\", consecutive = 2, open = \"150ms\", probes = 1";

pub(crate) const STACKS: [&[&str]; 10] = [
    &[],
    &[TIMEOUT],
    &["kind = \"timeout\", after = \"90ms\", cancel = false"],
    &[RETRY, TIMEOUT],
    &[TIMEOUT, RETRY],
    &["kind = \"retry\", attempts = 3, jitter = \"full\", \
       backoff = { kind = \"exponential\", base = \"10ms\" }, budget = { deposit = 0.1, max = 3 }"],
    &[HEDGE, TIMEOUT],
    &[RETRY, BREAKER],
    &["kind = \"bulkhead\", limit = 2, queue = 1, max-wait = \"60ms\""],
    &[
        "kind = \"fallback\", latency = \"2ms\"",
        "kind = \"rate-limit\", rate = \"60/s\", burst = 3, \
       when-exceeded = \"reject\"",
    ],
];
