//! A service without any limit.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use awaitlab_core::{ErrorClass, Instant, Runtime, Streams, Verdict};
use awaitlab_downstream::ServiceSpec;
use awaitlab_downstream::spec::{OnCancel, QueueSpec};

use crate::lab::{Lab, Script, Times, attempt, constant, ms, workers};

fn judged(verdict: Verdict) -> Vec<String> {
    let faults = Script {
        verdicts: vec![(5, verdict)],
        ..Script::default()
    };
    let by_call = Times::Ms(vec![100, 101, 102, 103, 104, 105]);
    let lab = Lab::with_faults(ServiceSpec::unlimited(by_call), faults);
    lab.send(1000, 5);
    lab.transcript()
}

fn fails(after: Option<Duration>) -> Verdict {
    Verdict::Fail {
        after,
        class: ErrorClass::Error,
        status: Some(503),
        retry_after: None,
    }
}

#[test]
fn an_attempt_is_answered_after_its_own_latency() {
    assert_eq!(judged(Verdict::Serve), ["1105 c5 ok"]);
}

#[test]
fn an_error_takes_its_own_time_or_the_latency_of_the_attempt() {
    assert_eq!(judged(fails(Some(ms(7)))), ["1007 c5 error 503"]);
    assert_eq!(judged(fails(None)), ["1105 c5 error 503"]);
}

#[test]
fn a_hanging_attempt_is_never_answered() {
    assert!(judged(Verdict::Hang).is_empty());
}

#[test]
fn slowness_multiplies_first_and_adds_then() {
    let slow = |factor, add| judged(Verdict::Slow { factor, add });
    assert_eq!(slow(2.0, ms(3)), ["1213 c5 ok"], "1000 + 2 x 105 + 3");
    let end_ms = Instant::FAR_FUTURE.as_nanos() as f64 / 1e6;
    assert_eq!(
        slow(f64::MAX, Duration::MAX),
        [format!("{end_ms} c5 ok")],
        "saturates"
    );
}

#[test]
fn an_answer_that_takes_no_time_is_still_an_event() {
    let lab = Lab::new(ServiceSpec::unlimited(constant(0)));
    lab.send(0, 0);
    assert_eq!(lab.engine.events(), 0);
    assert_eq!(lab.transcript(), ["0 c0 ok"]);
    assert_eq!(lab.engine.events(), 1);
}

#[test]
fn a_cancelled_attempt_leaves_its_work_behind_unless_the_service_stops() {
    for (on_cancel, busy_ms, abandoned_ms) in
        [(OnCancel::KeepWorking, 100, 70), (OnCancel::Stop, 30, 0)]
    {
        let spec = ServiceSpec {
            on_cancel,
            ..ServiceSpec::unlimited(constant(100))
        };
        let lab = Lab::new(spec);
        lab.send_and_cancel(0, 30, 0);
        lab.engine.run();
        let stats = lab.service.stats();
        assert_eq!(stats.busy_ns, busy_ms * 1_000_000, "{on_cancel:?}");
        assert_eq!(stats.abandoned_ns, abandoned_ms * 1_000_000);
    }
}

#[test]
fn a_new_replication_begins_at_zero() {
    let lab = Lab::new(ServiceSpec::unlimited(constant(100)));
    lab.send_and_cancel(0, 30, 0);
    lab.engine.run();
    lab.engine.reset();
    lab.service.begin_replication(Streams::new(1, 1));
    let stats = lab.service.stats();
    assert_eq!((stats.busy_ns, stats.abandoned_ns), (0, 0));
}

#[test]
fn the_wait_for_an_answer_is_small() {
    let lab = Lab::new(ServiceSpec::unlimited(constant(100)));
    let wait = lab.service.serve(attempt(0), 0, lab.notes(0));
    // A call in flight may cost 200 bytes in all; this is its innermost part.
    let size = size_of_val(&wait);
    assert!(size <= 96, "{size} bytes");
}

/// Every way through a service: without limits, with workers alone, with all there is.
fn ways() -> [ServiceSpec<Times>; 3] {
    let workers = workers(constant(100), 2, QueueSpec::default());
    [
        ServiceSpec::unlimited(constant(100)),
        workers.clone(),
        ServiceSpec {
            network: Some(constant(0)),
            ..workers
        },
    ]
}

#[test]
fn whoever_awaits_an_answer_is_woken_by_it() {
    for spec in ways() {
        let lab = Lab::new(spec);
        let (service, notes) = (lab.service.clone(), lab.notes(1));
        let heard = Rc::new(Cell::new(None));
        let (told, runtime) = (heard.clone(), lab.engine.handle().clone());
        lab.engine.handle().spawn(async move {
            let result = service.serve(attempt(1), 0, notes).await;
            told.set(Some((runtime.now() - Instant::START, result)));
        });
        assert_eq!(lab.transcript(), ["100 c1 ok"]);
        assert_eq!(heard.get(), Some((ms(100), Ok(()))));
    }
}

#[test]
fn an_attempt_that_nobody_awaits_is_told_to_its_ledger_and_can_be_cancelled() {
    for spec in ways() {
        let lab = Lab::new(spec);
        let [_first, second] = [1, 2].map(|call| {
            let notes = lab.notes(call);
            lab.service.send(attempt(call), 0, notes)
        });
        lab.service.cancel(second);
        assert_eq!(lab.transcript(), ["0 c2 cancelled", "100 c1 ok"]);
    }
}
