//! A cell over virtual time: what workloads in time leave behind besides their rows.

use awaitlab_stats::Histogram;

/// Most intervals of a series.
pub const MOST_INTERVALS: usize = 200;

/// One cell over virtual time, merged over replications.
#[derive(Clone, Debug)]
pub struct Series {
    /// Length of an interval, in nanoseconds of virtual time; the first begins at 0.
    pub interval_ns: u64,
    /// How many replications were merged.
    pub replications: u64,
    /// At most [`MOST_INTERVALS`]; what comes after the last belongs to it.
    pub intervals: Vec<Interval>,
    /// When faults hold in the first replication, for shading charts.
    pub faults: Vec<Shade>,
}

/// What happened in one interval, summed over replications.
#[derive(Clone, Debug, Default)]
pub struct Interval {
    /// Jobs that arrived in it.
    pub offered: u64,
    /// Jobs that settled in it.
    pub settled: u64,
    /// Of those: good ones (fulfilled, complete, within the deadline).
    pub good: u64,
    /// Of those: rejected ones.
    pub rejected: u64,
    /// Calls started in it.
    pub calls: u64,
    /// Attempts that left a client in it.
    pub attempts: u64,
    /// Attempts in flight, as time in flight: divided by the interval and the replications it is
    /// their mean number.
    pub in_flight_ns: u128,
    /// Attempts waiting in services' queues, likewise.
    pub queued_ns: u128,
    /// Settle times of jobs that settled in it.
    pub settle: Histogram,
}

/// A stretch of time in which a fault holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shade {
    /// The kind of fault.
    pub label: String,
    /// From here, in nanoseconds.
    pub from_ns: u64,
    /// To here.
    pub to_ns: u64,
}
