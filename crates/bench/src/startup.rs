//! How long somebody waits for the command.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

use crate::measure::{median, on_the_wall};

/// Where the workspace was when this program was built.
const BENCH: &str = env!("CARGO_MANIFEST_DIR");
const SCENARIO: &str = "scenarios/three-requests.toml";

/// The seconds that `awaitlab run` of the first scenario takes, as a process, with its charts; the
/// median of some runs. Builds the command first, so that what is measured is what the source says.
///
/// # Errors
/// When it cannot be built or run.
pub(crate) fn seconds(runs: usize) -> anyhow::Result<f64> {
    let command = build()?;
    let workspace = workspace()?;
    let out = std::env::temp_dir().join(format!("awaitlab-bench-{}", std::process::id()));
    let run = || {
        let mut command = Command::new(&command);
        command.current_dir(&workspace).args(["run", SCENARIO]);
        let mut command = command.arg("--out").arg(&out);
        command = command.stdout(Stdio::null()).stderr(Stdio::null());
        let (status, seconds) = on_the_wall(|| command.status());
        ensure!(status?.success(), "awaitlab run {SCENARIO} fails");
        ensure!(out.join("charts").is_dir(), "no charts were drawn");
        Ok(seconds)
    };
    // The first fills the system's caches.
    let measured: anyhow::Result<Vec<f64>> = (0..=runs).map(|_| run()).collect();
    std::fs::remove_dir_all(&out).with_context(|| format!("cannot remove {}", out.display()))?;
    Ok(median(measured?.split_off(1)))
}

fn workspace() -> anyhow::Result<PathBuf> {
    let workspace = Path::new(BENCH).ancestors().nth(2);
    Ok(workspace.context("the workspace is gone")?.to_owned())
}

/// Builds the command where this program was built.
#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark is a binary, which reads its environment"
)]
fn build() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folder = own.parent().context("this program lies in no folder")?;
    let target = folder.parent().context("this program lies in no target")?;
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut build = Command::new(cargo);
    build.current_dir(workspace()?).arg("--quiet");
    build.args(["build", "--release", "--package", "awaitlab"]);
    let status = build.arg("--target-dir").arg(target).status();
    ensure!(
        status.context("cannot run cargo")?.success(),
        "the awaitlab command cannot be built"
    );
    Ok(target
        .join("release")
        .join("awaitlab")
        .with_extension(std::env::consts::EXE_EXTENSION))
}
