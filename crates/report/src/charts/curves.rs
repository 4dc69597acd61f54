//! Lines through measured points: for studies, which no record is behind.

use super::axis::{self, Axis};
use super::ends::{self, End};
use super::page::Page;
use super::style::{FAINT, HEAD, MARGIN, NAME_WIDTH, PAGE_WIDTH, lighten, strategy};
use super::{ChartError, Sheet};
use crate::font::Font;
use crate::scene::{Color, Point, Rect, Scene};
use crate::svg;

/// Height of the plot.
const HEIGHT: f64 = 260.0;
/// Radius of a point, and the corners that make it round.
const RADIUS: f64 = 3.4;
const CORNERS: usize = 16;
/// Dash of a line that nobody measured.
const DASH: f64 = 4.0;

/// A chart of a few lines through measured points.
///
/// ```
/// use awaitlab_report::{Curve, Curves, Reading, Span};
///
/// let points = [(1.0, 200.0), (100.0, 210.0), (10_000.0, 260.0)];
/// let readings = points.map(|(x, y)| Reading { x, y, low: y - 5.0, high: y + 9.0 });
/// let chart = Curves {
///     title: "A call's cost".into(),
///     subtitle: "Fan-outs of more and more calls".into(),
///     across: "calls in flight".into(),
///     span: Span::Decades,
///     up: "processor time of a call, ns".into(),
///     lines: vec![Curve { name: "the lab".into(), readings: readings.into(), measured: true }],
///     caption: "A point is the median of five runs.".into(),
/// };
/// assert!(chart.svg()?.contains("10 000"));
/// # Ok::<(), awaitlab_report::ChartError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Curves {
    /// What it shows.
    pub title: String,
    /// Of what.
    pub subtitle: String,
    /// What goes to the right, with its unit.
    pub across: String,
    /// How that is spread.
    pub span: Span,
    /// What goes up, with its unit. From 0, or logarithmic where it goes up far.
    pub up: String,
    /// Who is drawn.
    pub lines: Vec<Curve>,
    /// How to read it.
    pub caption: String,
}

/// How what goes to the right is spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Each decade as wide as the next.
    Decades,
    /// Whole numbers from 0 on.
    Whole,
}

/// A line of a chart.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Who it is.
    pub name: String,
    /// From left to right.
    pub readings: Vec<Reading>,
    /// Whether its points were measured; else it is dashed, for comparison.
    pub measured: bool,
}

/// A point of a line, and between what it was seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Where.
    pub x: f64,
    /// How much.
    pub y: f64,
    /// The least that was seen.
    pub low: f64,
    /// The most that was seen.
    pub high: f64,
}

impl Curves {
    /// The chart as an SVG document of its own; the same bytes every time.
    ///
    /// # Errors
    /// When the embedded font is refused.
    pub fn svg(&self) -> Result<String, ChartError> {
        let sheet = Sheet {
            font: Font::load()?,
            title: self.title.clone(),
            scenario: &self.subtitle,
            panels: &[],
        };
        Ok(svg::write(&self.draw(&sheet), &self.title))
    }

    fn draw(&self, sheet: &Sheet<'_>) -> Scene {
        let mut page = Page::open(sheet);
        page.y += 30.0;
        let left = MARGIN + 46.0;
        let width = PAGE_WIDTH - MARGIN - NAME_WIDTH - 40.0 - left;
        let plot = Rect::new(left, page.y, width, HEIGHT);
        let (right, up) = (self.axis_across(), self.axis_up());
        let above = (MARGIN, plot.y - 15.0);
        let scene = &mut page.scene;
        scene.text(above, crate::scene::Anchor::Start, HEAD, &self.up);
        up.draw_left(scene, plot);
        right.draw_below(scene, plot, &self.across);
        axis::baseline(
            scene,
            (plot.x, plot.bottom()),
            (plot.right(), plot.bottom()),
        );
        let at = |x: f64, y: f64| {
            (
                plot.x + right.share(x) * plot.width,
                plot.bottom() - up.share(y) * plot.height,
            )
        };
        let colors = self.colors();
        for (line, &color) in self.lines.iter().zip(&colors) {
            line.draw(scene, color, at);
        }
        let ends = self.lines.iter().zip(&colors).filter_map(|(line, &color)| {
            let last = line.readings.last()?;
            Some(End {
                color,
                name: &line.name,
                at: at(last.x, last.y),
            })
        });
        ends::label(scene, ends.collect(), plot);
        page.y = plot.bottom() + axis::BELOW;
        if up.is_logarithmic() {
            page.note("The axis that goes up is logarithmic.");
        }
        page.close(&self.caption)
    }

    /// As strategies have them; those that were not measured are faint.
    fn colors(&self) -> Vec<Color> {
        let mut measured = 0;
        let color = |line: &Curve| {
            if !line.measured {
                return FAINT;
            }
            measured += 1;
            strategy(measured - 1)
        };
        self.lines.iter().map(color).collect()
    }

    fn readings(&self) -> impl Iterator<Item = &Reading> {
        self.lines.iter().flat_map(|line| &line.readings)
    }

    fn axis_across(&self) -> Axis {
        let (low, high) = ends_of(self.readings().map(|reading| reading.x));
        match self.span {
            Span::Decades => Axis::logarithmic_numbers(low, high),
            Span::Whole => Axis::whole(high),
        }
    }

    fn axis_up(&self) -> Axis {
        let values = self.readings().flat_map(|of| [of.low, of.y, of.high]);
        let (low, high) = ends_of(values);
        if low > 0.0 && high / low > axis::WIDE {
            return Axis::logarithmic_numbers(low / 1.3, high * 1.1);
        }
        Axis::numbers(high)
    }
}

impl Curve {
    fn draw(&self, scene: &mut Scene, color: Color, at: impl Fn(f64, f64) -> Point) {
        let point = |reading: &Reading| at(reading.x, reading.y);
        let points: Vec<Point> = self.readings.iter().map(point).collect();
        if !self.measured {
            for pair in points.windows(2) {
                scene.dashed(color, 1.5, pair[0], pair[1], DASH);
            }
            return;
        }
        let seen = self.readings.iter();
        let seen = seen.map(|of| vec![at(of.x, of.low), at(of.x, of.high)]);
        scene.lines(lighten(color, 0.45), 1.5, seen.collect());
        scene.line(color, 2.0, &points);
        for (x, y) in points {
            let corner = |index: usize| {
                let turn = std::f64::consts::TAU * index as f64 / CORNERS as f64;
                (x + RADIUS * turn.cos(), y + RADIUS * turn.sin())
            };
            scene.polygon(color, (0..CORNERS).map(corner).collect());
        }
    }
}

/// The least and the most.
fn ends_of(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, 0.0), |(low, high), value| {
        (low.min(value), high.max(value))
    })
}
