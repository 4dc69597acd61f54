//! The charts of a record.
//!
//! A chart says what it shows, in which unit, and how to read it; nobody needs the source for that.
//! Charts with a row per strategy put the variants one below the other while the page stays short,
//! and become one file a variant when it would not. What does not fit any page is left out with a
//! note that says so. Where there is one strategy alone, its variants stand side by side in its
//! place.

mod axis;
mod curves;
mod ends;
mod histogram;
mod lines;
mod outcomes;
mod page;
mod percentiles;
mod series;
mod settle;
mod style;
mod timeline;

use awaitlab_core::name::file_id;
use awaitlab_record::summary::Row;
use awaitlab_record::{Cell, Record};
use rayon::prelude::*;

use crate::blocks::side_by_side;
use crate::columns;
use crate::font::Font;
use crate::png;
use crate::scene::Scene;
use crate::svg;
use series::Story;

pub use curves::{Curve, Curves, Reading, Span};

/// More rows than this make a page of more than two screens.
const ROWS_OF_A_PAGE: usize = 40;

/// Why a chart could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// The embedded face was refused.
    #[error("the embedded font cannot be read, so charts would have no text")]
    Font,
    /// The drawing library failed.
    #[error("a chart could not be drawn: {0}")]
    Drawing(String),
    /// The pixels could not be packed.
    #[error("a chart could not be written as PNG: {0}")]
    Encoding(String),
    /// The record has not one cell for each row.
    #[error("the record has {rows} rows and {cells} cells behind them")]
    Cells {
        /// Rows of the summary.
        rows: usize,
        /// Cells of the record.
        cells: usize,
    },
}

/// A chart, laid out; written as SVG or PNG when asked.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Its file name without extension: `timeline-one-fails`.
    pub name: String,
    /// What it shows.
    pub title: String,
    pub(crate) kind: Kind,
    /// How many means the 99th percentile (with few jobs, the longest time) of a strategy is away
    /// at most: 1 where times do not vary.
    pub(crate) spread: f64,
    scene: Scene,
}

/// The kinds of charts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Series,
    Policies,
    Settle,
    Percentiles,
    Histogram,
    Outcomes,
    Timeline,
}

impl Kind {
    const ALL: [Kind; 7] = [
        Kind::Series,
        Kind::Policies,
        Kind::Settle,
        Kind::Percentiles,
        Kind::Histogram,
        Kind::Outcomes,
        Kind::Timeline,
    ];

    const fn name(self) -> &'static str {
        match self {
            Kind::Series => "series",
            Kind::Policies => "policies",
            Kind::Settle => "settle",
            Kind::Percentiles => "percentiles",
            Kind::Histogram => "histogram",
            Kind::Outcomes => "outcomes",
            Kind::Timeline => "timeline",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Kind::Series => "What happened over time",
            Kind::Policies => "What the policies did over time",
            Kind::Settle => "Settle time by strategy",
            Kind::Percentiles => "Settle time by percentile",
            Kind::Histogram => "Distribution of settle times",
            Kind::Outcomes => "What became of jobs and attempts",
            Kind::Timeline => "One job, call by call",
        }
    }

    /// How many variants of so many strategies one page takes.
    fn variants_of_a_page(self, strategies: usize) -> usize {
        match self {
            Kind::Settle | Kind::Outcomes => (ROWS_OF_A_PAGE / strategies.max(1)).max(1),
            Kind::Percentiles => 3,
            Kind::Series | Kind::Policies | Kind::Histogram | Kind::Timeline => 1,
        }
    }

    /// Whether there is anything to see of it in this variant. Of jobs that share a service, one
    /// alone says little, and nothing at all where it is a single call.
    fn suits(self, panel: &Panel<'_>) -> bool {
        let in_time = panel.cells.iter().any(|cell| cell.series.is_some());
        match self {
            Kind::Series => in_time,
            Kind::Policies => in_time && series::has_policies(panel),
            Kind::Timeline => !in_time || panel.rows.iter().any(|row| row.calls_per_job > 1),
            // Times that never vary are all said by their mean.
            Kind::Percentiles => panel.cells.iter().any(percentiles::can_draw) && varies(panel),
            Kind::Histogram => varies(panel),
            // One bar, and nothing to compare it with.
            Kind::Settle => panel.rows.len() > 1 || varies(panel),
            Kind::Outcomes => !all_is_well(panel),
        }
    }

    /// Whether variants of one strategy may stand in it as strategies do: one job alone is that of
    /// one world, and what happened over time is drawn over the faults of one.
    fn takes_side_by_side(self, cells: &[Cell]) -> bool {
        match self {
            Kind::Timeline => false,
            Kind::Series | Kind::Policies => series::share_faults(cells),
            _ => true,
        }
    }

    fn draw(self, sheet: &Sheet<'_>) -> Scene {
        match self {
            Kind::Series => series::draw(sheet, Story::Flow),
            Kind::Policies => series::draw(sheet, Story::Policies),
            Kind::Settle => settle::draw(sheet),
            Kind::Percentiles => percentiles::draw(sheet),
            Kind::Histogram => histogram::draw(sheet),
            Kind::Outcomes => outcomes::draw(sheet),
            Kind::Timeline => timeline::draw(sheet),
        }
    }
}

impl Chart {
    /// The chart as an SVG document of its own; the same bytes every time.
    pub fn svg(&self) -> String {
        svg::write(&self.scene, &self.title)
    }

