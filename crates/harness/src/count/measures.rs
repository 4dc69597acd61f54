//! Figures of the scenario's own: whether something held in a replication.

use std::time::Duration;

use awaitlab_core::{Instant, Status};
use awaitlab_scenario::Measure;
use awaitlab_stats::NS_PER_MS;

/// What one measure looks at in one replication.
#[derive(Clone, Debug)]
struct Window {
    measure: Measure,
    from: Instant,
    until: Instant,
    seen: Seen,
}

/// What happened in a stretch of a replication.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Seen {
    pub(crate) offered: u64,
    pub(crate) settled: u64,
    pub(crate) good: u64,
    pub(crate) rejected: u64,
    pub(crate) calls: u64,
    pub(crate) attempts: u64,
    pub(crate) settle_ns: u128,
    pub(crate) longest_ns: Option<u64>,
}

/// All measures of a scenario, over one replication after another.
#[derive(Debug, Default)]
pub(crate) struct Windows(Vec<Window>);

impl Windows {
    /// Without a window of its own, a measure looks at everything from `counted_from` on.
    pub(crate) fn new(measures: &[Measure], counted_from: Instant) -> Self {
        let windows = measures.iter().map(|measure| {
            let (from, until) = match measure.during {
                Some((from, until)) => (Instant::START + from, Instant::START + until),
                None => (counted_from, Instant::FAR_FUTURE),
            };
            Window {
                measure: measure.clone(),
                from,
                until,
                seen: Seen::default(),
            }
        });
        Windows(windows.collect())
    }

    /// Writes something down in every window that is open now.
    #[inline]
    pub(crate) fn saw(&mut self, now: Instant, write: impl Fn(&mut Seen)) {
        for window in &mut self.0 {
            if window.from <= now && now < window.until {
                write(&mut window.seen);
            }
        }
    }

    /// Which measures held in the replication that ends, of which `measured` was measured.
    pub(crate) fn end_replication(&mut self, measured: Duration) -> Vec<bool> {
        let held = self.0.iter_mut().map(|window| {
            let seen = std::mem::take(&mut window.seen);
            let length = match window.measure.during {
                Some((from, until)) => until.saturating_sub(from),
                None => measured,
            };
            holds(&window.measure, &seen, length)
        });
        held.collect()
    }
}

impl Seen {
    pub(crate) fn settled(&mut self, took_ns: u64, status: Status, good: bool) {
        self.settled += 1;
        self.good += u64::from(good);
        self.rejected += u64::from(status == Status::Rejected);
        self.settle_ns += u128::from(took_ns);
        self.longest_ns = self.longest_ns.max(Some(took_ns));
    }

    /// A figure of [`awaitlab_core::metric::MEASURABLE`]; `None` where there is nothing to make it
    /// from.
    fn figure(&self, metric: &str, length: Duration) -> Option<f64> {
        let seconds = length.as_secs_f64();
        let per_s = |count: u64| (seconds > 0.0).then(|| count as f64 / seconds);
        match metric {
            "offered_per_s" => per_s(self.offered),
            "throughput_per_s" => per_s(self.settled),
            "goodput_per_s" => per_s(self.good),
            "rejected_per_s" => per_s(self.rejected),
            "attempts_per_s" => per_s(self.attempts),
            "amplification" => (self.calls > 0).then(|| self.attempts as f64 / self.calls as f64),
            "settle_ms.mean" => {
                (self.settled > 0).then(|| self.settle_ns as f64 / self.settled as f64 / NS_PER_MS)
            }
            "settle_ms.max" => self.longest_ns.map(|ns| ns as f64 / NS_PER_MS),
            _ => None,
        }
    }
}

/// Whether a measure holds; not where it has no figure.
pub(crate) fn holds(measure: &Measure, seen: &Seen, length: Duration) -> bool {
    seen.figure(&measure.metric, length).is_some_and(|figure| {
        measure.above.is_none_or(|above| figure > above)
            && measure.below.is_none_or(|below| figure < below)
    })
}

#[cfg(test)]
mod tests {
    use awaitlab_core::metric::MEASURABLE;

    use super::*;

    fn measure(metric: &str, during: Option<(u64, u64)>) -> Measure {
        let seconds = Duration::from_secs;
        Measure {
            name: "it".into(),
            metric: metric.into(),
            during: during.map(|(from, until)| (seconds(from), seconds(until))),
            above: None,
            below: Some(5.0),
        }
    }

    #[test]
    fn only_what_lies_in_the_window_counts() {
        let mut windows = Windows::new(&[measure("goodput_per_s", Some((2, 4)))], Instant::START);
        let second = |n| Instant::START + Duration::from_secs(n);
        // Ten in two seconds are 5 a second, which is not below 5.
        for (at, jobs, held) in [(2, 10, false), (3, 9, true), (4, 10, true), (1, 10, true)] {
            for _ in 0..jobs {
                windows.saw(second(at), |seen| seen.settled(1, Status::Fulfilled, true));
            }
            let measured = Duration::from_secs(100);
            assert_eq!(windows.end_replication(measured), [held], "at {at} s");
        }
    }

    #[test]
    fn every_measurable_figure_has_a_value() {
        let seen = Seen {
            offered: 1,
            settled: 2,
            good: 1,
            rejected: 1,
            calls: 2,
            attempts: 6,
            settle_ns: 4_000_000,
            longest_ns: Some(3_000_000),
        };
        let values: Vec<_> = MEASURABLE
            .iter()
            .map(|metric| seen.figure(metric, Duration::from_secs(2)).unwrap())
            .collect();
        assert_eq!(values, [0.5, 1.0, 0.5, 0.5, 3.0, 3.0, 2.0, 3.0]);
    }

    #[test]
    fn what_has_no_figure_does_not_hold() {
        let slow = measure("settle_ms.mean", None);
        assert!(!holds(&slow, &Seen::default(), Duration::ZERO));
    }
}
