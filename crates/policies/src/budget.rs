//! What bounds the extra attempts of a retry or a hedge.
//!
//! Idea: a retry turns one failed attempt into two, so a service that fails because it has too much
//! to do gets more to do. A limit per call does not help, for it multiplies the load of every call at
//! once; what helps is a limit on the extra attempts of all calls together.
//!
//! # The bucket
//! A bucket holds up to `max` tokens and is full at the start. Each first try puts `deposit` in, time
//! puts `per_second` in, an extra attempt takes one token and goes ahead only when at least `needs`
//! tokens, and at least the one that it takes, are there. So in the long run extra attempts are at
//! most `deposit` per call, whatever fails. Counted in whole billionths of a token: a hundred deposits
//! of 0.1 are ten tokens, not a little less.
//!
//! How the settings of libraries translate:
//!
//! | | `deposit` | `max` | `needs` | `per_second` | where that is not exact |
//! |---|---|---|---|---|---|
//! | Finagle `RetryBudget` (`ttl` 10 s, `minRetriesPerSec` 10, `percentCanRetry` 0.2) | `percentCanRetry`: 0.2 | `ttl` x `minRetriesPerSec`: 100 | 1 | `minRetriesPerSec`: 10 | there everything, deposits and withdrawals, is forgotten after `ttl`, and what busy times have deposited may go beyond the reserve; here it stays until it is taken, and `max` bounds it |
//! | gRPC `retryThrottling` (`maxTokens` 10, `tokenRatio` 0.1; both to be given, these are its examples) | `tokenRatio`: 0.1 | `maxTokens`: 10 | a little more than `maxTokens` / 2 + 1: 6.001 | 0 | there every failed attempt takes a token, retried or not, and every success puts `tokenRatio` in; here every extra attempt takes, and every first try puts in. The failure is taken off before the comparison, hence the + 1 |
//! | AWS SDKs, standard mode (500 tokens, a retry costs 5, after a timeout 10) | 1/5: 0.2 | 500/5: 100 | 1 | 0 | in units of a retry. There a first try puts in only when it succeeds, a retry that succeeds gives back what it took, and a retry after a timeout costs two |
//! | Brooker 2022, "adaptive" (fill 0.1, size 5, more than one token) | 0.1 | 5 | a little more than 1: 1.001 | 0 | exact: first tries put in before they are sent |
//!
//! # The failure ratio
//! No extra attempt while failures / first tries is above the ratio, over the budget's life. This is
//! the circuit breaker for retries of Marc Brooker's "Fixing retries with token buckets and circuit
//! breakers" (2022). Every failed attempt counts as a failure, a failed retry too, and is counted
//! before the ratio is looked at, which must be passed, not reached; so it reads in his program. His
//! published figures cannot tell it from counting the failures of first tries only: at half of all
//! attempts failing both give 0.500 of calls that succeed and a load of 1.000. Where a tenth fails
//! they differ, by 0.929 to 0.933 and 1.032 to 1.036 (his clients, 2000 of them); looking before
//! counting would let the first failure of each client be retried, and give a load of 1.01 at a half.
//!
//! When it hurts: a budget per client is small for a client with little to do, and a job that brings
//! fresh state meets a full one every time.

use std::cell::Cell;

use awaitlab_core::Instant;
use thiserror::Error;

/// What bounds the extra attempts of all calls together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BudgetSpec {
    /// A bucket of tokens, full at the start. An extra attempt takes one.
    TokenBucket {
        /// Tokens that each first try puts in.
        deposit: f64,
        /// Tokens it holds at most.
        max: f64,
        /// Tokens that must be in it for an extra attempt: at least so many, and never less than the
        /// one it takes.
        needs: f64,
        /// Tokens that time puts in.
        per_second: f64,
    },
    /// No extra attempt while failures / first tries is above the ratio.
    FailureRatio {
        /// 0 to 1.
        ratio: f64,
    },
}

/// Why there is no such budget.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum BudgetError {
    /// A number of tokens is negative or no number.
    #[error("tokens of a budget must be finite and not negative")]
    Tokens,
    /// The ratio is not from 0 to 1.
    #[error("the ratio of a budget must be from 0 to 1")]
    Ratio,
}

/// A budget with what is left of it.
#[derive(Debug)]
pub(crate) enum Budget {
    Bucket(Bucket),
    Ratio(FailureRatio),
}

/// Tokens, in whole billionths.
#[derive(Debug)]
pub(crate) struct Bucket {
    deposit: u64,
    max: u64,
    needs: u64,
    per_second: u64,
    left: Cell<u64>,
    filled: Cell<Instant>,
    /// What time has put in beyond whole billionths of a token, in billionths of those.
    fraction: Cell<u64>,
}

#[derive(Debug)]
pub(crate) struct FailureRatio {
    ratio: f64,
    first_tries: Cell<u64>,
    failures: Cell<u64>,
}

