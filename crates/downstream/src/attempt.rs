//! The way of one attempt through a service with limits.
//!
//! On the way down: lost by a partition, or the request leg; the fault rules; the quota; the queue
//! and a worker; on the way back: lost, or the response leg. An attempt on a versioned item goes
//! that way twice, as a read and as a write, and meets fault rules and quota the first time only.
//!
//! Events drive it: an alarm for whatever has an instant, a free worker for who waits. What stands
//! on the service's floor is all there is of an attempt.

use std::future::poll_fn;
use std::task::{Poll, Waker};
use std::time::Duration;

use awaitlab_core::time::nanos;
use awaitlab_core::{AttemptId, CallResult, EventClass, Faults, Instant, Latency, Ledger, Runtime};

use crate::draws::nth_sample;
use crate::floor::{Admission, Next, UNAVAILABLE};
use crate::service::Service;
use crate::slowdown::times;
use crate::visit::{Position, Visit, Work};

impl<R, L, F, G> Service<R, L, F, G>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
    G: Ledger,
{
    /// Sends an attempt; gives back its key.
    #[inline]
    pub(crate) fn send_limited(
        &self,
        attempt: AttemptId,
        client: u32,
        ledger: G,
        awaited: bool,
    ) -> u32 {
        let (key, replica) = {
            let floor = &mut *self.floor.borrow_mut();
            let key = floor.enter(attempt, ledger, awaited);
            let replica = match &mut floor.balancer {
                None => 0,
                Some(balancer) => {
                    let chance = &mut self.streams.get().chance(&attempt);
                    let (replica, counted) = balancer.send(client, chance);
                    let visit = &mut floor.visits[key];
                    (visit.replica, visit.counted) = (replica, Some(counted));
                    replica
                }
            };
            (key, replica)
        };
        let message = Message {
            attempt,
            replica,
            number: 0,
        };
        self.send_message(key, message);
        key
    }

    #[inline(always)]
    fn send_message(&self, key: u32, message: Message) {
        let now = self.runtime.now();
        let Message {
            attempt, replica, ..
        } = &message;
        if self.can_be_struck && self.faults.loses(attempt, *replica, now) {
            return self.is_lost(key);
        }
        match &self.spec.network {
            None => self.arrive(key, message),
            Some(network) => {
                let stream = self.streams.get().request_leg;
                let leg_ns = nth_sample(network, stream, attempt, message.number);
                let at = now.after_nanos(leg_ns);
                self.goes_on_at(key, Position::RequestLeg, at, EventClass::Arrival);
            }
        }
    }

    #[inline(always)]
    fn arrive(&self, key: u32, message: Message) {
        let now = self.runtime.now();
        let number = message.number;
        if self.can_be_struck && self.is_struck(key, &message, now) {
            return;
        }
        if number == 0
            && let Err((error, after)) = self.pass_quota(now)
        {
            self.refuse(key);
            return self.answer_from_door(key, error, after, false);
        }
        let admission = self.floor.borrow_mut().admit(key, now);
        match admission {
            Admission::Waits => {}
            Admission::TakenUp => self.begin_work(key),
            Admission::QueueFull => {
                // The read of this attempt has been served: it cannot be refused any more.
                if number == 0 {
                    self.refuse(key);
                }
                self.answer_from_door(key, UNAVAILABLE, Duration::ZERO, false);
            }
        }
    }

    /// A worker has turned to the attempt: how long that takes is fixed now.
    #[inline(always)]
    pub(crate) fn begin_work(&self, key: u32) {
        let visit = &mut self.floor.borrow_mut().visits[key];
        visit.alarm = self
            .work_ends(visit)
            .map(|at| self.alarm_at(at, EventClass::Answer, key));
        visit.report_wait(|| self.runtime.now());
    }

    /// When the work on an attempt that has just been taken up is done; `None`: never.
    #[inline(always)]
    fn work_ends(&self, visit: &Visit<R, G>) -> Option<Instant> {
        if visit.work == Work::Hang {
            return None;
        }
        let replica = &self.spec.replicas[visit.replica as usize];
        let stream = self.streams.get().latency;
        let mut work_ns = nth_sample(&replica.latency, stream, &visit.attempt, visit.message());
        if let Some(slowdown) = &replica.slowdown {
            work_ns = times(work_ns, slowdown.factor(visit.in_service));
        }
        if let Work::Slow { factor, add } = visit.work {
            work_ns = times(work_ns, factor).saturating_add(nanos(add));
        }
        Some(self.finishes(visit.replica, visit.begun, work_ns))
    }

    /// When a replica is done with work that it begins at `from`.
    #[inline]
    pub(crate) fn finishes(&self, replica: u32, from: Instant, work_ns: u64) -> Instant {
        if self.can_be_struck {
            self.faults.finishes(replica, from, work_ns)
        } else {
            from.after_nanos(work_ns)
        }
    }

    pub(crate) fn report_wait(&self, key: u32) {
        let visit = &mut self.floor.borrow_mut().visits[key];
        visit.report_wait(|| self.runtime.now());
    }

    /// Lets free workers of a replica turn to those who wait.
    pub(crate) fn take_up(&self, replica: u32) {
        self.take_up_after(replica, |_| ());
    }

    /// The same after `first`, which happens when it is settled who is next, and before anything
    /// comes of that. It is told whether others have waited for too long and will say so.
    #[inline]
    fn take_up_after(&self, replica: u32, first: impl FnOnce(Telling)) {
        let mut next = self.next.take();
        let now = self.runtime.now();
        self.floor.borrow_mut().take_up(replica, now, &mut next);
        let is_thrown_out = |one: &Next| matches!(one, Next::ThrownOut(_));
        first(if next.iter().any(is_thrown_out) {
            Telling::InTurn
        } else {
            Telling::Now
        });
        for one in next.drain(..) {
            match one {
                Next::TakenUp(key) => self.begin_work(key),
                Next::ThrownOut(key) => self.throw_out(key),
            }
        }
        self.next.replace(next);
    }

    /// An attempt has been thrown out. It says so when it is its turn among all that can run now:
    /// several may be thrown out at a time, and who hears of the first may cancel the others.
    pub(crate) fn throw_out(&self, key: u32) {
        let (alarm, waiter, number) = {
            let visit = &mut self.floor.borrow_mut().visits[key];
            (visit.alarm.take(), visit.waiter.take(), visit.number)
        };
        if let Some(alarm) = alarm {
            self.runtime.take_back(alarm);
        }
        if let Some(waiter) = waiter {
            return self.runtime.wake(waiter);
        }
        let Some(service) = self.me.upgrade() else {
            return;
        };
        self.in_turn(move || {
            if service.floor.borrow().is_thrown_out(key, number) {
                service.is_thrown_out(key);
            }
        });
    }

    /// Does something behind all that can run now.
    fn in_turn(&self, what: impl FnOnce() + 'static) {
        let mut what = Some(what);
        let mut waited = false;
        self.runtime.spawn(poll_fn(move |cx| {
            if !std::mem::replace(&mut waited, true) {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if let Some(what) = what.take() {
                what();
            }
            Poll::Ready(())
        }));
    }

    fn is_thrown_out(&self, key: u32) {
        self.report_wait(key);
        self.answer(key, Telling::Now);
    }

    /// The alarm of an attempt has gone off.
    #[inline(always)]
    pub(crate) fn go_on(&self, key: u32) {
        if self.is_simple {
            return self.finish_work(key);
        }
        let now = self.runtime.now();
        let (position, message) = {
            let floor = &mut *self.floor.borrow_mut();
            let visit = &mut floor.visits[key];
            visit.alarm = None;
            let (position, message) = (visit.position, Message::of(visit));
            match position {
                Position::Working => floor.complete(key, now),
                Position::AtDoor => floor.no_longer_present(key),
                _ => {}
            }
            (position, message)
        };
        match position {
            Position::RequestLeg => self.arrive(key, message),
            Position::AtDoor => self.answer(key, Telling::Now),
            Position::Working => {
                self.take_up_after(message.replica, |telling| self.answer(key, telling));
            }
            Position::ResponseLeg => self.receive(key, Telling::Now),
            // It was forgotten with the run that it was of.
            Position::Vacant => {}
            Position::Waiting | Position::ThrownOut | Position::Lost | Position::Answered => {}
        }
    }

    /// Sends the answer on its way.
    #[inline]
    fn answer(&self, key: u32, telling: Telling) {
        let now = self.runtime.now();
        let (message, abandoned) = {
            let visit = &self.floor.borrow().visits[key];
            (Message::of(visit), visit.cancelled_at.is_some())
        };
        if abandoned {
            return self.forget(key);
        }
        let Message {
            attempt,
            replica,
            number,
        } = &message;
        if self.can_be_struck && self.faults.loses(attempt, *replica, now) {
            return self.is_lost(key);
        }
        match &self.spec.network {
            None => self.receive(key, telling),
            Some(network) => {
                let stream = self.streams.get().response_leg;
                let leg_ns = nth_sample(network, stream, attempt, *number);
                let at = now.after_nanos(leg_ns);
                self.goes_on_at(key, Position::ResponseLeg, at, EventClass::Answer);
            }
        }
    }

    /// The answer is there: that of the attempt, or that of the read of a versioned item, which the
    /// write follows.
    #[inline]
    fn receive(&self, key: u32, telling: Telling) {
        if let Some(write) = self.write_after_read(key) {
            return self.send_message(key, write);
        }
        let told = {
            let floor = &mut *self.floor.borrow_mut();
            floor.no_longer_in_flight(key);
            let visit = &mut floor.visits[key];
            if telling == Telling::InTurn && visit.waiter.is_none() {
                visit.position = Position::ThrownOut;
                None
            } else if visit.awaited {
                visit.position = Position::Answered;
                Some((visit.ledger.take(), visit.waiter.take(), visit.reply))
            } else {
                let (ledger, waiter) = visit.leaves();
                let reply = visit.reply;
                floor.visits.give_up(key);
                Some((ledger, waiter, reply))
            }
        };
        let Some((ledger, waiter, reply)) = told else {
            return self.throw_out(key);
        };
        if let Some(ledger) = ledger {
            ledger.answered(reply);
        }
        if let Some(waiter) = waiter {
            self.runtime.wake(waiter);
        }
    }

    #[inline]
    fn write_after_read(&self, key: u32) -> Option<Message> {
        if !self.spec.versioned_item {
            return None;
        }
        let visit = &mut self.floor.borrow_mut().visits[key];
        if visit.writes || visit.reply.is_err() {
            return None;
        }
        visit.writes = true;
        Some(Message::of(visit))
    }

    pub(crate) fn poll_limited(&self, key: u32, waker: &Waker) -> Poll<CallResult> {
        if self.floor.borrow().visits[key].position == Position::ThrownOut {
            self.is_thrown_out(key);
        }
        {
            let floor = &mut *self.floor.borrow_mut();
            let visit = &mut floor.visits[key];
            if visit.position == Position::Answered {
                let reply = visit.reply;
                visit.leaves();
                floor.visits.give_up(key);
                return Poll::Ready(reply);
            }
        }
        // A foreign waker may run code of its own when it is cloned or dropped: not while we borrow.
        let waiter = self.runtime.waiter(waker);
        let replaced = self.floor.borrow_mut().visits[key].waiter.replace(waiter);
        drop(replaced);
        Poll::Pending
    }

    fn is_lost(&self, key: u32) {
        self.floor.borrow_mut().visits[key].position = Position::Lost;
    }

    pub(crate) fn goes_on_at(&self, key: u32, position: Position, at: Instant, class: EventClass) {
        let alarm = self.alarm_at(at, class, key);
        let visit = &mut self.floor.borrow_mut().visits[key];
        visit.position = position;
        visit.alarm = Some(alarm);
    }

    /// Forgets an attempt, with the event that it waits for.
    pub(crate) fn forget(&self, key: u32) {
        let (alarm, forgotten) = {
            let floor = &mut *self.floor.borrow_mut();
            (floor.visits[key].alarm.take(), floor.forget(key))
        };
        if let Some(alarm) = alarm {
            self.runtime.take_back(alarm);
        }
        // Ledgers and wakers may run code of their own when they are dropped: not while we borrow.
        drop(forgotten);
    }
}

/// When the end of an attempt is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Telling {
    Now,
    /// Others end at the same event, and each is told as if it had a task of its own: all of them
    /// before anybody does anything about the first.
    InTurn,
}

/// A message of an attempt: there are two where it is on a versioned item.
#[derive(Clone, Copy)]
pub(crate) struct Message {
    pub(crate) attempt: AttemptId,
    pub(crate) replica: u32,
    /// From 0.
    pub(crate) number: u32,
}

impl Message {
    #[inline]
    fn of<R: Runtime, G>(visit: &Visit<R, G>) -> Self {
        Message {
            attempt: visit.attempt,
            replica: visit.replica,
            number: visit.message(),
        }
    }
}
