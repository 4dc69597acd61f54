//! `Gradient2Limit`: follows the ratio of what is usual to what just was.
//!
//! The usual time is the mean of the first 10 samples, then an exponential average with the weight
//! 2 / (window + 1) for each further one. With a limit l:
//!
//! - where the usual time is more than twice the sample, a twentieth of it is forgotten, so that it
//!   comes down soon after a long overload;
//! - less than l / 2 in flight: no change;
//! - gradient = usual x tolerance / rtt, kept within 0.5 and 1;
//! - l' = (1 - smoothing) l + smoothing (gradient l + queue size), kept within its bounds.
//!
//! Drops are samples as all others: it looks at time only. Saturated, at constant latency, the
//! gradient is 1 and a sample adds smoothing x queue size: 0.8 by default, so that 20 becomes
//! 20 + 0.8 n.

use std::ops::RangeInclusive;

use super::Sample;

/// Samples of which the usual time is the plain mean at first.
const WARM_UP: u32 = 10;

/// What is taken off the usual time after a much shorter sample.
const FORGET: f64 = 0.95;

pub(super) struct Gradient2 {
    estimate: f64,
    bounds: RangeInclusive<u32>,
    queue_size: u32,
    /// 1 where nothing else is said.
    pub(super) rtt_tolerance: f64,
    /// 1 where nothing else is said.
    pub(super) smoothing: f64,
    usual: Average,
}

/// An average that forgets.
struct Average {
    weight: f64,
    value: f64,
    sum: f64,
    samples: u32,
}

impl Gradient2 {
    pub(super) fn new(
        initial: u32,
        bounds: RangeInclusive<u32>,
        queue_size: u32,
        long_window: u32,
    ) -> Self {
        Gradient2 {
            estimate: f64::from(initial),
            bounds,
            queue_size,
            rtt_tolerance: 1.0,
            smoothing: 1.0,
            usual: Average {
                weight: 2.0 / (f64::from(long_window) + 1.0),
                value: 0.0,
                sum: 0.0,
                samples: 0,
            },
        }
    }

    pub(super) fn limit(&self) -> u32 {
        self.estimate as u32
    }

    pub(super) fn update(&mut self, sample: &Sample) {
        let rtt_ns = sample.rtt_ns as f64;
        let usual_ns = self.usual.add(rtt_ns);
        if usual_ns / rtt_ns > 2.0 {
            self.usual.value *= FORGET;
        }
        if f64::from(sample.in_flight) < self.estimate / 2.0 {
            return;
        }
        let gradient = (self.rtt_tolerance * usual_ns / rtt_ns).clamp(0.5, 1.0);
        let limit = self.estimate * gradient + f64::from(self.queue_size);
        let limit = self.estimate * (1.0 - self.smoothing) + limit * self.smoothing;
        let (min, max) = (*self.bounds.start(), *self.bounds.end());
        self.estimate = limit.clamp(f64::from(min), f64::from(max));
    }
}

impl Average {
    fn add(&mut self, sample: f64) -> f64 {
        if self.samples < WARM_UP {
            self.samples += 1;
            self.sum += sample;
            self.value = self.sum / f64::from(self.samples);
        } else {
            self.value = self.value * (1.0 - self.weight) + sample * self.weight;
        }
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gradient2(initial: u32, bounds: RangeInclusive<u32>) -> Gradient2 {
        let mut gradient2 = Gradient2::new(initial, bounds, 4, 600);
        gradient2.rtt_tolerance = 1.5;
        gradient2.smoothing = 0.2;
        gradient2
    }

    fn sample(in_flight: u32, rtt_ms: u64) -> Sample {
        Sample {
            rtt_ns: rtt_ms * 1_000_000,
            in_flight,
            dropped: false,
        }
    }

    /// 100, and ten answers of 10 ms at which it was too idle to change.
    fn warm() -> Gradient2 {
        let mut gradient2 = gradient2(100, 1..=200);
        for _ in 0..10 {
            gradient2.update(&sample(1, 10));
        }
        assert_eq!((gradient2.estimate, gradient2.usual.value), (100.0, 10e6));
        gradient2
    }

    #[test]
    fn saturated_at_a_constant_latency_it_grows_by_four_fifths_a_sample() {
        let mut gradient2 = gradient2(20, 20..=200);
        let mut limits = vec![gradient2.limit()];
        for _ in 0..300 {
            gradient2.update(&sample(gradient2.limit(), 10));
            limits.push(gradient2.limit());
        }
        let after = [1, 2, 5, 10, 50, 100].map(|samples| limits[samples]);
        assert_eq!(after, [20, 21, 24, 28, 60, 100]);
        assert_eq!((limits[0], limits[300]), (20, 200), "never above");
    }

    #[test]
    fn an_answer_within_the_tolerance_is_no_reason_to_fall() {
        let mut gradient2 = warm();
        gradient2.update(&sample(100, 15));
        assert_eq!(gradient2.estimate, 100.8);
    }

    #[test]
    fn slow_answers_lower_it_by_their_ratio_but_never_below_the_half() {
        let mut gradient2 = warm();
        gradient2.update(&sample(50, 25));
        // Usual: 10 + 15 x 2 / 601 ms.
        let usual_ms = 10.0 + 15.0 * 2.0 / 601.0;
        let expected = 80.0 + 0.2 * (100.0 * 1.5 * usual_ms / 25.0 + 4.0);
        assert!((gradient2.estimate - expected).abs() < 1e-9);

        let mut gradient2 = warm();
        gradient2.update(&sample(50, 1_000));
        assert!((gradient2.estimate - (80.0 + 0.2 * 54.0)).abs() < 1e-9);
        for _ in 0..50 {
            gradient2.update(&sample(50, 100_000));
        }
        assert!(gradient2.limit() >= 1, "never below");
    }

    #[test]
    fn less_than_half_in_use_changes_nothing() {
        let mut gradient2 = warm();
        gradient2.update(&sample(49, 10));
        assert_eq!(gradient2.estimate, 100.0);
        gradient2.update(&sample(50, 10));
        assert_eq!(gradient2.estimate, 100.8);
    }

    #[test]
    fn after_an_overload_the_usual_time_comes_down_fast() {
        let mut gradient2 = gradient2(100, 1..=200);
        for _ in 0..10 {
            gradient2.update(&sample(1, 30));
        }
        gradient2.update(&sample(1, 10));
        // 30 - 20 x 2 / 601 is more than twice 10: a twentieth less.
        let expected_ms = (30.0 - 20.0 * 2.0 / 601.0) * 0.95;
        assert!((gradient2.usual.value - expected_ms * 1e6).abs() < 1e-3);
    }
}
