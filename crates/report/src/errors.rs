//! Errors by class, as a table of the report: what callers saw of what went wrong, and what attempts
//! brought.

use awaitlab_record::summary::{ErrorCounts, Row};

use crate::columns;
use crate::escape::markdown as inert;
use crate::figures::{self, NONE};

/// Whether there is more to say of it than that calls fail: policies that tried to mend it, or
/// classes of other kinds than a plain error.
pub(crate) fn are_told(rows: &[Row]) -> bool {
    let failed = rows.iter().any(|row| sum(&row.call_errors) > 0);
    let other = |errors: &ErrorCounts| sum(errors) > errors.error;
    let told = |row: &Row| !row.layers.is_empty() || other(&row.call_errors);
    failed && rows.iter().any(told)
}

/// Writes the table.
pub(crate) fn push(out: &mut String, head: &str, rows: &[Row]) {
    out.push_str(&format!(
        "| {head} | Failed calls | Of those | Errors of attempts | Of those |\n|---|--:|---|--:|---|\n"
    ));
    for row in rows {
        let [calls, attempts] = [&row.call_errors, &row.attempt_errors];
        let cells = [
            inert(&row.strategy),
            columns::per_job(sum(calls), row.jobs),
            classes(calls),
            columns::per_job(sum(attempts), row.jobs),
            classes(attempts),
        ];
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    out.push_str(
        "\nPer job. Failed calls: what callers saw once all policies were through. Errors of \
         attempts: what policies saw, refusals at the client's own doors included.\n",
    );
}

fn sum(errors: &ErrorCounts) -> u64 {
    by_class(errors).iter().map(|(count, _)| count).sum()
}

fn by_class(errors: &ErrorCounts) -> [(u64, &'static str); 7] {
    [
        (errors.error, "error"),
        (errors.timeout, "timeout"),
        (errors.throttled, "throttled"),
        (errors.unavailable, "unavailable"),
        (errors.connection, "connection"),
        (errors.refused, "refused"),
        (errors.cancelled, "cancelled"),
    ]
}

/// `81.2 % timeout, 18.8 % refused`, the largest share first.
fn classes(errors: &ErrorCounts) -> String {
    let all = sum(errors);
    let mut classes = by_class(errors);
    classes.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let said: Vec<String> = classes
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, class)| format!("{} {class}", figures::percent(*count as f64 / all as f64)))
        .collect();
    if said.is_empty() {
        return NONE.into();
    }
    said.join(", ")
}
