//! What services and clients saw, as tables of the report: only where there is something to see.

use awaitlab_record::summary::{DownstreamRow, FateCounts, Row, Summary, Wait};

use crate::columns;
use crate::escape::markdown as inert;
use crate::figures::{self, NONE};

/// Writes a table of services and one of clients for each variant in which they had an influence of
/// their own: workers, a queue, a door, an event loop.
pub(crate) fn push(out: &mut String, summary: &Summary) {
    let variants = columns::variants(summary);
    for (variant, rows) in variants {
        let named = if columns::has_variants(summary) {
            format!(" – {}", inert(variant))
        } else {
            String::new()
        };
        if services(rows).any(|(_, _, service)| is_felt(service)) {
            out.push_str(&format!("\n### Services{named}\n\n"));
            push_services(out, rows);
        }
        if rows.iter().any(client_is_felt) {
            out.push_str(&format!("\n### Clients{named}\n\n"));
            push_clients(out, rows);
        }
    }
}

fn services(rows: &[Row]) -> impl Iterator<Item = (&Row, &String, &DownstreamRow)> {
    rows.iter().flat_map(|row| {
        let services = row.downstreams.iter();
        services.map(move |(name, service)| (row, name, service))
    })
}

fn is_felt(service: &DownstreamRow) -> bool {
    service.utilization.is_some()
        || waited(&service.wait_ms)
        || service.queue_peak > 0
        || service.attempts.rejected > 0
}

fn client_is_felt(row: &Row) -> bool {
    row.client_idle_share.is_some()
        || row.client_deaths > 0
        || waited(&row.client_wait_ms)
        || waited(&row.loop_lag_ms)
}

fn waited(wait: &Wait) -> bool {
    wait.mean.is_some_and(|ms| ms > 0.0)
}

fn push_services(out: &mut String, rows: &[Row]) {
    out.push_str(
        "| Strategy | Service | Utilization | Wait mean | Wait p99 | Queue peak | Attempts | \
         Of those |\n|---|---|--:|--:|--:|--:|--:|---|\n",
    );
    for (row, name, service) in services(rows) {
        let cells = [
            inert(&row.strategy),
            inert(name),
            service
                .utilization
                .map_or_else(|| NONE.into(), figures::percent),
            figures::maybe_time(service.wait_ms.mean),
            figures::maybe_time(service.wait_ms.p99),
            figures::count(service.queue_peak),
            columns::per_job(service.attempts.made, row.jobs),
            fates(&service.attempts),
        ];
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    out.push_str(
        "\nWait: in the service's queue, per attempt. Queue peak: most attempts waiting at once. \
         Attempts: made per job, and what became of them.\n",
    );
}

/// `81.2 % useful, 18.8 % rejected`, the largest share first.
fn fates(attempts: &FateCounts) -> String {
    let mut fates = [
        (attempts.useful, "useful"),
        (attempts.failed, "failed"),
        (attempts.rejected, "rejected"),
        (attempts.late, "late"),
        (attempts.duplicate, "duplicate"),
        (attempts.orphaned, "orphaned"),
        (attempts.cancelled, "cancelled"),
        (attempts.unanswered, "unanswered"),
    ];
    fates.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let share = |count: u64| figures::percent(count as f64 / attempts.made as f64);
    let said: Vec<String> = fates
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, fate)| format!("{} {fate}", share(*count)))
        .collect();
    if said.is_empty() {
        return NONE.into();
    }
    said.join(", ")
}

fn push_clients(out: &mut String, rows: &[Row]) {
    out.push_str(
        "| Strategy | Wait mean | Wait p99 | Idle | Loop lag mean | Loop lag p99 | Unhandled | \
         Deaths |\n|---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for row in rows {
        let cells = [
            inert(&row.strategy),
            figures::maybe_time(row.client_wait_ms.mean),
            figures::maybe_time(row.client_wait_ms.p99),
            row.client_idle_share
                .map_or_else(|| NONE.into(), figures::percent),
            figures::maybe_time(row.loop_lag_ms.mean),
            figures::maybe_time(row.loop_lag_ms.p99),
            figures::count(row.unhandled),
            figures::count(row.client_deaths),
        ];
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    out.push_str(
        "\nWait: for a connection or at another door of the client, per attempt. Idle: share of the \
         time in which event loops had nothing to do. Loop lag: from an answer or a timer until its \
         loop takes it up.\n",
    );
}
