//! Speeds: each model by the lab, by hand, and by the peers, in turn and with checked answers.

use std::num::NonZeroUsize;

use anyhow::{Context, bail, ensure};
use awaitlab_stats::{Histogram, NS_PER_MS};

use crate::books::{Books, requests_that_count};
use crate::hand;
use crate::lab::{self, Policies, SEED};
use crate::measure::{Contender, Run, Timing, interleaved, on_processor, on_the_wall};
use crate::models::{FanOut, Queue, Theory};
use crate::simpy::Python;
use crate::size::Size;
use crate::{alone, nexo, paused};

const ONE: NonZeroUsize = NonZeroUsize::MIN;

/// A fan-out by the lab, by hand with the lab's accounts, by hand without, and on tokio, in this
/// order.
///
/// # Errors
/// When an answer is wrong, or a runtime does not run.
pub(crate) fn fan_out(size: &Size, calls: u32) -> anyhow::Result<Vec<Timing>> {
    let model = size.fan_out(calls);
    let smaller = FanOut {
        replications: model.replications / 10,
        ..model
    };
    let scenario = lab::fan_out(&model, Policies::None)?;
    let by_hand = || Books::of_fan_outs(&hand::fan_out::run(&model, SEED));
    let expected = by_hand();
    let contenders = vec![
        Contender::new("lab", || {
            let (record, seconds) = on_processor(|| lab::run(&scenario, ONE));
            is_the_same(&expected, &Books::of_lab(&record?))?;
            Ok(run(seconds, model.all_calls()))
        }),
        Contender::new("by hand, the same accounts", || {
            let (tally, seconds) = on_processor(|| hand::fan_out::run(&model, SEED));
            let mean_ms = Books::of_fan_outs(&tally).mean_ms();
            is_right(model.theory(), "by hand", mean_ms)?;
            Ok(run(seconds, model.all_calls()))
        }),
        Contender::new("by hand, histogram only", || {
            let (times, seconds) = on_processor(|| hand::bare::fan_out(&model, SEED));
            is_right(model.theory(), "by hand, without accounts", mean_ms(&times))?;
            Ok(run(seconds, model.all_calls()))
        }),
        Contender::new("tokio, paused clock", || {
            let (times, seconds) = on_processor(|| paused::fan_out(&smaller, SEED));
            is_right(smaller.theory(), "tokio", mean_ms(&times?))?;
            Ok(run(seconds, smaller.all_calls()))
        }),
    ];
    interleaved(size.rounds, contenders)
}

/// The queue by the lab, by hand with the lab's accounts, by hand without, on the engine alone, on tokio, on
/// nexosim, and on SimPy where there is one, in this order.
///
/// # Errors
/// When an answer is wrong, or a runtime does not run.
pub(crate) fn queue(size: &Size, python: Option<&Python>) -> anyhow::Result<Vec<Timing>> {
    let model = size.queue();
    let requests = model.requests();
    let scenario = lab::queue(&model)?;
    let expected = Books::of_queue(&hand::queue::run(&model, SEED));
    let answered = expected.queue.as_ref().map(|_| requests_that_count(&model));
    let counted = answered.context("a queue has books of its own")?;
    let theory = Queue::theory;
    let peer = |who: &'static str, requests: u64, queue: fn(u64, u64) -> Times| {
        Contender::new(who, move || {
            let (times, seconds) = on_processor(|| queue(requests, SEED));
            let times = times?;
            ensure!(times.count() == requests, "{who} lost requests");
            is_right(theory(requests as f64), who, mean_ms(&times))?;
            Ok(run(seconds, requests))
        })
    };
    let mut contenders = vec![
        Contender::new("lab", || {
            let (record, seconds) = on_processor(|| lab::run(&scenario, ONE));
            is_the_same(&expected, &Books::of_lab(&record?))?;
            Ok(run(seconds, requests))
        }),
        Contender::new("by hand, the same accounts", || {
            let (left, seconds) = on_processor(|| hand::queue::run(&model, SEED));
            let mean_ms = Books::of_queue(&left).mean_ms();
            is_right(theory(counted), "by hand", mean_ms)?;
            Ok(run(seconds, requests))
        }),
        peer("by hand, histogram only", requests, |requests, seed| {
            Ok(hand::bare::queue(requests, seed))
        }),
        peer("the engine alone, histogram only", requests, alone::queue),
        peer("tokio, paused clock", requests / 10, paused::queue),
        peer("nexosim", requests / 5, nexo::queue),
    ];
    if let Some(python) = python {
        contenders.push(Contender::new("SimPy", || {
            let requests = requests / 30;
            let printed = python.queue(requests)?;
            ensure!(printed.answered == requests, "SimPy lost requests");
            is_right(theory(requests as f64), "SimPy", printed.mean_ms)?;
            Ok(run(printed.seconds, requests))
        }));
    }
    interleaved(size.rounds, contenders)
}

