//! What is said of work that keeps arriving.

use awaitlab_record::summary::Row;

use super::list;
use crate::columns;
use crate::figures;

/// `Of 80 jobs offered per second, good ones: 79.5 with A, 17.8 with B.` The most first.
pub(super) fn goodput(rows: &[Row], name: fn(&str) -> String) -> Option<String> {
    let mut known: Vec<&Row> = rows
        .iter()
        .filter(|row| row.goodput_per_s.is_some())
        .collect();
    let rate = |row: &Row| row.goodput_per_s.unwrap_or(0.0);
    known.sort_by(|a, b| rate(b).total_cmp(&rate(a)));
    let first = known.first()?;
    let offered = |row: &Row| row.offered_per_s.map(figures::number);
    let load = offered(first);
    let one = known.iter().all(|row| offered(row) == load);
    // What is printed alike is said once.
    let said = |row: &Row| {
        let rate = figures::number(rate(row));
        match offered(row) {
            Some(load) if !one => format!("{rate} of {load}"),
            _ => rate,
        }
    };
    let groups: Vec<&[&Row]> = known.chunk_by(|a, b| said(a) == said(b)).collect();
    if groups.len() == 1 && one && Some(said(first)) == load {
        return load
            // Also those that settle after the last has arrived, when an overload is worked off.
            .map(|load| {
                format!("All of the {load} jobs offered per second are good ones in the end.")
            });
    }
    let groups: Vec<String> = groups
        .into_iter()
        .map(|group| format!("{} with {}", said(group[0]), list(group, name)))
        .collect();
    let groups = columns::some_of(&groups);
    Some(match load {
        Some(load) if one => format!("Of {load} jobs offered per second, good ones: {groups}."),
        Some(_) => format!("Good jobs of those offered, per second: {groups}."),
        None => format!("Good jobs per second: {groups}."),
    })
}

/// `Once the faults are over, goodput is back after 1 s with A, after 12 s with B; not always by the end
/// with C.` Nothing where none is known to come back: there may have been no fault.
pub(super) fn recovery(rows: &[Row], name: fn(&str) -> String) -> Option<String> {
    let mut back: Vec<(f64, &Row)> = rows
        .iter()
        .filter_map(|row| Some((row.recover_ms?, row)))
        .collect();
    if back.is_empty() {
        return None;
    }
    back.sort_by(|a, b| a.0.total_cmp(&b.0));
    let after = |ms: f64| match ms {
        0.0 => "at once".into(),
        ms => format!("after {}", figures::time(ms)),
    };
    let groups: Vec<String> = back
        .chunk_by(|a, b| after(a.0) == after(b.0))
        .map(|group| {
            let whom: Vec<&Row> = group.iter().map(|(_, row)| *row).collect();
            format!("{} with {}", after(group[0].0), list(&whom, name))
        })
        .collect();
    let never: Vec<&Row> = rows.iter().filter(|row| row.recover_ms.is_none()).collect();
    let never = if never.is_empty() {
        String::new()
    } else {
        format!("; not always by the end with {}", list(&never, name))
    };
    Some(format!(
        "Once the faults are over, goodput is back {}{never}.",
        columns::some_of(&groups)
    ))
}

/// Whose failures ended the process they happened in.
pub(super) fn deaths(rows: &[Row], name: fn(&str) -> String) -> Option<String> {
    let died: Vec<String> = rows
        .iter()
        .filter(|row| row.client_deaths > 0)
        .map(|row| {
            let times = figures::counted(row.client_deaths, "time", "times");
            format!("{} ({times})", name(&row.strategy))
        })
        .collect();
    (!died.is_empty()).then(|| {
        format!(
            "Client processes that an unhandled failure ended: {}.",
            columns::some_of(&died)
        )
    })
}
