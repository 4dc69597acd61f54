//! What the policies around calls did, and which errors came.

use awaitlab_core::Instant;
use awaitlab_policies::Event;
use awaitlab_stats::Histogram;

/// Errors by class, in the order of the classes.
pub(crate) type ByClass = [u64; 7];

/// What the policies of one cell did. Exact sums, merged in any order.
#[derive(Clone, Debug, Default)]
pub(crate) struct PolicyTally {
    /// By layer, the outermost first; as many as have told anything.
    pub(crate) layers: Vec<LayerTally>,
    pub(crate) errors: Errors,
}

/// Errors by class.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Errors {
    /// That attempts brought, refusals too.
    pub(crate) attempts: ByClass,
    /// That calls ended with.
    pub(crate) calls: ByClass,
}

/// What one layer did.
#[derive(Clone, Debug, Default)]
pub(crate) struct LayerTally {
    pub(crate) retries: u64,
    pub(crate) budget_spent: u64,
    pub(crate) timeouts: u64,
    pub(crate) hedges: u64,
    pub(crate) hedges_won: u64,
    pub(crate) openings: u64,
    pub(crate) refused: u64,
    pub(crate) degraded: u64,
    pub(crate) open_ns: u128,
    /// Of those that were let in.
    pub(crate) waits: Histogram,
    pub(crate) limit: LimitTally,
}

/// The limits of a layer's adaptive limiters, in thousandths.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LimitTally {
    /// Times the time for which they held.
    pub(crate) milli_ns: u128,
    /// That time.
    pub(crate) limiters_ns: u128,
    pub(crate) lowest_milli: Option<u64>,
    pub(crate) highest_milli: Option<u64>,
}

/// A state of policies that held from one instant to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) from: Instant,
    pub(crate) until: Instant,
    pub(crate) state: State,
}

/// What held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// A breaker was open.
    Open,
    /// So many limiters had limits of so much in all.
    Limits { sum_milli: u64, limiters: u64 },
}

/// The policies of one cell while a replication runs.
#[derive(Debug, Default)]
pub(crate) struct PolicyWatch {
    tally: PolicyTally,
    /// Breakers that opened, and until when: it may be later than the end of the run.
    open: Vec<(usize, Held)>,
    /// By layer, what has held since the limit of one of its limiters changed last.
    limits: Vec<Limits>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Limits {
    sum_milli: u64,
    limiters: u64,
    since: Instant,
}

impl PolicyWatch {
    pub(crate) fn errors(&mut self) -> &mut Errors {
        &mut self.tally.errors
    }

    /// Takes in what happened at a layer; gives the state that ended with it. What time is spent in
    /// belongs to no job, so it counts whether the job does or not.
    pub(crate) fn happened(
        &mut self,
        layer: usize,
        event: Event,
        now: Instant,
        counts: bool,
    ) -> Option<Held> {
        if counts {
            self.tally.layer(layer).count(event);
        }
        match event {
            Event::Opened { until } => {
                let state = State::Open;
                let from = now;
                self.open.push((layer, Held { from, until, state }));
                None
            }
            Event::Limit { before, now: limit } => self.limit(layer, before, limit, now),
            _ => None,
        }
    }

    fn limit(
        &mut self,
        layer: usize,
        before: Option<f64>,
        limit: f64,
        now: Instant,
    ) -> Option<Held> {
        let held = self.end_limits(layer, now);
        let milli = |limit: f64| (limit * 1000.0).round() as u64;
        let tally = &mut self.tally.layer(layer).limit;
        let limit = milli(limit);
        tally.lowest_milli = Some(tally.lowest_milli.map_or(limit, |low| low.min(limit)));
        tally.highest_milli = Some(tally.highest_milli.map_or(limit, |high| high.max(limit)));
        let limits = &mut self.limits[layer];
        limits.sum_milli = limits.sum_milli - before.map_or(0, milli) + limit;
        limits.limiters += u64::from(before.is_none());
        held
    }

    /// The limits of a layer that have held until now.
    fn end_limits(&mut self, layer: usize, now: Instant) -> Option<Held> {
        if layer >= self.limits.len() {
            self.limits.resize(layer + 1, Limits::default());
        }
        let limits = &mut self.limits[layer];
        let from = std::mem::replace(&mut limits.since, now);
        let (sum_milli, limiters) = (limits.sum_milli, limits.limiters);
        if limiters == 0 {
            return None;
        }
        let time = u128::from(now.nanos_since(from));
        let tally = &mut self.tally.layer(layer).limit;
        tally.milli_ns += u128::from(sum_milli) * time;
        tally.limiters_ns += u128::from(limiters) * time;
        let state = State::Limits {
            sum_milli,
            limiters,
        };
        Some(Held {
            from,
            until: now,
            state,
        })
    }

    /// A replication ends now; gives the states that end with it.
    pub(crate) fn end_replication(&mut self, now: Instant) -> Vec<Held> {
        let mut ended = Vec::new();
        for (layer, held) in std::mem::take(&mut self.open) {
            let until = held.until.min(now);
            self.tally.layer(layer).open_ns += u128::from(until.nanos_since(held.from));
            ended.push(Held { until, ..held });
        }
        for layer in 0..self.limits.len() {
            ended.extend(self.end_limits(layer, now));
        }
        self.limits.clear();
        ended
    }