const TOKEN: u64 = 1_000_000_000;
const SECOND_NS: u128 = 1_000_000_000;

impl Budget {
    pub(crate) fn new(spec: BudgetSpec) -> Result<Self, BudgetError> {
        match spec {
            BudgetSpec::TokenBucket {
                deposit,
                max,
                needs,
                per_second,
            } => Ok(Budget::Bucket(Bucket {
                deposit: billionths(deposit)?,
                max: billionths(max)?,
                needs: billionths(needs)?.max(TOKEN),
                per_second: billionths(per_second)?,
                left: Cell::new(billionths(max)?),
                filled: Cell::new(Instant::START),
                fraction: Cell::new(0),
            })),
            BudgetSpec::FailureRatio { ratio } => {
                if !(0.0..=1.0).contains(&ratio) {
                    return Err(BudgetError::Ratio);
                }
                Ok(Budget::Ratio(FailureRatio {
                    ratio,
                    first_tries: Cell::new(0),
                    failures: Cell::new(0),
                }))
            }
        }
    }

    /// A call's first attempt is about to be made.
    // Hardly any stack has a budget: what it does is not to stand in the way of the others.
    #[inline(never)]
    pub(crate) fn first_try(&self, now: Instant) {
        match self {
            Budget::Bucket(bucket) => {
                bucket.fill(now);
                bucket.put(bucket.deposit);
            }
            Budget::Ratio(ratio) => ratio.first_tries.set(ratio.first_tries.get() + 1),
        }
    }

    /// An attempt has failed.
    pub(crate) fn failed(&self) {
        match self {
            Budget::Bucket(_) => {}
            Budget::Ratio(ratio) => ratio.failures.set(ratio.failures.get() + 1),
        }
    }

    /// Takes what an extra attempt costs; `false` where it may not be made.
    pub(crate) fn take(&self, now: Instant) -> bool {
        match self {
            Budget::Bucket(bucket) => bucket.take(now),
            Budget::Ratio(ratio) => !ratio.is_passed(),
        }
    }
}

impl Bucket {
    fn fill(&self, now: Instant) {
        let elapsed_ns = u128::from(now.nanos_since(self.filled.replace(now)));
        // Two factors below 2^64 and an addend below 2^30: no overflow.
        let grown = u128::from(self.per_second) * elapsed_ns + u128::from(self.fraction.get());
        // Both casts are exact: one is a remainder of 10^9, the other is bounded before.
        self.fraction.set((grown % SECOND_NS) as u64);
        self.put((grown / SECOND_NS).min(u128::from(u64::MAX)) as u64);
    }

    fn put(&self, tokens: u64) {
        let left = self.left.get().saturating_add(tokens);
        self.left.set(left.min(self.max));
        if left >= self.max {
            self.fraction.set(0);
        }
    }

    fn take(&self, now: Instant) -> bool {
        self.fill(now);
        let left = self.left.get();
        if left < self.needs {
            return false;
        }
        self.left.set(left - TOKEN);
        true
    }
}

impl FailureRatio {
    fn is_passed(&self) -> bool {
        // A hundred first tries of 0.07 are 7.000000000000001 in floating point, and 7/100 is not
        // above 0.07; the division gives the nearest number to both.
        self.failures.get() as f64 / self.first_tries.get() as f64 > self.ratio
    }
}

