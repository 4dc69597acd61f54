//! Crashes, capacity and pauses.

use awaitlab_core::{ErrorClass, Verdict};
use awaitlab_downstream::ServiceSpec;
use awaitlab_downstream::spec::QueueSpec;

use crate::lab::{Lab, Script, Times, capacity, constant, down, ms, workers};

fn one_worker() -> ServiceSpec<Times> {
    workers(constant(100), 1, QueueSpec::default())
}

fn crash(from: u64, to: u64) -> Script {
    Script {
        conditions: vec![(from, to, 0, down())],
        ..Script::default()
    }
}

#[test]
fn a_crash_loses_queue_and_work_and_refuses_until_it_is_back() {
    let lab = Lab::with_faults(one_worker(), crash(30, 60));
    lab.send(0, 0);
    lab.send(0, 1);
    lab.send(30, 2);
    lab.send(59, 3);
    lab.send(60, 4);
    assert_eq!(
        lab.transcript(),
        [
            "30 c0 connection",
            "30 c1 queued for 30 ms",
            "30 c1 connection",
            "30 c2 connection", // edges come before arrivals
            "59 c3 connection",
            "160 c4 ok"
        ]
    );
    assert_eq!(lab.service.stats().busy_ns, 130_000_000, "30 + 100 ms");
    assert!(!lab.service.has_work());
}

#[test]
fn the_errors_of_a_crash_travel_back() {
    let spec = ServiceSpec {
        network: Some(constant(5)),
        ..one_worker()
    };
    let lab = Lab::with_faults(spec, crash(30, 60));
    lab.send(0, 0);
    lab.send(30, 1);
    assert_eq!(lab.transcript(), ["35 c0 connection", "40 c1 connection"]);
}

#[test]
fn a_crash_ends_what_hangs_what_is_abandoned_and_what_waits_at_the_door() {
    let fails = Verdict::Fail {
        after: Some(ms(50)),
        class: ErrorClass::Error,
        status: Some(500),
        retry_after: None,
    };
    let faults = Script {
        verdicts: vec![(0, Verdict::Hang), (2, fails)],
        ..crash(30, 60)
    };
    let lab = Lab::with_faults(ServiceSpec::unlimited(constant(100)), faults);
    lab.send(0, 0);
    lab.send_and_cancel(0, 10, 1);
    lab.send(0, 2);
    assert_eq!(
        lab.transcript(),
        ["10 c1 cancelled", "30 c0 connection", "30 c2 connection"]
    );
    let stats = lab.service.stats();
    assert_eq!(stats.abandoned_ns, 20_000_000, "call 1, from 10 to 30 ms");
    assert_eq!(stats.busy_ns, 60_000_000, "calls 0 and 1");
    assert!(!lab.service.has_work());
}

#[test]
fn a_crash_strikes_one_replica_only() {
    let lab = Lab::with_faults(
        ServiceSpec {
            replicas: [one_worker().replicas, one_worker().replicas].concat(),
            ..one_worker()
        },
        crash(30, 60),
    );
    (0..4).for_each(|call| lab.send(0, call));
    assert_eq!(
        lab.transcript(),
        [
            "30 c0 connection",
            "30 c2 queued for 30 ms",
            "30 c2 connection",
            "100 c1 ok",
            "100 c3 queued for 100 ms",
            "200 c3 ok"
        ],
        "round robin: 0 and 2 at the replica that crashes"
    );
}

#[test]
fn lost_capacity_interrupts_nobody_and_what_is_back_takes_up_the_queue() {
    let faults = Script {
        conditions: vec![(50, 250, 0, capacity(1))],
        ..Script::default()
    };
    let spec = workers(constant(100), 2, QueueSpec::default());
    let lab = Lab::with_faults(spec, faults);
    (0..5).for_each(|call| lab.send(0, call));
    assert_eq!(
        lab.transcript(),
        [
            "100 c0 ok", // one worker is left, and call 1 has it
            "100 c1 ok",
            "100 c2 queued for 100 ms",
            "200 c2 ok",
            "200 c3 queued for 200 ms",
            "250 c4 queued for 250 ms", // the second worker is back
            "300 c3 ok",
            "350 c4 ok"
        ]
    );
}

#[test]
fn a_service_without_limit_has_one_while_faults_give_it_one() {
    let faults = Script {
        conditions: vec![(10, 150, 0, capacity(0))],
        ..Script::default()
    };
    let lab = Lab::with_faults(ServiceSpec::unlimited(constant(100)), faults);
    lab.send(0, 0);
    lab.send(20, 1);
    lab.send(30, 2);
    assert_eq!(
        lab.transcript(),
        [
            "100 c0 ok",
            "150 c1 queued for 130 ms",
            "150 c2 queued for 120 ms",
            "250 c1 ok",
            "250 c2 ok"
        ]
    );
}

#[test]
fn a_condition_that_holds_from_the_start_is_met_by_the_first_attempt() {
    let lab = Lab::with_faults(ServiceSpec::unlimited(constant(100)), crash(0, 10));
    lab.send(0, 0);
    lab.send(10, 1);
    assert_eq!(lab.transcript(), ["0 c0 connection", "110 c1 ok"]);
}

#[test]
fn in_a_pause_nothing_moves_and_the_rest_of_the_work_comes_after_it() {
    let faults = Script {
        paused: vec![(30, 80)],
        ..Script::default()
    };
    let queue = QueueSpec {
        limit: Some(1),
        ..QueueSpec::default()
    };
    let lab = Lab::with_faults(workers(constant(100), 1, queue), faults);
    lab.send(0, 0);
    lab.send(10, 1);
    lab.send(40, 2);
    assert_eq!(
        lab.transcript(),
        [
            "40 c2 refused",
            "80 c2 unavailable 503", // not even a refusal is answered
            "150 c0 ok",             // 30 + 50 of pause + 70
            "150 c1 queued for 140 ms",
            "250 c1 ok"
        ]
    );
}
