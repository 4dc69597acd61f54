//! The queue on SimPy, where Python has it.

use std::process::Command;

use anyhow::{Context, bail};
use serde::Deserialize;

use crate::lab::SEED;

/// The model, in Python.
const SCRIPT: &str = include_str!("simpy_queue.py");

/// A Python that can import SimPy.
#[derive(Clone, Debug)]
pub(crate) struct Python(String);

/// What the script prints.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Printed {
    /// Mean time from arrival to answer, in milliseconds.
    pub(crate) mean_ms: f64,
    /// Requests that were answered.
    pub(crate) answered: u64,
    /// Processor time of the simulation alone: neither Python's start nor the imports count.
    pub(crate) seconds: f64,
}

impl Python {
    /// The interpreter that `AWAITLAB_PYTHON` names, or `python3`; `None` where it has no SimPy.
    #[expect(
        clippy::disallowed_methods,
        reason = "a benchmark is a binary, which reads its environment"
    )]
    pub(crate) fn find() -> Option<Python> {
        let name = std::env::var("AWAITLAB_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let found = Command::new(&name).args(["-c", "import simpy"]).output();
        found
            .is_ok_and(|output| output.status.success())
            .then_some(Python(name))
    }

    /// Runs the queue.
    ///
    /// # Errors
    /// When the script fails, or prints something else.
    pub(crate) fn queue(&self, requests: u64) -> anyhow::Result<Printed> {
        let Python(name) = self;
        let output = Command::new(name)
            .args(["-c", SCRIPT, &requests.to_string(), &SEED.to_string()])
            .output()
            .with_context(|| format!("cannot run {name}"))?;
        if !output.status.success() {
            bail!("{name} fails: {}", String::from_utf8_lossy(&output.stderr));
        }
        serde_json::from_slice(&output.stdout).with_context(|| format!("{name} prints no figures"))
    }
}
