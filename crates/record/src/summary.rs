//! `summary.json`: everything a report says.
//!
//! Field names are the file's keys. Times are milliseconds. A figure that cannot be computed is
//! `None`, `null` in the file, and "–" in print; never 0 and never NaN. Equal summaries give equal
//! bytes: keys stand in the order of the fields, numbers in the shortest form that reads back the same.

mod json;
mod layer;

use std::collections::BTreeMap;

pub use json::SummaryError;
pub(crate) use json::signature;
use serde::{Deserialize, Serialize};

/// The version of this format.
pub const SCHEMA: u32 = 1;

/// All figures of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The version of the lab that wrote it.
    pub awaitlab: String,
    /// Whether the run came to its end.
    pub status: RunStatus,
    /// What was run.
    pub scenario: ScenarioInfo,
    /// One row per variant and strategy, variants outermost, in the order of the scenario.
    pub rows: Vec<Row>,
    /// Every strategy against the baseline, per variant.
    pub comparisons: Vec<Comparison>,
    /// The scenario's expectations and what came of them.
    pub expectations: Vec<Expectation>,
    /// What came of the precision that was asked for; absent from the file where none was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub precision: Option<Precision>,
    /// What a reader must know to read the figures rightly.
    pub notes: Vec<String>,
}

/// Whether a run came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunStatus {
    /// All replications were run.
    Complete,
    /// Interrupted: the figures are those of the first `replications` ones.
    Interrupted,
}

/// What was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenarioInfo {
    /// The file's stem.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The question it asks, where it states one.
    pub question: Option<String>,
    /// SHA-256 of the file's bytes, in hexadecimal.
    pub sha256: String,
    /// The same of the files that the scenario names, by their names in it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub files: BTreeMap<String, String>,
    /// The seed.
    pub seed: u64,
    /// How many replications were run (fewer than asked for when interrupted).
    pub replications: u64,
    /// What the command line replaced: key and value, in order of keys.
    pub overrides: BTreeMap<String, String>,
}

/// One variant under one strategy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The variant's name; `base` where the scenario has none.
    pub variant: String,
    /// The strategy's name in the scenario.
    pub strategy: String,
    /// The kind of strategy: `sequential`, `all`, …; `own` for one that a program brought.
    pub kind: String,
    /// What part of a run is the result; `None` where each replication is one job.
    pub analysis: Option<Analysis>,
    /// Calls of each job.
    pub calls_per_job: u64,
    /// Jobs that arrived.
    pub jobs: u64,
    /// Jobs whose caller got results.
    pub fulfilled: u64,
    /// Jobs whose caller got an error.
    pub rejected: u64,
    /// Jobs that nothing can settle any more.
    pub never_settled: u64,
    /// Time from arrival to settling, of all settled jobs.
    pub settle_ms: Distribution,
    /// The same of fulfilled jobs.
    pub settle_ms_fulfilled: Distribution,
    /// The same of rejected jobs.
    pub settle_ms_rejected: Distribution,
    /// Time from arrival to the end of the job's last attempt, of jobs that drained.
    pub drain_ms: Distribution,
    /// Results delivered / results wanted.
    pub success_rate: Estimate,
    /// Results wanted of each job.
    pub wanted_per_job: u64,
    /// Results the caller received, per job.
    pub delivered_per_job: Option<f64>,
    /// Results paid for and thrown away by a rejection, per job.
    pub lost_per_job: Option<f64>,
    /// Degraded answers (fallbacks), per job.
    pub degraded_per_job: Option<f64>,
    /// What became of the calls' attempts, as they ended.
    pub calls: CallCounts,
    /// Attempts by fate.
    pub attempts: FateCounts,
    /// Attempt time in flight after the job settled, per job.
    pub orphan_ms_per_job: Option<f64>,
    /// Attempt time in flight, per job.
    pub busy_ms_per_job: Option<f64>,
    /// Work services went on with after its attempt was cancelled, per job.
    pub abandoned_ms_per_job: Option<f64>,
    /// Attempts in flight.
    pub in_flight: InFlight,
    /// Share of its workers' time in use, per service; `None` where it has no limit of workers.
    pub utilization: BTreeMap<String, Option<f64>>,
    /// Time in a service's queue, per attempt.
    pub wait_ms: Wait,
    /// Time at the client's doors (connection, bulkhead, limiter), per attempt.
    pub client_wait_ms: Wait,
    /// Attempts that left the client / calls started.
    pub amplification: Option<f64>,
    /// Jobs that arrived, per second of virtual time in which jobs arrive: the offered load. `None`
    /// for isolated workloads and bursts.
    pub offered_per_s: Option<f64>,
    /// Jobs that settled, per second of virtual time; `None` for isolated workloads.
    pub throughput_per_s: Option<f64>,
    /// Good jobs (fulfilled, complete, within the deadline) per second of virtual time; `None` for
    /// isolated workloads.
    pub goodput_per_s: Option<f64>,
    /// From the end of a fault until goodput stays up again; `None` for isolated workloads.
    pub recover_ms: Option<f64>,
    /// Share of the time in which clients' event loops had nothing to do; `None` where answers cost
    /// them nothing.
    pub client_idle_share: Option<f64>,
    /// Time from an answer or a timer until its client's event loop takes it up.
    pub loop_lag_ms: Wait,
    /// Failures that nobody awaited.
    pub unhandled: u64,
    /// How often a client process ended.
    pub client_deaths: u64,
    /// Per service.
    pub downstreams: BTreeMap<String, DownstreamRow>,
    /// What the policies around its calls did, all together; 0 where there are none. Like all that
    /// follows up to `measures` it is absent from the file where there is nothing to say.
    #[serde(skip_serializing_if = "is_default", default)]
    pub policies: PolicyCounts,
    /// The same of each, outermost first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub layers: Vec<LayerRow>,
    /// Errors that attempts brought, and refusals, by class.
    #[serde(skip_serializing_if = "is_default", default)]
    pub attempt_errors: ErrorCounts,
    /// Errors that calls ended with, by class.
    #[serde(skip_serializing_if = "is_default", default)]
    pub call_errors: ErrorCounts,
    /// The scenario's own figures, by name: shares of replications.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub measures: BTreeMap<String, Estimate>,
    /// What the words are derived from.
    pub traits: Traits,
    /// The words themselves: they belong to the strategy over all variants, so they are the same in
    /// every variant's row.
    pub words: Words,
}

