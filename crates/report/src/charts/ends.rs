//! Who is who: names beside the ends of lines.

use super::style::{EDGE, MARGIN, NAME, PAGE_WIDTH};
use crate::scene::{Anchor, Color, Point, Rect, Scene};

/// Height of a name.
pub(super) const LINE: f64 = 16.0;

/// Where a line ends.
pub(super) struct End<'a> {
    pub(super) color: Color,
    pub(super) name: &'a str,
    pub(super) at: Point,
}

/// Writes each line's name beside its end, moved apart where ends are close.
pub(super) fn label(scene: &mut Scene, mut ends: Vec<End<'_>>, plot: Rect) {
    // A stable order where ends are equally high.
    ends.sort_by(|a, b| a.at.1.total_cmp(&b.at.1));
    let mut heights: Vec<f64> = ends.iter().map(|end| end.at.1).collect();
    for at in 1..heights.len() {
        heights[at] = heights[at].max(heights[at - 1] + LINE);
    }
    let overflow = heights
        .last()
        .map_or(0.0, |last| (last - plot.bottom()).max(0.0));
    let mut limit = heights.last().map_or(0.0, |last| last - overflow);
    for height in heights.iter_mut().rev() {
        *height = height.min(limit);
        limit = *height - LINE;
    }
    for (end, height) in ends.into_iter().zip(heights) {
        let from = plot.right() + 18.0;
        let (x, y) = end.at;
        scene.line(
            EDGE,
            1.0,
            &[(x + 2.0, y), (plot.right() + 6.0, y), (from, height)],
        );
        scene.line(end.color, 3.0, &[(from, height), (from + 16.0, height)]);
        let at = (from + 22.0, height + 4.5);
        let width = PAGE_WIDTH - MARGIN - at.0;
        scene.text_within(at, Anchor::Start, NAME, end.name, width);
    }
}
