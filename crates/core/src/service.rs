//! The traits a simulated service is made of.

use std::time::Duration;

use crate::attempt::AttemptId;
use crate::outcome::{CallResult, ErrorClass};
use crate::stream::{Draws, Streams};
use crate::time::Instant;

/// How long a service works on an attempt.
pub trait Latency {
    /// The service time of one attempt, in nanoseconds.
    ///
    /// A function of `attempt` and of what `draws`, which is keyed by that attempt, gives: the same
    /// attempt takes as long whichever strategy made it.
    fn sample_ns(&self, attempt: &AttemptId, draws: &mut Draws) -> u64;

    /// [`Latency::sample_ns`] as a duration.
    fn sample(&self, attempt: &AttemptId, draws: &mut Draws) -> Duration {
        Duration::from_nanos(self.sample_ns(attempt, draws))
    }
}

/// The faults that strike a service or the way to it.
///
/// A replication begins with [`Faults::begin_replication`]; everything else is a function of the
/// attempt, the replica and the instant.
pub trait Faults {
    /// Begins a replication: random rules draw from `streams` from here on, each keyed by itself
    /// and the attempt.
    fn begin_replication(&self, streams: Streams);

    /// Whether they can do anything at all. Those who cannot need not be asked anything else.
    fn can_strike(&self) -> bool {
        true
    }

    /// What happens to an attempt that reaches this replica now. Judged once per attempt.
    fn judge(&self, attempt: &AttemptId, replica: u32, now: Instant) -> Verdict;

    /// Whether a message of the attempt, request or response, that is sent now never arrives.
    fn loses(&self, _attempt: &AttemptId, _replica: u32, _now: Instant) -> bool {
        false
    }

    /// When a replica is done with `work_ns` nanoseconds of work that it begins at `from`: later
    /// where it is paused on the way.
    fn finishes(&self, _replica: u32, from: Instant, work_ns: u64) -> Instant {
        from.after_nanos(work_ns)
    }

    /// The state that faults leave a replica in.
    fn condition(&self, _replica: u32, _now: Instant) -> Condition {
        Condition::default()
    }

    /// The next instant after `now` at which some replica's condition changes; `None` where it
    /// never does again.
    fn next_change(&self, _now: Instant) -> Option<Instant> {
        None
    }

    /// What changes after `now` can still do to a replica: whether anything is worth waiting for.
    fn prospects(&self, _replica: u32, _now: Instant) -> Prospects {
        Prospects::default()
    }
}

/// What changes to come can do to a replica.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prospects {
    /// It may crash, which ends what hangs or waits there.
    pub crash: bool,
    /// The most workers that a fault may yet give it; `None` where their number stays as it is.
    /// When such a fault ends it has its own again.
    pub workers: Option<u32>,
}

/// The state that faults leave a replica in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// It has crashed and is not back yet: its queue and its work are lost, and it refuses.
    pub down: bool,
    /// How many workers it has just now, where that is not what its service says.
    pub workers: Option<u32>,
}

/// Who keeps the account of an attempt while a service has it.
///
/// Of one attempt; the service calls it at the instant at which things happen. It may wake whom it
/// likes, but not send an attempt to that service or drop another one's answer while it is called.
/// Before it is answered or cancelled it may not even read what the service counts.
pub trait Ledger: 'static {
    /// Refused at a door (quota, full queue): it never reached the service, and is not in flight
    /// from now on, though its answer may still travel.
    fn refused(&self);

    /// A worker takes it up, or it leaves the queue otherwise, after so many nanoseconds in it.
    fn queued_for(&self, ns: u64);

    /// It was cancelled while it waited in the queue, and has stayed there for so many nanoseconds
    /// more: a queue of work that nobody wants is a queue.
    fn stayed_queued_for(&self, _ns: u64) {}

    /// Its answer is there. Whoever awaits it is woken afterwards.
    fn answered(self, _result: CallResult)
    where
        Self: Sized,
    {
    }

    /// Nobody waits for its answer any more. The service may go on with it, but it is answered to
    /// nobody.
    fn cancelled(&self) {}
}

/// What the fault rules say of an attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// No rule matches: it is served.
    Serve,
    /// It fails.
    Fail {
        /// Time until the error is answered; `None`: the attempt's own latency.
        after: Option<Duration>,
        /// Its class.
        class: ErrorClass,
        /// The status that is answered, where one is.
        status: Option<u16>,
        /// When the service asks to come back, where it says.
        retry_after: Option<Duration>,
    },
    /// Accepted, never answered.
    Hang,
    /// Served, but slower: latency x `factor` + `add`.
    Slow {
        /// At least 0.
        factor: f64,
        /// Added after the factor.
        add: Duration,
    },
}

/// A world without faults.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFaults;

impl Faults for NoFaults {
    fn begin_replication(&self, _: Streams) {}

    fn can_strike(&self) -> bool {
        false
    }

    #[inline]
    fn judge(&self, _: &AttemptId, _: u32, _: Instant) -> Verdict {
        Verdict::Serve
    }
}
