//! Settle time by strategy, with its spread: mean as a bar, percentiles as a band over it.

use awaitlab_record::summary::{Distribution, Row};

use super::axis::{self, Axis};
use super::page::{Page, in_color, name_column};
use super::style::{
    self, EMPTY, FAINT, HEAD, MARGIN, NAME, PAGE_WIDTH, STRIPE, VALUE, lighten, strategy,
};
use super::{Panel, ROWS_OF_A_PAGE, Sheet};
use crate::figures;
use crate::scene::{Anchor, Rect, Scene};

/// Width of each of the columns of figures at the right.
const FIGURE: f64 = 72.0;
const FIGURES: [&str; 3] = ["mean", "p99", "max"];

/// Panels share an axis unless one would be squeezed below this share of it.
const SQUEEZED: f64 = 0.2;

pub(super) fn draw(sheet: &Sheet<'_>) -> Scene {
    let mut page = Page::open(sheet);
    key(&mut page);
    let names = name_column(sheet);
    let reaches: Vec<f64> = sheet.panels.iter().map(|panel| reach(panel.rows)).collect();
    let longest = reaches.iter().copied().fold(0.0, f64::max);
    let shared = reaches
        .iter()
        .all(|&reach| reach == 0.0 || reach >= SQUEEZED * longest);
    for (panel, &reach) in sheet.panels.iter().zip(&reaches) {
        let axis = Axis::from_zero(if shared { longest } else { reach });
        draw_panel(&mut page, sheet, panel, names, axis);
    }
    if !shared {
        page.note("Each panel has an axis of its own.");
    }
    page.close(
        "Time from a job's arrival to its caller's answer, of all settled jobs, rejected ones \
         included. Shorter is faster.",
    )
}

/// What the marks mean, drawn as they are drawn.
fn key(page: &mut Page) {
    page.y += 10.0;
    let (y, color) = (page.y, FAINT);
    let scene = &mut page.scene;
    let mut x = MARGIN;
    scene.rect(lighten(color, 0.62), Rect::new(x, y - 10.0, 34.0, 12.0));
    x = said(scene, x + 40.0, y, "mean");
    scene.rect(color, Rect::new(x, y - 7.5, 34.0, 7.0));
    x = said(scene, x + 40.0, y, "p50 to p90");
    scene.rect(color, Rect::new(x, y - 5.5, 34.0, 3.0));
    x = said(scene, x + 40.0, y, "p90 to p99");
    scene.line(color, 1.0, &[(x, y - 4.0), (x + 34.0, y - 4.0)]);
    scene.line(color, 1.0, &[(x + 34.0, y - 8.0), (x + 34.0, y)]);
    said(scene, x + 40.0, y, "to the longest");
    page.y += 8.0;
}

fn said(scene: &mut Scene, x: f64, y: f64, text: &str) -> f64 {
    scene.text((x, y), Anchor::Start, HEAD, text);
    x + scene.measure(text, HEAD) + 18.0
}

fn draw_panel(page: &mut Page, sheet: &Sheet<'_>, panel: &Panel<'_>, names: f64, axis: Axis) {
    page.panel_title(sheet, panel);
    let count = page.keep(panel.rows.len(), ROWS_OF_A_PAGE);
    let rows = &panel.rows[..count];
    let height = if rows.len() <= 12 { 32.0 } else { 24.0 };
    page.y += 20.0;
    let left = MARGIN + names + 14.0;
    let width = PAGE_WIDTH - MARGIN - left - FIGURE * FIGURES.len() as f64 - 16.0;
    let plot = Rect::new(left, page.y, width, height * rows.len() as f64);
    let scene = &mut page.scene;
    for (index, head) in FIGURES.iter().enumerate() {
        scene.text((figure_x(index), plot.y - 6.0), Anchor::End, HEAD, head);
    }
    for index in (0..rows.len()).step_by(2) {
        let y = plot.y + index as f64 * height;
        scene.rect(
            STRIPE,
            Rect::new(MARGIN, y, PAGE_WIDTH - 2.0 * MARGIN, height),
        );
    }
    axis.draw_below(scene, plot, "settle time");
    for (index, row) in rows.iter().enumerate() {
        let band = Rect::new(plot.x, plot.y + index as f64 * height, plot.width, height);
        draw_row(scene, row, index, band, &axis);
        let at = (MARGIN + 4.0, band.y + height / 2.0 + 4.5);
        scene.text_within(at, Anchor::Start, NAME, &row.strategy, names);
    }
    axis::baseline(scene, (plot.x, plot.y), (plot.x, plot.bottom()));
    page.y = plot.bottom() + axis::BELOW;
}

