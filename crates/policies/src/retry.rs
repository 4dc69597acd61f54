//! Tries again after a failure.
//!
//! Idea: what failed by chance succeeds the second time. With p for an attempt's failure and n
//! attempts a call fails with p^n, and costs (1 - p^n) / (1 - p) attempts.
//!
//! What is tried again is said by [`RetrySpec::on`]; what is not, is passed on at once, as is the last
//! error when the attempts are used up or the budget is spent. Before each retry it sleeps:
//! [`Backoff`] with [`Jitter`], or as long as the service asked for where that is longer. A delay of
//! zero is slept too. A retry is paid for when the failure is seen, before its delay.
//!
//! When it hurts: where failures have a cause in common. Retries then multiply the load of a service
//! that fails under load, at every layer that retries, and without jitter they come as one.
//!
//! The names of the jitters, and the case for them, are from M. Brooker, "Exponential Backoff And
//! Jitter" (AWS Architecture Blog, 2015).

mod backoff;

use std::task::Poll;
use std::time::Duration;

use awaitlab_core::ErrorClass;
use thiserror::Error;

use crate::attempts::{Attempts, Failure, Outcome};
use crate::budget::{Budget, BudgetError, BudgetSpec};
use crate::context::Context;
use crate::event::Event;
use crate::frame::{Frame, Part, Timer};
use crate::walk::{Entry, Step};
use backoff::Delays;

/// A retry.
#[derive(Clone, Debug, PartialEq)]
pub struct RetrySpec {
    /// Attempts in all, the first included; `None`: until one succeeds.
    pub attempts: Option<u32>,
    /// The delay before the second, third, … attempt.
    pub backoff: Backoff,
    /// What chance makes of it.
    pub jitter: Jitter,
    /// Which failures are tried again.
    pub on: Vec<RetryOn>,
    /// Whether a delay that the service asks for is kept where it is the longer one.
    pub honour_retry_after: bool,
    /// What bounds the retries of all calls together.
    pub budget: Option<BudgetSpec>,
}

/// The delay before the k-th retry, k from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    /// The first delay; 0 is allowed.
    pub base: Duration,
    /// How it grows.
    pub growth: Growth,
    /// No longer than this.
    pub cap: Option<Duration>,
}

/// How a backoff grows from retry to retry, k from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Growth {
    /// Always the base.
    Constant,
    /// base x (k + 1).
    Linear,
    /// base x factor^k.
    Exponential {
        /// At least 1.
        factor: f64,
    },
}

/// What chance makes of a backoff `b` (the words of Brooker, "Exponential Backoff And Jitter", 2015).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Jitter {
    /// `b`.
    #[default]
    None,
    /// U(0, b).
    Full,
    /// b/2 + U(0, b/2).
    Equal,
    /// min(cap, U(base, 3 x previous)), previous beginning at base.
    Decorrelated,
}

/// A failure that is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryOn {
    /// Every failure of a class.
    Class(ErrorClass),
    /// An error with this status.
    Status(u16),
}

/// Why there is no such retry.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum RetryError {
    /// No attempt at all.
    #[error("a retry makes at least one attempt")]
    NoAttempt,
    /// The factor is below 1 or no number.
    #[error("the factor of a backoff must be at least 1")]
    Factor,
    /// The budget has no meaning.
    #[error(transparent)]
    Budget(#[from] BudgetError),
}

/// A retry with its budget.
pub(crate) struct Retry {
    spec: RetrySpec,
    budget: Option<Budget>,
}

/// The tries of one call.
pub(crate) struct Tries<'s> {
    retry: &'s Retry,
    delays: Delays,
}

impl RetryOn {
    /// What is tried again where nothing else is said: every class but what was refused at the
    /// client, which no attempt was made for, and what the caller cancelled.
    pub const DEFAULT: [RetryOn; 5] = [
        RetryOn::Class(ErrorClass::Error),
        RetryOn::Class(ErrorClass::Timeout),
        RetryOn::Class(ErrorClass::Throttled),
        RetryOn::Class(ErrorClass::Unavailable),
        RetryOn::Class(ErrorClass::Connection),
    ];

    fn holds(self, error: &impl Failure) -> bool {
        match self {
            RetryOn::Class(class) => error.class() == class,
            RetryOn::Status(status) => error.status() == Some(status),
        }
    }
}

