//! Which client process runs a job.

use awaitlab_core::{Purpose, Streams};

use crate::spec::Workload;

impl<L> Workload<L> {
    /// The client process, numbered from 0, that runs a job; there are `clients` of them, at least 1.
    ///
    /// `number` is the user's in a closed workload and the job's in any other. Users stay with their
    /// client, and the jobs of a burst are dealt out in turn; jobs that arrive by themselves go where
    /// chance sends them, each drawn by its own number.
    pub fn client_of(&self, number: u64, clients: u32, streams: &Streams) -> u32 {
        let clients = u64::from(clients.max(1));
        let client = match self {
            Workload::Isolated => 0,
            Workload::Closed { .. } | Workload::Burst { .. } => number % clients,
            Workload::Open { .. } if clients == 1 => 0,
            Workload::Open { .. } => {
                let mut draws = streams.stream(Purpose::ClientChoice, 0).draws_at(number);
                // The high half of a product: uneven by less than clients / 2^64.
                ((u128::from(draws.bits()) * u128::from(clients)) >> 64) as u64
            }
        };
        // Below `clients`, which came from 32 bits.
        client as u32
    }
}
