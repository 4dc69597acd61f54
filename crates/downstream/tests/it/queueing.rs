//! Workers, queue, slowdown and the in-flight limit.

use awaitlab_core::{ErrorClass, Verdict};
use awaitlab_downstream::ServiceSpec;
use awaitlab_downstream::spec::{Discipline, QueueSpec, ReplicaSpec, Slowdown};

use crate::lab::{Lab, Script, Times, constant, ms, workers};

#[test]
fn two_workers_serve_five_calls_in_three_rounds() {
    let lab = Lab::new(workers(constant(100), 2, QueueSpec::default()));
    (0..5).for_each(|call| lab.send(0, call));
    lab.look(50, |service| format!("{} wait", service.queued()));
    assert_eq!(
        lab.transcript(),
        [
            "50 3 wait",
            "100 c0 ok",
            "100 c2 queued for 100 ms",
            "100 c1 ok",
            "100 c3 queued for 100 ms",
            "200 c2 ok",
            "200 c4 queued for 200 ms",
            "200 c3 ok",
            "300 c4 ok"
        ]
    );
    let stats = lab.service.stats();
    assert_eq!((stats.workers, stats.queue_peak), (Some(2), 3));
    assert_eq!(stats.busy_ns, 500_000_000, "5 x 100 ms");
    assert!(!lab.service.has_work());
}

#[test]
fn lifo_takes_up_who_came_last() {
    let queue = QueueSpec {
        discipline: Discipline::Lifo,
        ..QueueSpec::default()
    };
    let lab = Lab::new(workers(constant(10), 1, queue));
    [(0, 0), (1, 1), (2, 2), (15, 3)]
        .into_iter()
        .for_each(|(at, call)| lab.send(at, call));
    assert_eq!(
        lab.transcript(),
        [
            "10 c0 ok",
            "10 c2 queued for 8 ms",
            "20 c2 ok",
            "20 c3 queued for 5 ms",
            "30 c3 ok",
            "30 c1 queued for 29 ms",
            "40 c1 ok"
        ]
    );
}

#[test]
fn a_full_queue_refuses_the_newcomer_at_once() {
    let queue = QueueSpec {
        limit: Some(1),
        ..QueueSpec::default()
    };
    let lab = Lab::new(workers(constant(10), 1, queue));
    [(0, 0), (1, 1), (2, 2)]
        .into_iter()
        .for_each(|(at, call)| lab.send(at, call));
    assert_eq!(
        lab.transcript(),
        [
            "2 c2 refused",
            "2 c2 unavailable 503",
            "10 c0 ok",
            "10 c1 queued for 9 ms",
            "20 c1 ok"
        ]
    );
}

#[test]
fn a_queue_of_no_places_refuses_whoever_finds_no_worker() {
    let queue = QueueSpec {
        limit: Some(0),
        ..QueueSpec::default()
    };
    let lab = Lab::new(workers(constant(10), 1, queue));
    lab.send(0, 0);
    lab.send(0, 1);
    assert_eq!(
        lab.transcript(),
        ["0 c1 refused", "0 c1 unavailable 503", "10 c0 ok"]
    );
}

#[test]
fn a_freed_worker_is_there_for_the_request_of_the_same_instant() {
    let queue = QueueSpec {
        limit: Some(0),
        ..QueueSpec::default()
    };
    let lab = Lab::new(workers(constant(10), 1, queue));
    lab.send(10, 1);
    lab.send(0, 0);
    assert_eq!(
        lab.transcript(),
        ["10 c0 ok", "20 c1 ok"],
        "answers come before arrivals"
    );
}

