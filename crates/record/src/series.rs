//! A cell over virtual time: what workloads in time leave behind besides their rows.

use awaitlab_stats::{Histogram, Quantile};

const NS_PER_S: f64 = 1e9;

/// Most intervals of a series.
pub const MOST_INTERVALS: usize = 200;

/// One cell over virtual time, merged over replications.
#[derive(Clone, Debug)]
pub struct Series {
    /// Length of an interval, in nanoseconds of virtual time; the first begins at 0.
    pub interval_ns: u64,
    /// How many replications were merged.
    pub replications: u64,
    /// At most [`MOST_INTERVALS`]; what comes after the last belongs to it.
    pub intervals: Vec<Interval>,
    /// When faults hold in the first replication, for shading charts.
    pub faults: Vec<Shade>,
}

/// What happened in one interval, summed over replications.
#[derive(Clone, Debug)]
pub struct Interval {
    /// Jobs that arrived in it.
    pub offered: u64,
    /// Jobs that settled in it.
    pub settled: u64,
    /// Of those: good ones (fulfilled, complete, within the deadline).
    pub good: u64,
    /// Of those: rejected ones.
    pub rejected: u64,
    /// Calls started in it.
    pub calls: u64,
    /// Attempts that left a client in it.
    pub attempts: u64,
    /// Attempts in flight, as time in flight: divided by the interval and the replications it is
    /// their mean number.
    pub in_flight_ns: u128,
    /// Attempts waiting in services' queues, likewise.
    pub queued_ns: u128,
    /// Settle times of jobs that settled in it, to two significant digits.
    pub settle: Histogram,
    /// What policies did in it.
    pub policies: PolicyInterval,
}

/// What the policies around calls did in an interval, summed over replications.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PolicyInterval {
    /// Times that a retry tried again.
    pub retries: u64,
    /// Attempts that a hedge sent.
    pub hedges: u64,
    /// Times that a timeout gave up.
    pub timeouts: u64,
    /// Calls that a breaker, bulkhead or limiter refused.
    pub refused: u64,
    /// Time in which breakers refused everything, all breakers together.
    pub open_ns: u128,
    /// Limits of adaptive limiters in thousandths, times the time for which they held.
    pub limit_milli_ns: u128,
    /// Time of adaptive limiters, all limiters together: the divisor of their mean limit.
    pub limiters_ns: u128,
}

impl PolicyInterval {
    /// Adds what happened in another interval.
    pub fn add(&mut self, other: &PolicyInterval) {
        self.retries += other.retries;
        self.hedges += other.hedges;
        self.timeouts += other.timeouts;
        self.refused += other.refused;
        self.open_ns += other.open_ns;
        self.limit_milli_ns += other.limit_milli_ns;
        self.limiters_ns += other.limiters_ns;
    }
}

impl Interval {
    /// Adds what happened in another interval.
    pub fn add(&mut self, other: &Interval) {
        self.offered += other.offered;
        self.settled += other.settled;
        self.good += other.good;
        self.rejected += other.rejected;
        self.calls += other.calls;
        self.attempts += other.attempts;
        self.in_flight_ns += other.in_flight_ns;
        self.queued_ns += other.queued_ns;
        self.settle.merge(&other.settle);
        self.policies.add(&other.policies);
    }
}

impl Default for Interval {
    /// Nothing happened.
    fn default() -> Self {
        Interval {
            offered: 0,
            settled: 0,
            good: 0,
            rejected: 0,
            calls: 0,
            attempts: 0,
            in_flight_ns: 0,
            queued_ns: 0,
            settle: Histogram::coarse(),
            policies: PolicyInterval::default(),
        }
    }
}

/// A stretch of time in which a fault holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shade {
    /// The kind of fault.
    pub label: String,
    /// From here, in nanoseconds.
    pub from_ns: u64,
    /// To here.
    pub to_ns: u64,
}

/// An interval as it is read: per second, and of one replication.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// Where it begins, in nanoseconds of virtual time.
    pub from_ns: u64,
    /// Where it ends.
    pub to_ns: u64,
    /// Jobs that arrived, per second.
    pub offered_per_s: f64,
    /// Jobs that settled, per second.
    pub settled_per_s: f64,
    /// Good jobs that settled, per second.
    pub good_per_s: f64,
    /// Jobs that were rejected, per second.
    pub failed_per_s: f64,
    /// Mean number of attempts in flight.
    pub in_flight: f64,
    /// Mean number of attempts in services' queues.
    pub queued: f64,
    /// Median settle time in nanoseconds; `None` where no job settled.
    pub p50_ns: Option<u64>,
    /// Its 99th percentile, by rank: of fewer than a hundred jobs the longest.
    pub p99_ns: Option<u64>,
    /// Attempts / calls started; `None` where no call was.
    pub amplification: Option<f64>,
    /// Times that retries tried again, per second.
    pub retries_per_s: f64,
    /// Attempts that hedges sent, per second.
    pub hedges_per_s: f64,
    /// Times that timeouts gave up, per second.
    pub timeouts_per_s: f64,
    /// Calls that breakers, bulkheads and limiters refused, per second.
    pub refused_per_s: f64,
    /// Mean number of open breakers.
    pub open_breakers: f64,
    /// Mean limit of adaptive limiters; `None` where there is none yet.
    pub limit: Option<f64>,
}

