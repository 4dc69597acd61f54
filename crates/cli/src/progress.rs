//! The progress of a long run, and its interruption.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use awaitlab_harness::Observer;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Lets Ctrl-C end a run in good order; a second one ends it at once.
pub(crate) fn obey_ctrl_c() {
    let installed = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    // Without a handler Ctrl-C does what it always does: it ends the process.
    drop(installed);
}

/// Whether Ctrl-C was pressed.
pub(crate) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// A bar on a terminal's stderr; silent elsewhere.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar for that many replications. It shows itself only when a run takes a while.
    pub(crate) fn new(scenario: &str, replications: u64, quiet: bool) -> Self {
        Progress::of(scenario, "replications", replications, quiet)
    }

    /// The same for so many of something else.
    pub(crate) fn of(message: &str, what: &str, count: u64, quiet: bool) -> Self {
        let hidden = ProgressDrawTarget::hidden();
        let bar = ProgressBar::with_draw_target(Some(count), hidden);
        let template =
            format!("{{msg}} {{wide_bar}} {{human_pos}}/{{human_len}} {what}, {{eta}} left");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        bar.set_message(message.to_owned());
        if !quiet && std::io::stderr().is_terminal() {
            show_after_a_while(bar.clone());
        }
        Progress { bar }
    }
}

/// Shows a bar unless it is finished by then. Most runs are, and a bar that only flashes disturbs.
fn show_after_a_while(bar: ProgressBar) {
    const A_WHILE: Duration = Duration::from_millis(500);
    // Not waited for: with the process everything has been said.
    std::thread::spawn(move || {
        #[allow(clippy::disallowed_methods)] // The binary is where the clock is.
        std::thread::sleep(A_WHILE);
        if !bar.is_finished() {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
            bar.enable_steady_tick(Duration::from_millis(200));
        }
    });
}

impl Observer for Progress {
    fn replications_planned(&self, count: u64) {
        self.bar.set_length(count);
    }

    fn replications_done(&self, count: u64) {
        self.bar.inc(count);
    }

    fn interrupted(&self) -> bool {
        interrupted()
    }
}

impl awaitlab_validation::Observer for Progress {
    fn run_done(&self) {
        self.bar.inc(1);
    }

    fn interrupted(&self) -> bool {
        interrupted()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
