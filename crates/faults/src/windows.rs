//! When a rule holds: windows of time, each [start, end).
//!
//! Half open, so that windows that touch neither overlap nor leave an instant out: an attempt that
//! arrives exactly at the start is struck, one exactly at the end is not.
//!
//! This is what a scenario says of them. Where they lie in a replication, which for windows of random
//! lengths is drawn, is the business of the [`Rules`](crate::Rules) of a service.

use std::time::Duration;

use awaitlab_core::Instant;
use awaitlab_core::time::nanos;

/// The instants at which a rule holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Windows(pub(crate) Schedule);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Schedule {
    Listed {
        /// The starts as they were written, in order.
        starts: Vec<Instant>,
        /// The same instants as windows that neither overlap nor touch, in order.
        merged: Vec<Window>,
    },
    Repeating {
        every_ns: u64,
        /// Within 1 and `every_ns`.
        length_ns: u64,
    },
    Random(OnOff),
}

/// Mean lengths of windows and of the time between them; neither is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OnOff {
    pub(crate) on_ns: u64,
    pub(crate) off_ns: u64,
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

/// Why windows cannot come at random so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RandomError {
    /// `on == 0`.
    #[error("windows of no length hold no instant: `on` must be longer than 0")]
    NeverOn,
    /// `off == 0`.
    #[error("without a time between them there is one window only: `off` must be longer than 0")]
    NeverOff,
}

impl Windows {
    /// These windows, in any order; they may overlap.
    ///
    /// # Errors
    /// When there is none.
    pub fn listed(mut windows: Vec<Window>) -> Result<Self, ListError> {
        if windows.is_empty() {
            return Err(ListError::Empty);
        }
        windows.sort_by_key(|window| (window.start, window.end));
        let starts = windows.iter().map(|window| window.start).collect();
        let mut merged: Vec<Window> = Vec::with_capacity(windows.len());
        for window in windows {
            match merged.last_mut() {
                Some(last) if window.start <= last.end => last.end = last.end.max(window.end),
                _ => merged.push(window),
            }
        }
        Ok(Windows(Schedule::Listed { starts, merged }))
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

    /// Windows of random lengths at random times: off for an exponential time of mean `off`, then on
    /// for one of mean `on`, and so on; off at the start. In the long run on for on / (on + off) of
    /// the time. Drawn per rule and replication, the same for every strategy.
    ///
    /// # Errors
    /// When either mean is zero.
    pub fn random(on: Duration, off: Duration) -> Result<Self, RandomError> {
        let (on_ns, off_ns) = (nanos(on), nanos(off));
        if on_ns == 0 {
            return Err(RandomError::NeverOn);
        }
        if off_ns == 0 {
            return Err(RandomError::NeverOff);
        }
        Ok(Windows(Schedule::Random(OnOff { on_ns, off_ns })))
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

    /// From `start` to just before `end`, which is later.
    pub(crate) fn between(start: Instant, end: Instant) -> Self {
        debug_assert!(start < end, "{start:?} to {end:?}");
        Window { start, end }
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

    fn seconds(s: u64) -> Duration {
        Duration::from_secs(s)
    }

    #[test]
    fn a_window_holds_its_start_and_not_its_end() {
        let window = Window::new(seconds(10), seconds(20)).unwrap();
        let (start, end) = (10_000_000_000, 20_000_000_000);
        assert_eq!(
            (window.start().as_nanos(), window.end().as_nanos()),
            (start, end)
        );
        let held =
            [start - 1, start, end - 1, end].map(|ns| window.contains(Instant::from_nanos(ns)));
        assert_eq!(held, [false, true, true, false]);
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
        assert_eq!(
            Windows::random(Duration::ZERO, seconds(1)),
            Err(RandomError::NeverOn)
        );
        assert_eq!(
            Windows::random(seconds(1), Duration::ZERO),
            Err(RandomError::NeverOff)
        );
    }
}
