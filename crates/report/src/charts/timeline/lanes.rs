//! The lanes of a job: which attempts overlap, and their bars.

use awaitlab_core::{Fate, Instant};
use awaitlab_record::{Bar, Timeline};

use super::{PAGE_LANES, since_ms};
use crate::charts::axis::Axis;
use crate::charts::page::in_color;
use crate::charts::style::{self, FATES, TICK};
use crate::scene::{Anchor, Color, Pen, Point, Rect, Scene};

/// How thick attempts that overlap within a lane are: the first of which there is room for.
const THIN: [f64; 4] = [11.0, 8.0, 5.0, 3.5];
/// No job's lanes are made higher than this for it.
const TALL: f64 = 700.0;
/// Bars of a job in which there is room for the number of an attempt, and for how many there is.
const NUMBERED: f64 = 9.5;
const NUMBERED_BARS: usize = 60;
/// Half the side of a cross.
const CROSS: f64 = 4.0;
/// How the number of an attempt is written.
const ATTEMPT: Pen = Pen { size: 9.5, ..TICK };

/// A call as it is drawn.
pub(super) struct Lane<'a> {
    pub(super) call: u32,
    /// Each attempt, and in which of the lane's layers it lies.
    bars: Vec<(&'a Bar, usize)>,
    layers: usize,
    /// From the plot's upper edge.
    pub(super) y: f64,
    pub(super) height: f64,
}

/// The lanes one below the other, higher where attempts overlap and there is room for it.
pub(super) fn stacked<'a>(
    calls: &[u32],
    by_lane: Vec<Vec<&'a Bar>>,
    base: f64,
    jobs: usize,
) -> Vec<Lane<'a>> {
    let placed: Vec<(Vec<usize>, usize)> = by_lane.iter().map(|bars| layers(bars)).collect();
    let room = (PAGE_LANES / jobs as f64).min(TALL);
    let height = |layers: usize, thin: f64| match layers {
        0 | 1 => base,
        _ => base.max(thin * layers as f64 + gap(base)),
    };
    let fits = |thin: &f64| {
        let heights = placed.iter().map(|(_, layers)| height(*layers, *thin));
        heights.sum::<f64>() <= room
    };
    let thin = THIN.into_iter().find(fits).unwrap_or(0.0);
    let mut y = 0.0;
    let lane = |((&call, bars), (places, layers)): ((&u32, Vec<&'a Bar>), _)| {
        let lane = Lane {
            call,
            bars: bars.into_iter().zip::<Vec<usize>>(places).collect(),
            layers,
            y,
            height: height(layers, thin),
        };
        y += lane.height;
        lane
    };
    let lanes = calls.iter().zip(by_lane).zip(placed.iter().cloned());
    lanes.map(lane).collect()
}

/// Space between lanes of so many pixels.
fn gap(height: f64) -> f64 {
    if height >= 10.0 { 2.0 } else { 0.75 }
}

/// Whether it was over before it took any time.
pub(super) fn is_refused(bar: &Bar) -> bool {
    bar.fate == Fate::Rejected && bar.end == Some(bar.start)
}

/// The attempts of each lane, in the order in which they were started.
pub(super) fn by_lane<'a>(job: &'a Timeline, lanes: &[u32]) -> Vec<Vec<&'a Bar>> {
    let mut by_lane = vec![Vec::new(); lanes.len()];
    for bar in &job.bars {
        if let Ok(lane) = lanes.binary_search(&bar.call) {
            by_lane[lane].push(bar);
        }
    }
    by_lane
}

