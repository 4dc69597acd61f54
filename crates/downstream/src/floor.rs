//! Queue and workers: who waits, who is worked on, who is next.
//!
//! Everything here happens at one instant and touches nothing outside: who is next is handed back,
//! to be told when nothing is borrowed any more.

use std::time::Duration;

use awaitlab_core::time::nanos;
use awaitlab_core::{
    AttemptId, CallError, CallResult, Condition, ErrorClass, Instant, Prospects, Runtime,
};

use crate::balance::Balancer;
use crate::bucket::Bucket;
use crate::places::Places;
use crate::queue::{Place, Queue};
use crate::spec::{QueueSpec, ReplicaSpec, ServiceSpec};
use crate::stats::ServiceStats;
use crate::visit::{Position, Visit, Work};

/// A full queue, or a place in one that has expired.
pub(crate) const UNAVAILABLE: CallError = CallError {
    class: ErrorClass::Unavailable,
    status: Some(503),
    retry_after: None,
};

/// A replica that has crashed.
pub(crate) const DOWN: CallError = CallError::of(ErrorClass::Connection);

/// The answer above the in-flight limit, and at an empty bucket.
pub(crate) const fn throttled(retry_after: Option<Duration>) -> CallError {
    CallError {
        class: ErrorClass::Throttled,
        status: Some(429),
        retry_after,
    }
}

/// The inside of a service.
pub(crate) struct Floor<R: Runtime, G> {
    pub(crate) visits: Places<Visit<R, G>>,
    pub(crate) bucket: Option<Bucket>,
    pub(crate) balancer: Option<Balancer>,
    pub(crate) waiting: u64,
    pub(crate) replicas: Vec<Replica>,
    in_flight_limit: Option<u64>,
    versioned_item: bool,
    /// The version of the item.
    version: u64,
    /// Attempts that have arrived and are not completed.
    pub(crate) present: u64,
    numbers_given: u64,
    pub(crate) stats: ServiceStats,
}

#[derive(Debug)]
pub(crate) struct Replica {
    queue: Queue,
    queue_spec: QueueSpec,
    /// Workers as the service has them, and as faults leave it just now.
    own_workers: Option<u32>,
    workers: Option<u32>,
    pub(crate) working: u32,
    down: bool,
}

/// Who is next of those who wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A worker has turned to it.
    TakenUp(u32),
    /// Its place has expired.
    ThrownOut(u32),
}

/// What becomes of a newcomer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    TakenUp,
    Waits,
    QueueFull,
}

impl Replica {
    fn new<L>(spec: &ReplicaSpec<L>) -> Self {
        Replica {
            queue: Queue::default(),
            queue_spec: spec.queue,
            own_workers: spec.workers,
            workers: spec.workers,
            working: 0,
            down: false,
        }
    }

    fn clear(&mut self) {
        self.queue.clear();
        self.workers = self.own_workers;
        self.working = 0;
        self.down = false;
    }

    fn has_free_worker(&self) -> bool {
        self.workers.is_none_or(|workers| self.working < workers)
    }
}

impl<R: Runtime, G> Floor<R, G> {
    /// An empty service at the start of a replication.
    pub(crate) fn new<L>(spec: &ServiceSpec<L>, clients: u32, now: Instant) -> Self {
        let replicas = spec.replicas.len() as u32;
        let workers = spec.replicas.iter().map(|replica| replica.workers);
        let balancer = || Balancer::new(spec.balance, spec.sees, replicas, clients);
        Floor {
            visits: Places::new(),
            bucket: spec
                .rate_limit
                .as_ref()
                .map(|limit| Bucket::full(limit, now)),
            balancer: (replicas > 1).then(balancer),
            waiting: 0,
            replicas: spec.replicas.iter().map(Replica::new).collect(),
            in_flight_limit: spec.in_flight_limit.map(u64::from),
            versioned_item: spec.versioned_item,
            version: 0,
            present: 0,
            numbers_given: 0,
            stats: ServiceStats {
                workers: workers.map(|workers| workers.map(u64::from)).sum(),
                ..ServiceStats::default()
            },
        }
    }

    /// Everybody out: the start of the next replication. Gives back what the last one left there, to
    /// be dropped when nothing is borrowed.
    pub(crate) fn clear(&mut self, now: Instant) -> Vec<(Option<G>, Option<R::Waiter>)> {
        let left = self.visits.give_all_up().map(Visit::leaves).collect();
        for replica in &mut self.replicas {
            replica.clear();
        }
        if let Some(bucket) = &mut self.bucket {
            bucket.fill(now);
        }
        if let Some(balancer) = &mut self.balancer {
            balancer.clear();
        }
        self.waiting = 0;
        self.version = 0;
        self.present = 0;
        self.numbers_given = 0;
        self.stats = ServiceStats {
            workers: self.stats.workers,
            ..ServiceStats::default()
        };
        left
    }

