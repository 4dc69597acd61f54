//! How often jobs took how long: one histogram a strategy, one below the other on the same axis and
//! with the same bins.

use awaitlab_record::summary::Row;
use awaitlab_stats::{Histogram, Quantile};

use super::axis::{self, Axis};
use super::page::{Page, name_column};
use super::style::{EMPTY, HEAD, INK, MARGIN, NAME, PAGE_WIDTH, VALUE, strategy};
use super::{Panel, Sheet};
use crate::figures;
use crate::scene::{Anchor, Point, Rect, Scene};

/// Bins of the axis: fine enough for two humps, coarse enough for few observations.
const BINS: usize = 72;
/// Strategies of a page.
const STRATEGIES: usize = 32;
/// Width of the columns at the right.
const FIGURE: f64 = 84.0;
const FIGURES: [&str; 2] = ["mean", "tallest bin"];
/// From this ratio of the axis's length to the shortest median on, the axis is logarithmic: half of
/// some strategy's jobs would else share a few bins.
const WIDE: f64 = 15.0;
/// A logarithmic axis begins no further below the shortest median.
const BELOW_MEDIAN: f64 = 100.0;
/// From this ratio of the tallest to the lowest peak on, each histogram has a scale of its own.
const UNLIKE: f64 = 4.0;

pub(super) fn draw(sheet: &Sheet<'_>) -> Scene {
    let mut page = Page::open(sheet);
    let mut own_scales = false;
    for panel in sheet.panels {
        own_scales |= draw_panel(&mut page, sheet, panel);
    }
    let scales = if own_scales {
        "Each row has a height of its own: compare where the jobs are, not how tall the bars."
    } else {
        "All rows have the same scale."
    };
    page.close(&format!(
        "Height is the share of settled jobs whose time falls into the bin; the black mark is the \
         mean. {scales}"
    ))
}

/// Draws a panel and tells whether its rows have scales of their own.
fn draw_panel(page: &mut Page, sheet: &Sheet<'_>, panel: &Panel<'_>) -> bool {
    page.panel_title(sheet, panel);
    let count = page.keep(panel.rows.len(), STRATEGIES);
    let cells = &panel.cells[..count];
    let axis = domain(cells.iter().map(|cell| &cell.settle));
    let binned: Vec<Binned> = cells
        .iter()
        .map(|cell| Binned::of(&cell.settle, &axis))
        .collect();
    if axis.is_logarithmic() {
        page.note("The axis of time is logarithmic.");
    }
    let peaks = || binned.iter().map(|b| b.peak).filter(|&peak| peak > 0.0);
    let tallest = peaks().fold(0.0, f64::max);
    let own_scales = tallest > UNLIKE * peaks().fold(1.0, f64::min);
    let height = if count <= 6 { 68.0 } else { 48.0 };
    page.y += 24.0;
    let names = name_column(sheet);
    let left = MARGIN + names + 14.0;
    let width = PAGE_WIDTH - MARGIN - left - FIGURE * FIGURES.len() as f64 - 8.0;
    let plot = Rect::new(left, page.y, width, height * count as f64);
    let scene = &mut page.scene;
    axis.draw_below(scene, plot, "settle time");
    for (index, head) in FIGURES.iter().enumerate() {
        scene.text((figure_x(index), plot.y - 8.0), Anchor::End, HEAD, head);
    }
    for (index, (row, binned)) in panel.rows.iter().zip(&binned).enumerate() {
        let bottom = plot.y + (index + 1) as f64 * height;
        let scale = if own_scales { binned.peak } else { tallest };
        let band = Rect::new(plot.x, bottom - height + 12.0, plot.width, height - 12.0);
        draw_bars(scene, binned, index, band, scale);
        axis::baseline(scene, (MARGIN, bottom), (PAGE_WIDTH - MARGIN, bottom));
        let at = (MARGIN + 4.0, bottom - height / 2.0 + 10.5);
        scene.text_within(at, Anchor::Start, NAME, &row.strategy, names);
        draw_figures(scene, &cells[index].settle, binned, band, &axis);
    }
    page.y = plot.bottom() + axis::BELOW;
    let rows = &panel.rows[..count];
    note_outside(page, "Beyond the right end", rows, &binned, |b| b.beyond);
    note_outside(page, "Before the left end", rows, &binned, |b| b.before);
    own_scales
}

