//! The quota at a service's door.
//!
//! A token bucket, full at the start: a token every `interval`, at most `burst` of them. Its content
//! is kept as time, in whole nanoseconds: the bucket holds `credit_ns`, which grows with the clock up
//! to `burst` x `interval`, and a token is `interval` of it. So nothing is ever rounded, and the time
//! to the next token is exact.

use std::time::Duration;

use awaitlab_core::Instant;
use awaitlab_core::time::nanos;

use crate::spec::RateLimit;

#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    interval_ns: u128,
    full_ns: u128,
    credit_ns: u128,
    filled_at: Instant,
}

impl Bucket {
    /// A full bucket.
    pub(crate) fn full(limit: &RateLimit, now: Instant) -> Self {
        let interval_ns = u128::from(nanos(limit.interval));
        let full_ns = interval_ns * u128::from(limit.burst);
        Bucket {
            interval_ns,
            full_ns,
            credit_ns: full_ns,
            filled_at: now,
        }
    }

    /// Fills it to the brim.
    pub(crate) fn fill(&mut self, now: Instant) {
        self.credit_ns = self.full_ns;
        self.filled_at = now;
    }

    /// Takes a token.
    ///
    /// # Errors
    /// There is none; the error is the time until there will be.
    pub(crate) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        let grown = self.credit_ns + u128::from(now.nanos_since(self.filled_at));
        self.credit_ns = grown.min(self.full_ns);
        self.filled_at = now;
        match self.credit_ns.checked_sub(self.interval_ns) {
            Some(left) => {
                self.credit_ns = left;
                Ok(())
            }
            None => {
                let missing = self.interval_ns - self.credit_ns;
                // Below one interval, which was a number of u64 nanoseconds.
                Err(Duration::from_nanos(missing as u64))
            }
        }
    }
}
