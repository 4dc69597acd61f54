//! Colours, sizes and pens: what all charts have in common.

use awaitlab_core::{Fate, Status};

use crate::font::Weight;
use crate::scene::{Color, Pen};

/// Width of a page: what a repository's page shows without scaling it down.
pub(super) const PAGE_WIDTH: f64 = 880.0;
/// Space at the edges of a page.
pub(super) const MARGIN: f64 = 24.0;
/// Widest column of strategies' names.
pub(super) const NAME_WIDTH: f64 = 190.0;

pub(super) const INK: Color = [0x1f, 0x23, 0x28];
pub(super) const SOFT: Color = [0x59, 0x63, 0x6e];
pub(super) const FAINT: Color = [0x8c, 0x95, 0x9f];
pub(super) const GRID: Color = [0xe6, 0xe9, 0xec];
pub(super) const EDGE: Color = [0xc4, 0xca, 0xd0];
pub(super) const STRIPE: Color = [0xf6, 0xf8, 0xfa];

const fn pen(size: f64, weight: Weight, color: Color) -> Pen {
    Pen {
        size,
        weight,
        color,
    }
}

pub(super) const TITLE: Pen = pen(18.0, Weight::Bold, INK);
pub(super) const SUBTITLE: Pen = pen(12.5, Weight::Regular, SOFT);
pub(super) const PANEL: Pen = pen(14.0, Weight::Bold, INK);
pub(super) const NAME: Pen = pen(12.5, Weight::Regular, INK);
pub(super) const HEAD: Pen = pen(11.5, Weight::Regular, SOFT);
pub(super) const TICK: Pen = pen(11.5, Weight::Regular, SOFT);
pub(super) const VALUE: Pen = pen(12.0, Weight::Regular, INK);
pub(super) const CAPTION: Pen = pen(12.0, Weight::Regular, SOFT);
pub(super) const EMPTY: Pen = pen(12.0, Weight::Regular, FAINT);

/// Lines beyond this many in one panel can no longer be told apart.
pub(super) const SERIES: usize = 12;

/// Colours of strategies: those of Okabe and Ito (Color Universal Design, 2008) without the yellow,
/// which white swallows, then muted ones of Paul Tol. Told apart with any kind of colour vision.
const STRATEGIES: [Color; SERIES] = [
    [0x00, 0x72, 0xb2],
    [0xd5, 0x5e, 0x00],
    [0x00, 0x9e, 0x73],
    [0xcc, 0x79, 0xa7],
    [0xe6, 0x9f, 0x00],
    [0x56, 0xb4, 0xe9],
    [0x33, 0x22, 0x88],
    [0x88, 0x22, 0x55],
    [0x99, 0x99, 0x33],
    [0x44, 0xaa, 0x99],
    [0x66, 0x66, 0x66],
    [0x8c, 0x56, 0x4b],
];

/// The colour of the strategy at this place in the scenario.
pub(super) fn strategy(index: usize) -> Color {
    STRATEGIES[index % STRATEGIES.len()]
}

/// The colour of a fate: greens and blues for what was wanted, warm for what failed, greys for
/// what was stopped or never came.
pub(super) const fn fate(fate: Fate) -> Color {
    match fate {
        Fate::Useful => [0x00, 0x9e, 0x73],
        Fate::Failed => [0xd5, 0x5e, 0x00],
        Fate::Orphaned => [0xf0, 0xb4, 0x3c],
        Fate::Cancelled => [0xb4, 0xba, 0xc1],
        Fate::Unanswered => [0x4d, 0x56, 0x60],
        Fate::Late => [0xcc, 0x79, 0xa7],
        Fate::Duplicate => [0x56, 0xb4, 0xe9],
        Fate::Rejected => [0x88, 0x22, 0x55],
    }
}

/// What a fate means, for a legend.
pub(super) const fn fate_said(fate: Fate) -> &'static str {
    match fate {
        Fate::Useful => "useful: success reached its call",
        Fate::Failed => "failed: error reached its call",
        Fate::Orphaned => "orphaned: job had settled",
        Fate::Cancelled => "cancelled",
        Fate::Unanswered => "unanswered: never ended",
        Fate::Late => "late: timed out",
        Fate::Duplicate => "duplicate: beaten by a sibling",
        Fate::Rejected => "rejected: refused at a door",
    }
}

/// The order of fates in a stack: from wanted to wasted.
pub(super) const FATES: [Fate; 8] = [
    Fate::Useful,
    Fate::Failed,
    Fate::Orphaned,
    Fate::Duplicate,
    Fate::Late,
    Fate::Cancelled,
    Fate::Rejected,
    Fate::Unanswered,
];

/// The colour of a job's end.
pub(super) const fn status(status: Status) -> Color {
    match status {
        Status::Fulfilled => [0x00, 0x72, 0xb2],
        Status::Rejected => [0xd5, 0x5e, 0x00],
        Status::NeverSettled => [0x4d, 0x56, 0x60],
    }
}

/// A colour closer to white: 0 leaves it, 1 is white.
pub(super) fn lighten(color: Color, share: f64) -> Color {
    color.map(|channel| {
        let channel = f64::from(channel);
        (channel + (255.0 - channel) * share).round() as u8
    })
}

/// White or ink, whichever is read more easily on a colour.
pub(super) fn text_on(color: Color) -> Color {
    let [red, green, blue] = color.map(f64::from);
    // Luma as in Rec. 601; the threshold keeps text on the orange and green above 3 : 1.
    if 0.299 * red + 0.587 * green + 0.114 * blue > 150.0 {
        INK
    } else {
        [0xff, 0xff, 0xff]
    }
}
