//! The domain types: what a scenario says, once it is known to make sense.

use std::collections::BTreeMap;
use std::time::Duration;

use awaitlab_catalogue::BuiltIn;
use awaitlab_client::ClientSpec;
use awaitlab_core::Rest;
use awaitlab_downstream::ServiceSpec;
use awaitlab_faults::{Kind, Rule};
use awaitlab_latency::Model;
use awaitlab_policies::StackSpec;
use awaitlab_workload::Workload;

/// One story: a question, the world it is asked in, and the strategies that answer it.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The file's stem.
    pub name: String,
    /// A line that says what it is about.
    pub title: String,
    /// The question it asks.
    pub question: Option<String>,
    /// The seed of every random number.
    pub seed: u64,
    /// How often each cell is repeated; with a precision, at most.
    pub replications: u64,
    /// Half the interval of the metric of [`Compare`] that is to be reached, as a share of its value.
    pub precision: Option<f64>,
    /// The worlds to compare in; at least one.
    pub variants: Vec<Variant>,
    /// The strategies to compare; at least one.
    pub strategies: Vec<Entry>,
    /// How they are compared.
    pub compare: Compare,
    /// Figures of the scenario's own.
    pub measures: Vec<Measure>,
    /// What must come out.
    pub expects: Vec<Expect>,
    /// What was read.
    pub source: Source,
    /// What a reader of the results must know about the scenario.
    pub notes: Vec<String>,
}

/// One world: the scenario with some of its tables replaced.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Its name; `base` where the scenario lists none.
    pub name: String,
    /// What a caller starts.
    pub job: Job,
    /// The services, in the order of the file.
    pub downstreams: Vec<Downstream>,
    /// The fault rules, in the order of the file.
    pub faults: Vec<Rule<Model>>,
    /// When jobs arrive.
    pub workload: Workload<Model>,
    /// The processes that run jobs.
    pub client: ClientSpec,
    /// What part of a run is the result; for isolated workloads everything is.
    pub analysis: Analysis,
}

impl Variant {
    /// Whether an attempt's time has no variance, by the service's work, a leg of the network or a
    /// stall: then no interval for a mean of times can be trusted.
    pub fn has_infinite_variance(&self) -> bool {
        let services = self
            .downstreams
            .iter()
            .map(|downstream| &downstream.service);
        let of_services = services.flat_map(|service| {
            let replicas = service.replicas.iter().map(|replica| &replica.latency);
            replicas.chain(&service.network)
        });
        let stalls = self.faults.iter().filter_map(|rule| match rule.kind() {
            Kind::Stall(stall) => Some(stall.add()),
            _ => None,
        });
        of_services.chain(stalls).any(Model::has_infinite_variance)
    }
}

/// What a caller starts and waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its calls, numbered through in this order.
    pub parts: Vec<JobPart>,
    /// A good job settles within it.
    pub deadline: Option<Duration>,
    /// A job that has not settled by then is rejected from outside.
    pub give_up: Option<Duration>,
}

impl Job {
    /// How many calls the job has.
    pub fn calls(&self) -> u32 {
        self.parts.iter().map(|part| part.count).sum()
    }
}

/// Calls of a job that go to one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobPart {
    /// Index into [`Variant::downstreams`].
    pub downstream: usize,
    /// How many calls.
    pub count: u32,
}

/// A service that is called.
#[derive(Clone, Debug)]
pub struct Downstream {
    /// Its name in the file.
    pub name: String,
    /// What it is.
    pub service: ServiceSpec<Model>,
}

/// What part of a run is the result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Analysis {
    /// Everything: the transient is the result.
    Terminating,
    /// What comes after a warm-up: jobs that arrive in it are left out of every figure.
    SteadyState {
        /// The share of the horizon that is warm-up, 0 to 1.
        warm_up: f64,
    },
}

/// A strategy under its name.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name in every table and chart.
    pub name: String,
    /// What it does.
    pub strategy: BuiltIn,
    /// What stands around each of its calls.
    pub policies: StackSpec,
    /// What becomes of the job's calls when the caller gives up.
    pub rest: Rest,
}

/// How strategies are compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Compare {
    /// Index into [`Scenario::strategies`].
    pub baseline: usize,
    /// The figure that decides, as in `settle_ms.mean`.
    pub metric: String,
    /// The smallest difference that matters to the user, as a share of the baseline's value.
    pub matters: Option<f64>,
}

/// A figure of the scenario's own: the share of replications in which something held.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Its name; `[[expect]]` knows it as `measures.NAME`.
    pub name: String,
    /// What is looked at in each replication: one of [`awaitlab_core::metric::MEASURABLE`].
    pub metric: String,
    /// What of the replication counts, from its start and up to its end; `None`: all of it.
    pub during: Option<(Duration, Duration)>,
    /// It holds where the figure is above this.
    pub above: Option<f64>,
    /// And below this.
    pub below: Option<f64>,
}

/// A figure that must lie within bounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Expect {
    /// Index into [`Scenario::strategies`].
    pub strategy: usize,
    /// Index into [`Scenario::variants`]; `None`: in every one.
    pub variant: Option<usize>,
    /// The figure, as in `settle_ms.p99`.
    pub metric: String,
    /// At least this.
    pub min: Option<f64>,
    /// At most this.
    pub max: Option<f64>,
    /// Exactly this.
    pub equals: Option<f64>,
}

/// What a scenario was read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The file's bytes.
    pub bytes: Vec<u8>,
    /// Their SHA-256, in hexadecimal.
    pub sha256: String,
    /// Files that the scenario names, as it names them, with their SHA-256 in hexadecimal.
    pub files: BTreeMap<String, String>,
    /// What the command line replaced, by key.
    pub overrides: BTreeMap<String, String>,
}
