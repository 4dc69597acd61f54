//! The comparison as a terminal shows it.
//!
//! One block a variant, then the words, then what a reader must not miss. A narrow terminal loses
//! columns from the right, never words.

use awaitlab_record::summary::{Row, RunStatus, Summary};
use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};
use unicode_width::UnicodeWidthStr;

use crate::blocks::{self, Block, blocks};
use crate::columns;
use crate::escape::{ellipsize, plain, wrap};
use crate::figures;
use crate::measures;
use crate::policies;
use crate::precision;
use crate::verdict;
use crate::words;

/// A strategy's name is cut to this before a column is given up for it.
const NAME_WIDTH: usize = 26;
/// Spaces between columns.
pub(crate) const BETWEEN: usize = 2;
/// The head of the names.
const NAME_HEAD: &str = "Strategy";
const WORD_HEADS: [&str; 4] = [
    NAME_HEAD,
    "Error resilience",
    "Resource utilization",
    "Failure mode",
];
/// The least that is left of a name.
const NAME_LEAST: usize = 8;
/// Below this nothing can be arranged any more; the table is made for it and left to overflow.
const WIDTH_LEAST: usize = 40;

/// The comparison in at most `width` columns, ending in a newline; with `color`, in ANSI colours.
pub fn terminal(summary: &Summary, width: usize, color: bool) -> String {
    let page = Page::new(width, color);
    let mut out = String::new();
    head(&mut out, summary, &page);
    for block in blocks(summary) {
        out.push('\n');
        if let Some(variant) = block.title {
            page.say(&mut out, Style::Bold, &plain(variant));
        }
        page.push_table(&mut out, &figures_table(summary, &block, &page));
        push_never_settled(&mut out, &block, &page);
        findings(&mut out, summary, block.variant, &page);
        push_measures(&mut out, &block, &page);
        push_policies(&mut out, summary, &block, &page);
    }
    if words::are_said(summary) {
        out.push('\n');
        push_words(&mut out, summary, &page);
    }
    expectations(&mut out, summary, &page);
    notes(&mut out, summary, &page);
    out
}

/// Where the text goes.
pub(crate) struct Page {
    width: usize,
    color: bool,
}

#[derive(Clone, Copy)]
pub(crate) enum Style {
    Plain,
    Bold,
    Dim,
    Green,
    Red,
}

impl Page {
    pub(crate) fn new(width: usize, color: bool) -> Page {
        let width = width.max(WIDTH_LEAST);
        Page { width, color }
    }

    /// How many columns it has.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Writes a paragraph, its lines after the first indented as deep as its bullet.
    pub(crate) fn say(&self, out: &mut String, style: Style, text: &str) {
        self.say_indented(out, style, "", text);
    }

    pub(crate) fn say_indented(&self, out: &mut String, style: Style, bullet: &str, text: &str) {
        let indent = bullet.width();
        for (index, line) in wrap(text, self.width - indent).iter().enumerate() {
            let lead = if index == 0 {
                bullet.to_string()
            } else {
                " ".repeat(indent)
            };
            self.paint(out, style, &format!("{lead}{line}"));
            out.push('\n');
        }
    }

    fn paint(&self, out: &mut String, style: Style, text: &str) {
        let code = match style {
            Style::Plain => "",
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Green => "32",
            Style::Red => "31",
        };
        if self.color && !code.is_empty() {
            out.push_str(&format!("\u{1b}[{code}m{text}\u{1b}[0m"));
        } else {
            out.push_str(text);
        }
    }

    /// Writes a table, its head in bold.
    pub(crate) fn push_table(&self, out: &mut String, table: &Table) {
        self.push_lines(out, table.lines());
    }

    /// The same of its lines.
    pub(crate) fn push_lines(&self, out: &mut String, lines: impl IntoIterator<Item = String>) {
        let mut in_head = true;
        for line in lines {
            let line = line.trim_end();
            in_head &= !line.starts_with('─');
            self.paint(out, if in_head { Style::Bold } else { Style::Plain }, line);
            out.push('\n');
        }
    }
}

