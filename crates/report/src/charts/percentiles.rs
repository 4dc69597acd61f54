//! Settle time by percentile, on an axis of nines: each further nine takes the same width, so that
//! the tail is as easy to read as the middle.
//!
//! A line ends where fewer than ten observations lie beyond it: what is further out is the luck of
//! one run. Jobs that share services are slow together, so that ten of them may be one bad moment:
//! there it is ten of each replication, as it is for the quantiles of the table.

use awaitlab_record::Cell;
use awaitlab_stats::Histogram;

use super::axis::{self, Axis};
use super::ends::{self, End, LINE};
use super::lines::{self, TOLERANCE, simplify};
use super::page::Page;
use super::style::{EMPTY, GRID, HEAD, MARGIN, NAME_WIDTH, PAGE_WIDTH, SERIES, TICK, strategy};
use super::{Panel, Sheet};
use crate::scene::{Anchor, Point, Rect, Scene};

/// Observations that must lie beyond a percentile that is drawn: the rule of the tables.
const SUPPORT: f64 = awaitlab_stats::quantile::SUPPORT as f64;
/// Height of a plot; each line beyond six adds its name's.
const HEIGHT: f64 = 230.0;
/// Lines are sampled at this distance, in pixels.
const GRAIN: f64 = 1.5;
/// Samples in a turn.
const TURN: usize = 8;

pub(super) fn draw(sheet: &Sheet<'_>) -> Scene {
    let mut page = Page::open(sheet);
    page.y -= 8.0;
    let mut logarithmic = 0;
    for panel in sheet.panels {
        logarithmic += usize::from(draw_panel(&mut page, sheet, panel));
    }
    match logarithmic {
        0 => {}
        all if all == sheet.panels.len() => page.note("The axis of time is logarithmic."),
        _ => page.note("The axis of time is logarithmic where it does not start at 0."),
    }
    page.close(
        "At 99 %, 99 of 100 settled jobs took no longer than the line's height: lower is faster, \
         and a line that climbs to the right has a slow tail. Lines that coincide share their \
         dashes. A line ends where fewer than ten jobs lie beyond it, of each replication where jobs \
         share services.",
    )
}

/// Whether enough jobs settled for a line.
pub(super) fn can_draw(cell: &Cell) -> bool {
    // Below two times the support not even the median has enough beyond it.
    cell.settle.count() as f64 >= 2.0 * support(cell)
}

/// Observations that must lie beyond a percentile of this cell.
fn support(cell: &Cell) -> f64 {
    let replications = cell.series.as_ref().map_or(1, |series| series.replications);
    SUPPORT * replications.max(1) as f64
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
    fn of(index: usize, histogram: &Histogram, support: f64) -> Option<Self> {
        let count = histogram.count();
        let end = (count as f64 / support).log10();
        // Below two times the support not even the median has enough beyond it.
        if (count as f64) < 2.0 * support {
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
        .filter_map(|(index, cell)| Curve::of(index, &cell.settle, support(cell)))
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
        let said = "Of no strategy did so many jobs settle as a median needs.";
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
    let end = |&(index, at): &(usize, Point)| End {
        color: strategy(index),
        name: &panel.rows[index].strategy,
        at,
    };
    ends::label(&mut page.scene, ends.iter().map(end).collect(), plot);
    page.y = plot.bottom() + axis::BELOW;
    if !missing.is_empty() {
        let names = missing
            .iter()
            .map(|name| crate::escape::plain(name))
            .collect::<Vec<_>>();
        page.note(format!(
            "Without a line, because too few jobs settled{}: {}.",
            panel.name.map_or_else(String::new, |name| format!(
                " ({})",
                crate::escape::plain(name)
            )),
            names.join(", ")
        ));
    }
    logarithmic
}

fn time_axis(curves: &[Curve]) -> (Axis, bool) {
    let highest = curves
        .iter()
        .map(|curve| curve.at(curve.end))
        .fold(0.0, f64::max);
    let lowest = curves
        .iter()
        .map(|curve| curve.at(0.3))
        .fold(f64::INFINITY, f64::min);
    if lowest > 0.0 && highest / lowest > axis::WIDE {
        let bottom = curves
            .iter()
            .map(|curve| curve.at(0.0))
            .fold(lowest, f64::min);
        // The fastest few may be arbitrarily fast; they are cut off at a tenth of the median.
        return (
            Axis::logarithmic(bottom.max(lowest / 10.0), highest * 1.2),
            true,
        );
    }
    (Axis::from_zero(highest), false)
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
    time: &Axis,
    nines: f64,
) -> Vec<(usize, Point)> {
    let sampled: Vec<Vec<Point>> = curves
        .iter()
        .map(|curve| sample(curve, plot, time, nines))
        .collect();
    // A logarithmic axis does not reach down to the fastest few.
    let inside = |&(x, y): &Point| (y <= plot.bottom() + 0.5).then_some((x, y));
    let visible: Vec<Vec<Option<Point>>> = sampled
        .iter()
        .map(|points| points.iter().map(inside).collect())
        .collect();
    for (own, curve) in curves.iter().enumerate() {
        let pieces = lines::pieces(&visible, own, TURN);
        let pieces = pieces.iter().map(|piece| simplify(piece, TOLERANCE));
        scene.lines(strategy(curve.index), 2.0, pieces.collect());
    }
    let ends = curves.iter().zip(&sampled);
    ends.filter_map(|(curve, points)| Some((curve.index, *points.last()?)))
        .collect()
}

fn sample(curve: &Curve, plot: Rect, time: &Axis, nines: f64) -> Vec<Point> {
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
        let curve = Curve::of(0, &recorded(1..=1000), SUPPORT).expect("a thousand observations");
        assert_eq!(curve.end, 2.0, "10 of 1000 lie beyond 99 %");
        assert!((curve.at(0.0) - 1.0).abs() < 0.001, "to three digits");
        assert!((curve.at(2.0) - 990.0).abs() < 1.0, "{}", curve.at(2.0));
        assert!(Curve::of(0, &recorded(1..=19), SUPPORT).is_none());
    }

    #[test]
    fn jobs_that_share_services_need_ten_of_each_replication() {
        let twenty = 20.0 * SUPPORT;
        let curve = Curve::of(0, &recorded(1..=2000), twenty).expect("two thousand observations");
        assert_eq!(curve.end, 1.0, "200 of 2000 lie beyond 90 %");
        assert!(Curve::of(0, &recorded(1..=399), twenty).is_none());
    }
}
