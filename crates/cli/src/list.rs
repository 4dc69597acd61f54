//! `awaitlab list`: what a scenario can say, and which scenarios there are.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use awaitlab_catalogue::Kind;
use awaitlab_policies::Kind as Policy;
use awaitlab_scenario::Scenario;

use crate::exit::Exit;
use crate::output;

const SCENARIOS: &str = "scenarios";

/// Prints kinds and scenarios.
pub(crate) fn list() -> anyhow::Result<Exit> {
    let mut text = String::new();
    section(
        &mut text,
        "Strategies",
        Kind::ALL.iter().map(|kind| (kind.name(), kind.summary())),
    );
    section(
        &mut text,
        "Policies",
        Policy::ALL.iter().map(|kind| (kind.name(), kind.summary())),
    );
    section(
        &mut text,
        "Latencies",
        awaitlab_latency::KINDS.iter().copied(),
    );
    section(&mut text, "Faults", awaitlab_faults::KINDS.iter().copied());
    section(
        &mut text,
        "Workloads",
        awaitlab_workload::KINDS.iter().copied(),
    );
    let scenarios = scenarios(Path::new(SCENARIOS));
    if scenarios.is_empty() {
        text.push_str("Scenarios\n  there is no folder scenarios/ with scenarios here\n");
    } else {
        let listed = scenarios
            .iter()
            .map(|(name, about)| (name.as_str(), about.as_str()));
        section(
            &mut text,
            "Scenarios (awaitlab run scenarios/NAME.toml)",
            listed,
        );
    }
    output::results(&text)?;
    Ok(Exit::Done)
}

fn section<'a>(
    text: &mut String,
    title: &str,
    entries: impl Iterator<Item = (&'a str, &'a str)> + Clone,
) {
    let widest = entries
        .clone()
        .map(|(name, _)| name.len())
        .max()
        .unwrap_or(0);
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{title}");
    for (name, about) in entries {
        let _ = writeln!(text, "  {name:widest$}  {about}");
    }
    text.push('\n');
}

/// The scenarios of a folder with their questions, by name.
fn scenarios(folder: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder).map(|entries| entries.flatten().map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> = entries.map(Iterator::collect).unwrap_or_default();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "toml")
    });
    paths.sort();
    let named = paths.iter().map(|path| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        // A file may be called anything; what is listed must not move a cursor.
        let name = stem.escape_debug().to_string();
        let about = match Scenario::read(path, &[]) {
            Ok(scenario) => scenario.question.unwrap_or(scenario.title),
            Err(_) => "cannot be read: awaitlab check says why".to_owned(),
        };
        (name, about)
    });
    named.collect()
}
