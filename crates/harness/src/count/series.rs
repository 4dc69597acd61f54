//! A cell over virtual time, while it is recorded.
//!
//! Intervals have one length. Where time goes on beyond the last of them, neighbours are merged in
//! pairs and the length doubles, so that a run of any length fits. Lengths of one cell differ only by
//! powers of two, so two records of it can always be brought to the coarser one, exactly.

use std::ops::Range;
use std::time::Duration;

use awaitlab_core::time::nanos;
use awaitlab_core::{Instant, Status};
use awaitlab_policies::Event;
use awaitlab_record::Series;
use awaitlab_record::series::{Interval, MOST_INTERVALS, PolicyInterval, Shade};

use crate::count::policies::{Held, State};

pub(crate) struct SeriesRecorder {
    series: Series,
    /// The interval that was written to last, taken out of the series, and its nanoseconds: what comes
    /// next mostly lies in it.
    open: Interval,
    open_number: usize,
    open_ns: Range<u64>,
    in_flight: u64,
    since: Instant,
}

/// Intervals that the time in which jobs arrive is cut into.
const WITHIN_HORIZON: u64 = 100;
/// Where there is no such time, as for a burst.
const SHORTEST_NS: u64 = 1_000_000;

impl SeriesRecorder {
    pub(crate) fn new(horizon: Duration) -> Self {
        SeriesRecorder::resume(Series {
            interval_ns: (nanos(horizon) / WITHIN_HORIZON).max(SHORTEST_NS),
            replications: 0,
            intervals: Vec::new(),
            faults: Vec::new(),
        })
    }

    /// Goes on with what has been recorded of earlier replications.
    pub(crate) fn resume(series: Series) -> Self {
        SeriesRecorder {
            series,
            open: Interval::default(),
            open_number: 0,
            open_ns: 0..0,
            in_flight: 0,
            since: Instant::START,
        }
    }

    #[inline]
    fn at(&mut self, at: Instant) -> &mut Interval {
        let ns = at.as_nanos();
        if !self.open_ns.contains(&ns) {
            self.open_at(ns);
        }
        &mut self.open
    }

    /// Puts the open interval back into its place.
    fn close(&mut self) {
        if let Some(place) = self.series.intervals.get_mut(self.open_number) {
            std::mem::swap(place, &mut self.open);
        }
    }

    #[cold]
    fn open_at(&mut self, ns: u64) {
        if !self.open_ns.is_empty() {
            self.close();
        }
        let series = &mut self.series;
        while ns / series.interval_ns >= MOST_INTERVALS as u64 {
            series.halve();
        }
        let number = ns / series.interval_ns;
        self.open_number = number as usize;
        let from = number * series.interval_ns;
        self.open_ns = from..from.saturating_add(series.interval_ns);
        if self.open_number >= series.intervals.len() {
            series
                .intervals
                .resize_with(self.open_number + 1, Interval::default);
        }
        std::mem::swap(&mut series.intervals[self.open_number], &mut self.open);
    }

    #[inline]
    pub(crate) fn offered(&mut self, now: Instant) {
        self.at(now).offered += 1;
    }

    #[inline]
    pub(crate) fn settled(&mut self, now: Instant, took_ns: u64, status: Status, good: bool) {
        let interval = self.at(now);
        interval.settled += 1;
        interval.good += u64::from(good);
        interval.rejected += u64::from(status == Status::Rejected);
        interval.settle.record(took_ns);
    }

    #[inline]
    pub(crate) fn call(&mut self, now: Instant) {
        self.at(now).calls += 1;
    }

    #[inline]
    pub(crate) fn attempt(&mut self, now: Instant) {
        self.at(now).attempts += 1;
    }

    /// A call and its attempt, with which so many are in flight.
    #[inline]
    pub(crate) fn bare_call(&mut self, in_flight: u64, now: Instant) {
        let interval = self.at(now);
        interval.calls += 1;
        interval.attempts += 1;
        self.in_flight(in_flight, now);
    }

    /// From now on so many attempts are in flight.
    #[inline]
    pub(crate) fn in_flight(&mut self, count: u64, now: Instant) {
        let (before, since) = (self.in_flight, self.since);
        self.spread(since, now, before, |interval| &mut interval.in_flight_ns);
        (self.in_flight, self.since) = (count, now);
    }

    /// An attempt has just spent so long in a queue.
    #[inline]
    pub(crate) fn queued(&mut self, ns: u64, now: Instant) {
        let since = Instant::from_nanos(now.as_nanos().saturating_sub(ns));
        self.spread(since, now, 1, |interval| &mut interval.queued_ns);
    }

    pub(crate) fn policy_did(&mut self, event: Event, now: Instant) {
        let count: fn(&mut PolicyInterval) -> &mut u64 = match event {
            Event::Retried => |policies| &mut policies.retries,
            Event::Hedged => |policies| &mut policies.hedges,
            Event::TimedOut => |policies| &mut policies.timeouts,
            Event::Refused => |policies| &mut policies.refused,
            _ => return,
        };
        *count(&mut self.at(now).policies) += 1;
    }

