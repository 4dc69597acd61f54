//! Crashes, pauses and capacities.

use std::time::Duration;

use awaitlab_core::{Condition, Faults, Instant, Verdict};
use awaitlab_faults::{Capacity, Crash, Kind, Pause, Rule, Rules, Scope, Windows};
use proptest::prelude::*;

use crate::{at, attempt, cases, during, listed, of_service, repeating, rule, rules};

fn crash(restart: u64) -> Kind {
    Kind::Crash(Crash::new(Duration::from_nanos(restart)).unwrap())
}

fn capacity(workers: u32) -> Kind {
    Kind::Capacity(Capacity::new(workers))
}

const PAUSE: Kind = Kind::Pause(Pause);

/// The instants of change from the start on, as a service meets them, and the condition from each.
fn conditions(rules: &Rules, most: usize) -> Vec<(u64, Condition)> {
    let mut now = Instant::START;
    let mut conditions = vec![(0, rules.condition(0, now))];
    while let Some(next) = rules.next_change(now).filter(|_| conditions.len() < most) {
        now = next;
        conditions.push((now.as_nanos(), rules.condition(0, now)));
    }
    conditions
}

fn down(down: bool) -> Condition {
    Condition {
        down,
        workers: None,
    }
}

fn workers(workers: impl Into<Option<u32>>) -> Condition {
    Condition {
        down: false,
        workers: workers.into(),
    }
}

#[test]
fn a_service_crashes_when_a_window_begins_and_is_back_after_its_restart() {
    let rules = rules(&[of_service(crash(5), listed(&[(10, 11), (30, 99)]))]);
    let expected = [
        (0, down(false)),
        (10, down(true)),
        (15, down(false)),
        (30, down(true)),
        (35, down(false)),
    ];
    assert_eq!(conditions(&rules, 9), expected);
}

#[test]
fn a_service_that_crashes_again_before_it_is_back_is_back_later() {
    let rules = rules(&[of_service(crash(5), listed(&[(10, 11), (13, 14)]))]);
    let is_down = [9, 10, 15, 17, 18].map(|ns| rules.condition(0, at(ns)).down);
    assert_eq!(is_down, [false, true, true, true, false], "13 + 5 = 18");
}

#[test]
fn workers_are_those_of_the_window_and_the_first_capacity_that_holds_counts() {
    let all = [
        of_service(capacity(1), listed(&[(10, 20)])),
        of_service(capacity(4), repeating(40, 15)),
    ];
    let expected = [
        (0, workers(4)),
        (10, workers(1)),
        (15, workers(1)),
        (20, workers(None)),
        (40, workers(4)),
        (55, workers(None)),
    ];
    assert_eq!(conditions(&rules(&all), 6), expected);
}

#[test]
fn a_fault_of_one_replica_leaves_the_others_as_they_are() {
    let of_replica_2 = |kind, windows| {
        let scope = Scope {
            replica: Some(2),
            ..during(windows)
        };
        rule(kind, scope)
    };
    let always = || listed(&[(0, 100)]);
    let rules = rules(&[
        of_replica_2(crash(50), always()),
        of_replica_2(capacity(3), always()),
        of_replica_2(PAUSE, always()),
    ]);
    let struck = Condition {
        down: true,
        workers: Some(3),
    };
    assert_eq!(rules.condition(2, at(7)), struck);
    assert_eq!(rules.condition(1, at(7)), Condition::default());
    assert_eq!(rules.finishes(2, at(7), 10), at(110));
    assert_eq!(rules.finishes(1, at(7), 10), at(17));
}

#[test]
fn faults_of_the_service_judge_no_attempt_and_lose_no_message() {
    let rules = rules(&[
        of_service(crash(5), repeating(10, 10)),
        of_service(PAUSE, repeating(10, 5)),
        of_service(capacity(0), repeating(10, 10)),
    ]);
    assert!(!rules.is_empty());
    assert_eq!(rules.judge(&attempt(0, 0, 0), 0, at(3)), Verdict::Serve);
    assert!(!rules.loses(&attempt(0, 0, 0), 0, at(3)));
}

