//! An event's cost against the timers that are pending.

use super::{Curve, Effort, Point};
use crate::measure::{Contender, turns};
use crate::timers::hold_once;

/// Ten timers, a hundred and so on, in the hold model.
///
/// # Errors
/// When an answer is wrong.
pub(super) fn measure(effort: &Effort) -> anyhow::Result<Curve> {
    let events = 2 * effort.calls;
    let decades = std::iter::successors(Some(10), |decade| Some(10 * decade));
    let places: Vec<u64> = decades.take_while(|&at| at <= effort.timers).collect();
    let contender = |&timers: &u64| Contender::new("engine", move || hold_once(timers, events));
    let mut contenders: Vec<Contender<'_>> = places.iter().map(contender).collect();
    let runs = turns(effort.rounds, &mut contenders)?;
    let points = places.into_iter().zip(runs);
    Ok(points.map(|(at, runs)| Point::of(at, runs)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_fire_as_their_mean_says_however_many_they_are() {
        let curve = measure(&Effort::TINY).unwrap();
        let places: Vec<u64> = curve.iter().map(|of| of.at).collect();
        assert_eq!(places, [10, 100, 1000]);
    }
}
