//! The models on tokio's paused clock: plain tasks, a semaphore, sleeps.
//!
//! The paused clock jumps to the next timer when nothing is left to run, but it is of whole
//! milliseconds, and rounds up: half of one on average, which would make work of 10 ms 5 % too long and
//! the queue's load 0.84. So a millisecond of the models is a hundred of tokio's here.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context;
use awaitlab_stats::Histogram;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, sleep_until};

use crate::hand::bare::{exponential, generator};
use crate::models::{FanOut, MEAN, Queue};

const STRETCH: u32 = 100;

fn runtime() -> anyhow::Result<Runtime> {
    let mut builder = Builder::new_current_thread();
    builder.enable_time().start_paused(true);
    builder.build().context("tokio does not start")
}

/// A time in nanoseconds of a model, on tokio's clock.
fn stretched(ns: f64) -> Duration {
    Duration::from_nanos((ns * f64::from(STRETCH)) as u64)
}

/// Nanoseconds of the model since then.
fn since(then: Instant) -> u64 {
    ((Instant::now() - then) / STRETCH).as_nanos() as u64
}

/// Joins of fan-outs, in nanoseconds.
///
/// # Errors
/// When tokio does not start, or a task panics.
pub(crate) fn fan_out(model: &FanOut, seed: u64) -> anyhow::Result<Histogram> {
    let mut draws = generator(seed);
    let mut times = Histogram::new();
    let mean_ns = MEAN.as_nanos() as f64;
    runtime()?.block_on(async {
        let mut calls = Vec::with_capacity(model.calls as usize);
        for _ in 0..model.replications {
            let began = Instant::now();
            for _ in 0..model.calls {
                let takes = stretched(exponential(&mut draws, mean_ns));
                calls.push(tokio::spawn(sleep(takes)));
            }
            for call in calls.drain(..) {
                call.await?;
            }
            times.record(since(began));
        }
        anyhow::Ok(times)
    })
}

/// Times from arrival to answer, in nanoseconds.
///
/// # Errors
/// When tokio does not start.
pub(crate) fn queue(requests: u64, seed: u64) -> anyhow::Result<Histogram> {
    let mut draws = generator(seed);
    let times = Arc::new(Mutex::new(Histogram::new()));
    let mean_ns = MEAN.as_nanos() as f64;
    let gap_ns = 1e9 / f64::from(Queue::PER_S);
    runtime()?.block_on(async {
        let workers = Arc::new(Semaphore::new(Queue::WORKERS as usize));
        let mut next = Instant::now();
        let mut last = None;
        for _ in 0..requests {
            next += stretched(exponential(&mut draws, gap_ns));
            sleep_until(next).await;
            let takes = stretched(exponential(&mut draws, mean_ns));
            let (workers, times) = (workers.clone(), times.clone());
            last = Some(tokio::spawn(async move {
                let arrived = Instant::now();
                // Neither is a semaphore closed here, nor does anybody panic with the lock.
                let worker = workers.acquire().await;
                sleep(takes).await;
                drop(worker);
                if let Ok(mut times) = times.lock() {
                    times.record(since(arrived));
                }
            }));
        }
        if let Some(last) = last {
            last.await?;
        }
        // Whoever was overtaken by the last.
        let _all = workers.acquire_many(Queue::WORKERS).await?;
        tokio::task::yield_now().await;
        anyhow::Ok(())
    })?;
    let times = times
        .lock()
        .map_or_else(|poisoned| poisoned.into_inner().clone(), |t| t.clone());
    Ok(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_models_are_what_theory_says_in_spite_of_the_grain() {
        let ms = |times: &Histogram| times.mean().unwrap() / 1e6;
        let model = FanOut {
            calls: 10,
            replications: 1000,
        };
        let times = fan_out(&model, 1).unwrap();
        assert_eq!(times.count(), 1000);
        assert_eq!(model.theory().check("fan-out", ms(&times)), Ok(()));
        let times = queue(20_000, 1).unwrap();
        assert_eq!(times.count(), 20_000, "nobody is lost at the end");
        assert_eq!(Queue::theory(20_000.0).check("queue", ms(&times)), Ok(()));
    }
}
