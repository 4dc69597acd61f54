//! What changed between two runs: what they have in common, then a table per metric.
//!
//! What did not change is said in a line and not in rows: most of a comparison of two versions is
//! that, and the rest is what somebody looks for.

mod markdown;
mod sentences;

use awaitlab_record::Changes;
use awaitlab_record::changes::{Change, MetricChanges};
use comfy_table::CellAlignment;
use unicode_width::UnicodeWidthStr;

use crate::columns;
use crate::escape::{ellipsize, plain, wrap};
use crate::figures::{self, NONE};
use crate::terminal::{BETWEEN, Page, Style, bare_table, trim_edges};

pub use markdown::changes_markdown;

/// A verdict is broken into lines before it takes more than this from the names.
const VERDICT_WIDTH: usize = 19;
/// In a terminal narrower than this, before it takes more than its longest word.
const NARROW: usize = 60;
const VERDICT_LEAST: usize = 15;
/// Names get so much before the figures of both runs are left out for them.
const NAME_LEAST: usize = 16;
/// Of a strategy below its variant.
const INDENT: &str = "  ";

/// The changes in at most `width` columns, ending in a newline; with `color`, in ANSI colours.
pub fn changes(changes: &Changes, width: usize, color: bool) -> String {
    let page = Page::new(width, color);
    let mut out = String::new();
    page.say(&mut out, Style::Bold, &plain(&sentences::title(changes)));
    for (letter, run) in [("A: ", &changes.a), ("B: ", &changes.b)] {
        page.say_indented(&mut out, Style::Plain, letter, &plain(&sentences::run(run)));
    }
    page.say(&mut out, Style::Dim, &sentences::same(changes));
    for differs in sentences::differs(changes) {
        page.say_indented(&mut out, Style::Plain, "Differs: ", &plain(&differs));
    }
    page.say(&mut out, Style::Plain, &sentences::pairing(changes));
    for missing in sentences::missing(changes) {
        page.say(&mut out, Style::Plain, &plain(&missing));
    }
    for of_metric in changes.metrics.iter().filter(|of| has_changed(of)) {
        out.push('\n');
        page.push_lines(&mut out, table(of_metric, changes, page.width()));
        if let Some(unchanged) = sentences::unchanged(of_metric, changes) {
            page.say_indented(&mut out, Style::Dim, "  ", &plain(&unchanged));
        }
    }
    if let Some(unchanged) = sentences::unchanged_metrics(changes) {
        out.push('\n');
        page.say(&mut out, Style::Plain, &unchanged);
    }
    if let Some(about) = sentences::about_verdicts(changes) {
        out.push('\n');
        page.say_indented(&mut out, Style::Dim, "Note: ", &about);
    }
    push_regressions(&mut out, changes, &page);
    out
}

fn has_changed(of_metric: &MetricChanges) -> bool {
    !of_metric.changes.iter().all(Change::is_none)
}

/// The rows that changed, those of a variant below its name where there are several.
fn table(of_metric: &MetricChanges, changes: &Changes, width: usize) -> Vec<String> {
    let metric = &of_metric.metric;
    let shown = of_metric.changes.iter().filter(|change| !change.is_none());
    let indent = if sentences::has_variants(changes) {
        INDENT
    } else {
        ""
    };
    let rows = shown.clone().map(|change| {
        let name = format!("{indent}{}", plain(&change.row.strategy));
        let [a, b] = [change.a, change.b].map(|figure| value(metric, figure));
        [name, a, b, changed(metric, change), change.verdict.into()]
    });
    let heads = [&sentences::heading(metric), "A", "B", "Change", "Verdict"].map(String::from);
    let (mut lines, rows) = arranged(heads, rows.collect(), width);
    let mut variant = None;
    for (change, row) in shown.zip(rows) {
        if !indent.is_empty() && variant != Some(&change.row.variant) {
            variant = Some(&change.row.variant);
            lines.push(ellipsize(&plain(&change.row.variant), width));
        }
        lines.extend(row);
    }
    lines
}

/// Lays the columns out, names cut and verdicts broken where they must be. Gives the lines of the head
/// and those of each row.
fn arranged(
    mut heads: [String; 5],
    mut rows: Vec<[String; 5]>,
    width: usize,
) -> (Vec<String>, Vec<Vec<String>>) {
    let widest = |column: usize| {
        let cells = rows.iter().map(|row| row[column].width());
        cells.fold(heads[column].width(), usize::max)
    };
    let widths = [0, 1, 2, 3, 4].map(widest);
    let is_narrow = width < NARROW;
    let verdict = widths[4].min(if is_narrow {
        VERDICT_LEAST
    } else {
        VERDICT_WIDTH
    });
    let beside = |from: usize| {
        let figures = widths[from..4].iter().map(|width| width + BETWEEN);
        figures.sum::<usize>() + verdict + BETWEEN
    };
    // The figures of both runs are left out first: the change says the most of them.
    let fits = width >= beside(1) + widths[0].min(NAME_LEAST);
    let from = if fits { 1 } else { 3 };
    let name = widths[0].min(width.saturating_sub(beside(from)).max(NAME_LEAST / 2));
    heads[0] = wrap(&heads[0], name).join("\n");
    let kept = |row: [String; 5]| {
        let cells = row.into_iter().enumerate();
        cells.filter_map(move |(column, cell)| (column == 0 || column >= from).then_some(cell))
    };
    let mut table = bare_table();
    table.set_header(kept(heads));
    let mut heights = Vec::new();
    for mut row in rows.drain(..) {
        row[0] = ellipsize(&row[0], name);
        let lines = wrap(&row[4], verdict);
        heights.push(lines.len());
        row[4] = lines.join("\n");
        table.add_row(kept(row));
    }
    let figures = table.column_count() - 2;
    for column in table.column_iter_mut().skip(1).take(figures) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    trim_edges(&mut table);
    let mut lines = table.lines();
    let head = table.lines().count() - heights.iter().sum::<usize>();
    let head = lines.by_ref().take(head).collect();
    let rows = heights
        .into_iter()
        .map(|height| lines.by_ref().take(height).collect());
    let rows = rows.collect();
    (head, rows)
}

fn value(metric: &str, figure: Option<f64>) -> String {
    figure.map_or_else(|| NONE.into(), |figure| columns::measured(metric, figure))
}

/// In percent of the first figure; where that is 0, in the metric's unit.
fn changed(metric: &str, change: &Change) -> String {
    match (change.relative, change.difference) {
        (Some(relative), _) => figures::change(relative, change.relative_ci95),
        (None, Some(difference)) => {
            let sign = if difference > 0.0 { "+" } else { "" };
            format!("{sign}{}", columns::measured(metric, difference))
        }
        (None, None) => NONE.into(),
    }
}

fn push_regressions(out: &mut String, changes: &Changes, page: &Page) {
    let Some(fail_over) = &changes.fail_over else {
        return;
    };
    out.push('\n');
    let none = fail_over.regressions.is_empty();
    let style = if none { Style::Green } else { Style::Red };
    page.say(out, style, &sentences::regressions(fail_over));
    for regression in &fail_over.regressions {
        let said = plain(&sentences::regression(regression, changes));
        page.say_indented(out, style, "  ", &said);
    }
    if !fail_over.unjudged.is_empty() {
        page.say(out, Style::Plain, sentences::UNJUDGED);
        for regression in &fail_over.unjudged {
            let said = plain(&sentences::regression(regression, changes));
            page.say_indented(out, Style::Plain, "  ", &said);
        }
    }
}
