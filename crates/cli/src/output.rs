//! Where the command's words go: results to stdout, the rest to stderr.

use std::io::{self, IsTerminal, Write};

/// Nobody reads our results any more: not an error.
#[derive(Debug, thiserror::Error)]
#[error("the reader of the results is gone")]
pub(crate) struct ClosedPipe;

/// The widest table that is still easy to read.
const WIDEST: usize = 140;
/// What a table fits into when nobody says otherwise.
const USUAL_WIDTH: usize = 80;

/// Prints results.
///
/// # Errors
/// [`ClosedPipe`] where the reader has gone; any other failure, such as a full disk behind a
/// redirection, with its reason.
pub(crate) fn results(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(ClosedPipe.into()),
        Err(error) => Err(anyhow::Error::new(error).context("cannot write to stdout")),
        Ok(()) => Ok(()),
    }
}

/// Says something that is not a result. Where even that cannot be written, nobody can be told.
pub(crate) fn diagnose(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
}

/// How wide a table on stdout may be.
pub(crate) fn width() -> usize {
    if !io::stdout().is_terminal() {
        return USUAL_WIDTH;
    }
    let terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    terminal.unwrap_or(USUAL_WIDTH).clamp(40, WIDEST)
}

/// Whether results on stdout may have colour: on a terminal, unless `NO_COLOR` is set to anything.
#[allow(clippy::disallowed_methods)] // The binary is where the environment is read.
pub(crate) fn color() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
