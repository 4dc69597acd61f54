//! The service answers with an error.
//!
//! A short time to failure is a fast failure, a long one a slow failure; without one the error comes
//! when the answer would have come, because the service failed at its very work.

use std::time::Duration;

use awaitlab_core::{ErrorClass, Verdict};

/// An error answer: a status, and the time until it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    after: Option<Duration>,
    status: u16,
    retry_after: Option<Duration>,
}

/// Why there is no such error answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatusError {
    /// `status < 100 || status > 599`.
    #[error("a status lies within 100 and 599, {0} does not")]
    OutOfRange(u16),
}

impl Error {
    /// The word for it in a scenario.
    pub const NAME: &'static str = "error";
    /// The status of an error that names none.
    pub const DEFAULT_STATUS: u16 = 500;

    /// An error answered `after` this time, with this status. `None`: after the attempt's own
    /// latency; [`Error::DEFAULT_STATUS`].
    ///
    /// # Errors
    /// When the status is none.
    pub fn new(after: Option<Duration>, status: Option<u16>) -> Result<Self, StatusError> {
        let status = status.unwrap_or(Self::DEFAULT_STATUS);
        if !(100..=599).contains(&status) {
            return Err(StatusError::OutOfRange(status));
        }
        Ok(Error {
            after,
            status,
            retry_after: None,
        })
    }

    /// The same error, which asks to come back after this time (a `Retry-After`).
    pub const fn with_retry_after(self, retry_after: Duration) -> Self {
        Error {
            retry_after: Some(retry_after),
            ..self
        }
    }

    /// What becomes of the attempt. A 429 is of the class that says so, so that a policy that tells
    /// throttling from failure need not ask who throttled.
    #[inline]
    pub fn verdict(&self) -> Verdict {
        let class = if self.status == 429 {
            ErrorClass::Throttled
        } else {
            ErrorClass::Error
        };
        Verdict::Fail {
            after: self.after,
            class,
            status: Some(self.status),
            retry_after: self.retry_after,
        }
    }
}

impl Default for Error {
    fn default() -> Self {
        Error {
            after: None,
            status: Self::DEFAULT_STATUS,
            retry_after: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_a_500_after_the_attempts_own_latency_unless_it_says_otherwise() {
        let plain = Verdict::Fail {
            after: None,
            class: ErrorClass::Error,
            status: Some(500),
            retry_after: None,
        };
        assert_eq!(Error::new(None, None).unwrap().verdict(), plain);
        assert_eq!(Error::default().verdict(), plain);

        let after = Some(Duration::from_millis(5));
        let fast = Verdict::Fail {
            after,
            class: ErrorClass::Error,
            status: Some(503),
            retry_after: None,
        };
        assert_eq!(Error::new(after, Some(503)).unwrap().verdict(), fast);
    }

    #[test]
    fn a_429_is_throttling() {
        let throttled = Verdict::Fail {
            after: None,
            class: ErrorClass::Throttled,
            status: Some(429),
            retry_after: None,
        };
        assert_eq!(Error::new(None, Some(429)).unwrap().verdict(), throttled);
    }

    #[test]
    fn an_error_may_ask_to_come_back_later() {
        let minute = Duration::from_secs(60);
        let busy = Error::new(None, Some(503))
            .unwrap()
            .with_retry_after(minute);
        let Verdict::Fail {
            retry_after,
            status,
            ..
        } = busy.verdict()
        else {
            panic!("an error fails");
        };
        assert_eq!((retry_after, status), (Some(minute), Some(503)));
    }

    #[test]
    fn a_status_has_three_digits_and_begins_with_1_to_5() {
        for status in [0, 99, 600, u16::MAX] {
            assert_eq!(
                Error::new(None, Some(status)),
                Err(StatusError::OutOfRange(status))
            );
        }
        for status in [100, 599] {
            assert!(Error::new(None, Some(status)).is_ok());
        }
    }
}
