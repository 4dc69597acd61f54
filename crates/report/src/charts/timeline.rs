//! One job per strategy: every call a lane, every attempt a bar coloured by its fate, and the
//! instants at which the job settled and drained.
//!
//! It is the first job of the first replication, the same for every strategy: what differs is the
//! strategy alone.

use awaitlab_core::{Fate, Instant, Status};
use awaitlab_record::{Bar, Timeline};

use super::axis::{self, Axis};
use super::page::{Page, in_color};
use super::style::{self, FATES, HEAD, INK, MARGIN, NAME, PAGE_WIDTH, SERIES, STRIPE, TICK};
use super::{Panel, Sheet};
use crate::figures;
use crate::font::Weight;
use crate::scene::{Anchor, Color, Pen, Point, Rect, Scene};

/// More lanes than this are too thin to be seen.
const LANES: usize = 60;
/// Height of all lanes of a page together.
const PAGE_LANES: f64 = 1600.0;
/// Attempts of one page: a file that loads at once.
const BARS: usize = 2400;
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
/// Space at the left for the numbers of calls.
const NUMBERS: f64 = 44.0;
/// Space between two labels.
const APART: f64 = 14.0;
/// How a strategy's name is written above its job.
const STRATEGY: Pen = Pen {
    weight: Weight::Bold,
    ..NAME
};
/// Above the lanes: the name, then settle and drain.
const HEADING: f64 = 40.0;
/// Jobs share an axis unless one would be squeezed below this share of it.
const SQUEEZED: f64 = 0.04;

pub(super) fn draw(sheet: &Sheet<'_>) -> Scene {
    let mut page = Page::open(sheet);
    legend(&mut page, sheet);
    for panel in sheet.panels {
        draw_panel(&mut page, sheet, panel);
    }
    let jobs = || sheet.panels.iter().flat_map(|panel| panel.cells);
    let bars = || jobs().take(SERIES).flat_map(|cell| &cell.timeline.bars);
    let several = if bars().any(|bar| bar.attempt > 0) {
        " Attempts of a call that overlap stand one below the other, numbered where there is room."
    } else {
        ""
    };
    let refused = if bars().any(is_refused) {
        " A cross is an attempt that was refused at once."
    } else {
        ""
    };
    page.close(&format!(
        "The first job of the run under each strategy, on the same latencies and failures. A row is \
         a call, a bar an attempt of it from sending to its end; bars after “settled” are work the \
         caller no longer waits for.{several}{refused}"
    ))
}

/// Whether it was over before it took any time.
fn is_refused(bar: &Bar) -> bool {
    bar.fate == Fate::Rejected && bar.end == Some(bar.start)
}

fn legend(page: &mut Page, sheet: &Sheet<'_>) {
    let bars = || {
        let cells = sheet.panels.iter().flat_map(|panel| panel.cells);
        cells.take(SERIES).flat_map(|cell| &cell.timeline.bars)
    };
    let entries: Vec<(Color, &str)> = FATES
        .iter()
        .filter(|fate| bars().any(|bar| bar.fate == **fate))
        .map(|fate| (style::fate(*fate), style::fate_said(*fate)))
        .collect();
    page.legend(&entries);
}

fn draw_panel(page: &mut Page, sheet: &Sheet<'_>, panel: &Panel<'_>) {
    page.panel_title(sheet, panel);
    let count = page.keep(panel.rows.len(), SERIES);
    let jobs: Vec<&Timeline> = panel.cells[..count]
        .iter()
        .map(|cell| &cell.timeline)
        .collect();
    let longest = jobs.iter().map(|job| length_ms(job)).fold(0.0, f64::max);
    let squeezed = |ms: f64| ms > 0.0 && ms < SQUEEZED * longest;
    let shared = !jobs.iter().any(|job| squeezed(length_ms(job)));
    let open = jobs
        .iter()
        .any(|job| job.bars.iter().any(|bar| bar.end.is_none()));
    // Bars that never end run past everything that does.
    let room = if open { 1.12 } else { 1.0 };
    for (index, (job, row)) in jobs.iter().zip(panel.rows).enumerate() {
        let end = if shared { longest } else { length_ms(job) };
        let axis = Axis::from_zero(end * room);
        let last = index + 1 == count;
        draw_job(page, &row.strategy, job, axis, count, last || !shared);
    }
    if jobs.iter().any(|job| has_lane_without_bar(job)) {
        page.note(
            "A row without a bar is a call for which nothing was sent: it was never started, or \
             refused before it left the client.",
        );
    }
    if !shared {
        page.note("Each job has an axis of its own.");
    }
}