/// Draws the bars, one shape a fate.
pub(super) fn draw_bars(
    scene: &mut Scene,
    job: &Timeline,
    lanes: &[Lane<'_>],
    plot: Rect,
    axis: &Axis,
) {
    let x = |at: Instant| plot.x + axis.share(since_ms(at, job)) * plot.width;
    let mut by_fate: Vec<(Fate, Vec<Rect>)> = FATES.iter().map(|f| (*f, Vec::new())).collect();
    let mut tips: Vec<(Color, Point, f64)> = Vec::new();
    let mut crosses: Vec<Vec<Point>> = Vec::new();
    let mut numbers: Vec<(&Bar, Rect)> = Vec::new();
    for lane in lanes {
        let gap = gap(lane.height);
        let thick = (lane.height - gap) / lane.layers.max(1) as f64;
        for &(bar, layer) in &lane.bars {
            let y = plot.y + lane.y + gap / 2.0 + layer as f64 * thick;
            let from = x(bar.start);
            let to = bar.end.map_or(plot.right(), x);
            if is_refused(bar) {
                // What happens at the edge is seen within it.
                let middle = from.clamp(plot.x + CROSS, plot.right() - CROSS);
                crosses.extend(cross((middle, y + thick / 2.0), thick));
                continue;
            }
            if bar.end.is_none() {
                let tip = (plot.right() - 0.5, y + thick / 2.0);
                tips.push((style::fate(bar.fate), tip, thick));
            }
            // Overlapping ones have a hair of space between them, as those in a row do.
            let between = if lane.layers > 1 && thick >= 4.0 {
                1.0
            } else {
                0.0
            };
            // What was refused soon must be seen, too.
            let least = if bar.fate == Fate::Rejected { 3.0 } else { 1.0 };
            let rect = Rect::new(from, y, (to - from - 0.5).max(least), thick - between);
            if let Some((_, rects)) = by_fate.iter_mut().find(|(fate, _)| *fate == bar.fate) {
                rects.push(rect);
            }
            if lane.bars.len() > 1 {
                numbers.push((bar, rect));
            }
        }
    }
    for (fate, rects) in by_fate {
        scene.rects(style::fate(fate), rects);
    }
    for (color, (x, y), thick) in tips {
        let half = (thick * 0.5).max(2.0);
        scene.polygon(color, vec![(x + 9.0, y), (x, y - half), (x, y + half)]);
    }
    scene.lines(style::fate(Fate::Rejected), 1.75, crosses);
    if numbers.len() <= NUMBERED_BARS {
        number_attempts(scene, &numbers);
    }
}

/// A cross that stands for what has no length, within a layer of so many pixels.
fn cross((x, y): Point, thick: f64) -> [Vec<Point>; 2] {
    let half = (thick * 0.4).clamp(1.5, CROSS);
    [
        vec![(x - half, y - half), (x + half, y + half)],
        vec![(x - half, y + half), (x + half, y - half)],
    ]
}

/// Writes which attempt of its call a bar is, counted from 1, where it fits.
fn number_attempts(scene: &mut Scene, bars: &[(&Bar, Rect)]) {
    for (bar, rect) in bars {
        let pen = in_color(ATTEMPT, style::text_on(style::fate(bar.fate)));
        let label = (bar.attempt + 1).to_string();
        let fits = scene.measure(&label, pen) + 4.0 <= rect.width;
        if fits && rect.height >= NUMBERED {
            let at = (rect.x + 3.0, rect.y + rect.height / 2.0 + 3.4);
            scene.text(at, Anchor::Start, pen, &label);
        }
    }
}

/// For each attempt of a call, in which layer of its lane it lies, and how many layers there are:
/// a hedge runs beside the attempt it hedges, and a retry beside one that was given up and runs on.
/// All layers of a lane are equally thin, so that it looks the same all along.
fn layers(bars: &[&Bar]) -> (Vec<usize>, usize) {
    // When each layer is free again.
    let mut free: Vec<Instant> = Vec::new();
    let mut layers = Vec::with_capacity(bars.len());
    for bar in bars {
        let end = bar.end.unwrap_or(Instant::FAR_FUTURE);
        let layer = match free.iter().position(|&free| free <= bar.start) {
            Some(layer) => layer,
            None => {
                free.push(end);
                free.len() - 1
            }
        };
        free[layer] = end;
        layers.push(layer);
    }
    (layers, free.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(start: u64, end: Option<u64>) -> Bar {
        Bar {
            call: 0,
            attempt: 0,
            start: Instant::from_nanos(start),
            end: end.map(Instant::from_nanos),
            fate: Fate::Late,
        }
    }

    #[test]
    fn attempts_in_a_row_share_a_layer_and_one_that_runs_on_keeps_its_own() {
        let placed = |bars: &[Bar]| layers(&bars.iter().collect::<Vec<_>>());
        let in_a_row = [bar(0, Some(1)), bar(1, Some(2)), bar(4, Some(5))];
        assert_eq!(placed(&in_a_row), (vec![0, 0, 0], 1));
        let runs_on = [
            bar(0, Some(9)),
            bar(1, Some(2)),
            bar(2, None),
            bar(9, Some(10)),
        ];
        assert_eq!(placed(&runs_on), (vec![0, 1, 1, 0], 2));
    }

    #[test]
    fn a_lane_is_higher_where_attempts_overlap() {
        let bars = [bar(0, Some(9)), bar(1, Some(9)), bar(2, Some(9))];
        let by_lane = vec![vec![&bars[0]], bars.iter().collect(), vec![&bars[0]]];
        let lanes = stacked(&[0, 1, 2], by_lane, 20.0, 1);
        let heights: Vec<f64> = lanes.iter().map(|lane| lane.height).collect();
        // Three layers of 11 and the gap of 2.
        assert_eq!(heights, [20.0, 35.0, 20.0]);
        assert_eq!(lanes[2].y, 55.0);
    }

    #[test]
    fn a_page_of_many_jobs_has_thinner_attempts() {
        let bars = [bar(0, Some(9)), bar(1, Some(9))];
        let height = |jobs| {
            let by_lane = vec![bars.iter().collect(); 10];
            let calls: Vec<u32> = (0..10).collect();
            stacked(&calls, by_lane, 14.0, jobs)[0].height
        };
        // Ten lanes of two layers in 700, 200 and 133 pixels: 24, 18 and (as they are) 14 each.
        assert_eq!([1, 8, 12].map(height), [24.0, 18.0, 14.0]);
    }
}
