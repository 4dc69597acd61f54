//! What became of jobs and of the attempts made for them, per strategy.

use awaitlab_core::{Fate, Status};
use awaitlab_record::summary::{FateCounts, Row};

use super::axis;
use super::page::{Page, in_color, name_column};
use super::style::{
    self, EMPTY, FATES, GRID, HEAD, MARGIN, NAME, PAGE_WIDTH, STRIPE, VALUE, text_on,
};
use super::{Panel, ROWS_OF_A_PAGE, Sheet};
use crate::figures::{self, NONE};
use crate::scene::{Anchor, Color, Rect, Scene};

/// Width of the column at the right that says how many attempts a job made.
const TOTAL: f64 = 62.0;
/// Width of the column of degraded answers, where there are any.
const DEGRADED: f64 = 62.0;
/// Space after a full bar, for a share that does not fit into it.
const AFTER: f64 = 84.0;
/// The share of a bar of jobs into which its own number fits, where names are as wide as they get.
const NARROW: f64 = 0.25;
/// Space between the two stacks.
const BETWEEN: f64 = 26.0;

const STATUSES: [(Status, &str); 3] = [
    (Status::Fulfilled, "job fulfilled"),
    (Status::Rejected, "job rejected"),
    (Status::NeverSettled, "job never settled"),
];

/// What the bars of a page have in common.
#[derive(Clone, Copy)]
struct Lengths {
    most_attempts: f64,
    /// Space after a full bar of jobs.
    after_jobs: f64,
    /// Space for the column of degraded answers.
    degraded: f64,
}

pub(super) fn draw(sheet: &Sheet<'_>) -> Scene {
    let mut page = Page::open(sheet);
    legends(&mut page, sheet);
    let names = name_column(sheet);
    let rows = || sheet.panels.iter().flat_map(|panel| panel.rows);
    // Where every share of jobs fits into its part, none needs room behind the bar.
    let fits = |row: &Row| {
        let counts = STATUSES.map(|(status, _)| jobs(row, status));
        counts
            .iter()
            .all(|&count| count == 0 || count as f64 >= NARROW * row.jobs as f64)
    };
    let lengths = Lengths {
        most_attempts: rows().map(attempts_per_job).fold(0.0, f64::max),
        after_jobs: if rows().all(fits) { 0.0 } else { AFTER },
        degraded: if rows().any(is_degraded) {
            DEGRADED
        } else {
            0.0
        },
    };
    for panel in sheet.panels {
        draw_panel(&mut page, sheet, panel, names, lengths);
    }
    let degraded = if lengths.degraded > 0.0 {
        " Degraded: answers of a fallback per job, in place of results."
    } else {
        ""
    };
    let length = if rows().any(|row| !row.layers.is_empty()) {
        "policies make bars longer by attempts after the first, and shorter by calls they answer \
         themselves"
    } else {
        "a shorter bar means calls that were never started"
    };
    page.close(&format!(
        "Left: how each job ended for its caller. Right: the attempts a job made and what became \
         of them; {length}.{degraded}"
    ))
}

fn is_degraded(row: &Row) -> bool {
    row.degraded_per_job > Some(0.0)
}

fn legends(page: &mut Page, sheet: &Sheet<'_>) {
    let rows = || sheet.panels.iter().flat_map(|panel| panel.rows);
    let statuses: Vec<(Color, &str)> = STATUSES
        .iter()
        .filter(|(status, _)| rows().any(|row| jobs(row, *status) > 0))
        .map(|(status, said)| (style::status(*status), *said))
        .collect();
    let fates: Vec<(Color, &str)> = FATES
        .iter()
        .filter(|fate| rows().any(|row| attempts(&row.attempts, **fate) > 0))
        .map(|fate| (style::fate(*fate), style::fate_said(*fate)))
        .collect();
    page.legend(&statuses);
    page.y += 2.0;
    page.legend(&fates);
}

