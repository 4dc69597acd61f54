//! A task whose future can be dropped at once, whoever asks.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::task::{AbortHandle, spawn_local};

use crate::first_poll::first_poll;

/// Names a task of a [`TokioRuntime`](crate::TokioRuntime).
#[derive(Clone, Debug)]
pub struct TokioTask(Rc<Shared>);

/// Between a task and those who may cancel it. tokio's own abort drops a future the next time its
/// task is scheduled; here the future lies where [`TokioTask::cancel`] can take it away.
struct Shared {
    state: RefCell<State>,
    /// Ends the tokio task that a cancelled future leaves behind empty.
    task: Cell<Option<AbortHandle>>,
}

enum State {
    Waiting(Pin<Box<dyn Future<Output = ()>>>),
    /// The future is on the stack of its own poll.
    Polled,
    Over,
}

impl TokioTask {
    /// Polls the future once, and leaves the rest to a task of the current `LocalSet`.
    pub(crate) fn begin(future: impl Future<Output = ()> + 'static) -> Self {
        let shared = Rc::new(Shared {
            state: RefCell::new(State::Waiting(Box::pin(future))),
            task: Cell::new(None),
        });
        if first_poll(pin!(poll_fn(|cx| shared.poll(cx)))).is_pending() {
            let rest = shared.clone();
            let task = spawn_local(poll_fn(move |cx| rest.poll(cx)));
            shared.task.set(Some(task.abort_handle()));
        }
        TokioTask(shared)
    }

    /// Drops the future, here and now unless it is being polled.
    pub(crate) fn cancel(&self) {
        // Dropping may run code that cancels again, so nothing is borrowed by then.
        let state = self.0.state.replace(State::Over);
        drop(state);
        if let Some(task) = self.0.task.take() {
            task.abort();
        }
    }
}

impl Shared {
    fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        let State::Waiting(mut future) = self.state.replace(State::Polled) else {
            self.state.replace(State::Over);
            return Poll::Ready(());
        };
        let poll = future.as_mut().poll(cx);
        let mut state = self.state.borrow_mut();
        if poll.is_pending() && matches!(*state, State::Polled) {
            *state = State::Waiting(future);
            return Poll::Pending;
        }
        // It has ended, or cancelled itself: the future is dropped once nothing is borrowed.
        *state = State::Over;
        drop(state);
        Poll::Ready(())
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self.state.borrow() {
            State::Waiting(_) => "waiting",
            State::Polled => "polled",
            State::Over => "over",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use awaitlab_core::Runtime;

    use super::*;
    use crate::paused;

    /// Runs code when it is dropped.
    struct OnDrop<F: FnMut()>(F);

    impl<F: FnMut()> Drop for OnDrop<F> {
        fn drop(&mut self) {
            (self.0)();
        }
    }

    fn flag() -> (Rc<Cell<bool>>, impl FnMut()) {
        let flag = Rc::new(Cell::new(false));
        let set = flag.clone();
        (flag, move || set.set(true))
    }

    #[test]
    fn the_first_poll_happens_inside_spawn() {
        paused(|runtime| async move {
            let (began, mut begin) = flag();
            runtime.spawn(async move {
                begin();
                std::future::pending::<()>().await;
            });
            assert!(began.get());
        });
    }

    #[test]
    fn a_cancelled_future_is_gone_when_cancel_returns() {
        paused(|runtime| async move {
            let (dropped, drop) = flag();
            let guard = OnDrop(drop);
            let task = runtime.spawn(async move {
                let _guard = guard;
                std::future::pending::<()>().await;
            });
            assert!(!dropped.get());
            runtime.cancel(&task);
            assert!(dropped.get());
            runtime.cancel(&task);
        });
    }

    #[test]
    fn a_task_that_cancels_itself_is_dropped_at_its_next_await() {
        paused(|runtime| async move {
            let (went_on, mut go_on) = flag();
            let (passed_the_await, mut pass) = flag();
            let own = Rc::new(RefCell::new(None::<TokioTask>));
            let (runtime_, own_) = (runtime.clone(), own.clone());
            let task = runtime.spawn(async move {
                runtime_.sleep(Duration::from_millis(1)).await;
                let own = own_.take().unwrap();
                runtime_.cancel(&own);
                go_on();
                runtime_.sleep(Duration::from_millis(1)).await;
                pass();
            });
            own.replace(Some(task));
            runtime.sleep(Duration::from_millis(10)).await;
            assert!(went_on.get());
            assert!(!passed_the_await.get());
        });
    }

    #[test]
    fn what_is_dropped_may_cancel_again() {
        paused(|runtime| async move {
            let own = Rc::new(RefCell::new(None::<TokioTask>));
            let (runtime_, own_) = (runtime.clone(), own.clone());
            let guard = OnDrop(move || {
                if let Some(task) = own_.take() {
                    runtime_.cancel(&task);
                }
            });
            let task = runtime.spawn(async move {
                let _guard = guard;
                std::future::pending::<()>().await;
            });
            own.replace(Some(task.clone()));
            runtime.cancel(&task);
            assert!(own.borrow().is_none(), "the guard was dropped");
        });
    }

    #[test]
    fn dropping_its_name_lets_a_task_run_on() {
        paused(|runtime| async move {
            let (ended, mut end) = flag();
            let sleep = runtime.sleep(Duration::from_millis(5));
            drop(runtime.spawn(async move {
                sleep.await;
                end();
            }));
            runtime.sleep(Duration::from_millis(10)).await;
            assert!(ended.get());
        });
    }
}
