//! A runtime of several threads. Nothing here looks at a clock: calls end when they are told to.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use awaitlab_all::All;
use awaitlab_all_settled::AllSettled;
use awaitlab_bounded::{Bounded, OnError};
use awaitlab_core::Rest;
use awaitlab_tokio_runtime::{Drained, Settled, fan_out};
use tokio::task::yield_now;

/// Counts those that are alive.
struct Alive(Arc<AtomicUsize>);

impl Alive {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Alive(count.clone())
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn results_come_back_under_the_number_of_their_call() {
    let square = |call: usize| {
        move || async move {
            for _ in 0..call % 7 {
                yield_now().await;
            }
            if call % 10 == 3 {
                Err(call)
            } else {
                Ok(call * call)
            }
        }
    };
    let (work, reply) = fan_out(AllSettled, (0..500).map(square).collect());
    let work = tokio::spawn(work);
    let results = (0..500)
        .map(|n| Some(if n % 10 == 3 { Err(n) } else { Ok(n * n) }))
        .collect();
    assert_eq!(reply.await.settled, Settled::Fulfilled(results));
    assert_eq!(
        work.await.unwrap(),
        Drained {
            started: 500,
            unhandled: vec![]
        }
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_more_than_the_limit_are_ever_alive() {
    let (alive, peak) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let call = |_| {
        let (alive, peak) = (alive.clone(), peak.clone());
        move || async move {
            let guard = Alive::new(&alive);
            peak.fetch_max(alive.load(Ordering::SeqCst), Ordering::SeqCst);
            yield_now().await;
            drop(guard);
            Ok::<(), ()>(())
        }
    };
    let three = Bounded::new(3, OnError::Stop, Rest::Cancel).unwrap();
    let (work, reply) = fan_out(three, (0..200).map(call).collect());
    tokio::spawn(work);
    assert_eq!(
        reply.await.settled,
        Settled::Fulfilled(vec![Some(Ok(())); 200])
    );
    assert!(peak.load(Ordering::SeqCst) <= 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_cancelled_is_gone_when_the_caller_hears_of_it() {
    for _ in 0..50 {
        let alive = Arc::new(AtomicUsize::new(0));
        let call = |call: usize| {
            let alive = alive.clone();
            move || async move {
                let _guard = Alive::new(&alive);
                if call == 7 {
                    yield_now().await;
                    return Err("down");
                }
                pending::<Result<(), &str>>().await
            }
        };
        let (work, reply) = fan_out(All { rest: Rest::Cancel }, (0..20).map(call).collect());
        tokio::spawn(work);
        assert_eq!(
            reply.await.settled,
            Settled::Rejected {
                call: 7,
                error: "down"
            }
        );
        assert_eq!(alive.load(Ordering::SeqCst), 0);
    }
}
