//! Partitions.

use awaitlab_core::{Faults, Verdict};
use awaitlab_faults::{Hang, Kind, Partition, Rule, Scope};

use crate::{at, attempt, during, listed, rule, rules};

const CUT: Kind = Kind::Partition(Partition);

fn cut_from_10_to_20() -> Scope {
    during(listed(&[(10, 20)]))
}

#[test]
fn what_is_sent_in_the_window_is_lost_and_nothing_else() {
    let rules = rules(&[rule(CUT, cut_from_10_to_20())]);
    let lost = [9, 10, 19, 20].map(|ns| rules.loses(&attempt(0, 0, 0), 0, at(ns)));
    assert_eq!(lost, [false, true, true, false]);
    assert_eq!(rules.judge(&attempt(0, 0, 0), 0, at(15)), Verdict::Serve);
}

#[test]
fn a_partition_takes_only_the_calls_attempts_and_replicas_it_names() {
    let scope = Scope {
        replica: Some(1),
        calls: Some(vec![2]),
        attempts: Some(vec![0]),
        ..cut_from_10_to_20()
    };
    let rules = rules(&[rule(CUT, scope)]);
    let lost = |call, number, replica| rules.loses(&attempt(0, call, number), replica, at(10));
    assert!(lost(2, 0, 1));
    assert!(!lost(1, 0, 1) && !lost(2, 1, 1) && !lost(2, 0, 0));
}

/// 10 000 coins of 0.3: 3000, standard deviation 45.8; 4 of them either way.
#[test]
fn one_coin_decides_over_all_messages_of_an_attempt() {
    let scope = Scope {
        probability: 0.3,
        ..Scope::default()
    };
    let rules = rules(&[rule(CUT, scope)]);
    let mut taken = 0;
    for job in 0..10_000 {
        let request = rules.loses(&attempt(job, 0, 0), 0, at(5));
        let response = rules.loses(&attempt(job, 0, 0), 0, at(5_000_000));
        assert_eq!(request, response);
        taken += u32::from(request);
    }
    assert!((2817..=3183).contains(&taken), "{taken}");
}

#[test]
fn a_partition_does_not_take_the_place_of_a_rule_that_judges() {
    let all: [Rule; 2] = [
        rule(CUT, Scope::default()),
        rule(Kind::Hang(Hang), Scope::default()),
    ];
    let rules = rules(&all);
    assert_eq!(rules.judge(&attempt(0, 0, 0), 0, at(0)), Verdict::Hang);
}
