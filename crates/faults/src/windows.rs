//! When a rule holds: windows of time, each [start, end).
//!
//! Half open, so that windows that touch neither overlap nor leave an instant out: an attempt that
//! arrives exactly at the start is struck, one exactly at the end is not.

use std::time::Duration;

use awaitlab_core::Instant;
use awaitlab_core::time::nanos;

/// The instants at which a rule holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Windows(Schedule);

// Private, so that windows of random lengths can join without breaking a match elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Schedule {
    Listed(Vec<Window>),
    Repeating { every_ns: u64, length_ns: u64 },
}

/// From a start to just before an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    start: Instant,
    end: Instant,
}

/// Why there is no such window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// `end < start`.
    #[error("a window cannot end before it begins")]
    EndsBeforeItBegins,
    /// `end == start`.
    #[error("a window that ends when it begins holds no instant")]
    Empty,
}

/// Why there is no such list of windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// The list is empty.
    #[error("without a window the rule can never hold")]
    Empty,
}

/// Why windows cannot repeat so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RepeatError {
    /// `length == 0`.
    #[error("a window of no length holds no instant")]
    Empty,
    /// `every < length`.
    #[error("a window cannot be longer than the time from one to the next")]
    LongerThanItsPeriod,
}

impl Windows {
    /// These windows, in any order; they may overlap.
    ///
    /// # Errors
    /// When there is none.
    pub fn listed(windows: Vec<Window>) -> Result<Self, ListError> {
        if windows.is_empty() {
            return Err(ListError::Empty);
        }
        Ok(Windows(Schedule::Listed(windows)))
    }

    /// A window of this length `every` so often, the first from the start of the run: 2 s every 30 s
    /// is [0 s, 2 s), [30 s, 32 s), and so on. A length equal to `every` is always.
    ///
    /// # Errors
    /// When the length is zero, or more than `every`.
    pub fn repeating(every: Duration, length: Duration) -> Result<Self, RepeatError> {
        let (every_ns, length_ns) = (nanos(every), nanos(length));
        if length_ns == 0 {
            return Err(RepeatError::Empty);
        }
        if every < length {
            return Err(RepeatError::LongerThanItsPeriod);
        }
        Ok(Windows(Schedule::Repeating {
            every_ns,
            length_ns,
        }))
    }

    /// Whether the instant lies within one of them.
    #[inline]
    pub fn contains(&self, instant: Instant) -> bool {
        match &self.0 {
            Schedule::Listed(windows) => windows.iter().any(|window| window.contains(instant)),
            Schedule::Repeating {
                every_ns,
                length_ns,
            } => instant.as_nanos() % every_ns < *length_ns,
        }
    }
}

impl Window {
    /// From `start` to just before `end`, both counted from the start of the run.
    ///
    /// # Errors
    /// When it ends before it begins, or as it begins.
    pub fn new(start: Duration, end: Duration) -> Result<Self, WindowError> {
        let (start, end) = (Instant::START + start, Instant::START + end);
        if end < start {
            return Err(WindowError::EndsBeforeItBegins);
        }
        if end == start {
            return Err(WindowError::Empty);
        }
        Ok(Window { start, end })
    }

    /// Its first instant.
    pub const fn start(&self) -> Instant {
        self.start
    }

    /// The first instant after it.
    pub const fn end(&self) -> Instant {
        self.end
    }

    /// Whether the instant lies within.
    #[inline]
    pub fn contains(&self, instant: Instant) -> bool {
        self.start <= instant && instant < self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn seconds(s: u64) -> Duration {
        Duration::from_secs(s)
    }

    fn holds_at(windows: &Windows, ns: u64) -> bool {
        windows.contains(Instant::from_nanos(ns))
    }

    #[test]
    fn a_window_holds_its_start_and_not_its_end() {
        let window = Window::new(seconds(10), seconds(20)).unwrap();
        assert_eq!(
            (window.start().as_nanos(), window.end().as_nanos()),
            (10 * SECOND, 20 * SECOND)
        );
        let windows = Windows::listed(vec![window]).unwrap();
        let held = [10 * SECOND - 1, 10 * SECOND, 20 * SECOND - 1, 20 * SECOND]
            .map(|ns| holds_at(&windows, ns));
        assert_eq!(held, [false, true, true, false]);
    }

    #[test]
    fn windows_that_touch_leave_no_instant_out() {
        let touching = Windows::listed(vec![
            Window::new(seconds(2), seconds(3)).unwrap(),
            Window::new(seconds(1), seconds(2)).unwrap(),
        ])
        .unwrap();
        let held = [
            SECOND - 1,
            SECOND,
            2 * SECOND - 1,
            2 * SECOND,
            3 * SECOND - 1,
            3 * SECOND,
        ]
        .map(|ns| holds_at(&touching, ns));
        assert_eq!(held, [false, true, true, true, true, false]);
    }

    #[test]
    fn repeating_windows_begin_with_the_run() {
        let windows = Windows::repeating(seconds(30), seconds(2)).unwrap();
        for period in [0, 1, 1_000_000] {
            let start = period * 30 * SECOND;
            let held = [0, 2 * SECOND - 1, 2 * SECOND, 30 * SECOND - 1]
                .map(|offset| holds_at(&windows, start + offset));
            assert_eq!(held, [true, true, false, false], "period {period}");
        }
    }

    #[test]
    fn a_window_as_long_as_its_period_always_holds() {
        let windows = Windows::repeating(seconds(3), seconds(3)).unwrap();
        for ns in [0, 3 * SECOND - 1, 3 * SECOND, u64::MAX] {
            assert!(holds_at(&windows, ns));
        }
    }

    #[test]
    fn a_window_that_can_never_hold_is_refused() {
        assert_eq!(
            Window::new(seconds(20), seconds(10)),
            Err(WindowError::EndsBeforeItBegins)
        );
        assert_eq!(
            Window::new(seconds(10), seconds(10)),
            Err(WindowError::Empty)
        );
        assert_eq!(Windows::listed(vec![]), Err(ListError::Empty));
        assert_eq!(
            Windows::repeating(seconds(10), Duration::ZERO),
            Err(RepeatError::Empty)
        );
        assert_eq!(
            Windows::repeating(Duration::ZERO, Duration::ZERO),
            Err(RepeatError::Empty)
        );
        assert_eq!(
            Windows::repeating(seconds(10), seconds(10) + Duration::from_nanos(1)),
            Err(RepeatError::LongerThanItsPeriod)
        );
    }
}