fn has_lane_without_bar(job: &Timeline) -> bool {
    let mut sent: Vec<u32> = job.bars.iter().map(|bar| bar.call).collect();
    sent.sort_unstable();
    sent.dedup();
    sent.len() < job.calls as usize
}

/// From the job's arrival to the last thing known of it.
fn length_ms(job: &Timeline) -> f64 {
    let ends = job.bars.iter().map(|bar| bar.end.unwrap_or(bar.start));
    let last = ends
        .chain(job.settled)
        .chain(job.drained)
        .max()
        .unwrap_or(job.arrival);
    since_ms(last, job)
}

fn since_ms(at: Instant, job: &Timeline) -> f64 {
    at.nanos_since(job.arrival) as f64 / 1e6
}

fn draw_job(page: &mut Page, name: &str, job: &Timeline, axis: Axis, jobs: usize, labelled: bool) {
    let lanes = lanes(page, job);
    let mut by_lane = by_lane(job, &lanes);
    let of_a_lane = (BARS / jobs / lanes.len().max(1)).max(1);
    if by_lane.iter().any(|bars| bars.len() > of_a_lane) {
        by_lane.iter_mut().for_each(|bars| bars.truncate(of_a_lane));
        page.note(format!(
            "Of {} only the first {of_a_lane} attempts of each call are drawn.",
            crate::escape::plain(name)
        ));
    }
    let base = lane_height(lanes.len(), jobs);
    let lanes = stacked(&lanes, by_lane, base, jobs);
    page.y += 14.0 + HEADING;
    let left = MARGIN + NUMBERS;
    let tall = lanes.iter().map(|lane| lane.height).sum::<f64>().max(base);
    let plot = Rect::new(left, page.y, PAGE_WIDTH - MARGIN - 16.0 - left, tall);
    heading(&mut page.scene, name, job, plot, &axis);
    page.scene.rect(STRIPE, plot);
    if labelled {
        axis.draw_below(&mut page.scene, plot, "time since the job arrived");
    } else {
        grid(&mut page.scene, plot, &axis);
    }
    number(&mut page.scene, &lanes, plot, base);
    draw_bars(&mut page.scene, job, &lanes, plot, &axis);
    markers(&mut page.scene, job, plot, &axis);
    page.y = plot.bottom() + if labelled { axis::BELOW } else { 4.0 };
}

/// A call as it is drawn.
struct Lane<'a> {
    call: u32,
    /// Each attempt, and in which of the lane's layers it lies.
    bars: Vec<(&'a Bar, usize)>,
    layers: usize,
    /// From the plot's upper edge.
    y: f64,
    height: f64,
}

/// The lanes one below the other, higher where attempts overlap and there is room for it.
fn stacked<'a>(calls: &[u32], by_lane: Vec<Vec<&'a Bar>>, base: f64, jobs: usize) -> Vec<Lane<'a>> {
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

/// As high as can be seen well, while all jobs of the page stay within two screens or so.
fn lane_height(lanes: usize, jobs: usize) -> f64 {
    let wanted: f64 = match lanes {
        0..=4 => 20.0,
        5..=10 => 14.0,
        11..=24 => 8.0,
        _ => 5.0,
    };
    wanted
        .min(PAGE_LANES / (lanes.max(1) * jobs) as f64)
        .max(2.5)
}

/// The calls that get a lane: all, or so many of them evenly spread.
fn lanes(page: &mut Page, job: &Timeline) -> Vec<u32> {
    let calls = job.calls as usize;
    if calls <= LANES {
        return (0..job.calls).collect();
    }
    page.note(format!(
        "Shown are {LANES} of the {} calls of a job, evenly spread over their numbers.",
        figures::count(u64::from(job.calls))
    ));
    (0..LANES)
        .map(|lane| (lane * (calls - 1) / (LANES - 1)) as u32)
        .collect()
}

fn grid(scene: &mut Scene, plot: Rect, axis: &Axis) {
    let lines = axis.ticks().into_iter().map(|(ms, _)| {
        let x = plot.x + axis.share(ms) * plot.width;
        vec![(x, plot.y), (x, plot.bottom())]
    });
    scene.lines(style::GRID, 1.0, lines.collect());
}

