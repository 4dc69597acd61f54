//! The models without accounts: a histogram of times, one generator.

use std::collections::VecDeque;

use awaitlab_core::{Draws, Purpose, Streams};
use awaitlab_stats::Histogram;

use crate::hand::events::{Class, Events};
use crate::models::{FanOut, MEAN, Queue};

/// One generator for everything.
pub(crate) fn generator(seed: u64) -> Draws {
    Streams::new(seed, 0)
        .stream(Purpose::Latency, 0)
        .draws_at(0)
}

/// An exponential time with this mean, with the machine's own logarithm.
#[inline]
pub(crate) fn exponential(draws: &mut Draws, mean: f64) -> f64 {
    -mean * draws.uniform().ln()
}

/// Joins of fan-outs, in nanoseconds.
pub(crate) fn fan_out(model: &FanOut, seed: u64) -> Histogram {
    let mut draws = generator(seed);
    let mut times = Histogram::new();
    let mut events = Events::default();
    let mean_ns = MEAN.as_nanos() as f64;
    for _ in 0..model.replications {
        for call in 0..model.calls {
            events.push(exponential(&mut draws, mean_ns) as u64, Class::Answer, call);
        }
        let mut left = model.calls;
        while let Some(answer) = events.pop() {
            left -= 1;
            if left == 0 {
                times.record(answer.at);
            }
        }
    }
    times
}

/// Times from arrival to answer, in nanoseconds; all requests in one replication.
pub(crate) fn queue(requests: u64, seed: u64) -> Histogram {
    let mut draws = generator(seed);
    let mut times = Histogram::new();
    let mut events = Events::default();
    // The arrival of whom each worker works on, and of those who wait.
    let mut served = [0; Queue::WORKERS as usize];
    let mut idle: Vec<u32> = (0..Queue::WORKERS).collect();
    let mut waiting: VecDeque<u64> = VecDeque::new();
    let mean_ns = MEAN.as_nanos() as f64;
    let gap_ns = 1e9 / f64::from(Queue::PER_S);
    let mut arrived = 0;
    events.push(
        exponential(&mut draws, gap_ns) as u64,
        Class::Arrival,
        u32::MAX,
    );
    while let Some(event) = events.pop() {
        let now = event.at;
        let free = match event.class() {
            Class::Answer => {
                times.record(now - served[event.whom as usize]);
                Some(event.whom)
            }
            Class::Arrival => {
                waiting.push_back(now);
                arrived += 1;
                if arrived < requests {
                    let next = now + exponential(&mut draws, gap_ns) as u64;
                    events.push(next, Class::Arrival, u32::MAX);
                }
                idle.pop()
            }
        };
        if let Some(worker) = free {
            match waiting.pop_front() {
                Some(arrival) => {
                    served[worker as usize] = arrival;
                    let takes_ns = exponential(&mut draws, mean_ns) as u64;
                    events.push(now + takes_ns, Class::Answer, worker);
                }
                None => idle.push(worker),
            }
        }
    }
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_models_are_what_theory_says() {
        let ms = |times: &Histogram| times.mean().unwrap() / 1e6;
        let model = FanOut {
            calls: 10,
            replications: 1000,
        };
        let times = fan_out(&model, 1);
        assert_eq!(model.theory().check("fan-out", ms(&times)), Ok(()));
        let times = queue(20_000, 1);
        assert_eq!(times.count(), 20_000);
        assert_eq!(Queue::theory(20_000.0).check("queue", ms(&times)), Ok(()));
    }
}
