//! One service: what it is, the replication it is in, and the way in.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;

use awaitlab_core::{
    AttemptId, CallResult, Condition, Faults, Instant, Latency, Ledger, Runtime, Streams,
};

use crate::attempt::Attempt;
use crate::draws::ServiceStreams;
use crate::edges;
use crate::floor::Floor;
use crate::plain::PlainCounts;
use crate::serving::Serving;
use crate::spec::ServiceSpec;
use crate::stats::ServiceStats;

/// A service under load.
#[derive(Debug)]
pub struct Service<R: Runtime, L, F> {
    pub(crate) runtime: R,
    pub(crate) spec: ServiceSpec<L>,
    pub(crate) faults: F,
    pub(crate) streams: Cell<ServiceStreams>,
    pub(crate) floor: RefCell<Floor>,
    pub(crate) plain_counts: PlainCounts,
    /// Whether the condition of its replicas changes in this replication.
    pub(crate) changes: Cell<bool>,
    plain: Cell<bool>,
    number: u64,
}

impl<R, L, F> Service<R, L, F>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
{
    /// The service with this number among those of a scenario, called by so many clients. Its
    /// randomness is keyed by that number, so services do not share latencies, and those of one do
    /// not depend on the others.
    ///
    /// Attempts are served once a replication has begun.
    pub fn new(runtime: R, number: u64, clients: u32, spec: ServiceSpec<L>, faults: F) -> Rc<Self> {
        let floor = Floor::new(&spec, clients, Instant::START);
        let streams = ServiceStreams::new(Streams::new(0, 0), number);
        Rc::new(Service {
            runtime,
            spec,
            faults,
            streams: Cell::new(streams),
            floor: RefCell::new(floor),
            plain_counts: PlainCounts::default(),
            changes: Cell::new(false),
            plain: Cell::new(false),
            number,
        })
    }

    /// Begins a replication: everything drawn from here on belongs to it; nothing waits, the bucket
    /// is full, nothing has been counted.
    ///
    /// To be called when no attempt of an earlier replication is alive, and no abandoned work:
    /// after the runtime has been reset. Where faults change the condition of a replica, a task
    /// begins that follows it, for ever where they repeat for ever; its events are edges.
    pub fn begin_replication(self: &Rc<Self>, streams: Streams) {
        let now = self.runtime.now();
        self.faults.begin_replication(streams);
        self.streams.set(ServiceStreams::new(streams, self.number));
        if !self.plain.get() {
            let left = self.floor.borrow_mut().clear(now);
            drop(left);
        }
        self.plain_counts.reset();
        let changes = self.faults.next_change(now).is_some();
        let replicas = 0..self.spec.replicas.len() as u32;
        let undisturbed = replicas
            .map(|replica| self.faults.condition(replica, now))
            .all(|condition| condition == Condition::default());
        self.changes.set(changes);
        self.plain
            .set(self.spec.is_plain() && undisturbed && !changes);
        if !undisturbed {
            edges::apply(self);
        }
        if changes {
            self.runtime.spawn(edges::follow(self.clone()));
        }
    }

    /// Sends an attempt from client `client` now. Where there is no network it arrives inside, else
    /// its leg begins. The future is the wait for the answer; dropping it cancels the attempt.
    ///
    /// # Panics
    /// When the service sees each client's attempts apart and there is no such client.
    #[inline]
    pub fn serve<G: Ledger>(
        self: &Rc<Self>,
        attempt: AttemptId,
        client: u32,
        ledger: G,
    ) -> impl Future<Output = CallResult> + use<R, L, F, G> {
        if self.plain.get() {
            Serving::Plain(self.serve_plain(&attempt))
        } else {
            Serving::Limited(Attempt::send(self.clone(), attempt, client, ledger))
        }
    }

    /// How many attempts wait now, at all replicas.
    pub fn queued(&self) -> u64 {
        self.floor.borrow().waiting
    }

    /// Whether anything waits or is worked on, abandoned work and attempts that hang included.
    /// A service without any limit keeps no such book: `false`.
    pub fn has_work(&self) -> bool {
        self.floor.borrow().has_work()
    }

    /// Whether a change of its replicas' condition that is yet to come may set something going that
    /// waits here, or end something that hangs.
    pub fn waits_for_change(&self) -> bool {
        let now = self.runtime.now();
        let prospects = |replica| self.faults.prospects(replica, now);
        self.floor.borrow().waits_for_change(prospects)
    }

    /// What it has done in this replication so far.
    pub fn stats(&self) -> ServiceStats {
        let mut stats = self.floor.borrow().stats(self.runtime.now());
        stats.busy_ns += self.plain_counts.busy_ns.get();
        stats.abandoned_ns += self.plain_counts.abandoned_ns.get();
        stats
    }

    /// Lets free workers of a replica turn to those who wait.
    pub(crate) fn take_up(&self, replica: u32) {
        let now = self.runtime.now();
        loop {
            let taken_up = self.floor.borrow_mut().take_up_next(replica, now);
            match taken_up {
                None => break,
                // Woken when nothing is borrowed: a foreign waker may come back to us.
                Some(waker) => waker.into_iter().for_each(std::task::Waker::wake),
            }
        }
    }
}
