//! The versioned item: optimistic concurrency.

use std::cell::Cell;
use std::rc::Rc;

use awaitlab_core::{AttemptId, Purpose, Runtime, Streams};
use awaitlab_downstream::ServiceSpec;
use awaitlab_downstream::spec::{QueueSpec, RateLimit};

use crate::lab::{Lab, Times, at, attempt as attempt_of, constant, ms, workers};

fn versioned(network: Option<Times>, latency: Times) -> ServiceSpec<Times> {
    ServiceSpec {
        network,
        versioned_item: true,
        ..ServiceSpec::unlimited(latency)
    }
}

#[test]
fn one_attempt_is_a_read_and_a_write_of_four_legs() {
    let lab = Lab::new(versioned(Some(constant(10)), constant(0)));
    lab.send(0, 0);
    assert_eq!(lab.transcript(), ["40 c0 ok"]);
    let lab = Lab::new(versioned(Some(constant(10)), constant(7)));
    lab.send(0, 0);
    assert_eq!(lab.transcript(), ["54 c0 ok"], "and two service times");
}

#[test]
fn a_write_on_an_old_version_fails_and_changes_nothing() {
    let lab = Lab::new(versioned(None, Times::Ms(vec![10, 15, 20])));
    (0..3).for_each(|call| lab.send(0, call));
    // Reads end at 10, 15, 20, all of version 0; writes at 20, 30, 40.
    lab.send(35, 0);
    assert_eq!(
        lab.transcript(),
        [
            "20 c0 ok",
            "30 c1 error 412",
            "40 c2 error 412",
            "55 c0 ok" // read and written between the failures
        ]
    );
}

/// The AWS article of 2015 with two clients that try until they succeed, legs of |Normal(10, 2)| ms
/// there: one of them fails once.
#[test]
fn two_contenders_take_three_attempts() {
    let lab = Lab::new(versioned(Some(Times::Ms(vec![10, 11])), constant(0)));
    let attempts = Rc::new(Cell::new(0));
    for call in 0..2 {
        let (service, attempts) = (lab.service.clone(), attempts.clone());
        let silent = lab.silent();
        lab.engine.handle().spawn(async move {
            for attempt in 0.. {
                let id = AttemptId {
                    attempt,
                    ..attempt_of(call)
                };
                attempts.set(attempts.get() + 1);
                if service.serve(id, 0, silent.clone()).await.is_ok() {
                    break;
                }
            }
        });
    }
    lab.engine.run();
    assert_eq!(attempts.get(), 3);
    // Call 0 has written at 30 ms; call 1 hears of that at 44 ms and tries again, 44 ms more.
    assert_eq!(lab.engine.now(), at(88));
}

#[test]
fn an_attempt_draws_each_leg_and_each_service_time_anew() {
    let (latency, leg) = (Times::Exponential(5e6), Times::Exponential(1e7));
    let lab = Lab::new(versioned(Some(leg), latency));
    lab.send(0, 0);
    let two_of = |purpose, mean_ns: f64| {
        let mut draws = Streams::new(1, 0).stream(purpose, 0).draws(&attempt_of(0));
        let mut draw = || (-mean_ns * draws.uniform().ln()) as u64;
        let (first, second) = (draw(), draw());
        assert_ne!(first, second);
        first + second
    };
    let end = two_of(Purpose::RequestLeg, 1e7)
        + two_of(Purpose::Latency, 5e6)
        + two_of(Purpose::ResponseLeg, 1e7);
    lab.engine.run();
    assert_eq!(lab.engine.now().as_nanos(), end);
}

#[test]
fn the_quota_is_asked_once_per_attempt() {
    let quota = RateLimit {
        interval: ms(1000),
        burst: 1,
        reject_latency: ms(0),
    };
    let lab = Lab::new(ServiceSpec {
        rate_limit: Some(quota),
        ..versioned(Some(constant(10)), constant(0))
    });
    lab.send(0, 0);
    lab.send(20, 1);
    assert_eq!(
        lab.transcript(),
        [
            "30 c1 refused",
            "40 c0 ok",
            "40 c1 throttled 429, again in 980 ms"
        ],
        "the bucket fills from 10 ms on"
    );
}

#[test]
fn a_write_that_finds_the_queue_full_fails_but_was_not_refused() {
    let queue = QueueSpec {
        limit: Some(0),
        ..QueueSpec::default()
    };
    let lab = Lab::new(ServiceSpec {
        versioned_item: true,
        network: Some(constant(10)),
        ..workers(Times::Ms(vec![10, 30]), 1, queue)
    });
    lab.send(0, 0); // reads from 10 to 20, would write from 40
    lab.send(15, 1); // reads from 25 to 55
    assert_eq!(
        lab.transcript(),
        ["50 c0 unavailable 503", "115 c1 ok"],
        "call 1 writes from 75 to 105"
    );
}

#[test]
fn an_abandoned_write_is_still_written() {
    let lab = Lab::new(versioned(None, constant(10)));
    lab.send_and_cancel(0, 15, 0); // reads until 10, writes until 20
    lab.send(5, 1); // reads until 15, version 0; writes at 25
    assert_eq!(lab.transcript(), ["15 c0 cancelled", "25 c1 error 412"]);
}
