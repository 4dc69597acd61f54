//! Windows of random lengths, drawn as far as they are asked for.
//!
//! Window k begins an exponential time of mean `off` after window k - 1 ended and lasts an
//! exponential time of mean `on`; both lengths are a function of the rule, the replication and k, at
//! least 1 ns, so that windows neither touch nor vanish.
//!
//! Time moves forward, so of what is past only the last few windows are kept: memory does not grow
//! with the length of a run. A question about what has been forgotten is answered all the same, by
//! drawing anew from the start.

use std::collections::VecDeque;

use awaitlab_core::{Draws, Instant, Stream};

use crate::windows::{OnOff, Window};

/// The windows of one rule in one replication, around the instant asked for last.
#[derive(Clone, Debug)]
pub(crate) struct Drawn {
    means: OnOff,
    stream: Stream,
    /// The number of the next window to draw.
    next: u64,
    kept: VecDeque<Window>,
}

/// Windows of the past that are kept at least: services ask a little ahead and then for now.
const KEPT: usize = 64;

impl Drawn {
    pub(crate) fn new(means: OnOff, stream: Stream) -> Self {
        Drawn {
            means,
            stream,
            next: 0,
            kept: VecDeque::new(),
        }
    }

    /// Begins anew, in a replication with this stream.
    pub(crate) fn begin(&mut self, stream: Stream) {
        self.stream = stream;
        self.next = 0;
        self.kept.clear();
    }

    /// The first window that ends after `at`; it may have begun. `None` where time ends before.
    pub(crate) fn current(&mut self, at: Instant) -> Option<Window> {
        let index = self.reach(at);
        self.kept.get(index).copied()
    }

    /// The last window that began at or before `at`; it may have ended.
    pub(crate) fn last_begun(&mut self, at: Instant) -> Option<Window> {
        let index = self.reach(at);
        let current = self.kept.get(index);
        let begun = current.filter(|window| window.start() <= at);
        begun
            .or_else(|| self.kept.get(index.checked_sub(1)?))
            .copied()
    }

    /// The first window that begins after `at`.
    pub(crate) fn next_to_begin(&mut self, at: Instant) -> Option<Window> {
        let current = self.current(at)?;
        if current.start() > at {
            return Some(current);
        }
        // Windows do not touch: the next one ends after this one's end, and begins after it.
        self.current(current.end())
    }

    /// Where the first window that ends after `at` is kept. Whatever ended before it is kept too, or
    /// at least the last [`KEPT`] of it.
    fn reach(&mut self, at: Instant) -> usize {
        let forgotten = self.next > self.kept.len() as u64;
        if forgotten && self.kept.front().is_some_and(|first| at < first.end()) {
            self.begin(self.stream);
        }
        while self.kept.back().is_none_or(|last| last.end() <= at) {
            let Some(window) = self.draw() else { break };
            if self.kept.len() >= 2 * KEPT {
                self.kept.drain(..KEPT);
            }
            self.kept.push_back(window);
        }
        self.kept.partition_point(|window| window.end() <= at)
    }

    /// The next window; `None` at the end of time.
    fn draw(&mut self) -> Option<Window> {
        let before = self.kept.back().map_or(Instant::START, Window::end);
        let mut draws = self.stream.draws_at(self.next);
        let start = before.after_nanos(exponential_ns(self.means.off_ns, &mut draws));
        if start == Instant::FAR_FUTURE {
            return None;
        }
        let end = start.after_nanos(exponential_ns(self.means.on_ns, &mut draws));
        self.next += 1;
        Some(Window::between(start, end))
    }
}

/// An exponential time by inversion, -mean ln u, in whole nanoseconds, at least 1.
fn exponential_ns(mean_ns: u64, draws: &mut Draws) -> u64 {
    let ns = -(mean_ns as f64) * libm::log(draws.uniform());
    // The cast saturates.
    (libm::round(ns) as u64).max(1)
}
