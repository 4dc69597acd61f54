//! Strategies in production: any of them, over closures that return futures.

use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll};

use awaitlab_core::{Job, Strategy};
use tokio::sync::oneshot;

use crate::caught::{Panic, caught};
use crate::in_flight::Running;
use crate::job::FanOut;
use crate::outcome::{Drained, Outcome, Settled};
use crate::spawner::{AnyThread, Spawner, ThisThread};

/// The caller's end of a fan-out: ready when the strategy has settled.
///
/// Dropping it stops nothing; dropping or aborting the work does.
#[derive(Debug)]
pub struct Reply<T, E>(oneshot::Receiver<Replied<T, E>>);

/// An outcome, or what a call panicked with.
pub(crate) type Replied<T, E> = Result<Outcome<T, E>, Panic>;

/// Runs `calls` as `strategy` says: the work, to be spawned, and the reply, to be awaited.
///
/// They are two because a strategy may go on after it has answered: the queue of p-limit under
/// `Promise.all` is still worked off, orphans are still in flight. The work begins when it is first
/// polled and is ready when the last call has ended. Each call is a task of its own from its first
/// poll on. The work is `Send` where strategy and calls are: spawn it with `tokio::spawn`, or on a
/// `LocalSet`.
///
/// What is cancelled is dropped before the reply is ready. Dropping the work drops its calls.
///
/// # Panics
/// Work and reply are to be polled inside a tokio runtime. A call that panics ends the job, its
/// other calls are dropped and the panic goes on in the reply; in the work, where the reply has been
/// given.
pub fn fan_out<S, C, F, T, E>(
    strategy: S,
    calls: Vec<C>,
) -> (impl Future<Output = Drained>, Reply<T, E>)
where
    S: Strategy,
    C: FnOnce() -> F,
    F: Future<Output = Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    fan_out_on(AnyThread, strategy, calls)
}

/// [`fan_out`] for calls that stay on their thread: the same in everything, but that nothing need be
/// `Send`, and that the work is to be polled, and its calls run, on a `LocalSet`.
///
/// Such are calls with policies around them, whose state is shared without locks.
///
/// # Panics
/// As [`fan_out`], and in the work when it is polled outside a `LocalSet`.
pub fn fan_out_local<S, C, F, T, E>(
    strategy: S,
    calls: Vec<C>,
) -> (impl Future<Output = Drained>, Reply<T, E>)
where
    S: Strategy,
    C: FnOnce() -> F,
    F: Future<Output = Result<T, E>> + 'static,
    T: 'static,
    E: 'static,
{
    fan_out_on(ThisThread::default(), strategy, calls)
}

fn fan_out_on<P, S, C, F, T, E>(
    spawner: P,
    strategy: S,
    calls: Vec<C>,
) -> (impl Future<Output = Drained>, Reply<T, E>)
where
    P: Spawner<Running<F>>,
    S: Strategy,
    C: FnOnce() -> F,
    F: Future<Output = Result<T, E>>,
{
    let (reply, receiver) = oneshot::channel();
    let mut job = FanOut::new(calls, reply, spawner);
    let work = async move {
        if let Err(payload) = caught(run(&strategy, &mut job)).await {
            job.cancel_rest();
            job.pass_on(payload);
        }
        job.drained()
    };
    (work, Reply(receiver))
}

async fn run<P, S, C, F, T, E>(strategy: &S, job: &mut FanOut<C, F, T, E, P>)
where
    P: Spawner<Running<F>>,
    S: Strategy,
    C: FnOnce() -> F,
    F: Future<Output = Result<T, E>>,
{
    strategy.run(job).await;
    job.reply(Settled::NeverSettled);
    while job.next_settled().await.is_some() {}
}

