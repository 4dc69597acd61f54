//! How long a hedge waits before it sends another attempt.
//!
//! Either always as long, or a quantile of what has been observed. What is observed is the *first*
//! attempt of every call: from its sending to its answer, or, where a later one has beaten it, as
//! long as it had then been waited for. A first attempt that failed is left out: a service that
//! refuses quickly would otherwise draw the delay down to nothing, and be sent twice the load.
//!
//! Why the beaten ones count: they are the slow ones. Counting answers alone, a hedge that cancels
//! would take each of them for the short answer that beat it, and its delay would slide down: with
//! exponential times a tenth of the calls would be hedged at "p95" and not a twentieth. A beaten
//! attempt was waited for longer than the delay, so whatever its answer would have been, it lies on
//! the right side; above the delay the quantile is a lower bound, which rises as it is met. Answers of
//! extra attempts are left out for the same reason: only the quick ones are seen.
//!
//! The quantile is by rank among all observations since the beginning, to a thousandth, and up to date
//! whenever somebody asks: what was observed is put in its place only then. The calls of one fan-out all
//! ask before the first of them is answered.

use std::cell::RefCell;
use std::time::Duration;

use awaitlab_core::time::nanos;
use awaitlab_stats::Quantile;

use super::{HedgeError, HedgePercentile};

/// The delay, as it stands.
#[derive(Debug)]
pub(super) struct Delay {
    fixed_ns: u64,
    observed: Option<Observed>,
}

#[derive(Debug)]
struct Observed {
    minimum: u64,
    times: RefCell<Times>,
}

#[derive(Debug)]
struct Times {
    quantile: RunningQuantile,
    /// Observed since the quantile was last asked for, in no order.
    fresh: Vec<u64>,
}

/// So that what nobody asks for does not pile up.
const MOST_FRESH: usize = 256;

/// A quantile of everything recorded so far, kept up by moving a mark at most a step or two per
/// record: a histogram is read from its beginning every time.
#[derive(Debug)]
struct RunningQuantile {
    quantile: Quantile,
    /// The lowest value of each bucket and its count, in order. Not a tree: a job that is alone has
    /// a few of its own, and makes and drops them for every replication.
    buckets: Vec<(u64, u64)>,
    count: u64,
    longest: u64,
    /// The place of the bucket in which the quantile lies, and the count of those below it.
    mark: usize,
    below: u64,
}

impl Delay {
    pub(super) fn new(
        fixed: Duration,
        percentile: Option<HedgePercentile>,
    ) -> Result<Self, HedgeError> {
        let observed = percentile.map(Observed::new).transpose()?;
        Ok(Delay {
            fixed_ns: nanos(fixed),
            observed,
        })
    }

    /// In nanoseconds.
    #[inline]
    pub(super) fn ns(&self) -> u64 {
        let quantile = self.observed.as_ref().and_then(Observed::ns);
        quantile.unwrap_or(self.fixed_ns)
    }

    /// A first attempt was waited for so long.
    #[inline]
    pub(super) fn observe(&self, ns: u64) {
        if let Some(observed) = &self.observed {
            observed.times.borrow_mut().observe(ns);
        }
    }
}

impl Observed {
    fn new(percentile: HedgePercentile) -> Result<Self, HedgeError> {
        let HedgePercentile {
            quantile,
            minimum_samples,
        } = percentile;
        if !(quantile > 0.0 && quantile < 1.0) {
            return Err(HedgeError::Quantile);
        }
        // To nine digits, and never all or nothing.
        const PARTS: u64 = 1_000_000_000;
        let parts = ((quantile * PARTS as f64).round() as u64).clamp(1, PARTS - 1);
        let quantile = Quantile::ratio(parts, PARTS).map_err(|_| HedgeError::Quantile)?;
        Ok(Observed {
            minimum: minimum_samples.max(1),
            times: RefCell::new(Times {
                quantile: RunningQuantile::new(quantile),
                fresh: Vec::new(),
            }),
        })
    }

    #[inline]
    fn ns(&self) -> Option<u64> {
        let times = &mut *self.times.borrow_mut();
        (times.count() >= self.minimum).then(|| times.value())
    }
}

impl Times {
    #[inline]
    fn observe(&mut self, ns: u64) {
        self.fresh.push(ns);
        if self.fresh.len() == MOST_FRESH {
            self.put_in_place();
        }
    }

    #[inline]
    fn count(&self) -> u64 {
        self.quantile.count + self.fresh.len() as u64
    }

    fn value(&mut self) -> u64 {
        self.put_in_place();
        self.quantile.value()
    }

    fn put_in_place(&mut self) {
        for ns in self.fresh.drain(..) {
            self.quantile.record(ns);
        }
    }
}

impl RunningQuantile {
    fn new(quantile: Quantile) -> Self {
        RunningQuantile {
            quantile,
            buckets: Vec::new(),
            count: 0,
            longest: 0,
            mark: 0,
            below: 0,
        }
    }

    fn record(&mut self, ns: u64) {
        let bucket = ns & !below_significance(ns);
        let place = self.buckets.partition_point(|&(lowest, _)| lowest < bucket);
        match self.buckets.get_mut(place) {
            Some((lowest, count)) if *lowest == bucket => *count += 1,
            _ => {
                // The mark stays with its bucket.
                self.mark += usize::from(self.count > 0 && place <= self.mark);
                self.buckets.insert(place, (bucket, 1));
            }
        }
        self.count += 1;
        self.longest = self.longest.max(ns);
        self.below += u64::from(place < self.mark);
        self.move_mark();
    }

