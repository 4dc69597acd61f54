//! What a policy sees of the call it stands around.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use awaitlab_core::{AttemptId, Draws, ErrorClass, Instant, Purpose, Runtime};

use crate::attempts::{Attempts, Failure, Outcome, Reply};
use crate::event::Event;
use crate::spec::Policy;
use crate::stack::Stack;

/// What a policy sees of its call. Passed down the stack; cheap to clone.
pub struct Context<A: Attempts> {
    call: Rc<Call<A>>,
    interest: Interest,
    layer: usize,
}

/// One call on its way through a stack.
struct Call<A> {
    attempts: A,
    stack: Stack,
    began: Instant,
    attempts_made: Cell<u32>,
    draws_made: Cell<u32>,
}

/// Whether somebody still waits for what an attempt brings: every policy that may walk away from it
/// has a part.
#[derive(Clone, Debug, Default)]
pub struct Interest(Option<Rc<Part>>);

#[derive(Debug)]
struct Part {
    outer: Interest,
    given: Cell<Option<Given>>,
}

/// Why a policy walked away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Given {
    /// Its time was up.
    Late,
    /// A sibling had answered.
    Duplicate,
}

/// A policy's part of an [`Interest`].
pub struct Waiting(Rc<Part>);

impl Interest {
    /// Why nobody waits any more; `None` while everybody does. Being late comes before being a
    /// duplicate, whichever came first.
    pub fn given(&self) -> Option<Given> {
        let part = self.0.as_ref()?;
        let outer = part.outer.given();
        match (part.given.get(), outer) {
            (Some(own), Some(outer)) => Some(own.min(outer)),
            (own, outer) => own.or(outer),
        }
    }
}

impl Waiting {
    /// Walks away from everything below. To be said before anything is dropped.
    pub fn give_up(&self, why: Given) {
        self.0.given.set(Some(why));
    }
}

impl<A: Attempts> Context<A> {
    pub(crate) fn new(attempts: A, stack: Stack) -> Self {
        let began = attempts.runtime().now();
        Context {
            call: Rc::new(Call {
                attempts,
                stack,
                began,
                attempts_made: Cell::new(0),
                draws_made: Cell::new(0),
            }),
            interest: Interest::default(),
            layer: 0,
        }
    }

    /// The clock and the tasks.
    #[inline]
    pub fn runtime(&self) -> &A::Runtime {
        self.call.attempts.runtime()
    }

    /// The time.
    #[inline]
    pub fn now(&self) -> Instant {
        self.runtime().now()
    }

    /// Sleeps, as a timer.
    #[inline]
    pub fn sleep(&self, duration: Duration) -> <A::Runtime as Runtime>::Sleep {
        self.runtime().sleep(duration)
    }

    /// When the call began, however many attempts ago.
    pub fn call_began(&self) -> Instant {
        self.call.began
    }

    /// Tells whoever counts.
    #[inline]
    pub fn tell(&self, event: Event) {
        self.call.attempts.happened(self.layer, event);
    }

    /// Random numbers that nobody else gets: keyed by the call, the layer, and how many times the
    /// call has asked.
    pub fn draws(&self) -> Draws {
        let (streams, job, call) = self.call.attempts.streams();
        let asked = self.call.draws_made.get();
        self.call.draws_made.set(asked + 1);
        let key = AttemptId {
            job,
            call,
            attempt: asked,
        };
        streams
            .stream(Purpose::Backoff, self.layer as u64)
            .draws(&key)
    }

    /// Refuses an attempt before it is made: it is counted, told, and an error.
    pub fn refuse(&self) -> A::Error {
        self.call.attempts.refused(self.next_number());
        self.tell(Event::Refused);
        A::Error::of(ErrorClass::Refused)
    }

    /// The same context for what is passed down, with a part of the interest in it.
    pub fn waited_for(&self) -> (Self, Waiting) {
        let part = Rc::new(Part {
            outer: self.interest.clone(),
            given: Cell::new(None),
        });
        let inner = Context {
            interest: Interest(Some(part.clone())),
            ..self.clone()
        };
        (inner, Waiting(part))
    }

    fn next_number(&self) -> u32 {
        let number = self.call.attempts_made.get();
        self.call.attempts_made.set(number + 1);
        number
    }

    /// Makes an attempt: the bottom of the stack.
    #[inline]
    pub(crate) async fn attempt(self) -> Outcome<A> {
        let number = self.next_number();
        let attempt = self.call.attempts.attempt(number, self.interest);
        drop(self.call);
        attempt.await.map(Reply::Genuine)
    }

    /// The policy `depth` layers above the bottom.
    #[inline]
    pub(crate) fn enter(&mut self, depth: usize) -> Rc<Policy> {
        let layers = self.call.stack.layers();
        self.layer = layers.len() - depth;
        layers[self.layer].clone()
    }
}

impl<A: Attempts> Clone for Context<A> {
    fn clone(&self) -> Self {
        Context {
            call: self.call.clone(),
            interest: self.interest.clone(),
            layer: self.layer,
        }
    }
}
