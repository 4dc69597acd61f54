//! How the command ends.

use std::process::ExitCode;

use awaitlab_scenario::ScenarioErrors;

use crate::output::{self, ClosedPipe};

/// The exit codes that scripts may rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// The run failed: input or output, a foreign folder in the way.
    Failed = 1,
    /// Bad usage or a bad scenario: nothing was run, nothing was written.
    BadInput = 2,
    /// A scenario's `[[expect]]` was missed, or `compare` found a regression.
    Missed = 99,
    /// Interrupted; what was finished is kept and marked.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Bad usage that only shows after the arguments were parsed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct BadUsage(pub(crate) String);

/// Says what went wrong, and gives the code for it.
pub(crate) fn report(error: &anyhow::Error) -> Exit {
    if error.is::<ClosedPipe>() {
        // Whoever read our results has read enough.
        return Exit::Done;
    }
    if let Some(errors) = error.downcast_ref::<ScenarioErrors>() {
        output::diagnose(&errors.to_string());
        return Exit::BadInput;
    }
    output::diagnose(&format!("error: {error:#}"));
    if error.is::<BadUsage>() {
        Exit::BadInput
    } else {
        Exit::Failed
    }
}
