//! The way of one attempt through a service with limits.
//!
//! On the way down: lost by a partition, or the request leg; the fault rules; the quota; the queue
//! and a worker; on the way back: lost, or the response leg. An attempt on a versioned item goes
//! that way twice, as a read and as a write, and meets fault rules and quota the first time only.
//!
//! The attempt's own task goes the way. What it has to know of others stands on the service's floor;
//! it is woken when a worker turns to it, or when it is thrown out.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use awaitlab_core::time::nanos;
use awaitlab_core::{
    AttemptId, CallError, CallResult, EventClass, Faults, Instant, Latency, Ledger, Runtime,
};

use crate::draws::nth_sample;
use crate::floor::{Admission, DOWN, UNAVAILABLE, throttled};
use crate::service::Service;
use crate::slowdown::times;
use crate::visit::{Position, Visit, Work};

/// An attempt that has been sent. Dropping it cancels it.
pub(crate) struct Attempt<R, L, F, G>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
    G: Ledger,
{
    pub(crate) service: Rc<Service<R, L, F>>,
    pub(crate) ledger: G,
    /// Its visit on the service's floor.
    pub(crate) key: usize,
    pub(crate) stage: Stage,
    /// What it waits for, where that has an instant.
    pub(crate) sleep: Option<R::Sleep>,
}

/// How far an attempt has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    RequestLeg,
    /// At the service; the visit says where there.
    Inside,
    ResponseLeg,
    /// A message of it is lost: it waits for ever.
    Lost,
    Over,
}

