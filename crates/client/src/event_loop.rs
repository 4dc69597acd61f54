//! The one thread of a process, as Node has it.
//!
//! Idea: an answer that has arrived is nothing yet; its callback runs when the thread comes to it,
//! and keeps the thread for a while. One server, first come first served, the same CPU time for every
//! callback. The attempt ends when the loop takes its callback up; its call hears of it when the CPU
//! time is spent.
//!
//! When it hurts: callbacks that arrive together run one after another, so concurrency does not speed
//! up one thread, and what arrives behind them waits: loop lag.
//!
//! Once taken up a callback runs to its end, whoever has lost interest in it. What its call does then
//! (the microtasks) comes before the next callback is taken up, which is an event of its own at the
//! same instant: a call that fails can still cancel an answer that waits for the loop.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use awaitlab_core::time::nanos;
use awaitlab_core::{EventClass, Instant, Runtime};

/// The event loop of one process.
pub struct EventLoop<R> {
    runtime: R,
    per_call_ns: u64,
    line: RefCell<Line>,
    stats: Cell<LoopStats>,
}

/// What a loop has done since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoopStats {
    /// Callbacks taken up.
    pub turns: u64,
    /// CPU time of those, in nanoseconds; the rest of the time the loop was idle.
    pub busy_ns: u128,
    /// The sum of the times that they had waited for the loop (its lag), in nanoseconds.
    pub lag_sum_ns: u128,
    /// The longest of those.
    pub lag_max_ns: u64,
}

/// A callback that has been taken up.
#[must_use = "its CPU time is spent when `done` is ready"]
pub struct Turn<R> {
    /// `None` where a callback costs nothing.
    running: Option<(Rc<EventLoop<R>>, u64)>,
    lag_ns: u64,
}

/// Who has the thread and who waits for it; somebody waits only while somebody has it.
#[derive(Debug, Default)]
struct Line {
    next_ticket: u64,
    /// By ticket, the smallest next. Whose ticket is gone has been taken up.
    waiting: BTreeMap<u64, Waiting>,
    /// A callback has the thread, or the next is just about to.
    taken: bool,
    /// The callback whose CPU time is being spent.
    running: Option<Running>,
}

#[derive(Debug)]
struct Waiting {
    since: Instant,
    waker: Waker,
}

#[derive(Debug)]
struct Running {
    ticket: u64,
    /// Whoever waits for its end.
    waker: Option<Waker>,
}

impl<R: Runtime> EventLoop<R> {
    /// A loop in which every callback costs `per_call` of CPU time. When that is zero, nothing waits,
    /// nothing is scheduled and nothing is counted.
    pub fn new(runtime: R, per_call: Duration) -> Rc<Self> {
        Rc::new(EventLoop {
            runtime,
            per_call_ns: nanos(per_call),
            line: RefCell::default(),
            stats: Cell::default(),
        })
    }

    /// Begins anew, idle and with nothing counted. For a runtime that has begun anew, too: it must
    /// have dropped everything that waited here.
    pub fn begin_replication(&self) {
        let before = self.line.take();
        drop(before);
        self.stats.set(LoopStats::default());
    }

    /// Queues a callback at the first poll and is ready when the loop takes it up: at once when the
    /// loop is idle. Dropping the future before leaves the queue.
    pub fn turn(self: &Rc<Self>) -> impl Future<Output = Turn<R>> + use<R> {
        let this = self.clone();
        async move {
            if this.per_call_ns == 0 {
                return Turn {
                    running: None,
                    lag_ns: 0,
                };
            }
            let since = this.runtime.now();
            let place = Place::join(&this, since);
            poll_fn(|cx| place.poll(cx)).await;
            let ticket = place.ticket;
            drop(place);
            Turn {
                lag_ns: this.runtime.now().nanos_since(since),
                running: Some((this, ticket)),
            }
        }
    }

    /// What it has done so far. A callback counts in full from when it is taken up.
    pub fn stats(&self) -> LoopStats {
        self.stats.get()
    }

    /// Callbacks that wait to be taken up.
    pub fn waiting(&self) -> usize {
        self.line.borrow().waiting.len()
    }

    /// Spends CPU time on one callback after another until none waits.
    async fn work(self: Rc<Self>) {
        loop {
            let end = self.runtime.now().after_nanos(self.per_call_ns);
            self.runtime.sleep_until(end, EventClass::Answer).await;
            if !self.end_running() {
                return;
            }
            self.runtime.sleep_until(end, EventClass::Answer).await;
            if !self.take_up_next() {
                return;
            }
        }
    }

