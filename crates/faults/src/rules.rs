//! The rules of one service: the first that matches decides.
//!
//! A rule whose scope admits the attempt tosses its coin; the next rule is asked only when that fell
//! the other way. Rule r's coin for an attempt is a function of r's place in the file and of the
//! attempt, so it falls the same whether or not other rules were asked before.
//!
//! Not every rule judges attempts: a partition strikes messages; a crash, a pause and a capacity
//! strike the service. Those neither win over the others nor give way to them. Where several are
//! about one replica, any partition loses a message, any crash takes it down, any pause stops it; of
//! capacities the first that holds counts.

use std::cell::Cell;
use std::time::Duration;

use awaitlab_core::{
    AttemptId, Condition, Faults, Instant, Latency, Prospects, Purpose, Streams, Verdict,
};

use crate::calendar::Calendar;
use crate::capacity::Capacity;
use crate::crash::Crash;
use crate::partition::Partition;
use crate::pause::{self, Pause};
use crate::placed::Placed;
use crate::rule::{Kind, Rule};
use crate::shade::{self, Shade};
use crate::stall::{self, NeverStalls};

/// The rules that can strike one service, each kind in the order of the file.
#[derive(Clone, Debug)]
pub struct Rules<L = NeverStalls> {
    judging: Vec<Placed<Kind<L>>>,
    partitions: Vec<Placed<Partition>>,
    crashes: Vec<Placed<Crash>>,
    pauses: Vec<Placed<Pause>>,
    capacities: Vec<Placed<Capacity>>,
    /// Those of the replication begun last.
    streams: Cell<Streams>,
}

impl<L: Clone> Rules<L> {
    /// The rules among `all` that can strike this service. They keep their places in `all`, so the
    /// coins of a rule depend neither on the service nor on which other rules concern it.
    pub fn for_downstream(all: &[Rule<L>], downstream: usize) -> Self {
        let mut rules = Rules {
            judging: Vec::new(),
            partitions: Vec::new(),
            crashes: Vec::new(),
            pauses: Vec::new(),
            capacities: Vec::new(),
            streams: Cell::new(Streams::new(0, 0)),
        };
        for (place, rule) in (0..)
            .zip(all)
            .filter(|(_, rule)| rule.applies_to(downstream))
        {
            let scope = rule.scope();
            match rule.kind() {
                Kind::Partition(cut) => rules.partitions.push(Placed::new(place, scope, *cut)),
                Kind::Crash(crash) => rules.crashes.push(Placed::new(place, scope, *crash)),
                Kind::Pause(pause) => rules.pauses.push(Placed::new(place, scope, *pause)),
                Kind::Capacity(of) => rules.capacities.push(Placed::new(place, scope, *of)),
                judging => rules
                    .judging
                    .push(Placed::new(place, scope, judging.clone())),
            }
        }
        rules
    }
}

impl<L> Rules<L> {
    /// Whether nothing can strike this service.
    pub fn is_empty(&self) -> bool {
        self.judging.is_empty()
            && self.partitions.is_empty()
            && self.crashes.is_empty()
            && self.pauses.is_empty()
            && self.capacities.is_empty()
    }

    /// When rules with windows hold, up to a horizon of the replication begun last: rule by rule,
    /// each in order of time. A crash holds until the service is back. Of a rule only the first
    /// [`MOST_SHADES`](crate::MOST_SHADES); a rule without windows, which always holds, has none.
    pub fn shades(&self, horizon: Duration) -> Vec<Shade> {
        let until = Instant::START + horizon;
        let mut shades = Vec::new();
        for rule in &self.judging {
            shades.extend(shade::windows(rule.what().name(), rule.calendar(), until));
        }
        for rule in &self.partitions {
            shades.extend(shade::windows(Partition::NAME, rule.calendar(), until));
        }
        for rule in &self.crashes {
            shades.extend(shade::outages(*rule.what(), rule.calendar(), until));
        }
        for rule in &self.pauses {
            shades.extend(shade::windows(Pause::NAME, rule.calendar(), until));
        }
        for rule in &self.capacities {
            shades.extend(shade::windows(Capacity::NAME, rule.calendar(), until));
        }
        shades
    }
}

