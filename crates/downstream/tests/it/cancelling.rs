//! What a cancelled attempt leaves behind, wherever it is.

use awaitlab_core::Verdict;
use awaitlab_downstream::ServiceSpec;
use awaitlab_downstream::spec::{Balance, OnCancel, QueueSpec, ReplicaSpec};

use crate::lab::{Lab, Script, Times, constant, down, ms, workers};

fn one_worker(on_cancel: OnCancel) -> ServiceSpec<Times> {
    ServiceSpec {
        on_cancel,
        ..workers(constant(100), 1, QueueSpec::default())
    }
}

/// Busy and abandoned time in ms.
fn worked(lab: &Lab) -> (u128, u128) {
    let stats = lab.service.stats();
    (stats.busy_ns / 1_000_000, stats.abandoned_ns / 1_000_000)
}

#[test]
fn work_goes_on_to_its_end_and_keeps_its_worker() {
    let lab = Lab::new(one_worker(OnCancel::KeepWorking));
    lab.send_and_cancel(0, 30, 0);
    lab.send(0, 1);
    lab.look(50, |service| format!("has work: {}", service.has_work()));
    assert_eq!(
        lab.transcript(),
        [
            "30 c0 cancelled",
            "50 has work: true",
            "100 c1 queued for 100 ms",
            "200 c1 ok"
        ]
    );
    assert_eq!(worked(&lab), (200, 70));
}

#[test]
fn a_place_in_the_queue_is_kept_and_the_work_done_for_nobody() {
    let lab = Lab::new(one_worker(OnCancel::KeepWorking));
    lab.send(0, 0);
    lab.send_and_cancel(0, 30, 1);
    lab.send(0, 2);
    assert_eq!(
        lab.transcript(),
        [
            "30 c1 queued for 30 ms", // its account is closed
            "30 c1 cancelled",
            "100 c0 ok",
            "100 c1 stayed for 70 ms",
            "200 c2 queued for 200 ms",
            "300 c2 ok"
        ]
    );
    assert_eq!(worked(&lab), (300, 100), "all of the work on call 1");
    assert!(!lab.service.has_work());
}

#[test]
fn a_service_that_stops_gives_the_worker_to_the_next_at_once() {
    let lab = Lab::new(one_worker(OnCancel::Stop));
    lab.send_and_cancel(0, 30, 0);
    lab.send(0, 1);
    assert_eq!(
        lab.transcript(),
        ["30 c0 cancelled", "30 c1 queued for 30 ms", "130 c1 ok"]
    );
    assert_eq!(worked(&lab), (130, 0));
}

#[test]
fn a_service_that_stops_frees_the_place_in_the_queue() {
    let lab = Lab::new(ServiceSpec {
        on_cancel: OnCancel::Stop,
        ..workers(
            constant(100),
            1,
            QueueSpec {
                limit: Some(1),
                ..QueueSpec::default()
            },
        )
    });
    lab.send(0, 0);
    lab.send_and_cancel(0, 30, 1);
    lab.send(31, 2);
    assert_eq!(
        lab.transcript(),
        [
            "30 c1 queued for 30 ms",
            "30 c1 cancelled",
            "100 c0 ok",
            "100 c2 queued for 69 ms",
            "200 c2 ok"
        ]
    );
    assert_eq!(worked(&lab), (200, 0));
}

#[test]
fn on_the_way_there_and_back_only_the_message_is_lost() {
    for on_cancel in [OnCancel::KeepWorking, OnCancel::Stop] {
        let lab = Lab::new(ServiceSpec {
            network: Some(constant(20)),
            ..one_worker(on_cancel)
        });
        lab.send_and_cancel(0, 10, 0);
        lab.send_and_cancel(0, 130, 1);
        assert_eq!(lab.transcript(), ["10 c0 cancelled", "130 c1 cancelled"]);
        assert_eq!(worked(&lab), (100, 0), "call 1, from 20 to 120 ms");
        assert!(!lab.service.has_work());
    }
}

