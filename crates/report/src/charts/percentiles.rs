//! Settle time by percentile, on an axis of nines: each further nine takes the same width, so that
//! the tail is as easy to read as the middle.
//!
//! A line ends where fewer than ten observations lie beyond it: what is further out is the luck of
//! one run.

use awaitlab_stats::Histogram;

use super::axis::{self, TimeAxis};
use super::page::Page;
use super::style::{
    EDGE, EMPTY, GRID, HEAD, MARGIN, NAME, NAME_WIDTH, PAGE_WIDTH, SERIES, TICK, strategy,
};
use super::{Panel, Sheet};
use crate::scene::{Anchor, Point, Rect, Scene};

/// Observations that must lie beyond a percentile that is drawn.
const SUPPORT: f64 = 10.0;
/// Height of a plot, and what each line beyond six adds to it.
const HEIGHT: f64 = 230.0;
const LINE: f64 = 16.0;
/// Lines are sampled at this distance, in pixels.
const GRAIN: f64 = 1.5;
/// Lines closer than this are drawn in turns.
const TOGETHER: f64 = 1.6;
/// Samples in a turn.
const TURN: usize = 8;
/// From this ratio of the longest to the shortest time on, the axis is logarithmic.
const WIDE: f64 = 60.0;

pub(super) fn draw(sheet: &Sheet<'_>) -> Scene {
    let mut page = Page::open(sheet);
    page.y -= 8.0;
    let mut logarithmic = false;
    for panel in sheet.panels {
        logarithmic |= draw_panel(&mut page, sheet, panel);
    }
    if logarithmic {
        page.note("The axis of time is logarithmic.");
    }
    page.close(
        "At 99 %, 99 of 100 settled jobs took no longer than the line's height: lower is faster, \
         and a line that climbs to the right has a slow tail. Lines that coincide share their \
         dashes. A line ends where fewer than ten jobs lie beyond it.",
    )
}

/// One line of the chart.
struct Curve {
    index: usize,
    /// Observations up to and including each time, and that time in milliseconds.
    steps: Vec<(u64, f64)>,
    count: u64,
    /// Where it ends, in nines.
    end: f64,
}

impl Curve {
    fn of(index: usize, histogram: &Histogram) -> Option<Self> {
        let count = histogram.count();
        let end = (count as f64 / SUPPORT).log10();
        // Below two times the support not even the median has enough beyond it.
        if count < 2 * SUPPORT as u64 {
            return None;
        }
        let mut seen = 0;
        let steps = histogram
            .buckets()
            .map(|bucket| {
                seen += bucket.count;
                (seen, bucket.high as f64 / 1e6)
            })
            .collect();
        Some(Curve {
            index,
            steps,
            count,
            end,
        })
    }

    /// The time in milliseconds that this many nines of the observations do not exceed.
    fn at(&self, nines: f64) -> f64 {
        let share = 1.0 - 10_f64.powf(-nines);
        let rank = ((share * self.count as f64 - 1e-6).ceil() as u64).clamp(1, self.count);
        let step = self.steps.partition_point(|(seen, _)| *seen < rank);
        self.steps
            .get(step)
            .or(self.steps.last())
            .map_or(0.0, |(_, ms)| *ms)
    }
}

/// Whether the axis of time is logarithmic.
fn draw_panel(page: &mut Page, sheet: &Sheet<'_>, panel: &Panel<'_>) -> bool {
    page.panel_title(sheet, panel);
    let count = page.keep(panel.rows.len(), SERIES);
    let curves: Vec<Curve> = panel.cells[..count]
        .iter()
        .enumerate()
        .filter_map(|(index, cell)| Curve::of(index, &cell.settle))
        .collect();
    let mut missing: Vec<&str> = panel.rows[..count]
        .iter()
        .map(|row| row.strategy.as_str())
        .collect();
    missing.retain(|name| {
        !curves
            .iter()
            .any(|curve| panel.rows[curve.index].strategy == *name)
    });
    if curves.is_empty() {
        page.y += 40.0;
        let said = "No strategy settled the twenty jobs that a median needs.";
        page.scene
            .text((MARGIN, page.y), Anchor::Start, EMPTY, said);
        return false;
    }
    page.y += 32.0;
    let labels = NAME_WIDTH + 40.0;
    let height = HEIGHT + LINE * curves.len().saturating_sub(6) as f64;
    let left = MARGIN + 46.0;
    let plot = Rect::new(left, page.y, PAGE_WIDTH - MARGIN - labels - left, height);
    let (time, logarithmic) = time_axis(&curves);
    let nines = curves.iter().map(|curve| curve.end).fold(0.3, f64::max);
    let unit = format!("settle time, {}", time.unit());
    page.scene
        .text((MARGIN, plot.y - 15.0), Anchor::Start, HEAD, &unit);
    time.draw_left(&mut page.scene, plot);
    draw_nines(&mut page.scene, plot, nines);
    let ends = draw_lines(&mut page.scene, &curves, plot, &time, nines);
    label(&mut page.scene, panel, &ends, plot);
    page.y = plot.bottom() + axis::BELOW;
    if !missing.is_empty() {
        let names = missing
            .iter()
            .map(|name| crate::escape::plain(name))
            .collect::<Vec<_>>();
        page.note(format!(
            "Without a line, because fewer than twenty jobs settled{}: {}.",
            panel.name.map_or_else(String::new, |name| format!(
                " ({})",
                crate::escape::plain(name)
            )),
            names.join(", ")
        ));
    }
    logarithmic
}

