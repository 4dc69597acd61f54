//! The names of a row's figures, as in `summary.json` with dots: what `[compare]` and `[[expect]]`
//! of a scenario may name.
//!
//! They stand here because the scenario checks them and the record carries them, and neither knows
//! the other. A test in `awaitlab-record` holds this list against the record itself.

/// Every figure of a row that has a number.
pub const METRICS: &[&str] = &[];

/// The statistics of a distribution, as in `settle_ms.p99`.
pub const STATISTICS: &[&str] = &["mean", "min", "p50", "p90", "p99", "p999", "max"];

/// Whether a row has a figure of that name.
pub fn exists(name: &str) -> bool {
    METRICS.contains(&name)
}
