//! One job per strategy: every call a lane, every attempt a bar coloured by its fate, and the
//! instants at which the job settled and drained.
//!
//! It is the first job of the first replication, the same for every strategy: what differs is the
//! strategy alone.

mod lanes;

use awaitlab_core::{Instant, Status};
use awaitlab_record::Timeline;

use super::axis::{self, Axis};
use super::page::{Page, in_color};
use super::style::{self, FATES, HEAD, INK, MARGIN, NAME, PAGE_WIDTH, SERIES, STRIPE, TICK};
use super::{Panel, Sheet};
use crate::figures;
use crate::font::Weight;
use crate::scene::{Anchor, Color, Pen, Rect, Scene};
use lanes::{Lane, by_lane, draw_bars, is_refused, stacked};

/// More lanes than this are too thin to be seen.
const LANES: usize = 60;
/// Height of all lanes of a page together.
const PAGE_LANES: f64 = 1600.0;
/// Attempts of one page: a file that loads at once.
const BARS: usize = 2400;
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
