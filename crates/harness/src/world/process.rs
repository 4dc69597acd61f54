//! A client process: its connections, its event loop, and whether it is up.

use std::cell::Cell;
use std::rc::Rc;

use awaitlab_client::{ClientSpec, Connections, EventLoop};
use awaitlab_core::Runtime;

/// One of the processes that run jobs.
pub(crate) struct Process<R: Runtime> {
    /// Per service; `None` where there are as many as anybody wants.
    connections: Option<Vec<Rc<Connections<R>>>>,
    event_loop: Option<Rc<EventLoop<R>>>,
    up: Cell<bool>,
    deaths: Cell<u64>,
}

impl<R: Runtime> Process<R> {
    pub(crate) fn new(runtime: &R, spec: &ClientSpec, services: usize) -> Self {
        let pool = |limit| Connections::new(runtime.clone(), limit, spec.acquire_timeout);
        Process {
            connections: spec
                .connections
                .map(|limit| (0..services).map(|_| pool(limit)).collect()),
            event_loop: spec
                .per_call
                .map(|cost| EventLoop::new(runtime.clone(), cost)),
            up: Cell::new(true),
            deaths: Cell::new(0),
        }
    }

    pub(crate) fn begin_replication(&self) {
        self.up.set(true);
        self.deaths.set(0);
        if let Some(event_loop) = &self.event_loop {
            event_loop.begin_replication();
        }
    }

    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.connections.is_none() && self.event_loop.is_none()
    }

    pub(crate) fn connections(&self, service: u32) -> Option<&Rc<Connections<R>>> {
        self.connections
            .as_ref()
            .map(|of_service| &of_service[service as usize])
    }

    pub(crate) fn event_loop(&self) -> Option<&Rc<EventLoop<R>>> {
        self.event_loop.as_ref()
    }

    pub(crate) fn is_up(&self) -> bool {
        self.up.get()
    }

    pub(crate) fn deaths(&self) -> u64 {
        self.deaths.get()
    }

    /// It ends. Counted where the job it ends by counts.
    pub(crate) fn die(&self, counted: bool) {
        self.up.set(false);
        self.deaths.set(self.deaths.get() + u64::from(counted));
    }

    pub(crate) fn come_back(&self) {
        self.up.set(true);
    }
}
