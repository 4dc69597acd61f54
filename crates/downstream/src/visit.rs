//! What a service knows of an attempt, from its sending to its end.

use std::task::Waker;
use std::time::Duration;

use awaitlab_core::{AttemptId, CallError, CallResult, Instant, Verdict};

use crate::balance::Counted;

/// An attempt and where it stands.
#[derive(Debug)]
pub(crate) struct Visit<A, G> {
    pub(crate) attempt: AttemptId,
    pub(crate) replica: u32,
    /// Where the balancing counts it as in flight, while it does.
    pub(crate) counted: Option<Counted>,
    pub(crate) position: Position,
    /// The second of the two messages of an attempt on a versioned item.
    pub(crate) writes: bool,
    pub(crate) work: Work,
    /// The order in which visits came in; names its place in the queue.
    pub(crate) number: u64,
    /// Since when it waits.
    pub(crate) since: Instant,
    /// Time in the queue that its ledger has not been told yet.
    pub(crate) waited_ns: Option<u64>,
    /// When a worker took it up.
    pub(crate) begun: Instant,
    /// How many the replica worked on then, itself included.
    pub(crate) in_service: u32,
    /// Whether it is one of those that the in-flight limit counts.
    pub(crate) present: bool,
    pub(crate) cancelled_at: Option<Instant>,
    /// The item's version as it was read.
    pub(crate) version: u64,
    /// What it is answered with, once that is known.
    pub(crate) reply: CallResult,
    /// What it waits for, where that has an instant.
    pub(crate) alarm: Option<A>,
    /// Gone once the answer is there; away while it is being told something.
    pub(crate) ledger: Option<G>,
    /// Who awaits the answer.
    pub(crate) waker: Option<Waker>,
}

/// Where an attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// On its way to the service.
    RequestLeg,
    /// In the queue.
    Waiting,
    /// Being worked on.
    Working,
    /// To be answered after a while, without a worker.
    AtDoor,
    /// Thrown out of queue or service (a crash, an expired place), or answered together with such,
    /// which is about to be told.
    ThrownOut,
    /// Its answer is on its way to the client.
    ResponseLeg,
    /// A message of it is lost: it waits for ever.
    Lost,
    /// Its answer is there, and nobody has taken it yet.
    Answered,
}

/// What the fault rules left of the work on an attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Work {
    Serve,
    Slow { factor: f64, add: Duration },
    Fail(CallError),
    Hang,
}

impl Work {
    /// What a verdict makes of the work, or the error that is answered without any, and after how
    /// long.
    pub(crate) fn of(verdict: Verdict) -> Result<Work, (CallError, Duration)> {
        match verdict {
            Verdict::Serve => Ok(Work::Serve),
            Verdict::Slow { factor, add } => Ok(Work::Slow { factor, add }),
            Verdict::Hang => Ok(Work::Hang),
            Verdict::Fail {
                after,
                class,
                status,
                retry_after,
            } => {
                let error = CallError {
                    class,
                    status,
                    retry_after,
                };
                match after {
                    Some(after) => Err((error, after)),
                    None => Ok(Work::Fail(error)),
                }
            }
        }
    }
}

impl<A, G> Visit<A, G> {
    /// An attempt that is being sent.
    pub(crate) fn sent(
        attempt: AttemptId,
        replica: u32,
        counted: Option<Counted>,
        ledger: G,
    ) -> Self {
        Visit {
            attempt,
            replica,
            counted,
            position: Position::RequestLeg,
            writes: false,
            work: Work::Serve,
            number: 0,
            since: Instant::START,
            waited_ns: None,
            begun: Instant::START,
            in_service: 0,
            present: false,
            cancelled_at: None,
            version: 0,
            reply: Ok(()),
            alarm: None,
            ledger: Some(ledger),
            waker: None,
        }
    }

    /// Which of the attempt's messages this is, from 0.
    pub(crate) fn message(&self) -> u32 {
        u32::from(self.writes)
    }

    /// Whether a worker has it.
    pub(crate) fn in_service(&self) -> bool {
        self.position == Position::Working
    }

    /// Nanoseconds of `begun..now` for which nobody waited for the work any more.
    pub(crate) fn abandoned_ns(&self, now: Instant) -> u64 {
        match self.cancelled_at {
            Some(cancelled) if self.work != Work::Hang => {
                now.nanos_since(cancelled.max(self.begun))
            }
            _ => 0,
        }
    }
}
