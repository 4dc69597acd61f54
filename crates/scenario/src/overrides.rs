//! `--set KEY=VALUE`: values that the command line puts in the place of what a file says.
//!
//! A key is dotted as TOML's are (`downstream.api.latency.mean`); an item of a list is addressed by
//! its number from 0, or by its name (`strategy.1.limit`, `strategy."Promise.all()".rest`). A value
//! is TOML, or else the text it is: `--set job.deadline=1s` needs no quotes. What is set is there
//! before anything is checked, so it obeys every rule of the file.

use toml::de::{DeTable, DeValue};

use crate::document::{Entry, Node, Place, Table, Value};
use crate::printable;
use crate::problem::Problems;
use crate::suggest::did_you_mean;

/// Puts all of them into a document, in their order; the last one of a key counts.
pub(crate) fn apply(root: &mut Node, overrides: &[(String, String)], problems: &mut Problems) {
    for (index, (key, value)) in overrides.iter().enumerate() {
        let place = Place {
            origin: Some(index),
            start: 0,
            end: 0,
        };
        let Some(path) = path(key) else {
            let rule = "must set a dotted key, as in --set strategy.0.limit=4";
            problems.at(place, rule);
            continue;
        };
        if let Err((rule, help)) = set(root, &path, read(value, index), place) {
            problems.with_help(place, rule, help);
        }
    }
}

/// The parts of a dotted key. TOML's own reader splits it, so quotes mean what they mean there; a key
/// that brings a value of its own is known by where that value stands.
fn path(key: &str) -> Option<Vec<String>> {
    if key.contains(printable::is_control) {
        return None;
    }
    let line = format!("{key} = 0");
    let value_at = key.len() + " = ".len();
    let mut table = DeTable::parse(&line).ok()?.into_inner();
    let mut path = Vec::new();
    loop {
        let (key, value) = table.into_iter().next()?;
        path.push(key.into_inner().into_owned());
        let at = value.span().start;
        match value.into_inner() {
            DeValue::Table(inner) => table = inner,
            DeValue::Integer(_) if at == value_at => return Some(path),
            _ => return None,
        }
    }
}

fn read(value: &str, index: usize) -> Node {
    match DeValue::parse(value.trim()) {
        Ok(parsed) => Node::read(parsed, Some(index)),
        Err(_) => Node {
            place: Place {
                origin: Some(index),
                start: 0,
                end: value.len(),
            },
            value: Value::Text(value.to_owned()),
        },
    }
}

/// Why a path leads nowhere, and what might be meant.
type Lost = (String, Option<String>);

fn set(root: &mut Node, path: &[String], value: Node, place: Place) -> Result<(), Lost> {
    let mut node = root;
    for segment in path {
        node = step(node, segment, place)?;
    }
    *node = value;
    Ok(())
}

/// The value of a key or the item of a list; a key that is not there yet is made.
fn step<'n>(node: &'n mut Node, segment: &str, place: Place) -> Result<&'n mut Node, Lost> {
    match &mut node.value {
        Value::Table(table) => Ok(of_table(table, segment, place)),
        Value::List(items) => of_list(items, segment),
        _ => Err((
            format!(
                "there is nothing in the value that {} is to be set in",
                printable::quote(segment)
            ),
            None,
        )),
    }
}

fn of_table<'n>(table: &'n mut Table, segment: &str, place: Place) -> &'n mut Node {
    let at = table
        .entries
        .iter()
        .position(|entry| entry.key == segment)
        .unwrap_or_else(|| {
            let value = Value::Table(Table::default());
            let node = Node { place, value };
            table.entries.push(Entry {
                key: segment.to_owned(),
                place,
                node,
            });
            table.entries.len() - 1
        });
    &mut table.entries[at].node
}

fn of_list<'n>(items: &'n mut [Node], segment: &str) -> Result<&'n mut Node, Lost> {
    let names: Vec<&str> = items.iter().filter_map(name).collect();
    let number = segment.parse().ok().filter(|number| *number < items.len());
    let Some(at) = number.or_else(|| items.iter().position(|item| name(item) == Some(segment)))
    else {
        let count = match items.len() {
            0 => "the list is empty".to_owned(),
            1 => "the list has one, number 0".to_owned(),
            n => format!("the list has {n}, numbered 0 to {}", n - 1),
        };
        let rule = format!("there is no {} to set: {count}", printable::quote(segment));
        return Err((rule, did_you_mean(segment, names)));
    };
    Ok(&mut items[at])
}

fn name(item: &Node) -> Option<&str> {
    item.as_table()?.text("name")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_split_as_toml_splits_it() {
        let parts = |key: &str| path(key).map(|path| path.join("|"));
        assert_eq!(parts("seed").as_deref(), Some("seed"));
        assert_eq!(
            parts("strategy.1.limit").as_deref(),
            Some("strategy|1|limit")
        );
        assert_eq!(
            parts(r#"strategy."a.b()".rest"#).as_deref(),
            Some("strategy|a.b()|rest")
        );
    }

    #[test]
    fn what_is_no_key_is_none() {
        for key in [
            "",
            ".",
            "a..b",
            "a b",
            "[a]",
            "a = 1 #",
            "a\nb = 1\nc",
            "a = {} #",
            "#",
        ] {
            assert_eq!(path(key), None, "{key:?}");
        }
    }

    #[test]
    fn a_value_is_toml_or_else_text() {
        let value = |text: &str| format!("{:?}", read(text, 0).value);
        assert_eq!(value("4"), "Integer(Some(4))");
        assert_eq!(value("\"4\""), "Text(\"4\")");
        assert_eq!(value("80ms"), "Text(\"80ms\")");
        assert_eq!(value("[]"), "List([])");
    }
}
