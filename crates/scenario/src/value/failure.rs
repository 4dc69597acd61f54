//! Failures: `"timeout"`, `"error 503"`.

use awaitlab_core::ErrorClass;
use awaitlab_policies::retry::RetryOn;

/// The grammar of an error with a status, as a regular expression for editors.
pub const PATTERN: &str = "^error [1-5][0-9][0-9]$";

/// Every class of errors.
const CLASSES: [ErrorClass; 7] = [
    ErrorClass::Error,
    ErrorClass::Timeout,
    ErrorClass::Throttled,
    ErrorClass::Unavailable,
    ErrorClass::Connection,
    ErrorClass::Refused,
    ErrorClass::Cancelled,
];

/// Why a text is no failure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FailureError {
    /// It names no class.
    #[error(
        "a failure is one of error, timeout, throttled, unavailable, connection, refused, \
         cancelled, or an error's status, as in \"error 503\""
    )]
    Unknown,
    /// Its status is none.
    #[error("a status is a number from 100 to 599, as in \"error 503\"")]
    Status,
}

/// The words for whole classes.
pub fn words() -> impl Iterator<Item = &'static str> {
    CLASSES.into_iter().map(ErrorClass::name)
}

/// Reads a failure.
///
/// # Errors
/// See [`FailureError`].
///
/// ```
/// use awaitlab_policies::retry::RetryOn;
/// use awaitlab_scenario::value::failure::parse;
///
/// assert_eq!(parse("error 503"), Ok(RetryOn::Status(503)));
/// ```
pub fn parse(text: &str) -> Result<RetryOn, FailureError> {
    if let Some(status) = text.strip_prefix("error ") {
        // Three digits: one way to write each.
        let is_number = status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit());
        return status
            .parse::<u16>()
            .ok()
            .filter(|status| is_number && (100..=599).contains(status))
            .map(RetryOn::Status)
            .ok_or(FailureError::Status);
    }
    let class = CLASSES.into_iter().find(|class| class.name() == text);
    class.map(RetryOn::Class).ok_or(FailureError::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_a_class_or_a_status() {
        for class in CLASSES {
            assert_eq!(parse(class.name()), Ok(RetryOn::Class(class)));
        }
        assert_eq!(parse("error 100"), Ok(RetryOn::Status(100)));
        assert_eq!(parse("error 599"), Ok(RetryOn::Status(599)));
    }

    #[test]
    fn what_is_no_failure_is_refused_for_its_reason() {
        use FailureError::*;
        for (text, error) in [
            ("", Unknown),
            ("503", Unknown),
            ("Timeout", Unknown),
            ("error503", Unknown),
            ("timeout 503", Unknown),
            ("error ", Status),
            ("error 99", Status),
            ("error 600", Status),
            ("error 0503", Status),
            ("error +503", Status),
            ("error x", Status),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }
}