impl<R, L, F, G> Attempt<R, L, F, G>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
    G: Ledger,
{
    pub(crate) fn send(
        service: Rc<Service<R, L, F>>,
        attempt: AttemptId,
        client: u32,
        ledger: G,
    ) -> Self {
        let key = {
            let floor = &mut *service.floor.borrow_mut();
            let (replica, counted) = match &mut floor.balancer {
                None => (0, None),
                Some(balancer) => {
                    let chance = &mut service.streams.get().chance(&attempt);
                    let (replica, counted) = balancer.send(client, chance);
                    (replica, Some(counted))
                }
            };
            floor.visits.insert(Visit::sent(attempt, replica, counted))
        };
        let mut sent = Attempt {
            service,
            ledger,
            key,
            stage: Stage::RequestLeg,
            sleep: None,
        };
        sent.send_message();
        sent
    }

    fn send_message(&mut self) {
        let now = self.service.runtime.now();
        let (attempt, replica, message) = self.who();
        if self.service.faults.loses(&attempt, replica, now) {
            self.stage = Stage::Lost;
            return;
        }
        match &self.service.spec.network {
            None => self.arrive(attempt, replica, message),
            Some(network) => {
                let stream = self.service.streams.get().request_leg;
                let leg_ns = nth_sample(network, stream, &attempt, message);
                self.wait_until(
                    now.after_nanos(leg_ns),
                    EventClass::Arrival,
                    Stage::RequestLeg,
                );
            }
        }
    }

    fn arrive(&mut self, attempt: AttemptId, replica: u32, message: u32) {
        let now = self.service.runtime.now();
        if self.service.floor.borrow().is_down(replica) {
            return self.answer_at(now, DOWN, false);
        }
        if message == 0 {
            match Work::of(self.service.faults.judge(&attempt, replica, now)) {
                Ok(work) => self.visit(|visit| visit.work = work),
                Err((error, after)) => return self.answer_from_door(error, after, true),
            }
            if let Err((error, after)) = self.pass_quota(now) {
                self.refused();
                return self.answer_from_door(error, after, false);
            }
        }
        let admission = self.service.floor.borrow_mut().admit(self.key, now);
        self.stage = Stage::Inside;
        match admission {
            Admission::Waits => {}
            Admission::TakenUp => self.begin_work(),
            Admission::QueueFull => {
                // The read of this attempt has been served: it cannot be refused any more.
                if message == 0 {
                    self.refused();
                }
                self.answer_from_door(UNAVAILABLE, Duration::ZERO, false);
            }
        }
    }

    fn pass_quota(&self, now: Instant) -> Result<(), (CallError, Duration)> {
        let Some(limit) = &self.service.spec.rate_limit else {
            return Ok(());
        };
        match &mut self.service.floor.borrow_mut().bucket {
            Some(bucket) => bucket
                .take(now)
                .map_err(|next| (throttled(Some(next)), limit.reject_latency)),
            None => Ok(()),
        }
    }

    fn refused(&self) {
        self.service
            .floor
            .borrow_mut()
            .no_longer_in_flight(self.key);
        self.ledger.refused();
    }

    /// Answers without a worker once so much time has passed at the replica, which is longer where
    /// it is paused; `present` where the attempt counts as in flight at the service until then.
    fn answer_from_door(&mut self, error: CallError, after: Duration, present: bool) {
        let now = self.service.runtime.now();
        let (_, replica, _) = self.who();
        let at = self.service.faults.finishes(replica, now, nanos(after));
        self.answer_at(at, error, present);
    }

    fn answer_at(&mut self, at: Instant, error: CallError, present: bool) {
        let mut floor = self.service.floor.borrow_mut();
        floor.at_door(self.key, Err(error), present);
        drop(floor);
        self.wait_until(at, EventClass::Answer, Stage::Inside);
    }

    /// A worker has turned to the attempt: how long that takes is fixed now.
    fn begin_work(&mut self) {
        let (waited_ns, ends) = {
            let floor = &mut *self.service.floor.borrow_mut();
            let visit = &mut floor.visits[self.key];
            visit.position = Position::Working;
            (visit.waited_ns.take(), self.service.work_ends(visit))
        };
        self.tell_wait(waited_ns);
        self.sleep = ends.map(|at| self.service.runtime.sleep_until(at, EventClass::Answer));
    }

    pub(crate) fn report_wait(&self) {
        let waited_ns = self.visit(|visit| visit.waited_ns.take());
        self.tell_wait(waited_ns);
    }

    /// A cancelled attempt's account is closed: all that is told is how much longer it stood there.
    fn tell_wait(&self, waited_ns: Option<u64>) {
        let Some(waited_ns) = waited_ns else { return };
        match self.visit(|visit| visit.cancelled_at) {
            None => self.ledger.queued_for(waited_ns),
            Some(at) => {
                let since_ns = self.service.runtime.now().nanos_since(at);
                self.ledger.stayed_queued_for(waited_ns.min(since_ns));
            }
        }
    }

    #[inline]
    fn poll_inside(&mut self, cx: &mut Context<'_>) -> Poll<Option<CallResult>> {
        // With a sleep only a crash can come in between.
        if self.sleep.is_none() || self.service.changes.get() {
            match self.look_around(cx.waker()) {
                Position::TakenUp => self.begin_work(),
                Position::ThrownOut => {
                    self.sleep = None;
                    self.report_wait();
                    return Poll::Ready(self.answer());
                }
                _ => {}
            }
        }
        let Some(sleep) = &mut self.sleep else {
            return Poll::Pending;
        };
        ready!(Pin::new(sleep).poll(cx));
        self.sleep = None;
        let now = self.service.runtime.now();
        let (position, replica) = self.visit(|visit| (visit.position, visit.replica));
        if position == Position::AtDoor {
            self.service.floor.borrow_mut().no_longer_present(self.key);
        } else {
            let _ = self.service.floor.borrow_mut().complete(self.key, now);
            self.service.take_up(replica);
        }
        Poll::Ready(self.answer())
    }

    /// Where the attempt stands, and whom to wake when that changes.
    fn look_around(&self, waker: &Waker) -> Position {
        let replaced: Option<Waker>;
        let position = {
            let visit = &mut self.service.floor.borrow_mut().visits[self.key];
            replaced = match &visit.waker {
                Some(known) if known.will_wake(waker) => None,
                _ => visit.waker.replace(waker.clone()),
            };
            visit.position
        };
        // A foreign waker may run code of its own when it is dropped: not while we borrow.
        drop(replaced);
        position
    }

    /// Sends the answer on its way. `Some`: it is there.
    fn answer(&mut self) -> Option<CallResult> {
        let now = self.service.runtime.now();
        let (attempt, replica, message, reply, abandoned) = self.visit(|visit| {
            visit.position = Position::OnTheWay;
            let abandoned = visit.cancelled_at.is_some();
            let message = visit.message();
            (
                visit.attempt,
                visit.replica,
                message,
                visit.reply,
                abandoned,
            )
        });
        if abandoned {
            return Some(reply);
        }
        if self.service.faults.loses(&attempt, replica, now) {
            self.stage = Stage::Lost;
            return None;
        }
        match &self.service.spec.network {
            None if !self.service.spec.versioned_item => Some(reply),
            None => self.receive(),
            Some(network) => {
                let stream = self.service.streams.get().response_leg;
                let leg_ns = nth_sample(network, stream, &attempt, message);
                self.wait_until(
                    now.after_nanos(leg_ns),
                    EventClass::Answer,
                    Stage::ResponseLeg,
                );
                None
            }
        }
    }

    /// The answer is there: that of the attempt, or that of the read of a versioned item, which the
    /// write follows.
    fn receive(&mut self) -> Option<CallResult> {
        let versioned = self.service.spec.versioned_item;
        let reply = self.visit(|visit| {
            if versioned && !visit.writes && visit.reply.is_ok() {
                visit.writes = true;
                return None;
            }
            Some(visit.reply)
        });
        if reply.is_none() {
            self.send_message();
        }
        reply
    }

    fn wait_until(&mut self, at: Instant, class: EventClass, stage: Stage) {
        self.sleep = Some(self.service.runtime.sleep_until(at, class));
        self.stage = stage;
    }

    fn poll_leg(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(leg) = &mut self.sleep {
            ready!(Pin::new(leg).poll(cx));
            self.sleep = None;
        }
        Poll::Ready(())
    }

    fn visit<T>(&self, look: impl FnOnce(&mut Visit) -> T) -> T {
        look(&mut self.service.floor.borrow_mut().visits[self.key])
    }

    /// The attempt, its replica, and which of its messages is under way.
    fn who(&self) -> (AttemptId, u32, u32) {
        self.visit(|visit| (visit.attempt, visit.replica, visit.message()))
    }
}

