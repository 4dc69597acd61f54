//! Calls of a simulated job that something stands around, and the attempts they make.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use awaitlab_client::Turn;
use awaitlab_core::{CallError, CallResult, ErrorClass, Runtime, Streams};
use awaitlab_policies::{Attempts, Event, Interest, Outcome, Reply, Stack, Visit};

use crate::job::account::Sent;
use crate::job::attempt::{Answer, InFlight};
use crate::job::runtime::OfJob;
use crate::job::{Alive, Shared};

/// One call of a process with connections or an event loop.
pub(crate) async fn run_through_client<R: Runtime>(alive: Alive<R>, call: u32) {
    let answer = attempt_through_client(alive.clone(), call, 0, Interest::default()).await;
    alive.job().call_ended(call, answer.map(Reply::Genuine));
}

/// One call with policies around its attempts: the task that it is.
pub(crate) fn spawn_with_policies<R: Runtime>(alive: Alive<R>, call: u32, stack: Stack) -> R::Task {
    let spawn = Spawn(alive.job().world.runtime.clone());
    let attempts = CallAttempts {
        runtime: OfJob(alive),
        call,
    };
    stack.call_with(attempts, spawn)
}

/// Spawns a call's future as it is.
struct Spawn<R>(R);

impl<R: Runtime> Visit<CallAttempts<R>> for Spawn<R> {
    type Output = R::Task;

    fn visit<F>(self, call: impl FnOnce() -> F + 'static) -> R::Task
    where
        F: Future<Output = Outcome<CallAttempts<R>>> + 'static,
    {
        self.0.spawn(async move {
            // Made here, or the task would hold it twice. Its attempts hear of its end.
            let _ = call().await;
        })
    }
}

/// The bottom of a call's stack of policies: attempts at a simulated service.
pub(crate) struct CallAttempts<R: Runtime> {
    runtime: OfJob<R>,
    call: u32,
}

impl<R: Runtime> Attempts for CallAttempts<R> {
    type Runtime = OfJob<R>;
    type Value = ();
    type Error = CallError;

    #[inline]
    fn runtime(&self) -> &OfJob<R> {
        &self.runtime
    }

    fn streams(&self) -> (Streams, u64, u32) {
        let job = self.runtime.job();
        (job.world.streams(), job.id.get(), self.call)
    }

    #[inline]
    fn attempt(
        &self,
        number: u32,
        interest: Interest,
    ) -> impl Future<Output = CallResult> + use<R> + 'static {
        let (job, call) = (self.runtime.job(), self.call);
        if job.world.clients_are_plain() {
            let (in_flight, answer) = InFlight::send(job, call, number, interest);
            return Attempt::Plain { answer, in_flight };
        }
        let alive = self.runtime.0.clone();
        Attempt::ThroughClient(Box::pin(attempt_through_client(
            alive, call, number, interest,
        )))
    }

    #[inline]
    fn ended(&self, outcome: &Outcome<Self>) {
        self.runtime.job().call_ended(self.call, *outcome);
    }

    fn refused(&self, number: u32) {
        refuse_unsent(self.runtime.job(), self.call, number, ErrorClass::Refused);
    }

    fn happened(&self, layer: usize, event: Event) {
        let job = self.runtime.job();
        job.world.policy_did(job, layer, event);
    }
}

/// An attempt of a call with policies around it.
enum Attempt<R: Runtime> {
    /// It meets nothing at its client. What is dropped first is the wait.
    Plain {
        answer: Answer<R>,
        in_flight: InFlight<R>,
    },
    /// Seldom, and large: it would be paid for by every call that meets nothing at its client.
    ThroughClient(Pin<Box<dyn Future<Output = CallResult>>>),
}

impl<R: Runtime> Future for Attempt<R> {
    type Output = CallResult;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<CallResult> {
        match self.get_mut() {
            Attempt::Plain { answer, in_flight } => {
                let result = ready!(Pin::new(answer).poll(cx));
                in_flight.answered(result);
                Poll::Ready(result)
            }
            Attempt::ThroughClient(attempt) => attempt.as_mut().poll(cx),
        }
    }
}

/// An attempt of a process with connections or an event loop: it waits for a connection, and its
/// answer for its turn.
#[expect(
    clippy::manual_async_fn,
    reason = "the future of an `async fn` holds its arguments twice"
)]
fn attempt_through_client<R: Runtime>(
    alive: Alive<R>,
    call: u32,
    number: u32,
    interest: Interest,
) -> impl Future<Output = CallResult> {
    async move {
        let job = alive.job().clone();
        let client = job.world.client(job.client.get());
        let service = job.world.service_of(call);
        let permit = match client.connections(service) {
            None => None,
            Some(connections) => {
                let asked = job.world.runtime.now();
                let granted = {
                    let _waiting = job.world.waits_at_the_door();
                    connections.acquire().await
                };
                job.world
                    .waited_at_client(&job, job.world.runtime.now().nanos_since(asked));
                match granted {
                    Ok(permit) => Some(permit),
                    Err(_) => {
                        refuse_unsent(&job, call, number, ErrorClass::Connection);
                        // The timer's callback takes its turn too.
                        let turn = take_turn(&job).await;
                        end_turn(turn).await;
                        return Err(CallError::of(ErrorClass::Connection));
                    }
                }
            }
        };
        let (mut in_flight, answer) = InFlight::send(&job, call, number, interest);
        let answer = answer.await;
        let turn = take_turn(&job).await;
        in_flight.answered(answer);
        drop(permit);
        end_turn(turn).await;
        answer
    }
}

/// An attempt is refused before it is sent: by a policy, or for want of a connection.
fn refuse_unsent<R: Runtime>(job: &Shared<R>, call: u32, attempt: u32, class: ErrorClass) {
    let at = job.world.runtime.now();
    let unsent = Sent {
        call,
        attempt,
        service: job.world.service_of(call),
        at,
    };
    job.account(|account| account.refused_unsent(unsent));
    job.world.attempt_was_made(at);
    job.world.attempt_brought(job, class);
}

/// Waits for the client's event loop, where it has one.
pub(crate) async fn take_turn<R: Runtime>(job: &Rc<Shared<R>>) -> Option<Turn<R>> {
    match job.world.client(job.client.get()).event_loop() {
        Some(event_loop) => {
            let asked = job.world.runtime.now();
            let turn = event_loop.turn().await;
            job.world
                .lagged(job, job.world.runtime.now().nanos_since(asked));
            Some(turn)
        }
        None => None,
    }
}

pub(crate) async fn end_turn<R: Runtime>(turn: Option<Turn<R>>) {
    if let Some(turn) = turn {
        turn.done().await;
    }
}

#[cfg(test)]
mod tests {
    use awaitlab_engine::Handle;

    use super::*;

    fn size_of_output<A, B, F>(_: fn(A, B) -> F) -> usize {
        std::mem::size_of::<F>()
    }

    #[test]
    fn a_call_is_a_small_future() {
        let through_client = size_of_output(run_through_client::<Handle>);
        // What an attempt in flight weighs, times millions of them.
        assert!(through_client <= 320, "{through_client}");
    }
}
