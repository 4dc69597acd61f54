//! What a person would say of the figures, in a few sentences.
//!
//! Only what the record holds is said: who settles first and whether its interval keeps it apart
//! from the others, who delivers what, what is left running, who never answers.

mod in_time;

use awaitlab_record::summary::{Row, Summary};

use crate::blocks::Block;
use crate::columns;
use crate::figures;

/// Orphan time below this share of all attempt time is not worth a sentence.
const NOTABLE_SHARE: f64 = 0.05;

/// The sentences about rows that are compared with each other. `name` writes a strategy's name.
pub(crate) fn sentences(
    summary: &Summary,
    block: &Block<'_>,
    name: fn(&str) -> String,
) -> Vec<String> {
    let rows = &block.rows[..];
    let mut said = Vec::new();
    said.extend(in_time::goodput(rows, name));
    said.extend(in_time::recovery(rows, name));
    let settled: Vec<&Row> = rows
        .iter()
        .filter(|row| row.settle_ms.mean.is_some())
        .collect();
    if settled.is_empty() {
        said.push("No job of any strategy settles.".into());
    } else if rows.len() > 1 {
        said.push(who_is_first(&settled, name));
        said.extend(who_delivers(rows, &settled, name));
    } else {
        said.extend(settled.iter().map(|row| alone(row, name)));
    }
    said.extend(who_is_degraded(rows, name));
    said.extend(against_the_baseline(summary, block.variant, name));
    said.extend(who_never_settles(rows, name));
    said.extend(who_leaves_work_behind(rows, name));
    said.extend(in_time::deaths(rows, name));
    said
}

/// `Promise.all() settles after 600 ms on average and delivers 50 % of the results wanted.`
fn alone(row: &Row, name: fn(&str) -> String) -> String {
    let after = figures::maybe_time(row.settle_ms.mean);
    let delivers = row.success_rate.value.map_or_else(String::new, |share| {
        format!(
            " and delivers {} of the results wanted",
            figures::percent(share)
        )
    });
    format!(
        "{} settles after {after} on average{delivers}.",
        name(&row.strategy)
    )
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
    let last = behind.iter().copied().map(mean).fold(0.0, f64::max);
    let after_last = figures::time(last);
    let slowest: Vec<&Row> = behind
        .into_iter()
        .filter(|row| figures::maybe_time(row.settle_ms.mean) == after_last)
        .collect();
    let are = if slowest.len() == 1 { "is" } else { "are" };
    let last = format!("; {} {are} last, with {after_last}", list(&slowest, name));
    let apart = if first.len() > 1 && first.iter().any(|row| mean(row) != mean(best)) {
        " (their 95 % intervals overlap)"
    } else {
        ""
    };
    format!(
        "{} {verb} first, after {after} on average{apart}{}{last}.",
        list(&first, name),
        by_rejecting(&first)
    )
}

/// ` (30.5 % of its jobs are rejected)`: whoever gives up at once has settled early too.
fn by_rejecting(first: &[&Row]) -> String {
    let share = |row: &Row| row.rejected as f64 / row.jobs as f64;
    match first {
        [row] if row.rejected == row.jobs => " (all its jobs are rejected)".into(),
        [row] if share(row) > NOTABLE_SHARE => {
            format!(
                " ({} of its jobs are rejected)",
                figures::percent(share(row))
            )
        }
        _ => String::new(),
    }
}

