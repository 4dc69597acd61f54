//! What a policy sees of the call it stands around.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use awaitlab_core::{AttemptId, Draws, ErrorClass, Instant, Purpose, Runtime};

use crate::attempts::{Attempts, Outcome};
use crate::event::Event;
use crate::spec::Policy;
use crate::stack::Stack;

/// What a policy sees of its call.
pub struct Context<'s, A: Attempts> {
    // Two words, so that they are handed on in registers.
    inside: &'s Inside<A>,
    place: usize,
}

/// A call from one of its layers on.
pub(crate) struct Inside<A: Attempts> {
    call: Rc<Call<A>>,
    /// Whether somebody waits for it; nobody in particular where that is said by the call itself.
    interest: Interest,
    /// The outermost of the layers.
    first: usize,
}

/// One call on its way through a stack.
struct Call<A> {
    attempts: A,
    stack: Stack,
    began: Instant,
    attempts_made: Cell<u32>,
    draws_made: Cell<u32>,
    /// Why what is being dropped at the moment was given up.
    giving_up: Cell<Option<Given>>,
}

/// Whether somebody still waits for what an attempt brings.
///
/// A policy that drops what it gives up says why while it does; one that lets it run on leaves a mark
/// with it.
#[derive(Clone, Default)]
pub struct Interest(Option<Rc<dyn Awaited>>);

trait Awaited {
    fn given(&self) -> Option<Given>;
}

/// What may run on unheard.
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

/// The policy's end of an [`Interest`] in what may run on unheard.
pub(crate) struct Waiting(Rc<Part>);

impl Interest {
    /// Why nobody waits any more; `None` while everybody does. Being late comes before being a
    /// duplicate, whichever came first.
    #[inline]
    pub fn given(&self) -> Option<Given> {
        self.0.as_ref()?.given()
    }
}

impl fmt::Debug for Interest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Interest").field(&self.given()).finish()
    }
}

impl<A> Awaited for Call<A> {
    fn given(&self) -> Option<Given> {
        self.giving_up.get()
    }
}

impl Awaited for Part {
    fn given(&self) -> Option<Given> {
        match (self.given.get(), self.outer.given()) {
            (Some(own), Some(outer)) => Some(own.min(outer)),
            (own, outer) => own.or(outer),
        }
    }
}

impl Waiting {
    /// Walks away from everything inside.
    pub(crate) fn give_up(&self, why: Given) {
        self.0.given.set(Some(why));
    }
}

impl<A: Attempts> Call<A> {
    #[inline]
    fn begin(attempts: A, stack: Stack) -> Rc<Self> {
        let began = attempts.runtime().now();
        Rc::new(Call {
            attempts,
            stack,
            began,
            attempts_made: Cell::new(0),
            draws_made: Cell::new(0),
            giving_up: Cell::new(None),
        })
    }

    #[inline]
    fn next_number(&self) -> u32 {
        let number = self.attempts_made.get();
        self.attempts_made.set(number + 1);
        number
    }
}

impl<A: Attempts> Inside<A> {
    /// All of a call that begins now.
    #[inline]
    pub(crate) fn all(attempts: A, stack: Stack) -> Self {
        Inside {
            call: Call::begin(attempts, stack),
            interest: Interest(None),
            first: 0,
        }
    }

    /// Its layers, outermost first.
    #[inline]
    pub(crate) fn layers(&self) -> &[Rc<Policy>] {
        &self.call.stack.layers()[self.first..]
    }

    /// Makes an attempt: begun when this returns.
    #[inline]
    pub(crate) fn attempt(
        &self,
    ) -> impl Future<Output = Result<A::Value, A::Error>> + use<A> + 'static {
        let call = &*self.call;
        call.attempts.attempt(call.next_number(), self.interest())
    }

    /// It has ended so: told, where it is the whole call.
    #[inline]
    pub(crate) fn ended(&self, outcome: &Outcome<A>) {
        if self.first == 0 {
            self.call.attempts.ended(outcome);
        }
    }

    #[inline]
    fn interest(&self) -> Interest {
        match &self.interest {
            Interest(None) => Interest(Some(self.call.clone())),
            of_a_part => of_a_part.clone(),
        }
    }
}

impl<'s, A: Attempts> Context<'s, A> {
    /// At the layer in this place of those inside.
    #[inline]
    pub(crate) fn new(inside: &'s Inside<A>, place: usize) -> Self {
        Context { inside, place }
    }

    #[inline]
    fn call(self) -> &'s Call<A> {
        &self.inside.call
    }

    #[inline]
    fn layer(self) -> usize {
        self.inside.first + self.place
    }

    /// The call from the next layer on.
    pub(crate) fn inside(self) -> Inside<A> {
        Inside {
            call: self.inside.call.clone(),
            interest: self.inside.interest.clone(),
            first: self.layer() + 1,
        }
    }

    /// The same, where it may run on unheard.
    pub(crate) fn inside_apart(self) -> (Inside<A>, Waiting) {
        let part = Rc::new(Part {
            outer: self.inside.interest(),
            given: Cell::new(None),
        });
        let inside = Inside {
            interest: Interest(Some(part.clone())),
            ..self.inside()
        };
        (inside, Waiting(part))
    }

    /// The clock and the tasks.
    #[inline]
    pub fn runtime(self) -> &'s A::Runtime {
        self.call().attempts.runtime()
    }

    /// The time.
    #[inline]
    pub fn now(self) -> Instant {
        self.runtime().now()
    }

    /// Sleeps, as a timer.
    #[inline]
    pub fn sleep(self, duration: Duration) -> <A::Runtime as Runtime>::Sleep {
        self.runtime().sleep(duration)
    }

    /// When the call began, however many attempts ago.
    pub fn call_began(self) -> Instant {
        self.call().began
    }

    /// Tells whoever counts.
    #[inline]
    pub fn tell(self, event: Event) {
        self.call().attempts.happened(self.layer(), event);
    }

    /// Random numbers that nobody else gets: keyed by the call, the layer, and how many times the
    /// call has asked.
    pub fn draws(self) -> Draws {
        let (streams, job, call) = self.call().attempts.streams();
        let asked = self.call().draws_made.get();
        self.call().draws_made.set(asked + 1);
        let key = AttemptId {
            job,
            call,
            attempt: asked,
        };
        streams
            .stream(Purpose::Backoff, self.layer() as u64)
            .draws(&key)
    }

    /// Refuses an attempt before it is made: it is counted, told, and an error of this class.
    pub fn refuse(self) -> ErrorClass {
        let call = self.call();
        call.attempts.refused(call.next_number());
        self.tell(Event::Refused);
        ErrorClass::Refused
    }

    /// Walks away from all that `drop` drops.
    pub(crate) fn give_up(self, why: Given, drop: impl FnOnce()) {
        self.call().giving_up.set(Some(why));
        drop();
        self.call().giving_up.set(None);
    }
}

impl<A: Attempts> Clone for Context<'_, A> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<A: Attempts> Copy for Context<'_, A> {}
