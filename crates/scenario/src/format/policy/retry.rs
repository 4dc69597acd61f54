//! A retry.

use std::time::Duration;

use awaitlab_policies::retry::{Backoff, Growth, Jitter, RetryOn, RetrySpec};

use crate::document::{Node, Table};
use crate::problem::Problems;
use crate::value::failure;

use super::build::{extra_budget, never, sound};
use super::words;

/// From one delay to the next where an exponential backoff does not say.
const FACTOR: f64 = 2.0;

pub(super) fn build(table: &Table, problems: &mut Problems) -> Option<RetrySpec> {
    let attempts = table.get("attempts")?;
    let attempts = match attempts.as_integer() {
        Some(attempts) => Some(u32::try_from(attempts).ok()?),
        // The only word there is.
        None => None,
    };
    let jitter = match table.text("jitter") {
        Some(words::FULL) => Jitter::Full,
        Some(words::EQUAL) => Jitter::Equal,
        Some(words::DECORRELATED) => Jitter::Decorrelated,
        _ => Jitter::None,
    };
    let backoff = match table.get("backoff") {
        Some(node) => backoff(node, jitter, problems),
        None => {
            if jitter != Jitter::None {
                never(
                    table,
                    "jitter",
                    "without a backoff there is no delay",
                    problems,
                );
            }
            Some(Backoff {
                base: Duration::ZERO,
                growth: Growth::Constant,
                cap: None,
            })
        }
    };
    let on = match table.get("on") {
        Some(list) => list.items()?.iter().map(one).collect::<Option<_>>()?,
        None => RetryOn::DEFAULT.to_vec(),
    };
    let budget = extra_budget(table, problems);
    Some(RetrySpec {
        attempts,
        backoff: backoff?,
        jitter,
        on,
        honour_retry_after: table.flag("honour-retry-after").unwrap_or(false),
        budget: budget?,
    })
}

fn one(failure: &Node) -> Option<RetryOn> {
    failure::parse(failure.as_text()?).ok()
}

fn backoff(node: &Node, jitter: Jitter, problems: &mut Problems) -> Option<Backoff> {
    let table = sound(node)?;
    let growth = match table.text("kind")? {
        words::LINEAR => Growth::Linear,
        words::EXPONENTIAL => Growth::Exponential {
            factor: table.number("factor").unwrap_or(FACTOR),
        },
        _ => Growth::Constant,
    };
    let (base, cap) = (table.duration("base")?, table.duration("cap"));
    if jitter == Jitter::Decorrelated {
        let rule = "decorrelated jitter goes from delay to delay by chance alone";
        never(table, "factor", rule, problems);
    } else if growth == Growth::Constant {
        never(table, "cap", "a constant backoff does not grow", problems);
    }
    if let (Some(cap), Some(written)) = (cap, table.get("cap"))
        && cap < base
    {
        let rule = format!("a cap of {cap:?} lies below the base of {base:?}");
        problems.at(written.place, rule);
    }
    Some(Backoff { base, growth, cap })
}
