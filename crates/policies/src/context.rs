//! What a policy sees of the call it stands around.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use awaitlab_core::{AttemptId, Draws, ErrorClass, Instant, Purpose, Runtime};

use crate::attempts::Attempts;
use crate::event::Event;
use crate::stack::Stack;

/// What a policy sees of its call.
pub struct Context<'s, A: Attempts> {
    call: &'s Rc<Call<A>>,
    interest: &'s Interest,
    layer: usize,
}

/// One call on its way through a stack.
pub(crate) struct Call<A> {
    attempts: A,
    pub(crate) stack: Stack,
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
    pub(crate) fn begin(attempts: A, stack: Stack) -> Rc<Self> {
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

    /// The interest in it as a whole.
    pub(crate) fn interest(self: &Rc<Self>) -> Interest {
        Interest(Some(self.clone()))
    }

    /// Makes an attempt: begun when this returns.
    #[inline]
    pub(crate) fn attempt(
        &self,
        interest: Interest,
    ) -> impl Future<Output = Result<A::Value, A::Error>> + use<A> + 'static {
        self.attempts.attempt(self.next_number(), interest)
    }

    fn next_number(&self) -> u32 {
        let number = self.attempts_made.get();
        self.attempts_made.set(number + 1);
        number
    }
}

impl<'s, A: Attempts> Context<'s, A> {
    #[inline]
    pub(crate) fn new(call: &'s Rc<Call<A>>, interest: &'s Interest, layer: usize) -> Self {
        Context {
            call,
            interest,
            layer,
        }
    }

    #[inline]
    pub(crate) fn call(self) -> &'s Rc<Call<A>> {
        self.call
    }

    #[inline]
    pub(crate) fn layer(self) -> usize {
        self.layer
    }

    /// Whether somebody waits for what is inside, as far as the layers outside tell.
    pub(crate) fn interest(self) -> &'s Interest {
        self.interest
    }

    /// The clock and the tasks.
    #[inline]
    pub fn runtime(self) -> &'s A::Runtime {
        self.call.attempts.runtime()
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
        self.call.began
    }

    /// Tells whoever counts.
    #[inline]
    pub fn tell(self, event: Event) {
        self.call.attempts.happened(self.layer, event);
    }

    /// Random numbers that nobody else gets: keyed by the call, the layer, and how many times the
    /// call has asked.
    pub fn draws(self) -> Draws {
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

    /// Refuses an attempt before it is made: it is counted, told, and an error of this class.
    pub fn refuse(self) -> ErrorClass {
        self.call.attempts.refused(self.call.next_number());
        self.tell(Event::Refused);
        ErrorClass::Refused
    }

    /// Walks away from all that `drop` drops.
    pub(crate) fn give_up(self, why: Given, drop: impl FnOnce()) {
        self.call.giving_up.set(Some(why));
        drop();
        self.call.giving_up.set(None);
    }

    /// The interest in what may run on unheard.
    pub(crate) fn waited_for(self) -> (Interest, Waiting) {
        let part = Rc::new(Part {
            outer: self.interest.clone(),
            given: Cell::new(None),
        });
        (Interest(Some(part.clone())), Waiting(part))
    }
}

impl<A: Attempts> Clone for Context<'_, A> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<A: Attempts> Copy for Context<'_, A> {}