#[test]
fn a_stuck_attempt_holds_its_worker_unless_the_service_stops() {
    for (on_cancel, expected) in [
        (OnCancel::KeepWorking, vec!["30 c0 cancelled"]),
        (
            OnCancel::Stop,
            vec!["30 c0 cancelled", "30 c1 queued for 30 ms", "130 c1 ok"],
        ),
    ] {
        let faults = Script {
            verdicts: vec![(0, Verdict::Hang)],
            ..Script::default()
        };
        let lab = Lab::with_faults(one_worker(on_cancel), faults);
        lab.send_and_cancel(0, 30, 0);
        lab.send(0, 1);
        assert_eq!(lab.transcript(), expected, "{on_cancel:?}");
        assert_eq!(worked(&lab).1, 0, "it hangs: nobody works");
    }
}

#[test]
fn the_rest_of_the_work_keeps_its_turn_among_the_events_of_its_instant() {
    // Both are done at 100 ms, call 0 first; call 0 was cancelled and still frees its worker first.
    let replica = ReplicaSpec {
        workers: Some(2),
        ..ReplicaSpec::unlimited(Times::Ms(vec![100, 100, 10, 20]))
    };
    let lab = Lab::new(ServiceSpec {
        replicas: vec![replica],
        ..ServiceSpec::unlimited(constant(0))
    });
    lab.send_and_cancel(0, 30, 0);
    (1..4).for_each(|call| lab.send(0, call));
    assert_eq!(
        lab.transcript(),
        [
            "30 c0 cancelled",
            "100 c2 queued for 100 ms",
            "100 c1 ok",
            "100 c3 queued for 100 ms",
            "110 c2 ok",
            "120 c3 ok"
        ]
    );
}

#[test]
fn the_balancing_forgets_a_cancelled_attempt_though_its_work_goes_on() {
    let lab = Lab::new(ServiceSpec {
        replicas: vec![
            ReplicaSpec::unlimited(Times::Ms(vec![100])),
            ReplicaSpec::unlimited(Times::Ms(vec![500])),
        ],
        balance: Balance::LeastInFlight,
        ..ServiceSpec::unlimited(constant(0))
    });
    // One each; the one that is cancelled makes its replica the emptier.
    lab.send(0, 0);
    lab.send_and_cancel(0, 10, 1);
    lab.send(20, 2);
    lab.send(20, 3);
    let seen = lab.transcript();
    let fast_first = seen.contains(&"100 c0 ok".to_owned());
    let third = if fast_first { "520 c2 ok" } else { "120 c2 ok" };
    assert!(seen.contains(&third.to_owned()), "{seen:?}");
}

#[test]
fn a_run_that_is_taken_apart_leaves_no_abandoned_work_running() {
    let lab = Lab::new(one_worker(OnCancel::KeepWorking));
    lab.send(0, 0);
    lab.send(0, 1);
    lab.engine.run_until(crate::lab::at(50));
    lab.engine.reset();
    lab.service
        .begin_replication(awaitlab_core::Streams::new(1, 1));
    assert_eq!(lab.engine.pending_timers(), 0);
    assert!(!lab.service.has_work());
    lab.send(0, 2);
    assert_eq!(
        lab.transcript(),
        ["0 c0 cancelled", "0 c1 cancelled", "100 c2 ok"]
    );
}

#[test]
fn an_abandoned_place_that_expires_is_gone_and_how_long_it_stayed_is_told() {
    let expiring = QueueSpec {
        expire: Some(ms(50)),
        ..QueueSpec::default()
    };
    let lab = Lab::new(workers(constant(100), 1, expiring));
    lab.send(0, 0);
    lab.send_and_cancel(0, 30, 1);
    lab.look(110, |service| format!("{} wait", service.queued()));
    assert_eq!(
        lab.transcript(),
        [
            "30 c1 queued for 30 ms",
            "30 c1 cancelled",
            "100 c0 ok",
            "100 c1 stayed for 70 ms",
            "110 0 wait"
        ]
    );
}

#[test]
fn an_abandoned_place_is_lost_in_a_crash() {
    let faults = Script {
        conditions: vec![(60, 80, 0, down())],
        ..Script::default()
    };
    let lab = Lab::with_faults(one_worker(OnCancel::KeepWorking), faults);
    lab.send(0, 0);
    lab.send_and_cancel(0, 30, 1);
    assert_eq!(
        lab.transcript(),
        [
            "30 c1 queued for 30 ms",
            "30 c1 cancelled",
            "60 c0 connection",
            "60 c1 stayed for 30 ms"
        ]
    );
}
