//! Calls that stay on their thread: what they share needs no lock. That `fan_out_local` answers as
//! `fan_out` does is held beside its code.

use std::cell::Cell;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

use awaitlab_all::All;
use awaitlab_all_settled::AllSettled;
use awaitlab_bounded::{Bounded, OnError};
use awaitlab_core::Rest;
use awaitlab_tokio_runtime::{Drained, Settled, fan_out_local, paused};
use tokio::task::spawn_local;
use tokio::time::sleep;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn calls_share_what_is_not_send() {
    let (settled, drained, peak) = paused(|_| async {
        let (alive, peak) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let call = |number: u64| {
            let (alive, peak) = (alive.clone(), peak.clone());
            move || async move {
                alive.set(alive.get() + 1);
                peak.set(alive.get().max(peak.get()));
                sleep(ms(number)).await;
                alive.set(alive.get() - 1);
                Ok::<_, ()>(Rc::new(number))
            }
        };
        let three = Bounded::new(3, OnError::Collect, Rest::Orphan).unwrap();
        let (work, reply) = fan_out_local(three, (1..=20).map(call).collect());
        let work = spawn_local(work);
        (reply.await.settled, work.await.unwrap(), peak.get())
    });
    let results = (1..=20).map(|number| Some(Ok(Rc::new(number))));
    assert_eq!(settled, Settled::Fulfilled(results.collect()));
    assert_eq!((drained.started, peak), (20, 3));
}

#[test]
fn what_is_cancelled_is_gone_when_the_caller_hears_of_it() {
    paused(|_| async {
        let alive = Rc::new(());
        let call = |number: u64| {
            let held = alive.clone();
            move || async move {
                let _held = held;
                sleep(ms(number)).await;
                if number == 5 {
                    return Err("down");
                }
                pending::<Result<(), &str>>().await
            }
        };
        let (work, reply) = fan_out_local(All { rest: Rest::Cancel }, (0..10).map(call).collect());
        spawn_local(work);
        let rejected = Settled::Rejected {
            call: 5,
            error: "down",
        };
        assert_eq!(reply.await.settled, rejected);
        assert_eq!(Rc::strong_count(&alive), 1);
    });
}

#[test]
fn dropping_the_work_drops_its_calls() {
    paused(|_| async {
        let alive = Rc::new(());
        let held = alive.clone();
        let call = move || async move {
            let _held = held;
            pending::<Result<(), ()>>().await
        };
        let (work, reply) = fan_out_local(AllSettled, vec![call]);
        let work = spawn_local(work);
        sleep(ms(1)).await;
        work.abort();
        assert_eq!(reply.await.settled, Settled::NeverSettled);
        assert_eq!(Rc::strong_count(&alive), 1);
    });
}

#[test]
fn a_call_that_is_ready_at_once_needs_no_task() {
    // No `LocalSet` stands around this, so nothing can be spawned on it.
    let tokio = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let drained = tokio.block_on(async {
        let call = || std::future::ready(Ok::<_, ()>(Rc::new(1)));
        let (work, _reply) = fan_out_local(AllSettled, vec![call]);
        work.await
    });
    let all = Drained {
        started: 1,
        unhandled: vec![],
    };
    assert_eq!(drained, all);
}

async fn panics_after(after_ms: u64) -> Result<Rc<()>, ()> {
    if after_ms > 0 {
        sleep(ms(after_ms)).await;
    }
    panic!("a bug in a call")
}

#[test]
fn a_panic_of_a_call_goes_on_in_the_caller() {
    for after_ms in [0, 10] {
        let caller = catch_unwind(AssertUnwindSafe(|| {
            paused(|_| async move {
                let call = move || panics_after(after_ms);
                let (work, reply) = fan_out_local(AllSettled, vec![call]);
                spawn_local(work);
                reply.await
            })
        }));
        let payload = caller.expect_err("the call's panic");
        assert_eq!(payload.downcast_ref(), Some(&"a bug in a call"));
    }
}
