//! A call's cost against the replications of a run: what a run costs before its first call, and how that
//! is spread.

use std::num::NonZeroUsize;

use awaitlab_scenario::Scenario;

use super::{Curve, Effort, Point, steps};
use crate::books::{Books, requests_that_count};
use crate::hand;
use crate::lab::{self, Policies, SEED};
use crate::measure::{Contender, Run, on_processor, turns};
use crate::models::{FanOut, Queue};
use crate::speed::{is_right, is_the_same};

/// Of both models.
#[derive(Clone, Debug)]
pub(super) struct Replications {
    /// Fan-outs of [`CALLS`].
    pub(super) fan_out: Curve,
    /// M/M/4 over [`SECONDS`] of virtual time.
    pub(super) queue: Curve,
}

/// Calls of a fan-out.
pub(super) const CALLS: u32 = 100;
/// Virtual seconds of a replication of the queue: shorter ones would not have forgotten by the end of
/// their warm-up that they began empty.
pub(super) const SECONDS: u64 = 10;
/// Requests of a replication of the queue, on average.
pub(super) const REQUESTS: u64 = SECONDS * Queue::PER_S as u64;
/// From so many requests on theory's tolerance was measured: the mean of fewer is skewed by one long
/// queue. Theirs must be right as the loop's that is right with more.
const ENOUGH: u64 = 20_000;
/// Runs are repeated until they have so large a share of the usual number of calls, ...
const SHARE: u64 = 4;
/// ... but no more often than this: with few calls a run is nearly all fixed cost.
const REPEATS: u64 = 200;

/// Both models with more and more replications.
///
/// # Errors
/// When an answer is wrong.
pub(super) fn measure(effort: &Effort) -> anyhow::Result<Replications> {
    let (mut places, mut contenders) = (Vec::new(), Vec::new());
    for replications in steps(effort.calls / u64::from(CALLS)) {
        let model = FanOut {
            calls: CALLS,
            replications,
        };
        let expected = Books::of_fan_outs(&hand::fan_out::run(&model, SEED));
        is_right(model.theory(), "by hand", expected.mean_ms())?;
        let read = move || lab::fan_out(&model, Policies::None);
        places.push(replications);
        contenders.push(contender(effort, model.all_calls(), read, expected));
    }
    let fan_outs = places.len();
    for replications in steps((effort.calls / REQUESTS).max(1)) {
        let model = Queue {
            seconds: SECONDS,
            replications,
        };
        let expected = Books::of_queue(&hand::queue::run(&model, SEED));
        if model.requests() >= ENOUGH {
            let theory = Queue::theory(requests_that_count(&model));
            is_right(theory, "by hand", expected.mean_ms())?;
        }
        let read = move || lab::queue(&model);
        places.push(replications);
        contenders.push(contender(effort, model.requests(), read, expected));
    }
    let runs = turns(effort.rounds, &mut contenders)?;
    let points = places.into_iter().zip(runs);
    let mut fan_out: Curve = points.map(|(at, runs)| Point::of(at, runs)).collect();
    let queue = fan_out.split_off(fan_outs);
    Ok(Replications { fan_out, queue })
}

/// A run as a user has it: the scenario is read, run, and its record made.
fn contender(
    effort: &Effort,
    calls: u64,
    read: impl Fn() -> anyhow::Result<Scenario> + 'static,
    expected: Books,
) -> Contender<'static> {
    let repeats = (effort.calls / SHARE / calls).clamp(1, REPEATS);
    Contender::new("lab", move || {
        let (record, seconds) = on_processor(|| {
            for _ in 1..repeats {
                std::hint::black_box(lab::run(&read()?, NonZeroUsize::MIN)?);
            }
            lab::run(&read()?, NonZeroUsize::MIN)
        });
        is_the_same(&expected, &Books::of_lab(&record?))?;
        Ok(Run {
            seconds,
            calls: calls * repeats,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lab_and_the_loop_agree_for_every_number_of_replications() {
        let Replications { fan_out, queue } = measure(&Effort::TINY).unwrap();
        let places = |curve: &[Point]| -> Vec<u64> { curve.iter().map(|of| of.at).collect() };
        assert_eq!(places(&fan_out), [1, 3, 10]);
        assert_eq!(
            places(&queue),
            [1],
            "3200 requests are more than was asked for"
        );
    }
}