fn head(out: &mut String, summary: &Summary, page: &Page) {
    let scenario = &summary.scenario;
    page.say(
        out,
        Style::Bold,
        &format!("{}: {}", plain(&scenario.name), plain(&scenario.title)),
    );
    if let Some(question) = &scenario.question {
        page.say(out, Style::Plain, &plain(question));
    }
    let run = format!(
        "{}, seed {}",
        figures::counted(scenario.replications, "replication", "replications"),
        scenario.seed
    );
    page.say(out, Style::Dim, &run);
    if let Some(precision) = &summary.precision {
        let style = if precision.reached {
            Style::Dim
        } else {
            Style::Red
        };
        page.say(out, style, &precision::said(summary, precision, plain));
    }
    if summary.status == RunStatus::Interrupted {
        page.say(
            out,
            Style::Red,
            "Interrupted: the figures are those of the replications finished.",
        );
    }
}

fn figures_table(summary: &Summary, block: &Block<'_>, page: &Page) -> Table {
    let all = columns::columns(summary);
    let rows = |cell: fn(&columns::Column, &Row) -> String| -> Vec<Vec<String>> {
        let of_row = |row: &Row| {
            let cells = all.iter().map(|column| cell(column, row));
            std::iter::once(plain(&row.strategy)).chain(cells).collect()
        };
        block.rows.iter().map(of_row).collect()
    };
    let head = |of: fn(&columns::Column) -> &'static str| -> Vec<&str> {
        let heads = all.iter().map(|column| of(column));
        std::iter::once(blocks::head(summary))
            .chain(heads)
            .collect()
    };
    let (long, short) = (head(|column| column.head), head(|column| column.short));
    let (full, brief) = (rows(columns::Column::cell), rows(columns::Column::brief));
    // Another column is worth more than the interval of a percentile.
    let kept = |rows: &[Vec<String>]| fit(&widths(&short, rows), page.width).0;
    let rows = if kept(&brief) > kept(&full) {
        brief
    } else {
        full
    };
    narrowed(&rows, long, short, page)
}

