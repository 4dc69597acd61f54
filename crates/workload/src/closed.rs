//! The users of a closed workload: each thinks, starts a job, waits for it to settle, thinks again.

use awaitlab_core::{AttemptId, Latency, Purpose, Streams};

/// How long a user thinks before a job, in nanoseconds. Users and their iterations are numbered from
/// 0; think times are a function of both, whatever became of the jobs before.
pub fn think_ns<L: Latency>(think: &L, streams: &Streams, user: u32, iteration: u64) -> u64 {
    let of_user = streams.stream(Purpose::Think, u64::from(user));
    // To the law a think time is one request: a list of them is gone through in order.
    let request = AttemptId {
        job: iteration,
        call: 0,
        attempt: 0,
    };
    think.sample_ns(&request, &mut of_user.draws_at(iteration))
}

/// The number of a user's job, which keys everything drawn for it: the same whichever strategy is
/// faster, and however many other users there are. Jobs of different users stay apart for 2^32
/// iterations.
pub const fn job_of(user: u32, iteration: u64) -> u64 {
    ((user as u64) << 32) | iteration
}
