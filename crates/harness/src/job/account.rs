//! The account of one job: every attempt that begins and ends, and what follows from it.

use awaitlab_core::{CallError, Fate, Instant, Status};
use awaitlab_policies::{Given, Reply};
use awaitlab_record::Timeline;

use crate::job::drawn::Drawn;
use crate::job::outcome::JobOutcome;

/// How a call ends.
pub(crate) type CallEnd = Result<Reply<()>, CallError>;

/// The same without the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Succeeded,
    /// A fallback stands in for its result.
    Degraded,
    Failed,
}

/// One job's books, open until [`Account::close`].
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// What is told of the job in the end, as far as it is known: written here, and never moved.
    outcome: JobOutcome,
    calls: u32,
    settled: Option<(Instant, Status)>,
    /// The last end of an attempt; the arrival, where none has ended.
    last_end: Instant,
    in_flight: u64,
    /// Ends of calls that were handed to the strategy before it settled, and successes among them.
    handed: u32,
    handed_successes: u64,
    /// Degraded answers among them.
    handed_degraded: u64,
    /// Attempts that were refused and whose answer still travels.
    refused: Vec<(u32, u32)>,
    /// Kept where a timeline was asked for.
    drawn: Option<Box<Drawn>>,
    /// Nothing can happen any more: what is still in flight is swept away.
    sweeping: bool,
    closed: bool,
}

/// What a job's settling means to whoever counts jobs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settling {
    pub(crate) arrival: Instant,
    pub(crate) status: Status,
    /// Results delivered.
    pub(crate) delivered: u64,
}

/// An attempt that is in flight, as its account knows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    pub(crate) call: u32,
    pub(crate) attempt: u32,
    pub(crate) service: u32,
    pub(crate) at: Instant,
}

impl Account {
    /// Empty books for a job of `calls` calls that arrives now.
    #[inline]
    pub(crate) fn open(&mut self, arrival: Instant, calls: u32, services: usize, timeline: bool) {
        self.outcome.begin(arrival, services);
        self.calls = calls;
        self.settled = None;
        self.last_end = arrival;
        self.in_flight = 0;
        self.handed = 0;
        self.handed_successes = 0;
        self.handed_degraded = 0;
        self.refused.clear();
        self.drawn = timeline.then(Box::default);
        self.sweeping = false;
        self.closed = false;
    }

