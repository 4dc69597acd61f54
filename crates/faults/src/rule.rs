//! Rules, and the rules of one service.

use awaitlab_core::{AttemptId, Faults, Instant, Purpose, Streams, Verdict};

use crate::error::Error;
use crate::hang::Hang;
use crate::outage::Outage;
use crate::slow::Slow;
use crate::windows::Windows;

/// A rule that makes a service or its network fail: what happens, and to whom.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    kind: Kind,
    scope: Scope,
}

/// What happens to an attempt that a rule strikes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// The service answers with an error.
    Error(Error),
    /// It accepts and never answers.
    Hang(Hang),
    /// It serves, but slower.
    Slow(Slow),
    /// It cannot be reached.
    Outage(Outage),
}

/// Whom a rule strikes: an attempt that every condition here admits. The default admits all.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope {
    /// The service, by its place in the file; `None`: every one.
    pub downstream: Option<usize>,
    /// Calls of the job, numbered from 0; `None`: every one.
    pub calls: Option<Vec<u32>>,
    /// Attempts of the call, numbered from 0; `None`: every one.
    pub attempts: Option<Vec<u32>>,
    /// The share of the attempts admitted otherwise that is struck, 0 to 1.
    pub probability: f64,
    /// When the attempt reaches the service; `None`: whenever.
    pub during: Option<Windows>,
}

/// Why a rule cannot have such a scope.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum ScopeError {
    /// `!(0 <= probability <= 1)`.
    #[error("a probability lies within 0 and 1, {0} does not")]
    Probability(f64),
    /// A list of calls without a call.
    #[error("without a call the rule can never strike")]
    NoCalls,
    /// A list of attempts without an attempt.
    #[error("without an attempt the rule can never strike")]
    NoAttempts,
}

/// The rules that can strike one service, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    rules: Vec<Placed>,
}

/// A rule and its place among all rules of the file, which names its coins.
#[derive(Clone, Debug)]
struct Placed {
    place: u64,
    rule: Rule,
}

impl Rule {
    /// A rule that does this to those.
    ///
    /// # Errors
    /// When the probability is none, or a list is empty.
    pub fn new(kind: Kind, scope: Scope) -> Result<Self, ScopeError> {
        if !(0.0..=1.0).contains(&scope.probability) {
            return Err(ScopeError::Probability(scope.probability));
        }
        if scope.calls.as_ref().is_some_and(Vec::is_empty) {
            return Err(ScopeError::NoCalls);
        }
        if scope.attempts.as_ref().is_some_and(Vec::is_empty) {
            return Err(ScopeError::NoAttempts);
        }
        Ok(Rule { kind, scope })
    }

    /// What happens.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// To whom.
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    fn applies_to(&self, downstream: usize) -> bool {
        self.scope.downstream.is_none_or(|only| only == downstream)
    }
}

impl Kind {
    /// The word for it in a scenario.
    pub const fn name(&self) -> &'static str {
        match self {
            Kind::Error(_) => Error::NAME,
            Kind::Hang(_) => Hang::NAME,
            Kind::Slow(_) => Slow::NAME,
            Kind::Outage(_) => Outage::NAME,
        }
    }

    fn verdict(&self) -> Verdict {
        match self {
            Kind::Error(error) => error.verdict(),
            Kind::Hang(hang) => hang.verdict(),
            Kind::Slow(slow) => slow.verdict(),
            Kind::Outage(outage) => outage.verdict(),
        }
    }
}

impl Scope {
    /// Whether everything but chance lets the rule strike.
    fn admits(&self, attempt: &AttemptId, now: Instant) -> bool {
        let listed = |list: &Option<Vec<u32>>, number: u32| {
            list.as_ref()
                .is_none_or(|numbers| numbers.contains(&number))
        };
        listed(&self.calls, attempt.call)
            && listed(&self.attempts, attempt.attempt)
            && self
                .during
                .as_ref()
                .is_none_or(|windows| windows.contains(now))
    }
}

impl Default for Scope {
    fn default() -> Self {
        Scope {
            downstream: None,
            calls: None,
            attempts: None,
            probability: 1.0,
            during: None,
        }
    }
}

impl Rules {
    /// The rules among `all` that can strike this service. They keep their places in `all`, so the
    /// coins of a rule depend neither on the service nor on which other rules concern it.
    pub fn for_downstream(all: &[Rule], downstream: usize) -> Self {
        let rules = (0..)
            .zip(all)
            .filter(|(_, rule)| rule.applies_to(downstream))
            .map(|(place, rule)| Placed {
                place,
                rule: rule.clone(),
            })
            .collect();
        Rules { rules }
    }

    /// Whether nothing can strike this service.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

impl Placed {
    fn strikes(&self, attempt: &AttemptId, now: Instant, streams: &Streams) -> bool {
        self.rule.scope.admits(attempt, now) && self.coin(attempt, streams)
    }