#[test]
fn an_expired_place_is_dropped_when_it_comes_up_and_the_worker_goes_to_the_next() {
    let queue = QueueSpec {
        expire: Some(ms(9)),
        ..QueueSpec::default()
    };
    let lab = Lab::new(workers(constant(10), 1, queue));
    [(0, 0), (0, 1), (1, 2)]
        .into_iter()
        .for_each(|(at, call)| lab.send(at, call));
    assert_eq!(
        lab.transcript(),
        [
            "10 c0 ok",
            "10 c2 queued for 9 ms",
            "10 c1 queued for 10 ms",
            "10 c1 unavailable 503",
            "20 c2 ok"
        ],
        "9 ms are not longer than 9 ms; nobody was refused"
    );
}

#[test]
fn an_error_that_takes_its_latency_holds_a_worker_and_a_fast_one_does_not() {
    let fails = |after| Verdict::Fail {
        after,
        class: ErrorClass::Error,
        status: Some(500),
        retry_after: None,
    };
    let faults = Script {
        verdicts: vec![(0, fails(None)), (1, fails(Some(ms(3))))],
        ..Script::default()
    };
    let lab = Lab::with_faults(workers(constant(10), 1, QueueSpec::default()), faults);
    (0..3).for_each(|call| lab.send(0, call));
    assert_eq!(
        lab.transcript(),
        [
            "3 c1 error 500",
            "10 c0 error 500",
            "10 c2 queued for 10 ms",
            "20 c2 ok"
        ]
    );
}

#[test]
fn a_hanging_attempt_keeps_its_worker() {
    let faults = Script {
        verdicts: vec![(0, Verdict::Hang)],
        ..Script::default()
    };
    let lab = Lab::with_faults(workers(constant(10), 1, QueueSpec::default()), faults);
    lab.send(0, 0);
    lab.send(0, 1);
    assert!(lab.transcript().is_empty());
    assert!(lab.service.has_work());
    assert_eq!(lab.service.queued(), 1);
}

fn slowed(slowdown: Slowdown) -> Vec<String> {
    let replica = ReplicaSpec {
        slowdown: Some(slowdown),
        ..ReplicaSpec::unlimited(constant(100))
    };
    let lab = Lab::new(ServiceSpec {
        replicas: vec![replica],
        ..ServiceSpec::unlimited(constant(0))
    });
    [(0, 0), (10, 1), (20, 2)]
        .into_iter()
        .for_each(|(at, call)| lab.send(at, call));
    lab.transcript()
}

#[test]
fn linear_slowdown_is_fixed_at_the_start_by_the_company_then() {
    // 1 + (3 - 1) n / 2: x 2, x 3, x 4.
    let linear = Slowdown::Linear { at: 2, factor: 3.0 };
    assert_eq!(slowed(linear), ["200 c0 ok", "310 c1 ok", "420 c2 ok"]);
}

#[test]
fn a_knee_multiplies_only_above_it() {
    let knee = Slowdown::Knee { at: 2, beyond: 5.0 };
    assert_eq!(slowed(knee), ["100 c0 ok", "110 c1 ok", "520 c2 ok"]);
}

#[test]
fn the_in_flight_limit_is_judged_at_completion_itself_included() {
    let spec = ServiceSpec {
        in_flight_limit: Some(2),
        ..ServiceSpec::unlimited(Times::Ms(vec![100, 100, 100, 50]))
    };
    let lab = Lab::new(spec);
    (0..4).for_each(|call| lab.send(0, call));
    assert_eq!(
        lab.transcript(),
        [
            "50 c3 throttled 429",  // 4 of 2
            "100 c0 throttled 429", // 3 of 2
            "100 c1 ok",
            "100 c2 ok"
        ]
    );
}

#[test]
fn waiting_attempts_are_in_flight_at_the_service_too() {
    let spec = ServiceSpec {
        in_flight_limit: Some(1),
        ..workers(constant(10), 1, QueueSpec::default())
    };
    let lab = Lab::new(spec);
    lab.send(0, 0);
    lab.send(0, 1);
    assert_eq!(
        lab.transcript(),
        ["10 c0 throttled 429", "10 c1 queued for 10 ms", "20 c1 ok"]
    );
}