/// Numbers beside lanes, as many as stand apart.
fn number(scene: &mut Scene, lanes: &[Lane<'_>], plot: Rect, height: f64) {
    let every = (13.0 / height).ceil().max(1.0) as usize;
    let every = if every > 1 {
        every.next_multiple_of(5)
    } else {
        1
    };
    for (index, lane) in lanes.iter().enumerate().step_by(every) {
        let y = plot.y + lane.y + lane.height / 2.0 + 4.0;
        let call = lane.call;
        let label = if index == 0 && height >= 14.0 {
            format!("call {call}")
        } else {
            call.to_string()
        };
        scene.text((plot.x - 7.0, y), Anchor::End, TICK, &label);
    }
}

/// The strategy above, and over their instants what the caller saw and when all work had ended.
fn heading(scene: &mut Scene, name: &str, job: &Timeline, plot: Rect, axis: &Axis) {
    let width = PAGE_WIDTH - 2.0 * MARGIN;
    let at = (MARGIN, plot.y - 27.0);
    scene.text_within(at, Anchor::Start, STRATEGY, name, width);
    let mut labels = labels(job, plot, axis);
    labels.sort_by(|a, b| a.x.total_cmp(&b.x));
    let widths: Vec<f64> = labels
        .iter()
        .map(|label| scene.measure(&label.text, label.pen))
        .collect();
    let mut begins: Vec<f64> = labels
        .iter()
        .zip(&widths)
        .map(|(l, w)| l.x - w / 2.0)
        .collect();
    if let ([a, b], [begin, next], [width, _]) = (&labels[..], &mut begins[..], &widths[..])
        && *begin + width + APART > *next
    {
        // Too close to stand over their lines: one ends where the other begins, between the two.
        let between = (a.x + b.x) / 2.0;
        *begin = between - APART / 2.0 - width;
        *next = between + APART / 2.0;
    }
    // From the left, each begins after the one before it; then from the right, each is pushed back
    // onto the page. Two labels are never wider than it.
    let mut least = MARGIN;
    for (begin, width) in begins.iter_mut().zip(&widths) {
        *begin = begin.max(least);
        least = *begin + width + APART;
    }
    let mut most = PAGE_WIDTH - MARGIN;
    for (begin, width) in begins.iter_mut().zip(&widths).rev() {
        *begin = begin.min(most - width);
        most = *begin - APART;
    }
    for (label, begin) in labels.iter().zip(begins) {
        scene.text((begin, plot.y - 8.0), Anchor::Start, label.pen, &label.text);
    }
}

/// A text over an instant.
struct Label {
    x: f64,
    text: String,
    pen: Pen,
}

fn labels(job: &Timeline, plot: Rect, axis: &Axis) -> Vec<Label> {
    let end = match job.status {
        Status::Fulfilled => "settled, fulfilled",
        Status::Rejected => "settled, rejected",
        Status::NeverSettled => "never settles",
    };
    let label = |at: Option<Instant>, text: &str, pen: Pen| match at.map(|at| since_ms(at, job)) {
        Some(ms) => {
            let x = plot.x + axis.share(ms) * plot.width;
            Label {
                x,
                text: format!("{text}: {}", figures::time(ms)),
                pen,
            }
        }
        None => Label {
            x: PAGE_WIDTH,
            text: text.into(),
            pen,
        },
    };
    let (ink, soft) = (in_color(HEAD, INK), HEAD);
    match (job.settled, job.drained) {
        (Some(settled), Some(drained)) if settled == drained => {
            vec![label(Some(settled), &format!("{end}, and drained"), ink)]
        }
        (settled, Some(drained)) => {
            vec![
                label(settled, end, ink),
                label(Some(drained), "drained", soft),
            ]
        }
        (Some(settled), None) => {
            vec![
                label(Some(settled), end, ink),
                label(None, "never drains", soft),
            ]
        }
        (None, None) => vec![label(None, end, ink)],
    }
}

fn markers(scene: &mut Scene, job: &Timeline, plot: Rect, axis: &Axis) {
    let x = |at: Instant| plot.x + axis.share(since_ms(at, job)) * plot.width;
    if let Some(drained) = job.drained.filter(|_| job.drained != job.settled) {
        let x = x(drained);
        scene.dashed(
            style::SOFT,
            1.0,
            (x, plot.y - 4.0),
            (x, plot.bottom() + 2.0),
            3.0,
        );
    }
    if let Some(settled) = job.settled {
        let x = x(settled);
        scene.line(INK, 2.0, &[(x, plot.y - 4.0), (x, plot.bottom() + 2.0)]);
    }
}

/// The attempts of each lane, in the order in which they were started.
fn by_lane<'a>(job: &'a Timeline, lanes: &[u32]) -> Vec<Vec<&'a Bar>> {
    let mut by_lane = vec![Vec::new(); lanes.len()];
    for bar in &job.bars {
        if let Ok(lane) = lanes.binary_search(&bar.call) {
            by_lane[lane].push(bar);
        }
    }
    by_lane
}

/// Draws the bars, one shape a fate.
fn draw_bars(scene: &mut Scene, job: &Timeline, lanes: &[Lane<'_>], plot: Rect, axis: &Axis) {
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