fn draw_panel(page: &mut Page, sheet: &Sheet<'_>, panel: &Panel<'_>, names: f64, lengths: Lengths) {
    page.panel_title(sheet, panel);
    let count = page.keep(panel.rows.len(), ROWS_OF_A_PAGE);
    let rows = &panel.rows[..count];
    let height = if rows.len() <= 12 { 30.0 } else { 23.0 };
    page.y += 22.0;
    let left = MARGIN + names + 14.0;
    let room = PAGE_WIDTH - MARGIN - left - BETWEEN - TOTAL - lengths.degraded;
    let tall = height * rows.len() as f64;
    let ends = Rect::new(left, page.y, room * 0.4, tall);
    let fates = Rect::new(ends.right() + BETWEEN, page.y, room * 0.6, tall);
    let scene = &mut page.scene;
    scene.text(
        (ends.x, page.y - 7.0),
        Anchor::Start,
        HEAD,
        "Jobs, share by outcome",
    );
    scene.text(
        (fates.x, page.y - 7.0),
        Anchor::Start,
        HEAD,
        "Attempts per job, by fate",
    );
    scene.text(
        (PAGE_WIDTH - MARGIN - 6.0, page.y - 7.0),
        Anchor::End,
        HEAD,
        "attempts",
    );
    if lengths.degraded > 0.0 {
        let at = (PAGE_WIDTH - MARGIN - 6.0 - DEGRADED, page.y - 7.0);
        scene.text(at, Anchor::End, HEAD, "degraded");
    }
    for index in (0..rows.len()).step_by(2) {
        let y = page.y + index as f64 * height;
        scene.rect(
            STRIPE,
            Rect::new(MARGIN, y, PAGE_WIDTH - 2.0 * MARGIN, height),
        );
    }
    for (index, row) in rows.iter().enumerate() {
        let y = page.y + index as f64 * height;
        let at = (MARGIN + 4.0, y + height / 2.0 + 4.5);
        scene.text_within(at, Anchor::Start, NAME, &row.strategy, names);
        draw_row(
            scene,
            row,
            [ends, fates].map(|plot| Rect { y, height, ..plot }),
            lengths,
        );
    }
    scene.lines(
        GRID,
        1.0,
        vec![
            vec![(ends.x, page.y), (ends.x, page.y + tall)],
            vec![(fates.x, page.y), (fates.x, page.y + tall)],
        ],
    );
    page.y += tall + axis::BELOW / 4.0;
}

fn draw_row(scene: &mut Scene, row: &Row, [ends, fates]: [Rect; 2], lengths: Lengths) {
    let at = |plot: Rect| (plot.x + 8.0, plot.y + plot.height / 2.0 + 4.5);
    if row.jobs == 0 {
        scene.text(at(ends), Anchor::Start, EMPTY, "no job");
    }
    let statuses = STATUSES.map(|(status, _)| Part {
        name: status.name(),
        color: style::status(status),
        count: jobs(row, status),
    });
    let bar = Rect {
        width: ends.width - lengths.after_jobs,
        ..ends
    };
    let narrow = stack(scene, bar, &statuses);
    after(scene, bar, ends, &narrow);
    if lengths.degraded > 0.0 {
        let said = row.degraded_per_job.map_or(NONE.into(), figures::number);
        let end = (PAGE_WIDTH - MARGIN - 6.0 - DEGRADED, at(fates).1);
        scene.text(end, Anchor::End, VALUE, &said);
    }
    let per_job = attempts_per_job(row);
    if per_job == 0.0 {
        scene.text(at(fates), Anchor::Start, EMPTY, "no attempt");
        return;
    }
    let parts = FATES.map(|fate| Part {
        name: fate.name(),
        color: style::fate(fate),
        count: attempts(&row.attempts, fate),
    });
    let bar = Rect {
        width: (fates.width - AFTER) * per_job / lengths.most_attempts,
        ..fates
    };
    let narrow = stack(scene, bar, &parts);
    after(scene, bar, fates, &narrow);
    let said = figures::number(per_job);
    let end = (PAGE_WIDTH - MARGIN - 6.0, at(fates).1);
    scene.text(end, Anchor::End, VALUE, &said);
}

