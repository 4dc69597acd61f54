//! A call's cost, and its memory, against the calls in flight.

use std::num::NonZeroUsize;

use super::{Curve, Effort, Point, steps};
use crate::books::Books;
use crate::hand;
use crate::lab::{self, Policies, SEED};
use crate::measure::{Contender, Run, on_processor, turns};
use crate::memory;
use crate::models::FanOut;
use crate::speed::{is_right, is_the_same};

/// Of fan-outs with all their calls in flight at once.
#[derive(Clone, Debug)]
pub(super) struct InFlight {
    /// By the lab.
    pub(super) lab: Curve,
    /// By a hand-written loop with the same accounts.
    pub(super) by_hand: Curve,
    /// So many calls, and the bytes of each.
    pub(super) bytes: Vec<(u64, f64)>,
}

/// From this many calls on, memory is more than a process takes anyway.
const MEASURABLE: u64 = 10_000;

/// Fan-outs of more and more calls, fewer and fewer of them; then processes for the memory.
///
/// # Errors
/// When an answer is wrong, or a process fails.
pub(super) fn measure(effort: &Effort) -> anyhow::Result<InFlight> {
    let (lab, by_hand) = costs(effort)?;
    let decades = std::iter::successors(Some(MEASURABLE), |decade| Some(10 * decade));
    let sizes = decades.take_while(|&calls| calls <= effort.in_flight.into());
    let bytes = sizes.map(|calls| Ok((calls, memory::bytes_of_each_in_flight(calls)?)));
    Ok(InFlight {
        lab,
        by_hand,
        bytes: bytes.collect::<anyhow::Result<_>>()?,
    })
}

/// By the lab, and by hand.
fn costs(effort: &Effort) -> anyhow::Result<(Curve, Curve)> {
    let sizes = steps(effort.in_flight.into());
    let models: Vec<FanOut> = sizes.map(|calls| model(effort, calls)).collect();
    let mut contenders = Vec::new();
    for model in &models {
        contenders.extend(of_model(model)?);
    }
    let mut runs = turns(effort.rounds, &mut contenders)?.into_iter();
    let (mut lab, mut by_hand) = (Curve::new(), Curve::new());
    for model in &models {
        let mut point = || Point::of(model.calls.into(), runs.next().unwrap_or_default());
        lab.push(point());
        by_hand.push(point());
    }
    Ok((lab, by_hand))
}

/// About as many calls in all, whatever the size.
fn model(effort: &Effort, calls: u64) -> FanOut {
    FanOut {
        calls: u32::try_from(calls).unwrap_or(effort.in_flight),
        replications: (effort.calls / calls).max(1),
    }
}

/// The lab and the hand-written loop, in this order.
fn of_model(model: &FanOut) -> anyhow::Result<[Contender<'static>; 2]> {
    let (model, calls) = (*model, model.all_calls());
    let scenario = lab::fan_out(&model, Policies::None)?;
    let expected = Books::of_fan_outs(&hand::fan_out::run(&model, SEED));
    is_right(model.theory(), "by hand", expected.mean_ms())?;
    let same = expected.clone();
    Ok([
        Contender::new("lab", move || {
            let (record, seconds) = on_processor(|| lab::run(&scenario, NonZeroUsize::MIN));
            is_the_same(&expected, &Books::of_lab(&record?))?;
            Ok(Run { seconds, calls })
        }),
        Contender::new("by hand", move || {
            let (tally, seconds) = on_processor(|| hand::fan_out::run(&model, SEED));
            is_the_same(&same, &Books::of_fan_outs(&tally))?;
            Ok(Run { seconds, calls })
        }),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lab_and_the_loop_agree_at_every_size() {
        let (lab, by_hand) = costs(&Effort::TINY).unwrap();
        let places = |curve: &[Point]| -> Vec<u64> { curve.iter().map(|of| of.at).collect() };
        assert_eq!(places(&lab), [1, 3, 10, 30, 100, 300, 1000]);
        assert_eq!(places(&by_hand), places(&lab));
    }
}
