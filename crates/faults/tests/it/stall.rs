//! Slowness that the calls of a job share.

use std::time::Duration;

use awaitlab_core::{AttemptId, Draws, Faults, Latency, Verdict};
use awaitlab_faults::{Kind, Rules, Scope, Stall};

use crate::{at, attempt, rule, rules};

/// Uniform over 0 to 2^32 ns: two draws are hardly ever equal.
#[derive(Clone, Debug)]
struct Any;

impl Latency for Any {
    fn sample_ns(&self, _: &AttemptId, draws: &mut Draws) -> u64 {
        draws.bits() >> 32
    }
}

fn stalls(probability: f64) -> Rules<Any> {
    let scope = Scope {
        probability,
        ..Scope::default()
    };
    rules(&[rule(Kind::Stall(Stall::new(Any)), scope)])
}

fn extra(rules: &Rules<Any>, attempt: AttemptId, ns: u64) -> Option<Duration> {
    match rules.judge(&attempt, 0, at(ns)) {
        Verdict::Slow { factor, add } => {
            assert_eq!(factor, 1.0);
            Some(add)
        }
        _ => None,
    }
}

#[test]
fn calls_of_a_job_that_arrive_together_are_slow_together() {
    let rules = stalls(1.0);
    let first = extra(&rules, attempt(7, 0, 0), 500);
    assert!(first.is_some());
    for call in 1..100 {
        assert_eq!(extra(&rules, attempt(7, call, call % 3), 500), first);
    }
    assert_ne!(extra(&rules, attempt(8, 0, 0), 500), first, "another job");
    assert_ne!(extra(&rules, attempt(7, 0, 0), 501), first, "later");
    // The instant counts as a whole, not only its low half.
    assert_ne!(extra(&rules, attempt(7, 0, 0), 500 + (1 << 32)), first);
}

/// 10 000 coins of 0.2: 2000, standard deviation 40; 4 of them either way.
#[test]
fn they_share_the_coin_too() {
    let rules = stalls(0.2);
    let mut stalled = 0;
    for job in 0..10_000 {
        let first = extra(&rules, attempt(job, 0, 0), 0);
        for call in 1..5 {
            assert_eq!(extra(&rules, attempt(job, call, 0), 0), first);
        }
        stalled += u32::from(first.is_some());
    }
    assert!((1840..=2160).contains(&stalled), "{stalled}");
}

#[test]
fn how_long_a_stall_is_does_not_depend_on_how_likely_it_is() {
    let (certain, rare) = (stalls(1.0), stalls(0.1));
    let of = |rules: &Rules<Any>, job| extra(rules, attempt(job, 0, 0), 3);
    let mut struck = 0;
    for job in 0..1000 {
        if let Some(add) = of(&rare, job) {
            assert_eq!(Some(add), of(&certain, job));
            struck += 1;
        }
    }
    assert!(struck > 50, "{struck}");
}
