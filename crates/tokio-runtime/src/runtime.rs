//! Core's runtime on tokio: one thread, a `LocalSet`, and tokio's clock.

use std::future::Future;
use std::io;
use std::panic::resume_unwind;
use std::rc::Rc;
use std::task::Waker;
use std::time::Duration;

use awaitlab_core::time::nanos;
use awaitlab_core::{EventClass, Instant, OnAlarm, Runtime};
use tokio::runtime::Builder;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::LocalSet;

use crate::alarm::{TokioAlarm, TokioCallee};
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
    type Callee = TokioCallee;
    type Alarm = TokioAlarm;
    type Waiter = Waker;

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

    fn callee(&self, whom: Rc<dyn OnAlarm>) -> TokioCallee {
        // Who is called holds this, so it must not be held by it.
        TokioCallee(Rc::downgrade(&whom))
    }

    fn alarm_at(&self, at: Instant, class: EventClass, whom: &TokioCallee, key: u32) -> TokioAlarm {
        let sleep = self.sleep_until(at, class);
        let TokioCallee(whom) = whom.clone();
        TokioAlarm(self.spawn(async move {
            sleep.await;
            if let Some(whom) = whom.upgrade() {
                whom.on_alarm(key);
            }
        }))
    }

    fn take_back(&self, alarm: TokioAlarm) {
        alarm.0.cancel();
    }

    fn waiter(&self, waker: &Waker) -> Waker {
        waker.clone()
    }

    fn wake(&self, waiter: Waker) {
        waiter.wake();
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

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::rc::Rc;

    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn time_counts_from_the_beginning_of_the_run() {
        paused(|runtime| async move {
            assert_eq!(runtime.now(), Instant::START);
            runtime.sleep(ms(30)).await;
            runtime.sleep(ms(12)).await;
            assert_eq!(runtime.now(), Instant::START + ms(42));
        });
    }

    /// Notes when it is called, and with which key.
    struct Bell {
        runtime: TokioRuntime,
        rung: RefCell<Vec<(Duration, u32)>>,
    }

    impl OnAlarm for Bell {
        fn on_alarm(&self, key: u32) {
            let since = self.runtime.now() - Instant::START;
            self.rung.borrow_mut().push((since, key));
        }
    }

    #[test]
    fn an_alarm_goes_off_unless_it_is_taken_back_and_calls_nobody_who_is_gone() {
        let rung = paused(|runtime| async move {
            let bell = |runtime: &TokioRuntime| {
                let (runtime, rung) = (runtime.clone(), RefCell::default());
                Rc::new(Bell { runtime, rung })
            };
            let (here, gone) = (bell(&runtime), bell(&runtime));
            let [callee, nobody] = [here.clone(), gone].map(|bell| runtime.callee(bell));
            let alarm = |after, whom, key| {
                let at = Instant::START + ms(after);
                runtime.alarm_at(at, EventClass::Answer, whom, key)
            };
            let taken_back = alarm(10, &callee, 1);
            let _others = [alarm(20, &callee, 2), alarm(30, &nobody, 3)];
            runtime.take_back(taken_back);
            runtime.sleep(ms(40)).await;
            here.rung.take()
        });
        assert_eq!(rung, [(ms(20), 2)]);
    }

    #[test]
    fn sleeps_end_in_the_order_of_their_instants() {
        let order = paused(|runtime| async move {
            let order = Rc::new(RefCell::new(Vec::new()));
            for after in [30, 10, 20] {
                let (runtime_, order) = (runtime.clone(), order.clone());
                runtime.spawn(async move {
                    runtime_.sleep(ms(after)).await;
                    order
                        .borrow_mut()
                        .push((after, runtime_.now() - Instant::START));
                });
            }
            runtime.sleep(ms(40)).await;
            order.take()
        });
        assert_eq!(order, [(10, ms(10)), (20, ms(20)), (30, ms(30))]);
    }

    #[test]
    fn a_joined_task_brings_its_result_and_a_cancelled_one_none() {
        let (brought, cancelled) = paused(|runtime| async move {
            let sleep = runtime.sleep(ms(5));
            let brings = runtime.spawn_joined(async move {
                sleep.await;
                7
            });
            let hangs = runtime.spawn_joined(std::future::pending::<u32>());
            hangs.cancel();
            (brings.await, hangs.await)
        });
        assert_eq!((brought, cancelled), (Some(7), None));
    }

    #[test]
    fn a_panic_of_a_task_ends_the_run() {
        let run = catch_unwind(AssertUnwindSafe(|| {
            paused(|runtime| async move {
                let sleep = runtime.sleep(ms(5));
                runtime.spawn(async move {
                    sleep.await;
                    panic!("a bug in a task");
                });
                // Without the panic this would never end.
                std::future::pending::<()>().await;
            });
        }));
        let payload = run.expect_err("the task's panic");
        assert_eq!(payload.downcast_ref(), Some(&"a bug in a task"));
    }

    #[test]
    fn the_real_clock_sleeps_at_least_as_long_as_it_was_told() {
        let slept = real(|runtime| async move {
            runtime.sleep(ms(2)).await;
            runtime.now() - Instant::START
        });
        assert!(slept.unwrap() >= ms(2));
    }

    #[test]
    fn the_far_future_can_be_slept_until() {
        let woken = paused(|runtime| async move {
            let woken = Rc::new(Cell::new(false));
            let (runtime_, woken_) = (runtime.clone(), woken.clone());
            runtime.spawn(async move {
                runtime_
                    .sleep_until(Instant::FAR_FUTURE, EventClass::Timer)
                    .await;
                woken_.set(true);
            });
            runtime.sleep(Duration::from_secs(86_400 * 365)).await;
            woken.get()
        });
        assert!(!woken, "it has a year behind it and centuries to go");
    }
}
