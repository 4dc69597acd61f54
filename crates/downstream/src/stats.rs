//! What a service counts.

/// What a service has done in a replication so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServiceStats {
    /// Time that attempts were worked on, summed over them: abandoned ones and those that hang or
    /// stand still in a pause included. Divided by `workers` and the time, the utilization.
    ///
    /// A service without any limit counts an attempt's whole service time when it begins.
    pub busy_ns: u128,
    /// The part of it that came after the attempt had been cancelled. An attempt that hangs is not
    /// worked on: it adds nothing here.
    pub abandoned_ns: u128,
    /// The most that ever waited at once, over all replicas.
    pub queue_peak: u64,
    /// Workers of all replicas, without faults; `None` where some replica has no limit.
    pub workers: Option<u64>,
}
