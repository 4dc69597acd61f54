//! The scenario's own measures: in which share of the replications something held.

use std::collections::BTreeSet;

use awaitlab_record::summary::{Estimate, Row};

use crate::escape::markdown as inert;
use crate::figures::{self, NONE};

/// The names of all measures of some rows.
pub(crate) fn names(rows: &[Row]) -> BTreeSet<&str> {
    let names = rows.iter().flat_map(|row| row.measures.keys());
    names.map(String::as_str).collect()
}

/// `75 % (50 to 87.5 %)`: the share, and its interval where that is one.
pub(crate) fn said(row: &Row, name: &str) -> String {
    let Some(Estimate { value, ci95 }) = row.measures.get(name) else {
        return NONE.into();
    };
    let Some(share) = value.map(figures::percent) else {
        return NONE.into();
    };
    match ci95 {
        Some([low, high]) if low < high => {
            let [low, high] = [*low, *high].map(figures::percent);
            format!("{share} ({} to {high})", low.trim_end_matches(" %"))
        }
        _ => share,
    }
}

/// Writes a table of them, a column each.
pub(crate) fn push(out: &mut String, head: &str, rows: &[Row]) {
    let names = names(rows);
    let heads: Vec<String> = names.iter().map(|name| inert(name)).collect();
    out.push_str(&format!(
        "| {head} | {} |\n|---|{}\n",
        heads.join(" | "),
        "--:|".repeat(heads.len())
    ));
    for row in rows {
        let cells: Vec<String> = names.iter().map(|name| said(row, name)).collect();
        let name = inert(&row.strategy);
        out.push_str(&format!("| {name} | {} |\n", cells.join(" | ")));
    }
    out.push_str("\nThe share of replications in which it held, with its 95 % interval.\n");
}
