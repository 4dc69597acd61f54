//! A strip of bands: how much of something there was in each interval, as the depth of a colour.

use super::measure::Measure;
use super::strip::{LINE, Line};
use crate::charts::axis::Axis;
use crate::charts::style::{STRIPE, lighten, strategy};
use crate::scene::{Rect, Scene};

/// Depths that can be told apart.
const DEPTHS: f64 = 4.0;
/// What the palest is lightened by: still seen on the shade of a fault.
const PALEST: f64 = 0.65;
/// Space above and below a band.
const GAP: f64 = 2.0;

/// Draws a band for each line, as high as a name.
pub(super) fn draw(
    scene: &mut Scene,
    measure: Measure,
    lines: &[&Line<'_>],
    time: &Axis,
    plot: Rect,
) {
    let most = measure.values(lines).fold(0.0, f64::max);
    for (place, line) in lines.iter().enumerate() {
        let y = plot.y + place as f64 * LINE + GAP;
        let height = LINE - 2.0 * GAP;
        scene.lines(
            STRIPE,
            1.0,
            vec![vec![
                (plot.x, y + height / 2.0),
                (plot.right(), y + height / 2.0),
            ]],
        );
        for depth in 1..=DEPTHS as u32 {
            let rects = spans(line, measure, most, depth)
                .into_iter()
                .map(|(from, to)| {
                    let [from, to] = [from, to].map(|ms| plot.x + time.share(ms) * plot.width);
                    Rect::new(from, y, to - from, height)
                });
            let pale = PALEST * (1.0 - f64::from(depth - 1) / (DEPTHS - 1.0));
            scene.rects(lighten(strategy(line.index), pale), rects.collect());
        }
    }
}

/// The stretches of one depth, in milliseconds. Any depth above nothing is at least the first.
fn spans(line: &Line<'_>, measure: Measure, most: f64, depth: u32) -> Vec<(f64, f64)> {
    let mut spans: Vec<(f64, f64)> = Vec::new();
    for figures in &line.figures {
        let value = measure.of(figures).unwrap_or(0.0);
        if value <= 0.0 || (value / most * DEPTHS).ceil() as u32 != depth {
            continue;
        }
        let [from, to] = [figures.from_ns, figures.to_ns].map(|ns| ns as f64 / 1e6);
        match spans.last_mut() {
            Some(last) if last.1 == from => last.1 = to,
            _ => spans.push((from, to)),
        }
    }
    spans
}
