//! The queue on nexosim: one model that schedules its own events, on one thread.
//!
//! As kind as can be: a source and a station as two models, with a message between them for each
//! request, would be the usual way, and slower.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::anyhow;
use awaitlab_core::Draws;
use awaitlab_stats::Histogram;
use nexosim::model::{BuildContext, Context, Model, ProtoModel, schedulable};
use nexosim::simulation::{Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};

use crate::hand::bare::{exponential, generator};
use crate::models::{MEAN, Queue};

/// The service and those who come to it. What nexosim could store of it is all that it makes us name.
#[derive(Serialize, Deserialize)]
struct Station {
    requests: u64,
    arrived: u64,
    working: u32,
    /// When those who wait arrived.
    waiting: VecDeque<MonotonicTime>,
}

/// What it draws from and writes to.
struct Surroundings {
    draws: Draws,
    times: Histogram,
    /// Where the times go when all have been answered.
    result: Arc<Mutex<Histogram>>,
}

#[Model(type Env=Surroundings)]
impl Station {
    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>, env: &mut Surroundings) {
        self.expect_arrival(cx, env);
    }

    #[nexosim(schedulable)]
    fn arrive(&mut self, _: (), cx: &Context<Self>, env: &mut Surroundings) {
        self.arrived += 1;
        self.waiting.push_back(cx.time());
        if self.working < Queue::WORKERS {
            self.working += 1;
            self.begin_next(cx, env);
        }
        if self.arrived < self.requests {
            self.expect_arrival(cx, env);
        }
    }

    #[nexosim(schedulable)]
    fn answer(&mut self, arrived: MonotonicTime, cx: &Context<Self>, env: &mut Surroundings) {
        let took = cx.time().duration_since(arrived);
        env.times.record(took.as_nanos() as u64);
        if self.waiting.is_empty() {
            self.working -= 1;
        } else {
            self.begin_next(cx, env);
        }
        if env.times.count() == self.requests
            && let Ok(mut result) = env.result.lock()
        {
            *result = std::mem::take(&mut env.times);
        }
    }

    fn expect_arrival(&self, cx: &Context<Self>, env: &mut Surroundings) {
        let gap = positive(exponential(&mut env.draws, 1e9 / f64::from(Queue::PER_S)));
        // Only a time that is not in the future is refused.
        let _ = cx.schedule_event(gap, schedulable!(Self::arrive), ());
    }

    fn begin_next(&mut self, cx: &Context<Self>, env: &mut Surroundings) {
        if let Some(arrived) = self.waiting.pop_front() {
            let takes = positive(exponential(&mut env.draws, MEAN.as_nanos() as f64));
            let _ = cx.schedule_event(takes, schedulable!(Self::answer), arrived);
        }
    }
}

/// A station that is to be.
struct Planned(Station, Surroundings);

impl ProtoModel for Planned {
    type Model = Station;

    fn build(self, _: &mut BuildContext<'_, Self>) -> (Station, Surroundings) {
        let Planned(station, surroundings) = self;
        (station, surroundings)
    }
}

/// A nanosecond at least, as nexosim schedules nothing for now.
fn positive(ns: f64) -> Duration {
    Duration::from_nanos((ns as u64).max(1))
}

/// Times from arrival to answer, in nanoseconds.
///
/// # Errors
/// When nexosim does not run it.
pub(crate) fn queue(requests: u64, seed: u64) -> anyhow::Result<Histogram> {
    let station = Station {
        requests,
        arrived: 0,
        working: 0,
        waiting: VecDeque::new(),
    };
    let result = Arc::new(Mutex::new(Histogram::new()));
    let surroundings = Surroundings {
        draws: generator(seed),
        times: Histogram::new(),
        result: result.clone(),
    };
    let mut simulation = SimInit::with_num_threads(1)
        .add_model(Planned(station, surroundings), Mailbox::new(), "station")
        .init(MonotonicTime::EPOCH)
        .map_err(|error| anyhow!("nexosim does not start: {error}"))?;
    simulation
        .run()
        .map_err(|error| anyhow!("nexosim stops: {error}"))?;
    drop(simulation);
    let times = result.lock().map(|times| times.clone());
    times.map_err(|_| anyhow!("a model of nexosim has panicked"))
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
