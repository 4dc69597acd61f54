//! What changed between two runs: what they have in common, then a table per metric.
//!
//! What did not change is said in a line and not in rows: most of a comparison of two versions is
//! that, and the rest is what somebody looks for.

mod markdown;
mod sentences;

use awaitlab_record::Changes;
use awaitlab_record::changes::{Change, MetricChanges};
use comfy_table::{CellAlignment, Table};
use unicode_width::UnicodeWidthStr;

use crate::columns;
use crate::escape::{ellipsize, plain, wrap};
use crate::figures::{self, NONE};
use crate::terminal::{BETWEEN, Page, Style, bare_table, trim_edges};

pub use markdown::changes_markdown;

/// A verdict is broken into lines before it takes more than this from the names.
const VERDICT_WIDTH: usize = 19;
/// Names get so much before the figures of both runs are left out for them.
const NAME_LEAST: usize = 16;

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
        page.push_table(&mut out, &table(of_metric, changes, width.max(40)));
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
fn table(of_metric: &MetricChanges, changes: &Changes, width: usize) -> Table {
    let metric = &of_metric.metric;
    let shown: Vec<&Change> = of_metric.changes.iter().filter(|c| !c.is_none()).collect();
    let with_variants = sentences::has_variants(changes);
    let mut rows: Vec<[String; 5]> = Vec::new();
    let mut variant = None;
    for change in shown {
        if with_variants && variant != Some(&change.row.variant) {
            variant = Some(&change.row.variant);
            let mut row = [const { String::new() }; 5];
            row[0] = plain(&change.row.variant);
            rows.push(row);
        }
        let indent = if with_variants { "  " } else { "" };
        let name = format!("{indent}{}", plain(&change.row.strategy));
        let [a, b] = [change.a, change.b].map(|figure| value(metric, figure));
        rows.push([name, a, b, changed(metric, change), change.verdict.into()]);
    }
    let heads = [&sentences::heading(metric), "A", "B", "Change", "Verdict"].map(String::from);
    arranged(heads, rows, width)
}

/// Lays the columns out, names cut and verdicts broken where they must be.
fn arranged(mut heads: [String; 5], mut rows: Vec<[String; 5]>, width: usize) -> Table {
    let widest = |rows: &[[String; 5]], column: usize| {
        let cells = rows.iter().map(|row| row[column].width());
        cells.fold(heads[column].width(), usize::max)
    };
    let verdict = widest(&rows, 4).min(VERDICT_WIDTH);
    let name = widest(&rows, 0);
    let beside = |from: usize| -> usize {
        let figures = (from..4).map(|column| widest(&rows, column) + BETWEEN);
        figures.sum::<usize>() + verdict + BETWEEN
    };
    let from = if width >= beside(1) + name.min(NAME_LEAST) {
        1
    } else {
        3
    };
    let name = name.min(width.saturating_sub(beside(from)).max(NAME_LEAST));
    heads[0] = wrap(&heads[0], name).join("\n");
    let kept = |row: [String; 5]| {
        row.into_iter()
            .enumerate()
            .filter(|(column, _)| *column == 0 || *column >= from)
            .map(|(_, cell)| cell)
            .collect::<Vec<_>>()
    };
    let mut table = bare_table();
    for row in &mut rows {
        row[0] = ellipsize(&row[0], name);
        row[4] = wrap(&row[4], verdict).join("\n");
    }
    table.set_header(kept(heads));
    for row in rows {
        table.add_row(kept(row));
    }
    let last = table.column_count() - 1;
    for (index, column) in table.column_iter_mut().enumerate() {
        if index > 0 && index < last {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    trim_edges(&mut table);
    table
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
