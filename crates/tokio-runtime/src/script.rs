//! A strategy written down: calls of given latencies and ends, and what the strategy did with them.
//!
//! The strategies' own tests are transcripts on the paused clock, one line per instant:
//!
//! ```
//! use awaitlab_all::All;
//! use awaitlab_core::Rest;
//! use awaitlab_tokio_runtime::script::{fails, succeeds, transcript};
//!
//! let all = All { rest: Rest::Cancel };
//! assert_eq!(
//!     transcript(all, &[succeeds(300), fails(200), succeeds(100)]).lines(),
//!     [
//!         "0: start 0, start 1, start 2",
//!         "100: 2 ok",
//!         "200: 1 failed, 0 cancelled, rejected by 1",
//!     ]
//! );
//! ```
//!
//! Latencies are whole milliseconds, as tokio's timers are. Two calls that end at one instant end
//! in an order that is tokio's choice, so a script that is to be read exactly avoids them.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use awaitlab_core::{Answer, Job, Strategy};
use tokio::task::spawn_local;
use tokio::time::{Instant, sleep};

use crate::fan_out::fan_out;
use crate::runtime::paused;

/// A call that ends when and how its script says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    latency_ms: u64,
    succeeds: bool,
}

/// A call that succeeds after so many milliseconds.
pub const fn succeeds(latency_ms: u64) -> Call {
    Call {
        latency_ms,
        succeeds: true,
    }
}

/// A call that fails after so many milliseconds.
pub const fn fails(latency_ms: u64) -> Call {
    Call {
        latency_ms,
        succeeds: false,
    }
}

impl Call {
    /// Whether it ends in success.
    pub const fn succeeds(&self) -> bool {
        self.succeeds
    }
}

/// What happened in a job, in order, each with its milliseconds since the job began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript(pub Vec<(u64, Event)>);

/// Something that happened in a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The strategy started a call.
    Started(usize),
    /// A call succeeded, whether or not anybody was waiting for it.
    Succeeded(usize),
    /// A call failed.
    Failed(usize),
    /// A call was dropped before it ended.
    Cancelled(usize),
    /// The strategy reported a failure that nobody awaits.
    Unhandled(usize),
    /// The strategy gave an answer, with the calls that the errors in it are of. Only the first
    /// answer counts, and only that is written down.
    Settled(Answer<usize>),
}

impl Transcript {
    /// One line per instant: `"200: 1 failed, rejected by 1"`.
    pub fn lines(&self) -> Vec<String> {
        let at_once = self.0.chunk_by(|(a, _), (b, _)| a == b);
        let line = |events: &[(u64, Event)]| {
            let words: Vec<String> = events.iter().map(|(_, event)| event.to_string()).collect();
            format!("{}: {}", events[0].0, words.join(", "))
        };
        at_once.map(line).collect()
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Started(call) => write!(f, "start {call}"),
            Event::Succeeded(call) => write!(f, "{call} ok"),
            Event::Failed(call) => write!(f, "{call} failed"),
            Event::Cancelled(call) => write!(f, "{call} cancelled"),
            Event::Unhandled(call) => write!(f, "{call} unhandled"),
            Event::Settled(Answer::Fulfilled) => f.write_str("fulfilled"),
            Event::Settled(Answer::Rejected(call)) => write!(f, "rejected by {call}"),
            Event::Settled(Answer::RejectedWithAll(calls)) => {
                write!(f, "rejected by all {calls:?}")
            }
        }
    }
}

/// Runs a strategy over scripted calls on a paused clock, until its last call has ended.
///
/// # Panics
/// When the strategy does, and inside another tokio runtime.
pub fn transcript(strategy: impl Strategy + 'static, calls: &[Call]) -> Transcript {
    let calls = calls.to_vec();
    paused(|_| async move {
        let log = Log {
            began: Instant::now(),
            events: Arc::default(),
        };
        let scripted = (0..).zip(calls).map(|(number, call)| {
            let log = log.clone();
            move || play(number, call, log)
        });
        let (work, _reply) = fan_out(
            Watched {
                strategy,
                log: log.clone(),
            },
            scripted.collect(),
        );
        if let Err(error) = spawn_local(work).await {
            std::panic::resume_unwind(error.into_panic());
        }
        Transcript(
            log.events
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
        )
    })
}

async fn play(number: usize, call: Call, log: Log) -> Result<(), ()> {
    let mut running = Running {
        number,
        log,
        ended: false,
    };
    sleep(Duration::from_millis(call.latency_ms)).await;
    running.ended = true;
    if call.succeeds {
        running.log.write(Event::Succeeded(number));
        Ok(())
    } else {
        running.log.write(Event::Failed(number));
        Err(())
    }
}

struct Running {
    number: usize,
    log: Log,
    ended: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended {
            self.log.write(Event::Cancelled(self.number));
        }
    }
}

#[derive(Clone)]
struct Log {
    began: Instant,
    // A call's future has to be `Send`, though here nothing leaves its thread.
    events: Arc<Mutex<Vec<(u64, Event)>>>,
}

impl Log {
    fn write(&self, event: Event) {
        let at_ms = self.began.elapsed().as_millis() as u64;
        self.events
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((at_ms, event));
    }
}

/// A strategy whose job writes down what is asked of it.
struct Watched<S> {
    strategy: S,
    log: Log,
}

struct WatchedJob<'a, J> {
    job: &'a mut J,
    log: &'a Log,
    settled: bool,
}

impl<S: Strategy> Strategy for Watched<S> {
    async fn run<J: Job>(&self, job: &mut J) {
        self.strategy
            .run(&mut WatchedJob {
                job,
                log: &self.log,
                settled: false,
            })
            .await;
    }
}

impl<J: Job> Job for WatchedJob<'_, J> {
    type Error = (usize, J::Error);

    fn calls(&self) -> usize {
        self.job.calls()
    }

    fn start(&mut self, call: usize) {
        self.log.write(Event::Started(call));
        self.job.start(call);
    }

    async fn next_settled(&mut self) -> Option<(usize, Result<(), Self::Error>)> {
        let (call, result) = self.job.next_settled().await?;
        Some((call, result.map_err(|error| (call, error))))
    }

    fn cancel_rest(&mut self) {
        self.job.cancel_rest();
    }

    fn settle(&mut self, answer: Answer<Self::Error>) {
        let (calls, answer) = match answer {
            Answer::Fulfilled => (Answer::Fulfilled, Answer::Fulfilled),
            Answer::Rejected((call, error)) => (Answer::Rejected(call), Answer::Rejected(error)),
            Answer::RejectedWithAll(all) => {
                let (calls, errors) = all.into_iter().unzip();
                (
                    Answer::RejectedWithAll(calls),
                    Answer::RejectedWithAll(errors),
                )
            }
        };
        if !self.settled {
            self.settled = true;
            self.log.write(Event::Settled(calls));
        }
        self.job.settle(answer);
    }

    fn unhandled(&mut self, call: usize) {
        self.log.write(Event::Unhandled(call));
        self.job.unhandled(call);
    }
}
