//! Everything that is wrong with a scenario, as its author reads it.

use std::fmt;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::document::{Node, Place, Table, Value};
use crate::printable;
use crate::problem::{Problem, Problems};

/// Errors shown of one scenario.
pub const MOST_SHOWN: usize = 20;
/// The longest text, in bytes, that shows them.
pub const LONGEST_TEXT: usize = 4096;

/// Columns of a source line that are shown, around what is wrong.
const COLUMNS: usize = 120;
/// Bytes that a source line may take. A line of combining characters has no width, so columns alone
/// do not bound it; without its line an error still says where it is.
const SNIPPET: usize = 2_000;
/// Characters of a file's name or an override's key that are shown.
const PATH: usize = 120;
/// Kept for the line that counts the errors not shown.
const REMAINDER: usize = 40;

/// Why there is no scenario.
#[derive(Debug)]
pub enum ScenarioErrors {
    /// There is nothing to read.
    Unreadable {
        /// The path as it was given.
        path: String,
        /// Why.
        reason: Unreadable,
    },
    /// What was read breaks rules.
    Invalid(Invalid),
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// There is no such file.
    #[error("there is no such file")]
    Absent,
    /// It is a folder.
    #[error("this is a folder: name a scenario file in it")]
    Folder,
    /// The operating system refuses.
    #[error("cannot be read: {0}")]
    Io(std::io::Error),
}

/// The rules that a scenario breaks, in the order of the file.
#[derive(Debug)]
pub struct Invalid {
    file: String,
    /// At most [`MOST_SHOWN`].
    shown: Vec<Broken>,
    more: usize,
}

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Where it is.
    pub position: Position,
    /// The key, dotted as `--set` takes it (`strategy.1.limit`); empty for the file as a whole.
    pub key: String,
    /// The rule, and what was there instead.
    pub rule: String,
    /// What might be meant.
    pub help: Option<String>,
    source: Option<Source>,
}

/// Where a rule is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Position {
    /// Nowhere in particular.
    File,
    /// At this line and column, counted from 1, in characters.
    At {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// In what the command line set for this key.
    Set(String),
}

/// A source line and the bytes of it that are pointed at.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Source {
    line: String,
    start: usize,
    end: usize,
}

impl ScenarioErrors {
    /// The broken rules, where the file could be read: at most [`MOST_SHOWN`].
    pub fn broken(&self) -> &[Broken] {
        match self {
            ScenarioErrors::Unreadable { .. } => &[],
            ScenarioErrors::Invalid(invalid) => &invalid.shown,
        }
    }
}

impl Invalid {
    /// The problems of a file, placed in its text. `overrides` are the keys that were set.
    pub(crate) fn new(
        file: &str,
        text: &str,
        root: Option<&Table>,
        overrides: &[(String, String)],
        problems: Problems,
    ) -> Self {
        let (problems, more) = problems.into_parts();
        let more = more + problems.len().saturating_sub(MOST_SHOWN);
        let lines = Lines { text, overrides };
        let shown = problems
            .into_iter()
            .take(MOST_SHOWN)
            .map(|p| lines.broken(p, root))
            .collect();
        Invalid {
            file: printable::tail(file, PATH),
            shown,
            more,
        }
    }
}

impl std::error::Error for ScenarioErrors {}

impl fmt::Display for ScenarioErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScenarioErrors::Unreadable { path, reason } => {
                write!(f, "error: {}: {reason}", printable::tail(path, PATH))
            }
            ScenarioErrors::Invalid(invalid) => invalid.fmt(f),
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut written = 0;
        for (index, broken) in self.shown.iter().enumerate() {
            let text = broken.render(&self.file);
            let separator = if index > 0 { "\n\n" } else { "" };
            // The first always fits: its parts are each cut far below the limit.
            if written + separator.len() + text.len() > LONGEST_TEXT - REMAINDER {
                return write!(f, "\n\n… and {} more", self.shown.len() - index + self.more);
            }
            written += separator.len() + text.len();
            write!(f, "{separator}{text}")?;
        }
        if self.more > 0 {
            write!(f, "\n\n… and {} more", self.more)
        } else {
            Ok(())
        }
    }
}

