//! The attempts of one call, side by side.

use std::future::Future;
use std::pin::Pin;
use std::task::{self, Poll};

use awaitlab_core::{EventClass, Instant, Rest, Runtime};

use super::Hedge;
use crate::attempts::{Attempts, Outcome};
use crate::context::{Context, Given, Waiting};
use crate::event::Event;
use crate::task::Running;

/// The attempts of one call, side by side.
pub(super) struct Race<'a, A: Attempts, F, S> {
    hedge: &'a Hedge,
    cx: &'a Context<A>,
    /// Makes an attempt.
    send: S,
    began: Instant,
    delay_ns: u64,
    /// Extra attempts that were due, sent or not.
    due: u32,
    /// For the next extra attempt, where there is to be one.
    timer: Option<<A::Runtime as Runtime>::Sleep>,
    first: Work<'a, A, F>,
    first_waiting: Waiting,
    extras: Vec<(Work<'a, A, F>, Waiting)>,
}

/// Where an attempt lives, until it has ended.
enum Work<'a, A: Attempts, F> {
    /// In the future of the call.
    Inline(Pin<&'a mut F>),
    Boxed(Pin<Box<F>>),
    /// In a task, for it may outlive the call. Boxed, for the sake of the others.
    Task(Box<Running<A::Runtime, Outcome<A>>>),
    Ended,
}

impl<'a, A, F, S> Race<'a, A, F, S>
where
    A: Attempts,
    F: Future<Output = Outcome<A>> + 'static,
    S: Fn(Context<A>) -> F,
{
    /// With `place` for a first attempt that is no task. Nothing is polled yet but a task.
    pub(super) fn begin(
        hedge: &'a Hedge,
        cx: &'a Context<A>,
        send: S,
        place: Pin<&'a mut Option<F>>,
    ) -> Self {
        let (inner, first_waiting) = cx.waited_for();
        let began = cx.now();
        let first = match hedge.rest {
            Rest::Cancel => Work::inline(send(inner), place),
            Rest::Orphan => Work::task(send(inner), cx.runtime()),
        };
        let mut race = Race {
            hedge,
            cx,
            send,
            began,
            delay_ns: hedge.delay.ns(),
            due: 0,
            timer: None,
            first,
            first_waiting,
            extras: Vec::new(),
        };
        race.set_timer();
        race
    }

    pub(super) fn poll(&mut self, task: &mut task::Context<'_>) -> Poll<Outcome<A>> {
        loop {
            if let Some(end) = self.poll_attempts(task) {
                return Poll::Ready(end);
            }
            let timer = self.timer.as_mut().map(Pin::new);
            match timer.map(|timer| timer.poll(task)) {
                Some(Poll::Ready(())) => self.send_extra(),
                _ => return Poll::Pending,
            }
        }
    }

    /// The call's end, where this is it. In the order in which they were sent.
    fn poll_attempts(&mut self, task: &mut task::Context<'_>) -> Option<Outcome<A>> {
        let (mut some_run, mut last) = (false, None);
        for number in 0..=self.extras.len() {
            let work = match number.checked_sub(1) {
                None => &mut self.first,
                Some(extra) => &mut self.extras[extra].0,
            };
            match work.poll(task) {
                Poll::Pending => some_run |= work.runs(),
                Poll::Ready(Ok(reply)) => {
                    self.is_won_by(number);
                    return Some(Ok(reply));
                }
                Poll::Ready(Err(error)) => {
                    if let Some(budget) = &self.hedge.budget {
                        budget.failed();
                    }
                    last = Some(Err(error));
                }
            }
        }
        if some_run { None } else { last }
    }

    fn set_timer(&mut self) {
        self.timer = None;
        if self.due < self.hedge.max_extra {
            let after_ns = self.delay_ns.saturating_mul(u64::from(self.due) + 1);
            let at = self.began.after_nanos(after_ns);
            // What is due at the end of time is never due, and keeps no run going.
            if at < Instant::FAR_FUTURE {
                self.timer = Some(self.cx.runtime().sleep_until(at, EventClass::Timer));
            }
        }
    }

    fn send_extra(&mut self) {
        self.due += 1;
        self.set_timer();
        if let Some(budget) = &self.hedge.budget
            && !budget.take(self.cx.now())
        {
            return self.cx.tell(Event::BudgetSpent);
        }
        self.cx.tell(Event::Hedged);
        let (inner, waiting) = self.cx.waited_for();
        let attempt = (self.send)(inner);
        let work = match self.hedge.rest {
            Rest::Cancel => Work::Boxed(Box::pin(attempt)),
            Rest::Orphan => Work::task(attempt, self.cx.runtime()),
        };
        self.extras.push((work, waiting));
    }

    fn is_won_by(&mut self, winner: usize) {
        if winner > 0 {
            self.cx.tell(Event::HedgeWon);
        }
        let first_was_beaten = self.first.runs();
        if winner == 0 || first_was_beaten {
            let waited_ns = self.cx.now().nanos_since(self.began);
            self.hedge.delay.observe(waited_ns);
        }
        // All of them, before anything of any of them is dropped.
        if first_was_beaten {
            self.first_waiting.give_up(Given::Duplicate);
        }
        for (_, waiting) in self.extras.iter().filter(|(work, _)| work.runs()) {
            waiting.give_up(Given::Duplicate);
        }
        self.first.stop_or_let_go();
        self.extras
            .iter_mut()
            .for_each(|(work, _)| work.stop_or_let_go());
    }
}

impl<'a, A, F> Work<'a, A, F>
where
    A: Attempts,
    F: Future<Output = Outcome<A>> + 'static,
{
    fn inline(attempt: F, mut place: Pin<&'a mut Option<F>>) -> Self {
        place.set(Some(attempt));
        place.as_pin_mut().map_or(Work::Ended, Work::Inline)
    }

    fn task(attempt: F, runtime: &A::Runtime) -> Self {
        Work::Task(Box::new(Running::begin(runtime, attempt)))
    }

    fn runs(&self) -> bool {
        !matches!(self, Work::Ended)
    }

    /// Pending for ever once it has ended.
    fn poll(&mut self, task: &mut task::Context<'_>) -> Poll<Outcome<A>> {
        let poll = match self {
            Work::Inline(work) => work.as_mut().poll(task),
            Work::Boxed(work) => work.as_mut().poll(task),
            Work::Task(work) => Pin::new(work.as_mut()).poll(task),
            Work::Ended => Poll::Pending,
        };
        if poll.is_ready() {
            *self = Work::Ended;
        }
        poll
    }

    /// A task runs on unheard; what is no task stops, an inline one with the call.
    fn stop_or_let_go(&mut self) {
        if let Work::Task(task) = std::mem::replace(self, Work::Ended) {
            task.let_go();
        }
    }
}
