//! A variant over virtual time: strips one below the other on one axis of time, a line per strategy,
//! with the faults shaded. What went wrong, what it did and how it ended can be read from left to
//! right.
//!
//! A strip that would say nothing, because its value never moves under any strategy, is left out
//! with a note. What the policies did is a page of its own, on the same axis of time.

mod bands;
mod calm;
mod faults;
mod measure;
mod strip;

use awaitlab_record::summary::Row;
use awaitlab_record::{Cell, Series};

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
const NAMES: f64 = 190.0;
/// Space above a strip, with its title.
const STRIP_ABOVE: f64 = 30.0;
/// Jobs that an interval needs for ten of them to lie beyond its 99th percentile.
const SUPPORT: u64 = 1000;

/// What a page is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Story {
    /// What became of jobs and attempts.
    Flow,
    /// What the policies did.
    Policies,
}

impl Story {
    const fn measures(self) -> &'static [Measure] {
        match self {
            Story::Flow => &Measure::FLOW,
            Story::Policies => &Measure::POLICIES,
        }
    }
}

pub(super) fn draw(sheet: &Sheet<'_>, story: Story) -> Scene {
    let mut page = Page::open(sheet);
    let mut caption = String::new();
    for panel in sheet.panels {
        caption = draw_panel(&mut page, sheet, panel, story);
    }
    page.close(&caption)
}

/// Whether policies did anything over time that can be drawn.
pub(super) fn has_policies(panel: &Panel<'_>) -> bool {
    let lines: Vec<Line<'_>> = with_series(panel)
        .map(|(index, row, series)| line(index, row, series))
        .collect();
    let lines: Vec<&Line<'_>> = lines.iter().collect();
    Measure::POLICIES
        .iter()
        .any(|measure| measure.moves(&lines))
}

/// Whether all met the same faults, so that one shading is that of all; some runs are longer.
pub(super) fn share_faults(cells: &[Cell]) -> bool {
    let all = || cells.iter().filter_map(|cell| cell.series.as_ref());
    let longest = all().max_by_key(|series| series.faults.len());
    longest.is_none_or(|longest| all().all(|series| longest.faults.starts_with(&series.faults)))
}

/// Draws a panel and says how to read it.
fn draw_panel(page: &mut Page, sheet: &Sheet<'_>, panel: &Panel<'_>, story: Story) -> String {
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
        return String::new();
    };
    let time = Axis::virtual_time(end_ns as f64 / 1e6);
    let names = name_column(sheet).min(NAMES);
    let left = MARGIN + LABELS;
    let width = PAGE_WIDTH - MARGIN - names - BESIDE - left;
    let faults = faults::gather(page, panel, end_ns);
    let first = Rect::new(left, page.y + STRIP_ABOVE, width, 0.0);
    let all: Vec<&Line<'_>> = lines.iter().collect();
    let (drawn, still): (Vec<Measure>, Vec<Measure>) = story
        .measures()
        .iter()
        .partition(|measure| measure.moves(&all));
    let title = drawn.first().map_or("", |measure| measure.title());
    faults::label(page, &faults, &time, first, title);
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
    say_what_is_missing(page, &still, &all);
    let series = panel.cells.iter().filter_map(|cell| cell.series.as_ref());
    let replications = series.map(|series| series.replications).max();
    caption(&lines, replications.unwrap_or(0), &drawn, story)
}

/// The strategies that have a series, as far as they can be told apart.
fn lines<'a>(page: &mut Page, panel: &Panel<'a>) -> Vec<Line<'a>> {
    let all: Vec<(usize, &Row, &Series)> = with_series(panel).collect();
    if all.len() > LINES {
        page.note(format!(
            "Shown are the first {LINES} of {} strategies; series.csv has all.",
            figures::count(all.len() as u64)
        ));
    }
    let drawn = &all[..all.len().min(LINES)];
    let series: Vec<&Series> = drawn.iter().map(|(_, _, series)| *series).collect();
    let calmed = calm::calmed(&series);
    drawn
        .iter()
        .zip(&calmed)
        .map(|(&(index, row, _), series)| line(index, row, series))
        .collect()
}

fn with_series<'a>(panel: &Panel<'a>) -> impl Iterator<Item = (usize, &'a Row, &'a Series)> {
    let all = panel.rows.iter().zip(panel.cells).enumerate();
    all.filter_map(|(index, (row, cell))| Some((index, row, cell.series.as_ref()?)))
}

fn line<'a>(index: usize, row: &'a Row, series: &Series) -> Line<'a> {
    Line {
        index,
        row,
        figures: series.figures().collect(),
        jobs: series.intervals.iter().map(|i| i.settle.count()).max(),
    }
}

fn grid(scene: &mut Scene, time: &Axis, plot: Rect) {
    let lines = time.ticks().into_iter().map(|(ms, _)| {
        let x = plot.x + time.share(ms) * plot.width;
        vec![(x, plot.y), (x, plot.bottom())]
    });
    scene.lines(super::style::GRID, 1.0, lines.collect());
}

fn say_what_is_missing(page: &mut Page, still: &[Measure], lines: &[&Line<'_>]) {
    let said: Vec<String> = still
        .iter()
        .filter(|measure| measure.is_missed(lines))
        .map(|measure| measure.constant(lines))
        .collect();
    if said.is_empty() {
        return;
    }
    page.note(format!("Not drawn: {}.", said.join("; ")));
}

/// How to read it: what a point is, and how far its 99th percentile can be trusted.
fn caption(lines: &[Line<'_>], replications: u64, drawn: &[Measure], story: Story) -> String {
    let intervals = lines.iter().filter_map(|line| line.figures.first());
    let Some(longest) = intervals.map(|figures| figures.to_ns).max() else {
        return String::new();
    };
    let interval = figures::time(longest as f64 / 1e6);
    let of = match replications {
        1 => "of the one replication".into(),
        many => format!("averaged over {} replications", figures::count(many)),
    };
    if story == Story::Policies {
        let bands = if drawn.contains(&Measure::OpenBreakers) {
            " Open breakers are counted as so many at once, on average over the interval: less than \
             one where it was open for a part of it, or in some replications only."
        } else {
            ""
        };
        return format!(
            "A point is an interval of {interval}, {of}. Shown are strategies whose policies did \
             something. Lines that coincide share their dashes.{bands}"
        );
    }
    let thin =
        if drawn.contains(&Measure::P99) && lines.iter().any(|line| line.jobs < Some(SUPPORT)) {
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
