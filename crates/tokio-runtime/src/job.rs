//! A job over real futures.

use std::future::Future;
use std::mem;
use std::panic::resume_unwind;

use awaitlab_core::{Answer, Job};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use crate::caught::Panic;
use crate::fan_out::Replied;
use crate::in_flight::{Ended, InFlight, Running};
use crate::outcome::{Drained, Outcome, Settled};
use crate::spawner::Spawner;

/// The calls of one fan-out. It keeps the results; the strategy hears only how calls ended.
pub(crate) struct FanOut<C, F, T, E, P> {
    calls: Vec<Option<C>>,
    /// By call: what was started and neither handed out nor cancelled.
    in_flight: Vec<Option<InFlight<F>>>,
    /// How many those are.
    awaited: usize,
    report: UnboundedSender<Ended<Result<T, E>>>,
    ended: UnboundedReceiver<Ended<Result<T, E>>>,
    /// By call: what was handed out. Given away with the answer.
    results: Vec<Option<Result<T, E>>>,
    reply: Option<oneshot::Sender<Replied<T, E>>>,
    drained: Drained,
    spawner: P,
}

/// What a strategy gets to see of an error: whose it is. The error itself stays with the results,
/// and can be in them and in the answer without being cloned.
#[derive(Debug)]
pub(crate) struct Failure {
    call: usize,
}

impl<C, F, T, E, P> FanOut<C, F, T, E, P> {
    pub(crate) fn new(calls: Vec<C>, reply: oneshot::Sender<Replied<T, E>>, spawner: P) -> Self {
        let (report, ended) = unbounded_channel();
        FanOut {
            in_flight: calls.iter().map(|_| None).collect(),
            results: calls.iter().map(|_| None).collect(),
            calls: calls.into_iter().map(Some).collect(),
            awaited: 0,
            report,
            ended,
            reply: Some(reply),
            drained: Drained::default(),
            spawner,
        }
    }

    /// What there is to say at the end.
    pub(crate) fn drained(&mut self) -> Drained {
        mem::take(&mut self.drained)
    }

    /// Goes on with a call's panic: in the caller, or here where it has its answer or has left.
    pub(crate) fn pass_on(&mut self, payload: Panic) {
        let unheard = match self.reply.take() {
            Some(reply) => reply.send(Err(payload)).err().and_then(Result::err),
            None => Some(payload),
        };
        if let Some(payload) = unheard {
            resume_unwind(payload);
        }
    }

    /// Tells the caller, unless it has its answer.
    pub(crate) fn reply(&mut self, settled: Settled<T, E>) {
        if let Some(reply) = self.reply.take() {
            let unhandled = self.drained.unhandled.clone();
            // A caller that has stopped listening is no reason to stop.
            let _ = reply.send(Ok(Outcome { settled, unhandled }));
        }
    }

    fn error(results: &mut [Option<Result<T, E>>], failure: &Failure) -> E {
        match results[failure.call].take() {
            Some(Err(error)) => error,
            _ => unreachable!("a failure is made for an error among the results, and used once"),
        }
    }
}

impl<C, F, T, E, P> Job for FanOut<C, F, T, E, P>
where
    C: FnOnce() -> F,
    F: Future<Output = Result<T, E>>,
    P: Spawner<Running<F>>,
{
    type Error = Failure;

    fn calls(&self) -> usize {
        self.calls.len()
    }

    fn start(&mut self, call: usize) {
        let Some(begin) = self.calls.get_mut(call).and_then(Option::take) else {
            panic!(
                "call {call} was started before, or is none of {}",
                self.calls.len()
            );
        };
        self.drained.started += 1;
        self.awaited += 1;
        let report = self.report.clone();
        self.in_flight[call] = Some(InFlight::begin(call, begin(), report, &self.spawner));
    }

    async fn next_settled(&mut self) -> Option<(usize, Result<(), Failure>)> {
        if self.awaited == 0 {
            return None;
        }
        let Ended { call, result } = self.ended.recv().await?;
        self.in_flight[call] = None;
        self.awaited -= 1;
        let result = result.unwrap_or_else(|payload| resume_unwind(payload));
        let heard = match &result {
            Ok(_) => Ok(()),
            Err(_) => Err(Failure { call }),
        };
        if let Some(kept) = self.results.get_mut(call) {
            *kept = Some(result);
        }
        Some((call, heard))
    }

    fn cancel_rest(&mut self) {
        for place in &mut self.in_flight {
            // One that has ended is still to be handed out.
            if place.as_ref().is_some_and(InFlight::cancel) {
                *place = None;
                self.awaited -= 1;
            }
        }
    }

    fn settle(&mut self, answer: Answer<Failure>) {
        if self.reply.is_none() {
            return;
        }
        let mut results = mem::take(&mut self.results);
        self.reply(match answer {
            Answer::Fulfilled => Settled::Fulfilled(results),
            Answer::Rejected(failure) => Settled::Rejected {
                call: failure.call,
                error: Self::error(&mut results, &failure),
            },
            Answer::RejectedWithAll(failures) => Settled::RejectedWithAll(
                failures
                    .iter()
                    .map(|f| (f.call, Self::error(&mut results, f)))
                    .collect(),
            ),
        });
    }

    fn unhandled(&mut self, call: usize) {
        self.drained.unhandled.push(call);
    }
}

impl<C, F, T, E, P> Drop for FanOut<C, F, T, E, P> {
    /// Work that is dropped takes its calls with it.
    fn drop(&mut self) {
        for call in self.in_flight.iter().flatten() {
            call.cancel();
        }
    }
}
