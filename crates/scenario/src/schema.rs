//! The JSON Schema of the format, printed from the same shapes that the reader checks against.

use std::collections::BTreeMap;

use awaitlab_core::metric;
use serde_json::{Map, Value, json};

use crate::format;
use crate::name;
use crate::shape::{Bounds, Choice, Key, Kind, Shape, Table, Text};
use crate::value::{duration, failure, percent, rate, window};

/// The JSON Schema (draft 2020-12) of a scenario, for editors that complete TOML by one.
///
/// It says what a table may hold; what the tables say to each other (a call that the job does not
/// have) only the reader knows.
pub fn schema() -> Value {
    let mut definitions = Definitions::default();
    let root = format::shape();
    let mut schema = definitions.keys(root.doc, &[&root.keys], &root.forms, None);
    let head = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "awaitlab scenario",
    });
    let mut whole = Map::new();
    for part in [
        head,
        schema.take(),
        json!({ "$defs": definitions.finished }),
    ] {
        if let Value::Object(part) = part {
            whole.extend(part);
        }
    }
    Value::Object(whole)
}

/// Tables that were met, each once: a table may contain itself.
#[derive(Default)]
struct Definitions {
    finished: BTreeMap<&'static str, Value>,
}

impl Definitions {
    fn reference(&mut self, table: fn() -> Table) -> Value {
        let table = table();
        if !self.finished.contains_key(table.name) {
            // Taken before its keys are looked at, where it may be met again.
            self.finished.insert(table.name, Value::Null);
            let schema = self.table(&table);
            self.finished.insert(table.name, schema);
        }
        json!({ "$ref": format!("#/$defs/{}", table.name) })
    }

    fn table(&mut self, table: &Table) -> Value {
        if table.kinds.is_empty() {
            return self.keys(table.doc, &[&table.keys], &table.forms, None);
        }
        let kinds: Vec<Value> = table
            .kinds
            .iter()
            .map(|kind| {
                let optional = table.default_kind == Some(kind.name);
                let keys = [&table.keys[..], &kind.keys[..]];
                self.keys(kind.doc, &keys, &kind.forms, Some((kind, optional)))
            })
            .collect();
        json!({ "description": table.doc, "type": "object", "oneOf": kinds })
    }

    /// An object with these keys and no others.
    fn keys(
        &mut self,
        doc: &str,
        keys: &[&[Key]],
        forms: &[&[&str]],
        kind: Option<(&Kind, bool)>,
    ) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        if let Some((kind, optional)) = kind {
            let tag = json!({ "description": kind.doc, "const": kind.name });
            properties.insert("kind".to_owned(), tag);
            if !optional {
                required.push("kind");
            }
        }
        for key in keys.iter().copied().flatten() {
            let mut schema = self.shape(&key.shape);
            schema["description"] = key.doc.into();
            properties.insert(key.name.to_owned(), schema);
            if key.required {
                required.push(key.name);
            }
        }
        let mut schema = json!({
            "description": doc,
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        });
        if !forms.is_empty() {
            schema["oneOf"] = forms.iter().map(|form| exactly(form, forms)).collect();
        }
        schema
    }

    fn shape(&mut self, shape: &Shape) -> Value {
        match shape {
            Shape::Text(text) => self::text(*text),
            Shape::Integer { min, max } if min == max => json!({ "const": min }),
            Shape::Integer { min, max } => {
                json!({ "type": "integer", "minimum": min, "maximum": max })
            }
            Shape::IntegerOr { min, max, text } => {
                let integer = json!({ "type": "integer", "minimum": min, "maximum": max });
                json!({ "anyOf": [integer, self.shape(text)] })
            }
            Shape::Number(bounds) => number(*bounds),
            Shape::Flag => json!({ "type": "boolean" }),
            Shape::Duration => json!({ "type": "string", "pattern": duration::PATTERN }),
            Shape::PositiveDuration => {
                json!({ "type": "string", "pattern": duration::PATTERN, "not": { "pattern": r"^[^1-9]*$" } })
            }
            Shape::Window => json!({ "type": "string", "pattern": window::pattern() }),
            Shape::Percent => json!({ "type": "string", "pattern": percent::PATTERN }),
            Shape::Part => {
                json!({ "type": "string", "pattern": percent::PATTERN, "not": { "pattern": r"^0*[1-9][0-9]{2,}[.%]" } })
            }
            Shape::Rate => json!({ "type": "string", "pattern": rate::PATTERN }),
            Shape::PositiveRate => {
                json!({ "type": "string", "pattern": rate::PATTERN, "not": { "pattern": r"^[^1-9]*$" } })
            }
            Shape::Choice(choices) => choice(choices),
            Shape::List { of, min, max, .. } => {
                let mut schema = json!({ "type": "array", "items": self.shape(of) });
                if *min > 0 {
                    schema["minItems"] = json!(min);
                }
                if *max < usize::MAX {
                    schema["maxItems"] = json!(max);
                }
                schema
            }
            Shape::OneOrMany(of) => {
                let one = self.shape(of);
                json!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }] })
            }
            Shape::Table(table) => self.reference(*table),
            Shape::TableOr(table, other) => {
                json!({ "anyOf": [self.reference(*table), self.shape(other)] })
            }
            Shape::Named { of, min } => json!({
                "type": "object",
                "additionalProperties": self.reference(*of),
                "propertyNames": { "maxLength": name::LONGEST, "minLength": 1 },
                "minProperties": min,
            }),
            Shape::Numbered(of) => json!({
                "type": "object",
                "additionalProperties": self.reference(*of),
                "propertyNames": { "pattern": "^(0|[1-9][0-9]*)$" },
            }),
        }
    }
}

