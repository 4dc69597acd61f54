//! What the engine promises: order, eagerness, cancellation, and wakers that are real.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use awaitlab_core::Instant;

mod alarms;
mod cancelling;
mod limits;
mod order;
mod wakers;

/// What happened, in order.
#[derive(Clone, Default)]
struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    fn note(&self, what: impl Into<String>) {
        self.0.borrow_mut().push(what.into());
    }

    fn read(&self) -> Vec<String> {
        self.0.borrow().clone()
    }
}

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn at(n: u64) -> Instant {
    Instant::START + ms(n)
}