impl<L: Latency> Placed<Kind<L>> {
    fn strikes(&self, attempt: &AttemptId, replica: u32, now: Instant, streams: &Streams) -> bool {
        if !self.admits(attempt, replica, now) {
            return false;
        }
        let key = match self.what() {
            Kind::Stall(_) => stall::together(attempt.job, now),
            _ => *attempt,
        };
        self.coin(Purpose::Fault, &key, streams)
    }

    fn verdict(&self, attempt: &AttemptId, now: Instant, streams: &Streams) -> Verdict {
        match self.what() {
            Kind::Error(error) => error.verdict(),
            Kind::Hang(hang) => hang.verdict(),
            Kind::Slow(slow) => slow.verdict(),
            Kind::Outage(outage) => outage.verdict(),
            Kind::Stall(stall) => {
                let stream = streams.stream(Purpose::Stall, self.place());
                stall.verdict(attempt.job, now, &stream)
            }
            // They judge no attempt, and stand in lists of their own.
            Kind::Crash(_) | Kind::Pause(_) | Kind::Partition(_) | Kind::Capacity(_) => {
                Verdict::Serve
            }
        }
    }
}

impl<L: Latency> Faults for Rules<L> {
    fn begin_replication(&self, streams: Streams) {
        self.streams.set(streams);
        self.judging
            .iter()
            .for_each(|rule| rule.begin_replication(&streams));
        self.partitions
            .iter()
            .for_each(|rule| rule.begin_replication(&streams));
        self.crashes
            .iter()
            .for_each(|rule| rule.begin_replication(&streams));
        self.pauses
            .iter()
            .for_each(|rule| rule.begin_replication(&streams));
        self.capacities
            .iter()
            .for_each(|rule| rule.begin_replication(&streams));
    }

    fn can_strike(&self) -> bool {
        !self.is_empty()
    }

    #[inline]
    fn judge(&self, attempt: &AttemptId, replica: u32, now: Instant) -> Verdict {
        let streams = self.streams.get();
        self.judging
            .iter()
            .find(|rule| rule.strikes(attempt, replica, now, &streams))
            .map_or(Verdict::Serve, |rule| rule.verdict(attempt, now, &streams))
    }

    #[inline]
    fn loses(&self, attempt: &AttemptId, replica: u32, now: Instant) -> bool {
        let streams = self.streams.get();
        self.partitions.iter().any(|rule| {
            rule.admits(attempt, replica, now) && rule.coin(Purpose::Partition, attempt, &streams)
        })
    }

    #[inline]
    fn finishes(&self, replica: u32, from: Instant, work_ns: u64) -> Instant {
        if self.pauses.is_empty() {
            return from.after_nanos(work_ns);
        }
        pause::finishes(&self.pauses, replica, from, work_ns)
    }

    #[inline]
    fn condition(&self, replica: u32, now: Instant) -> Condition {
        let down = |rule: &Placed<Crash>| {
            let crashes = rule.calendar_of(replica);
            crashes.is_some_and(|crashes| rule.what().is_down(crashes, now))
        };
        let capacity = self.capacities.iter().find(|rule| rule.holds(replica, now));
        Condition {
            down: self.crashes.iter().any(down),
            workers: capacity.map(|rule| rule.what().workers()),
        }
    }

    /// The next edge of a crash or a capacity, of whichever replica. An edge that another rule hides
    /// counts too, and changes nothing.
    fn next_change(&self, now: Instant) -> Option<Instant> {
        let crashes = self.crashes.iter().filter_map(|rule| {
            let crashes = rule.calendar()?;
            rule.what().next_edge(crashes, now)
        });
        let capacities = self
            .capacities
            .iter()
            .filter_map(|rule| rule.calendar()?.next_edge(now));
        crashes.chain(capacities).min()
    }

    fn prospects(&self, replica: u32, now: Instant) -> Prospects {
        let mut crashes = self.crashes.iter();
        let crashes_again = |crashes: &Calendar| crashes.next_start(now).is_some();
        let capacities = self.capacities.iter().filter_map(|rule| {
            let edge = rule.calendar_of(replica)?.next_edge(now);
            edge.map(|_| rule.what().workers())
        });
        Prospects {
            crash: crashes.any(|rule| rule.calendar_of(replica).is_some_and(crashes_again)),
            workers: capacities.max(),
        }
    }
}

#[cfg(test)]
mod tests;
