//! One call of a simulated job, and the attempts it makes.

use std::rc::Rc;

use awaitlab_client::Turn;
use awaitlab_core::{AttemptId, CallError, CallResult, ErrorClass, Ledger, Runtime};

use crate::job::account::Sent;
use crate::job::{Alive, Shared};

/// One call of a process without limits: one attempt, as nothing stands around it.
pub(crate) async fn run<R: Runtime>(alive: Alive<R>, call: u32) {
    let (in_flight, answer) = InFlight::send(alive, call);
    let answer = answer.await;
    in_flight.answered(answer).job().call_ended(call, answer);
}

/// One call of a process with connections or an event loop: it waits for a connection, and its
/// answer for its turn.
pub(crate) async fn run_through_client<R: Runtime>(alive: Alive<R>, call: u32) {
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
                    refuse_unsent(&job, call, service);
                    let error = Err(CallError::of(ErrorClass::Connection));
                    // The timer's callback takes its turn too.
                    let turn = take_turn(&job).await;
                    end_turn(turn).await;
                    return job.call_ended(call, error);
                }
            }
        }
    };
    let (in_flight, answer) = InFlight::send(alive, call);
    let answer = answer.await;
    let turn = take_turn(&job).await;
    let alive = in_flight.answered(answer);
    drop(permit);
    end_turn(turn).await;
    alive.job().call_ended(call, answer);
}

/// The call's attempt finds no connection: it is refused before it is sent.
fn refuse_unsent<R: Runtime>(job: &Shared<R>, call: u32, service: u32) {
    let at = job.world.runtime.now();
    let unsent = Sent {
        call,
        attempt: 0,
        service,
        at,
    };
    job.account(|account| account.refused_unsent(unsent));
    job.world.attempt_was_made(at);
}

async fn take_turn<R: Runtime>(job: &Rc<Shared<R>>) -> Option<Turn<R>> {
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

async fn end_turn<R: Runtime>(turn: Option<Turn<R>>) {
    if let Some(turn) = turn {
        turn.done().await;
    }
}

/// An attempt in flight. Dropping it is its cancellation.
struct InFlight<R: Runtime> {
    /// Gone once the attempt has been answered.
    alive: Option<Alive<R>>,
    sent: Sent,
}

/// What a service writes of an attempt.
struct Entry<R: Runtime> {
    job: Rc<Shared<R>>,
    /// Which job it was: a service may go on with work whose job is over and forgotten.
    id: u64,
    sent: Sent,
}

impl<R: Runtime> InFlight<R> {
    /// Sends the attempt; it is on its way when this returns.
    #[inline]
    fn send(alive: Alive<R>, call: u32) -> (Self, impl Future<Output = CallResult> + use<R>) {
        let job = alive.job();
        let world = &job.world;
        let (at, service) = (world.runtime.now(), world.service_of(call));
        let sent = Sent {
            call,
            attempt: 0,
            service,
            at,
        };
        job.account(|account| account.sent(sent));
        world.attempt_was_made(at);
        world.in_flight(1);
        let id = AttemptId {
            job: job.id.get(),
            call,
            attempt: sent.attempt,
        };
        let ledger = Entry {
            job: job.clone(),
            id: id.job,
            sent,
        };
        let answer = world.service(service).serve(id, job.client.get(), ledger);
        job.account(|account| account.is_on_its_way());
        (
            InFlight {
                alive: Some(alive),
                sent,
            },
            answer,
        )
    }

    #[inline]
    fn answered(mut self, result: CallResult) -> Alive<R> {
        let alive = self.alive.take().expect("an attempt is answered once");
        let job = alive.job();
        let now = job.world.runtime.now();
        if job.account(|account| account.answered(self.sent, result, now)) {
            job.world.in_flight(-1);
        }
        alive
    }
}

impl<R: Runtime> Drop for InFlight<R> {
    #[inline]
    fn drop(&mut self) {
        if let Some(alive) = &self.alive {
            let job = alive.job();
            let now = job.world.runtime.now();
            if job.account(|account| account.cancelled(self.sent, now)) {
                job.world.in_flight(-1);
                job.world
                    .may_have_been_abandoned_in_a_queue(self.sent.service);
            }
        }
    }
}

impl<R: Runtime> Clone for Entry<R> {
    fn clone(&self) -> Self {
        Entry {
            job: self.job.clone(),
            id: self.id,
            sent: self.sent,
        }
    }
}

impl<R: Runtime> Ledger for Entry<R> {
    fn refused(&self) {
        let now = self.job.world.runtime.now();
        self.job.account(|account| account.refused(self.sent, now));
        self.job.world.in_flight(-1);
    }

    fn queued_for(&self, ns: u64) {
        let job_is_over = || self.job.account(|account| account.is_closed());
        // What the end of a run sweeps out of a queue has not come through it.
        if self.job.id.get() != self.id || job_is_over() {
            return;
        }
        self.job
            .world
            .waited_in_queue(&self.job, self.sent.service, ns);
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
        let plain = size_of_output(run::<Handle>);
        let through_client = size_of_output(run_through_client::<Handle>);
        // What an attempt in flight weighs, times millions of them.
        assert!(
            plain <= 160 && through_client <= 288,
            "{plain} {through_client}"
        );
    }
}
