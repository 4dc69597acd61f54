//! An adaptive limit.

use awaitlab_policies::adaptive::AdaptiveSpec;

use crate::document::Table;
use crate::problem::Problems;
use crate::shape;

use super::build::whole;
use super::words;

/// The keys that only some algorithms have.
const OWN: [(&str, &[&str]); 3] = [
    (words::AIMD, &["min", "backoff-ratio", "timeout"]),
    (
        words::VEGAS,
        &["smoothing", "alpha", "beta", "probe-multiplier"],
    ),
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

/// The limit: the library's defaults, and in their place what is given.
pub(super) fn build(table: &Table, problems: &mut Problems) -> Option<AdaptiveSpec> {
    let algorithm = table.text("algorithm")?;
    report_foreign(table, algorithm, problems);
    let count = |key, value: &mut u32| *value = whole(table, key).unwrap_or(*value);
    let number = |key, value: &mut f64| *value = table.number(key).unwrap_or(*value);
    let mut spec = match algorithm {
        words::AIMD => AdaptiveSpec::aimd(),
        words::VEGAS => AdaptiveSpec::vegas(),
        _ => AdaptiveSpec::gradient2(),
    };
    match &mut spec {
        AdaptiveSpec::Aimd {
            initial,
            min,
            max,
            backoff_ratio,
            timeout,
        } => {
            count("initial", initial);
            count("min", min);
            count("max", max);
            number("backoff-ratio", backoff_ratio);
            *timeout = table.duration("timeout").unwrap_or(*timeout);
        }
        AdaptiveSpec::Vegas {
            initial,
            max,
            smoothing,
            alpha,
            beta,
            probe_multiplier,
        } => {
            count("initial", initial);
            count("max", max);
            number("smoothing", smoothing);
            *alpha = whole(table, "alpha");
            *beta = whole(table, "beta");
            count("probe-multiplier", probe_multiplier);
            if let (Some(alpha), Some(beta), Some(written)) = (*alpha, *beta, table.get("alpha"))
                && alpha > beta
            {
                let rule = format!("alpha {alpha} lies above beta {beta}");
                problems.at(written.place, rule);
            }
        }
        AdaptiveSpec::Gradient2 {
            initial,
            min,
            max,
            queue_size,
            rtt_tolerance,
            smoothing,
            long_window,
        } => {
            count("initial", initial);
            count("min", min);
            count("max", max);
            count("queue-size", queue_size);
            number("rtt-tolerance", rtt_tolerance);
            number("smoothing", smoothing);
            count("long-window", long_window);
        }
    }
    Some(spec)
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
