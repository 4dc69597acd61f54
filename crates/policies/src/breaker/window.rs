//! What a closed breaker remembers of the calls that ended.

use std::collections::VecDeque;
use std::time::Duration;

use awaitlab_core::Instant;
use awaitlab_core::time::nanos;

use super::{BreakerSpec, Window};

/// The calls in a window, and when there are too many failures among them.
pub(super) struct Calls {
    seen: Seen,
    minimum: u32,
    failure_ratio: f64,
}

enum Seen {
    Last(Ring),
    Recent(Slices),
    Streak { failures: u32, opens_at: u32 },
}

/// The last `size` calls: whether each failed.
struct Ring {
    size: usize,
    calls: VecDeque<bool>,
    failures: u32,
}

/// The calls of the last `most` slices of time; only slices in which a call ended are kept, so there
/// are never more than `most`, nor more than calls.
struct Slices {
    slice_ns: u64,
    most: u64,
    kept: VecDeque<Slice>,
    whole: Slice,
}

#[derive(Clone, Copy, Default)]
struct Slice {
    number: u64,
    calls: u32,
    failures: u32,
}

impl Calls {
    pub(super) fn new(spec: &BreakerSpec) -> Self {
        let (seen, most) = match spec.window {
            Window::Count(size) => (Seen::Last(Ring::new(size)), size),
            Window::Time(length) => (Seen::Recent(Slices::new(length)), u32::MAX),
            Window::Consecutive(opens_at) => (
                Seen::Streak {
                    failures: 0,
                    opens_at,
                },
                u32::MAX,
            ),
        };
        Calls {
            seen,
            minimum: spec.minimum.min(most),
            failure_ratio: spec.failure_ratio,
        }
    }

    /// Takes in a call that has ended. Whether there are too many failures now.
    #[inline(always)]
    pub(super) fn end(&mut self, now: Instant, failed: bool) -> bool {
        let (calls, failures) = match &mut self.seen {
            Seen::Last(ring) => ring.end(failed),
            Seen::Recent(slices) => slices.end(now, failed),
            Seen::Streak { failures, opens_at } => {
                *failures = if failed { *failures + 1 } else { 0 };
                return *failures >= *opens_at;
            }
        };
        // A quotient, not a product: 3 / 10 is the same number as 0.3, 0.3 * 10 may not be 3.
        calls >= self.minimum && f64::from(failures) / f64::from(calls) >= self.failure_ratio
    }
}

impl Ring {
    fn new(size: u32) -> Self {
        Ring {
            size: size as usize,
            calls: VecDeque::new(),
            failures: 0,
        }
    }

    #[inline]
    fn end(&mut self, failed: bool) -> (u32, u32) {
        if self.calls.len() == self.size {
            let oldest_failed = self.calls.pop_front();
            self.failures -= u32::from(oldest_failed == Some(true));
        }
        self.calls.push_back(failed);
        self.failures += u32::from(failed);
        (self.calls.len() as u32, self.failures)
    }
}

impl Slices {
    fn new(length: Duration) -> Self {
        let length_ns = nanos(length);
        let (slice_ns, most) = if length.subsec_nanos() == 0 {
            (1_000_000_000, length.as_secs())
        } else {
            (length_ns.div_ceil(10), 10)
        };
        Slices {
            slice_ns,
            most,
            kept: VecDeque::new(),
            whole: Slice::default(),
        }
    }