    /// A certain rule tosses nothing: it costs no draw, and nobody else draws from its stream.
    fn coin(&self, attempt: &AttemptId, streams: &Streams) -> bool {
        let probability = self.rule.scope.probability;
        probability >= 1.0
            || streams
                .stream(Purpose::Fault, self.place)
                .draws(attempt)
                .chance(probability)
    }
}

impl Faults for Rules {
    #[inline]
    fn judge(&self, attempt: &AttemptId, now: Instant, streams: &Streams) -> Verdict {
        self.rules
            .iter()
            .find(|placed| placed.strikes(attempt, now, streams))
            .map_or(Verdict::Serve, |placed| placed.rule.kind.verdict())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;
    use crate::windows::Window;

    const STREAMS: Streams = Streams::new(1, 0);
    const START: Instant = Instant::START;
    const HANG: Kind = Kind::Hang(Hang);
    const FAILS: Kind = Kind::Outage(Outage::new(Duration::ZERO));

    fn rule(kind: Kind, scope: Scope) -> Rule {
        Rule::new(kind, scope).unwrap()
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
        assert_eq!(
            rules.judge(&attempt(0, 0, 0), START, &STREAMS),
            Verdict::Serve
        );
    }

    #[test]
    fn a_rule_strikes_only_the_calls_and_attempts_it_names() {
        let scope = Scope {
            calls: Some(vec![1, 3]),
            attempts: Some(vec![0]),
            ..Scope::default()
        };
        let rules = Rules::for_downstream(&[rule(HANG, scope)], 0);
        let judge = |call, number| rules.judge(&attempt(7, call, number), START, &STREAMS);
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
        let during = Some(Windows::listed(vec![window]).unwrap());
        let rules = Rules::for_downstream(
            &[rule(
                HANG,
                Scope {
                    during,
                    ..Scope::default()
                },
            )],
            0,
        );
        let at = |ns| rules.judge(&attempt(0, 0, 0), Instant::from_nanos(ns), &STREAMS);
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
        let judge = |downstream| {
            Rules::for_downstream(&all, downstream).judge(&attempt(0, 0, 0), START, &STREAMS)
        };
        assert_eq!(judge(0), FAILS.verdict());
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
        let judge = |call| rules.judge(&attempt(0, call, 0), START, &STREAMS);
        assert_eq!(judge(1), Verdict::Hang, "both match, the hang stands first");
        assert_eq!(judge(0), FAILS.verdict());
    }

    #[test]
    fn the_coins_of_a_seed_fall_the_same_in_every_build() {
        let all = [
            rule(HANG, with_probability(0.3)),
            rule(FAILS, with_probability(0.3)),
        ];
        let rules = Rules::for_downstream(&all, 0);
        let transcript: String = (0..40)
            .map(
                |job| match rules.judge(&attempt(job, 0, 0), START, &STREAMS) {
                    Verdict::Hang => 'h',
                    Verdict::Fail { .. } => 'f',
                    _ => '.',
                },
            )
            .collect();
        assert_eq!(transcript, TRANSCRIPT);
    }
    const TRANSCRIPT: &str = ".f....fhhf.hfhhfh.h....hhhh.hf.f.fh...f.";

    /// 100 000 coins of 0.02: mean 2000, standard deviation 44.3; 4.5 of them either way.
    #[test]
    fn a_rule_strikes_as_often_as_it_says() {
        let rules = Rules::for_downstream(&[rule(HANG, with_probability(0.02))], 0);
        let struck = (0..100_000)
            .filter(|&job| rules.judge(&attempt(job, 0, 0), START, &STREAMS) == Verdict::Hang)
            .count();
        assert!((1801..=2199).contains(&struck), "{struck}");
    }

    #[test]
    fn a_scope_that_admits_nobody_is_refused() {
        let refused = |scope| Rule::new(HANG, scope).unwrap_err();
        for probability in [-0.001, 1.001, f64::INFINITY] {
            let error = refused(with_probability(probability));
            assert_eq!(error, ScopeError::Probability(probability));
        }
        assert!(matches!(
            refused(with_probability(f64::NAN)),
            ScopeError::Probability(_)
        ));
        let calls = Scope {
            calls: Some(vec![]),
            ..Scope::default()
        };
        assert_eq!(refused(calls), ScopeError::NoCalls);
        let attempts = Scope {
            attempts: Some(vec![]),
            ..Scope::default()
        };
        assert_eq!(refused(attempts), ScopeError::NoAttempts);
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
                Rules::for_downstream(&all, 0).judge(&attempt, START, &streams)
            };
            let expected = (0..scopes.len())
                .map(alone)
                .find(|verdict| *verdict != Verdict::Serve)
                .unwrap_or(Verdict::Serve);
            let judged = Rules::for_downstream(&all, 0).judge(&attempt, START, &streams);
            prop_assert_eq!(judged, expected);
        }

        #[test]
        fn a_rule_that_is_added_leaves_what_earlier_rules_struck_as_it_was(
            scope in any_scope(), added in any_scope(), seed: u64, job in 0_u64..100,
        ) {
            let streams = Streams::new(seed, 0);
            let attempt = attempt(job, 0, 0);
            let judge = |all: &[Rule]| Rules::for_downstream(all, 0).judge(&attempt, START, &streams);
            let before = judge(&[rule(HANG, scope.clone())]);
            let after = judge(&[rule(HANG, scope), rule(FAILS, added)]);
            prop_assert_eq!(before == Verdict::Hang, after == Verdict::Hang);
        }
    }
}
