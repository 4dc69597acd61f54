//! A bucket of tokens.
//!
//! Without rounding but for the rate itself, which is taken to a billionth of a token per second.
//! Then what grows in a nanosecond is a whole number of units of 10^-18 tokens: a bucket that is
//! asked often and one that is asked seldom hold the same.

use awaitlab_core::Instant;

/// Units of which a token is.
const TOKEN: u128 = 1_000_000_000_000_000_000;

/// A bucket of tokens.
pub(super) struct Bucket {
    /// Units that a nanosecond brings, which is the rate in billionths of a token per second.
    per_ns: u64,
    full: u128,
    held: u128,
    filled_at: Instant,
    /// When the token comes that somebody waits for.
    due: Instant,
}

impl Bucket {
    /// A full bucket; `None` where it would never let anything through.
    pub(super) fn full(rate_per_s: f64, burst: u32) -> Option<Self> {
        let billionths = (rate_per_s * 1e9).round();
        if !(billionths >= 1.0 && billionths.is_finite()) || burst == 0 {
            return None;
        }
        let full = u128::from(burst) * TOKEN;
        Some(Bucket {
            // Saturates at 1.8 * 10^10 tokens per second.
            per_ns: billionths as u64,
            full,
            held: full,
            filled_at: Instant::START,
            due: Instant::START,
        })
    }

    /// Takes a token; else when there will be one.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), Instant> {
        let elapsed_ns = now.nanos_since(self.filled_at);
        let grown = u128::from(elapsed_ns) * u128::from(self.per_ns);
        self.held = self.held.saturating_add(grown).min(self.most(now));
        self.filled_at = now;
        match self.held.checked_sub(TOKEN) {
            Some(left) => {
                self.held = left;
                Ok(())
            }
            None => {
                let missing = TOKEN - self.held;
                // At most 10^18 ns, as a nanosecond brings a unit at least.
                let wait_ns = missing.div_ceil(u128::from(self.per_ns)) as u64;
                self.due = now.after_nanos(wait_ns);
                Err(self.due)
            }
        }
    }

    /// Units that it can hold. A token that was waited for came within the nanosecond that ends now:
    /// what has grown since is not lost, or a bucket of one token would fall behind its rate.
    fn most(&self, now: Instant) -> u128 {
        let since = u128::from(self.per_ns).min(TOKEN) - 1;
        self.full + if now == self.due { since } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    fn at(ns: u64) -> Instant {
        Instant::from_nanos(ns)
    }

    #[test]
    fn a_bucket_is_full_at_the_start_and_the_next_token_comes_on_the_dot() {
        let mut bucket = Bucket::full(10.0, 2).unwrap();
        assert_eq!([bucket.take(at(0)), bucket.take(at(0))], [Ok(()), Ok(())]);
        assert_eq!(bucket.take(at(0)), Err(at(100_000_000)));
        assert_eq!(bucket.take(at(99_999_999)), Err(at(100_000_000)));
        assert_eq!(bucket.take(at(100_000_000)), Ok(()));
    }

    #[test]
    fn a_rate_that_does_not_divide_a_second_does_not_drift() {
        // 3 per second: tokens at 1/3, 2/3 and 1 s, rounded up to the nanosecond, for ever.
        let mut bucket = Bucket::full(3.0, 1).unwrap();
        let mut now = at(0);
        let mut passed = Vec::new();
        for _ in 0..3_001 {
            while let Err(next) = bucket.take(now) {
                now = next;
            }
            passed.push(now.as_nanos());
        }
        assert_eq!(passed[..4], [0, 333_333_334, 666_666_667, 1_000_000_000]);
        assert_eq!(passed[3_000], 1_000_000_000_000);
    }

    #[test]
    fn a_long_rest_fills_it_to_the_brim_and_no_further() {
        let mut bucket = Bucket::full(1e9, 3).unwrap();
        let granted = (0..10).filter(|_| bucket.take(at(1_000)).is_ok()).count();
        assert_eq!(granted, 3);
        let mut fast = Bucket::full(f64::MAX / 1e9, u32::MAX).unwrap();
        assert_eq!(fast.take(Instant::FAR_FUTURE), Ok(()), "no overflow");
        let mut slow = Bucket::full(1e-9, 1).unwrap();
        assert_eq!(slow.take(at(5)), Ok(()));
        let in_31_years = at(5 + 1_000_000_000_000_000_000);
        assert_eq!(slow.take(at(5)), Err(in_31_years));
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 200,
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(1),
            ..ProptestConfig::default()
        })]

        #[test]
        fn never_more_than_the_burst_and_what_has_grown(
            rate_per_s in 1_u32..2_000,
            burst in 1_u32..20,
            gaps_ns in prop::collection::vec(0_u64..3_000_000, 1..200),
        ) {
            let mut bucket = Bucket::full(f64::from(rate_per_s), burst).unwrap();
            let mut now = 0;
            let mut passed: Vec<u64> = Vec::new();
            for gap_ns in gaps_ns {
                now += gap_ns;
                if bucket.take(at(now)).is_ok() {
                    passed.push(now);
                }
            }
            // In every stretch of time: tokens <= burst + rate x time, the last nanosecond included.
            for (i, from) in passed.iter().enumerate() {
                for (n, until) in (1..).zip(&passed[i..]) {
                    let grown = u64::from(rate_per_s) * (until - from + 1);
                    prop_assert!(n * 1_000_000_000 <= u64::from(burst) * 1_000_000_000 + grown);
                }
            }
        }
    }
}