impl<T, E> Future for Reply<T, E> {
    type Output = Outcome<T, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome<T, E>> {
        Pin::new(&mut self.0).poll(cx).map(|replied| match replied {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(payload)) => resume_unwind(payload),
            Err(_dropped) => Outcome {
                settled: Settled::NeverSettled,
                unhandled: Vec::new(),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::time::Duration;

    use awaitlab_all::All;
    use awaitlab_all_settled::AllSettled;
    use awaitlab_any::Any;
    use awaitlab_bounded::{Bounded, OnError};
    use awaitlab_core::Rest;
    use awaitlab_eager_in_order::EagerInOrder;
    use awaitlab_race::Race;
    use tokio::time::{Instant, sleep};

    use super::*;
    use crate::paused;

    type CallResult = Result<&'static str, &'static str>;
    type Running = Pin<Box<dyn Future<Output = CallResult> + Send>>;

    fn scripted(script: Vec<(u64, CallResult)>) -> Vec<impl FnOnce() -> Running> {
        let call = |(after_ms, result)| {
            move || -> Running {
                Box::pin(async move {
                    sleep(Duration::from_millis(after_ms)).await;
                    result
                })
            }
        };
        script.into_iter().map(call).collect()
    }

    /// Something, and the milliseconds after which it came.
    type After<T> = (u128, T);

    /// What came of it for the caller, and in the end.
    type BothEnds = (After<Outcome<&'static str, &'static str>>, After<Drained>);

    /// The same on any thread and on this one.
    fn both_ends(
        strategy: impl Strategy + Clone + 'static,
        script: Vec<(u64, CallResult)>,
    ) -> BothEnds {
        let local = paused(|_| {
            let (work, reply) = fan_out_local(strategy.clone(), scripted(script.clone()));
            ends_of(work, reply)
        });
        let anywhere = paused(|_| {
            let (work, reply) = fan_out(strategy, scripted(script));
            ends_of(work, reply)
        });
        assert_eq!(local, anywhere);
        anywhere
    }

    async fn ends_of(
        work: impl Future<Output = Drained> + 'static,
        reply: Reply<&'static str, &'static str>,
    ) -> BothEnds {
        let began = Instant::now();
        let work = tokio::task::spawn_local(work);
        let replied = reply.await;
        let replied_after = began.elapsed().as_millis();
        let drained = work.await.unwrap();
        (
            (replied_after, replied),
            (began.elapsed().as_millis(), drained),
        )
    }

    fn outcome<T, E>(settled: Settled<T, E>) -> Outcome<T, E> {
        Outcome {
            settled,
            unhandled: vec![],
        }
    }

    #[test]
    fn a_fulfilled_caller_gets_results_and_errors_by_call() {
        let script = vec![(30, Ok("a")), (10, Err("b is down")), (20, Ok("c"))];
        let (replied, drained) = both_ends(AllSettled, script);
        let results = vec![Some(Ok("a")), Some(Err("b is down")), Some(Ok("c"))];
        assert_eq!(replied, (30, outcome(Settled::Fulfilled(results))));
        assert_eq!(
            drained,
            (
                30,
                Drained {
                    started: 3,
                    unhandled: vec![]
                }
            )
        );
    }

    #[test]
    fn a_call_that_was_not_waited_for_has_no_result() {
        let script = vec![(30, Ok("a")), (10, Err("b is down")), (20, Ok("c"))];
        let (replied, drained) = both_ends(Any { rest: Rest::Orphan }, script);
        let results = vec![None, Some(Err("b is down")), Some(Ok("c"))];
        assert_eq!(replied, (20, outcome(Settled::Fulfilled(results))));
        assert_eq!(drained.0, 30, "call 0 runs on as an orphan");
    }

    #[test]
    fn a_rejected_caller_gets_the_error_and_whose_it_is() {
        let script = vec![(30, Ok("a")), (10, Ok("b")), (20, Err("c is down"))];
        let (replied, drained) = both_ends(All { rest: Rest::Cancel }, script);
        let rejected = Settled::Rejected {
            call: 2,
            error: "c is down",
        };
        assert_eq!(replied, (20, outcome(rejected)));
        assert_eq!(drained.0, 20, "call 0 was cancelled");
    }

    #[test]
    fn a_caller_rejected_with_all_gets_every_error_in_order_of_time() {
        let script = vec![(30, Err("a is down")), (10, Err("b is down"))];
        let (replied, _) = both_ends(Any::default(), script);
        let all = Settled::RejectedWithAll(vec![(1, "b is down"), (0, "a is down")]);
        assert_eq!(replied, (30, outcome(all)));
    }

    #[test]
    fn the_caller_has_its_answer_while_the_strategy_still_starts_its_queue() {
        let script = vec![(10, Err("a is down")), (20, Ok("b")), (30, Ok("c"))];
        let pool = Bounded::new(1, OnError::KeepStarting, Rest::Orphan).unwrap();
        let (replied, drained) = both_ends(pool, script);
        assert_eq!(
            replied,
            (
                10,
                outcome(Settled::Rejected {
                    call: 0,
                    error: "a is down"
                })
            )
        );
        // 10 + 20 + 30
        assert_eq!(
            drained,
            (
                60,
                Drained {
                    started: 3,
                    unhandled: vec![]
                }
            )
        );
    }

    #[test]
    fn failures_that_nobody_awaited_are_named_at_both_ends() {
        let script = vec![
            (20, Err("a is down")),
            (10, Err("b is down")),
            (30, Err("c is down")),
        ];
        let (replied, drained) = both_ends(EagerInOrder { rest: Rest::Orphan }, script);
        let settled = Settled::Rejected {
            call: 0,
            error: "a is down",
        };
        assert_eq!(
            replied,
            (
                20,
                Outcome {
                    settled,
                    unhandled: vec![1]
                }
            )
        );
        assert_eq!(
            drained,
            (
                30,
                Drained {
                    started: 3,
                    unhandled: vec![1, 2]
                }
            )
        );
    }

    #[test]
    fn a_strategy_that_ends_without_an_answer_never_settles() {
        let (replied, drained) = both_ends(Race::default(), vec![]);
        assert_eq!(replied, (0, outcome(Settled::NeverSettled)));
        assert_eq!(
            drained,
            (
                0,
                Drained {
                    started: 0,
                    unhandled: vec![]
                }
            )
        );
    }

    #[test]
    fn calls_that_are_ready_at_once_are_handed_out_in_the_order_of_their_start() {
        let ready = |error: usize| move || std::future::ready(Err::<(), usize>(error));
        let replied = paused(|_| async move {
            // More than tokio's budget of 128 operations between two yields.
            let (work, reply) = fan_out(Any::default(), (0..300).map(ready).collect());
            tokio::spawn(work);
            reply.await
        });
        let all = (0..300).map(|call| (call, call)).collect();
        assert_eq!(replied, outcome(Settled::RejectedWithAll(all)));
    }

    #[test]
    fn a_caller_that_leaves_stops_nothing() {
        let drained = paused(|_| async {
            let (work, reply) = fan_out(AllSettled, scripted(vec![(10, Ok("a")), (20, Ok("b"))]));
            drop(reply);
            let began = Instant::now();
            (work.await, began.elapsed().as_millis())
        });
        assert_eq!(
            drained,
            (
                Drained {
                    started: 2,
                    unhandled: vec![]
                },
                20
            )
        );
    }

    #[test]
    fn dropping_the_work_drops_its_calls_and_leaves_the_caller_without_an_answer() {
        let alive = std::sync::Arc::new(());
        let held = alive.clone();
        let replied = paused(|_| async move {
            let call = move || async move {
                let _held = held;
                std::future::pending::<Result<(), ()>>().await
            };
            let (work, reply) = fan_out(AllSettled, vec![call]);
            let mut work = Box::pin(work);
            tokio::select! {
                biased;
                _ = &mut work => unreachable!("the call never ends"),
                () = sleep(Duration::from_millis(1)) => {}
            }
            drop(work);
            assert_eq!(std::sync::Arc::strong_count(&alive), 1, "gone at once");
            reply.await
        });
        assert_eq!(replied, outcome(Settled::NeverSettled));
    }

    async fn panics_after(after_ms: u64) -> CallResult {
        sleep(Duration::from_millis(after_ms)).await;
        panic!("a bug in a call")
    }

    #[test]
    fn a_panic_of_a_call_goes_on_in_the_caller() {
        for after_ms in [0, 10] {
            let caller = catch_unwind(AssertUnwindSafe(|| {
                paused(|_| async move {
                    let (work, reply) = fan_out(AllSettled, vec![move || panics_after(after_ms)]);
                    tokio::spawn(work);
                    reply.await
                })
            }));
            let payload = caller.expect_err("the call's panic");
            assert_eq!(payload.downcast_ref(), Some(&"a bug in a call"));
        }
    }

    #[test]
    fn a_panic_after_the_answer_goes_on_in_the_work() {
        paused(|_| async {
            let calls = [5, 10]
                .map(|after_ms| move || panics_or_fails(after_ms))
                .into();
            let (work, reply) = fan_out(All { rest: Rest::Orphan }, calls);
            let work = tokio::spawn(work);
            let rejected = Settled::Rejected {
                call: 0,
                error: "down",
            };
            assert_eq!(reply.await, outcome(rejected));
            assert!(work.await.unwrap_err().is_panic());
        });
    }

    async fn panics_or_fails(after_ms: u64) -> CallResult {
        if after_ms == 5 {
            sleep(Duration::from_millis(after_ms)).await;
            return Err("down");
        }
        panics_after(after_ms).await
    }
}
