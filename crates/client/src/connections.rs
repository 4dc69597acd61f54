//! The connections of one process to one service.
//!
//! Idea: a process keeps so many connections open; an attempt needs one from before it is sent until
//! it is answered or cancelled. While all are taken, newcomers wait, first come first served, each at
//! most for the acquire timeout.
//!
//! When it hurts: the wait does not show at the service, which sees a steady trickle; a bound on
//! concurrency above the pool's size moves the queue from the strategy into the pool, where it has a
//! timeout.
//!
//! A connection that is given back goes to the first who waits, within the same event: nobody who
//! comes later can take it in between. A timeout is a timer, so a connection that an answer frees at
//! the very instant of the timeout is in time.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use awaitlab_core::{EventClass, Instant, Runtime};

/// A pool of connections of one process to one service.
pub struct Connections<R> {
    runtime: R,
    size: u32,
    acquire_timeout: Option<Duration>,
    queue: RefCell<Queue>,
}

/// Who waits; somebody only while nothing is free.
#[derive(Debug)]
struct Queue {
    free: u32,
    next_ticket: u64,
    /// By ticket, the smallest next. Whose ticket is gone has been given a connection.
    waiting: BTreeMap<u64, Waker>,
}

/// A connection in use. Dropping it gives it back.
#[must_use = "a connection that is dropped is given back"]
pub struct Permit<R> {
    pool: Rc<Connections<R>>,
    waited_ns: u64,
}

/// No connection became free within the acquire timeout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no connection within {:?}", Duration::from_nanos(*.waited_ns))]
pub struct NoConnection {
    waited_ns: u64,
}

impl<R: Runtime> Connections<R> {
    /// A pool of `size` connections, all free. Who waits for one gives up after `acquire_timeout`;
    /// never without one. A pool of none serves nobody.
    pub fn new(runtime: R, size: u32, acquire_timeout: Option<Duration>) -> Rc<Self> {
        let queue = Queue {
            free: size,
            next_ticket: 0,
            waiting: BTreeMap::new(),
        };
        Rc::new(Connections {
            runtime,
            size,
            acquire_timeout,
            queue: queue.into(),
        })
    }

    /// Takes a connection: at the first poll when one is free, else when it is one's turn.
    ///
    /// One's place is that of the first poll; dropping the future leaves it.
    pub fn acquire(
        self: &Rc<Self>,
    ) -> impl Future<Output = Result<Permit<R>, NoConnection>> + use<R> {
        let pool = self.clone();
        async move {
            if pool.take_free() {
                return Ok(Permit { pool, waited_ns: 0 });
            }
            let asked = pool.runtime.now();
            let give_up = pool
                .acquire_timeout
                .map(|after| pool.runtime.sleep_until(asked + after, EventClass::Timer));
            let mut give_up = pin!(give_up);
            let mut place = Place::at_the_end_of(pool);
            poll_fn(|cx| place.poll(give_up.as_mut(), asked, cx)).await
        }
    }

    /// How many there are.
    pub const fn size(&self) -> u32 {
        self.size
    }

    /// How many are in use.
    pub fn in_use(&self) -> u32 {
        self.size - self.queue.borrow().free
    }

    /// How many wait for one.
    pub fn waiting(&self) -> usize {
        self.queue.borrow().waiting.len()
    }

    fn take_free(&self) -> bool {
        let mut queue = self.queue.borrow_mut();
        let is_free = queue.free > 0;
        queue.free -= u32::from(is_free);
        is_free
    }
}

impl<R> Connections<R> {
    /// Hands a connection that is given back to the first who waits.
    fn give_back(&self) {
        let mut queue = self.queue.borrow_mut();
        let first = queue.waiting.pop_first();
        if first.is_none() {
            queue.free += 1;
        }
        // Waking may run code that asks for a connection: not while we borrow.
        drop(queue);
        if let Some((_, waker)) = first {
            waker.wake();
        }
    }
}

/// A place in the queue.
struct Place<R> {
    pool: Rc<Connections<R>>,
    ticket: u64,
    /// Whether it has brought its connection, or given up.
    left: bool,
}

impl<R: Runtime> Place<R> {
    fn at_the_end_of(pool: Rc<Connections<R>>) -> Self {
        let ticket = {
            let mut queue = pool.queue.borrow_mut();
            let ticket = queue.next_ticket;
            queue.next_ticket += 1;
            queue.waiting.insert(ticket, Waker::noop().clone());
            ticket
        };
        Place {
            pool,
            ticket,
            left: false,
        }
    }

    fn poll(
        &mut self,
        give_up: Pin<&mut Option<R::Sleep>>,
        asked: Instant,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Permit<R>, NoConnection>> {
        let waited_ns = self.pool.runtime.now().nanos_since(asked);
        if !self.waits_with(cx.waker()) {
            self.left = true;
            let pool = self.pool.clone();
            return Poll::Ready(Ok(Permit { pool, waited_ns }));
        }
        let over = give_up
            .as_pin_mut()
            .is_some_and(|sleep| sleep.poll(cx).is_ready());
        if !over {
            return Poll::Pending;
        }
        self.left = true;
        let waker = self.pool.queue.borrow_mut().waiting.remove(&self.ticket);
        drop(waker);
        Poll::Ready(Err(NoConnection { waited_ns }))
    }

    /// Whether the place is still in the queue; if so, `waker` is woken when it is its turn.
    fn waits_with(&self, waker: &Waker) -> bool {
        let mut queue = self.pool.queue.borrow_mut();
        let Some(known) = queue.waiting.get_mut(&self.ticket) else {
            return false;
        };
        let replaced = (!known.will_wake(waker)).then(|| std::mem::replace(known, waker.clone()));
        // A foreign waker may run code of its own when it is dropped: not while we borrow.
        drop(queue);
        drop(replaced);
        true
    }
}

impl<R> Drop for Place<R> {
    fn drop(&mut self) {
        if self.left {
            return;
        }
        let waker = self.pool.queue.borrow_mut().waiting.remove(&self.ticket);
        if waker.is_none() {
            // It was given a connection that nobody came to take.
            self.pool.give_back();
        }
    }
}

impl<R> Permit<R> {
    /// How long it was waited for, in nanoseconds.
    pub const fn waited_ns(&self) -> u64 {
        self.waited_ns
    }
}

impl<R> Drop for Permit<R> {
    fn drop(&mut self) {
        self.pool.give_back();
    }
}

impl NoConnection {
    /// How long it was waited, in nanoseconds.
    pub const fn waited_ns(&self) -> u64 {
        self.waited_ns
    }
}

impl<R> fmt::Debug for Connections<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections")
            .field("size", &self.size)
            .field("acquire_timeout", &self.acquire_timeout)
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}

impl<R> fmt::Debug for Permit<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("waited_ns", &self.waited_ns)
            .finish_non_exhaustive()
    }
}
