//! One measure over time: its axis, its lines, and who is who at the right.

use awaitlab_record::series::Figures;
use awaitlab_record::summary::Row;

use super::bands;
use super::measure::Measure;
use crate::charts::axis::{self, Axis};
use crate::charts::lines::{TOLERANCE, between, pieces, simplify};
use crate::charts::page::Page;
use crate::charts::style::{FAINT, HEAD, INK, MARGIN, NAME, PAGE_WIDTH, VALUE, strategy};
use crate::figures;
use crate::font::Weight;
use crate::scene::{Anchor, Color, Pen, Point, Rect, Scene};

/// Height of a strip with few lines.
const HEIGHT: f64 = 96.0;
/// Height of a name beside it.
pub(super) const LINE: f64 = 16.0;
/// Points of a page: a file of less than 100 KB.
const POINTS: usize = 4500;
/// Length of a turn of lines that coincide, in pixels; at least an interval.
const TURN: f64 = 18.0;
/// What a line's finest detail may become, in pixels, where there are too many points.
const COARSEST: f64 = 6.0;
/// Offered load that is so many times what comes out of it is cut off at the top.
const BEYOND: f64 = 5.0;
/// Dash of the offered load, and its distance to the next.
const DASH: f64 = 5.0;
const DASHES: f64 = 8.0;
/// From a strip's upper edge to its title.
pub(super) const TITLE_ABOVE: f64 = 12.0;
/// Space between the plot and the names beside it.
const ASIDE: f64 = 14.0;
/// How its title is written.
pub(super) const TITLE: Pen = Pen {
    size: 12.0,
    weight: Weight::Bold,
    color: INK,
};

/// One strategy over time.
pub(super) struct Line<'a> {
    /// Its place among the strategies: says its colour.
    pub(super) index: usize,
    pub(super) row: &'a Row,
    pub(super) figures: Vec<Figures>,
    /// Most jobs that settled in one of its intervals.
    pub(super) jobs: Option<u64>,
}

/// A measure, ready to be drawn.
pub(super) struct Strip<'a> {
    measure: Measure,
    lines: Vec<&'a Line<'a>>,
    /// How many points its lines may have.
    points: usize,
    offered: Option<&'a [Figures]>,
}

