//! What a call ends with, and what a job answers.

use std::fmt;
use std::time::Duration;

/// The kind of an error, by which policies choose and reports count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ErrorClass {
    /// The service answered with an error; it carries a status.
    Error,
    /// A timeout gave up on it.
    Timeout,
    /// 429: over a quota.
    Throttled,
    /// A full queue, or a place in one that expired.
    Unavailable,
    /// Outage, partition, or no connection in time.
    Connection,
    /// Refused at the client: open breaker, bulkhead, limiter.
    Refused,
    /// Cancelled by the caller.
    Cancelled,
}

impl ErrorClass {
    /// The word for it, as in a scenario's `on = [...]`.
    pub const fn name(self) -> &'static str {
        match self {
            ErrorClass::Error => "error",
            ErrorClass::Timeout => "timeout",
            ErrorClass::Throttled => "throttled",
            ErrorClass::Unavailable => "unavailable",
            ErrorClass::Connection => "connection",
            ErrorClass::Refused => "refused",
            ErrorClass::Cancelled => "cancelled",
        }
    }
}

/// Why a call of a simulated job failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CallError {
    /// Its kind.
    pub class: ErrorClass,
    /// The status the service answered with, where it answered.
    pub status: Option<u16>,
    /// How long to wait before trying again, where the service said (a `Retry-After`).
    pub retry_after: Option<Duration>,
}

impl CallError {
    /// An error the service answered with.
    pub const fn status(status: u16) -> Self {
        CallError {
            class: ErrorClass::Error,
            status: Some(status),
            retry_after: None,
        }
    }

    /// An error of a class that carries no status.
    pub const fn of(class: ErrorClass) -> Self {
        CallError {
            class,
            status: None,
            retry_after: None,
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(status) => write!(f, "{} {status}", self.class.name()),
            None => f.write_str(self.class.name()),
        }
    }
}

impl std::error::Error for CallError {}

/// How a call of a simulated job ended. The job keeps the value, so a success carries none.
pub type CallResult = Result<(), CallError>;

/// What a strategy tells its caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<E> {
    /// The promise is kept: the results handed to the strategy so far are the caller's.
    Fulfilled,
    /// Rejected with one error; every result is lost.
    Rejected(E),
    /// Rejected with all errors, in the order in which they came (JavaScript's `AggregateError`).
    RejectedWithAll(Vec<E>),
}

impl<E> Answer<E> {
    /// Its status.
    pub const fn status(&self) -> Status {
        match self {
            Answer::Fulfilled => Status::Fulfilled,
            Answer::Rejected(_) | Answer::RejectedWithAll(_) => Status::Rejected,
        }
    }
}

/// How a job stands at the end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// Its caller got results.
    Fulfilled,
    /// Its caller got an error.
    Rejected,
    /// Nothing can settle it any more.
    NeverSettled,
}

impl Status {
    /// The word for it, as in `jobs.csv`.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Fulfilled => "fulfilled",
            Status::Rejected => "rejected",
            Status::NeverSettled => "never-settled",
        }
    }
}
