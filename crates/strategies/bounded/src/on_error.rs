//! What a failure does to the pool: six things that real libraries do.

/// What a failure does to the pool and to the job.
///
/// | choice | the library it is |
/// |---|---|
/// | [`Collect`](OnError::Collect) | `p-limit` under `Promise.allSettled`; `buffer_unordered` of the `futures` crate |
/// | [`Stop`](OnError::Stop) | `p-map`; `try_buffer_unordered` (with [`Rest::Cancel`]) |
/// | [`ClearQueue`](OnError::ClearQueue) | `p-limit` under `Promise.all`, with `limit.clearQueue()` in the `catch` |
/// | [`LoseWorker`](OnError::LoseWorker) | n loops over a shared queue under `Promise.all`, without a `catch` in the loop |
/// | [`KeepStarting`](OnError::KeepStarting) | `p-limit`, or `p-queue`, under `Promise.all` |
/// | [`RejectAtEnd`](OnError::RejectAtEnd) | `p-map` with `stopOnError: false` |
///
/// [`Rest::Cancel`]: awaitlab_core::Rest::Cancel
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// Nothing: its place takes the next call, and the job fulfils with what succeeded when all
    /// have ended.
    #[default]
    Collect,
    /// The job rejects, and nothing more is started.
    Stop,
    /// Its place takes the next call, then the job rejects and the queue is emptied: one more call
    /// is started than under `Stop`.
    ClearQueue,
    /// The job rejects and the failed call's place is lost. The other places go on taking calls
    /// behind the caller's back, until the queue is empty or the last place is lost.
    LoseWorker,
    /// Its place takes the next call, then the job rejects; and so on with every call of the
    /// queue, behind the caller's back.
    KeepStarting,
    /// Nothing, until all have ended: then the job rejects with every error and delivers nothing.
    RejectAtEnd,
}

impl OnError {
    /// Every choice, the default first.
    pub const ALL: [OnError; 6] = [
        OnError::Collect,
        OnError::Stop,
        OnError::ClearQueue,
        OnError::LoseWorker,
        OnError::KeepStarting,
        OnError::RejectAtEnd,
    ];

    /// Its name in a scenario.
    pub const fn name(self) -> &'static str {
        match self {
            OnError::Collect => "collect",
            OnError::Stop => "stop",
            OnError::ClearQueue => "clear-queue",
            OnError::LoseWorker => "lose-worker",
            OnError::KeepStarting => "keep-starting",
            OnError::RejectAtEnd => "reject-at-end",
        }
    }

    /// Whether a failed call's place takes the next call of the queue.
    pub(crate) const fn hands_on(self) -> bool {
        !matches!(self, OnError::Stop | OnError::LoseWorker)
    }
}