fn time_axis(curves: &[Curve]) -> (TimeAxis, bool) {
    let highest = curves
        .iter()
        .map(|curve| curve.at(curve.end))
        .fold(0.0, f64::max);
    let lowest = curves
        .iter()
        .map(|curve| curve.at(0.3))
        .fold(f64::INFINITY, f64::min);
    if lowest > 0.0 && highest / lowest > WIDE {
        let bottom = curves
            .iter()
            .map(|curve| curve.at(0.0))
            .fold(lowest, f64::min);
        // The fastest few may be arbitrarily fast; they are cut off at a tenth of the median.
        return (
            TimeAxis::logarithmic(bottom.max(lowest / 10.0), highest * 1.2),
            true,
        );
    }
    (TimeAxis::from_zero(highest), false)
}

fn draw_nines(scene: &mut Scene, plot: Rect, nines: f64) {
    let wide = plot.width / nines > 120.0;
    let nines_of = |percent: f64| -(1.0 - percent / 100.0).log10();
    let round: &[f64] = if wide {
        &[0.0, 50.0, 75.0, 95.0]
    } else {
        &[0.0, 50.0]
    };
    let mut shares: Vec<(f64, String)> = round
        .iter()
        .map(|&percent| (nines_of(percent), format!("{percent} %")))
        .collect();
    for nine in 1..=nines.floor() as i32 {
        let label = match nine {
            1 => "90 %".to_string(),
            2 => "99 %".into(),
            nine => format!("99.{} %", "9".repeat(nine as usize - 2)),
        };
        shares.push((f64::from(nine), label));
    }
    shares.retain(|(at, _)| *at <= nines + 1e-9);
    let x = |at: f64| plot.x + at / nines * plot.width;
    let lines = shares
        .iter()
        .map(|(at, _)| vec![(x(*at), plot.y), (x(*at), plot.bottom())]);
    scene.lines(GRID, 1.0, lines.collect());
    for (at, label) in &shares {
        scene.text((x(*at), plot.bottom() + 16.0), Anchor::Middle, TICK, label);
    }
    axis::baseline(
        scene,
        (plot.x, plot.bottom()),
        (plot.right(), plot.bottom()),
    );
    let middle = (plot.x + plot.width / 2.0, plot.bottom() + 34.0);
    scene.text(
        middle,
        Anchor::Middle,
        HEAD,
        "share of settled jobs that took no longer",
    );
}

/// Draws the lines and tells where each ends. Where lines coincide they take turns, so that each
/// of them can be seen.
fn draw_lines(
    scene: &mut Scene,
    curves: &[Curve],
    plot: Rect,
    time: &TimeAxis,
    nines: f64,
) -> Vec<(usize, Point)> {
    let sampled: Vec<Vec<Point>> = curves
        .iter()
        .map(|curve| sample(curve, plot, time, nines))
        .collect();
    for (own, (curve, points)) in curves.iter().zip(&sampled).enumerate() {
        let mut runs: Vec<Vec<Point>> = Vec::new();
        let mut drawing = false;
        for (at, pair) in points.windows(2).enumerate() {
            let (turn, of) = turn(&sampled, own, at);
            // A logarithmic axis does not reach down to the fastest few.
            let inside = pair.iter().all(|(_, y)| *y <= plot.bottom() + 0.5);
            let mine = inside && (at / TURN) % of == turn;
            match runs.last_mut() {
                Some(run) if mine && drawing => run.push(pair[1]),
                _ if mine => runs.push(pair.to_vec()),
                _ => {}
            }
            drawing = mine;
        }
        let runs = runs.iter().map(|run| simplify(run)).collect();
        scene.lines(strategy(curve.index), 2.0, runs);
    }
    let ends = curves.iter().zip(&sampled);
    ends.filter_map(|(curve, points)| Some((curve.index, *points.last()?)))
        .collect()
}

