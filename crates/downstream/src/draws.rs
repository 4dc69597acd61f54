//! What a service draws for an attempt: service times, the two ways of the network, its balancing.

use awaitlab_core::{AttemptId, Latency, Purpose, Stream, Streams};

use crate::balance::Chance;

/// The streams of one service in one replication.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServiceStreams {
    pub(crate) latency: Stream,
    pub(crate) request_leg: Stream,
    pub(crate) response_leg: Stream,
    balancing: Stream,
    ties: Stream,
}

impl ServiceStreams {
    /// Those of the service with this number.
    pub(crate) fn new(streams: Streams, service: u64) -> Self {
        let of = |purpose| streams.stream(purpose, service);
        ServiceStreams {
            latency: of(Purpose::Latency),
            request_leg: of(Purpose::RequestLeg),
            response_leg: of(Purpose::ResponseLeg),
            balancing: of(Purpose::Balancing),
            ties: of(Purpose::Ties),
        }
    }

    pub(crate) fn chance(&self, attempt: &AttemptId) -> Chance {
        Chance {
            candidates: self.balancing.draws(attempt),
            ties: self.ties.draws(attempt),
        }
    }
}

/// The time of the `nth` message of an attempt (from 0), or of the work on it: an attempt that sends
/// two messages draws twice from its own numbers.
#[inline(always)]
pub(crate) fn nth_sample(
    latency: &impl Latency,
    stream: Stream,
    attempt: &AttemptId,
    nth: u32,
) -> u64 {
    let draws = &mut stream.draws(attempt);
    for _ in 0..nth {
        latency.sample_ns(attempt, draws);
    }
    latency.sample_ns(attempt, draws)
}
