//! The same service on tokio's paused clock.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use awaitlab_core::{Instant, Ledger, Runtime, Streams};
use awaitlab_downstream::spec::{OnCancel, QueueSpec};
use awaitlab_downstream::{Service, ServiceSpec, ServiceStats};
use awaitlab_engine::Engine;
use awaitlab_tokio_runtime::paused;

use crate::lab::{Script, Times, attempt, constant, down, ms, workers};

#[derive(Clone)]
struct Silent;

impl Ledger for Silent {
    fn refused(&self) {}

    fn queued_for(&self, _: u64) {}
}

/// No two of its events that bear on each other fall on one instant, for tokio orders those as it
/// likes.
fn spec(on_cancel: OnCancel) -> ServiceSpec<Times> {
    let queue = QueueSpec {
        limit: Some(4),
        expire: Some(ms(150)),
        ..QueueSpec::default()
    };
    ServiceSpec {
        network: Some(constant(7)),
        on_cancel,
        ..workers(Times::Ms(vec![100, 53, 91, 67, 83, 79, 61]), 2, queue)
    }
}

/// Sends calls, cancels some of them, and says when and how each ended.
async fn run<R: Runtime>(
    runtime: R,
    on_cancel: OnCancel,
) -> (Vec<(Instant, u32, bool)>, ServiceStats) {
    let faults = Script {
        conditions: vec![(411, 433, 0, down())],
        ..Script::default()
    };
    let service = Service::new(runtime.clone(), 0, 1, spec(on_cancel), faults);
    service.begin_replication(Streams::new(1, 0));
    let ended = Rc::new(RefCell::new(Vec::new()));
    for call in 0..20 {
        let (service, ended) = (service.clone(), ended.clone());
        let at = runtime.clone();
        let task = runtime.spawn(async move {
            at.sleep(ms(1 + 23 * u64::from(call))).await;
            let answer = service.serve(attempt(call), 0, Silent).await;
            ended.borrow_mut().push((at.now(), call, answer.is_ok()));
        });
        if call % 3 == 1 {
            let at = runtime.clone();
            runtime.spawn(async move {
                at.sleep(ms(1 + 23 * u64::from(call) + 59)).await;
                at.cancel(&task);
            });
        }
    }
    runtime.sleep(Duration::from_secs(10)).await;
    (ended.take(), service.stats())
}

#[test]
fn virtual_time_and_tokio_agree_on_every_answer() {
    for on_cancel in [OnCancel::KeepWorking, OnCancel::Stop] {
        let on_tokio = paused(|runtime| run(runtime, on_cancel));
        let engine = Engine::new();
        let seen = Rc::new(RefCell::new(None));
        let (runtime, note) = (engine.handle().clone(), seen.clone());
        engine.handle().spawn(async move {
            let outcome = run(runtime, on_cancel).await;
            note.replace(Some(outcome));
        });
        engine.run();
        let (ends, _) = &on_tokio;
        assert!(ends.iter().any(|(.., ok)| *ok) && ends.iter().any(|(.., ok)| !*ok));
        assert_eq!(seen.take(), Some(on_tokio), "{on_cancel:?}");
    }
}
