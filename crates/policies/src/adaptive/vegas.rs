//! `VegasLimit`: keeps a small queue at the service, as TCP Vegas does.
//!
//! The shortest answer seen is what the service takes without a queue; so of a limit l, of which l is
//! in flight, q = ceil(l x (1 - shortest / rtt)) stand in a queue. With log = max(1, floor(log10 l)),
//! alpha = 3 log and beta = 6 log:
//!
//! - a drop: l - log
//! - less than half of l in flight: no change
//! - q <= log: l + beta
//! - q < alpha: l + log
//! - q > beta: l - log
//!
//! Then it is kept within 1 and the largest limit, and smoothed. A sample that is shorter than the
//! shortest only becomes that, even if it was a drop. So that a service that has become slower for
//! good is noticed, after jitter x multiplier x l samples one becomes the shortest as it is, with a
//! jitter drawn from U(0.5, 1) each time.
//!
//! Releases of the library differ from 1000 on, where an older one takes a root for the logarithm;
//! this is the newer one.

use super::Sample;

pub(super) struct Vegas {
    estimate: f64,
    max: u32,
    smoothing: f64,
    /// Instead of 3 log.
    pub(super) alpha: Option<u32>,
    /// Instead of 6 log.
    pub(super) beta: Option<u32>,
    probe_multiplier: u32,
    shortest_ns: Option<u64>,
    /// Drawn when it is first needed.
    jitter: Option<f64>,
    samples: u64,
}

impl Vegas {
    pub(super) fn new(initial: u32, max: u32, smoothing: f64, probe_multiplier: u32) -> Self {
        Vegas {
            estimate: f64::from(initial),
            max,
            smoothing,
            alpha: None,
            beta: None,
            probe_multiplier,
            shortest_ns: None,
            jitter: None,
            samples: 0,
        }
    }

    pub(super) fn limit(&self) -> u32 {
        self.estimate as u32
    }

    pub(super) fn update(&mut self, sample: &Sample, uniform: impl FnOnce() -> f64) {
        let jitter = *self.jitter.get_or_insert_with(|| 0.5 + 0.5 * uniform());
        self.samples += 1;
        let probe_at = jitter * f64::from(self.probe_multiplier) * self.estimate;
        if probe_at <= self.samples as f64 {
            self.jitter = None;
            self.samples = 0;
            self.shortest_ns = Some(sample.rtt_ns);
            return;
        }
        match self.shortest_ns {
            Some(shortest_ns) if sample.rtt_ns >= shortest_ns => self.judge(sample, shortest_ns),
            _ => self.shortest_ns = Some(sample.rtt_ns),
        }
    }

