//! One job, attempt by attempt.

use awaitlab_core::{Fate, Instant, Status};

/// What one job did: the attempts it made, when it settled and when it had drained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// How many calls the job had.
    pub calls: u32,
    /// When it arrived; everything below is on the same clock.
    pub arrival: Instant,
    /// How it ended.
    pub status: Status,
    /// When it settled.
    pub settled: Option<Instant>,
    /// When its last attempt ended; `None` where one never did.
    pub drained: Option<Instant>,
    /// Its attempts, in the order in which they were started.
    pub bars: Vec<Bar>,
}

/// One attempt of a [`Timeline`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// The call, numbered from 0.
    pub call: u32,
    /// The try of that call, numbered from 0.
    pub attempt: u32,
    /// When it was sent.
    pub start: Instant,
    /// When it was answered or cancelled; `None` where it never was.
    pub end: Option<Instant>,
    /// What became of it.
    pub fate: Fate,
}
