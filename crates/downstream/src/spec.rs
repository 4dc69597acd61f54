//! What a service is, before it is run: everything a scenario says of it.
//!
//! Generic over the latency, which this crate samples and does not know.

use std::time::Duration;

/// A service.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceSpec<L> {
    /// Its replicas; at least one.
    pub replicas: Vec<ReplicaSpec<L>>,
    /// Time of one message on its way, request or response; `None`: no time at all.
    pub network: Option<L>,
    /// A quota of the whole service.
    pub rate_limit: Option<RateLimit>,
    /// With more attempts than this in flight at the service, an attempt is answered with 429 when
    /// it completes.
    pub in_flight_limit: Option<u32>,
    /// Which replica an attempt goes to.
    pub balance: Balance,
    /// Whose attempts in flight the balancing counts.
    pub sees: Sees,
    /// What becomes of an attempt that is cancelled while the service has it.
    pub on_cancel: OnCancel,
    /// An attempt is a read and a conditional write of one versioned item.
    pub versioned_item: bool,
}

impl<L> ServiceSpec<L> {
    /// The only replica, where nothing stands around it: no network, no quota, no limit on what is in
    /// flight, no item.
    pub(crate) fn lone_replica(&self) -> Option<&ReplicaSpec<L>> {
        let nothing_around = self.network.is_none()
            && self.rate_limit.is_none()
            && self.in_flight_limit.is_none()
            && !self.versioned_item;
        match self.replicas.as_slice() {
            [only] if nothing_around => Some(only),
            _ => None,
        }
    }

    /// A service without any limit: one replica, no network.
    pub fn unlimited(latency: L) -> Self {
        ServiceSpec {
            replicas: vec![ReplicaSpec::unlimited(latency)],
            network: None,
            rate_limit: None,
            in_flight_limit: None,
            balance: Balance::default(),
            sees: Sees::default(),
            on_cancel: OnCancel::default(),
            versioned_item: false,
        }
    }
}

/// One replica of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplicaSpec<L> {
    /// The time a worker takes for an attempt.
    pub latency: L,
    /// Attempts worked on at once; `None`: any number.
    pub workers: Option<u32>,
    /// Where attempts wait for a worker.
    pub queue: QueueSpec,
    /// How load makes it slower.
    pub slowdown: Option<Slowdown>,
}

impl<L> ReplicaSpec<L> {
    /// A replica without any limit.
    pub fn unlimited(latency: L) -> Self {
        ReplicaSpec {
            latency,
            workers: None,
            queue: QueueSpec::default(),
            slowdown: None,
        }
    }
}

/// A queue in front of workers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueSpec {
    /// Attempts that may wait; a newcomer beyond is refused. `None`: any number.
    pub limit: Option<u64>,
    /// Who is next.
    pub discipline: Discipline,
    /// An attempt that has waited longer when a worker would take it up is dropped.
    pub expire: Option<Duration>,
}

/// Who of those that wait is next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Discipline {
    /// Who came first.
    #[default]
    Fifo,
    /// Who came last.
    Lifo,
}

/// How many attempts in service slow each other down. With n in service when an attempt begins,
/// itself included, its service time is multiplied once and for all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Slowdown {
    /// x (1 + (`factor` - 1) n / `at`).
    Linear {
        /// The load at which the factor is reached.
        at: u32,
        /// At least 1.
        factor: f64,
    },
    /// x 1 up to `at`, x `beyond` above.
    Knee {
        /// The load that is still fine.
        at: u32,
        /// At least 1.
        beyond: f64,
    },
}

/// A token bucket at the service's door, full at the start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimit {
    /// Time from one token to the next.
    pub interval: Duration,
    /// Tokens it holds at most; at least 1.
    pub burst: u32,
    /// Time until a refusal leaves the service.
    pub reject_latency: Duration,
}

/// Which replica an attempt goes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Balance {
    /// In turn.
    #[default]
    RoundRobin,
    /// Any.
    Random,
    /// One of those with the fewest attempts in flight, ties at random.
    LeastInFlight,
    /// Of two at random the one with fewer in flight, ties at random.
    PowerOfTwo,
}

/// Whose attempts in flight the balancing counts (and whose turn it is).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sees {
    /// Those of the client that sends.
    Client,
    /// Those of all clients.
    #[default]
    Service,
}

/// What becomes of an attempt that is cancelled while the service has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnCancel {
    /// It is worked on all the same: abandoned work.
    #[default]
    KeepWorking,
    /// It leaves at once.
    Stop,
}
