//! A call on its way through the layers of a stack, and back.
//!
//! Idea: a layer is entered, hears how what is inside of it ended, and may wait in between. One loop
//! does this for all layers, so a call is one future with a list of what its layers hold of it. It is
//! woken in one place, looks at the attempt first and then, from the innermost layer outwards, at what
//! each waits for beside it. (With a future per layer around the next one's, every wake passes all of
//! them, and each is moved into the one around it.)
//!
//! What may outlive the call, or runs beside its first attempt, is a walk of its own that begins
//! further in: see [`Apart`](crate::apart::Apart) and [`hedge`](crate::hedge).

use std::future::{Future, poll_fn};
use std::mem::ManuallyDrop;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{self, Poll, ready};

use awaitlab_core::ErrorClass;

use crate::attempts::{Attempts, Failure, Outcome, Reply};
use crate::context::{Context, Given, Inside};
use crate::frame::Frame;
use crate::spec::Policy;
use crate::stack::{MOST_LAYERS, Visit};

/// What a layer does as a call enters it.
pub(crate) enum Entry {
    /// Begins what is inside of it.
    Inside,
    /// Waits for something else.
    Waits,
    /// Ends the call with an error of its own.
    Fails(ErrorClass),
}

/// What a layer does after it has looked at what it waits for.
pub(crate) enum Step<A: Attempts> {
    /// Waits on.
    Waits,
    /// Begins what is inside of it.
    Inside,
    /// Ends the call.
    Ends(Outcome<A>),
    /// The same, and gives up all that still runs inside of it or beside.
    GivesUp(Given, Outcome<A>),
}

/// Makes a call as its layers make it, with the attempt inside of the last.
pub(crate) fn walk<A: Attempts, V: Visit<A>>(inside: Inside<A>, visit: V) -> V::Output {
    match inside.layers().len() {
        0 => visit.visit(move || async move {
            let outcome = inside.attempt().await.map(Reply::Genuine);
            inside.ended(&outcome);
            outcome
        }),
        1 => visit.visit(move || walk_through::<A, 1>(inside)),
        2 => visit.visit(move || walk_through::<A, 2>(inside)),
        3 => visit.visit(move || walk_through::<A, 3>(inside)),
        4 => visit.visit(move || walk_through::<A, 4>(inside)),
        5 => visit.visit(move || walk_through::<A, 5>(inside)),
        6 => visit.visit(move || walk_through::<A, 6>(inside)),
        7 => visit.visit(move || walk_through::<A, 7>(inside)),
        8 => visit.visit(move || walk_through::<A, 8>(inside)),
        _ => unreachable!("a stack has at most {MOST_LAYERS} layers"),
    }
}

/// The same for so many layers: what they hold stands in the future.
#[expect(
    clippy::manual_async_fn,
    reason = "the future of an `async fn` holds its arguments twice"
)]
fn walk_through<A: Attempts, const LAYERS: usize>(
    inside: Inside<A>,
) -> impl Future<Output = Outcome<A>> + 'static {
    async move {
        // Whoever leaves a layer empties its frame: what is dropped at the end is nothing, and to look
        // whether it is costs more than all the rest of the end.
        let mut frames: [_; LAYERS] = std::array::from_fn(|_| ManuallyDrop::new(Frame::empty()));
        let layers = inside.layers();
        let mut walk = Walk {
            inside: &inside,
            layers: layers.try_into().expect("who calls has counted them"),
            frames: &mut frames,
            entered: 0,
            attempt: pin!(None),
            send: || inside.attempt(),
        };
        poll_fn(|task| walk.poll(task)).await
    }
}

struct Walk<'s, 'p, A: Attempts, F, S, const LAYERS: usize> {
    inside: &'s Inside<A>,
    layers: &'s [Rc<Policy>; LAYERS],
    /// What each of them holds of the call.
    frames: &'p mut [ManuallyDrop<Frame<'s, A>>; LAYERS],
    /// How many of them it has entered.
    entered: usize,
    /// The attempt, while there is one.
    attempt: Pin<&'p mut Option<F>>,
    /// Makes one.
    send: S,
}

