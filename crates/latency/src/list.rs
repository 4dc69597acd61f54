//! Given values, one call after another: a script instead of chance.
//!
//! Call i of job j takes value (j x calls + i) modulo the length, so jobs go through the list as if
//! their calls stood in one row. A value may be a list of its own, one per attempt of that call, the
//! last repeating: a first try that is slow and a second that is not.

use std::sync::Arc;
use std::time::Duration;

use awaitlab_core::AttemptId;

use crate::empirical::Empirical;
use crate::nanoseconds;

/// Latencies that are written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// Per place in the row: per attempt, never empty. Shared, so that a model is cheap to clone.
    values_ns: Arc<[Box<[u64]>]>,
    calls: u64,
    first_attempts: Empirical,
}

/// Why there is no such list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The list is empty.
    #[error("a list needs at least one value")]
    NoValues,
    /// A value is a list without an attempt.
    #[error("value {value} is a list of attempts without one (counted from 0)")]
    NoAttempts {
        /// Index of the value.
        value: usize,
    },
    /// `length > u32::MAX`.
    #[error("a list has at most 4294967295 values")]
    TooManyValues,
}

impl List {
    /// The word for it in a scenario.
    pub const NAME: &'static str = "list";

    /// These values, each of one latency per attempt, for jobs of so many calls.
    ///
    /// # Errors
    /// When there are no values, or one has no attempts.
    pub fn new(values: Vec<Vec<Duration>>, calls: u32) -> Result<Self, Error> {
        if let Some(value) = values.iter().position(Vec::is_empty) {
            return Err(Error::NoAttempts { value });
        }
        if u32::try_from(values.len()).is_err() {
            return Err(Error::TooManyValues);
        }
        let first = values.iter().map(|attempts| attempts[0]).collect();
        let first_attempts = Empirical::new(first).map_err(|_| Error::NoValues)?;
        let in_ns =
            |attempts: Vec<Duration>| attempts.into_iter().map(nanoseconds::whole).collect();
        let values_ns = values.into_iter().map(in_ns).collect();
        Ok(List {
            values_ns,
            calls: u64::from(calls),
            first_attempts,
        })
    }

    /// The value of an attempt.
    pub(crate) fn value_ns(&self, attempt: &AttemptId) -> u64 {
        // Below 2^32 each, so the row's place cannot overflow where j x calls would.
        let length = self.values_ns.len() as u64;
        let jobs_before = (attempt.job % length) * (self.calls % length);
        let place = (jobs_before + u64::from(attempt.call)) % length;
        let attempts = &self.values_ns[place as usize];
        attempts[(attempt.attempt as usize).min(attempts.len() - 1)]
    }

    /// What calls meet over the whole row, each value once, on their first attempts.
    pub(crate) fn first_attempts(&self) -> &Empirical {
        &self.first_attempts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;
    use crate::law::Law;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn list(values_ms: &[&[u64]], calls: u32) -> List {
        let attempts = |values: &&[u64]| values.iter().copied().map(ms).collect();
        List::new(values_ms.iter().map(attempts).collect(), calls).unwrap()
    }

    fn value_ms(list: &List, job: u64, call: u32, attempt: u32) -> u64 {
        list.value_ns(&AttemptId { job, call, attempt }) / 1_000_000
    }

    #[test]
    fn the_first_draws_are_the_first_values() {
        let list = list(&[&[10], &[20], &[30]], 1);
        assert_eq!(
            golden::first_draws(list),
            [10_000_000, 20_000_000, 30_000_000, 10_000_000]
        );
    }

    /// Two calls a job over five values: 10 20 | 30 40 | 50 10 | 20 30 | …
    #[test]
    fn jobs_go_through_the_list_as_if_their_calls_stood_in_one_row() {
        let list = list(&[&[10], &[20], &[30], &[40], &[50]], 2);
        let met: Vec<u64> = (0..4)
            .flat_map(|job| [0, 1].map(|call| value_ms(&list, job, call, 0)))
            .collect();
        assert_eq!(met, [10, 20, 30, 40, 50, 10, 20, 30]);
    }

    #[test]
    fn attempts_have_values_of_their_own_and_the_last_repeats() {
        let list = list(&[&[900, 100, 50], &[70]], 2);
        assert_eq!(
            [0, 1, 2, 3, 9].map(|n| value_ms(&list, 0, 0, n)),
            [900, 100, 50, 50, 50]
        );
        assert_eq!([0, 1].map(|n| value_ms(&list, 0, 1, n)), [70, 70]);
    }

    /// 2^64 = 1 modulo 3 and 10^6 = 1 modulo 3: job 2^64 - 1 begins at 0 x 1, its call 2 is value 2.
    #[test]
    fn the_row_does_not_overflow() {
        let list = list(&[&[10], &[20], &[30]], 1_000_000);
        assert_eq!(value_ms(&list, u64::MAX, 2, 0), 30);
    }

    /// (900 + 70) / 2: what retries take depends on who retries.
    #[test]
    fn mean_and_quantiles_are_those_of_the_first_attempts() {
        let list = list(&[&[900, 100, 50], &[70]], 2);
        assert_eq!(list.first_attempts().mean_ns(), Some(485e6));
        assert_eq!(list.first_attempts().quantile_ns(0.5), 70e6);
    }

    #[test]
    fn a_list_without_values_or_attempts_is_refused() {
        assert_eq!(List::new(vec![], 3), Err(Error::NoValues));
        assert_eq!(
            List::new(vec![vec![ms(1)], vec![]], 3),
            Err(Error::NoAttempts { value: 1 })
        );
    }
}
