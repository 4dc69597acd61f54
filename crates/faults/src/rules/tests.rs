//! Whom rules strike, alone and among others.

use std::time::Duration;

use awaitlab_core::ErrorClass;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;
use crate::hang::Hang;
use crate::outage::Outage;
use crate::rule::Kind;
use crate::scope::Scope;
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
    let rules: Rules = Rules::for_downstream(&[], 0);
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
        proptest::option::of(0_u32..2),
        list(),
        list(),
        0.0..=1.0_f64,
    )
        .prop_map(
            |(downstream, replica, calls, attempts, probability)| Scope {
                downstream,
                replica,
                calls,
                attempts,
                probability,
                during: None,
            },
        )
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
