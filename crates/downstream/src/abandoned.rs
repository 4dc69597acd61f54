//! What cancelling an attempt does to the service that has it.
//!
//! On its way, at the door, or thrown out: nothing is lost but the answer. In the queue or in
//! service: the service goes on with it, as a web server does that never hears that its client has
//! gone, or lets go of it at once, as one does that watches the connection.
//!
//! A service that goes on needs somebody to go on: the attempt's own task has been dropped, so the
//! rest of the way is a task of its own. It takes the pending sleep along, and so its place among
//! the events of its instant.

use awaitlab_core::{Faults, Latency, Ledger, Runtime};

use crate::attempt::{Attempt, Stage};
use crate::spec::OnCancel;
use crate::visit::Position;

impl<R, L, F, G> Attempt<R, L, F, G>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
    G: Ledger,
{
    /// The attempt is answered, or its work done though nobody asks for it.
    pub(crate) fn end(&mut self) {
        self.stage = Stage::Over;
        let waker = self.service.floor.borrow_mut().forget(self.key);
        // A foreign waker may run code of its own when it is dropped: not while we borrow.
        drop(waker);
    }

    fn cancel_inside(&mut self) {
        let now = self.service.runtime.now();
        let position = {
            let visit = &mut self.service.floor.borrow_mut().visits[self.key];
            if visit.cancelled_at.is_some() {
                // Abandoned work, and the run is taken apart around it.
                return;
            }
            if visit.position == Position::Waiting {
                visit.waited_ns = Some(now.nanos_since(visit.since));
            }
            visit.position
        };
        self.report_wait();
        match (position, self.service.spec.on_cancel) {
            (Position::Waiting | Position::TakenUp | Position::Working, OnCancel::KeepWorking) => {
                self.go_on_without_caller();
            }
            (Position::Waiting, OnCancel::Stop) => {
                self.service.floor.borrow_mut().leave_queue(self.key);
                self.end();
            }
            (Position::TakenUp | Position::Working, OnCancel::Stop) => {
                let replica = {
                    let floor = &mut *self.service.floor.borrow_mut();
                    floor.stop_work(self.key, now);
                    floor.visits[self.key].replica
                };
                self.end();
                self.service.take_up(replica);
            }
            (Position::AtDoor, _) => {
                self.service.floor.borrow_mut().no_longer_present(self.key);
                self.end();
            }
            (Position::OnTheWay | Position::ThrownOut, _) => self.end(),
        }
    }

    fn go_on_without_caller(&mut self) {
        let now = self.service.runtime.now();
        {
            let floor = &mut *self.service.floor.borrow_mut();
            floor.no_longer_in_flight(self.key);
            floor.visits[self.key].cancelled_at = Some(now);
        }
        let rest = Attempt {
            service: self.service.clone(),
            ledger: self.ledger.clone(),
            key: self.key,
            stage: Stage::Inside,
            sleep: self.sleep.take(),
        };
        self.service.runtime.spawn(async move {
            // The answer is nobody's.
            let _ = rest.await;
        });
    }
}

impl<R, L, F, G> Drop for Attempt<R, L, F, G>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
    G: Ledger,
{
    #[inline]
    fn drop(&mut self) {
        match self.stage {
            Stage::Over => {}
            Stage::Inside => self.cancel_inside(),
            Stage::RequestLeg | Stage::ResponseLeg | Stage::Lost => self.end(),
        }
    }
}
