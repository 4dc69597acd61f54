//! The service crashes: its queue is lost, what it works on fails, and it refuses until it is back.
//!
//! A crash is an instant, not a stretch of time: each window of such a rule is a crash at its start,
//! and the service is back `restart` later, whenever the window ends. One that crashes again before
//! it is back is back `restart` after that.

use std::time::Duration;

use awaitlab_core::Instant;
use awaitlab_core::time::nanos;

use crate::calendar::Calendar;

/// A crash, and how long the service needs to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crash {
    restart_ns: u64,
}

/// Why there is no such crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CrashError {
    /// `restart == 0`.
    #[error("a service that crashed needs some time to come back: `restart` must be longer than 0")]
    BackAtOnce,
}

impl Crash {
    /// The word for it in a scenario.
    pub const NAME: &'static str = "crash";

    /// A crash after which the service is back `restart` later.
    ///
    /// # Errors
    /// When that is zero: it would be down at no instant.
    pub fn new(restart: Duration) -> Result<Self, CrashError> {
        let restart_ns = nanos(restart);
        if restart_ns == 0 {
            return Err(CrashError::BackAtOnce);
        }
        Ok(Crash { restart_ns })
    }

    /// From the crash until the service is back.
    pub const fn restart(self) -> Duration {
        Duration::from_nanos(self.restart_ns)
    }

    /// When a service that crashed at `start` is back.
    pub(crate) fn back(self, start: Instant) -> Instant {
        start.after_nanos(self.restart_ns)
    }

    /// Whether the service is down.
    pub(crate) fn is_down(self, crashes: &Calendar, now: Instant) -> bool {
        crashes
            .last_start(now)
            .is_some_and(|start| now < self.back(start))
    }

    /// The next instant after `now` at which the service crashes, or is back if it does not crash
    /// again by then.
    pub(crate) fn next_edge(self, crashes: &Calendar, now: Instant) -> Option<Instant> {
        let back = crashes.last_start(now).map(|start| self.back(start));
        let edges = [back.filter(|back| *back > now), crashes.next_start(now)];
        edges.into_iter().flatten().min()
    }
}
