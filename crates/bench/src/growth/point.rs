//! What was measured at one place, and along a line.

use crate::measure::median;

/// The nanoseconds of a call (or an event) at one place of an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    /// Where: so many timers, calls in flight, replications, threads.
    pub(super) at: u64,
    /// Of the median run.
    pub(super) ns: f64,
    /// Of the fastest run.
    pub(super) fastest: f64,
    /// Of the slowest run.
    pub(super) slowest: f64,
}

/// Points from left to right, at least one.
pub(super) type Curve = Vec<Point>;

impl Point {
    /// Of the nanoseconds of all runs.
    pub(super) fn of(at: u64, runs: Vec<f64>) -> Self {
        let fastest = runs.iter().copied().fold(f64::INFINITY, f64::min);
        let slowest = runs.iter().copied().fold(0.0, f64::max);
        Point {
            at,
            ns: median(runs),
            fastest,
            slowest,
        }
    }
}

/// The point at this place, or else the one nearest below it; the first where there is none.
pub(super) fn at(curve: &[Point], place: u64) -> Option<&Point> {
    let below = curve.iter().rev().find(|point| point.at <= place);
    below.or(curve.first())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_its_median_between_its_extremes() {
        let point = Point::of(7, vec![5.0, 1.0, 2.0]);
        assert_eq!((point.fastest, point.ns, point.slowest), (1.0, 2.0, 5.0));
    }

    #[test]
    fn a_place_that_was_not_measured_is_told_by_the_one_below() {
        let curve = [10, 100].map(|at| Point::of(at, vec![1.0]));
        let place = |place| at(&curve, place).map(|point| point.at);
        assert_eq!(
            [place(100), place(99), place(3)],
            [Some(100), Some(10), Some(10)]
        );
    }
}