fn figure_x(index: usize) -> f64 {
    PAGE_WIDTH - MARGIN - 6.0 - FIGURE * (FIGURES.len() - 1 - index) as f64
}

fn draw_row(scene: &mut Scene, row: &Row, index: usize, band: Rect, axis: &Axis) {
    let middle = band.y + band.height / 2.0;
    let settle = &row.settle_ms;
    let Some(mean) = settle.mean else {
        scene.text(
            (band.x + 8.0, middle + 4.5),
            Anchor::Start,
            EMPTY,
            "no job settled",
        );
        return;
    };
    let color = strategy(index);
    let x = |ms: f64| band.x + axis.share(ms).clamp(0.0, 1.0) * band.width;
    let thick = band.height * 0.56;
    scene.rect(
        lighten(color, 0.62),
        Rect::new(
            band.x,
            middle - thick / 2.0,
            (x(mean) - band.x).max(1.0),
            thick,
        ),
    );
    let spread = |scene: &mut Scene, from: Option<f64>, to: Option<f64>, thick: f64| {
        if let (Some(from), Some(to)) = (from, to)
            && x(to) - x(from) >= 0.5
        {
            let rect = Rect::new(x(from), middle - thick / 2.0, x(to) - x(from), thick);
            scene.rect(color, rect);
        }
    };
    spread(scene, settle.p50, settle.p90, 7.0);
    spread(scene, settle.p90, settle.p99, 3.0);
    whisker(scene, settle, band, axis, index);
    // The end of the bar, so that it shows under the band too.
    scene.rect(
        color,
        Rect::new(x(mean) - 1.0, middle - thick / 2.0, 2.0, thick),
    );
    let figures = [settle.mean, settle.p99, settle.max];
    for (column, &figure) in figures.iter().enumerate() {
        let pen = if figure.is_some() {
            VALUE
        } else {
            in_color(VALUE, style::FAINT)
        };
        let at = (figure_x(column), middle + 4.5);
        scene.text(at, Anchor::End, pen, &figures::maybe_time(figure));
    }
}

/// The line to the longest time; an arrow where that lies beyond the axis.
fn whisker(scene: &mut Scene, settle: &Distribution, band: Rect, axis: &Axis, index: usize) {
    let Some(max) = settle.max else { return };
    let Some(from) = settle.p99.or(settle.p90).or(settle.p50).or(settle.min) else {
        return;
    };
    let (color, middle) = (strategy(index), band.y + band.height / 2.0);
    let x = |ms: f64| band.x + axis.share(ms).min(1.0) * band.width;
    if x(max) - x(from) < 0.5 {
        return;
    }
    scene.line(color, 1.0, &[(x(from), middle), (x(max), middle)]);
    if max > axis.high {
        let tip = band.right() + 6.0;
        scene.polygon(
            color,
            vec![
                (tip, middle),
                (tip - 7.0, middle - 4.0),
                (tip - 7.0, middle + 4.0),
            ],
        );
    } else {
        scene.line(
            color,
            1.0,
            &[(x(max), middle - 5.0), (x(max), middle + 5.0)],
        );
    }
}

/// The time up to which an axis must reach: all means and 99th percentiles, and the longest times
/// where they are not so far out that the rest would be squeezed.
fn reach(rows: &[Row]) -> f64 {
    let over = |figure: fn(&Distribution) -> Option<f64>| {
        rows.iter()
            .filter_map(|row| figure(&row.settle_ms))
            .fold(0.0, f64::max)
    };
    let body = over(|d| d.mean).max(over(|d| d.p99.or(d.p90).or(d.p50)));
    let longest = over(|d| d.max);
    if longest <= 1.6 * body {
        longest.max(body)
    } else {
        body * 1.15
    }
}