impl<'s, A, F, S, const LAYERS: usize> Walk<'s, '_, A, F, S, LAYERS>
where
    A: Attempts,
    F: Future<Output = Result<A::Value, A::Error>>,
    S: Fn() -> F,
{
    fn poll(&mut self, task: &mut task::Context<'_>) -> Poll<Outcome<A>> {
        // No layer is entered only before the first poll.
        let mut ended = if self.entered == 0 {
            self.go_in(task)
        } else {
            self.poll_attempt(task)
        };
        loop {
            if let Poll::Ready(outcome) = &mut ended
                && self.go_out(outcome).is_ready()
            {
                self.inside.ended(outcome);
                return ended;
            }
            ended = match self.poll_layers(task) {
                Step::Waits => return Poll::Pending,
                Step::Inside => self.go_in(task),
                Step::Ends(outcome) | Step::GivesUp(_, outcome) => Poll::Ready(outcome),
            };
        }
    }

    /// Pending where there is none.
    #[inline]
    fn poll_attempt(&mut self, task: &mut task::Context<'_>) -> Poll<Outcome<A>> {
        let Some(attempt) = self.attempt.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        let result = ready!(attempt.poll(task));
        self.attempt.set(None);
        Poll::Ready(result.map(Reply::Genuine))
    }

    /// Enters layer after layer, and makes the attempt, unless one of them waits or ends the call.
    #[inline(always)]
    fn go_in(&mut self, task: &mut task::Context<'_>) -> Poll<Outcome<A>> {
        // Said once and not for every layer: to leave one that was not entered does nothing.
        let mut place = std::mem::replace(&mut self.entered, LAYERS);
        let frames = self.frames[place..].iter_mut();
        for (frame, policy) in frames.zip(&self.layers[place..]) {
            let cx = Context::new(self.inside, place);
            match frame.enter(policy, cx) {
                Entry::Inside => place += 1,
                Entry::Waits => {
                    self.entered = place + 1;
                    return Poll::Pending;
                }
                Entry::Fails(class) => {
                    self.entered = place;
                    return Poll::Ready(Err(A::Error::of(class)));
                }
            }
        }
        self.attempt.set(Some((self.send)()));
        self.poll_attempt(task)
    }

    /// What is inside of the innermost layer has ended. Pending where a layer goes on with the call.
    #[inline]
    fn go_out(&mut self, outcome: &mut Outcome<A>) -> Poll<()> {
        let mut place = self.entered;
        for frame in self.frames[..place].iter_mut().rev() {
            // Counted beside it: the place of a frame that is looked at backwards takes a division.
            place -= 1;
            let cx = Context::new(self.inside, place);
            if frame.inside_ended(cx, outcome).is_pending() {
                self.entered = place + 1;
                return Poll::Pending;
            }
        }
        self.entered = 0;
        Poll::Ready(())
    }

    /// Looks at what the layers wait for, from the innermost outwards.
    #[inline]
    fn poll_layers(&mut self, task: &mut task::Context<'_>) -> Step<A> {
        let mut outside = self.entered;
        loop {
            let frames = self.frames[..outside].iter_mut();
            let Some(place) = { frames }.rposition(|frame| frame.may_go_on(task)) else {
                return Step::Waits;
            };
            let step = self.go_on(place, task);
            if !matches!(step, Step::Waits) {
                return step;
            }
            outside = place;
        }
    }

    /// Does what a layer does now.
    fn go_on(&mut self, place: usize, task: &mut task::Context<'_>) -> Step<A> {
        let cx = Context::new(self.inside, place);
        let step = self.frames[place].go_on(cx, task);
        match &step {
            Step::Waits | Step::Inside => {}
            Step::Ends(_) => self.leave(place),
            Step::GivesUp(why, _) => {
                cx.give_up(*why, || self.drop_inside(place));
                self.frames[place].gave_up(cx);
                self.leave(place);
            }
        }
        step
    }
}

impl<A: Attempts, F, S, const LAYERS: usize> Walk<'_, '_, A, F, S, LAYERS> {
    /// Drops what a layer has inside and beside, in the order in which futures around futures would:
    /// what runs beside, the attempt, and then layer after layer outwards.
    fn drop_inside(&mut self, place: usize) {
        for frame in &mut self.frames[place..self.entered] {
            frame.drop_beside();
        }
        self.attempt.set(None);
        while self.entered > place + 1 {
            self.leave(self.entered - 1);
        }
    }

    fn leave_all(&mut self) {
        self.drop_inside(0);
        self.leave(0);
    }

    /// Leaves the innermost layer.
    fn leave(&mut self, place: usize) {
        self.frames[place].leave();
        self.entered = place;
    }
}

impl<A: Attempts, F, S, const LAYERS: usize> Drop for Walk<'_, '_, A, F, S, LAYERS> {
    #[inline]
    fn drop(&mut self) {
        // Hardly ever: who has come to the end has left them all.
        if self.entered > 0 {
            self.leave_all();
        }
    }
}
