//! Speed against threads.

use std::num::NonZeroUsize;

use awaitlab_scenario::Scenario;

use super::replications::{CALLS, REQUESTS, SECONDS};
use super::{Curve, Effort, Point};
use crate::books::Books;
use crate::hand;
use crate::lab::{self, Policies, SEED};
use crate::measure::{Contender, Run, on_the_wall, turns};
use crate::models::{FanOut, Queue};
use crate::speed::is_the_same;

/// Of both models; times are on the wall.
#[derive(Clone, Debug)]
pub(super) struct Threads {
    pub(super) fan_out: Curve,
    pub(super) queue: Curve,
}

/// Every number of threads up to this; above it they double.
const EVERY: usize = 8;

/// Both models on one thread, two and so on.
///
/// # Errors
/// When an answer is wrong: it must be the same on any number of threads.
pub(super) fn measure(effort: &Effort, cores: NonZeroUsize) -> anyhow::Result<Threads> {
    let fan_out = FanOut {
        calls: CALLS,
        replications: effort.calls / u64::from(CALLS),
    };
    let queue = Queue {
        seconds: SECONDS,
        replications: (effort.calls / REQUESTS).max(2),
    };
    let fan_outs = lab::fan_out(&fan_out, Policies::None)?;
    let queues = lab::queue(&queue)?;
    let of_fan_outs = Books::of_fan_outs(&hand::fan_out::run(&fan_out, SEED));
    let of_queues = Books::of_queue(&hand::queue::run(&queue, SEED));
    let counts = counts(cores);
    let mut contenders = Vec::new();
    for &threads in &counts {
        contenders.push(contender(
            &fan_outs,
            &of_fan_outs,
            fan_out.all_calls(),
            threads,
        ));
        contenders.push(contender(&queues, &of_queues, queue.requests(), threads));
    }
    let mut runs = turns(effort.rounds, &mut contenders)?.into_iter();
    let (mut fan_out, mut queue) = (Curve::new(), Curve::new());
    for threads in counts {
        let mut point = || Point::of(threads.get() as u64, runs.next().unwrap_or_default());
        fan_out.push(point());
        queue.push(point());
    }
    Ok(Threads { fan_out, queue })
}

fn contender<'a>(
    scenario: &'a Scenario,
    expected: &'a Books,
    calls: u64,
    threads: NonZeroUsize,
) -> Contender<'a> {
    Contender::new("lab", move || {
        let (record, seconds) = on_the_wall(|| lab::run(scenario, threads));
        is_the_same(expected, &Books::of_lab(&record?))?;
        Ok(Run { seconds, calls })
    })
}

/// The numbers of threads that are worth measuring, all cores last.
fn counts(cores: NonZeroUsize) -> Vec<NonZeroUsize> {
    let cores = cores.get();
    let doubled = std::iter::successors(Some(2 * EVERY), |count| Some(2 * count));
    let more = doubled.take_while(|&count| count < cores);
    let last = (cores > EVERY).then_some(cores);
    let all = (1..=cores.min(EVERY)).chain(more).chain(last);
    all.filter_map(NonZeroUsize::new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_that_of_the_loop_on_any_number_of_threads() {
        let cores = NonZeroUsize::MIN.saturating_add(2);
        let Threads { fan_out, queue } = measure(&Effort::TINY, cores).unwrap();
        assert_eq!((fan_out.len(), queue.len()), (3, 3));
    }

    #[test]
    fn threads_go_up_to_all_cores_and_double_where_there_are_many() {
        let counts = |cores| -> Vec<usize> {
            let counts = NonZeroUsize::new(cores).map(counts).unwrap_or_default();
            counts.into_iter().map(NonZeroUsize::get).collect()
        };
        assert_eq!(counts(1), [1]);
        assert_eq!(counts(3), [1, 2, 3]);
        assert_eq!(counts(24), [1, 2, 3, 4, 5, 6, 7, 8, 16, 24]);
        assert_eq!(counts(32)[8..], [16, 32]);
    }
}
