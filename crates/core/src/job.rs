//! What a strategy sees.

use crate::outcome::Answer;

/// The calls of one job, as a strategy sees them.
///
/// A strategy starts calls, hears of their ends in order of completion, and settles the job. It
/// needs no clock, no executor and no randomness, and cannot tell virtual time from production:
/// in the lab a job is an account over simulated attempts, on tokio it is a set of real futures
/// whose results the job keeps.
// A strategy runs on whichever runtime polls it; a `Send` bound here would shut out the engine,
// whose tasks share single-threaded state. A concrete job's own future is `Send` where the job is.
#[allow(async_fn_in_trait)]
pub trait Job {
    /// What a failed call brings.
    type Error;

    /// How many calls the job has. They are numbered from 0.
    fn calls(&self) -> usize;

    /// Begins a call. Eager, as calling an async function is in JavaScript: begun when this
    /// returns.
    ///
    /// # Panics
    /// When there is no such call, or it has been started before.
    fn start(&mut self, call: usize);

    /// The next call to end, in order of completion; `None` once every started call has been
    /// handed out. (The `join_next` of tokio's `JoinSet`.)
    ///
    /// Dropping the future before it is ready loses nothing.
    async fn next_settled(&mut self) -> Option<(usize, Result<(), Self::Error>)>;

    /// Cancels every started call that has not ended: an `AbortController`, or dropping the
    /// futures. Over when this returns; a cancelled call is not handed out.
    fn cancel_rest(&mut self);

    /// Gives the caller its answer, now. The first answer counts, later ones are ignored. The
    /// strategy may go on: p-limit under `Promise.all` still starts its queue.
    fn settle(&mut self, answer: Answer<Self::Error>);

    /// Reports a failure that nobody awaits (yet).
    fn unhandled(&mut self, call: usize);
}
