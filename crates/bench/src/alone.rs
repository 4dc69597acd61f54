//! The queue on the engine alone: the same tasks, permits and sleeps as on tokio (`paused`), and no more
//! kept of them. What the peers do is then done by all.

use std::cell::RefCell;
use std::rc::Rc;

use anyhow::Context;
use awaitlab_client::Connections;
use awaitlab_core::{EventClass, Instant, Runtime};
use awaitlab_engine::Engine;
use awaitlab_stats::Histogram;

use crate::hand::bare::{exponential, generator};
use crate::models::{MEAN, Queue};

/// Times from arrival to answer, in nanoseconds.
///
/// # Errors
/// When a request is not answered.
pub(crate) fn queue(requests: u64, seed: u64) -> anyhow::Result<Histogram> {
    let engine = Engine::new();
    let times = Rc::new(RefCell::new(Histogram::new()));
    let (runtime, all_times) = (engine.handle().clone(), times.clone());
    engine.handle().spawn(async move {
        let mut draws = generator(seed);
        let mean_ns = MEAN.as_nanos() as f64;
        let gap_ns = 1e9 / f64::from(Queue::PER_S);
        let workers = Connections::new(runtime.clone(), Queue::WORKERS, None);
        let mut next = Instant::START;
        for _ in 0..requests {
            next = next.after_nanos(exponential(&mut draws, gap_ns) as u64);
            runtime.sleep_until(next, EventClass::Arrival).await;
            let takes_ns = exponential(&mut draws, mean_ns) as u64;
            let (clock, workers, times) = (runtime.clone(), workers.clone(), all_times.clone());
            runtime.spawn(async move {
                let arrived = clock.now();
                let worker = workers.acquire().await;
                let done = clock.now().after_nanos(takes_ns);
                clock.sleep_until(done, EventClass::Answer).await;
                drop(worker);
                times.borrow_mut().record(clock.now().nanos_since(arrived));
            });
        }
    });
    engine.run();
    drop(engine);
    let times = Rc::into_inner(times).context("a request is not answered")?;
    Ok(times.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_is_what_theory_says() {
        let times = queue(20_000, 1).unwrap();
        assert_eq!(times.count(), 20_000);
        let mean_ms = times.mean().unwrap() / 1e6;
        assert_eq!(Queue::theory(20_000.0).check("queue", mean_ms), Ok(()));
    }
}