impl<'a> Strip<'a> {
    pub(super) fn new(measure: Measure, lines: &'a [Line<'a>], strips: usize) -> Self {
        let lines = measure.concerned(lines);
        let offered = (measure == Measure::Goodput)
            .then(|| offered(&lines))
            .flatten();
        Strip {
            measure,
            lines,
            points: POINTS / strips.max(1),
            offered,
        }
    }

    /// As high as the names beside it need.
    pub(super) fn height(&self) -> f64 {
        let names = self.lines.len() + usize::from(self.offered.is_some());
        if self.measure == Measure::OpenBreakers {
            return LINE * names as f64;
        }
        HEIGHT.max(LINE * names as f64)
    }

    pub(super) fn draw(&self, page: &mut Page, plot: Rect, time: &Axis) {
        if self.measure == Measure::OpenBreakers {
            let scene = &mut page.scene;
            let title = (MARGIN, plot.y - TITLE_ABOVE);
            scene.text(title, Anchor::Start, TITLE, self.measure.title());
            bands::draw(scene, self.measure, &self.lines, time, plot);
            return self.name(scene, plot);
        }
        let axis = self.axis(page);
        let scene = &mut page.scene;
        let title = match axis.unit() {
            "" => self.measure.title().to_string(),
            unit => format!("{}, {unit}", self.measure.title()),
        };
        scene.text((MARGIN, plot.y - TITLE_ABOVE), Anchor::Start, TITLE, &title);
        axis.draw_left(scene, plot);
        axis::baseline(
            scene,
            (plot.x, plot.bottom()),
            (plot.right(), plot.bottom()),
        );
        if let Some(offered) = self.offered {
            let points = sample(offered, |f| Some(f.offered_per_s), &axis, time, plot);
            draw_offered(scene, &points, plot);
        }
        self.draw_lines(scene, &axis, time, plot);
        self.name(scene, plot);
    }

    fn axis(&self, page: &mut Page) -> Axis {
        let values = || self.measure.values(&self.lines);
        let high = values().fold(0.0, f64::max);
        match self.measure {
            Measure::P99 => {
                let low = values()
                    .filter(|ms| *ms > 0.0)
                    .fold(f64::INFINITY, f64::min);
                if high / low > axis::WIDE {
                    page.note("The axis of the settle time is logarithmic.");
                    return Axis::short_logarithmic(low / 1.3, high * 1.1);
                }
                Axis::short(high)
            }
            Measure::Goodput => {
                let load = self.offered.into_iter().flatten().map(|f| f.offered_per_s);
                let load = load.fold(0.0, f64::max);
                if load > BEYOND * high && high > 0.0 {
                    page.note(format!(
                        "The offered load goes beyond the top, up to {} jobs per second.",
                        self.measure.print(load)
                    ));
                    return Axis::numbers(high * 1.5);
                }
                Axis::numbers(high.max(load))
            }
            _ => Axis::numbers(high),
        }
    }

    fn draw_lines(&self, scene: &mut Scene, axis: &Axis, time: &Axis, plot: Rect) {
        let sampled: Vec<Vec<Option<Point>>> = self
            .lines
            .iter()
            .map(|line| sample(&line.figures, |f| self.measure.of(f), axis, time, plot))
            .collect();
        let intervals = sampled.iter().map(Vec::len).max().unwrap_or(1);
        let turn = (TURN * intervals as f64 / plot.width).round().max(1.0) as usize;
        let drawn: Vec<Vec<Vec<Point>>> = (0..sampled.len())
            .map(|own| {
                // Lines sampled at other places cannot take turns with it.
                let alike = |other: &usize| length(self.lines[*other]) == length(self.lines[own]);
                let alike: Vec<usize> = (0..sampled.len()).filter(alike).collect();
                let together: Vec<Vec<Option<Point>>> =
                    alike.iter().map(|&other| sampled[other].clone()).collect();
                let place = alike.iter().position(|&other| other == own).unwrap_or(0);
                pieces(&together, place, turn)
            })
            .collect();
        let mut tolerance = TOLERANCE;
        let simplified = loop {
            let simplified: Vec<Vec<Vec<Point>>> = drawn
                .iter()
                .map(|pieces| {
                    pieces
                        .iter()
                        .map(|piece| simplify(piece, tolerance))
                        .collect()
                })
                .collect();
            let points: usize = simplified.iter().flatten().map(Vec::len).sum();
            if points <= self.points || tolerance > COARSEST {
                break simplified;
            }
            tolerance *= 1.4;
        };
        for (line, pieces) in self.lines.iter().zip(simplified) {
            scene.lines(strategy(line.index), 1.75, pieces);
        }
    }

    /// Names at the right, the highest first, each with its figure.
    fn name(&self, scene: &mut Scene, plot: Rect) {
        let mut names: Vec<(Option<f64>, Option<Color>, &str)> = self
            .lines
            .iter()
            .map(|line| {
                let figure = self.figure(line);
                (
                    figure,
                    Some(strategy(line.index)),
                    line.row.strategy.as_str(),
                )
            })
            .collect();
        // The highest first; a stable order where figures are equal. Bands stand beside their names.
        if self.measure != Measure::OpenBreakers {
            names.sort_by(|a, b| b.0.unwrap_or(-1.0).total_cmp(&a.0.unwrap_or(-1.0)));
        }
        if let Some(offered) = self.offered {
            let row = self.lines.first().and_then(|line| line.row.offered_per_s);
            let load = row.or_else(|| mean(offered, |f| f.offered_per_s));
            names.insert(0, (load, None, "offered"));
        }
        let right = PAGE_WIDTH - MARGIN;
        let head = (right, plot.y - TITLE_ABOVE);
        scene.text(head, Anchor::End, HEAD, self.measure.beside());
        let left = plot.right() + ASIDE;
        for (place, (figure, color, name)) in names.into_iter().enumerate() {
            let y = plot.y + (place as f64 + 0.5) * LINE;
            match color {
                Some(color) => scene.line(color, 3.0, &[(left, y), (left + 14.0, y)]),
                None => scene.dashed(FAINT, 1.5, (left, y), (left + 14.0, y), 3.0),
            }
            let figure = figure.map_or_else(|| figures::NONE.into(), |f| self.measure.print(f));
            let room = right - left - 28.0 - scene.measure(&figure, VALUE);
            let at = (left + 20.0, y + 4.5);
            scene.text_within(at, Anchor::Start, NAME, name, room);
            scene.text((right, y + 4.5), Anchor::End, VALUE, &figure);
        }
    }

    fn figure(&self, line: &Line<'_>) -> Option<f64> {
        if self.measure == Measure::Goodput {
            let goodput = || mean(arriving(line), |f| f.good_per_s);
            return line.row.goodput_per_s.or_else(goodput);
        }
        let values = line.figures.iter().filter_map(|f| self.measure.of(f));
        values.reduce(f64::max)
    }
}