    /// Ends the callback that has the thread; whether another waits for it.
    fn end_running(&self) -> bool {
        let mut line = self.line.borrow_mut();
        let ended = line.running.take();
        line.taken = !line.waiting.is_empty();
        let more = line.taken;
        drop(line);
        if let Some(waker) = ended.and_then(|running| running.waker) {
            waker.wake();
        }
        more
    }

    /// Takes up the first that waits; false when all have left meanwhile.
    fn take_up_next(&self) -> bool {
        let mut line = self.line.borrow_mut();
        let Some((ticket, next)) = line.waiting.pop_first() else {
            line.taken = false;
            return false;
        };
        line.run(ticket);
        drop(line);
        self.count(self.runtime.now().nanos_since(next.since));
        next.waker.wake();
        true
    }

    fn count(&self, lag_ns: u64) {
        let stats = self.stats.get();
        self.stats.set(LoopStats {
            turns: stats.turns + 1,
            busy_ns: stats.busy_ns + u128::from(self.per_call_ns),
            lag_sum_ns: stats.lag_sum_ns + u128::from(lag_ns),
            lag_max_ns: stats.lag_max_ns.max(lag_ns),
        });
    }
}

impl Line {
    fn run(&mut self, ticket: u64) {
        self.taken = true;
        self.running = Some(Running {
            ticket,
            waker: None,
        });
    }
}

/// A callback's place in the queue; it may have been taken up already.
struct Place<'l, R> {
    of: &'l EventLoop<R>,
    ticket: u64,
}

impl<'l, R: Runtime> Place<'l, R> {
    /// Queues, or takes an idle loop at once.
    fn join(of: &'l Rc<EventLoop<R>>, since: Instant) -> Self {
        let mut line = of.line.borrow_mut();
        let ticket = line.next_ticket;
        line.next_ticket += 1;
        if line.taken {
            let waker = Waker::noop().clone();
            line.waiting.insert(ticket, Waiting { since, waker });
        } else {
            line.run(ticket);
            drop(line);
            of.count(0);
            // A task of its own, so that the CPU time is spent even if nobody waits for its end.
            of.runtime.spawn(of.clone().work());
        }
        Place { of, ticket }
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut line = self.of.line.borrow_mut();
        let Some(waiting) = line.waiting.get_mut(&self.ticket) else {
            return Poll::Ready(());
        };
        let replaced = std::mem::replace(&mut waiting.waker, cx.waker().clone());
        // A foreign waker may run code of its own when it is dropped: not while we borrow.
        drop(line);
        drop(replaced);
        Poll::Pending
    }
}

impl<R> Drop for Place<'_, R> {
    fn drop(&mut self) {
        let left = self.of.line.borrow_mut().waiting.remove(&self.ticket);
        drop(left);
    }
}

impl<R: Runtime> Turn<R> {
    /// How long the callback waited for the loop, in nanoseconds.
    pub const fn lag_ns(&self) -> u64 {
        self.lag_ns
    }

    /// Ready when its CPU time is spent; at once where it costs nothing.
    pub fn done(self) -> impl Future<Output = ()> + use<R> {
        poll_fn(move |cx| match &self.running {
            None => Poll::Ready(()),
            Some((of, ticket)) => of.poll_end(*ticket, cx),
        })
    }
}

impl<R> EventLoop<R> {
    fn poll_end(&self, ticket: u64, cx: &mut Context<'_>) -> Poll<()> {
        let mut line = self.line.borrow_mut();
        let running = line.running.as_mut();
        let Some(running) = running.filter(|running| running.ticket == ticket) else {
            return Poll::Ready(());
        };
        let replaced = running.waker.replace(cx.waker().clone());
        drop(line);
        drop(replaced);
        Poll::Pending
    }
}

impl<R> fmt::Debug for EventLoop<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventLoop")
            .field("per_call_ns", &self.per_call_ns)
            .field("line", &self.line)
            .field("stats", &self.stats.get())
            .finish_non_exhaustive()
    }
}

impl<R> fmt::Debug for Turn<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn")
            .field("lag_ns", &self.lag_ns)
            .finish_non_exhaustive()
    }
}
