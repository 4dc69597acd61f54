//! What a person would say of the figures, in a few sentences.
//!
//! Only what the record holds is said: who settles first and whether its interval keeps it apart
//! from the others, who delivers what, what is left running, who never answers.

use awaitlab_record::summary::{Row, Summary};

use crate::columns;
use crate::figures;

/// Orphan time below this share of all attempt time is not worth a sentence.
const NOTABLE_SHARE: f64 = 0.05;

/// The sentences about one variant. `name` writes a strategy's name.
pub(crate) fn sentences(
    summary: &Summary,
    variant: &str,
    rows: &[Row],
    name: fn(&str) -> String,
) -> Vec<String> {
    let mut said = Vec::new();
    let settled: Vec<&Row> = rows
        .iter()
        .filter(|row| row.settle_ms.mean.is_some())
        .collect();
    if settled.is_empty() {
        said.push("No job of any strategy settles.".into());
    } else if rows.len() > 1 {
        said.push(who_is_first(&settled, name));
        said.extend(who_delivers(rows, &settled, name));
    }
    said.extend(against_the_baseline(summary, variant, name));
    said.extend(who_never_settles(rows, name));
    said.extend(who_leaves_work_behind(rows, name));
    said
}

/// `Promise.all() and Promise.any() settle first, after 500 ms on average; Sequential awaiting is
/// last, with 1500 ms.`
fn who_is_first(settled: &[&Row], name: fn(&str) -> String) -> String {
    let Some(best) = least(settled) else {
        return String::new();
    };
    let (first, behind): (Vec<&Row>, Vec<&Row>) = settled.iter().partition(|row| level(row, best));
    let after = figures::maybe_time(best.settle_ms.mean);
    if behind.is_empty() {
        return match first.len() {
            1 => format!(
                "Only {} settles jobs, after {after} on average.",
                name(&best.strategy)
            ),
            _ => format!("All settle alike, after {after} on average."),
        };
    }
    let verb = if first.len() == 1 {
        "settles"
    } else {
        "settle"
    };
    let last = behind
        .iter()
        .copied()
        .reduce(|a, b| if mean(b) > mean(a) { b } else { a });
    let last = last.map_or_else(String::new, |row| {
        format!(
            "; {} is last, with {}",
            name(&row.strategy),
            figures::maybe_time(row.settle_ms.mean)
        )
    });
    let apart = if first.len() > 1 && first.iter().any(|row| mean(row) != mean(best)) {
        " (their 95 % intervals overlap)"
    } else {
        ""
    };
    format!(
        "{} {verb} first, after {after} on average{apart}{last}.",
        list(&first, name)
    )
}

/// Whether the fastest also delivers; if not, who is the fastest of those that do.
fn who_delivers(rows: &[Row], settled: &[&Row], name: fn(&str) -> String) -> Option<String> {
    let share = |row: &Row| row.success_rate.value;
    let most = rows.iter().filter_map(share).reduce(f64::max)?;
    let (full, less): (Vec<&Row>, Vec<&Row>) = rows
        .iter()
        .filter(|row| share(row).is_some())
        .partition(|row| share(row) >= Some(most));
    let most_said = figures::percent(most);
    if less.is_empty() {
        return Some(format!("All deliver {most_said} of the results wanted."));
    }
    let short: Vec<String> = less
        .iter()
        .map(|row| {
            format!(
                "{} {}",
                name(&row.strategy),
                figures::percent(share(row).unwrap_or(0.0))
            )
        })
        .collect();
    let deliver = if full.len() == 1 {
        "delivers"
    } else {
        "deliver"
    };
    let fastest = least(settled)?;
    let full_settled: Vec<&Row> = settled
        .iter()
        .copied()
        .filter(|row| share(row) >= Some(most))
        .collect();
    let quickest = match least(&full_settled) {
        Some(row) if !level(row, fastest) => {
            let quickest: Vec<&Row> = full_settled
                .iter()
                .copied()
                .filter(|other| level(other, row))
                .collect();
            let of_those = if full.len() > quickest.len() {
                "Of those, "
            } else {
                ""
            };
            let verb = if quickest.len() == 1 { "takes" } else { "take" };
            let after = figures::maybe_time(row.settle_ms.mean);
            format!(" {of_those}{} {verb} {after}.", list(&quickest, name))
        }
        _ => String::new(),
    };
    Some(format!(
        "{} {deliver} the most, {most_said} of the results wanted ({}).{quickest}",
        list(&full, name),
        short.join(", ")
    ))
}

/// What the paired comparison found, which is more than two intervals can say.
fn against_the_baseline(
    summary: &Summary,
    variant: &str,
    name: fn(&str) -> String,
) -> Option<String> {
    let found = columns::findings(summary, variant).into_iter().next()?;
    let groups: Vec<String> = found
        .groups
        .iter()
        .map(|(verdict, whom)| {
            let whom: Vec<String> = whom.iter().map(|c| name(&c.strategy)).collect();
            format!("{verdict}: {}", whom.join(", "))
        })
        .collect();
    Some(format!(
        "Compared with {} by {}, {}.",
        name(found.baseline),
        columns::spoken(found.metric),
        groups.join("; ")
    ))
}

fn who_never_settles(rows: &[Row], name: fn(&str) -> String) -> Option<String> {
    let never: Vec<String> = rows
        .iter()
        .filter(|row| row.never_settled > 0 && row.jobs > 0)
        .map(|row| {
            let share = row.never_settled as f64 / row.jobs as f64;
            format!("{} ({})", name(&row.strategy), figures::percent(share))
        })
        .collect();
    (!never.is_empty()).then(|| format!("Jobs that never settle: {}.", never.join(", ")))
}

fn who_leaves_work_behind(rows: &[Row], name: fn(&str) -> String) -> Option<String> {
    let left: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let (orphan, busy) = (row.orphan_ms_per_job?, row.busy_ms_per_job?);
            (orphan > NOTABLE_SHARE * busy)
                .then(|| format!("{} ({})", name(&row.strategy), figures::time(orphan)))
        })
        .collect();
    (!left.is_empty()).then(|| {
        format!(
            "Work that runs on after the answer, per job: {}.",
            left.join(", ")
        )
    })
}

fn mean(row: &Row) -> f64 {
    row.settle_ms.mean.unwrap_or(f64::INFINITY)
}

fn least<'a>(rows: &[&'a Row]) -> Option<&'a Row> {
    rows.iter()
        .copied()
        .reduce(|a, b| if mean(b) < mean(a) { b } else { a })
}

/// Whether two means cannot be told apart by their intervals; without intervals, whether they are
/// printed alike.
fn level(row: &Row, best: &Row) -> bool {
    match (row.settle_ms.ci95, best.settle_ms.ci95) {
        (Some([low, _]), Some([_, high])) => low <= high,
        _ => figures::maybe_time(row.settle_ms.mean) == figures::maybe_time(best.settle_ms.mean),
    }
}

/// `A`, `A and B`, `A, B and C`.
fn list(rows: &[&Row], name: fn(&str) -> String) -> String {
    let names: Vec<String> = rows.iter().map(|row| name(&row.strategy)).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