fn sample(curve: &Curve, plot: Rect, time: &TimeAxis, nines: f64) -> Vec<Point> {
    let end = plot.width * curve.end / nines;
    let samples = (end / GRAIN).floor() as usize;
    (0..=samples)
        .map(|index| (index as f64 * GRAIN).min(end))
        .map(|x| {
            let share = time.share(curve.at(x / plot.width * nines)).min(1.0);
            (plot.x + x, plot.bottom() - share * plot.height)
        })
        .collect()
}

/// Which of the lines that coincide here this one is, and how many they are.
fn turn(sampled: &[Vec<Point>], own: usize, at: usize) -> (usize, usize) {
    let height = sampled[own][at].1;
    let together = |line: &Vec<Point>| {
        line.get(at)
            .is_some_and(|(_, y)| (y - height).abs() < TOGETHER)
    };
    let before = sampled[..own].iter().filter(|line| together(line)).count();
    (before, sampled.iter().filter(|line| together(line)).count())
}

/// The line without points that lie on it anyway (Ramer, Douglas and Peucker).
fn simplify(points: &[Point]) -> Vec<Point> {
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
        if let Some(at) = furthest.filter(|&at| off(at) > 0.35) {
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

/// Writes each line's name beside its end, moved apart where ends are close.
fn label(scene: &mut Scene, panel: &Panel<'_>, ends: &[(usize, Point)], plot: Rect) {
    let mut order: Vec<&(usize, Point)> = ends.iter().collect();
    order.sort_by(|a, b| a.1.1.total_cmp(&b.1.1).then(a.0.cmp(&b.0)));
    let mut heights: Vec<f64> = order.iter().map(|(_, (_, y))| *y).collect();
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
    for ((index, (x, y)), height) in order.into_iter().zip(heights) {
        let from = plot.right() + 18.0;
        scene.line(
            EDGE,
            1.0,
            &[(x + 2.0, *y), (plot.right() + 6.0, *y), (from, height)],
        );
        scene.line(
            strategy(*index),
            3.0,
            &[(from, height), (from + 16.0, height)],
        );
        let name = &panel.rows[*index].strategy;
        let at = (from + 22.0, height + 4.5);
        scene.text_within(at, Anchor::Start, NAME, name, PAGE_WIDTH - MARGIN - at.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(times_ms: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::new();
        times_ms
            .into_iter()
            .for_each(|ms| histogram.record(ms * 1_000_000));
        histogram
    }

    #[test]
    fn a_curve_ends_where_ten_observations_lie_beyond() {
        let curve = Curve::of(0, &recorded(1..=1000)).expect("a thousand observations");
        assert_eq!(curve.end, 2.0, "10 of 1000 lie beyond 99 %");
        assert!((curve.at(0.0) - 1.0).abs() < 0.001, "to three digits");
        assert!((curve.at(2.0) - 990.0).abs() < 1.0, "{}", curve.at(2.0));
        assert!(Curve::of(0, &recorded(1..=19)).is_none());
    }

    #[test]
    fn a_straight_line_is_simplified_to_its_ends() {
        let line: Vec<Point> = (0..100).map(|x| (f64::from(x), 7.0)).collect();
        assert_eq!(simplify(&line), [(0.0, 7.0), (99.0, 7.0)]);
    }

    #[test]
    fn lines_that_coincide_take_turns() {
        let line = vec![(0.0, 5.0), (1.0, 5.0)];
        let other = vec![(0.0, 9.0), (1.0, 5.0)];
        let sampled = [line.clone(), line, other];
        assert_eq!(turn(&sampled, 1, 0), (1, 2));
        assert_eq!(turn(&sampled, 2, 0), (0, 1));
        assert_eq!(turn(&sampled, 2, 1), (2, 3));
    }
}