    /// The chart as a PNG file of twice its size in pixels; the same bytes every time.
    ///
    /// # Errors
    /// When the drawing library or the encoder fails.
    pub fn png(&self) -> Result<Vec<u8>, ChartError> {
        png::encode(&self.scene)
    }
}

/// One variant, to be drawn as a panel.
struct Panel<'a> {
    /// `None` where the scenario has no variants.
    name: Option<&'a str>,
    rows: &'a [Row],
    /// Behind the rows, in the same order.
    cells: &'a [Cell],
}

/// What goes onto one page.
struct Sheet<'a> {
    font: Font,
    title: String,
    scenario: &'a str,
    panels: &'a [Panel<'a>],
}

/// The charts of a record, in the order in which they are worth looking at; none where it has no
/// rows.
///
/// Strategies have the same colours in all of them.
///
/// # Errors
/// When the embedded font is refused, or the record is not whole.
pub fn charts(record: &Record) -> Result<Vec<Chart>, ChartError> {
    let (rows, cells) = (record.summary.rows.len(), record.cells.len());
    if rows != cells {
        return Err(ChartError::Cells { rows, cells });
    }
    let font = Font::load()?;
    let side_by_side = side_by_side(&record.summary);
    let together = side_by_side.as_ref().map(|rows| Panel {
        name: None,
        rows,
        cells: &record.cells,
    });
    let panels = panels(record);
    let pages = pages(&panels, together.as_ref());
    Ok(pages
        .into_par_iter()
        .map(|(kind, name, panels)| {
            let variant = panels
                .first()
                .and_then(|panel| panel.name)
                .filter(|_| panels.len() == 1);
            let is_together = variant.is_none() && together.is_some();
            let title = match (variant, kind) {
                (Some(variant), _) => format!("{} – {}", kind.title(), variant),
                (None, Kind::Settle) if is_together => "Settle time by variant".into(),
                _ => kind.title().into(),
            };
            let scenario = &record.summary.scenario.title;
            let scene = kind.draw(&Sheet {
                font,
                title: title.clone(),
                scenario,
                panels,
            });
            let spread = panels
                .iter()
                .flat_map(|panel| panel.rows)
                .map(spread)
                .fold(1.0, f64::max);
            Chart {
                name,
                title,
                kind,
                spread,
                scene,
            }
        })
        .collect())
}

/// Whether every job was fulfilled by attempts that were all of use, as many under each strategy.
fn all_is_well(panel: &Panel<'_>) -> bool {
    let per_job = |row: &Row| row.attempts.made.checked_div(row.jobs);
    panel.rows.iter().all(|row| {
        row.fulfilled == row.jobs
            && row.attempts.useful == row.attempts.made
            && per_job(row) == per_job(&panel.rows[0])
    })
}

/// Whether the settle times of some strategy differ from job to job.
fn varies(panel: &Panel<'_>) -> bool {
    let times = panel.rows.iter().map(|row| &row.settle_ms);
    times.into_iter().any(|settle| settle.min != settle.max)
}

fn spread(row: &Row) -> f64 {
    let settle = &row.settle_ms;
    match (settle.mean, settle.p99.or(settle.max)) {
        (Some(mean), Some(tail)) if mean > 0.0 && settle.min != settle.max => tail / mean,
        _ => 1.0,
    }
}

/// The PNG files of charts, in the same order, drawn on all cores.
///
/// # Errors
/// The first of [`Chart::png`]'s.
pub fn pngs(charts: &[Chart]) -> Result<Vec<Vec<u8>>, ChartError> {
    charts.par_iter().map(Chart::png).collect()
}

fn panels(record: &Record) -> Vec<Panel<'_>> {
    let named = columns::has_variants(&record.summary);
    let mut cells = record.cells.as_slice();
    columns::variants(&record.summary)
        .into_iter()
        .map(|(name, rows)| {
            let (own, rest) = cells.split_at(rows.len());
            cells = rest;
            Panel {
                name: named.then_some(name),
                rows,
                cells: own,
            }
        })
        .collect()
}

type PageOf<'a> = (Kind, String, &'a [Panel<'a>]);

/// Which panels stand together, and under which file name.
fn pages<'a>(panels: &'a [Panel<'a>], together: Option<&'a Panel<'a>>) -> Vec<PageOf<'a>> {
    let mut pages: Vec<PageOf<'a>> = Vec::new();
    let strategies = panels
        .iter()
        .map(|panel| panel.rows.len())
        .max()
        .unwrap_or(0);
    if panels.is_empty() {
        return pages;
    }
    for kind in Kind::ALL {
        if let Some(panel) = together.filter(|panel| kind.takes_side_by_side(panel.cells)) {
            if kind.suits(panel) {
                pages.push((kind, kind.name().into(), std::slice::from_ref(panel)));
            }
            continue;
        }
        if panels.len() <= kind.variants_of_a_page(strategies)
            && panels.iter().any(|panel| kind.suits(panel))
        {
            pages.push((kind, kind.name().into(), panels));
            continue;
        }
        for (index, panel) in panels.iter().enumerate() {
            if !kind.suits(panel) {
                continue;
            }
            let mut name = format!(
                "{}-{}",
                kind.name(),
                file_id(panel.name.unwrap_or_default())
            );
            // Names that differ in signs alone have one file name.
            if pages.iter().any(|(_, taken, _)| *taken == name) {
                name = format!("{name}-{}", index + 1);
            }
            pages.push((kind, name, std::slice::from_ref(panel)));
        }
    }
    pages
}