impl Broken {
    fn render(&self, file: &str) -> String {
        let title = match self.key.is_empty() {
            true => self.rule.clone(),
            false => format!("{}: {}", self.key, self.rule),
        };
        let group = Level::ERROR.primary_title(&title);
        let renderer = Renderer::plain().term_width(COLUMNS);
        let help = |group: Group<'_>| -> String {
            match &self.help {
                Some(help) => renderer.render(&[group.element(Level::HELP.message(help))]),
                None => renderer.render(&[group]),
            }
        };
        match (&self.position, &self.source) {
            (Position::At { line, .. }, Some(source)) => {
                let snippet = Snippet::source(&source.line)
                    .path(file)
                    .line_start(*line)
                    .annotation(AnnotationKind::Primary.span(source.start..source.end));
                let text = help(group.element(snippet));
                if text.len() <= SNIPPET {
                    return text;
                }
                let group = Level::ERROR.primary_title(&title);
                help(group.element(Origin::path(self.place(file))))
            }
            _ => help(group.element(Origin::path(self.place(file)))),
        }
    }

    fn place(&self, file: &str) -> String {
        match &self.position {
            Position::File => file.to_owned(),
            Position::At { line, column } => format!("{file}:{line}:{column}"),
            Position::Set(key) => format!("{file}: --set {key}"),
        }
    }
}

/// Where things stand in a text and in what was set.
struct Lines<'a> {
    text: &'a str,
    overrides: &'a [(String, String)],
}

impl Lines<'_> {
    fn broken(&self, problem: Problem, root: Option<&Table>) -> Broken {
        let Problem {
            place,
            mut rule,
            help,
            other,
        } = problem;
        if let Some(other) = other {
            rule = match self.position(other) {
                Position::At { line, .. } => format!("{rule} in line {line}"),
                Position::Set(key) => format!("{rule} in --set {key}"),
                Position::File => rule,
            };
        }
        let mut keys = Vec::new();
        if let (Some(place), Some(root)) = (place, root) {
            path_in_table(root, place, &mut keys);
        }
        Broken {
            position: place.map_or(Position::File, |place| self.position(place)),
            key: printable::line(&keys.join("."), PATH),
            rule,
            help,
            source: place
                .filter(|place| place.origin.is_none())
                .map(|place| self.source(place)),
        }
    }

    fn position(&self, place: Place) -> Position {
        if let Some(index) = place.origin {
            let key = self.overrides.get(index).map_or("", |(key, _)| key);
            return Position::Set(printable::line(key, PATH));
        }
        let before = &self.text[..floor(self.text, place.start)];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Position::At {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// The line, each character that would act replaced by one that does not, and what to point at.
    fn source(&self, place: Place) -> Source {
        let start = floor(self.text, place.start);
        let line_start = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let rest = &self.text[start..];
        let rest = rest.split_once('\n').map_or(rest, |(line, _)| line);
        let line_end = start + rest.strip_suffix('\r').unwrap_or(rest).len();
        let end = floor(self.text, place.end).clamp(start, line_end);
        let shown = |from: usize, to: usize| printable::source_line(&self.text[from..to]);
        let (before, marked) = (shown(line_start, start), shown(start, end));
        let line = format!("{before}{marked}{}", shown(end, line_end));
        Source {
            line,
            start: before.len(),
            end: before.len() + marked.len(),
        }
    }
}

/// The last boundary of a character at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at.min(text.len()))
}

/// Finds the way to a place, innermost match first; whether there is one.
fn path_in_table(table: &Table, place: Place, keys: &mut Vec<String>) -> bool {
    table.entries.iter().any(|entry| {
        keys.push(segment(&entry.key));
        let found = path_in_node(&entry.node, place, keys) || entry.place == place;
        if !found {
            keys.pop();
        }
        found
    })
}

fn path_in_node(node: &Node, place: Place, keys: &mut Vec<String>) -> bool {
    let within = match &node.value {
        Value::Table(table) => path_in_table(table, place, keys),
        Value::List(items) => items.iter().enumerate().any(|(index, item)| {
            keys.push(index.to_string());
            let found = path_in_node(item, place, keys);
            if !found {
                keys.pop();
            }
            found
        }),
        _ => false,
    };
    within || node.place == place
}

/// A key as it stands in a dotted path: in quotes where it is not a bare one.
fn segment(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !key.is_empty() && key.chars().all(bare) {
        key.to_owned()
    } else {
        printable::quote(key)
    }
}
