//! Strategies in production: any of them, over closures that return futures.

use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll};

use awaitlab_core::{Job, Strategy};
use tokio::sync::oneshot;

use crate::caught::{Panic, caught};
use crate::job::FanOut;

/// What came of a fan-out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome<T, E> {
    /// What the strategy answered.
    pub settled: Settled<T, E>,
    /// Calls whose failure nobody had awaited by then.
    pub unhandled: Vec<usize>,
}

/// What a strategy answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled<T, E> {
    /// By call, the results the strategy had seen; `None` for a call that it did not wait for.
    Fulfilled(Vec<Option<Result<T, E>>>),
    /// The error of one call; every other result is lost.
    Rejected {
        /// Whose error it is.
        call: usize,
        /// The error.
        error: E,
    },
    /// Every error and its call, in the order in which they came.
    RejectedWithAll(Vec<(usize, E)>),
    /// The strategy ended without an answer (a race of no calls), or the work was dropped.
    NeverSettled,
}

/// What is left to say when the last call of a fan-out has ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drained {
    /// How many calls were started.
    pub started: usize,
    /// Calls whose failure nobody awaited.
    pub unhandled: Vec<usize>,
}

/// The caller's end of a fan-out: ready when the strategy has settled.
///
/// Dropping it stops nothing; dropping or aborting the work does.
#[derive(Debug)]
pub struct Reply<T, E>(oneshot::Receiver<Replied<T, E>>);

/// An outcome, or what a call panicked with.
pub(crate) type Replied<T, E> = Result<Outcome<T, E>, Panic>;

/// Runs `calls` as `strategy` says: the work, to be spawned, and the reply, to be awaited.
///
/// They are two because a strategy may go on after it has answered: the queue of p-limit under
/// `Promise.all` is still worked off, orphans are still in flight. The work begins when it is first
/// polled and is ready when the last call has ended. Each call is a task of its own from its first
/// poll on. The work is `Send` where strategy and calls are: spawn it with `tokio::spawn`, or on a
/// `LocalSet`.
///
/// What is cancelled is dropped before the reply is ready. Dropping the work drops its calls.
///
/// # Panics
/// Work and reply are to be polled inside a tokio runtime. A call that panics ends the job, its
/// other calls are dropped and the panic goes on in the reply; in the work, where the reply has been
/// given.
pub fn fan_out<S, C, F, T, E>(
    strategy: S,
    calls: Vec<C>,
) -> (impl Future<Output = Drained>, Reply<T, E>)
where
    S: Strategy,
    C: FnOnce() -> F,
    F: Future<Output = Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    let (reply, receiver) = oneshot::channel();
    let mut job = FanOut::new(calls, reply);
    let work = async move {
        if let Err(payload) = caught(run(&strategy, &mut job)).await {
            job.cancel_rest();
            job.pass_on(payload);
        }
        job.drained()
    };
    (work, Reply(receiver))
}

async fn run<S, C, F, T, E>(strategy: &S, job: &mut FanOut<C, F, T, E>)
where
    S: Strategy,
    C: FnOnce() -> F,
    F: Future<Output = Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    strategy.run(job).await;
    job.reply(Settled::NeverSettled);
    while job.next_settled().await.is_some() {}
}

impl<T, E> Future for Reply<T, E> {
    type Output = Outcome<T, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome<T, E>> {
        Pin::new(&mut self.0).poll(cx).map(|replied| match replied {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(payload)) => resume_unwind(payload),
            Err(_dropped) => Outcome {
                settled: Settled::NeverSettled,
                unhandled: Vec::new(),
            },
        })
    }
}
