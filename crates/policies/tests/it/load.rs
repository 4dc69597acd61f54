//! Calls in numbers: what becomes of them is counted, not written down.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use awaitlab_core::{CallError, EventClass, Runtime, Streams};
use awaitlab_engine::{Engine, Handle};
use awaitlab_policies::{Attempts, Event, Interest, Outcome, Stack};

/// A run in virtual time, and its counts.
pub(crate) struct Load {
    pub(crate) engine: Engine,
    pub(crate) counts: Rc<Counts>,
}

/// What became of all calls together.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) in_flight: Cell<u32>,
    pub(crate) peak: Cell<u32>,
    pub(crate) refused: Cell<u32>,
    pub(crate) events: RefCell<Vec<Event>>,
}

/// A call whose attempts end so after so long; `None`: never.
struct Quiet {
    runtime: Handle,
    counts: Rc<Counts>,
    call: u32,
    end: Option<(Duration, Result<(), CallError>)>,
}

/// What calls are made with.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) runtime: Handle,
    counts: Rc<Counts>,
}

impl Load {
    pub(crate) fn new() -> Self {
        Load {
            engine: Engine::new(),
            counts: Rc::default(),
        }
    }

    pub(crate) fn caller(&self) -> Caller {
        Caller {
            runtime: self.engine.handle().clone(),
            counts: self.counts.clone(),
        }
    }
}

impl Caller {
    /// Makes a call whose attempts end so after so long; `None`: never.
    pub(crate) fn call(
        &self,
        stack: &Stack,
        call: u32,
        end: Option<(Duration, Result<(), CallError>)>,
    ) -> impl Future<Output = Result<(), CallError>> + use<> {
        let attempts = Quiet {
            runtime: self.runtime.clone(),
            counts: self.counts.clone(),
            call,
            end,
        };
        let call = stack.clone().call(attempts);
        async move {
            let outcome: Outcome<Quiet> = call.await;
            outcome.map(|_| ())
        }
    }
}

/// An attempt in flight.
struct InFlight(Rc<Counts>);

impl InFlight {
    fn begin(counts: &Rc<Counts>) -> Self {
        let in_flight = counts.in_flight.get() + 1;
        counts.in_flight.set(in_flight);
        counts.peak.set(counts.peak.get().max(in_flight));
        InFlight(counts.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.set(self.0.in_flight.get() - 1);
    }
}

impl Attempts for Quiet {
    type Runtime = Handle;
    type Value = ();
    type Error = CallError;

    fn runtime(&self) -> &Handle {
        &self.runtime
    }

    fn streams(&self) -> (Streams, u64, u32) {
        (Streams::new(1, 0), 0, self.call)
    }

    fn attempt(
        &self,
        _number: u32,
        _interest: Interest,
    ) -> impl Future<Output = Result<(), CallError>> + use<> + 'static {
        let in_flight = InFlight::begin(&self.counts);
        let (runtime, end) = (self.runtime.clone(), self.end);
        async move {
            let _in_flight = in_flight;
            let Some((after, result)) = end else {
                return std::future::pending().await;
            };
            if !after.is_zero() {
                let at = runtime.now() + after;
                runtime.sleep_until(at, EventClass::Answer).await;
            }
            result
        }
    }

    fn refused(&self, _number: u32) {
        self.counts.refused.set(self.counts.refused.get() + 1);
    }

    fn happened(&self, _layer: usize, event: Event) {
        self.counts.events.borrow_mut().push(event);
    }
}
