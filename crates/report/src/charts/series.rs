//! A variant over virtual time: strips one below the other on one axis of time, a line per strategy,
//! with the faults shaded. What went wrong, what it did and how it ended can be read from left to
//! right.
//!
//! A strip that would say nothing, because its value never moves under any strategy, is left out
//! with a note.

mod faults;
mod measure;
mod strip;

use super::axis::{self, Axis};
use super::page::{Page, name_column};
use super::style::{EMPTY, MARGIN, PAGE_WIDTH};
use super::{Panel, Sheet};
use crate::figures;
use crate::scene::{Anchor, Rect, Scene};
use measure::Measure;
use strip::{Line, Strip};

/// Lines beyond this many in one strip are a tangle.
const LINES: usize = 8;
/// Space at the left for the labels of a strip's axis.
const LABELS: f64 = 46.0;
/// Space at the right for names, beside the names themselves: swatch and figure.
const BESIDE: f64 = 96.0;
/// Widest name.
const NAMES: f64 = 150.0;
/// Space above a strip, with its title.
const STRIP_ABOVE: f64 = 30.0;
/// Jobs that an interval needs for ten of them to lie beyond its 99th percentile.
const SUPPORT: u64 = 1000;

pub(super) fn draw(sheet: &Sheet<'_>) -> Scene {
    let mut page = Page::open(sheet);
    for panel in sheet.panels {
        draw_panel(&mut page, sheet, panel);
    }
    let caption = sheet.panels.first().map_or_else(String::new, caption);
    page.close(&caption)
}

fn draw_panel(page: &mut Page, sheet: &Sheet<'_>, panel: &Panel<'_>) {
    page.panel_title(sheet, panel);
    let lines = lines(page, panel);
    let end_ns = lines
        .iter()
        .flat_map(|line| &line.figures)
        .map(|figures| figures.to_ns)
        .max();
    let Some(end_ns) = end_ns else {
        page.y += 30.0;
        let said = "No time passed.";
        page.scene
            .text((MARGIN, page.y), Anchor::Start, EMPTY, said);
        return;
    };
    let time = Axis::virtual_time(end_ns as f64 / 1e6);
    let names = name_column(sheet).min(NAMES);
    let left = MARGIN + LABELS;
    let width = PAGE_WIDTH - MARGIN - names - BESIDE - left;
    let faults = faults::gather(page, panel, end_ns);
    let first = Rect::new(left, page.y + STRIP_ABOVE, width, 0.0);
    faults::label(page, &faults, &time, first);
    let (drawn, still): (Vec<Measure>, Vec<Measure>) = Measure::ALL
        .into_iter()
        .partition(|measure| measure.moves(&lines));
    for (index, measure) in drawn.iter().enumerate() {
        page.y += STRIP_ABOVE;
        let strip = Strip::new(*measure, &lines, drawn.len());
        let plot = Rect::new(left, page.y, width, strip.height());
        faults::shade(&mut page.scene, &faults, &time, plot);
        if index + 1 == drawn.len() {
            time.draw_below(&mut page.scene, plot, "virtual time");
        } else {
            grid(&mut page.scene, &time, plot);
        }
        strip.draw(page, plot, &time);
        page.y = plot.bottom() + 8.0;
    }
    page.y += axis::BELOW - 8.0;
    say_what_is_missing(page, &still, &lines);
}

/// The strategies that have a series, as far as they can be told apart.
fn lines<'a>(page: &mut Page, panel: &Panel<'a>) -> Vec<Line<'a>> {
    let all: Vec<Line<'a>> = panel
        .rows
        .iter()
        .zip(panel.cells)
        .enumerate()
        .filter_map(|(index, (row, cell))| {
            let series = cell.series.as_ref()?;
            Some(Line {
                index,
                row,
                figures: series.figures().collect(),
            })
        })
        .collect();
    if all.len() > LINES {
        page.note(format!(
            "Shown are the first {LINES} of {} strategies; series.csv has all.",
            figures::count(all.len() as u64)
        ));
    }
    all.into_iter().take(LINES).collect()
}

fn grid(scene: &mut Scene, time: &Axis, plot: Rect) {
    let lines = time.ticks().into_iter().map(|(ms, _)| {
        let x = plot.x + time.share(ms) * plot.width;
        vec![(x, plot.y), (x, plot.bottom())]
    });
    scene.lines(super::style::GRID, 1.0, lines.collect());
}

fn say_what_is_missing(page: &mut Page, still: &[Measure], lines: &[Line<'_>]) {
    if still.is_empty() {
        return;
    }
    let said: Vec<String> = still
        .iter()
        .map(|measure| measure.constant(lines))
        .collect();
    page.note(format!("Not drawn: {}.", said.join("; ")));
}

/// How to read it: what a point is, and how far its 99th percentile can be trusted.
fn caption(panel: &Panel<'_>) -> String {
    let series = panel.cells.iter().filter_map(|cell| cell.series.as_ref());
    let Some(longest) = series.clone().max_by_key(|series| series.interval_ns) else {
        return String::new();
    };
    let interval = figures::time(longest.interval_ns as f64 / 1e6);
    let of = match longest.replications {
        1 => "of the one replication".into(),
        many => format!("averaged over {} replications", figures::count(many)),
    };
    let most = series
        .flat_map(|series| &series.intervals)
        .map(|interval| interval.settle.count())
        .max();
    let thin = if most.is_some_and(|most| most < SUPPORT) {
        " Intervals hold fewer than 1000 jobs: a p99 rests on the slowest few of them."
    } else {
        ""
    };
    format!(
        "A point is an interval of {interval}, {of}. Jobs count where they settle: goodput is those \
         that were fulfilled, complete and within the deadline. Lines that coincide share their \
         dashes.{thin}"
    )
}
