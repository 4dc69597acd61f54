//! Values that hold no others: numbers, and what is written as a text.

use awaitlab_core::metric;

use crate::document::{Node, Value};
use crate::format::MEASURES;
use crate::name::{self, code_point};
use crate::printable;
use crate::problem::Problems;
use crate::shape::{self, Bounds, Choice, Shape, Text};
use crate::suggest::did_you_mean;
use crate::value::{duration, failure, percent, rate, window};

use super::mismatch;

/// A value that holds no others.
pub(super) fn single(node: &mut Node, shape: &Shape, problems: &mut Problems) {
    let read = match (&node.value, shape) {
        (Value::Text(written), Shape::Text(text)) => checked_text(written, *text),
        (Value::Text(written), Shape::Duration | Shape::PositiveDuration) => {
            checked_duration(written, shape)
        }
        (Value::Text(written), Shape::Window) => window::parse(written)
            .map(Value::Window)
            .map_err(|error| because(error, written)),
        (Value::Text(written), Shape::Percent | Shape::Part) => checked_percent(written, shape),
        (Value::Text(written), Shape::Rate | Shape::PositiveRate) => checked_rate(written, shape),
        (Value::Text(written), Shape::Choice(choices)) => checked_choice(written, choices),
        (Value::Flag(flag), Shape::Flag) => Ok(Value::Flag(*flag)),
        (
            Value::Integer(written),
            Shape::Integer { min, max } | Shape::IntegerOr { min, max, .. },
        ) => match written {
            Some(n) if (i128::from(*min)..=i128::from(*max)).contains(n) => Ok(node.value.clone()),
            _ => Err(mismatch(node, shape)),
        },
        (Value::Integer(Some(written)), Shape::Number(bounds)) => {
            checked_number(*written as f64, *bounds, node, shape)
        }
        (Value::Number(written), Shape::Number(bounds)) => {
            checked_number(*written, *bounds, node, shape)
        }
        (Value::Integer(Some(written)), Shape::Duration | Shape::PositiveDuration)
            if *written > 0 =>
        {
            let (rule, _) = mismatch(node, shape);
            Err((rule, Some(format!("did you mean \"{written}ms\"?"))))
        }
        _ => Err(mismatch(node, shape)),
    };
    node.value = read.unwrap_or_else(|(rule, help)| {
        problems.with_help(node.place, rule, help);
        Value::Invalid
    });
}

/// A value as the format reads it, or the rule that it breaks with what might be meant.
type Read = Result<Value, (String, Option<String>)>;

fn checked_text(written: &str, text: Text) -> Read {
    let refused = |rule: String| Err((rule, None));
    let hidden = |c: char| match text {
        Text::Prose => printable::is_control(c) && !matches!(c, '\n' | '\r' | '\t'),
        Text::Line => printable::is_control(c),
        _ => false,
    } || (matches!(text, Text::Line | Text::Prose) && printable::is_bidirectional(c));
    match text {
        Text::Name => {
            if let Err(error) = name::check(written) {
                return refused(error.to_string());
            }
        }
        Text::Identifier => {
            if let Err(error) = name::check_identifier(written) {
                return refused(error.to_string());
            }
        }
        Text::Figure if !metric::exists(written) && !written.starts_with(MEASURES) => {
            return unknown_metric(written);
        }
        Text::Measurable if !metric::MEASURABLE.contains(&written) => {
            let rule = format!(
                "must be one of {}, not {}",
                shape::quoted(metric::MEASURABLE.iter().copied()),
                printable::quote(written)
            );
            return Err((
                rule,
                did_you_mean(written, metric::MEASURABLE.iter().copied()),
            ));
        }
        Text::Failure => {
            if let Err(error) = failure::parse(written) {
                let help = did_you_mean(written, failure::words());
                return Err((format!("{}: {error}", printable::quote(written)), help));
            }
        }
        Text::Line | Text::Prose if written.trim().is_empty() => {
            return refused("must not be blank".to_owned());
        }
        _ => {}
    }
    match written.chars().find(|&c| hidden(c)) {
        Some(c) => refused(format!("must not contain the character {}", code_point(c))),
        None => Ok(Value::Text(written.to_owned())),
    }
}

fn unknown_metric(written: &str) -> Read {
    let rule = format!("there is no metric {}", printable::quote(written));
    Err((rule, did_you_mean(written, metric::METRICS.iter().copied())))
}

fn checked_duration(written: &str, shape: &Shape) -> Read {
    let duration = duration::parse(written).map_err(|error| because(error, written))?;
    if duration.is_zero() && matches!(shape, Shape::PositiveDuration) {
        return Err((
            format!("must be {}, not \"{written}\"", shape.wanted()),
            None,
        ));
    }
    Ok(Value::Duration(duration))
}

fn checked_percent(written: &str, shape: &Shape) -> Read {
    let share = percent::parse(written).map_err(|error| because(error, written))?;
    if share >= 1.0 && matches!(shape, Shape::Part) {
        return Err((
            format!("must be {}, not \"{written}\"", shape.wanted()),
            None,
        ));
    }
    Ok(Value::Share(share))
}

fn checked_rate(written: &str, shape: &Shape) -> Read {
    let per_s = rate::parse(written).map_err(|error| because(error, written))?;
    if per_s == 0.0 && matches!(shape, Shape::PositiveRate) {
        return Err((
            format!("must be {}, not \"{written}\"", shape.wanted()),
            None,
        ));
    }
    Ok(Value::Rate(per_s))
}

fn checked_number(number: f64, bounds: Bounds, node: &Node, shape: &Shape) -> Read {
    if bounds.contain(number) {
        Ok(Value::Number(number))
    } else {
        Err(mismatch(node, shape))
    }
}

fn checked_choice(written: &str, choices: &[Choice]) -> Read {
    if choices.iter().any(|choice| choice.word == written) {
        return Ok(Value::Text(written.to_owned()));
    }
    let words = || choices.iter().map(|choice| choice.word);
    let rule = format!(
        "must be {}, not {}",
        shape::choice(choices),
        printable::quote(written)
    );
    Err((rule, did_you_mean(written, words())))
}

fn because(error: impl std::fmt::Display, written: &str) -> (String, Option<String>) {
    (format!("{}: {error}", printable::quote(written)), None)
}
