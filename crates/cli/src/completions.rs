//! `awaitlab completions`.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Args;
use crate::exit::Exit;
use crate::output;

/// Prints completions for a shell.
pub(crate) fn completions(shell: Shell) -> anyhow::Result<Exit> {
    // Into memory first: the generator panics where it cannot write.
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "awaitlab", &mut text);
    output::results(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}