impl Retry {
    pub(crate) fn new(spec: RetrySpec) -> Result<Self, RetryError> {
        if spec.attempts == Some(0) {
            return Err(RetryError::NoAttempt);
        }
        if let Growth::Exponential { factor } = spec.backoff.growth
            && (factor.is_nan() || factor < 1.0)
        {
            return Err(RetryError::Factor);
        }
        let budget = spec.budget.map(Budget::new).transpose()?;
        Ok(Retry { spec, budget })
    }

    #[inline]
    pub(crate) fn enter<'s, A: Attempts>(
        &'s self,
        cx: Context<'s, A>,
        frame: &mut Frame<'s, A>,
    ) -> Entry {
        if let Some(budget) = &self.budget {
            budget.first_try(cx.now());
        }
        frame.holds(Part::Retry(Tries {
            retry: self,
            delays: Delays::new(&self.spec.backoff),
        }));
        Entry::Inside
    }

    /// How long to wait before the next attempt; `None` where there is none.
    fn delay_after<A: Attempts>(
        &self,
        error: &A::Error,
        delays: &mut Delays,
        cx: Context<'_, A>,
    ) -> Option<Duration> {
        if !self.spec.on.iter().any(|on| on.holds(error)) {
            return None;
        }
        if let Some(budget) = &self.budget {
            budget.failed();
        }
        let retries = delays.drawn();
        if self.spec.attempts.is_some_and(|most| retries >= most - 1) {
            return None;
        }
        if let Some(budget) = &self.budget
            && !budget.take(cx.now())
        {
            cx.tell(Event::BudgetSpent);
            return None;
        }
        let delay = delays.next(&self.spec.backoff, self.spec.jitter, || cx.draws());
        match error.retry_after() {
            Some(asked) if self.spec.honour_retry_after => Some(delay.max(asked)),
            _ => Some(delay),
        }
    }
}

impl Tries<'_> {
    #[inline]
    pub(crate) fn inside_ended<A: Attempts>(
        &mut self,
        cx: Context<'_, A>,
        sleep: &mut Timer<A>,
        outcome: &Outcome<A>,
    ) -> Poll<()> {
        let Err(error) = outcome else {
            return Poll::Ready(());
        };
        self.failed(error, cx, sleep)
    }

    fn failed<A: Attempts>(
        &mut self,
        error: &A::Error,
        cx: Context<'_, A>,
        sleep: &mut Timer<A>,
    ) -> Poll<()> {
        match self.retry.delay_after(error, &mut self.delays, cx) {
            Some(delay) => {
                *sleep = Some(cx.sleep(delay));
                Poll::Pending
            }
            None => Poll::Ready(()),
        }
    }
}

/// It has slept.
pub(crate) fn begins_again<A: Attempts>(cx: Context<'_, A>) -> Step<A> {
    cx.tell(Event::Retried);
    Step::Inside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> RetrySpec {
        RetrySpec {
            attempts: Some(3),
            backoff: Backoff {
                base: Duration::from_millis(100),
                growth: Growth::Exponential { factor: 2.0 },
                cap: None,
            },
            jitter: Jitter::None,
            on: RetryOn::DEFAULT.to_vec(),
            honour_retry_after: false,
            budget: None,
        }
    }

    #[test]
    fn a_retry_makes_at_least_one_attempt() {
        let none = RetrySpec {
            attempts: Some(0),
            ..spec()
        };
        assert_eq!(Retry::new(none).err(), Some(RetryError::NoAttempt));
    }

    #[test]
    fn a_backoff_does_not_shrink() {
        for factor in [0.99, -2.0, f64::NAN] {
            let mut shrinking = spec();
            shrinking.backoff.growth = Growth::Exponential { factor };
            assert_eq!(Retry::new(shrinking).err(), Some(RetryError::Factor));
        }
    }

    #[test]
    fn a_budget_without_meaning_is_no_retry() {
        let budget = Some(BudgetSpec::FailureRatio { ratio: 2.0 });
        let broken = RetrySpec { budget, ..spec() };
        let rule = RetryError::Budget(BudgetError::Ratio);
        assert_eq!(Retry::new(broken).err(), Some(rule));
    }
}