impl<R, L, F> Service<R, L, F>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
{
    /// When the work on an attempt that has just been taken up is done; `None`: never.
    fn work_ends(&self, visit: &Visit) -> Option<Instant> {
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
        Some(self.faults.finishes(visit.replica, visit.begun, work_ns))
    }
}

impl<R, L, F, G> Future for Attempt<R, L, F, G>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
    G: Ledger,
{
    type Output = CallResult;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<CallResult> {
        let attempt = &mut *self;
        loop {
            let result = match attempt.stage {
                Stage::RequestLeg => {
                    ready!(attempt.poll_leg(cx));
                    let (id, replica, message) = attempt.who();
                    attempt.arrive(id, replica, message);
                    None
                }
                Stage::Inside => ready!(attempt.poll_inside(cx)),
                Stage::ResponseLeg => {
                    ready!(attempt.poll_leg(cx));
                    attempt.receive()
                }
                Stage::Lost | Stage::Over => return Poll::Pending,
            };
            if let Some(result) = result {
                attempt.end();
                return Poll::Ready(result);
            }
        }
    }
}

/// Nothing in it is pinned: a ledger is a handle, and sleeps can be moved.
impl<R, L, F, G> Unpin for Attempt<R, L, F, G>
where
    R: Runtime,
    L: Latency + 'static,
    F: Faults + 'static,
    G: Ledger,
{
}
