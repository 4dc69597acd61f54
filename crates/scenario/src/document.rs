//! A scenario file as a tree in which every key and value knows where it was written.
//!
//! The tree of the `toml` crate sorts keys and knows one text only; this one keeps the order of the
//! file, and takes values that the command line brought. [`crate::check`] then writes typed values
//! into it (a duration where the file has the text `"80ms"`), so that a builder finds nothing but
//! what has its proper form.

use std::ops::Range;
use std::time::Duration;

use awaitlab_faults::Window;
use toml::Spanned;
use toml::de::{DeFloat, DeInteger, DeTable, DeValue};

/// Where something was written. Orders by origin, the file first, then by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// `None`: the file; else an index into the overrides.
    pub(crate) origin: Option<usize>,
    /// Byte offsets into the file's text, without its byte order mark.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// A value.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

/// What a value is, as TOML has it or as the format reads it.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    /// `None`: beyond 128 bits.
    Integer(Option<i128>),
    Number(f64),
    Flag(bool),
    Datetime,
    List(Vec<Node>),
    Table(Table),
    // What follows is written by the check alone.
    Duration(Duration),
    Window(Window),
    /// A text like `"5%"`, as a share of one.
    Share(f64),
    /// A text like `"200/s"`, per second.
    Rate(f64),
    /// Reported, and not to be looked at again.
    Invalid,
}

/// Keys with their values, in the order of the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    pub(crate) entries: Vec<Entry>,
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) place: Place,
    pub(crate) node: Node,
}

impl Place {
    /// A place in the file.
    pub(crate) fn of_file(span: Range<usize>) -> Self {
        Place {
            origin: None,
            start: span.start,
            end: span.end,
        }
    }

    fn new(origin: Option<usize>, span: Range<usize>) -> Self {
        Place {
            origin,
            start: span.start,
            end: span.end,
        }
    }
}

impl Node {
    /// The tree of a parsed value.
    pub(crate) fn read(value: Spanned<DeValue<'_>>, origin: Option<usize>) -> Self {
        let place = Place::new(origin, value.span());
        let value = match value.into_inner() {
            DeValue::String(text) => Value::Text(text.into_owned()),
            DeValue::Integer(integer) => Value::Integer(whole(&integer)),
            DeValue::Float(number) => Value::Number(real(&number)),
            DeValue::Boolean(flag) => Value::Flag(flag),
            DeValue::Datetime(_) => Value::Datetime,
            DeValue::Array(items) => Value::List(
                items
                    .into_iter()
                    .map(|item| Node::read(item, origin))
                    .collect(),
            ),
            DeValue::Table(table) => Value::Table(Table::read(table, origin)),
        };
        Node { place, value }
    }

    /// The table, where it is one.
    pub(crate) fn as_table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The items, where it is a list; itself alone, where it is a single value; `None` where it has
    /// been found wrong.
    pub(crate) fn items(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            Value::Invalid => None,
            _ => Some(std::slice::from_ref(self)),
        }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_integer(&self) -> Option<u64> {
        match self.value {
            Value::Integer(Some(integer)) => u64::try_from(integer).ok(),
            _ => None,
        }
    }

    pub(crate) fn as_number(&self) -> Option<f64> {
        match self.value {
            Value::Number(number) => Some(number),
            Value::Share(share) => Some(share),
            Value::Rate(per_s) => Some(per_s),
            _ => None,
        }
    }

    pub(crate) fn as_flag(&self) -> Option<bool> {
        match self.value {
            Value::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    pub(crate) fn as_duration(&self) -> Option<Duration> {
        match self.value {
            Value::Duration(duration) => Some(duration),
            _ => None,
        }
    }

    pub(crate) fn as_window(&self) -> Option<Window> {
        match self.value {
            Value::Window(window) => Some(window),
            _ => None,
        }
    }
}

impl Table {
    /// The tree of a parsed table.
    pub(crate) fn read(table: DeTable<'_>, origin: Option<usize>) -> Self {
        let mut entries: Vec<Entry> = table
            .into_iter()
            .map(|(key, value)| Entry {
                place: Place::new(origin, key.span()),
                key: key.into_inner().into_owned(),
                node: Node::read(value, origin),
            })
            .collect();
        entries.sort_by_key(|entry| entry.place);
        Table { entries }
    }

    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_text()
    }

    pub(crate) fn integer(&self, key: &str) -> Option<u64> {
        self.get(key)?.as_integer()
    }

    pub(crate) fn number(&self, key: &str) -> Option<f64> {
        self.get(key)?.as_number()
    }

    pub(crate) fn duration(&self, key: &str) -> Option<Duration> {
        self.get(key)?.as_duration()
    }

    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        self.get(key)?.as_flag()
    }

    pub(crate) fn table(&self, key: &str) -> Option<&Table> {
        self.get(key)?.as_table()
    }

    /// The items of a list; none where there is no such key, or no proper list.
    pub(crate) fn list(&self, key: &str) -> &[Node] {
        self.get(key).and_then(Node::items).unwrap_or_default()
    }

    /// Whether there is such a key, and what it says has been found wrong.
    pub(crate) fn is_wrong(&self, key: &str) -> bool {
        self.get(key)
            .is_some_and(|node| matches!(node.value, Value::Invalid))
    }
}

fn whole(integer: &DeInteger<'_>) -> Option<i128> {
    i128::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// What overflows becomes infinite here, and is refused with the infinities.
fn real(number: &DeFloat<'_>) -> f64 {
    number.as_str().parse().unwrap_or(f64::NAN)
}