    fn end(&mut self, now: Instant, failed: bool) -> (u32, u32) {
        let number = now.as_nanos() / self.slice_ns;
        while let Some(oldest) = self.kept.front()
            && number - oldest.number >= self.most
        {
            self.whole.calls -= oldest.calls;
            self.whole.failures -= oldest.failures;
            self.kept.pop_front();
        }
        if self.kept.back().is_none_or(|last| last.number != number) {
            self.kept.push_back(Slice {
                number,
                ..Slice::default()
            });
        }
        for slice in self.kept.back_mut().into_iter().chain([&mut self.whole]) {
            slice.calls += 1;
            slice.failures += u32::from(failed);
        }
        (self.whole.calls, self.whole.failures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(window: Window, failure_ratio: f64, minimum: u32) -> Calls {
        Calls::new(&BreakerSpec {
            window,
            failure_ratio,
            minimum,
            ..BreakerSpec::default()
        })
    }

    /// Ends calls at once, `x` a failure; after which of them there were too many failures.
    fn opens(calls: &mut Calls, ends: &str) -> Vec<usize> {
        let ends = ends.chars().enumerate();
        let too_many = |(n, end): (usize, char)| calls.end(Instant::START, end == 'x').then_some(n);
        ends.filter_map(too_many).collect()
    }

    #[test]
    fn nothing_is_judged_before_the_minimum_and_the_ratio_itself_is_too_much() {
        // Half of four: reached by the third failure in five at the earliest, here by 2 of 4.
        assert_eq!(
            opens(&mut calls(Window::Count(10), 0.5, 4), "xx.."),
            [3],
            "judged at a success too"
        );
        assert_eq!(opens(&mut calls(Window::Count(10), 0.5, 4), "xxx"), []);
        assert_eq!(opens(&mut calls(Window::Count(10), 0.5, 4), ".x..xx"), [5]);
    }

    #[test]
    fn a_ratio_is_met_exactly() {
        // 3 / 10 >= 0.3, and 7 / 10 >= 0.7.
        assert_eq!(
            opens(&mut calls(Window::Count(10), 0.3, 10), ".......xxx"),
            [9]
        );
        assert_eq!(
            opens(&mut calls(Window::Count(10), 0.7, 10), "...xxxxxxx"),
            [9]
        );
        assert_eq!(
            opens(&mut calls(Window::Count(10), 0.7, 10), "....xxxxxx"),
            []
        );
    }

    #[test]
    fn a_count_window_forgets_the_oldest_call() {
        // Of the last 4: xx.. has 2 of 4 and opens at 0.5; .xx. only once the first leaves.
        let mut window = calls(Window::Count(4), 0.75, 4);
        assert_eq!(opens(&mut window, "x..x"), [], "2 of 4");
        assert_eq!(opens(&mut window, "x"), [], "..xx: the oldest x is gone");
        assert_eq!(opens(&mut window, "x"), [0], ".xxx");
    }

    #[test]
    fn a_minimum_above_the_window_is_the_window() {
        assert_eq!(opens(&mut calls(Window::Count(3), 1.0, 100), "xxx"), [2]);
    }

    #[test]
    fn a_streak_is_broken_by_one_success() {
        let mut streak = calls(Window::Consecutive(3), 0.5, 100);
        assert_eq!(opens(&mut streak, "xx.xx.xxx"), [8]);
    }

    #[test]
    fn a_time_window_of_seconds_forgets_second_by_second() {
        let at = |ms: u64| Instant::from_nanos(ms * 1_000_000);
        let mut window = calls(Window::Time(Duration::from_secs(2)), 1.0, 3);
        assert!(!window.end(at(900), true));
        assert!(!window.end(at(1_999), true), "seconds 0 and 1: 2 calls");
        assert!(!window.end(at(2_000), true), "second 0 is gone: 2 calls");
        assert!(window.end(at(2_999), true), "seconds 1 and 2: 3 of 3");
        assert!(!window.end(at(4_000), true), "only second 4 is left");
    }

    #[test]
    fn a_time_window_of_other_lengths_forgets_by_tenths() {
        let at = |ms: u64| Instant::from_nanos(ms * 1_000_000);
        let mut window = calls(Window::Time(Duration::from_millis(500)), 1.0, 2);
        assert!(!window.end(at(49), true));
        assert!(window.end(at(499), true), "tenths 0 and 9");
        let mut window = calls(Window::Time(Duration::from_millis(500)), 1.0, 2);
        assert!(!window.end(at(49), true));
        assert!(!window.end(at(500), true), "tenth 0 is gone");
    }

    #[test]
    fn a_time_window_holds_no_more_than_its_slices() {
        let mut slices = Slices::new(Duration::from_secs(3));
        for second in 0..100 {
            slices.end(Instant::from_nanos(second * 1_000_000_000), true);
        }
        assert_eq!(slices.kept.len(), 3);
    }
}
