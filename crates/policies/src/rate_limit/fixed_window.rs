//! So many calls in each window.

use std::time::Duration;

use awaitlab_core::Instant;

/// So many calls in each window; a window begins with its first call.
pub(super) struct FixedWindow {
    limit: u32,
    length: Duration,
    /// Of the window that began last.
    ends: Instant,
    left: u32,
}

impl FixedWindow {
    /// `None` where it would never let anything through.
    pub(super) fn new(limit: u32, length: Duration) -> Option<Self> {
        let lets_through = limit > 0 && !length.is_zero();
        lets_through.then_some(FixedWindow {
            limit,
            length,
            ends: Instant::START,
            left: limit,
        })
    }

    /// Takes one of the window; else when the next begins. The end belongs to the next.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), Instant> {
        if now >= self.ends {
            self.ends = now + self.length;
            self.left = self.limit;
        }
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(self.ends),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Instant {
        Instant::from_nanos(ms * 1_000_000)
    }

    fn two_per_second() -> FixedWindow {
        FixedWindow::new(2, Duration::from_secs(1)).unwrap()
    }

    #[test]
    fn a_window_begins_with_its_first_call() {
        let mut window = two_per_second();
        assert_eq!(window.take(at(300)), Ok(()));
        assert_eq!(window.take(at(1_299)), Ok(()));
        assert_eq!(window.take(at(1_299)), Err(at(1_300)));
        assert_eq!(window.take(at(1_300)), Ok(()), "the end is the next one's");
    }

    #[test]
    fn an_idle_time_does_not_count_as_windows() {
        let mut window = two_per_second();
        assert_eq!(window.take(at(0)), Ok(()));
        // Idle from 1 s on: the next window is [2.7, 3.7), not [2, 3).
        assert_eq!(window.take(at(2_700)), Ok(()));
        assert_eq!(window.take(at(3_500)), Ok(()));
        assert_eq!(window.take(at(3_500)), Err(at(3_700)));
    }

    #[test]
    fn a_refusal_uses_nothing_up() {
        let mut window = two_per_second();
        let taken: Vec<_> = (0..4).map(|_| window.take(at(0)).is_ok()).collect();
        assert_eq!(taken, [true, true, false, false]);
        let taken: Vec<_> = (0..3).map(|_| window.take(at(1_000)).is_ok()).collect();
        assert_eq!(taken, [true, true, false]);
    }
}
