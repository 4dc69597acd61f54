//! The attempts of one call, side by side.

use std::future::Future;
use std::pin::Pin;
use std::task::{self, Poll};

use awaitlab_core::{EventClass, Instant, Rest, Runtime};

use super::Hedge;
use crate::apart::Apart;
use crate::attempts::{Attempts, Outcome};
use crate::context::{Context, Given};
use crate::event::Event;
use crate::frame::{Timer, has_fired};
use crate::stack::Boxed;
use crate::walk::{Step, walk};

/// The attempts of one call, side by side.
pub(crate) struct Race<'s, A: Attempts> {
    hedge: &'s Hedge,
    began: Instant,
    delay_ns: u64,
    /// Extra attempts that were due, sent or not.
    due: u32,
    /// Whether the first attempt runs inside of this layer. It does not where it may outlive the call.
    first_runs_inside: bool,
    /// The others, in the order in which they were sent. `None` while there are none, which is all that
    /// most calls ever pay for.
    beside: Option<Box<Siblings<A>>>,
}

struct Siblings<A: Attempts>(Vec<Beside<A>>);

/// An attempt that is not inside of this layer.
enum Beside<A: Attempts> {
    Boxed(Pin<Box<dyn Future<Output = Outcome<A>>>>),
    Apart(Box<Apart<A>>),
    Ended,
}

impl<'s, A: Attempts> Race<'s, A> {
    /// Nothing is polled yet but a task.
    #[inline(always)]
    pub(super) fn begin(hedge: &'s Hedge, cx: Context<'s, A>) -> Self {
        let began = cx.now();
        let beside = match hedge.rest {
            Rest::Cancel => None,
            Rest::Orphan => Some(Siblings::of_the_first(cx)),
        };
        Race {
            hedge,
            began,
            delay_ns: hedge.delay.ns(),
            due: 0,
            first_runs_inside: beside.is_none(),
            beside,
        }
    }

    /// For the next extra attempt, where there is to be one.
    fn timer(&self, cx: Context<'_, A>) -> Timer<A> {
        if self.due >= self.hedge.max_extra {
            return None;
        }
        self.timer_after(self.delay_ns.saturating_mul(u64::from(self.due) + 1), cx)
    }

    /// For the first extra attempt: there is always one.
    #[inline(always)]
    pub(super) fn first_timer(&self, cx: Context<'_, A>) -> Timer<A> {
        self.timer_after(self.delay_ns, cx)
    }

    #[inline(always)]
    fn timer_after(&self, ns: u64, cx: Context<'_, A>) -> Timer<A> {
        let at = self.began.after_nanos(ns);
        // What is due at the end of time is never due, and keeps no run going.
        (at < Instant::FAR_FUTURE).then(|| cx.runtime().sleep_until(at, EventClass::Timer))
    }

    /// The first attempt has ended.
    #[inline(always)]
    pub(crate) fn inside_ended(&mut self, cx: Context<'_, A>, outcome: &Outcome<A>) -> Poll<()> {
        self.first_runs_inside = false;
        if outcome.is_ok() {
            self.is_won(true, cx);
            if self.has_beside() {
                cx.give_up(Given::Duplicate, || self.drop_beside());
            }
            return Poll::Ready(());
        }
        self.first_failed()
    }