    /// A state of policies held.
    pub(crate) fn held(&mut self, held: &Held) {
        let (from, until) = (held.from, held.until);
        match held.state {
            State::Open => self.spread(from, until, 1, |of| &mut of.policies.open_ns),
            State::Limits {
                sum_milli,
                limiters,
            } => {
                self.spread(from, until, sum_milli, |of| &mut of.policies.limit_milli_ns);
                self.spread(from, until, limiters, |of| &mut of.policies.limiters_ns);
            }
        }
    }

    /// Adds `count` times the time from `since` to `until`, to each interval its part.
    #[inline]
    fn spread(
        &mut self,
        since: Instant,
        until: Instant,
        count: u64,
        of: impl Fn(&mut Interval) -> &mut u128,
    ) {
        if count == 0 || until <= since {
            return;
        }
        let (from, to) = (since.as_nanos(), until.as_nanos());
        if from >= self.open_ns.start && to < self.open_ns.end {
            *of(&mut self.open) += u128::from(to - from) * u128::from(count);
        } else {
            self.spread_over(since, until, count, of);
        }
    }

    fn spread_over(
        &mut self,
        since: Instant,
        until: Instant,
        count: u64,
        of: impl Fn(&mut Interval) -> &mut u128,
    ) {
        // The last interval there will be, so that the length does not change on the way.
        self.at(until);
        let mut from = since.as_nanos();
        while from < until.as_nanos() {
            let end = ((from / self.series.interval_ns + 1) * self.series.interval_ns)
                .min(until.as_nanos());
            let part = u128::from(end - from) * u128::from(count);
            *of(self.at(Instant::from_nanos(from))) += part;
            from = end;
        }
    }

    pub(crate) fn end_replication(&mut self, now: Instant) {
        self.in_flight(0, now);
        self.since = Instant::START;
        self.series.replications += 1;
    }

    pub(crate) fn finish(mut self) -> Series {
        if !self.open_ns.is_empty() {
            self.close();
        }
        self.series
    }
}

/// Adds what another thread recorded of the same cell.
pub(crate) fn merge(mine: &mut Series, mut theirs: Series) {
    while mine.interval_ns < theirs.interval_ns {
        mine.halve();
    }
    while theirs.interval_ns < mine.interval_ns {
        theirs.halve();
    }
    if mine.intervals.len() < theirs.intervals.len() {
        mine.intervals
            .resize_with(theirs.intervals.len(), Interval::default);
    }
    for (to, other) in mine.intervals.iter_mut().zip(&theirs.intervals) {
        to.add(other);
    }
    mine.replications += theirs.replications;
    if mine.faults.is_empty() {
        mine.faults = theirs.faults;
    }
}

/// Faults as a chart shades them.
pub(crate) fn shades(of: &[awaitlab_faults::Shade]) -> Vec<Shade> {
    let shade = |fault: &awaitlab_faults::Shade| Shade {
        label: fault.kind.to_owned(),
        from_ns: fault.from.as_nanos(),
        to_ns: fault.to.as_nanos(),
    };
    of.iter().map(shade).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Instant {
        Instant::from_nanos(ms * 1_000_000)
    }

    #[test]
    fn time_in_flight_goes_to_the_intervals_in_which_it_lies() {
        let mut series = SeriesRecorder::new(Duration::from_secs(1)); // 10 ms each
        series.in_flight(2, at(5));
        series.in_flight(0, at(25));
        series.end_replication(at(30));
        let of: Vec<_> = series
            .finish()
            .intervals
            .iter()
            .map(|i| i.in_flight_ns / 1_000_000)
            .collect();
        // Two of them from 5 to 25.
        assert_eq!(of[..3], [2 * 5, 2 * 10, 2 * 5]);
    }

    #[test]
    fn time_in_a_queue_lies_before_its_end() {
        let mut series = SeriesRecorder::new(Duration::from_secs(1)); // 10 ms each
        series.queued(20_000_000, at(25));
        series.end_replication(at(30));
        let intervals = series.finish().intervals;
        let of: Vec<_> = intervals.iter().map(|i| i.queued_ns / 1_000_000).collect();
        // From 5 to 25.
        assert_eq!(of[..3], [5, 10, 5]);
    }

    #[test]
    fn a_longer_run_than_foreseen_gets_longer_intervals_and_loses_nothing() {
        let mut series = SeriesRecorder::new(Duration::from_secs(1));
        (0..1000).for_each(|n| series.offered(at(n * 7)));
        series.end_replication(at(7000));
        let series = series.finish();
        assert!(series.intervals.len() <= MOST_INTERVALS);
        assert_eq!(series.interval_ns, 40_000_000);
        assert_eq!(
            series.intervals.iter().map(|i| i.offered).sum::<u64>(),
            1000
        );
    }

    #[test]
    fn records_of_different_grain_merge_exactly() {
        let record = |last: u64| {
            let mut series = SeriesRecorder::new(Duration::from_secs(1));
            series.offered(at(15));
            series.offered(at(last));
            series.end_replication(at(last));
            series.finish()
        };
        let (mut short, mut long) = (record(35), record(9_000));
        let (short_again, long_again) = (record(35), record(9_000));
        merge(&mut short, long_again);
        merge(&mut long, short_again);
        let offered = |series: &Series| {
            series
                .intervals
                .iter()
                .map(|i| i.offered)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            (short.interval_ns, offered(&short)),
            (long.interval_ns, offered(&long))
        );
        assert_eq!((short.replications, offered(&short)[0]), (2, 3));
    }
}
