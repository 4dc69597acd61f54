//! Lines that share a plot: taking turns where they coincide, and without needless points.

use crate::scene::Point;

/// A line's finest detail, in pixels: points no further off than this are left out.
pub(crate) const TOLERANCE: f64 = 0.35;
/// Lines closer than this are drawn in turns.
const TOGETHER: f64 = 1.6;
/// Half the length of the dash that stands for a point without neighbours.
const ALONE: f64 = 1.5;

/// The pieces in which the line `own` of `lines` is drawn. All of them are sampled at the same
/// places, `None` where a line has a gap. Where lines coincide they take turns of so many samples,
/// so that each of them can be seen.
pub(super) fn pieces(lines: &[Vec<Option<Point>>], own: usize, turn: usize) -> Vec<Vec<Point>> {
    let points = &lines[own];
    let mut pieces: Vec<Vec<Point>> = Vec::new();
    let mut drawing = false;
    for (at, pair) in points.windows(2).enumerate() {
        let (place, of) = place(lines, own, at);
        let mine = (at / turn) % of == place;
        let &[Some(from), Some(to)] = pair else {
            drawing = false;
            continue;
        };
        match pieces.last_mut() {
            Some(piece) if mine && drawing => piece.push(to),
            _ if mine => pieces.push(vec![from, to]),
            _ => {}
        }
        drawing = mine;
    }
    let gap = |at: Option<usize>| at.and_then(|at| *points.get(at)?).is_none();
    for (at, point) in points.iter().enumerate() {
        if let &Some((x, y)) = point
            && gap(at.checked_sub(1))
            && gap(Some(at + 1))
        {
            pieces.push(vec![(x - ALONE, y), (x + ALONE, y)]);
        }
    }
    pieces
}

/// Which of the lines that coincide from here to the next sample this one is, and how many they
/// are.
fn place(lines: &[Vec<Option<Point>>], own: usize, at: usize) -> (usize, usize) {
    let height = |line: &[Option<Point>], at: usize| line.get(at).copied().flatten();
    let close = |line: &[Option<Point>], at: usize| {
        let (own, other) = (height(&lines[own], at), height(line, at));
        own.zip(other)
            .is_some_and(|((_, a), (_, b))| (a - b).abs() < TOGETHER)
    };
    // Where two part, each draws its own way.
    let together = |(index, line): &(usize, &Vec<Option<Point>>)| {
        *index == own || (close(line, at) && close(line, at + 1))
    };
    let all = || lines.iter().enumerate().filter(together);
    (
        all().filter(|(index, _)| *index < own).count(),
        all().count(),
    )
}

/// The line without points that are no further than `tolerance` off it (Ramer, Douglas and
/// Peucker).
pub(super) fn simplify(points: &[Point], tolerance: f64) -> Vec<Point> {
    let mut kept = vec![false; points.len()];
    let mut spans = vec![(0, points.len().saturating_sub(1))];
    while let Some((from, to)) = spans.pop() {
        kept[from] = true;
        kept[to] = true;
        let ((x0, y0), (x1, y1)) = (points[from], points[to]);
        let off = |at: usize| {
            let share = if x1 > x0 {
                (points[at].0 - x0) / (x1 - x0)
            } else {
                0.0
            };
            (points[at].1 - (y0 + share * (y1 - y0))).abs()
        };
        let furthest = (from + 1..to).max_by(|&a, &b| off(a).total_cmp(&off(b)));
        if let Some(at) = furthest.filter(|&at| off(at) > tolerance) {
            spans.push((from, at));
            spans.push((at, to));
        }
    }
    points
        .iter()
        .zip(kept)
        .filter_map(|(&point, kept)| kept.then_some(point))
        .collect()
}

/// The parts of a line between `from` and `to` on the axis that goes right.
pub(super) fn between(points: &[Point], from: f64, to: f64) -> Vec<Point> {
    let mut part = Vec::new();
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        if x1 <= from || x0 >= to || x1 <= x0 {
            continue;
        }
        let on = |x: f64| (x, y0 + (x - x0) / (x1 - x0) * (y1 - y0));
        if part.is_empty() {
            part.push(on(from.max(x0)));
        }
        part.push(on(to.min(x1)));
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_is_simplified_to_its_ends() {
        let line: Vec<Point> = (0..100).map(|x| (f64::from(x), 7.0)).collect();
        assert_eq!(simplify(&line, 0.35), [(0.0, 7.0), (99.0, 7.0)]);
    }

    #[test]
    fn lines_that_coincide_take_turns() {
        let line = |heights: [f64; 3]| -> Vec<Option<Point>> {
            let points = [0.0, 1.0, 2.0].into_iter().zip(heights);
            points.map(Some).collect()
        };
        let flat = line([5.0, 5.0, 5.0]);
        let lines = [flat.clone(), flat, line([9.0, 5.0, 5.0])];
        assert_eq!(place(&lines, 1, 0), (1, 2));
        assert_eq!(place(&lines, 2, 0), (0, 1), "it comes from elsewhere");
        assert_eq!(place(&lines, 2, 1), (2, 3));
    }

    #[test]
    fn a_gap_parts_a_line_and_a_point_between_gaps_is_still_seen() {
        let at = |x: f64| Some((x, 1.0));
        let line = vec![at(0.0), at(1.0), None, at(3.0), None, at(5.0), at(6.0)];
        assert_eq!(
            pieces(&[line], 0, 4),
            [
                vec![(0.0, 1.0), (1.0, 1.0)],
                vec![(5.0, 1.0), (6.0, 1.0)],
                vec![(1.5, 1.0), (4.5, 1.0)]
            ]
        );
    }

    #[test]
    fn a_part_of_a_line_begins_and_ends_where_it_is_cut() {
        let line = [(0.0, 0.0), (10.0, 10.0), (20.0, 0.0)];
        assert_eq!(
            between(&line, 5.0, 12.0),
            [(5.0, 5.0), (10.0, 10.0), (12.0, 8.0)]
        );
        assert!(between(&line, 30.0, 40.0).is_empty());
    }
}
