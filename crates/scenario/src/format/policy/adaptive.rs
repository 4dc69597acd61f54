//! An adaptive limit.

use std::time::Duration;

use awaitlab_policies::adaptive::AdaptiveSpec;

use crate::document::Table;
use crate::problem::Problems;
use crate::shape;

use super::build::whole;
use super::words;

/// The keys that only some algorithms have.
const OWN: [(&str, &[&str]); 3] = [
    (words::AIMD, &["min", "backoff-ratio", "timeout"]),
    (words::VEGAS, &["smoothing"]),
    (
        words::GRADIENT2,
        &[
            "min",
            "smoothing",
            "queue-size",
            "rtt-tolerance",
            "long-window",
        ],
    ),
];

/// The limit, with the defaults of Netflix's concurrency-limits.
pub(super) fn build(table: &Table, problems: &mut Problems) -> Option<AdaptiveSpec> {
    let algorithm = table.text("algorithm")?;
    report_foreign(table, algorithm, problems);
    let limit = |key, default| whole(table, key).unwrap_or(default);
    let ratio = |key, default| table.number(key).unwrap_or(default);
    let initial = limit("initial", 20);
    Some(match algorithm {
        words::AIMD => AdaptiveSpec::Aimd {
            initial,
            min: limit("min", 20),
            max: limit("max", 200),
            backoff_ratio: ratio("backoff-ratio", 0.9),
            timeout: table.duration("timeout").unwrap_or(Duration::from_secs(5)),
        },
        words::VEGAS => AdaptiveSpec::Vegas {
            initial,
            max: limit("max", 1000),
            smoothing: ratio("smoothing", 1.0),
        },
        _ => AdaptiveSpec::Gradient2 {
            initial,
            min: limit("min", 20),
            max: limit("max", 200),
            queue_size: limit("queue-size", 4),
            rtt_tolerance: ratio("rtt-tolerance", 1.5),
            smoothing: ratio("smoothing", 0.2),
            long_window: limit("long-window", 600),
        },
    })
}

/// Reports keys of another algorithm.
fn report_foreign(table: &Table, algorithm: &str, problems: &mut Problems) {
    for entry in &table.entries {
        let has_it = |(_, keys): &&(_, &[&str])| keys.contains(&entry.key.as_str());
        let owners: Vec<&str> = OWN.iter().filter(has_it).map(|(name, _)| *name).collect();
        if !owners.is_empty() && !owners.contains(&algorithm) {
            let help = format!("it is a key of {}", shape::quoted(owners));
            let rule = format!("no key of the algorithm \"{algorithm}\"");
            problems.with_help(entry.place, rule, Some(help));
        }
    }
}
