//! Holds a document against its shape: reports everything that breaks it, and writes typed values
//! in the place of what it read.

mod single;

use crate::document::{Node, Place, Table, Value};
use crate::name;
use crate::printable;
use crate::problem::Problems;
use crate::shape::{self, Kind, Shape};
use crate::suggest::did_you_mean;
use single::single;

/// Checks a whole document.
pub(crate) fn document(root: &mut Node, shape: &shape::Table, problems: &mut Problems) {
    as_table(root, shape, problems);
}

/// Checks a value, and what is in it. What breaks a rule is [`Value::Invalid`] afterwards, so that
/// nobody looks at it again.
fn value(node: &mut Node, shape: &Shape, problems: &mut Problems) {
    match shape {
        Shape::Table(table) => as_table(node, &table(), problems),
        Shape::TableOr(table, _) if node.as_table().is_some() => {
            as_table(node, &table(), problems);
        }
        Shape::TableOr(_, other) => value(node, other, problems),
        Shape::Named { of, min } => named(node, *of, *min, problems),
        Shape::Numbered(of) => numbered(node, *of, problems),
        Shape::List {
            of,
            min,
            max,
            items,
        } => list(node, of, *min, *max, items, problems),
        Shape::OneOrMany(of) if matches!(node.value, Value::List(_)) => {
            list(node, of, 1, usize::MAX, "at least one value", problems);
        }
        Shape::OneOrMany(of) => value(node, of, problems),
        Shape::IntegerOr { text, .. } if node.as_text().is_some() => {
            number_or(node, shape, text, problems);
        }
        _ => single(node, shape, problems),
    }
}

/// A text where a number would do, too: a word that is not known may stand for one.
fn number_or(node: &mut Node, shape: &Shape, text: &Shape, problems: &mut Problems) {
    let word = node.as_text().unwrap_or_default();
    match text {
        Shape::Choice(choices) if !choices.iter().any(|choice| choice.word == word) => {
            let (rule, _) = mismatch(node, shape);
            let help = did_you_mean(word, choices.iter().map(|choice| choice.word));
            problems.with_help(node.place, rule, help);
            node.value = Value::Invalid;
        }
        _ => value(node, text, problems),
    }
}

fn mismatch(node: &Node, shape: &Shape) -> (String, Option<String>) {
    (
        format!("must be {}, not {}", shape.wanted(), described(node)),
        None,
    )
}

/// What stands there instead.
fn described(node: &Node) -> String {
    match &node.value {
        Value::Text(text) => printable::quote(text),
        Value::Integer(Some(integer)) => integer.to_string(),
        Value::Integer(None) => "an integer of that size".to_owned(),
        Value::Number(number) => printable::line(&number.to_string(), printable::VALUE),
        Value::Flag(flag) => flag.to_string(),
        Value::Datetime => "a date".to_owned(),
        Value::List(_) => "a list".to_owned(),
        Value::Table(_) => "a table".to_owned(),
        // Typed values are written after their check, and checked once.
        Value::Duration(_)
        | Value::Window(_)
        | Value::Share(_)
        | Value::Rate(_)
        | Value::Invalid => "that".to_owned(),
    }
}

fn list(node: &mut Node, of: &Shape, min: usize, max: usize, items: &str, problems: &mut Problems) {
    let place = node.place;
    let Value::List(values) = &mut node.value else {
        problems.at(
            place,
            format!("must be a list of {items}, not {}", described(node)),
        );
        node.value = Value::Invalid;
        return;
    };
    if values.len() < min {
        problems.at(
            place,
            format!("must be a list of {items}: this one is empty"),
        );
        node.value = Value::Invalid;
        return;
    }
    if values.len() > max {
        problems.at(
            place,
            format!("at most {max} {items}, not {}", values.len()),
        );
        values.truncate(max);
    }
    for item in values {
        value(item, of, problems);
    }
}

fn named(node: &mut Node, of: fn() -> shape::Table, min: usize, problems: &mut Problems) {
    let place = node.place;
    let Value::Table(table) = &mut node.value else {
        problems.at(
            place,
            format!("must be a table of tables, not {}", described(node)),
        );
        node.value = Value::Invalid;
        return;
    };
    if table.entries.len() < min {
        problems.at(place, format!("needs at least {min} {}", of().name));
    }
    for entry in &mut table.entries {
        if let Err(error) = name::check(&entry.key) {
            problems.at(entry.place, error.to_string());
        }
        as_table(&mut entry.node, &of(), problems);
    }
}

fn numbered(node: &mut Node, of: fn() -> shape::Table, problems: &mut Problems) {
    let place = node.place;
    let Value::Table(table) = &mut node.value else {
        problems.at(
            place,
            format!("must be a table of tables, not {}", described(node)),
        );
        node.value = Value::Invalid;
        return;
    };
    table.entries.retain_mut(|entry| {
        // One way to write each, so that two keys are never the same.
        let number = entry.key.parse::<u32>();
        let is_number = number.is_ok_and(|number| number.to_string() == entry.key);
        if !is_number {
            let key = printable::quote(&entry.key);
            let rule = format!("must be a number, counted from 0, not {key}");
            problems.at(entry.place, rule);
        }
        as_table(&mut entry.node, &of(), problems);
        is_number
    });
}

