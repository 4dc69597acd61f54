//! Core's runtime on tokio: one thread, a `LocalSet`, and tokio's clock.

use std::future::Future;
use std::io;
use std::panic::resume_unwind;
use std::time::Duration;

use awaitlab_core::time::nanos;
use awaitlab_core::{EventClass, Instant, Runtime};
use tokio::runtime::Builder;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::LocalSet;

use crate::caught::{Panic, caught};
use crate::sleep::TokioSleep;
use crate::task::TokioTask;

/// Time and tasks from tokio, on one thread, as a Node process has them.
///
/// tokio's timers tick in whole milliseconds: a shorter sleep takes one. It knows no classes of
/// events, so which of two events at one instant comes first is tokio's choice, and all timers of a
/// millisecond fire before any task runs. On latencies of whole milliseconds without ties it
/// agrees with virtual time exactly.
///
/// Made by [`paused`] and [`real`], and of use only inside them: `spawn` and sleeping until now
/// panic outside a `LocalSet`.
#[derive(Clone, Debug)]
pub struct TokioRuntime {
    began: tokio::time::Instant,
    panics: UnboundedSender<Panic>,
}

/// Runs a program on a clock that stands still while anything can run and jumps to the next timer
/// when nothing can: exact, and as fast as the machine allows.
///
/// ```
/// use std::time::Duration;
///
/// use awaitlab_core::{Instant, Runtime};
/// use awaitlab_tokio_runtime::paused;
///
/// let woke = paused(|runtime| async move {
///     runtime.sleep(Duration::from_secs(3600)).await;
///     runtime.now()
/// });
/// assert_eq!(woke - Instant::START, Duration::from_secs(3600));
/// ```
///
/// # Panics
/// When the program, or a task it spawned, does; and inside another tokio runtime.
pub fn paused<F: Future>(program: impl FnOnce(TokioRuntime) -> F) -> F::Output {
    let mut builder = Builder::new_current_thread();
    builder.enable_time().start_paused(true);
    // A thread to park on and a timer wheel: nothing is asked of the operating system.
    run(&mut builder, program).expect("a runtime without I/O needs no resources")
}

/// Runs a program on the machine's clock.
///
/// # Errors
/// When the operating system refuses tokio's I/O driver, where a build has one.
///
/// # Panics
/// As [`paused`].
pub fn real<F: Future>(program: impl FnOnce(TokioRuntime) -> F) -> io::Result<F::Output> {
    run(Builder::new_current_thread().enable_all(), program)
}

fn run<F: Future>(
    builder: &mut Builder,
    program: impl FnOnce(TokioRuntime) -> F,
) -> io::Result<F::Output> {
    let tokio = builder.build()?;
    Ok(LocalSet::new().block_on(&tokio, async {
        let (panics, mut panicked) = unbounded_channel();
        let runtime = TokioRuntime {
            began: tokio::time::Instant::now(),
            panics,
        };
        // tokio keeps a task's panic for whoever joins it, and nobody does.
        tokio::select! {
            biased;
            Some(payload) = panicked.recv() => resume_unwind(payload),
            output = program(runtime) => output,
        }
    }))
}

impl Runtime for TokioRuntime {
    type Sleep = TokioSleep;
    type Task = TokioTask;

    fn now(&self) -> Instant {
        Instant::from_nanos(nanos(tokio::time::Instant::now() - self.began))
    }

    /// The class is ignored: tokio has none.
    fn sleep_until(&self, at: Instant, _class: EventClass) -> TokioSleep {
        /// Where a platform's clock does not reach as far as ours: tokio's own idea of forever.
        const THIRTY_YEARS: Duration = Duration::from_secs(86_400 * 365 * 30);
        let since_began = at - Instant::START;
        TokioSleep::until(
            self.began
                .checked_add(since_began)
                .unwrap_or_else(|| self.began + THIRTY_YEARS),
        )
    }

    fn spawn(&self, future: impl Future<Output = ()> + 'static) -> TokioTask {
        let panics = self.panics.clone();
        TokioTask::begin(async move {
            if let Err(payload) = caught(future).await {
                // Nobody listens once the program is over.
                let _ = panics.send(payload);
            }
        })
    }

    fn cancel(&self, task: &TokioTask) {
        task.cancel();
    }
}