    /// What the replications that have ended leave together.
    pub(crate) fn take(&mut self) -> PolicyTally {
        std::mem::take(&mut self.tally)
    }
}

impl PolicyTally {
    fn layer(&mut self, layer: usize) -> &mut LayerTally {
        if layer >= self.layers.len() {
            self.layers.resize_with(layer + 1, LayerTally::default);
        }
        &mut self.layers[layer]
    }

    /// Adds other replications.
    pub(crate) fn merge(&mut self, other: &PolicyTally) {
        for (number, theirs) in other.layers.iter().enumerate() {
            self.layer(number).merge(theirs);
        }
        self.errors.merge(&other.errors);
    }
}

impl Errors {
    fn merge(&mut self, other: &Errors) {
        let add = |mine: &mut ByClass, theirs: &ByClass| {
            mine.iter_mut().zip(theirs).for_each(|(mine, n)| *mine += n);
        };
        add(&mut self.attempts, &other.attempts);
        add(&mut self.calls, &other.calls);
    }
}

impl LayerTally {
    fn count(&mut self, event: Event) {
        match event {
            Event::Retried => self.retries += 1,
            Event::BudgetSpent => self.budget_spent += 1,
            Event::TimedOut => self.timeouts += 1,
            Event::Hedged => self.hedges += 1,
            Event::HedgeWon => self.hedges_won += 1,
            Event::Opened { .. } => self.openings += 1,
            Event::Refused => self.refused += 1,
            Event::Degraded => self.degraded += 1,
            Event::Waited { ns } => self.waits.record(ns),
            Event::HalfOpened | Event::Closed | Event::Limit { .. } => {}
        }
    }

    pub(crate) fn merge(&mut self, other: &LayerTally) {
        self.retries += other.retries;
        self.budget_spent += other.budget_spent;
        self.timeouts += other.timeouts;
        self.hedges += other.hedges;
        self.hedges_won += other.hedges_won;
        self.openings += other.openings;
        self.refused += other.refused;
        self.degraded += other.degraded;
        self.open_ns += other.open_ns;
        self.waits.merge(&other.waits);
        self.limit.merge(&other.limit);
    }
}

impl LimitTally {
    fn merge(&mut self, other: &LimitTally) {
        self.milli_ns += other.milli_ns;
        self.limiters_ns += other.limiters_ns;
        let extreme = |mine: Option<u64>, theirs: Option<u64>, of: fn(u64, u64) -> u64| match (
            mine, theirs,
        ) {
            (Some(mine), Some(theirs)) => Some(of(mine, theirs)),
            (mine, theirs) => mine.or(theirs),
        };
        self.lowest_milli = extreme(self.lowest_milli, other.lowest_milli, u64::min);
        self.highest_milli = extreme(self.highest_milli, other.highest_milli, u64::max);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Instant {
        Instant::from_nanos(ms * 1_000_000)
    }

    #[test]
    fn a_breaker_is_open_until_its_time_is_up_or_the_run_ends() {
        let mut watch = PolicyWatch::default();
        watch.happened(1, Event::Opened { until: at(30) }, at(10), true);
        watch.happened(1, Event::Opened { until: at(60) }, at(40), true);
        let held = watch.end_replication(at(50));
        let tally = watch.take();
        // 10 to 30, and 40 to the end at 50.
        assert_eq!(tally.layers[1].open_ns, 30_000_000);
        assert_eq!(tally.layers[1].openings, 2);
        assert_eq!(held[1].until, at(50));
    }

    #[test]
    fn limits_are_averaged_over_time_and_limiters() {
        let mut watch = PolicyWatch::default();
        let limit = |before, now| Event::Limit { before, now };
        assert_eq!(watch.happened(0, limit(None, 20.0), at(10), true), None);
        // A second limiter from 20 on; the first falls to 10 at 30.
        watch.happened(0, limit(None, 40.0), at(20), true);
        watch.happened(0, limit(Some(20.0), 10.0), at(30), true);
        watch.end_replication(at(40));
        let limit = watch.take().layers[0].limit;
        // 20 for 10 ms, 20 + 40 for 10 ms, 10 + 40 for 10 ms; 10 + 20 + 20 ms of limiters.
        assert_eq!(limit.milli_ns, 130_000 * 10_000_000);
        assert_eq!(limit.limiters_ns, 50_000_000);
        assert_eq!(
            (limit.lowest_milli, limit.highest_milli),
            (Some(10_000), Some(40_000))
        );
    }

    #[test]
    fn what_a_job_of_the_warm_up_did_is_not_counted() {
        let mut watch = PolicyWatch::default();
        watch.happened(0, Event::Retried, at(1), false);
        watch.happened(0, Event::Retried, at(2), true);
        assert_eq!(watch.take().layers[0].retries, 1);
    }
}