/// Says what share of whose jobs has no place on the axis.
fn note_outside(page: &mut Page, side: &str, rows: &[Row], all: &[Binned], of: fn(&Binned) -> f64) {
    let outside: Vec<String> = rows
        .iter()
        .zip(all)
        .filter(|(_, binned)| of(binned) > 0.0)
        .map(|(row, binned)| {
            let name = crate::escape::plain(&row.strategy);
            format!("{name} {}", figures::percent(of(binned)))
        })
        .collect();
    if !outside.is_empty() {
        page.note(format!("{}: {}.", side, outside.join(", ")));
    }
}

/// A histogram in the axis's bins, as shares of all observations.
struct Binned {
    shares: Vec<f64>,
    peak: f64,
    beyond: f64,
    before: f64,
    /// Where on the axis the only time lies that there is.
    constant: Option<f64>,
}

impl Binned {
    fn of(histogram: &Histogram, axis: &Axis) -> Self {
        let all = histogram.count().max(1) as f64;
        let (counts, before, beyond) = if axis.is_logarithmic() {
            by_ratio(histogram, axis)
        } else {
            let ns = |ms: f64| (ms * 1e6).round() as u64;
            let bins = histogram.rebin(ns(axis.low), ns(axis.high), BINS);
            // A linear axis begins at or before the shortest time.
            (bins.counts, 0.0, bins.above)
        };
        let shares: Vec<f64> = counts.iter().map(|count| count / all).collect();
        let peak = shares.iter().copied().fold(0.0, f64::max);
        let only = histogram
            .min()
            .filter(|_| histogram.min() == histogram.max());
        Binned {
            shares,
            peak,
            beyond: beyond / all,
            before: before / all,
            constant: only.map(|ns| axis.share(ns as f64 / 1e6)),
        }
    }
}

/// The bins of a logarithmic axis, and what lies before and beyond them. They are so much wider than
/// the histogram's buckets that each bucket falls into one.
fn by_ratio(histogram: &Histogram, axis: &Axis) -> (Vec<f64>, f64, f64) {
    let (mut counts, mut before, mut beyond) = (vec![0.0; BINS], 0.0, 0.0);
    for bucket in histogram.buckets() {
        let at = (axis.share(bucket.high as f64 / 1e6) * BINS as f64 + 1e-9).floor();
        let count = bucket.count as f64;
        match at {
            at if at < 0.0 => before += count,
            at if at < BINS as f64 => counts[at as usize] += count,
            _ => beyond += count,
        }
    }
    (counts, before, beyond)
}

/// An axis for all of them: to the longest time, or little beyond the 99th percentile where the
/// longest is far out; from 0 unless all times are in the upper half; logarithmic where half of some
/// strategy's jobs would be squeezed.
fn domain<'a>(histograms: impl Iterator<Item = &'a Histogram> + Clone) -> Axis {
    let over = |figure: fn(&Histogram) -> Option<u64>| {
        let figures = histograms.clone().filter_map(figure);
        figures.map(|ns| ns as f64 / 1e6)
    };
    let longest = over(Histogram::max).fold(0.0, f64::max);
    let body = over(|h| h.quantile(Quantile::P99)).fold(0.0, f64::max);
    let shortest = over(Histogram::min).fold(f64::INFINITY, f64::min);
    let high = if longest <= 1.5 * body {
        longest
    } else {
        1.15 * body
    };
    // Room at the right, so that what is exactly at the end is still inside.
    let axis = Axis::from_zero(high);
    let axis = if axis.high < 1.02 * high {
        Axis::from_zero(1.04 * high)
    } else {
        axis
    };
    if shortest.is_finite() && shortest > 0.5 * high && longest > shortest {
        return Axis::between(shortest, high * 1.01);
    }
    let median = over(|h| h.quantile(Quantile::P50)).fold(f64::INFINITY, f64::min);
    if median > 0.0 && axis.high > WIDE * median {
        let low = shortest.max(median / BELOW_MEDIAN) / 1.3;
        return Axis::logarithmic(low, axis.high);
    }
    axis
}

