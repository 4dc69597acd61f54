//! What is inside of a layer, as a task of its own: it may outlive the call.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Task, Poll, ready};

use awaitlab_core::{JoinHandle, Runtime};

use crate::attempts::{Attempts, Outcome};
use crate::context::{Context, Given, Waiting};
use crate::stack::Visit;
use crate::walk::walk;

/// What is inside of a layer, as a task that is cancelled when this is dropped.
pub(crate) struct Apart<A: Attempts> {
    /// Gone once it has brought its outcome or was let go.
    handle: Option<JoinHandle<A::Runtime, Outcome<A>>>,
    waiting: Waiting,
}

struct Spawn<'s, R>(&'s R);

impl<A: Attempts> Visit<A> for Spawn<'_, A::Runtime> {
    type Output = JoinHandle<A::Runtime, Outcome<A>>;

    fn visit<F>(self, inside: impl FnOnce() -> F + 'static) -> Self::Output
    where
        F: Future<Output = Outcome<A>> + 'static,
    {
        self.0.spawn_joined(inside())
    }
}

impl<A: Attempts> Apart<A> {
    /// Begins it: its first poll happens inside.
    pub(crate) fn begin(cx: Context<'_, A>) -> Self {
        let (inside, waiting) = cx.inside_apart();
        Apart {
            handle: Some(walk(inside, Spawn(cx.runtime()))),
            waiting,
        }
    }

    /// Pending for ever once it has brought its outcome.
    pub(crate) fn poll(&mut self, task: &mut Task<'_>) -> Poll<Outcome<A>> {
        let Some(handle) = &mut self.handle else {
            return Poll::Pending;
        };
        let ended = ready!(Pin::new(handle).poll(task));
        self.handle = None;
        // Only this handle cancels it, and only when it is dropped.
        ended.map_or(Poll::Pending, Poll::Ready)
    }

    /// Lets it run on, unheard and given up.
    pub(crate) fn let_go(&mut self, why: Given) {
        self.waiting.give_up(why);
        self.handle = None;
    }
}

impl<A: Attempts> Drop for Apart<A> {
    fn drop(&mut self) {
        if let Some(handle) = &self.handle {
            handle.cancel();
        }
    }
}