    fn move_mark(&mut self) {
        let rank = self.quantile.rank(self.count);
        while rank <= self.below {
            self.mark -= 1;
            self.below -= self.buckets[self.mark].1;
        }
        while rank > self.below + self.buckets[self.mark].1 {
            self.below += self.buckets[self.mark].1;
            self.mark += 1;
        }
    }

    /// The longest time of the bucket, but none that was never seen: a service that always takes as
    /// long is not hedged, nor is it a thousandth too late.
    fn value(&self) -> u64 {
        let (lowest, _) = self.buckets[self.mark];
        (lowest | below_significance(lowest)).min(self.longest)
    }
}

/// The bits of a time that do not tell buckets apart: all but the eleven leading ones.
fn below_significance(ns: u64) -> u64 {
    let bits = u64::BITS - ns.leading_zeros();
    (1 << bits.saturating_sub(11)) - 1
}

#[cfg(test)]
mod tests {
    use awaitlab_core::{Purpose, Streams};
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    fn delay(quantile: f64, minimum_samples: u64) -> Result<Delay, HedgeError> {
        let percentile = HedgePercentile {
            quantile,
            minimum_samples,
        };
        Delay::new(Duration::from_millis(100), Some(percentile))
    }

    #[test]
    fn a_quantile_lies_between_0_and_1() {
        for wrong in [0.0, 1.0, -0.5, 95.0, f64::NAN] {
            assert_eq!(delay(wrong, 1).unwrap_err(), HedgeError::Quantile);
        }
        for right in [1e-12, 1.0 / 3.0, 1.0 - 1e-12] {
            assert!(delay(right, 1).is_ok());
        }
    }

    #[test]
    fn the_fixed_delay_holds_until_enough_was_observed() {
        let delay = delay(0.5, 3).unwrap();
        delay.observe(7);
        delay.observe(9);
        assert_eq!(delay.ns(), 100_000_000);
        delay.observe(8);
        assert_eq!(delay.ns(), 8);
    }

    #[test]
    fn what_always_takes_as_long_is_its_own_quantile() {
        let delay = delay(0.95, 0).unwrap();
        assert_eq!(delay.ns(), 100_000_000, "nothing was observed");
        for _ in 0..100 {
            delay.observe(500_000_000);
            assert_eq!(delay.ns(), 500_000_000);
        }
    }

    #[test]
    fn eleven_bits_are_told_apart() {
        assert_eq!([0, 1, 2047].map(below_significance), [0; 3]);
        assert_eq!([2048, 4095, 4096].map(below_significance), [1, 1, 3]);
        assert_eq!(below_significance(u64::MAX), (1 << 53) - 1);
    }

    /// The share of the later half of calls that is hedged at p95, with exponential times, where the
    /// beaten first attempt is observed as `observed(what it was waited for, what the extra took)`.
    fn hedged_at_p95(observed: impl Fn(u64, u64) -> u64) -> f64 {
        const CALLS: u64 = 40_000;
        let (delay, mut hedged) = (delay(0.95, 100).unwrap(), 0);
        for call in 0..CALLS {
            let mut draws = Streams::new(1, 0)
                .stream(Purpose::Latency, 0)
                .draws_at(call);
            let mut exponential_ns = || (-draws.uniform().ln() * 1e7) as u64;
            let (first, extra) = (exponential_ns(), exponential_ns());
            let after = delay.ns();
            hedged += u64::from(first > after && call >= CALLS / 2);
            delay.observe(if first <= after + extra {
                first
            } else {
                observed(after + extra, extra)
            });
        }
        hedged as f64 / (CALLS / 2) as f64
    }

    #[test]
    fn a_twentieth_is_hedged_at_p95_though_the_slow_ones_are_beaten() {
        // The standard error of 20 000 at 5 % is 0.0015, and as much again for the delay's own.
        let share = hedged_at_p95(|waited_for, _| waited_for);
        assert!((share - 0.05).abs() < 0.008, "{share}");
        // What answers alone would give: why the beaten ones count.
        let of_answers = hedged_at_p95(|_, extra| extra);
        assert!((of_answers - 0.1).abs() < 0.016, "{of_answers}");
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(1),
            ..ProptestConfig::default()
        })]

        #[test]
        fn it_does_not_matter_how_often_somebody_asks(
            asks_after in 1_usize..600,
            times in proptest::collection::vec(0..1_000_000_u64, 1..1_000),
        ) {
            let [always, seldom] = [(); 2].map(|()| delay(0.95, 1).unwrap());
            for (observed, &ns) in times.iter().enumerate() {
                always.observe(ns);
                seldom.observe(ns);
                let asked = always.ns();
                if observed % asks_after == 0 {
                    prop_assert_eq!(seldom.ns(), asked);
                }
            }
            prop_assert_eq!(seldom.ns(), always.ns());
        }

        #[test]
        fn the_mark_is_where_sorting_would_put_it(
            quantile in 1_u64..1000,
            times in proptest::collection::vec(prop_oneof![0_u64..50, 0..10_000_000_000_u64], 1..300),
        ) {
            let quantile = Quantile::ratio(quantile, 1000).unwrap();
            let mut running = RunningQuantile::new(quantile);
            let mut sorted = Vec::new();
            for ns in times {
                running.record(ns);
                sorted.insert(sorted.partition_point(|&other| other <= ns), ns);
                let exact = sorted[quantile.rank(sorted.len() as u64) as usize - 1];
                let value = running.value();
                prop_assert!(exact <= value && value <= exact + exact / 1000, "{exact} {value}");
            }
        }
    }
}
