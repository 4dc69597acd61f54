//! When a run that goes on until its intervals are narrow may stop: at the ends of rounds, which
//! depend on the scenario alone, so that neither threads nor time reach a result.
//!
//! Looking at intervals until one is narrow finds those that are narrow by chance, and such intervals
//! cover less than they claim. So a look ahead: they must be narrow at the ends of two rounds in a
//! row (as K. Hoad, S. Robinson and R. Davies, "Automated selection of the number of replications for
//! a discrete-event simulation", 2010). At the last end there is nothing left to choose, and one is
//! enough.

use std::ops::ControlFlow;

/// Replications of the first round: in time each is many jobs, isolated it is one.
const FIRST_IN_TIME: u64 = 10;
const FIRST_ISOLATED: u64 = 1000;

/// The ends of rounds, counted in replications; the last one is `most`.
///
/// A round is an eighth of what was run before it, at least five replications, and a multiple of
/// `section`, but for the last.
pub(crate) fn ends(isolated: bool, section: u64, most: u64) -> impl Iterator<Item = u64> {
    let whole = move |n: u64| n.next_multiple_of(section).min(most);
    let first = whole(if isolated {
        FIRST_ISOLATED
    } else {
        FIRST_IN_TIME
    });
    let next = move |&end: &u64| (end < most).then(|| whole(end + (end / 8).max(5)));
    std::iter::successors(Some(first), next)
}

/// The decision at the ends of rounds.
#[derive(Default)]
pub(crate) struct LookAhead {
    held: bool,
}

impl LookAhead {
    /// Whether to stop at an end; `is_last` where there is no further round.
    pub(crate) fn at(&mut self, holds: bool, is_last: bool) -> ControlFlow<()> {
        let stop = holds && (self.held || is_last);
        self.held = holds;
        if stop {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_begin_with_ten_and_grow_by_an_eighth() {
        let in_time: Vec<u64> = ends(false, 1, 60).collect();
        assert_eq!(in_time, [10, 15, 20, 25, 30, 35, 40, 45, 50, 56, 60]);
        let isolated: Vec<u64> = ends(true, 1, 2000).take(4).collect();
        assert_eq!(isolated, [1000, 1125, 1265, 1423]);
    }

    #[test]
    fn a_maximum_is_the_last_end_and_never_passed() {
        assert_eq!(ends(false, 1, 7).collect::<Vec<_>>(), [7]);
        assert_eq!(
            ends(true, 1000, 2500).collect::<Vec<_>>(),
            [1000, 2000, 2500]
        );
        assert_eq!(ends(false, 1, 10).collect::<Vec<_>>(), [10]);
    }

    #[test]
    fn narrow_once_may_be_chance_and_narrow_twice_is_enough() {
        let mut look_ahead = LookAhead::default();
        let mut stops = |holds, is_last| look_ahead.at(holds, is_last).is_break();
        assert!(!stops(true, false));
        assert!(!stops(false, false));
        assert!(!stops(true, false), "not in a row");
        assert!(stops(true, false));
        let mut look_ahead = LookAhead::default();
        assert!(look_ahead.at(false, true).is_continue());
        assert!(
            look_ahead.at(true, true).is_break(),
            "nothing left to choose"
        );
    }
}