/// 10 ns of work, standing still from 20 to 25 and from 30 to 50.
#[test]
fn work_goes_on_after_a_pause_where_it_stopped() {
    let rules = rules(&[of_service(PAUSE, listed(&[(20, 25), (30, 50)]))]);
    let done = |from| rules.finishes(0, at(from), 10).as_nanos();
    assert_eq!(done(0), 10, "before any pause");
    assert_eq!(done(9), 19);
    assert_eq!(done(12), 27, "8 before the pause, 2 after it");
    assert_eq!(done(17), 52, "3 + 5 between the pauses + 2");
    assert_eq!(
        done(20),
        55,
        "begun in the first pause: 5 until 30, 5 from 50"
    );
    assert_eq!(done(50), 60);
}

#[test]
fn nothing_is_done_at_the_instant_at_which_a_pause_begins() {
    let rules = rules(&[of_service(PAUSE, listed(&[(20, 25)]))]);
    assert_eq!(rules.finishes(0, at(10), 9), at(19));
    assert_eq!(rules.finishes(0, at(10), 10), at(25), "would be 20");
    assert_eq!(rules.finishes(0, at(22), 0), at(25));
}

#[test]
fn a_year_of_work_with_a_pause_every_microsecond_is_no_work_for_us() {
    const YEAR: u64 = 365 * 86_400 * 1_000_000_000;
    let rules = rules(&[of_service(PAUSE, repeating(1000, 600))]);
    // From 0: 400 of every 1000 ns are worked, and the last 400 end where the next pause begins.
    assert_eq!(rules.finishes(0, at(0), 4 * YEAR), at(10 * YEAR + 600));
    assert_eq!(rules.finishes(0, at(0), 4 * YEAR - 1), at(10 * YEAR - 1));
}

#[test]
fn a_service_that_is_always_paused_is_never_done() {
    let rules = rules(&[of_service(PAUSE, repeating(10, 10))]);
    assert_eq!(rules.finishes(0, at(0), 1), Instant::FAR_FUTURE);
}

fn any_windows() -> impl Strategy<Value = Windows> {
    let window = (0_u64..60, 1_u64..12).prop_map(|(from, length)| (from, from + length));
    prop_oneof![
        proptest::collection::vec(window, 1..4).prop_map(|windows| listed(&windows)),
        (2_u64..20)
            .prop_flat_map(|every| (Just(every), 1..every))
            .prop_map(|(every, length)| repeating(every, length)),
        (1_u64..9, 1_u64..30).prop_map(|(on, off)| {
            Windows::random(Duration::from_nanos(on), Duration::from_nanos(off)).unwrap()
        }),
    ]
}

/// Nanosecond by nanosecond.
fn done(paused: impl Fn(Instant) -> bool, from: u64, work: u64) -> Instant {
    let (mut now, mut left) = (from, work);
    loop {
        let paused = paused(at(now));
        if !paused && left == 0 {
            return at(now);
        }
        left -= u64::from(!paused);
        now += 1;
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn work_is_done_when_it_has_had_its_time_outside_of_pauses(
        windows in proptest::collection::vec(any_windows(), 1..4), from in 0_u64..50, work in 0_u64..80,
    ) {
        let pauses: Vec<Rule> = windows.iter().map(|w| of_service(PAUSE, w.clone())).collect();
        // A capacity holds when a pause in its place would: it says where the windows lie.
        let shown: Vec<Rule> = windows.iter().map(|w| of_service(capacity(0), w.clone())).collect();
        let (rules, shown) = (rules(&pauses), rules(&shown));
        let paused = |now| shown.condition(0, now).workers.is_some();
        prop_assert_eq!(rules.finishes(0, at(from), work), done(paused, from, work));
    }

    #[test]
    fn a_condition_changes_at_no_instant_but_those_announced(
        crashes in any_windows(), restart in 1_u64..20, few in any_windows(), many in any_windows(),
    ) {
        let rules = rules(&[
            of_service(crash(restart), crashes),
            of_service(capacity(1), few),
            of_service(capacity(9), many),
        ]);
        let mut announced = rules.next_change(Instant::START);
        let mut before = rules.condition(0, Instant::START);
        for now in (1..200).map(at) {
            let condition = rules.condition(0, now);
            if announced == Some(now) {
                announced = rules.next_change(now);
                prop_assert!(announced.is_none_or(|next| next > now));
            } else {
                prop_assert_eq!(condition, before, "at {:?}", now);
            }
            before = condition;
        }
    }
}
