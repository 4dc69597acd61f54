//! What is kept over virtual time.

use awaitlab_record::series::Interval;

/// A hundred intervals while requests arrive, and as many again for what is left then.
pub(crate) struct Series {
    pub(crate) interval_ns: u64,
    pub(crate) intervals: Vec<Interval>,
    /// The interval of the clock, and where it ends.
    current: usize,
    until: u64,
    in_flight: u64,
    since: u64,
}

impl Series {
    /// Nothing yet, of replications in which requests arrive for so long.
    pub(crate) fn new(horizon_ns: u64) -> Self {
        let interval_ns = horizon_ns / 100;
        Series {
            interval_ns,
            intervals: vec![Interval::default()],
            current: 0,
            until: interval_ns,
            in_flight: 0,
            since: 0,
        }
    }

    /// The interval of the clock.
    #[inline]
    pub(crate) fn at(&mut self, now: u64) -> &mut Interval {
        while now >= self.until {
            self.current += 1;
            self.until += self.interval_ns;
            if self.current == self.intervals.len() {
                self.intervals.push(Interval::default());
            }
        }
        &mut self.intervals[self.current]
    }

    /// From now on so many requests are in flight.
    #[inline]
    pub(crate) fn in_flight(&mut self, count: u64, now: u64) {
        let (before, since) = (self.in_flight, self.since);
        self.spread(since, now, before, |interval| &mut interval.in_flight_ns);
        (self.in_flight, self.since) = (count, now);
    }

    /// A request has just spent so long in the queue.
    #[inline]
    pub(crate) fn queued(&mut self, ns: u64, now: u64) {
        self.spread(now - ns, now, 1, |interval| &mut interval.queued_ns);
    }

    /// Adds `count` times the time from `from` until now, to each interval its part.
    #[inline]
    fn spread(&mut self, from: u64, now: u64, count: u64, of: impl Fn(&mut Interval) -> &mut u128) {
        self.at(now);
        let began = self.until - self.interval_ns;
        let here = now - from.max(began);
        *of(&mut self.intervals[self.current]) += u128::from(here) * u128::from(count);
        if from < began {
            self.spread_before(from, began, count, of);
        }
    }

    /// The same over intervals that are over.
    #[cold]
    fn spread_before(
        &mut self,
        mut from: u64,
        until: u64,
        count: u64,
        of: impl Fn(&mut Interval) -> &mut u128,
    ) {
        while from < until {
            let index = from / self.interval_ns;
            let end = ((index + 1) * self.interval_ns).min(until);
            let part = u128::from(end - from) * u128::from(count);
            *of(&mut self.intervals[index as usize]) += part;
            from = end;
        }
    }

    /// A replication ends: the clock stands at 0 again.
    pub(crate) fn end_replication(&mut self, now: u64) {
        self.in_flight(0, now);
        (self.current, self.until, self.since) = (0, self.interval_ns, 0);
    }
}