fn figure_x(index: usize) -> f64 {
    PAGE_WIDTH - MARGIN - 6.0 - FIGURE * (FIGURES.len() - 1 - index) as f64
}

/// The bars, one shape.
fn draw_bars(scene: &mut Scene, binned: &Binned, index: usize, band: Rect, scale: f64) {
    if binned.peak <= 0.0 {
        let at = (band.x + 8.0, band.y + band.height / 2.0 + 4.5);
        let said = if binned.beyond > 0.0 {
            "all beyond the right end"
        } else {
            "no job settled"
        };
        scene.text(at, Anchor::Start, EMPTY, said);
        return;
    }
    let bin = band.width / BINS as f64;
    let gap = if bin > 5.0 { 0.75 } else { 0.0 };
    let tall = |share: f64| share / scale * band.height;
    if let Some(at) = binned.constant {
        // One time alone stands where it is, not in the half of a bin that happens to hold it.
        let x = band.x + at * band.width - bin / 2.0;
        let height = tall(binned.peak);
        scene.rect(
            strategy(index),
            Rect::new(x, band.bottom() - height, bin - gap, height),
        );
        return;
    }
    let bars = binned
        .shares
        .iter()
        .enumerate()
        .filter(|(_, share)| **share > 0.0);
    let rects = bars.map(|(at, &share)| {
        // Anything there at all is seen.
        let height = tall(share).max(0.75);
        let x = band.x + at as f64 * bin;
        Rect::new(x, band.bottom() - height, bin - gap, height)
    });
    let rects = rects.collect();
    scene.rects(strategy(index), rects);
}

fn draw_figures(
    scene: &mut Scene,
    histogram: &Histogram,
    binned: &Binned,
    band: Rect,
    axis: &Axis,
) {
    let Some(mean) = histogram.mean().map(|ns| ns / 1e6) else {
        return;
    };
    let share = axis.share(mean);
    if (0.0..=1.0).contains(&share) {
        let tip: Point = (band.x + share * band.width, band.bottom());
        scene.line(INK, 1.0, &[tip, (tip.0, band.y - 2.0)]);
        scene.polygon(
            INK,
            vec![
                (tip.0 - 3.5, band.y - 6.0),
                (tip.0 + 3.5, band.y - 6.0),
                (tip.0, band.y - 1.0),
            ],
        );
    }
    let y = band.y + band.height / 2.0 + 4.5;
    let said = [figures::time(mean), figures::percent(binned.peak)];
    for (column, text) in said.iter().enumerate() {
        scene.text((figure_x(column), y), Anchor::End, VALUE, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(times_ms: &[u64]) -> Histogram {
        let mut histogram = Histogram::new();
        times_ms
            .iter()
            .for_each(|ms| histogram.record(ms * 1_000_000));
        histogram
    }

    #[test]
    fn times_of_unlike_orders_have_an_axis_of_ratios_that_holds_them_all() {
        let slow = histogram(&[10, 10, 10, 1000]);
        let axis = domain([&slow].into_iter());
        // 1000 ms is more than 15 times the median of 10 ms.
        assert!(axis.is_logarithmic());
        let binned = Binned::of(&slow, &axis);
        assert_eq!(
            (binned.before, binned.beyond, binned.peak),
            (0.0, 0.0, 0.75)
        );
        assert!(!domain([&histogram(&[10, 10, 10, 100])].into_iter()).is_logarithmic());
    }

    #[test]
    fn what_is_far_below_the_median_is_told_not_drawn() {
        let mixed = histogram(&[0, 100, 100, 9000]);
        let binned = Binned::of(&mixed, &domain([&mixed].into_iter()));
        assert_eq!((binned.before, binned.peak), (0.25, 0.5));
    }
}