/// What part of a run is the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Analysis {
    /// Everything: the transient is the result.
    Terminating,
    /// What comes after the warm-up.
    SteadyState,
}

impl Analysis {
    /// The word for it, as in `summary.json`.
    pub const fn name(self) -> &'static str {
        match self {
            Analysis::Terminating => "terminating",
            Analysis::SteadyState => "steady-state",
        }
    }
}

/// The figures of a distribution of times, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// Exact mean.
    pub mean: Option<f64>,
    /// Its 95 % interval.
    pub ci95: Option<[f64; 2]>,
    /// Exact.
    pub min: Option<f64>,
    /// Median.
    pub p50: Option<f64>,
    /// Its 95 % interval.
    pub p50_ci95: Option<[f64; 2]>,
    /// 90 % of the observations are at or below it.
    pub p90: Option<f64>,
    /// Its 95 % interval.
    pub p90_ci95: Option<[f64; 2]>,
    /// 99 %.
    pub p99: Option<f64>,
    /// Its 95 % interval.
    pub p99_ci95: Option<[f64; 2]>,
    /// 99.9 %.
    pub p999: Option<f64>,
    /// Its 95 % interval.
    pub p999_ci95: Option<[f64; 2]>,
    /// Exact.
    pub max: Option<f64>,
}

/// A value with its 95 % interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The point estimate.
    pub value: Option<f64>,
    /// Its interval.
    pub ci95: Option<[f64; 2]>,
}

/// How attempts ended, whatever their answers were wanted for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallCounts {
    /// Attempts that reached a service.
    pub started: u64,
    /// Those that had when their job settled.
    pub started_at_settle: u64,
    /// Answered with a success.
    pub succeeded: u64,
    /// Answered with an error.
    pub failed: u64,
    /// Cancelled.
    pub cancelled: u64,
}

/// Attempts by fate: `made = started + rejected = ` the sum of the fates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FateCounts {
    /// Attempts that left the strategy or a policy.
    pub made: u64,
    /// Attempts that reached a service.
    pub started: u64,
    /// Success that reached its call.
    pub useful: u64,
    /// Error that reached its call.
    pub failed: u64,
    /// Refused at a door.
    pub rejected: u64,
    /// Given up by a timeout.
    pub late: u64,
    /// Beaten by a sibling.
    pub duplicate: u64,
    /// Its job had settled.
    pub orphaned: u64,
    /// Stopped.
    pub cancelled: u64,
    /// Never ended.
    pub unanswered: u64,
}

/// Attempts in flight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InFlight {
    /// Largest number of one job.
    pub peak: u64,
    /// Of isolated jobs, busy time / drain time; else the number of all jobs together, averaged over
    /// virtual time to the end of drain.
    pub mean: Option<f64>,
}

/// A wait, in milliseconds; nothing waits where there is no door and no queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Wait {
    /// Exact mean.
    pub mean: Option<f64>,
    /// 99 % of the attempts waited no longer.
    pub p99: Option<f64>,
}

/// What one service saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DownstreamRow {
    /// Attempts by fate.
    pub attempts: FateCounts,
    /// Share of its workers' time in use; `None` where it has no limit.
    pub utilization: Option<f64>,
    /// Time in its queue, per attempt that it took up or dropped.
    pub wait_ms: Wait,
    /// Most attempts that waited in its queue at once.
    pub queue_peak: u64,
}

