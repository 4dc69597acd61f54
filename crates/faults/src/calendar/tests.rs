//! Where windows lie: listed, repeating, drawn.

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;

const SECOND: u64 = 1_000_000_000;

fn seconds(s: u64) -> Duration {
    Duration::from_secs(s)
}

fn at(ns: u64) -> Instant {
    Instant::from_nanos(ns)
}

fn calendar(windows: &Windows) -> Calendar {
    Calendar::new(windows, 0, &Streams::new(1, 0))
}

fn listed(windows: &[(u64, u64)]) -> Windows {
    let window = |&(from, to)| Window::new(Duration::from_nanos(from), Duration::from_nanos(to));
    Windows::listed(windows.iter().map(|w| window(w).unwrap()).collect()).unwrap()
}

/// The first windows from the start on.
fn first(calendar: &Calendar, count: usize) -> Vec<(u64, u64)> {
    let mut from = Instant::START;
    let windows = std::iter::from_fn(|| {
        let window = calendar.current(from)?;
        from = window.end();
        Some((window.start().as_nanos(), window.end().as_nanos()))
    });
    windows.take(count).collect()
}

#[test]
fn windows_that_overlap_or_touch_leave_no_instant_out_and_no_edge_between() {
    let calendar = calendar(&listed(&[(20, 30), (10, 20), (15, 18), (40, 50)]));
    assert_eq!(first(&calendar, 9), [(10, 30), (40, 50)]);
    let held = [9, 10, 19, 20, 29, 30, 40, 50].map(|ns| calendar.contains(at(ns)));
    assert_eq!(held, [false, true, true, true, true, false, true, false]);
    let edges = [0, 10, 29, 30, 40, 50].map(|ns| calendar.next_edge(at(ns)));
    let expected = [Some(10), Some(30), Some(30), Some(40), Some(50), None];
    assert_eq!(edges, expected.map(|edge| edge.map(at)));
}

#[test]
fn starts_are_those_that_were_written() {
    let calendar = calendar(&listed(&[(20, 30), (10, 20), (15, 18)]));
    assert_eq!(calendar.first_start(), Some(at(10)));
    let last = [9, 10, 14, 15, 20, 99].map(|ns| calendar.last_start(at(ns)));
    let expected = [None, Some(10), Some(10), Some(15), Some(20), Some(20)];
    assert_eq!(last, expected.map(|start| start.map(at)));
    let next = [9, 10, 15, 20].map(|ns| calendar.next_start(at(ns)));
    assert_eq!(
        next,
        [Some(10), Some(15), Some(20), None].map(|start| start.map(at))
    );
}

#[test]
fn repeating_windows_begin_with_the_run() {
    let calendar = calendar(&Windows::repeating(seconds(30), seconds(2)).unwrap());
    for period in [0, 1, 1_000_000] {
        let start = period * 30 * SECOND;
        let held = [0, 2 * SECOND - 1, 2 * SECOND, 30 * SECOND - 1]
            .map(|offset| calendar.contains(at(start + offset)));
        assert_eq!(held, [true, true, false, false], "period {period}");
        let inside = at(start + SECOND);
        assert_eq!(calendar.next_edge(inside), Some(at(start + 2 * SECOND)));
        assert_eq!(calendar.last_start(inside), Some(at(start)));
        assert_eq!(calendar.next_start(inside), Some(at(start + 30 * SECOND)));
    }
}

#[test]
fn a_window_as_long_as_its_period_always_holds_and_has_no_edge() {
    let calendar = calendar(&Windows::repeating(seconds(3), seconds(3)).unwrap());
    for ns in [0, 3 * SECOND - 1, 3 * SECOND, u64::MAX - 1] {
        assert!(calendar.contains(at(ns)));
        assert_eq!(calendar.next_edge(at(ns)), None);
    }
    assert_eq!(calendar.next_start(at(SECOND)), Some(at(3 * SECOND)));
}

#[test]
fn nothing_overflows_at_the_end_of_time() {
    let repeating = calendar(&Windows::repeating(seconds(3), seconds(1)).unwrap());
    let random = calendar(&Windows::random(Duration::MAX, Duration::MAX).unwrap());
    for ns in [u64::MAX - SECOND, u64::MAX - 1, u64::MAX] {
        for calendar in [&repeating, &random] {
            let edge = calendar.next_edge(at(ns));
            assert!(edge.is_none_or(|edge| edge > at(ns)));
            let start = calendar.next_start(at(ns));
            assert!(start.is_none_or(|start| start > at(ns)));
        }
    }
}

fn on_off() -> Windows {
    Windows::random(seconds(1), seconds(9)).unwrap()
}

#[test]
fn the_random_windows_of_a_seed_are_the_same_in_every_build() {
    assert_eq!(first(&calendar(&on_off()), 3), GOLDEN);
}
const GOLDEN: [(u64, u64); 3] = [
    (8_520_653_073, 9_457_146_429),
    (10_214_878_930, 14_082_046_804),
    (18_122_669_336, 19_328_972_267),
];

#[test]
fn a_replication_has_random_windows_of_its_own_and_always_the_same() {
    let calendar = calendar(&on_off());
    let here = first(&calendar, 200);
    calendar.begin_replication(&Streams::new(1, 1));
    let there = first(&calendar, 200);
    assert!(here.iter().zip(&there).all(|(a, b)| a != b));
    calendar.begin_replication(&Streams::new(1, 0));
    assert_eq!(first(&calendar, 200), here);
}

/// Of 40 000 windows the lengths have the means they were given (standard errors 0.5 %), those
/// of an exponential law have a standard deviation as large as their mean.
#[test]
fn random_windows_are_on_and_off_for_exponential_times_of_their_means() {
    let windows = first(&calendar(&on_off()), 40_000);
    let mut on = vec![];
    let mut off = vec![];
    let mut before = 0;
    for (start, end) in windows {
        off.push((start - before) as f64 / 1e9);
        on.push((end - start) as f64 / 1e9);
        before = end;
    }
    for (lengths, mean) in [(on, 1.0), (off, 9.0)] {
        let n = lengths.len() as f64;
        let m = lengths.iter().sum::<f64>() / n;
        let sd = (lengths.iter().map(|x| (x - m).powi(2)).sum::<f64>() / n).sqrt();
        assert!((m / mean - 1.0).abs() < 0.02, "mean {m}");
        assert!((sd / m - 1.0).abs() < 0.03, "standard deviation {sd}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// Whatever was asked before and has been forgotten since.
    #[test]
    fn an_answer_depends_on_the_instant_and_not_on_what_was_asked_before(
        instants in proptest::collection::vec(0..5000 * SECOND, 1..20),
    ) {
        let asked = calendar(&on_off());
        for ns in instants {
            let (fresh, instant) = (calendar(&on_off()), at(ns));
            prop_assert_eq!(asked.last_start(instant), fresh.last_start(instant));
            prop_assert_eq!(asked.next_start(instant), fresh.next_start(instant));
            prop_assert_eq!(asked.current(instant), fresh.current(instant));
            prop_assert_eq!(asked.next_edge(instant), fresh.next_edge(instant));
        }
    }
}
