//! What cancelling an attempt does to the service that has it.
//!
//! On its way, at the door, or thrown out: nothing is lost but the answer. In the queue or in
//! service: the service goes on with it, as a web server does that never hears that its client has
//! gone, or lets go of it at once, as one does that watches the connection.
//!
//! A service that goes on keeps the attempt where it stands, with its alarm, and so its place among
//! the events of its instant.

use awaitlab_core::{Faults, Latency, Ledger, Runtime};

use crate::service::Service;
use crate::spec::OnCancel;
use crate::visit::Position;

impl<R, L, F, G> Service<R, L, F, G>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
    G: Ledger,
{
    /// Nobody waits for the answer any more, or it has been told.
    pub(crate) fn leave_limited(&self, key: u32) {
        let now = self.runtime.now();
        let (position, replica) = {
            let visit = &mut self.floor.borrow_mut().visits[key];
            if visit.position == Position::Waiting {
                visit.waited_ns = Some(now.nanos_since(visit.since));
            }
            (visit.position, visit.replica)
        };
        match position {
            Position::Answered => return self.forget(key),
            Position::Vacant => return,
            _ => {}
        }
        self.report_wait(key);
        match (position, self.spec.on_cancel) {
            (Position::Waiting | Position::Working, OnCancel::KeepWorking) => {
                let nobody_waits = {
                    let floor = &mut *self.floor.borrow_mut();
                    floor.no_longer_in_flight(key);
                    let visit = &mut floor.visits[key];
                    visit.cancelled_at = Some(now);
                    visit.waiter.take()
                };
                // A foreign waker may run code of its own when it is dropped: not while we borrow.
                drop(nobody_waits);
            }
            (Position::Waiting, OnCancel::Stop) => self.floor.borrow_mut().leave_queue(key),
            (Position::Working, OnCancel::Stop) => self.floor.borrow_mut().stop_work(key, now),
            (Position::AtDoor, _) => self.floor.borrow_mut().no_longer_present(key),
            (
                Position::Vacant
                | Position::RequestLeg
                | Position::ThrownOut
                | Position::ResponseLeg
                | Position::Lost
                | Position::Answered,
                _,
            ) => {}
        }
        self.tell_of_its_cancelling(key);
        let goes_on = self.floor.borrow().visits[key].cancelled_at.is_some();
        if !goes_on {
            self.forget(key);
            if position == Position::Working {
                self.take_up(replica);
            }
        }
    }

    /// The ledger is told while nothing is borrowed: it may have much to do then. It comes back to an
    /// attempt that is still there, which its service may go on with.
    fn tell_of_its_cancelling(&self, key: u32) {
        let ledger = self.floor.borrow_mut().visits[key].ledger.take();
        let Some(ledger) = ledger else { return };
        ledger.cancelled();
        let visit = &mut self.floor.borrow_mut().visits[key];
        if visit.position != Position::Vacant {
            visit.ledger = Some(ledger);
        }
    }
}