/// Writes behind a bar what did not fit into it: the shares with their names, or else, in the order
/// of the parts, the shares alone, or else the largest with their names.
fn after(scene: &mut Scene, bar: Rect, plot: Rect, narrow: &[Narrow]) {
    if narrow.is_empty() {
        return;
    }
    let begin = (bar.right() + 8.0, bar.y + bar.height / 2.0 + 4.5);
    let room = plot.right() + 4.0 - begin.0;
    let named: Vec<String> = narrow
        .iter()
        .map(|n| format!("{} {}", n.name, n.share))
        .collect();
    let mut said = named.join(", ");
    if scene.measure(&said, HEAD) > room {
        let shares: Vec<&str> = narrow.iter().map(|n| n.share.as_str()).collect();
        said = shares.join(", ");
    }
    if scene.measure(&said, HEAD) > room {
        said = largest(scene, narrow, room);
    }
    scene.text_within(begin, Anchor::Start, HEAD, &said, room);
}

/// As many of the largest shares as there is room for.
fn largest(scene: &Scene, narrow: &[Narrow], room: f64) -> String {
    let mut largest: Vec<&Narrow> = narrow.iter().collect();
    largest.sort_by_key(|n| std::cmp::Reverse(n.count));
    let mut said = String::new();
    for n in largest {
        let more = format!("{said}{} {}, ", n.name, n.share);
        if scene.measure(&format!("{more}…"), HEAD) > room && !said.is_empty() {
            break;
        }
        said = more;
    }
    said + "…"
}

/// A share that did not fit into its part.
struct Narrow {
    name: &'static str,
    count: u64,
    share: String,
}

/// A part of a stack.
struct Part {
    name: &'static str,
    color: Color,
    count: u64,
}

/// Parts of a whole, side by side, each with its share. Returned are those that are too narrow for
/// it.
fn stack(scene: &mut Scene, bar: Rect, parts: &[Part]) -> Vec<Narrow> {
    let whole: u64 = parts.iter().map(|part| part.count).sum();
    let mut narrow = Vec::new();
    let mut x = bar.x;
    for part in parts.iter().filter(|part| part.count > 0) {
        let share = part.count as f64 / whole as f64;
        let width = share * bar.width;
        let rect = Rect::new(x, bar.y + bar.height * 0.16, width, bar.height * 0.68);
        scene.rect(part.color, rect);
        let label = figures::percent(share);
        let pen = in_color(VALUE, text_on(part.color));
        if scene.measure(&label, pen) + 6.0 <= width {
            let middle = (x + width / 2.0, bar.y + bar.height / 2.0 + 4.5);
            scene.text(middle, Anchor::Middle, pen, &label);
        } else {
            narrow.push(Narrow {
                name: part.name,
                count: part.count,
                share: label,
            });
        }
        x += width;
    }
    narrow
}

fn attempts_per_job(row: &Row) -> f64 {
    if row.jobs == 0 {
        0.0
    } else {
        row.attempts.made as f64 / row.jobs as f64
    }
}

const fn jobs(row: &Row, status: Status) -> u64 {
    match status {
        Status::Fulfilled => row.fulfilled,
        Status::Rejected => row.rejected,
        Status::NeverSettled => row.never_settled,
    }
}

const fn attempts(counts: &FateCounts, fate: Fate) -> u64 {
    match fate {
        Fate::Useful => counts.useful,
        Fate::Failed => counts.failed,
        Fate::Rejected => counts.rejected,
        Fate::Late => counts.late,
        Fate::Duplicate => counts.duplicate,
        Fate::Orphaned => counts.orphaned,
        Fate::Cancelled => counts.cancelled,
        Fate::Unanswered => counts.unanswered,
    }
}