    /// An attempt is being sent.
    #[inline(always)]
    pub(crate) fn enter(&mut self, attempt: AttemptId, ledger: G, awaited: bool) -> u32 {
        let key = self.visits.claim();
        self.visits[key].is_sent(attempt, ledger, awaited);
        key
    }

    pub(crate) fn is_down(&self, replica: u32) -> bool {
        self.replicas[replica as usize].down
    }

    /// Whether anything waits or is worked on.
    pub(crate) fn has_work(&self) -> bool {
        self.waiting > 0 || self.replicas.iter().any(|replica| replica.working > 0)
    }

    /// Whether changes to come may set something going that waits, or end something that hangs.
    pub(crate) fn waits_for_change(&self, prospects: impl Fn(u32) -> Prospects) -> bool {
        (0..).zip(&self.replicas).any(|(number, replica)| {
            let waits = replica.queue.waiting() > 0;
            if !waits && replica.working == 0 {
                return false;
            }
            let Prospects { crash, workers } = prospects(number);
            // The number of workers may rise to the most of a fault, or to the replica's own.
            let may_be_taken_up = |most: u32| {
                let own = replica.own_workers;
                own.is_none_or(|own| replica.working < own.max(most))
            };
            crash || (waits && workers.is_some_and(may_be_taken_up))
        })
    }

    /// The counts so far, with what is being worked on up to now.
    pub(crate) fn stats(&self, now: Instant) -> ServiceStats {
        let mut stats = self.stats;
        for (_, visit) in self.visits.iter().filter(|(_, visit)| visit.in_service()) {
            stats.busy_ns += u128::from(now.nanos_since(visit.begun));
            stats.abandoned_ns += u128::from(visit.abandoned_ns(now));
        }
        stats
    }

    /// A message arrives at the queue.
    #[inline(always)]
    pub(crate) fn admit(&mut self, key: u32, now: Instant) -> Admission {
        let visit = &mut self.visits[key];
        let replica = &mut self.replicas[visit.replica as usize];
        visit.number = self.numbers_given;
        self.numbers_given += 1;
        let admission = if replica.has_free_worker() && replica.queue.waiting() == 0 {
            replica.working += 1;
            (visit.begun, visit.in_service) = (now, replica.working);
            visit.position = Position::Working;
            visit.waited_ns = replica.workers.map(|_| 0);
            Admission::TakenUp
        } else {
            let waiting = replica.queue.waiting() as u64;
            let limit = replica.queue_spec.limit;
            if limit.is_some_and(|limit| waiting >= limit) {
                return Admission::QueueFull;
            }
            let number = visit.number;
            replica.queue.join(Place { key, number });
            visit.since = now;
            visit.position = Position::Waiting;
            self.waiting += 1;
            self.stats.queue_peak = self.stats.queue_peak.max(self.waiting);
            Admission::Waits
        };
        visit.present = true;
        self.present += 1;
        admission
    }

    /// An attempt is to be answered from the door; `present` where it counts as in flight there.
    pub(crate) fn at_door(&mut self, key: u32, reply: CallResult, present: bool) {
        let visit = &mut self.visits[key];
        (visit.position, visit.reply) = (Position::AtDoor, reply);
        visit.number = self.numbers_given;
        self.numbers_given += 1;
        visit.present = present;
        self.present += u64::from(present);
    }

    /// Free workers turn to who waits.
    #[inline]
    pub(crate) fn take_up(&mut self, replica: u32, now: Instant, next: &mut Vec<Next>) {
        while let Some(one) = self.take_up_next(replica, now) {
            next.push(one);
        }
    }

    /// `None` when there is no free worker or nobody waits.
    #[inline(always)]
    pub(crate) fn take_up_next(&mut self, replica: u32, now: Instant) -> Option<Next> {
        let Floor {
            visits, replicas, ..
        } = self;
        let replica = &mut replicas[replica as usize];
        if replica.queue.waiting() == 0 || !replica.has_free_worker() {
            return None;
        }
        let QueueSpec {
            discipline, expire, ..
        } = replica.queue_spec;
        let key = replica
            .queue
            .call(discipline, |place| still_waits(visits, place))?;
        self.waiting -= 1;
        let visit = &mut visits[key];
        let waited_ns = now.nanos_since(visit.since);
        visit.waited_ns = Some(waited_ns);
        if expire.is_some_and(|expire| waited_ns > nanos(expire)) {
            self.throw_out(key, UNAVAILABLE);
            return Some(Next::ThrownOut(key));
        }
        replica.working += 1;
        (visit.begun, visit.in_service) = (now, replica.working);
        visit.position = Position::Working;
        Some(Next::TakenUp(key))
    }

