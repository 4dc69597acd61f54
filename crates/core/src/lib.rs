//! The vocabulary of awaitlab as types, its keyed random streams, and the traits the other crates
//! meet at.
//!
//! Nothing here knows a clock, an executor, a file or a distribution. What the other crates share
//! stands here; what only one of them needs stands there.
//!
//! | module | holds |
//! |---|---|
//! | [`time`] | [`Instant`], a point in a run's time |
//! | [`attempt`] | [`AttemptId`], [`Fate`], and the counts that must add up |
//! | [`outcome`] | what a call ends with, and what a job answers |
//! | [`stream`] | random numbers as a function of what they are for |
//! | [`job`] | the [`Job`] a strategy sees |
//! | [`strategy`] | the [`Strategy`] itself |
//! | [`runtime`] | the [`Runtime`] that gives time and tasks |
//! | [`service`] | the traits a service is made of: [`Latency`], [`Faults`], and the [`Ledger`] it writes into |
//! | [`metric`] | the names of a row's figures |
//! | [`name`] | names as users write them, and as files carry them |

pub mod attempt;
pub mod job;
pub mod metric;
pub mod name;
pub mod outcome;
pub mod runtime;
pub mod service;
pub mod strategy;
pub mod stream;
pub mod time;

pub use attempt::{AttemptCounts, AttemptId, Fate};
pub use job::Job;
pub use outcome::{Answer, CallError, CallResult, ErrorClass, Status};
pub use runtime::{EventClass, JoinHandle, OnAlarm, Runtime};
pub use service::{Condition, Faults, Latency, Ledger, Prospects, Verdict};
pub use strategy::{Rest, Strategy};
pub use stream::{Draws, Purpose, Stream, Streams};
pub use time::Instant;