    #[inline]
    pub(crate) fn is_settled(&self) -> bool {
        self.settled.is_some()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether nothing of the job can happen any more.
    #[inline]
    pub(crate) fn is_ending(&mut self) -> bool {
        self.sweeping || self.closed
    }

    /// The strategy starts a call.
    #[inline]
    pub(crate) fn call_started(&mut self, now: Instant) {
        self.outcome.calls_started += 1;
        self.outcome.shape.waited |= now > self.outcome.arrival;
    }

    /// An attempt is sent.
    #[inline]
    pub(crate) fn sent(&mut self, sent: Sent) {
        let counts = &mut self.outcome.attempts[sent.service as usize];
        counts.made += 1;
        counts.started += 1;
        self.in_flight += 1;
        if let Some(drawn) = &mut self.drawn {
            drawn.add(sent, Fate::Unanswered, None);
        }
    }

    /// What was sent is on its way, or was refused while it was being sent: only now it counts for
    /// the peak.
    #[inline]
    pub(crate) fn is_on_its_way(&mut self) {
        self.outcome.peak_in_flight = self.outcome.peak_in_flight.max(self.in_flight);
    }

    /// An attempt in flight is refused at a door of its service: it never was there.
    pub(crate) fn refused(&mut self, sent: Sent, now: Instant) {
        let counts = &mut self.outcome.attempts[sent.service as usize];
        counts.started -= 1;
        counts[Fate::Rejected] += 1;
        self.in_flight -= 1;
        self.refused.push((sent.call, sent.attempt));
        self.end_bar(sent, Fate::Rejected, now);
    }

    /// An attempt is refused before it is sent.
    pub(crate) fn refused_unsent(&mut self, unsent: Sent) {
        let counts = &mut self.outcome.attempts[unsent.service as usize];
        counts.made += 1;
        counts[Fate::Rejected] += 1;
        if let Some(drawn) = &mut self.drawn {
            drawn.add(unsent, Fate::Rejected, Some(unsent.at));
        }
    }

    /// Whether the attempt was refused; forgets that it was.
    #[inline]
    fn take_refusal(&mut self, sent: Sent) -> bool {
        !self.refused.is_empty() && self.find_refusal(sent)
    }

    #[cold]
    fn find_refusal(&mut self, sent: Sent) -> bool {
        let own = |&(call, attempt): &(u32, u32)| (call, attempt) == (sent.call, sent.attempt);
        match self.refused.iter().position(own) {
            Some(place) => {
                self.refused.swap_remove(place);
                true
            }
            None => false,
        }
    }

    /// An attempt is answered. Says whether it was in flight until now.
    #[inline]
    pub(crate) fn answered(
        &mut self,
        sent: Sent,
        succeeded: bool,
        given: Option<Given>,
        now: Instant,
    ) -> bool {
        if self.take_refusal(sent) {
            return false;
        }
        if succeeded {
            self.outcome.ends.succeeded += 1;
        } else {
            self.outcome.ends.failed += 1;
        }
        let fate = given_up(given).unwrap_or(if self.is_settled() {
            Fate::Orphaned
        } else if succeeded {
            Fate::Useful
        } else {
            Fate::Failed
        });
        self.ended(sent, fate, now);
        true
    }

    /// An attempt is stopped. Says whether it was in flight until now.
    pub(crate) fn cancelled(&mut self, sent: Sent, given: Option<Given>, now: Instant) -> bool {
        if self.closed || self.take_refusal(sent) {
            return false;
        }
        if self.sweeping {
            self.never_ended(sent, given);
            return false;
        }
        self.outcome.ends.cancelled += 1;
        self.ended(sent, given_up(given).unwrap_or(Fate::Cancelled), now);
        true
    }

    /// Whether something is left that will never end: an attempt in flight, or the answer of one
    /// that was refused.
    pub(crate) fn must_be_swept(&self) -> bool {
        let is_left = self.in_flight > 0 || !self.refused.is_empty();
        is_left && !self.sweeping && !self.closed
    }

    pub(crate) fn is_being_swept(&self) -> bool {
        self.sweeping
    }

    /// From here on what is dropped was not stopped by anybody: it never ended. It adds nothing to
    /// times, and stays in flight, so that its job has no drain.
    pub(crate) fn sweep(&mut self) {
        self.sweeping = true;
    }

    fn never_ended(&mut self, sent: Sent, given: Option<Given>) {
        let fate = given_up(given).unwrap_or(if self.is_settled() {
            Fate::Orphaned
        } else {
            Fate::Unanswered
        });
        self.outcome.attempts[sent.service as usize][fate] += 1;
        self.set_bar(sent, fate, None);
    }

    #[inline]
    fn ended(&mut self, sent: Sent, fate: Fate, now: Instant) {
        self.outcome.attempts[sent.service as usize][fate] += 1;
        self.in_flight -= 1;
        self.outcome.busy_ns += now.nanos_since(sent.at);
        if let Some((settled, _)) = self.settled {
            self.outcome.orphan_ns += now.nanos_since(settled.max(sent.at));
        }
        self.last_end = now;
        self.end_bar(sent, fate, now);
    }

    #[inline]
    fn end_bar(&mut self, sent: Sent, fate: Fate, now: Instant) {
        self.set_bar(sent, fate, Some(now));
    }

    #[inline]
    fn set_bar(&mut self, sent: Sent, fate: Fate, end: Option<Instant>) {
        if let Some(drawn) = &mut self.drawn {
            drawn.set(sent, fate, end);
        }
    }

    /// A call ends, with all its attempts.
    #[inline]
    pub(crate) fn call_ended(&mut self, end: End) {
        let shape = &mut self.outcome.shape;
        match end {
            End::Succeeded => shape.calls_succeeded += 1,
            End::Degraded => shape.calls_degraded += 1,
            End::Failed => shape.calls_failed += 1,
        }
    }

    /// The end of a call is handed to the strategy.
    #[inline]
    pub(crate) fn handed(&mut self, end: End) {
        if !self.is_settled() {
            self.handed += 1;
            self.handed_successes += u64::from(end == End::Succeeded);
            self.handed_degraded += u64::from(end == End::Degraded);
        }
    }

    /// The caller has its answer.
    #[inline]
    pub(crate) fn settle(&mut self, status: Status, now: Instant) -> Settling {
        self.settled = Some((now, status));
        self.outcome.started_at_settle = match self.outcome.attempts.as_slice() {
            [only] => only.started,
            all => all.iter().map(|counts| counts.started).sum(),
        };
        if status == Status::Fulfilled {
            self.outcome.delivered = self.handed_successes;
            self.outcome.degraded = self.handed_degraded;
        } else {
            let shape = &self.outcome.shape;
            let ended = shape.calls_succeeded + shape.calls_degraded + shape.calls_failed;
            self.outcome.lost = self.handed_successes;
            self.outcome.shape.cut_short = self.handed < self.calls;
            self.outcome.shape.rejected_at_end = ended == u64::from(self.calls);
        }
        Settling {
            arrival: self.outcome.arrival,
            status,
            delivered: self.outcome.delivered,
        }
    }

    pub(crate) fn unhandled(&mut self) {
        self.outcome.unhandled += 1;
    }

    /// Closes the books. What had not ended has been swept.
    #[inline]
    pub(crate) fn close(&mut self, job: u64) -> &JobOutcome {
        self.closed = true;
        let outcome = &mut self.outcome;
        let arrival = outcome.arrival;
        let drained = (self.in_flight == 0).then_some(self.last_end);
        let settled = self.settled.map(|(at, _)| at);
        outcome.job = job;
        outcome.status = self
            .settled
            .map_or(Status::NeverSettled, |(_, status)| status);
        outcome.settle_ns = settled.map(|at| at.nanos_since(arrival));
        outcome.drain_ns = drained.map(|at| at.nanos_since(arrival));
        if self.drawn.is_some() || outcome.timeline.is_some() {
            outcome.timeline = self.drawn.take().map(|drawn| Timeline {
                calls: self.calls,
                arrival,
                status: outcome.status,
                settled,
                drained,
                bars: drawn.into_bars(),
            });
        }
        outcome
    }
}

/// The fate of what a policy has given up.
fn given_up(given: Option<Given>) -> Option<Fate> {
    given.map(|given| match given {
        Given::Late => Fate::Late,
        Given::Duplicate => Fate::Duplicate,
    })
}
