//! The scenarios that are named on the command line.

use std::path::PathBuf;

use awaitlab_scenario::Scenario;

use crate::exit::BadUsage;

/// Reads them all, or says what is wrong with the first that cannot be read.
pub(crate) fn read(
    paths: &[PathBuf],
    overrides: &[(String, String)],
) -> anyhow::Result<Vec<Scenario>> {
    if paths.is_empty() {
        return Err(no_scenario().into());
    }
    let read = paths
        .iter()
        .map(|path| Ok(Scenario::read(path, overrides)?));
    read.collect()
}

fn no_scenario() -> BadUsage {
    BadUsage(
        "no scenario was named. Try\n  awaitlab run scenarios/three-requests.toml\n\
         awaitlab list shows the scenarios in scenarios/"
            .to_owned(),
    )
}

/// Every chosen name must be there, or a misspelt one would silently run everything but it.
pub(crate) fn check_chosen<'a>(
    what: &str,
    chosen: &[String],
    names: impl Iterator<Item = &'a str> + Clone,
) -> Result<(), BadUsage> {
    let unknown = chosen
        .iter()
        .find(|chosen| !names.clone().any(|name| name == *chosen));
    match unknown {
        None => Ok(()),
        Some(unknown) => {
            let known: Vec<String> = names.map(|name| format!("{name:?}")).collect();
            let known = known.join(", ");
            Err(BadUsage(format!(
                "there is no {what} {unknown:?}; there are {known}"
            )))
        }
    }
}