/// Who delivers the most of what was wanted, and how fast the fastest of those is.
fn who_delivers(rows: &[Row], settled: &[&Row], name: fn(&str) -> String) -> Option<String> {
    // As printed: shares that differ in a later digit are not worth a sentence.
    let share = |row: &Row| row.success_rate.value.map(figures::percent);
    let most = rows
        .iter()
        .filter_map(|row| row.success_rate.value)
        .reduce(f64::max)?;
    let most = figures::percent(most);
    let known = rows.iter().filter(|row| row.success_rate.value.is_some());
    let (full, less): (Vec<&Row>, Vec<&Row>) =
        known.partition(|row| share(row).as_ref() == Some(&most));
    if less.is_empty() {
        return Some(format!("All deliver {most} of the results wanted."));
    }
    let less: Vec<String> = less
        .iter()
        .filter_map(|row| Some(format!("{} {}", name(&row.strategy), share(row)?)))
        .collect();
    let verb = if full.len() == 1 {
        "delivers"
    } else {
        "deliver"
    };
    let quickest = quickest_of(&full, settled, name).unwrap_or_default();
    Some(format!(
        "{} {verb} the most, {most} of the results wanted ({}).{quickest}",
        list(&full, name),
        columns::some_of(&less)
    ))
}

/// How long those take that deliver the most, where they are not the first to settle anyway.
fn quickest_of(full: &[&Row], settled: &[&Row], name: fn(&str) -> String) -> Option<String> {
    let settling = full
        .iter()
        .copied()
        .filter(|row| row.settle_ms.mean.is_some());
    let settling: Vec<&Row> = settling.collect();
    let best = least(&settling)?;
    if level(best, least(settled)?) {
        return None;
    }
    let quickest: Vec<&Row> = settling
        .iter()
        .copied()
        .filter(|row| level(row, best))
        .collect();
    let after = figures::maybe_time(best.settle_ms.mean);
    let verb = if quickest.len() == 1 { "takes" } else { "take" };
    Some(match (full.len(), quickest.len()) {
        (1, _) => format!(" It {verb} {after}."),
        (all, some) if all == some => format!(" They {verb} {after}."),
        _ => format!(" Of those, {} {verb} {after}.", list(&quickest, name)),
    })
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
            format!("{} ({verdict})", columns::some_of(&whom))
        })
        .collect();
    let alike = columns::not_distinguishable(&found);
    let alike = if !alike.is_empty() {
        let names: Vec<String> = alike.into_iter().map(name).collect();
        format!(" Not distinguishable: {}.", columns::some_of(&names))
    } else {
        String::new()
    };
    Some(format!(
        "Compared with {} by {}: {}.{alike}",
        name(found.baseline),
        columns::spoken(found.metric),
        groups.join("; ")
    ))
}

/// Answers of fallbacks are no results, and yet the caller has something to show.
fn who_is_degraded(rows: &[Row], name: fn(&str) -> String) -> Option<String> {
    let degraded: Vec<String> = rows
        .iter()
        .filter(|row| row.degraded_per_job > Some(0.0) && row.wanted_per_job > 0)
        .filter_map(|row| {
            let share = row.degraded_per_job? / row.wanted_per_job as f64;
            Some(format!(
                "{} ({})",
                name(&row.strategy),
                figures::percent(share)
            ))
        })
        .collect();
    (!degraded.is_empty()).then(|| {
        format!(
            "A fallback stands in for results, as a share of those wanted: {}.",
            columns::some_of(&degraded)
        )
    })
}

fn who_never_settles(rows: &[Row], name: fn(&str) -> String) -> Option<String> {
    let never = never_settled(rows, name);
    (!never.is_empty()).then(|| format!("Jobs that never settle: {}.", columns::some_of(&never)))
}

/// The strategies under which jobs never settle, each with their share.
pub(crate) fn never_settled(rows: &[Row], name: fn(&str) -> String) -> Vec<String> {
    let never = rows
        .iter()
        .filter(|row| row.never_settled > 0 && row.jobs > 0)
        .map(|row| {
            let share = row.never_settled as f64 / row.jobs as f64;
            format!("{} ({})", name(&row.strategy), figures::percent(share))
        });
    never.collect()
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
            columns::some_of(&left)
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
        [most @ .., last] if (1..columns::NAMED).contains(&most.len()) => {
            format!("{} and {last}", most.join(", "))
        }
        names => columns::some_of(names),
    }
}
