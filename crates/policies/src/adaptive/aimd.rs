//! `AIMDLimit`: up by one with each answer, down by a ratio with each drop.
//!
//! With a limit l in whole calls: a drop, or an answer that took longer than the timeout, makes it
//! floor(l x ratio); another answer makes it l + 1 where 2 x in flight >= l. Then it is kept within
//! its bounds.

use std::ops::RangeInclusive;
use std::time::Duration;

use awaitlab_core::time::nanos;

use super::Sample;

pub(super) struct Aimd {
    limit: u32,
    bounds: RangeInclusive<u32>,
    backoff_ratio: f64,
    timeout_ns: u64,
}

impl Aimd {
    pub(super) fn new(
        initial: u32,
        bounds: RangeInclusive<u32>,
        backoff_ratio: f64,
        timeout: Duration,
    ) -> Self {
        Aimd {
            limit: initial,
            bounds,
            backoff_ratio,
            timeout_ns: nanos(timeout),
        }
    }

    pub(super) fn limit(&self) -> u32 {
        self.limit
    }

    pub(super) fn update(&mut self, sample: &Sample) {
        let limit = if sample.dropped || sample.rtt_ns > self.timeout_ns {
            (f64::from(self.limit) * self.backoff_ratio) as u32
        } else if sample.in_flight.saturating_mul(2) >= self.limit {
            self.limit.saturating_add(1)
        } else {
            self.limit
        };
        self.limit = limit.clamp(*self.bounds.start(), *self.bounds.end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aimd(initial: u32, bounds: RangeInclusive<u32>) -> Aimd {
        Aimd::new(initial, bounds, 0.9, Duration::from_secs(5))
    }

    fn sample(in_flight: u32, rtt_ms: u64, dropped: bool) -> Sample {
        Sample {
            rtt_ns: rtt_ms * 1_000_000,
            in_flight,
            dropped,
        }
    }

    #[test]
    fn an_answer_raises_it_by_one_while_half_of_it_is_in_use() {
        let mut aimd = aimd(20, 1..=22);
        let mut after = |in_flight| {
            aimd.update(&sample(in_flight, 10, false));
            aimd.limit()
        };
        // 2 x 9 < 20, 2 x 10 >= 20, 2 x 10 < 21.
        assert_eq!([after(9), after(10), after(10)], [20, 21, 21]);
        assert_eq!([after(11), after(22)], [22, 22], "never above");
    }

    #[test]
    fn a_drop_takes_a_tenth() {
        let mut aimd = aimd(100, 70..=200);
        let mut after_a_drop = || {
            aimd.update(&sample(1, 10, true));
            aimd.limit()
        };
        // 100 x 0.9, 90 x 0.9, 72.9 rounded down, then 64.8 and never below.
        let limits = [(); 4].map(|()| after_a_drop());
        assert_eq!(limits, [90, 81, 72, 70]);
    }

    #[test]
    fn an_answer_slower_than_the_timeout_is_a_drop() {
        let mut aimd = aimd(100, 1..=200);
        aimd.update(&sample(100, 5_000, false));
        assert_eq!(aimd.limit(), 101);
        aimd.update(&sample(100, 5_001, false));
        assert_eq!(aimd.limit(), 90, "floor(101 x 0.9)");
    }
}