/// What policies did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyCounts {
    /// Times that a retry tried again.
    pub retries: u64,
    /// Retries and hedges that a budget forbade.
    pub budget_spent: u64,
    /// Times that a timeout gave up.
    pub timeouts: u64,
    /// Attempts that a hedge sent beside one that ran.
    pub hedges: u64,
    /// Those of them that answered first.
    pub hedges_won: u64,
    /// Times that a breaker opened.
    pub openings: u64,
    /// Time in which a breaker refused everything, all breakers together, per replication.
    pub open_ms: Option<f64>,
    /// Calls that a breaker, bulkhead or limiter refused.
    pub refused: u64,
    /// Calls for which a fallback stood in.
    pub degraded: u64,
}

/// One policy of a stack. Its file has the figures that its kind can have, and no others: a timeout
/// opens nothing.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct LayerRow {
    /// The kind of policy: `timeout`, `retry`, …
    pub kind: String,
    /// Who shares its state: `job`, `client` or `global`.
    pub scope: String,
    /// What it did.
    #[serde(flatten)]
    pub counts: PolicyCounts,
    /// How long calls waited before it let them in.
    #[serde(default)]
    pub wait_ms: Wait,
    /// The limit of an adaptive limiter.
    #[serde(default)]
    pub limit: Option<LimitRow>,
}

/// The limit of an adaptive limiter, over virtual time and over limiters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LimitRow {
    /// Averaged over time.
    pub mean: Option<f64>,
    /// The lowest.
    pub min: Option<f64>,
    /// The highest.
    pub max: Option<f64>,
}

/// Errors by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorCounts {
    /// The service answered with an error.
    pub error: u64,
    /// A timeout gave up.
    pub timeout: u64,
    /// 429: over a quota.
    pub throttled: u64,
    /// A full or expired queue.
    pub unavailable: u64,
    /// Outage, partition, or no connection in time.
    pub connection: u64,
    /// Refused at the client: open breaker, bulkhead, limiter.
    pub refused: u64,
    /// Cancelled by the caller.
    pub cancelled: u64,
}

/// Whether there is nothing to say of it.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The measured traits that the words are derived from; of one row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Traits {
    /// No job had two attempts in flight, and it has more than one call.
    pub one_at_a_time: bool,
    /// The largest peak of a job reached its number of calls, and it has more than one.
    pub burst: bool,
    /// Some call was started after its job was.
    pub waited: bool,
    /// Jobs with at least one failed and one successful call.
    pub mixed_jobs: u64,
    /// Of those: successful calls.
    pub mixed_successful: u64,
    /// Of those: results delivered.
    pub mixed_delivered: u64,
    /// Of those: rejected before all calls' ends had been handed to the strategy.
    pub mixed_cut_short: u64,
    /// Of those: rejected after all calls had ended.
    pub mixed_rejected_at_end: u64,
    /// Of those: rejected in all.
    pub mixed_rejected: u64,
}

/// Words for what the numbers say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// What a failure costs the rest.
    pub error_resilience: String,
    /// How the strategy loads its services.
    pub resource_utilization: String,
    /// How a failure shows.
    pub failure_mode: String,
}

/// One strategy against the baseline, paired by replication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The variant.
    pub variant: String,
    /// The metric compared, as in `settle_ms.mean`.
    pub metric: String,
    /// What it is compared to.
    pub baseline: String,
    /// What is compared.
    pub strategy: String,
    /// Strategy minus baseline, in the metric's unit.
    pub difference: Option<f64>,
    /// Its 95 % interval.
    pub ci95: Option<[f64; 2]>,
    /// Holm's p value over the variant's strategies.
    pub p_adjusted: Option<f64>,
    /// The finding in a word or two.
    pub verdict: String,
    /// The variance that the difference would have, had the two met different worlds, by the one it
    /// has; `None` where nothing was left to chance.
    #[serde(default)]
    pub gain_of_pairing: Option<f64>,
}

/// Whether intervals came out as narrow as was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Precision {
    /// Half the interval over the value, at most.
    pub asked: f64,
    /// Whose interval.
    pub metric: String,
    /// Whether that was reached in every variant under every strategy.
    pub reached: bool,
    /// The widest of them; `None` where one has no interval.
    pub widest: Option<f64>,
    /// Where that is.
    pub variant: String,
    /// Under which strategy.
    pub strategy: String,
}

/// One `[[expect]]` against what was measured, in one variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expectation {
    /// The variant.
    pub variant: String,
    /// The strategy.
    pub strategy: String,
    /// The metric, as in `settle_ms.p99`.
    pub metric: String,
    /// At least this.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub min: Option<f64>,
    /// At most this.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max: Option<f64>,
    /// Exactly this.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub equals: Option<f64>,
    /// What was measured; `None` is a miss.
    pub value: Option<f64>,
    /// Whether it held.
    pub held: bool,
}
