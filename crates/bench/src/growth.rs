//! How the cost of a simulated call grows: with the timers that are pending, with the calls in flight, with
//! the replications of a run; and how speed grows with threads. Measured here, and told as a page with
//! charts.
//!
//! Every answer is checked before its time counts, as everywhere in this program: a wrong one ends the study
//! without a page.

mod charts;
mod files;
mod in_flight;
mod page;
mod point;
mod replications;
mod threads;
mod timers;
mod words;

use std::path::Path;

use crate::say;
use files::Files;
use in_flight::InFlight;
use point::{Curve, Point};
use replications::Replications;
use threads::Threads;

/// All that was measured, and how.
#[derive(Clone, Debug)]
struct Growth {
    effort: Effort,
    cores: usize,
    /// An event's, against timers.
    timers: Curve,
    in_flight: InFlight,
    replications: Replications,
    threads: Threads,
}

/// How much is run.
#[derive(Clone, Copy, Debug)]
struct Effort {
    quick: bool,
    /// Measured runs of each point.
    rounds: usize,
    /// Calls of each run, about; events of the timers' are twice as many.
    calls: u64,
    /// Most calls in flight.
    in_flight: u32,
    /// Most timers pending.
    timers: u64,
}

impl Effort {
    /// Some minutes; two and a half gigabytes, which ten million timers take.
    const FULL: Effort = Effort {
        quick: false,
        rounds: 5,
        calls: 1_000_000,
        in_flight: 1_000_000,
        timers: 10_000_000,
    };
    /// For tests.
    #[cfg(test)]
    const TINY: Effort = Effort {
        quick: true,
        rounds: 1,
        calls: 1_000,
        in_flight: 1_000,
        timers: 1_000,
    };
    /// Seconds: to see that everything works.
    const QUICK: Effort = Effort {
        quick: true,
        rounds: 2,
        calls: 20_000,
        in_flight: 10_000,
        timers: 10_000,
    };
}

/// Measures everything and writes `growth.md` with its charts into a folder.
///
/// # Errors
/// When an answer is wrong, when something cannot be run, or written.
pub(crate) fn study(out: &Path, quick: bool) -> anyhow::Result<()> {
    if cfg!(debug_assertions) {
        say("built without --release: the figures mean nothing");
    }
    let effort = if quick { Effort::QUICK } else { Effort::FULL };
    // Minutes are not to be lost to a folder that cannot be written.
    let files = Files::open(out)?;
    let cores = std::thread::available_parallelism()?;
    say("events against pending timers");
    let timers = timers::measure(&effort)?;
    say("calls against calls in flight");
    let in_flight = in_flight::measure(&effort)?;
    say("calls against replications");
    let replications = replications::measure(&effort)?;
    say("calls against threads");
    let growth = Growth {
        effort,
        cores: cores.get(),
        timers,
        in_flight,
        replications,
        threads: threads::measure(&effort, cores)?,
    };
    for (name, svg) in charts::all(&growth)? {
        files.chart(name, &svg)?;
    }
    let page = files.page(&page::markdown(&growth))?;
    say(&format!("wrote {}", page.display()));
    Ok(())
}

/// 1, 3, 10, 30 ... up to `most`.
fn steps(most: u64) -> impl Iterator<Item = u64> {
    let decades = std::iter::successors(Some(1_u64), |decade| decade.checked_mul(10));
    let steps = decades.flat_map(|decade| [decade, decade.saturating_mul(3)]);
    steps.take_while(move |&step| step <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_two_a_decade() {
        let steps: Vec<u64> = steps(1000).collect();
        assert_eq!(steps, [1, 3, 10, 30, 100, 300, 1000]);
    }
}
