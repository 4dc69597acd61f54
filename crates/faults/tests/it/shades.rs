//! When faults hold, for charts.

use std::time::Duration;

use awaitlab_core::{Faults, Streams};
use awaitlab_faults::{
    Capacity, Crash, Hang, Kind, MOST_SHADES, Outage, Pause, Rule, Rules, Scope, Windows,
};

use crate::{at, during, listed, of_service, repeating, rule, rules};

fn until(rules: &Rules, horizon: u64) -> Vec<(&'static str, u64, u64)> {
    let shades = rules.shades(Duration::from_nanos(horizon));
    let numbers =
        |shade: awaitlab_faults::Shade| (shade.kind, shade.from.as_nanos(), shade.to.as_nanos());
    shades.into_iter().map(numbers).collect()
}

#[test]
fn shades_are_the_windows_up_to_the_horizon() {
    let crash = Crash::new(Duration::from_nanos(8)).unwrap();
    let all: [Rule; 5] = [
        of_service(Kind::Pause(Pause), repeating(40, 10)),
        of_service(Kind::Crash(crash), listed(&[(20, 21), (25, 26), (60, 99)])),
        rule(
            Kind::Outage(Outage::default()),
            during(listed(&[(90, 200), (5, 7), (6, 9)])),
        ),
        of_service(Kind::Capacity(Capacity::new(1)), listed(&[(100, 110)])),
        rule(Kind::Hang(Hang), Scope::default()),
    ];
    let expected = [
        ("outage", 5, 9),
        ("outage", 90, 100),
        ("crash", 20, 33),
        ("crash", 60, 68),
        ("pause", 0, 10),
        ("pause", 40, 50),
        ("pause", 80, 90),
    ];
    assert_eq!(until(&rules(&all), 100), expected);
}

#[test]
fn shades_of_random_windows_are_those_that_strike() {
    let windows = Windows::random(Duration::from_nanos(50), Duration::from_nanos(100)).unwrap();
    let rules = rules(&[of_service(Kind::Capacity(Capacity::new(0)), windows)]);
    let here = until(&rules, 5000);
    assert!(here.len() > 10);
    for ns in 0..5000 {
        let shaded = here.iter().any(|&(_, from, to)| from <= ns && ns < to);
        let holds = rules.condition(0, at(ns)).workers.is_some();
        assert_eq!(shaded, holds, "at {ns}");
    }
    rules.begin_replication(Streams::new(1, 1));
    assert_ne!(until(&rules, 5000), here, "another replication");
}

#[test]
fn a_rule_has_no_more_shades_than_a_chart_can_show() {
    let rules = rules(&[of_service(Kind::Pause(Pause), repeating(10, 1))]);
    assert_eq!(
        until(&rules, 10 * (MOST_SHADES as u64 + 5)).len(),
        MOST_SHADES
    );
}