impl Series {
    /// Makes every two intervals one, twice as long.
    pub fn halve(&mut self) {
        let pairs = self.intervals.chunks(2).map(|pair| {
            let mut sum = pair[0].clone();
            pair[1..].iter().for_each(|second| sum.add(second));
            sum
        });
        self.intervals = pairs.collect();
        self.interval_ns *= 2;
    }

    /// What the intervals say, in their order. Nothing where no time or no replication passed.
    pub fn figures(&self) -> impl Iterator<Item = Figures> + Clone + '_ {
        let known = self.interval_ns > 0 && self.replications > 0;
        let intervals = if known { &self.intervals[..] } else { &[] };
        intervals
            .iter()
            .zip(0_u64..)
            .map(|(interval, index)| self.figures_of(interval, index))
    }

    fn figures_of(&self, interval: &Interval, index: u64) -> Figures {
        let length_ns = self.interval_ns as f64;
        let replications = self.replications as f64;
        let seconds = length_ns / NS_PER_S * replications;
        let per_s = |count: u64| count as f64 / seconds;
        let at_once = |time_ns: u128| time_ns as f64 / (length_ns * replications);
        let from_ns = index.saturating_mul(self.interval_ns);
        let policies = &interval.policies;
        Figures {
            from_ns,
            to_ns: from_ns.saturating_add(self.interval_ns),
            offered_per_s: per_s(interval.offered),
            settled_per_s: per_s(interval.settled),
            good_per_s: per_s(interval.good),
            failed_per_s: per_s(interval.rejected),
            in_flight: at_once(interval.in_flight_ns),
            queued: at_once(interval.queued_ns),
            p50_ns: interval.settle.quantile(Quantile::P50),
            p99_ns: interval.settle.quantile(Quantile::P99),
            amplification: (interval.calls > 0)
                .then(|| interval.attempts as f64 / interval.calls as f64),
            retries_per_s: per_s(policies.retries),
            hedges_per_s: per_s(policies.hedges),
            timeouts_per_s: per_s(policies.timeouts),
            refused_per_s: per_s(policies.refused),
            open_breakers: at_once(policies.open_ns),
            limit: (policies.limiters_ns > 0)
                .then(|| policies.limit_milli_ns as f64 / policies.limiters_ns as f64 / 1000.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn counts_become_rates_of_one_replication() {
        let series = sample::series();
        let figures: Vec<Figures> = series.figures().collect();
        assert_eq!(figures.len(), 2);
        // 4 jobs in 2 replications of half a second are 4 a second.
        assert_eq!(figures[0].offered_per_s, 4.0);
        assert_eq!(figures[0].settled_per_s, 3.0);
        assert_eq!(figures[0].good_per_s, 2.0);
        assert_eq!(figures[0].failed_per_s, 1.0);
        // 1.5 s in flight within 2 x 0.5 s.
        assert_eq!(figures[0].in_flight, 1.5);
        assert_eq!(figures[0].queued, 0.25);
        assert_eq!(figures[0].amplification, Some(1.25), "15 of 12");
        assert_eq!(figures[0].p99_ns, Some(400_000_000), "the longest of three");
        assert_eq!(
            (figures[1].from_ns, figures[1].to_ns),
            (500_000_000, 1_000_000_000)
        );
    }

    #[test]
    fn two_intervals_become_one_that_is_twice_as_long() {
        let mut series = sample::series();
        series.halve();
        let figures: Vec<Figures> = series.figures().collect();
        assert_eq!(figures.len(), 1);
        assert_eq!(figures[0].to_ns, 1_000_000_000);
        assert_eq!(figures[0].offered_per_s, 2.0, "4 in 2 x 1 s");
        // 1.5 s and 0.125 s in flight within 2 x 1 s.
        assert_eq!(figures[0].in_flight, 0.8125);
        assert_eq!(figures[0].p99_ns, Some(400_000_000));
    }

    #[test]
    fn what_policies_did_becomes_rates_and_numbers_at_once() {
        let series = sample::series();
        let figures: Vec<Figures> = series.figures().collect();
        // In 2 replications of half a second, which is a second in all.
        assert_eq!(
            (figures[0].retries_per_s, figures[0].hedges_per_s),
            (3.0, 2.0)
        );
        assert_eq!(
            (figures[0].timeouts_per_s, figures[0].refused_per_s),
            (5.0, 1.0)
        );
        assert_eq!(figures[0].open_breakers, 0.125, "an eighth of the time");
        assert_eq!(figures[0].limit, Some(30.0));
        assert_eq!(figures[1].retries_per_s, 0.0);
        assert_eq!(figures[1].limit, None, "no limiter was there");
    }

    #[test]
    fn without_calls_or_settled_jobs_there_is_no_ratio_and_no_quantile() {
        let last = sample::series().figures().last().unwrap();
        assert_eq!(last.amplification, None);
        assert_eq!((last.p50_ns, last.p99_ns), (None, None));
        assert_eq!(last.offered_per_s, 0.0, "which is known");
    }

    #[test]
    fn without_time_or_replications_there_are_no_rates() {
        let none = |series: Series| series.figures().next().is_none();
        assert!(none(Series {
            interval_ns: 0,
            ..sample::series()
        }));
        assert!(none(Series {
            replications: 0,
            ..sample::series()
        }));
    }
}
