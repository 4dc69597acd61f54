//! The stretches of time in which faults hold: shaded in every strip, named above the first.

use super::strip::{TITLE, TITLE_ABOVE};
use crate::charts::Panel;
use crate::charts::axis::Axis;
use crate::charts::page::{Page, in_color};
use crate::charts::style::{HEAD, MARGIN};
use crate::figures;
use crate::scene::{Anchor, Color, Rect, Scene};

const SHADE: Color = [0xfc, 0xe9, 0xdf];
const NAME: Color = [0x9a, 0x3a, 0x0c];
/// A shade is at least so wide, in pixels: a fault of an instant is seen.
const THINNEST: f64 = 1.5;
/// Space between two names in one row.
const APART: f64 = 12.0;
const ROW: f64 = 15.0;

/// All stretches of one kind.
pub(super) struct Fault {
    label: String,
    /// In milliseconds, in order of their begin, not overlapping.
    spans: Vec<(f64, f64)>,
}

/// The faults of a variant, by kind. One that holds all the time is said in a note: shading
/// everything would show nothing.
pub(super) fn gather(page: &mut Page, panel: &Panel<'_>, end_ns: u64) -> Vec<Fault> {
    // All strategies meet the same faults, but some runs are longer.
    let series = panel.cells.iter().filter_map(|cell| cell.series.as_ref());
    let longest = series.max_by_key(|series| series.faults.len());
    let mut faults: Vec<Fault> = Vec::new();
    for shade in longest.iter().flat_map(|series| &series.faults) {
        if shade.from_ns >= end_ns {
            continue;
        }
        if shade.from_ns == 0 && shade.to_ns >= end_ns {
            page.note(format!(
                "A fault ({}) holds all the time.",
                crate::escape::plain(&shade.label)
            ));
            continue;
        }
        let to_ns = shade.to_ns.min(end_ns).max(shade.from_ns);
        let span = (shade.from_ns as f64 / 1e6, to_ns as f64 / 1e6);
        match faults.iter_mut().find(|fault| fault.label == shade.label) {
            Some(fault) => fault.spans.push(span),
            None => faults.push(Fault {
                label: shade.label.clone(),
                spans: vec![span],
            }),
        }
    }
    for fault in &mut faults {
        fault.spans.sort_by(|a, b| a.0.total_cmp(&b.0));
        fault.spans = merged(&fault.spans);
    }
    faults
}

fn merged(spans: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut merged: Vec<(f64, f64)> = Vec::new();
    for &(from, to) in spans {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
}

/// Writes what each kind is called over its first stretch: beside the title of the first strip,
/// whose upper edge is so far below, or in rows above it.
pub(super) fn label(page: &mut Page, faults: &[Fault], time: &Axis, plot: Rect, title: &str) {
    let pen = in_color(HEAD, NAME);
    let title = page.scene.measure(title, TITLE);
    // The right end of each row so far, the lowest first.
    let mut rows: Vec<f64> = vec![MARGIN + title];
    let mut placed = Vec::new();
    for fault in faults {
        let text = said(fault, time);
        let wide = page.scene.measure(&text, pen).min(plot.right() - MARGIN);
        let begin = fault.spans.first().map_or(0.0, |(from, _)| *from);
        let x = (plot.x + time.share(begin) * plot.width)
            .min(plot.right() - wide)
            .max(MARGIN);
        let row = match rows.iter().position(|end| end + APART <= x) {
            Some(row) => row,
            None => {
                rows.push(0.0);
                rows.len() - 1
            }
        };
        rows[row] = x + wide;
        placed.push((row, x, text, wide));
    }
    let above = ROW * (rows.len() - 1) as f64;
    for (row, x, text, wide) in placed {
        let y = plot.y + above - TITLE_ABOVE - ROW * row as f64;
        page.scene
            .text_within((x, y), Anchor::Start, pen, &text, wide + 0.5);
    }
    page.y += above;
}

/// `outage, 20 to 30 s` or `pause, 6 times`.
fn said(fault: &Fault, time: &Axis) -> String {
    let label = &fault.label;
    match fault.spans.as_slice() {
        &[(from, to)] if to >= time.high => {
            let from = figures::number(time.in_unit(from));
            format!("{label}, from {from} {} on", time.unit())
        }
        &[(from, to)] => {
            let unit = time.unit();
            let [from, to] = [from, to].map(|ms| figures::number(time.in_unit(ms)));
            format!("{label}, {from} to {to} {unit}")
        }
        spans => format!("{label}, {} times", spans.len()),
    }
}

/// Shades a strip.
pub(super) fn shade(scene: &mut Scene, faults: &[Fault], time: &Axis, plot: Rect) {
    let mut spans: Vec<(f64, f64)> = faults.iter().flat_map(|f| f.spans.clone()).collect();
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let in_pixels = |(from, to): (f64, f64)| {
        let from = plot.x + time.share(from) * plot.width;
        let to = plot.x + time.share(to) * plot.width;
        (from, to.max(from + THINNEST).min(plot.right()))
    };
    let spans: Vec<(f64, f64)> = spans.into_iter().map(in_pixels).collect();
    let rects = merged(&spans)
        .into_iter()
        .map(|(from, to)| Rect::new(from, plot.y, to - from, plot.height));
    scene.rects(SHADE, rects.collect());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_that_touch_are_one() {
        assert_eq!(
            merged(&[(0.0, 1.0), (1.0, 2.0), (1.5, 1.8), (3.0, 4.0)]),
            [(0.0, 2.0), (3.0, 4.0)]
        );
    }

    #[test]
    fn one_stretch_is_named_by_its_time_and_many_by_their_number() {
        let time = Axis::virtual_time(60_000.0);
        let fault = |spans| Fault {
            label: "outage".into(),
            spans,
        };
        assert_eq!(
            said(&fault(vec![(20_000.0, 30_500.0)]), &time),
            "outage, 20 to 30.5 s"
        );
        assert_eq!(
            said(&fault(vec![(20_000.0, 60_000.0)]), &time),
            "outage, from 20 s on"
        );
        assert_eq!(
            said(&fault(vec![(0.0, 1.0), (5.0, 6.0)]), &time),
            "outage, 2 times"
        );
    }
}
