//! The bottom of a stack: who makes the attempts.

use std::future::Future;
use std::time::Duration;

use awaitlab_core::{CallError, ErrorClass, Runtime, Streams};

use crate::context::Interest;
use crate::event::Event;

/// Makes the attempts of one call, and hears what the policies around them do.
pub trait Attempts: 'static {
    /// The clock and the tasks that policies use.
    type Runtime: Runtime;
    /// What a successful attempt brings.
    type Value: 'static;
    /// What a failed one brings.
    type Error: Failure;

    /// The clock and the tasks.
    fn runtime(&self) -> &Self::Runtime;

    /// The random numbers of the run, and the job and call that they are for.
    fn streams(&self) -> (Streams, u64, u32);

    /// Makes an attempt: begun when this returns. Attempts of a call are numbered from 0, refused
    /// ones too. Dropping the future cancels it; `interest` tells then, and when it ends, whether a
    /// policy had given it up.
    fn attempt(
        &self,
        number: u32,
        interest: Interest,
    ) -> impl Future<Output = Result<Self::Value, Self::Error>> + use<Self> + 'static;

    /// A policy refuses the attempt with this number before it is made.
    fn refused(&self, _number: u32) {}

    /// Something happened at a layer of the stack, numbered from the outermost.
    fn happened(&self, _layer: usize, _event: Event) {}

    /// The call has ended, and brings this next. Not heard of a call that is dropped before.
    fn ended(&self, _outcome: &Outcome<Self>)
    where
        Self: Sized,
    {
    }
}

/// What policies must know of an error.
pub trait Failure: Clone + 'static {
    /// Its kind.
    fn class(&self) -> ErrorClass;
    /// The status the service answered with, where it answered.
    fn status(&self) -> Option<u16>;
    /// How long the service asks to wait before the next attempt, where it does.
    fn retry_after(&self) -> Option<Duration>;
    /// The error of a policy's own: a timeout, a refusal.
    fn of(class: ErrorClass) -> Self;
}

impl Failure for CallError {
    fn class(&self) -> ErrorClass {
        self.class
    }

    fn status(&self) -> Option<u16> {
        self.status
    }

    fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    fn of(class: ErrorClass) -> Self {
        CallError::of(class)
    }
}

/// What a call brings when it does not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply<T> {
    /// The value of an attempt.
    Genuine(T),
    /// A fallback stands in for it.
    Degraded,
}

impl<T> Reply<T> {
    /// The value; `None` where a fallback stands in for it.
    pub fn genuine(self) -> Option<T> {
        match self {
            Reply::Genuine(value) => Some(value),
            Reply::Degraded => None,
        }
    }
}

/// How a call ends.
pub type Outcome<A> = Result<Reply<<A as Attempts>::Value>, <A as Attempts>::Error>;
