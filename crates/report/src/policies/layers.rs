//! The stacks of policies, layer by layer.

use awaitlab_record::summary::{LayerRow, Row};

use super::{has_policies, limit, per, per_job};
use crate::escape::markdown as inert;
use crate::figures;

/// Writes the stack of each strategy, outermost layer first: the order is what a stack means, and
/// the table above adds its layers up.
pub(crate) fn push_stacks(out: &mut String, rows: &[Row], replications: u64) {
    let stacked = || rows.iter().filter(|row| has_policies(row));
    if stacked().all(|row| row.layers.len() < 2) {
        return;
    }
    out.push_str("\nThe stacks, outermost first:\n\n");
    for row in stacked() {
        let layers: Vec<String> = row
            .layers
            .iter()
            .map(|layer| said(layer, row, replications))
            .collect();
        out.push_str(&format!(
            "- *{}*: {}\n",
            inert(&row.strategy),
            layers.join(" › ")
        ));
    }
}

/// `retry, per client (0.42 retries, 0.1 forbidden by its budget)`.
fn said(layer: &LayerRow, row: &Row, replications: u64) -> String {
    let counts = &layer.counts;
    let mut did = Vec::new();
    let mut count = |n: u64, what: &str| {
        if n > 0 {
            did.push(format!("{} {what}", per_job(n, row)));
        }
    };
    count(counts.retries, "retries");
    count(counts.timeouts, "timeouts");
    count(counts.hedges, "hedges");
    count(counts.hedges_won, "of them won");
    count(counts.budget_spent, "forbidden by its budget");
    count(counts.refused, "refused");
    count(counts.degraded, "degraded");
    if counts.openings > 0 {
        let times = match per(counts.openings, replications).as_str() {
            "1" => "once".into(),
            times => format!("{times} times"),
        };
        let open = figures::maybe_time(counts.open_ms);
        did.push(format!("opened {times}, for {open}"));
    }
    if layer.wait_ms.mean > Some(0.0) {
        let [mean, p99] = [layer.wait_ms.mean, layer.wait_ms.p99].map(figures::maybe_time);
        did.push(format!("wait {mean}, p99 {p99}"));
    }
    did.extend(limit(layer).map(|limit| format!("limit {limit}")));
    let did = if did.is_empty() {
        "nothing to do".into()
    } else {
        did.join(", ")
    };
    // A timeout and a fallback have no state that could be shared.
    let scope = match (layer.kind.as_str(), layer.scope.as_str()) {
        ("timeout" | "fallback", _) | (_, "") => String::new(),
        (_, scope) => format!(", per {scope}"),
    }
    .replace("per global", "global");
    format!("{}{} ({did})", inert(&layer.kind), inert(&scope))
}
