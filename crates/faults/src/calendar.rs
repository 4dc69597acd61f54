//! Where the windows of a rule lie in the replication begun last.

use std::cell::RefCell;

use awaitlab_core::{Instant, Purpose, Streams};

use crate::drawn::Drawn;
use crate::windows::{Schedule, Window, Windows};

/// The windows of one rule in time.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    /// The rule's place among all rules, which names its random lengths.
    place: u64,
    windows: Fixed,
}

#[derive(Clone, Debug)]
enum Fixed {
    Listed {
        starts: Vec<Instant>,
        merged: Vec<Window>,
    },
    Repeating {
        every_ns: u64,
        length_ns: u64,
    },
    Random(RefCell<Drawn>),
}

impl Calendar {
    pub(crate) fn new(windows: &Windows, place: u64, streams: &Streams) -> Self {
        let windows = match &windows.0 {
            Schedule::Listed { starts, merged } => Fixed::Listed {
                starts: starts.clone(),
                merged: merged.clone(),
            },
            &Schedule::Repeating {
                every_ns,
                length_ns,
            } => Fixed::Repeating {
                every_ns,
                length_ns,
            },
            &Schedule::Random(means) => {
                let stream = streams.stream(Purpose::Schedule, place);
                Fixed::Random(Drawn::new(means, stream).into())
            }
        };
        Calendar { place, windows }
    }

    /// Begins a replication: random windows are those of its streams from here on.
    pub(crate) fn begin_replication(&self, streams: &Streams) {
        if let Fixed::Random(drawn) = &self.windows {
            let stream = streams.stream(Purpose::Schedule, self.place);
            drawn.borrow_mut().begin(stream);
        }
    }

    /// Whether the instant lies within a window.
    #[inline]
    pub(crate) fn contains(&self, at: Instant) -> bool {
        self.current(at).is_some_and(|window| window.start() <= at)
    }

    /// The first window that ends after `at`, which it may contain; windows that overlap or touch
    /// are one.
    pub(crate) fn current(&self, at: Instant) -> Option<Window> {
        match &self.windows {
            Fixed::Listed { merged, .. } => {
                let next = merged.partition_point(|window| window.end() <= at);
                merged.get(next).copied()
            }
            &Fixed::Repeating {
                every_ns,
                length_ns,
            } => current_of_repeating(every_ns, length_ns, at),
            Fixed::Random(drawn) => drawn.borrow_mut().current(at),
        }
    }

    /// The first instant after `at` at which the rule begins or ceases to hold.
    pub(crate) fn next_edge(&self, at: Instant) -> Option<Instant> {
        let window = self.current(at)?;
        let edge = if window.start() > at {
            window.start()
        } else {
            window.end()
        };
        (edge < Instant::FAR_FUTURE).then_some(edge)
    }

    /// The latest start of a window, as written, at or before `at`.
    pub(crate) fn last_start(&self, at: Instant) -> Option<Instant> {
        match &self.windows {
            Fixed::Listed { starts, .. } => {
                let begun = starts.partition_point(|start| *start <= at);
                starts.get(begun.checked_sub(1)?).copied()
            }
            &Fixed::Repeating { every_ns, .. } => {
                let ns = at.as_nanos();
                Some(Instant::from_nanos(ns - ns % every_ns))
            }
            Fixed::Random(drawn) => {
                let begun = drawn.borrow_mut().last_begun(at);
                begun.map(|window| window.start())
            }
        }
    }

    /// The earliest start of a window, as written.
    pub(crate) fn first_start(&self) -> Option<Instant> {
        let first = self.last_start(Instant::START);
        first.or_else(|| self.next_start(Instant::START))
    }

    /// The earliest start of a window, as written, after `at`.
    pub(crate) fn next_start(&self, at: Instant) -> Option<Instant> {
        match &self.windows {
            Fixed::Listed { starts, .. } => {
                let begun = starts.partition_point(|start| *start <= at);
                starts.get(begun).copied()
            }
            &Fixed::Repeating { every_ns, .. } => {
                let ns = at.as_nanos();
                let next = (ns - ns % every_ns).checked_add(every_ns)?;
                Some(Instant::from_nanos(next))
            }
            Fixed::Random(drawn) => {
                let next = drawn.borrow_mut().next_to_begin(at);
                next.map(|window| window.start())
            }
        }
    }

    /// Of `ns` nanoseconds outside of the windows, how many make up whole periods of windows that
    /// repeat, and how long those periods are. Nothing where windows do not repeat.
    pub(crate) fn whole_periods(&self, ns: u64) -> (u64, u64) {
        match self.windows {
            Fixed::Repeating {
                every_ns,
                length_ns,
            } if length_ns < every_ns => {
                let outside_ns = every_ns - length_ns;
                let periods = ns / outside_ns;
                (periods * outside_ns, periods.saturating_mul(every_ns))
            }
            _ => (0, 0),
        }
    }
}

fn current_of_repeating(every_ns: u64, length_ns: u64, at: Instant) -> Option<Window> {
    let ns = at.as_nanos();
    let phase_ns = ns % every_ns;
    let (start, end) = if length_ns == every_ns {
        (Instant::START, Instant::FAR_FUTURE)
    } else {
        let current = ns - phase_ns;
        let start = if phase_ns < length_ns {
            current
        } else {
            current.checked_add(every_ns)?
        };
        let start = Instant::from_nanos(start);
        (start, start.after_nanos(length_ns))
    };
    // At the end of time nothing ends later.
    (start < end && at < end).then(|| Window::between(start, end))
}

#[cfg(test)]
mod tests;
