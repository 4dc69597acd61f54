//! Jobs of an open workload that arrive, each by an event.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use awaitlab_core::{EventClass, OnAlarm, Rest, Runtime, Strategy, Streams};
use awaitlab_engine::{Callee, Handle};
use awaitlab_latency::Model;
use awaitlab_scenario::Variant;
use awaitlab_workload::{ArrivalTimes, Workload};

use crate::world::World;

/// Lets the jobs of an open workload arrive, replication by replication.
pub(crate) struct Source<S> {
    world: Rc<World<Handle>>,
    workload: Workload<Model>,
    clients: u32,
    strategy: S,
    rest: Rest,
    /// Itself, as alarms know it.
    callee: Cell<Option<Callee>>,
    next: Cell<u64>,
    /// Those of the replication begun last that have not come.
    times: RefCell<Option<ArrivalTimes>>,
    streams: Cell<Streams>,
}

impl<S: Strategy + Clone + 'static> Source<S> {
    pub(crate) fn new(
        world: Rc<World<Handle>>,
        variant: &Variant,
        strategy: S,
        rest: Rest,
    ) -> Rc<Self> {
        let source = Rc::new(Source {
            callee: Cell::new(None),
            world,
            workload: variant.workload.clone(),
            clients: variant.client.count,
            strategy,
            rest,
            next: Cell::new(0),
            times: RefCell::default(),
            streams: Cell::new(Streams::new(0, 0)),
        });
        let callee = source.world.runtime.callee(source.clone());
        source.callee.set(Some(callee));
        source
    }

    /// Begins a replication, in which jobs arrive at these times.
    pub(crate) fn begin(&self, times: ArrivalTimes, streams: Streams) {
        self.next.set(0);
        self.times.replace(Some(times));
        self.streams.set(streams);
        self.expect_next();
    }

    #[inline]
    fn expect_next(&self) {
        let next = self.times.borrow_mut().as_mut().and_then(Iterator::next);
        if let (Some(at), Some(callee)) = (next, self.callee.get()) {
            let class = EventClass::Arrival;
            let runtime = &self.world.runtime;
            // Never taken back: a run that is ended early is reset.
            let _alarm = runtime.alarm_at(at, class, &callee, 0);
        }
    }
}

impl<S: Strategy + Clone + 'static> OnAlarm for Source<S> {
    #[inline]
    fn on_alarm(&self, _: u32) {
        let job = self.next.replace(self.next.get() + 1);
        let streams = self.streams.get();
        let client = self.workload.client_of(job, self.clients, &streams);
        self.world
            .job_arrives(job, client, self.strategy.clone(), self.rest);
        self.expect_next();
    }
}
