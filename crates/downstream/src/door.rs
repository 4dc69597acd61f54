//! The door of a service: who is answered there, without a worker.

use std::time::Duration;

use awaitlab_core::time::nanos;
use awaitlab_core::{CallError, EventClass, Faults, Instant, Latency, Ledger, Runtime};

use crate::attempt::Message;
use crate::floor::{DOWN, throttled};
use crate::service::Service;
use crate::visit::{Position, Work};

impl<R, L, F, G> Service<R, L, F, G>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
    G: Ledger,
{
    /// Whether faults answer an attempt that arrives.
    pub(crate) fn is_struck(&self, key: u32, message: &Message, now: Instant) -> bool {
        if self.floor.borrow().is_down(message.replica) {
            self.answer_at(key, now, DOWN, false);
            return true;
        }
        if message.number > 0 {
            return false;
        }
        let verdict = self.faults.judge(&message.attempt, message.replica, now);
        match Work::of(verdict) {
            Ok(work) => {
                self.floor.borrow_mut().visits[key].work = work;
                false
            }
            Err((error, after)) => {
                self.answer_from_door(key, error, after, true);
                true
            }
        }
    }

    /// A token of the quota, or the error that is answered without one, and after how long.
    #[inline]
    pub(crate) fn pass_quota(&self, now: Instant) -> Result<(), (CallError, Duration)> {
        let Some(limit) = &self.spec.rate_limit else {
            return Ok(());
        };
        match &mut self.floor.borrow_mut().bucket {
            Some(bucket) => bucket
                .take(now)
                .map_err(|next| (throttled(Some(next)), limit.reject_latency)),
            None => Ok(()),
        }
    }

    /// It never came in.
    pub(crate) fn refuse(&self, key: u32) {
        let floor = &mut *self.floor.borrow_mut();
        floor.no_longer_in_flight(key);
        if let Some(ledger) = &floor.visits[key].ledger {
            ledger.refused();
        }
    }

    /// Answers without a worker once so much time has passed at the replica, which is longer where
    /// it is paused; `present` where the attempt counts as in flight at the service until then.
    pub(crate) fn answer_from_door(
        &self,
        key: u32,
        error: CallError,
        after: Duration,
        present: bool,
    ) {
        let now = self.runtime.now();
        let replica = self.floor.borrow().visits[key].replica;
        let at = self.finishes(replica, now, nanos(after));
        self.answer_at(key, at, error, present);
    }

    fn answer_at(&self, key: u32, at: Instant, error: CallError, present: bool) {
        self.floor.borrow_mut().at_door(key, Err(error), present);
        self.goes_on_at(key, Position::AtDoor, at, EventClass::Answer);
    }
}