    fn first_failed(&self) -> Poll<()> {
        self.hedge.one_failed();
        // A failure while others run is not heard of any more.
        if self.some_run() {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }

    /// Looks at all that runs beside, in the order in which it was sent, and at the time.
    pub(crate) fn poll(
        &mut self,
        cx: Context<'s, A>,
        timer: &mut Timer<A>,
        task: &mut task::Context<'_>,
    ) -> Step<A> {
        loop {
            if let Some((end, winner)) = self.poll_beside(task) {
                if end.is_err() {
                    return Step::Ends(end);
                }
                let by_the_first = winner == 0 && self.hedge.rest == Rest::Orphan;
                self.is_won(by_the_first, cx);
                return Step::GivesUp(Given::Duplicate, end);
            }
            if !has_fired::<A>(timer, task) {
                return Step::Waits;
            }
            self.extra_is_due(cx, timer);
        }
    }

    /// The timer has fired.
    pub(crate) fn extra_is_due(&mut self, cx: Context<'s, A>, timer: &mut Timer<A>) {
        self.due += 1;
        *timer = self.timer(cx);
        self.send_extra(cx);
    }

    /// Whether any attempt runs, or has run, beside the first.
    #[inline]
    pub(crate) fn has_beside(&self) -> bool {
        self.beside.is_some()
    }

    /// The call's end, where this is it, and whose it is.
    fn poll_beside(&mut self, task: &mut task::Context<'_>) -> Option<(Outcome<A>, usize)> {
        let mut last = None;
        let beside = self.beside.as_mut()?;
        for (number, attempt) in beside.0.iter_mut().enumerate() {
            match attempt.poll(task) {
                Poll::Pending => {}
                Poll::Ready(Ok(reply)) => return Some((Ok(reply), number)),
                Poll::Ready(Err(error)) => {
                    self.hedge.one_failed();
                    last = Some((Err(error), number));
                }
            }
        }
        last.filter(|_| !self.some_run())
    }

    fn some_run(&self) -> bool {
        self.first_runs_inside || self.beside().iter().any(Beside::runs)
    }

    fn beside(&self) -> &[Beside<A>] {
        self.beside.as_ref().map_or(&[], |beside| &beside.0)
    }

    fn send_extra(&mut self, cx: Context<'s, A>) {
        if let Some(budget) = &self.hedge.budget
            && !budget.take(cx.now())
        {
            return cx.tell(Event::BudgetSpent);
        }
        cx.tell(Event::Hedged);
        let sibling = match self.hedge.rest {
            Rest::Cancel => Beside::Boxed(walk(cx.inside(), Boxed)),
            Rest::Orphan => Beside::begin_apart(cx),
        };
        let beside = self
            .beside
            .get_or_insert_with(|| Box::new(Siblings(Vec::new())));
        beside.0.push(sibling);
    }

    #[inline(always)]
    fn is_won(&mut self, by_the_first: bool, cx: Context<'_, A>) {
        if !by_the_first {
            cx.tell(Event::HedgeWon);
        }
        if by_the_first || self.first_runs() {
            let waited_ns = cx.now().nanos_since(self.began);
            self.hedge.delay.observe(waited_ns);
        }
        if let Some(beaten) = &mut self.beside {
            beaten.let_go();
        }
    }

    fn first_runs(&self) -> bool {
        match self.hedge.rest {
            Rest::Cancel => self.first_runs_inside,
            Rest::Orphan => self.beside().first().is_some_and(Beside::runs),
        }
    }

    /// Drops all that runs beside what is inside.
    pub(crate) fn drop_beside(&mut self) {
        self.beside = None;
    }
}

impl<A: Attempts> Siblings<A> {
    /// The first attempt, where it may outlive the call.
    fn of_the_first(cx: Context<'_, A>) -> Box<Self> {
        Box::new(Siblings(vec![Beside::begin_apart(cx)]))
    }

    /// Lets them run on unheard, where they are tasks; what is no task stops when it is dropped.
    fn let_go(&mut self) {
        for beaten in &mut self.0 {
            if let Beside::Apart(apart) = beaten {
                apart.let_go(Given::Duplicate);
            }
        }
    }
}

impl<A: Attempts> Beside<A> {
    fn begin_apart(cx: Context<'_, A>) -> Self {
        Beside::Apart(Box::new(Apart::begin(cx)))
    }

    fn runs(&self) -> bool {
        !matches!(self, Beside::Ended)
    }

    /// Pending for ever once it has ended.
    fn poll(&mut self, task: &mut task::Context<'_>) -> Poll<Outcome<A>> {
        let poll = match self {
            Beside::Boxed(attempt) => attempt.as_mut().poll(task),
            Beside::Apart(attempt) => attempt.poll(task),
            Beside::Ended => Poll::Pending,
        };
        if poll.is_ready() {
            *self = Beside::Ended;
        }
        poll
    }
}
