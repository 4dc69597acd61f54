//! Timers: their order, their slots, their numbers.

use super::*;

fn schedule(timers: &mut Timers, at: u64, class: EventClass) -> TimerId {
    timers.schedule(Instant::from_nanos(at), class, 0, Whom::Nobody)
}

fn has_fired(timers: &Timers, timer: TimerId) -> bool {
    timers.slots[timer.0].key == FIRED
}

fn fire(timers: &mut Timers) -> Option<u64> {
    timers
        .fire_next(Instant::FAR_FUTURE, u32::MAX)
        .map(|fired| fired.at.as_nanos())
}

#[test]
fn at_one_instant_edges_come_first_then_answers_timers_and_arrivals() {
    let mut timers = Timers::default();
    use EventClass::{Answer, Arrival, Edge, Timer};
    let ids = [Arrival, Timer, Answer, Edge].map(|class| schedule(&mut timers, 5, class));
    let mut fired = Vec::new();
    while timers.fire_next(Instant::FAR_FUTURE, u32::MAX).is_some() {
        fired.push(ids.iter().filter(|&&id| has_fired(&timers, id)).count());
        let newest = ids[ids.len() - fired.len()];
        assert!(
            has_fired(&timers, newest),
            "the classes fire in the reverse of this list"
        );
    }
    assert_eq!(fired, [1, 2, 3, 4]);
}

#[test]
fn a_forgotten_timer_leaves_nothing_behind() {
    let mut timers = Timers::default();
    for round in 0..1_000 {
        let timer = schedule(&mut timers, round, EventClass::Timer);
        timers.forget(timer);
    }
    assert_eq!(timers.pending(), 0);
    assert_eq!(timers.slots.len(), 1, "one slot was used again and again");
}

#[test]
fn when_all_numbers_have_been_used_the_order_stays() {
    let mut timers = Timers {
        scheduled: LAST_NUMBER - 2,
        ..Timers::default()
    };
    let ids: Vec<_> = (0..5)
        .map(|_| schedule(&mut timers, 7, EventClass::Timer))
        .collect();
    assert_eq!(timers.scheduled, 5, "numbered anew on the way");
    timers.forget(ids[3]);
    for id in [ids[0], ids[1], ids[2], ids[4]] {
        assert!(!has_fired(&timers, id));
        assert_eq!(fire(&mut timers), Some(7));
        assert!(has_fired(&timers, id));
    }
    assert_eq!(fire(&mut timers), None);
}

#[test]
fn edges_are_told_from_other_events() {
    let mut timers = Timers::default();
    let edge = schedule(&mut timers, 1, EventClass::Edge);
    assert!(timers.only_edges());
    let timer = schedule(&mut timers, 2, EventClass::Timer);
    assert!(!timers.only_edges());
    timers.forget(timer);
    assert!(timers.only_edges());
    schedule(&mut timers, 3, EventClass::Arrival);
    timers.forget(edge);
    assert!(!timers.only_edges());
    assert_eq!(fire(&mut timers), Some(3));
    assert!(timers.only_edges(), "where nothing is, edges are all");
}
