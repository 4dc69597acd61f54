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

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(interval: Duration, burst: u32) -> Bucket {
        let limit = RateLimit {
            interval,
            burst,
            reject_latency: Duration::ZERO,
        };
        Bucket::full(&limit, Instant::START)
    }

    #[test]
    fn the_time_to_the_next_token_is_exact_to_the_nanosecond() {
        let third = Duration::from_nanos(333_333_333);
        let mut bucket = bucket(third, 1);
        assert_eq!(bucket.take(Instant::START), Ok(()));
        assert_eq!(
            bucket.take(Instant::from_nanos(1)),
            Err(third - Duration::from_nanos(1))
        );
        let before = Instant::from_nanos(333_333_332);
        assert_eq!(bucket.take(before), Err(Duration::from_nanos(1)));
        assert_eq!(bucket.take(Instant::from_nanos(333_333_333)), Ok(()));
    }

    #[test]
    fn a_token_that_was_waited_for_in_parts_is_not_lost() {
        let mut bucket = bucket(Duration::from_nanos(10), 2);
        let at = Instant::from_nanos;
        assert_eq!([bucket.take(at(0)), bucket.take(at(0))], [Ok(()), Ok(())]);
        // Asked at 7 and refused, then at 14: 14 ns have brought one token and 4 ns of the next.
        assert_eq!(bucket.take(at(7)), Err(Duration::from_nanos(3)));
        assert_eq!(bucket.take(at(14)), Ok(()));
        assert_eq!(bucket.take(at(14)), Err(Duration::from_nanos(6)));
    }

    #[test]
    fn a_long_rest_fills_it_to_the_brim_and_no_further() {
        let mut small = bucket(Duration::from_nanos(1), 3);
        let late = Instant::from_nanos(1_000);
        let granted = (0..10).filter(|_| small.take(late).is_ok()).count();
        assert_eq!(granted, 3);
        let mut bucket = bucket(Duration::MAX, u32::MAX);
        assert_eq!(bucket.take(Instant::FAR_FUTURE), Ok(()), "no overflow");
    }
}