/// Tokens in billionths, as many as fit.
fn billionths(tokens: f64) -> Result<u64, BudgetError> {
    if !(tokens >= 0.0 && tokens.is_finite()) {
        return Err(BudgetError::Tokens);
    }
    // Saturates: eighteen thousand million tokens are as good as more.
    Ok((tokens * TOKEN as f64).round() as u64)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    fn bucket(deposit: f64, max: f64, needs: f64, per_second: f64) -> Budget {
        Budget::new(BudgetSpec::TokenBucket {
            deposit,
            max,
            needs,
            per_second,
        })
        .unwrap()
    }

    fn ratio(ratio: f64) -> Budget {
        Budget::new(BudgetSpec::FailureRatio { ratio }).unwrap()
    }

    fn at_ms(ms: u64) -> Instant {
        Instant::START + Duration::from_millis(ms)
    }

    /// Extra attempts that may be made at once.
    fn drain(budget: &Budget, now: Instant) -> u32 {
        (0..).take_while(|_| budget.take(now)).count() as u32
    }

    #[test]
    fn tokens_are_finite_and_not_negative() {
        for wrong in [-0.1, f64::NAN, f64::INFINITY] {
            for place in 0..4 {
                let number = |of| if of == place { wrong } else { 1.0 };
                let spec = BudgetSpec::TokenBucket {
                    deposit: number(0),
                    max: number(1),
                    needs: number(2),
                    per_second: number(3),
                };
                assert_eq!(Budget::new(spec).unwrap_err(), BudgetError::Tokens);
            }
        }
    }

    #[test]
    fn a_ratio_lies_from_0_to_1() {
        for wrong in [-0.1, 1.1, f64::NAN] {
            let spec = BudgetSpec::FailureRatio { ratio: wrong };
            assert_eq!(Budget::new(spec).unwrap_err(), BudgetError::Ratio);
        }
    }

    #[test]
    fn a_bucket_is_full_at_the_start_and_empties_one_by_one() {
        let budget = bucket(0.0, 5.0, 1.0, 0.0);
        assert_eq!(drain(&budget, at_ms(0)), 5);
        assert!(!budget.take(at_ms(1_000_000)));
    }

    #[test]
    fn ten_deposits_of_a_tenth_are_exactly_one_token() {
        let budget = bucket(0.1, 5.0, 1.0, 0.0);
        drain(&budget, at_ms(0));
        for _ in 0..9 {
            budget.first_try(at_ms(1));
            assert!(!budget.take(at_ms(1)));
        }
        budget.first_try(at_ms(1));
        assert_eq!(drain(&budget, at_ms(1)), 1);
    }

    #[test]
    fn more_than_one_token_is_needed_where_one_is_not_enough() {
        // 5 tokens: 5, 4, 3 and 2 are more than one, 1 is not.
        let budget = bucket(0.1, 5.0, 1.001, 0.0);
        assert_eq!(drain(&budget, at_ms(0)), 4);
        budget.first_try(at_ms(0));
        assert_eq!(drain(&budget, at_ms(0)), 1, "1.1 tokens are");
    }

    #[test]
    fn a_bucket_never_gives_what_is_not_in_it() {
        let budget = bucket(0.0, 2.5, 0.0, 0.0);
        assert_eq!(drain(&budget, at_ms(0)), 2, "half a token is not one");
    }

    #[test]
    fn grpc_lets_four_failures_of_a_full_bucket_of_ten_be_retried() {
        // gRPC: 9, 8, 7 and 6 tokens after the failure are more than 5; then 5 are not.
        assert_eq!(drain(&bucket(0.1, 10.0, 6.001, 0.0), at_ms(0)), 4);
    }

    #[test]
    fn time_fills_a_bucket_without_drift() {
        let budget = bucket(0.0, 5.0, 1.0, 3.0);
        drain(&budget, at_ms(0));
        // A third of a second, in steps of a seventh of a millisecond and a rest.
        let third_ns = 333_333_334;
        for ns in (0..third_ns).step_by(142_857) {
            assert!(!budget.take(Instant::from_nanos(ns)), "{ns}");
        }
        assert!(!budget.take(Instant::from_nanos(third_ns - 1)));
        assert!(budget.take(Instant::from_nanos(third_ns)));
        assert_eq!(
            drain(&budget, at_ms(1_000_000)),
            5,
            "and no fuller than full"
        );
    }

    #[test]
    fn numbers_of_any_size_are_no_trouble() {
        let budget = bucket(1e300, 1e300, 0.0, 1e300);
        budget.first_try(Instant::FAR_FUTURE);
        assert!(budget.take(Instant::FAR_FUTURE));
    }

    #[test]
    fn the_ratio_must_be_passed_not_reached() {
        let budget = ratio(0.1);
        for _ in 0..10 {
            budget.first_try(at_ms(0));
        }
        budget.failed();
        assert!(budget.take(at_ms(0)), "1/10");
        budget.failed();
        assert!(!budget.take(at_ms(0)), "2/10");
        for _ in 0..10 {
            budget.first_try(at_ms(0));
        }
        assert!(budget.take(at_ms(0)), "2/20: it closes again");
    }

    #[test]
    fn the_very_first_failure_is_not_retried_under_a_ratio() {
        let budget = ratio(0.99);
        budget.first_try(at_ms(0));
        budget.failed();
        assert!(!budget.take(at_ms(0)), "1/1");
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(1),
            ..ProptestConfig::default()
        })]

        /// Never more extra attempts than the first bucket, the deposits and the time have paid for.
        #[test]
        fn extra_attempts_are_paid_for(
            deposit in 0_u64..2_000,
            max in 0_u64..20_000,
            per_second in 0_u64..20_000,
            steps in proptest::collection::vec((any::<bool>(), 0_u64..400_000_000), 1..200),
        ) {
            let tokens = |thousandths: u64| thousandths as f64 / 1000.0;
            let budget = bucket(tokens(deposit), tokens(max), 1.0, tokens(per_second));
            let (mut now, mut tries, mut taken) = (Instant::START, 0, 0);
            for (first_try, ns) in steps {
                now = now.after_nanos(ns);
                if first_try {
                    budget.first_try(now);
                    tries += 1;
                } else {
                    taken += u64::from(budget.take(now));
                }
                let paid_by_time = u128::from(per_second) * u128::from(now.as_nanos()) / SECOND_NS;
                prop_assert!(
                    u128::from(taken * 1000) <= u128::from(max + deposit * tries) + paid_by_time + 1
                );
            }
        }
    }
}