type Times = anyhow::Result<Histogram>;

/// A fan-out of 100 through four idle policies, and without any, in this order.
///
/// # Errors
/// When an answer is wrong.
pub(crate) fn full_stack(size: &Size) -> anyhow::Result<Vec<Timing>> {
    let model = size.fan_out(100);
    let expected = Books::of_fan_outs(&hand::fan_out::run(&model, SEED));
    let contender = |name, policies| {
        let scenario = lab::fan_out(&model, policies)?;
        let expected = expected.clone();
        anyhow::Ok(Contender::new(name, move || {
            let (record, seconds) = on_processor(|| lab::run(&scenario, ONE));
            is_the_same(&expected, &Books::of_lab(&record?))?;
            Ok(run(seconds, model.all_calls()))
        }))
    };
    let contenders = vec![
        contender("four policies", Policies::Idle)?,
        contender("bare", Policies::None)?,
    ];
    interleaved(size.rounds, contenders)
}

/// Replications of the queue on one thread, and on two, in this order; `None` on a machine without
/// two cores.
///
/// # Errors
/// When an answer is wrong.
pub(crate) fn cores(size: &Size) -> anyhow::Result<Option<Vec<Timing>>> {
    if std::thread::available_parallelism()?.get() < 2 {
        return Ok(None);
    }
    let model = size.queue();
    let scenario = lab::queue(&model)?;
    let expected = Books::of_queue(&hand::queue::run(&model, SEED));
    let contender = |name, threads: NonZeroUsize| {
        let (scenario, expected) = (&scenario, &expected);
        Contender::new(name, move || {
            let (record, seconds) = on_the_wall(|| lab::run(scenario, threads));
            is_the_same(expected, &Books::of_lab(&record?))?;
            Ok(run(seconds, model.requests()))
        })
    };
    let contenders = vec![
        contender("one thread", ONE),
        contender("two threads", ONE.saturating_add(1)),
    ];
    interleaved(size.rounds, contenders).map(Some)
}

fn run(seconds: f64, calls: u64) -> Run {
    Run { seconds, calls }
}

fn mean_ms(times: &Histogram) -> f64 {
    times.mean().map_or(f64::NAN, |mean_ns| mean_ns / NS_PER_MS)
}

/// # Errors
/// When the mean is not what theory says.
pub(crate) fn is_right(theory: Theory, who: &str, mean_ms: f64) -> anyhow::Result<()> {
    theory.check(who, mean_ms).map_err(anyhow::Error::msg)
}

/// The lab must find what the hand-written loop finds, to the last bit.
///
/// # Errors
/// When it does not.
pub(crate) fn is_the_same(by_hand: &Books, lab: &Books) -> anyhow::Result<()> {
    if by_hand != lab {
        bail!("the lab finds {lab:?}\nand the loop by hand {by_hand:?}");
    }
    Ok(())
}
