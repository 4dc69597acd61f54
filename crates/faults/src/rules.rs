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

use awaitlab_core::{AttemptId, Condition, Faults, Instant, Latency, Purpose, Streams, Verdict};

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
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;
    use crate::hang::Hang;
    use crate::outage::Outage;
    use crate::rule::{Kind, Scope};
    use crate::slow::Slow;
    use crate::windows::{Window, Windows};

    const START: Instant = Instant::START;
    const HANG: Kind = Kind::Hang(Hang);
    const FAILS: Kind = Kind::Outage(Outage::new(Duration::ZERO));
    const FAILED: Verdict = Verdict::Fail {
        after: Some(Duration::ZERO),
        class: ErrorClass::Connection,
        status: None,
        retry_after: None,
    };

    fn rule(kind: Kind, scope: Scope) -> Rule {
        Rule::new(kind, scope).unwrap()
    }

    /// The rules of service 0 in a replication with these streams.
    fn in_replication(all: &[Rule], streams: Streams) -> Rules {
        let rules = Rules::for_downstream(all, 0);
        rules.begin_replication(streams);
        rules
    }

    fn attempt(job: u64, call: u32, attempt: u32) -> AttemptId {
        AttemptId { job, call, attempt }
    }

    fn with_probability(probability: f64) -> Scope {
        Scope {
            probability,
            ..Scope::default()
        }
    }

    #[test]
    fn without_rules_everything_is_served() {
        let rules = Rules::for_downstream(&[], 0);
        assert!(rules.is_empty());
        assert_eq!(rules.judge(&attempt(0, 0, 0), 0, START), Verdict::Serve);
    }

    #[test]
    fn a_rule_strikes_only_the_calls_and_attempts_it_names() {
        let scope = Scope {
            calls: Some(vec![1, 3]),
            attempts: Some(vec![0]),
            ..Scope::default()
        };
        let rules = Rules::for_downstream(&[rule(HANG, scope)], 0);
        let judge = |call, number| rules.judge(&attempt(7, call, number), 0, START);
        assert_eq!([0, 1, 2, 3].map(|call| judge(call, 0)), {
            use Verdict::{Hang, Serve};
            [Serve, Hang, Serve, Hang]
        });
        assert_eq!(judge(1, 1), Verdict::Serve, "its first retry goes through");
    }

    #[test]
    fn a_rule_strikes_only_in_its_windows() {
        let seconds = Duration::from_secs;
        let window = Window::new(seconds(10), seconds(20)).unwrap();
        let scope = Scope {
            during: Some(Windows::listed(vec![window]).unwrap()),
            ..Scope::default()
        };
        let rules = Rules::for_downstream(&[rule(HANG, scope)], 0);
        let at = |ns| rules.judge(&attempt(0, 0, 0), 0, Instant::from_nanos(ns));
        assert_eq!(at(9_999_999_999), Verdict::Serve);
        assert_eq!(at(10_000_000_000), Verdict::Hang);
        assert_eq!(at(19_999_999_999), Verdict::Hang);
        assert_eq!(at(20_000_000_000), Verdict::Serve);
    }

    #[test]
    fn a_rule_strikes_only_the_service_it_names() {
        let elsewhere = Scope {
            downstream: Some(1),
            ..Scope::default()
        };
        let all = [rule(HANG, elsewhere), rule(FAILS, Scope::default())];
        let judge =
            |downstream| Rules::for_downstream(&all, downstream).judge(&attempt(0, 0, 0), 0, START);
        assert_eq!(judge(0), FAILED);
        assert_eq!(judge(1), Verdict::Hang);
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        let second_call = Scope {
            calls: Some(vec![1]),
            ..Scope::default()
        };
        let all = [rule(HANG, second_call), rule(FAILS, Scope::default())];
        let rules = Rules::for_downstream(&all, 0);
        let judge = |call| rules.judge(&attempt(0, call, 0), 0, START);
        assert_eq!(judge(1), Verdict::Hang, "both match, the hang stands first");
        assert_eq!(judge(0), FAILED);
    }

    #[test]
    fn the_coins_of_a_seed_fall_the_same_in_every_build() {
        let all = [
            rule(HANG, with_probability(0.3)),
            rule(FAILS, with_probability(0.3)),
        ];
        let rules = in_replication(&all, Streams::new(1, 0));
        let transcript: String = (0..40)
            .map(|job| match rules.judge(&attempt(job, 0, 0), 0, START) {
                Verdict::Hang => 'h',
                Verdict::Fail { .. } => 'f',
                _ => '.',
            })
            .collect();
        assert_eq!(transcript, TRANSCRIPT);
    }
    const TRANSCRIPT: &str = ".f....fhhf.hfhhfh.h....hhhh.hf.f.fh...f.";

    /// 100 000 coins of 0.02: mean 2000, standard deviation 44.3; 4.5 of them either way.
    #[test]
    fn a_rule_strikes_as_often_as_it_says() {
        let rules = Rules::for_downstream(&[rule(HANG, with_probability(0.02))], 0);
        let struck = (0..100_000)
            .filter(|&job| rules.judge(&attempt(job, 0, 0), 0, START) == Verdict::Hang)
            .count();
        assert!((1801..=2199).contains(&struck), "{struck}");
    }

    fn any_scope() -> impl Strategy<Value = Scope> {
        let list = || proptest::option::of(proptest::collection::vec(0_u32..3, 1..3));
        (
            proptest::option::of(0_usize..2),
            list(),
            list(),
            0.0..=1.0_f64,
        )
            .prop_map(|(downstream, calls, attempts, probability)| Scope {
                downstream,
                calls,
                attempts,
                probability,
                during: None,
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(1),
            ..ProptestConfig::default()
        })]

        /// Marks a rule by what it adds, so that a verdict names the rule that gave it: alone at its
        /// place a rule strikes exactly whom it would strike among the others, and of those that
        /// strike the first decides.
        #[test]
        fn the_verdict_is_that_of_the_first_rule_that_would_strike_alone(
            scopes in proptest::collection::vec(any_scope(), 0..5),
            seed: u64,
            job in 0_u64..100, call in 0_u32..3, number in 0_u32..3,
        ) {
            let streams = Streams::new(seed, 0);
            let attempt = attempt(job, call, number);
            let named = |place: usize| {
                Kind::Slow(Slow::new(None, Some(Duration::from_secs(place as u64))).unwrap())
            };
            let never = Scope { probability: 0.0, ..Scope::default() };
            let all: Vec<Rule> =
                scopes.iter().enumerate().map(|(at, s)| rule(named(at), s.clone())).collect();
            let alone = |place: usize| {
                let others = |at: usize| if at == place { scopes[at].clone() } else { never.clone() };
                let all: Vec<Rule> = (0..=place).map(|at| rule(named(at), others(at))).collect();
                in_replication(&all, streams).judge(&attempt, 0, START)
            };
            let expected = (0..scopes.len())
                .map(alone)
                .find(|verdict| *verdict != Verdict::Serve)
                .unwrap_or(Verdict::Serve);
            let judged = in_replication(&all, streams).judge(&attempt, 0, START);
            prop_assert_eq!(judged, expected);
        }

        #[test]
        fn a_rule_that_is_added_leaves_what_earlier_rules_struck_as_it_was(
            scope in any_scope(), added in any_scope(), seed: u64, job in 0_u64..100,
        ) {
            let streams = Streams::new(seed, 0);
            let attempt = attempt(job, 0, 0);
            let judge = |all: &[Rule]| in_replication(all, streams).judge(&attempt, 0, START);
            let before = judge(&[rule(HANG, scope.clone())]);
            let after = judge(&[rule(HANG, scope), rule(FAILS, added)]);
            prop_assert_eq!(before == Verdict::Hang, after == Verdict::Hang);
        }
    }
}
