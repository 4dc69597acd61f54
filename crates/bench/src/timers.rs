//! What an event costs while so many timers are pending: the hold model (Jones 1986). Each timer that
//! fires schedules another, an exponential time later, so their number stays what it is.
//!
//! Measured on the engine itself, with a task for each timer.

use std::rc::Rc;
use std::time::Duration;

use awaitlab_core::{EventClass, Instant, Purpose, Runtime, Streams};
use awaitlab_engine::{Engine, Limits, Stop};

use crate::hand::bare::exponential;
use crate::lab::SEED;
use crate::measure::{Contender, Run, Timing, interleaved, on_processor};
use crate::models::Theory;
use crate::size::Size;

const MEAN: Duration = Duration::from_secs(1);

/// A million timers pending, and a thousand, in this order.
///
/// # Errors
/// When an answer is wrong.
pub(crate) fn hold(size: &Size) -> anyhow::Result<Vec<Timing>> {
    let events = size.events();
    let contenders = [
        ("a million pending", 1_000_000),
        ("a thousand pending", 1_000),
    ];
    let contender = |(name, timers)| Contender::new(name, move || hold_once(timers, events));
    interleaved(size.rounds.min(5), contenders.map(contender).into())
}

/// So many events while so many timers are pending.
///
/// # Errors
/// When an answer is wrong.
pub(crate) fn hold_once(timers: u64, events: u64) -> anyhow::Result<Run> {
    let engine = Engine::new();
    let stream = Streams::new(SEED, 0).stream(Purpose::Latency, 0);
    let stream = Rc::new(stream);
    for timer in 0..timers {
        let (runtime, stream) = (engine.handle().clone(), stream.clone());
        engine.handle().spawn(async move {
            let mut draws = stream.draws_at(timer);
            loop {
                let ns = exponential(&mut draws, MEAN.as_nanos() as f64) as u64;
                let at = runtime.now().after_nanos(ns);
                runtime.sleep_until(at, EventClass::Timer).await;
            }
        });
    }
    let run_until = |events| {
        let limits = Limits {
            events,
            ..Limits::NONE
        };
        engine.run_within(&limits, || true) == Stop::TooManyEvents
    };
    // Every timer once, on average, before anything is measured.
    let warm = run_until(timers);
    let began = engine.now();
    let (ran, seconds) = on_processor(|| run_until(timers + events));
    anyhow::ensure!(warm && ran, "the timers have stopped");
    check(timers, events, began, engine.now())?;
    let calls = events;
    Ok(Run { seconds, calls })
}

/// n timers of mean m fire every m / n: so much time has passed, on average, with a standard error of
/// 1 / sqrt(events) of it.
fn check(timers: u64, events: u64, began: Instant, ended: Instant) -> anyhow::Result<()> {
    let mean_ms = MEAN.as_secs_f64() * 1e3 / timers as f64 * events as f64;
    let theory = Theory {
        mean_ms,
        tolerance_ms: 4.0 * mean_ms / (events as f64).sqrt(),
    };
    let passed_ms = (ended - began).as_secs_f64() * 1e3;
    theory
        .check("timers", passed_ms)
        .map_err(anyhow::Error::msg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_fire_as_often_as_their_mean_says() {
        assert_eq!(hold_once(100, 10_000).unwrap().calls, 10_000);
    }
}
