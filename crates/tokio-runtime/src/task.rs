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
