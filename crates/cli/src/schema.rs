//! `awaitlab schema`.

use crate::exit::Exit;
use crate::output;

/// Prints the JSON Schema of the scenario format.
pub(crate) fn schema() -> anyhow::Result<Exit> {
    let text = serde_json::to_string_pretty(&awaitlab_scenario::schema())?;
    output::results(&format!("{text}\n"))?;
    Ok(Exit::Done)
}
