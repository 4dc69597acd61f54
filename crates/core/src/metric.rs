//! The names of a row's figures, as in `summary.json` with dots: what `[compare]` and `[[expect]]`
//! of a scenario may name.
//!
//! They stand here because the scenario checks them and the record carries them, and neither knows
//! the other. A test in `awaitlab-record` holds this list against the record itself.

/// Every figure of a row that has a number: not the bounds of intervals, which belong to a figure,
/// and not what stands under the name of a service.
pub const METRICS: &[&str] = &[
    "calls_per_job",
    "wanted_per_job",
    "jobs",
    "fulfilled",
    "rejected",
    "never_settled",
    "settle_ms.mean",
    "settle_ms.min",
    "settle_ms.p50",
    "settle_ms.p90",
    "settle_ms.p99",
    "settle_ms.p999",
    "settle_ms.max",
    "settle_ms_fulfilled.mean",
    "settle_ms_fulfilled.min",
    "settle_ms_fulfilled.p50",
    "settle_ms_fulfilled.p90",
    "settle_ms_fulfilled.p99",
    "settle_ms_fulfilled.p999",
    "settle_ms_fulfilled.max",
    "settle_ms_rejected.mean",
    "settle_ms_rejected.min",
    "settle_ms_rejected.p50",
    "settle_ms_rejected.p90",
    "settle_ms_rejected.p99",
    "settle_ms_rejected.p999",
    "settle_ms_rejected.max",
    "drain_ms.mean",
    "drain_ms.min",
    "drain_ms.p50",
    "drain_ms.p90",
    "drain_ms.p99",
    "drain_ms.p999",
    "drain_ms.max",
    "success_rate.value",
    "delivered_per_job",
    "lost_per_job",
    "degraded_per_job",
    "calls.started",
    "calls.started_at_settle",
    "calls.succeeded",
    "calls.failed",
    "calls.cancelled",
    "attempts.made",
    "attempts.started",
    "attempts.useful",
    "attempts.failed",
    "attempts.rejected",
    "attempts.late",
    "attempts.duplicate",
    "attempts.orphaned",
    "attempts.cancelled",
    "attempts.unanswered",
    "orphan_ms_per_job",
    "busy_ms_per_job",
    "abandoned_ms_per_job",
    "in_flight.peak",
    "in_flight.mean",
    "wait_ms.mean",
    "wait_ms.p99",
    "client_wait_ms.mean",
    "client_wait_ms.p99",
    "amplification",
    "offered_per_s",
    "throughput_per_s",
    "goodput_per_s",
    "recover_ms",
    "client_idle_share",
    "loop_lag_ms.mean",
    "loop_lag_ms.p99",
    "unhandled",
    "client_deaths",
    "policies.retries",
    "policies.budget_spent",
    "policies.timeouts",
    "policies.hedges",
    "policies.hedges_won",
    "policies.openings",
    "policies.open_ms",
    "policies.refused",
    "policies.degraded",
];

/// What a `[[measure]]` can look at in one replication, or in a stretch of its time: jobs that
/// settled in it, calls started in it, attempts made in it.
pub const MEASURABLE: &[&str] = &[
    "offered_per_s",
    "throughput_per_s",
    "goodput_per_s",
    "rejected_per_s",
    "attempts_per_s",
    "amplification",
    "settle_ms.mean",
    "settle_ms.max",
];

/// The statistics of a distribution, as in `settle_ms.p99`.
pub const STATISTICS: &[&str] = &["mean", "min", "p50", "p90", "p99", "p999", "max"];

/// Whether a row has a figure of that name.
pub fn exists(name: &str) -> bool {
    METRICS.contains(&name)
}