/// A table of as many columns as fit, with short heads where that keeps more of them.
fn narrowed(rows: &[Vec<String>], long: Vec<&str>, short: Vec<&str>, page: &Page) -> Table {
    let mut heads = long;
    let (mut kept, mut name_width) = fit(&widths(&heads, rows), page.width);
    if kept < heads.len() {
        heads = short;
        (kept, name_width) = fit(&widths(&heads, rows), page.width);
    }
    let mut table = bare_table();
    table.set_header(heads[..kept].iter().copied());
    for row in rows {
        let name = ellipsize(&row[0], name_width);
        table.add_row(std::iter::once(name).chain(row[1..kept].iter().cloned()));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    trim_edges(&mut table);
    table
}

/// How wide each column would be.
fn widths(heads: &[&str], rows: &[Vec<String>]) -> Vec<usize> {
    let cells = |column: usize| rows.iter().map(move |row| row[column].width());
    let widest = |(column, head): (usize, &&str)| cells(column).fold(head.width(), usize::max);
    heads.iter().enumerate().map(widest).collect()
}

/// How many columns fit, and how wide the names among them may be.
fn fit(widths: &[usize], page: usize) -> (usize, usize) {
    let beside = |kept: usize| {
        widths[1..kept]
            .iter()
            .map(|width| width + BETWEEN)
            .sum::<usize>()
    };
    for kept in (2..=widths.len()).rev() {
        let left = page.saturating_sub(beside(kept));
        if left >= widths[0].min(NAME_WIDTH) {
            return (kept, left);
        }
    }
    (2, page.saturating_sub(beside(2)).max(NAME_LEAST))
}

/// The words: a table while its words fit into the columns, else a list.
fn push_words(out: &mut String, summary: &Summary, page: &Page) {
    let rows: Vec<[String; 4]> = columns::strategies(summary).iter().map(words_of).collect();
    let all = || std::iter::once(WORD_HEADS.map(String::from)).chain(rows.iter().cloned());
    let over = |measure: fn(&str) -> usize| -> Vec<usize> {
        let of = |column: usize| all().map(|row| measure(&row[column])).max().unwrap_or(0);
        (0..WORD_HEADS.len()).map(of).collect()
    };
    let room = page.width - BETWEEN * (WORD_HEADS.len() - 1);
    let mut least = over(|cell| cell.split(' ').map(str::width).max().unwrap_or(0));
    least[0] = least[0].min(NAME_WIDTH);
    let Some(widths) = squeeze(over(str::width), &least, room) else {
        return push_word_list(out, &rows, page);
    };
    let mut table = bare_table();
    let arrange = |cell: &String, width: &usize| wrap(cell, *width).join("\n");
    let mut arranged = all().map(|row| -> Vec<String> {
        row.iter()
            .zip(&widths)
            .map(|(cell, width)| arrange(cell, width))
            .collect()
    });
    table.set_header(arranged.next().unwrap_or_default());
    arranged.for_each(|row| {
        table.add_row(row);
    });
    trim_edges(&mut table);
    page.push_table(out, &table);
}

fn words_of(row: &Row) -> [String; 4] {
    let words = &row.words;
    [
        &row.strategy,
        &words.error_resilience,
        &words.resource_utilization,
        &words.failure_mode,
    ]
    .map(|text| plain(text))
}

/// Takes from the widest columns until all fit into `room`; `None` where some column would have to
/// be narrower than its least width.
fn squeeze(mut widths: Vec<usize>, least: &[usize], room: usize) -> Option<Vec<usize>> {
    while widths.iter().sum::<usize>() > room {
        let spare = (0..widths.len()).filter(|&column| widths[column] > least[column]);
        let widest = spare.max_by_key(|&column| widths[column])?;
        widths[widest] -= 1;
    }
    Some(widths)
}

fn push_word_list(out: &mut String, rows: &[[String; 4]], page: &Page) {
    for [name, words @ ..] in rows {
        page.say(out, Style::Bold, &ellipsize(name, page.width));
        for (head, words) in WORD_HEADS[1..].iter().zip(words) {
            page.say_indented(out, Style::Plain, "  ", &format!("{head}: {words}"));
        }
    }
}

/// Two spaces between columns, a rule under the heads, nothing else.
pub(crate) fn bare_table() -> Table {
    let mut table = Table::new();
    let rule = LineStyle::none().fill('─');
    table.load_style(TableStyle::new().header_separator(rule));
    table
}

pub(crate) fn trim_edges(table: &mut Table) {
    let last = table.column_count().saturating_sub(1);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if index == last { 0 } else { BETWEEN as u16 }));
    }
}

fn findings(out: &mut String, summary: &Summary, variant: &str, page: &Page) {
    for found in columns::findings(summary, variant) {
        let against = format!(
            "Against {}, {}:",
            plain(found.baseline),
            columns::spoken(found.metric)
        );
        page.say(out, Style::Plain, &against);
        for (verdict, whom) in &found.groups {
            let whom: Vec<String> = whom
                .iter()
                .map(|comparison| match columns::difference(comparison) {
                    Some(difference) => format!("{} ({difference})", plain(&comparison.strategy)),
                    None => plain(&comparison.strategy),
                })
                .collect();
            page.say_indented(
                out,
                Style::Plain,
                "  ",
                &format!("{verdict} – {}", columns::some_of(&whom)),
            );
        }
        let alike = columns::not_distinguishable(&found);
        if !alike.is_empty() {
            let names: Vec<String> = alike.into_iter().map(plain).collect();
            let said = format!("Not distinguishable: {}", columns::some_of(&names));
            page.say(out, Style::Plain, &said);
        }
    }
}

