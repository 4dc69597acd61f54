//! Windows of time: `"10s..20s"`, from the first instant up to, but not at, the second.

use awaitlab_faults::Window;

use super::duration::{self, DurationError};

/// Why a text is no window.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// There are not two sides of a `..`.
    #[error("a window is two durations, as in \"10s..20s\"")]
    Malformed,
    /// A side is no duration.
    #[error("{0}")]
    Side(DurationError),
    /// The sides leave no instant between them.
    #[error("{0}")]
    Nowhere(awaitlab_faults::WindowError),
}

/// Reads a window.
///
/// # Errors
/// See [`WindowError`].
pub fn parse(text: &str) -> Result<Window, WindowError> {
    let (start, end) = text.split_once("..").ok_or(WindowError::Malformed)?;
    let start = duration::parse(start).map_err(WindowError::Side)?;
    let end = duration::parse(end).map_err(WindowError::Side)?;
    Window::new(start, end).map_err(WindowError::Nowhere)
}

/// The grammar, as a regular expression for editors.
pub fn pattern() -> String {
    let side = duration::PATTERN
        .trim_start_matches('^')
        .trim_end_matches('$');
    format!(r"^{side}\.\.{side}$")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_lies_between_two_durations() {
        let window = parse("0.5s..1m").unwrap();
        assert_eq!(window.start().as_nanos(), 500_000_000);
        assert_eq!(window.end().as_nanos(), 60_000_000_000);
    }

    #[test]
    fn what_is_no_window_is_refused_for_its_reason() {
        for (text, error) in [
            ("10s", WindowError::Malformed),
            ("..20s", WindowError::Side(DurationError::NoNumber)),
            ("10..20s", WindowError::Side(DurationError::NoUnit)),
            ("10s...20s", WindowError::Side(DurationError::NoNumber)),
            (
                "20s..10s",
                WindowError::Nowhere(awaitlab_faults::WindowError::EndsBeforeItBegins),
            ),
            (
                "20s..20000ms",
                WindowError::Nowhere(awaitlab_faults::WindowError::Empty),
            ),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }
}