/// This form's keys, and no other form's.
fn exactly(form: &[&str], forms: &[&[&str]]) -> Value {
    let others: Vec<Value> = forms
        .iter()
        .copied()
        .flatten()
        .filter(|key| !form.contains(key))
        .map(|key| json!({ "required": [key] }))
        .collect();
    if others.is_empty() {
        return json!({ "required": form });
    }
    json!({ "required": form, "not": { "anyOf": others } })
}

fn text(text: Text) -> Value {
    match text {
        Text::Name => json!({ "type": "string", "minLength": 1, "maxLength": name::LONGEST }),
        Text::Figure => {
            let measure = format!(r"^measures\.{}", identifier());
            json!({ "anyOf": [{ "enum": metric::METRICS }, { "type": "string", "pattern": measure }] })
        }
        Text::Measurable => json!({ "enum": metric::MEASURABLE }),
        Text::Identifier => json!({ "type": "string", "pattern": format!("^{}", identifier()) }),
        Text::Failure => {
            let words: Vec<&str> = failure::words().collect();
            json!({ "anyOf": [{ "enum": words }, { "type": "string", "pattern": failure::PATTERN }] })
        }
        Text::Line | Text::Prose => json!({ "type": "string", "minLength": 1 }),
        Text::Reference => json!({ "type": "string" }),
    }
}

/// What is left of a pattern when an identifier begins.
fn identifier() -> String {
    format!("[A-Za-z0-9_-]{{1,{}}}$", name::LONGEST)
}

fn number(bounds: Bounds) -> Value {
    match bounds {
        Bounds::Finite => json!({ "type": "number" }),
        Bounds::NotNegative => json!({ "type": "number", "minimum": 0 }),
        Bounds::Positive => json!({ "type": "number", "exclusiveMinimum": 0 }),
        Bounds::AtLeastOne => json!({ "type": "number", "minimum": 1 }),
        Bounds::Probability => json!({ "type": "number", "minimum": 0, "maximum": 1 }),
        Bounds::Share => {
            json!({ "type": "number", "minimum": 0, "exclusiveMaximum": 1 })
        }
        Bounds::UpperHalf => {
            json!({ "type": "number", "minimum": 0.5, "exclusiveMaximum": 1 })
        }
        Bounds::Fraction => {
            json!({ "type": "number", "exclusiveMinimum": 0, "maximum": 1 })
        }
    }
}

/// With a line for each word, where there is one to show.
fn choice(choices: &[Choice]) -> Value {
    if choices.iter().all(|choice| choice.doc.is_empty()) {
        let words: Vec<&str> = choices.iter().map(|choice| choice.word).collect();
        return json!({ "enum": words });
    }
    let words: Vec<Value> = choices
        .iter()
        .map(|choice| json!({ "const": choice.word, "description": choice.doc }))
        .collect();
    json!({ "oneOf": words })
}