    /// The work on an attempt is done. Its worker is free.
    #[inline]
    pub(crate) fn complete(&mut self, key: u32, now: Instant) {
        let over = self
            .in_flight_limit
            .is_some_and(|limit| self.present > limit);
        let reply = match self.visits[key].work {
            Work::Fail(error) => Err(error),
            _ if over => Err(throttled(None)),
            _ if self.versioned_item => self.touch_item(key),
            _ => Ok(()),
        };
        self.stop_work(key, now);
        self.visits[key].reply = reply;
    }

    /// A worker lets go of an attempt, done or not.
    #[inline]
    pub(crate) fn stop_work(&mut self, key: u32, now: Instant) {
        let visit = &self.visits[key];
        self.replicas[visit.replica as usize].working -= 1;
        self.stats.busy_ns += u128::from(now.nanos_since(visit.begun));
        self.stats.abandoned_ns += u128::from(visit.abandoned_ns(now));
        self.no_longer_present(key);
    }

    /// Whether the attempt of this number still is where it was thrown out.
    pub(crate) fn is_thrown_out(&self, key: u32, number: u64) -> bool {
        self.visits
            .get(key)
            .is_some_and(|visit| visit.position == Position::ThrownOut && visit.number == number)
    }

    /// An attempt leaves the queue by itself.
    pub(crate) fn leave_queue(&mut self, key: u32) {
        let visit = &mut self.visits[key];
        visit.position = Position::Lost;
        let replica = visit.replica as usize;
        let visits = &self.visits;
        self.replicas[replica]
            .queue
            .leave(|place| still_waits(visits, place));
        self.waiting -= 1;
        self.no_longer_present(key);
    }

    /// An attempt is not among those any more that the in-flight limit counts.
    #[inline]
    pub(crate) fn no_longer_present(&mut self, key: u32) {
        let visit = &mut self.visits[key];
        self.present -= u64::from(std::mem::take(&mut visit.present));
    }

    /// The balancing does not count an attempt any more: it is answered, refused or cancelled.
    #[inline]
    pub(crate) fn no_longer_in_flight(&mut self, key: u32) {
        let counted = self.visits[key].counted.take();
        if let (Some(balancer), Some(counted)) = (&mut self.balancer, counted) {
            balancer.ended(counted);
        }
    }

    /// Nobody asks for an attempt any more. Gives back what is left of it, to be dropped when nothing
    /// is borrowed.
    #[inline]
    pub(crate) fn forget(&mut self, key: u32) -> (Option<G>, Option<R::Waiter>) {
        self.no_longer_in_flight(key);
        self.visits.give_up(key);
        self.visits[key].leaves()
    }

    /// Brings a replica into the condition that faults leave it in: those who are thrown out by it.
    /// Workers that are back have not turned to anybody yet.
    pub(crate) fn bring_into(
        &mut self,
        condition: Condition,
        replica: u32,
        now: Instant,
    ) -> Vec<u32> {
        let state = &mut self.replicas[replica as usize];
        state.workers = condition.workers.or(state.own_workers);
        let crashes = condition.down && !state.down;
        state.down = condition.down;
        if crashes {
            self.crash(replica, now)
        } else {
            Vec::new()
        }
    }

    /// The queue is lost, and everything in service fails, in the order in which it came.
    fn crash(&mut self, replica: u32, now: Instant) -> Vec<u32> {
        let struck = |visit: &Visit<R, G>| {
            use Position::{AtDoor, Waiting, Working};
            visit.replica == replica && matches!(visit.position, Waiting | Working | AtDoor)
        };
        let struck = self.visits.iter().filter(|(_, visit)| struck(visit));
        let mut struck: Vec<_> = struck.map(|(key, visit)| (visit.number, key)).collect();
        struck.sort_unstable();
        self.replicas[replica as usize].queue.clear();
        let thrown_out = struck.into_iter().map(|(_, key)| {
            let visit = &mut self.visits[key];
            match visit.position {
                Position::Waiting => {
                    visit.waited_ns = Some(now.nanos_since(visit.since));
                    self.waiting -= 1;
                }
                Position::Working => self.stop_work(key, now),
                _ => {}
            }
            self.throw_out(key, DOWN);
            key
        });
        thrown_out.collect()
    }

    fn throw_out(&mut self, key: u32, error: CallError) {
        self.no_longer_present(key);
        let visit = &mut self.visits[key];
        (visit.position, visit.reply) = (Position::ThrownOut, Err(error));
    }

    /// Reads the versioned item, or writes it on condition.
    fn touch_item(&mut self, key: u32) -> CallResult {
        const CONFLICT: CallError = CallError::status(412);
        let visit = &mut self.visits[key];
        if !visit.writes {
            visit.version = self.version;
        } else if visit.version == self.version {
            self.version += 1;
        } else {
            return Err(CONFLICT);
        }
        Ok(())
    }
}

fn still_waits<R: Runtime, G>(visits: &Places<Visit<R, G>>, place: Place) -> bool {
    visits
        .get(place.key)
        .is_some_and(|visit| visit.number == place.number && visit.position == Position::Waiting)
}