/// The load offered to all strategies until the last arrival, where it is one: users of a closed workload wait for their
/// answers, so it is each strategy's own, and a burst is over before it can be seen.
fn offered<'a>(lines: &[&'a Line<'a>]) -> Option<&'a [Figures]> {
    let finest = lines.iter().copied().min_by_key(|line| length(line))?;
    let own = arriving(finest);
    let load =
        |figures: &[Figures]| -> Vec<f64> { figures.iter().map(|f| f.offered_per_s).collect() };
    // Of longer intervals only the sum can be compared, and not to the last bit.
    let jobs = |figures: &[Figures]| -> f64 {
        let of = |f: &Figures| f.offered_per_s * (f.to_ns - f.from_ns) as f64;
        figures.iter().map(of).sum()
    };
    let same = |line: &&Line<'_>| match length(line) == length(finest) {
        true => load(arriving(line)) == load(own),
        false => (jobs(arriving(line)) / jobs(own) - 1.0).abs() < 1e-9,
    };
    let busy = own.iter().filter(|f| f.offered_per_s > 0.0).count();
    (busy > 1 && lines.iter().all(same)).then_some(own)
}

/// The length of its intervals.
fn length(line: &Line<'_>) -> Option<u64> {
    line.figures.first().map(|figures| figures.to_ns)
}

/// The intervals up to the last in which jobs arrive: runs that drain longer have more of them.
fn arriving<'a>(line: &'a Line<'_>) -> &'a [Figures] {
    let last = line.figures.iter().rposition(|f| f.offered_per_s > 0.0);
    last.map_or(&[], |last| &line.figures[..=last])
}

fn mean(figures: &[Figures], of: fn(&Figures) -> f64) -> Option<f64> {
    let sum: f64 = figures.iter().map(of).sum();
    (!figures.is_empty()).then(|| sum / figures.len() as f64)
}

/// Where a figure lies in the plot, at the middle of each interval.
fn sample(
    figures: &[Figures],
    of: impl Fn(&Figures) -> Option<f64>,
    axis: &Axis,
    time: &Axis,
    plot: Rect,
) -> Vec<Option<Point>> {
    let point = |figures: &Figures| {
        let share = axis.share(of(figures)?).clamp(0.0, 1.0);
        let middle_ms = (figures.from_ns as f64 + figures.to_ns as f64) / 2e6;
        let x = plot.x + time.share(middle_ms) * plot.width;
        Some((x, plot.bottom() - share * plot.height))
    };
    figures.iter().map(point).collect()
}

/// The offered load in dashes of equal width: dashes along the line would be thousands where it is
/// noisy.
fn draw_offered(scene: &mut Scene, points: &[Option<Point>], plot: Rect) {
    let points: Vec<Point> = points.iter().copied().flatten().collect();
    let points = simplify(&points, TOLERANCE);
    let dashes = (plot.width / DASHES) as usize + 1;
    let pieces = (0..dashes).map(|index| {
        let from = plot.x + index as f64 * DASHES;
        between(&points, from, from + DASH)
    });
    let pieces = pieces.filter(|piece| piece.len() > 1).collect();
    scene.lines(FAINT, 1.5, pieces);
}
