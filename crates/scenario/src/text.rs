//! From bytes to a tree of keys and values, or to what stands in the way.

use toml::de::DeTable;

use crate::document::{Node, Place, Table};
use crate::problem::Problems;

/// The largest file, in bytes. A scenario is written by hand; and a tree of TOML takes some seventy
/// times the room of its text.
pub const LARGEST_FILE: usize = 1 << 20;

/// The deepest nesting that the `toml` crate reads, which bounds every recursion over the tree.
const DEEPEST: usize = 80;

/// The text of a file, without a byte order mark; what is no UTF-8 replaced and reported.
pub(crate) fn decode<'b>(bytes: &'b [u8], problems: &mut Problems) -> std::borrow::Cow<'b, str> {
    if bytes.len() > LARGEST_FILE {
        problems.of_file(too_large());
        return "".into();
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Err(error) = std::str::from_utf8(bytes) {
        let at = error.valid_up_to();
        let rule = format!("not UTF-8: the byte 0x{:02X} cannot stand here", bytes[at]);
        problems.at(Place::of_file(at..at), rule);
    }
    String::from_utf8_lossy(bytes)
}

/// The rule of a file that is too large.
pub(crate) fn too_large() -> String {
    format!("a scenario has at most 1 MiB ({LARGEST_FILE} bytes), and this file has more")
}

/// The tree of a text; what breaks TOML's own grammar is reported, once a line.
pub(crate) fn parse(text: &str, problems: &mut Problems) -> Option<Node> {
    let (document, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let table = Table::read(document.into_inner(), None);
        let value = crate::document::Value::Table(table);
        return Some(Node {
            place: Place::of_file(0..0),
            value,
        });
    }
    let mut errors: Vec<_> = errors
        .into_iter()
        .map(|error| {
            let span = error.span().unwrap_or_else(|| deepest_key(text));
            (span.start, span.end, rule(error.message()))
        })
        .collect();
    errors.sort();
    let mut line_end = None;
    for (start, end, rule) in errors {
        // After a slip the parser stumbles on; what it says of the same line is an echo.
        if line_end.is_some_and(|line_end| start <= line_end) {
            continue;
        }
        let from = text.floor_char_boundary(start.min(text.len()));
        line_end = Some(text[from..].find('\n').map_or(text.len(), |at| from + at));
        problems.at(Place::of_file(start..end), rule);
    }
    None
}

fn rule(message: &str) -> String {
    if message.contains("recur") {
        return format!("nested too deeply: a scenario has at most {DEEPEST} levels");
    }
    format!("not TOML: {message}")
}

/// The first key with more dots than the parser follows; it does not say where that is.
fn deepest_key(text: &str) -> std::ops::Range<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.matches('.').count() >= DEEPEST {
            return start..start + line.trim_end().len();
        }
        start += line.len();
    }
    0..0
}