fn as_table(node: &mut Node, shape: &shape::Table, problems: &mut Problems) {
    let place = node.place;
    let Value::Table(table) = &mut node.value else {
        problems.at(place, format!("must be a table, not {}", described(node)));
        node.value = Value::Invalid;
        return;
    };
    match kind_of(table, shape) {
        Ok(kind) => {
            report_unknown(table, shape, kind, problems);
            of_kind(table, place, shape, kind, problems);
        }
        Err((rule, help)) => {
            let written = table.entries.iter_mut().find(|entry| entry.key == "kind");
            let at = written.as_ref().map_or(place, |entry| entry.node.place);
            problems.with_help(at, rule, help);
            if let Some(written) = written {
                written.node.value = Value::Invalid;
            }
            // Which other keys it should have is not known; those of every kind are.
            of_kind(table, place, shape, None, problems);
        }
    }
}

/// Checks the keys that every kind has, and those of `kind`.
fn of_kind(
    table: &mut Table,
    place: Place,
    shape: &shape::Table,
    kind: Option<&Kind>,
    problems: &mut Problems,
) {
    let keys = || {
        shape
            .keys
            .iter()
            .chain(kind.iter().flat_map(|kind| &kind.keys))
    };
    for entry in &mut table.entries {
        if let Some(key) = keys().find(|key| key.name == entry.key) {
            value(&mut entry.node, &key.shape, problems);
        }
    }
    for key in keys().filter(|key| key.required && !table.has(key.name)) {
        let rule = format!("the key \"{}\" is missing: {}", key.name, key.doc);
        problems.at(place, rule);
    }
    let forms = kind.map_or(&shape.forms, |kind| &kind.forms);
    if !forms.is_empty() && !forms.iter().any(|form| is_given(table, form, forms)) {
        problems.at(
            place,
            format!("give exactly one of: {}", shape::forms(forms)),
        );
    }
}

/// The kind of a table, `None` where it has none; or why it is not known.
fn kind_of<'s>(
    table: &Table,
    shape: &'s shape::Table,
) -> Result<Option<&'s Kind>, (String, Option<String>)> {
    if shape.kinds.is_empty() {
        return Ok(None);
    }
    let words = || shape.kinds.iter().map(|kind| kind.name);
    let known = || format!("it is one of {}", shape::quoted(words()));
    let written = match table.get("kind") {
        None => {
            let default = shape.default_kind.and_then(|name| shape.kind(name));
            return default
                .map(Some)
                .ok_or_else(|| (format!("the key \"kind\" is missing: {}", known()), None));
        }
        Some(node) => node.as_text().ok_or_else(|| {
            (
                format!(
                    "the kind must be a text, not {}: {}",
                    described(node),
                    known()
                ),
                None,
            )
        })?,
    };
    shape.kind(written).map(Some).ok_or_else(|| {
        let rule = format!(
            "there is no {} {}: {}",
            shape.name,
            printable::quote(written),
            known()
        );
        (rule, did_you_mean(written, words()))
    })
}

/// Reports the keys that a table of that kind does not have, and takes them out.
fn report_unknown(
    table: &mut Table,
    shape: &shape::Table,
    kind: Option<&Kind>,
    problems: &mut Problems,
) {
    let own = kind.into_iter().flat_map(|kind| &kind.keys);
    let tag = kind.map(|_| "kind");
    let known: Vec<&str> = shape
        .keys
        .iter()
        .chain(own)
        .map(|key| key.name)
        .chain(tag)
        .collect();
    table.entries.retain(|entry| {
        if known.contains(&entry.key.as_str()) {
            return true;
        }
        // Beyond what is kept nobody reads it: a quarter of a million suggestions take their time.
        let (rule, help) = match problems.is_full() {
            true => (String::new(), None),
            false => unknown(&entry.key, &known, shape, kind),
        };
        problems.with_help(entry.place, rule, help);
        false
    });
}

/// What is wrong with an unknown key, and what might be meant.
fn unknown(
    key: &str,
    known: &[&str],
    shape: &shape::Table,
    kind: Option<&Kind>,
) -> (String, Option<String>) {
    let has = |kind: &&Kind| kind.keys.iter().any(|own| own.name == key);
    let owners: Vec<&str> = shape
        .kinds
        .iter()
        .filter(has)
        .map(|kind| kind.name)
        .collect();
    if let (Some(kind), false) = (kind, owners.is_empty()) {
        let rule = format!("no key of {} \"{}\"", shape.name, kind.name);
        return (
            rule,
            Some(format!("it is a key of {}", shape::quoted(owners))),
        );
    }
    let help = did_you_mean(key, known.iter().copied())
        .unwrap_or_else(|| format!("known are {}", known.join(", ")));
    (format!("unknown key of {}", shape.name), Some(help))
}

/// Whether of all keys that forms name a table has exactly those of one.
fn is_given(table: &Table, form: &[&str], forms: &[&[&str]]) -> bool {
    forms
        .iter()
        .copied()
        .flatten()
        .all(|key| table.has(key) == form.contains(key))
}