/// A mean of those that settled looks like one of all.
fn push_never_settled(out: &mut String, block: &Block<'_>, page: &Page) {
    let never = verdict::never_settled(&block.rows, plain);
    if !never.is_empty() {
        let whom = columns::some_of(&never);
        let said = format!("Jobs that never settle, and are in no settle time: {whom}");
        page.say(out, Style::Plain, &said);
    }
}

/// The scenario's measures, a line each: their names are sentences.
fn push_measures(out: &mut String, block: &Block<'_>, page: &Page) {
    let names = measures::names(&block.rows);
    if names.is_empty() {
        return;
    }
    page.say(out, Style::Plain, "Share of replications (95 % interval):");
    for name in names {
        let whom: Vec<String> = block
            .rows
            .iter()
            .map(|row| format!("{} {}", plain(&row.strategy), measures::said(row, name)))
            .collect();
        let text = format!("{} – {}", plain(name), columns::some_of(&whom));
        page.say_indented(out, Style::Plain, "  ", &text);
    }
}

/// Columns that do not fit beside the others stand in a table of their own below, with the rows that
/// have something in them: each is there because some policy did it.
fn push_policies(out: &mut String, summary: &Summary, block: &Block<'_>, page: &Page) {
    let Some(table) = policies::Table::of(summary, block) else {
        return;
    };
    out.push('\n');
    let said = format!("What the policies did, {}:", table.per());
    page.say(out, Style::Plain, &said);
    let mut heads: Vec<&str> = table.columns.iter().map(|column| column.head).collect();
    heads.insert(0, blocks::head(summary));
    let mut rows = table.rows;
    for row in &mut rows {
        row[0] = plain(&row[0]);
    }
    while heads.len() > 1 {
        let kept = fit(&widths(&heads, &rows), page.width).0;
        let said = |row: &&Vec<String>| row[1..kept].iter().any(|cell| !cell.is_empty());
        let shown = rows.iter().filter(said).map(|row| row[..kept].to_vec());
        let (shown, own) = (shown.collect::<Vec<_>>(), heads[..kept].to_vec());
        page.push_table(out, &narrowed(&shown, own.clone(), own, page));
        heads.drain(1..kept);
        for row in &mut rows {
            row.drain(1..kept);
        }
    }
}

fn expectations(out: &mut String, summary: &Summary, page: &Page) {
    if summary.expectations.is_empty() {
        return;
    }
    out.push('\n');
    let missed: Vec<_> = summary.expectations.iter().filter(|e| !e.held).collect();
    let all = summary.expectations.len();
    if missed.is_empty() {
        let held = if all == 1 {
            "The expectation held.".to_string()
        } else {
            format!("All {all} expectations held.")
        };
        return page.say(out, Style::Green, &held);
    }
    page.say(
        out,
        Style::Red,
        &format!("{} of {all} expectations missed:", missed.len()),
    );
    for miss in missed {
        let text = format!(
            "{} / {}: {}, found {}",
            plain(&miss.variant),
            plain(&miss.strategy),
            columns::expected(miss),
            columns::found(miss)
        );
        page.say_indented(out, Style::Red, "  ", &text);
    }
}

fn notes(out: &mut String, summary: &Summary, page: &Page) {
    if summary.notes.is_empty() {
        return;
    }
    out.push('\n');
    for note in &summary.notes {
        page.say_indented(out, Style::Dim, "Note: ", &plain(note));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_given_up_from_the_right() {
        // 20 + (2+12) + (2+8) + (2+8) + (2+13) + (2+11) = 82
        let widths = [20, 12, 8, 8, 13, 11];
        assert_eq!(fit(&widths, 82), (6, 20));
        assert_eq!(fit(&widths, 81).0, 5);
        assert_eq!(fit(&widths, 40), (2, 26));
    }

    #[test]
    fn a_long_name_is_cut_before_a_column_is_lost() {
        let widths = [64, 12, 8, 8, 13, 11];
        assert_eq!(fit(&widths, 90), (6, 28));
    }
}
