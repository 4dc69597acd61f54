//! What services and clients saw, as tables of the report: only where there is something to see.

use awaitlab_record::summary::{DownstreamRow, FateCounts, Row, Summary, Wait};

use crate::blocks::{self, blocks};
use crate::columns;
use crate::escape::markdown as inert;
use crate::figures::{self, NONE};

/// Writes a table of services and one of clients for each variant in which they had an influence of
/// their own: workers, a queue, a door, an event loop.
pub(crate) fn push(out: &mut String, summary: &Summary) {
    let head = blocks::head(summary);
    for block in blocks(summary) {
        let rows = &block.rows[..];
        let named = block
            .title
            .map_or_else(String::new, |variant| format!(" – {}", inert(variant)));
        if services(rows).any(|(_, _, service)| is_felt(service)) {
            out.push_str(&format!("\n### Services{named}\n\n"));
            push_services(out, head, rows);
        }
        if rows.iter().any(client_is_felt) {
            out.push_str(&format!("\n### Clients{named}\n\n"));
            push_clients(out, head, rows);
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

fn push_services(out: &mut String, head: &str, rows: &[Row]) {
    out.push_str(&format!(
        "| {head} | Service | Utilization | Wait mean | Wait p99 | Queue peak | Attempts | \
         Of those |\n|---|---|--:|--:|--:|--:|--:|---|\n",
    ));
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

/// A column of the clients' table.
struct ClientColumn {
    head: &'static str,
    cell: fn(&Row) -> String,
    /// Whether a table has it that has this row.
    wanted: fn(&Row) -> bool,
}

const CLIENT_COLUMNS: [ClientColumn; 7] = [
    client_column(
        "Wait mean",
        |r| figures::maybe_time(r.client_wait_ms.mean),
        |r| waited(&r.client_wait_ms),
    ),
    client_column(
        "Wait p99",
        |r| figures::maybe_time(r.client_wait_ms.p99),
        |r| waited(&r.client_wait_ms),
    ),
    client_column("Idle", idle, has_loops),
    client_column(
        "Loop lag mean",
        |r| figures::maybe_time(r.loop_lag_ms.mean),
        has_loops,
    ),
    client_column(
        "Loop lag p99",
        |r| figures::maybe_time(r.loop_lag_ms.p99),
        has_loops,
    ),
    client_column(
        "Unhandled",
        |r| figures::count(r.unhandled),
        |r| r.unhandled > 0,
    ),
    client_column(
        "Deaths",
        |r| figures::count(r.client_deaths),
        columns::has_deaths,
    ),
];

const fn client_column(
    head: &'static str,
    cell: fn(&Row) -> String,
    wanted: fn(&Row) -> bool,
) -> ClientColumn {
    ClientColumn { head, cell, wanted }
}

fn idle(row: &Row) -> String {
    row.client_idle_share
        .map_or_else(|| NONE.into(), figures::percent)
}

fn has_loops(row: &Row) -> bool {
    row.client_idle_share.is_some() || waited(&row.loop_lag_ms)
}

fn push_clients(out: &mut String, head: &str, rows: &[Row]) {
    let columns: Vec<&ClientColumn> = CLIENT_COLUMNS
        .iter()
        .filter(|column| rows.iter().any(column.wanted))
        .collect();
    let heads: Vec<&str> = columns.iter().map(|column| column.head).collect();
    out.push_str(&format!(
        "| {head} | {} |\n|---|{}\n",
        heads.join(" | "),
        "--:|".repeat(heads.len())
    ));
    for row in rows {
        let cells: Vec<String> = columns.iter().map(|column| (column.cell)(row)).collect();
        let name = inert(&row.strategy);
        out.push_str(&format!("| {name} | {} |\n", cells.join(" | ")));
    }
    let said = [
        (
            "Wait mean",
            "Wait: for a connection or at another door of the client, per attempt.",
        ),
        (
            "Idle",
            "Idle: share of the time in which event loops had nothing to do. Loop lag: from an \
             answer or a timer until its loop takes it up.",
        ),
        ("Unhandled", "Unhandled: failures that nobody listened to."),
        (
            "Deaths",
            "Deaths: processes that an unhandled failure ended.",
        ),
    ];
    let said: Vec<&str> = said
        .into_iter()
        .filter(|(head, _)| heads.contains(head))
        .map(|(_, said)| said)
        .collect();
    out.push_str(&format!("\n{}\n", said.join(" ")));
}
