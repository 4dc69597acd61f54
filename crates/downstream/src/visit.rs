//! What a service knows of an attempt, from its sending to its end.

use std::time::Duration;

use awaitlab_core::{AttemptId, CallError, CallResult, Instant, Ledger, Runtime, Verdict};

use crate::balance::Counted;

/// An attempt and where it stands; of no account in a place that is vacant.
pub(crate) struct Visit<R: Runtime, G> {
    pub(crate) attempt: AttemptId,
    pub(crate) replica: u32,
    /// Where the balancing counts it as in flight, while it does.
    pub(crate) counted: Option<Counted>,
    pub(crate) position: Position,
    /// Whether somebody holds its [`Answer`](crate::Answer), and will take what it is answered with.
    pub(crate) awaited: bool,
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
    pub(crate) alarm: Option<R::Alarm>,
    /// Gone once the answer is there.
    pub(crate) ledger: Option<G>,
    /// Who awaits the answer.
    pub(crate) waiter: Option<R::Waiter>,
}

/// Where an attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// There is no attempt here.
    Vacant,
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

impl<R: Runtime, G> Default for Visit<R, G> {
    /// A vacant place.
    fn default() -> Self {
        Visit {
            attempt: AttemptId {
                job: 0,
                call: 0,
                attempt: 0,
            },
            replica: 0,
            counted: None,
            position: Position::Vacant,
            awaited: false,
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
            ledger: None,
            waiter: None,
        }
    }
}

impl<R: Runtime, G: Ledger> Visit<R, G> {
    /// Tells how long the attempt has waited. Of one that was cancelled, whose account is closed,
    /// all that is told is how much longer it stood there.
    #[inline(always)]
    pub(crate) fn report_wait(&mut self, now: impl FnOnce() -> Instant) {
        let (Some(waited_ns), Some(ledger)) = (self.waited_ns.take(), &self.ledger) else {
            return;
        };
        match self.cancelled_at {
            None => ledger.queued_for(waited_ns),
            Some(at) => ledger.stayed_queued_for(waited_ns.min(now().nanos_since(at))),
        }
    }
}

impl<R: Runtime, G> Visit<R, G> {
    /// Fills a vacant place with an attempt that is being sent.
    ///
    /// What is not written here is written before it is read, or has been left as in a new place.
    #[inline]
    pub(crate) fn is_sent(&mut self, attempt: AttemptId, ledger: G, awaited: bool) {
        self.attempt = attempt;
        self.replica = 0;
        self.position = Position::RequestLeg;
        self.awaited = awaited;
        self.writes = false;
        self.work = Work::Serve;
        self.present = false;
        self.reply = Ok(());
        self.ledger = Some(ledger);
    }

    /// Empties its place. Gives back what may run code of its own when it is dropped.
    #[inline]
    pub(crate) fn leaves(&mut self) -> (Option<G>, Option<R::Waiter>) {
        self.position = Position::Vacant;
        self.waited_ns = None;
        self.cancelled_at = None;
        self.alarm = None;
        (self.ledger.take(), self.waiter.take())
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