    fn judge(&mut self, sample: &Sample, shortest_ns: u64) {
        let log = self.limit().checked_ilog10().unwrap_or(0).max(1);
        let alpha = self.alpha.unwrap_or(3 * log);
        let beta = self.beta.unwrap_or(6 * log);
        let unqueued = shortest_ns as f64 / sample.rtt_ns as f64;
        let queue = (self.estimate * (1.0 - unqueued)).ceil() as u32;
        let limit = if sample.dropped {
            self.estimate - f64::from(log)
        } else if f64::from(sample.in_flight) * 2.0 < self.estimate {
            return;
        } else if queue <= log {
            self.estimate + f64::from(beta)
        } else if queue < alpha {
            self.estimate + f64::from(log)
        } else if queue > beta {
            self.estimate - f64::from(log)
        } else {
            return;
        };
        let limit = limit.min(f64::from(self.max)).max(1.0);
        self.estimate = (1.0 - self.smoothing) * self.estimate + self.smoothing * limit;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(in_flight: u32, rtt_us: u64) -> Sample {
        Sample {
            rtt_ns: rtt_us * 1_000,
            in_flight,
            dropped: false,
        }
    }

    /// A limit whose shortest answer took 10 ms, all of it in flight in every sample.
    fn limit_after(initial: u32, rtts_us: &[u64]) -> u32 {
        let mut vegas = Vegas::new(initial, 1_000, 1.0, 30);
        for &rtt_us in [10_000].iter().chain(rtts_us) {
            vegas.update(&sample(initial, rtt_us), || 0.5);
        }
        vegas.limit()
    }

    #[test]
    fn the_first_answer_only_sets_the_shortest_time() {
        assert_eq!(limit_after(20, &[]), 20);
        assert_eq!(limit_after(20, &[9_000]), 20, "and so does a shorter one");
    }

    #[test]
    fn the_estimated_queue_decides_where_it_goes() {
        // log 1, alpha 3, beta 6; a queue of ceil(10 (1 - 10 / rtt)).
        assert_eq!(limit_after(10, &[10_000]), 16, "0: up by beta");
        assert_eq!(limit_after(10, &[11_000]), 16, "1: up by beta");
        assert_eq!(limit_after(10, &[12_000]), 11, "2: up by log");
        assert_eq!(limit_after(10, &[14_000]), 10, "3: it stays");
        assert_eq!(limit_after(10, &[25_000]), 10, "6: it stays");
        assert_eq!(limit_after(10, &[30_000]), 9, "7: down by log");
    }

    #[test]
    fn larger_limits_take_larger_steps() {
        // log 2: up by 12, and down by 2 with a queue of 167 above 12.
        assert_eq!(limit_after(500, &[10_000]), 512);
        assert_eq!(limit_after(500, &[15_000]), 498);
        assert_eq!(limit_after(995, &[10_000]), 1_000, "never above");
    }

    #[test]
    fn half_of_it_must_be_in_use_to_change_but_a_drop_always_counts() {
        let mut vegas = Vegas::new(10, 1_000, 1.0, 30);
        vegas.update(&sample(10, 10_000), || 0.5);
        vegas.update(&sample(4, 10_000), || 0.5);
        assert_eq!(vegas.limit(), 10);
        let dropped = Sample {
            dropped: true,
            ..sample(4, 10_000)
        };
        let mut after_a_drop = || {
            vegas.update(&dropped, || 0.5);
            vegas.limit()
        };
        let limits = [(); 10].map(|()| after_a_drop());
        assert_eq!(limits, [9, 8, 7, 6, 5, 4, 3, 2, 1, 1], "never below");
    }

    #[test]
    fn smoothing_takes_over_a_part_of_the_step() {
        let mut vegas = Vegas::new(10, 1_000, 0.5, 30);
        vegas.update(&sample(10, 10_000), || 0.5);
        vegas.update(&sample(10, 10_000), || 0.5);
        assert_eq!(vegas.estimate, 13.0, "half of 10 and half of 16");
    }

    #[test]
    fn alpha_and_beta_can_be_fixed() {
        let mut vegas = Vegas::new(10, 1_000, 1.0, 30);
        (vegas.alpha, vegas.beta) = (Some(5), Some(2));
        vegas.update(&sample(10, 10_000), || 0.5);
        vegas.update(&sample(10, 10_000), || 0.5);
        assert_eq!(vegas.limit(), 12);
        // A queue of ceil(12 (1 - 10 / 14)) = 4 is below alpha.
        vegas.update(&sample(10, 14_000), || 0.5);
        assert_eq!(vegas.limit(), 13);
    }

    #[test]
    fn after_so_many_samples_the_shortest_time_is_taken_anew() {
        // Jitter 0.75: at 0.75 x 30 x 10 = 225 samples.
        let mut vegas = Vegas::new(10, 1_000, 1.0, 30);
        for _ in 0..224 {
            vegas.update(&sample(1, 10_000), || 0.5);
        }
        assert_eq!(vegas.shortest_ns, Some(10_000_000));
        vegas.update(&sample(1, 20_000), || 0.5);
        assert_eq!(vegas.shortest_ns, Some(20_000_000), "longer, for once");
        assert_eq!((vegas.samples, vegas.jitter), (0, None));
        vegas.update(&sample(10, 20_000), || 0.9);
        assert_eq!((vegas.limit(), vegas.jitter), (16, Some(0.95)));
    }
}
