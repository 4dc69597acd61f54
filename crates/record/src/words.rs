//! The words of the comparison table, derived from what was measured.
//!
//! A word is a claim about a strategy, so it is derived over all of its variants at once: a strategy
//! that never saw a call fail beside one that succeeded shows no resilience, whatever it could do.
//! For each column the rules are tried in their order and the first that holds gives the word. They
//! are data, [`RULES`], so that what a report prints as the reason is what was evaluated.
//!
//! The classic words presume a strategy that treats all partial failures alike. Where the numbers
//! say otherwise (some such jobs answered and some rejected, or none settled at all) a plain
//! description stands instead of a word that claims too much.

mod evidence;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::summary::{Row, Traits, Words};
pub use evidence::Evidence;

/// The words of a strategy, from the traits of its variants: [`Evidence::gather`] and
/// [`Evidence::words`] in one.
pub fn derive<'a>(
    kind: &str,
    wanted_below_calls: bool,
    traits: impl IntoIterator<Item = &'a Traits>,
) -> Words {
    Evidence::gather(kind, wanted_below_calls, traits).words()
}

/// Gives every row the words of its strategy, over all rows of that name.
pub fn fill(rows: &mut [Row]) {
    let mut by_strategy: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows.iter() {
        by_strategy.entry(&row.strategy).or_default().push(row);
    }
    let words: BTreeMap<String, Words> = by_strategy
        .into_iter()
        .map(|(name, rows)| (name.to_owned(), Evidence::of(rows).words()))
        .collect();
    for row in rows {
        row.words = words[&row.strategy].clone();
    }
}

/// A column of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// What a failure costs the rest.
    ErrorResilience,
    /// How the strategy loads its services.
    ResourceUtilization,
    /// How a failure shows.
    FailureMode,
}

impl Column {
    /// Every column, in the order of the table.
    pub const ALL: [Column; 3] = [
        Column::ErrorResilience,
        Column::ResourceUtilization,
        Column::FailureMode,
    ];

    /// Its heading.
    pub const fn title(self) -> &'static str {
        match self {
            Column::ErrorResilience => "Error resilience",
            Column::ResourceUtilization => "Resource utilization",
            Column::FailureMode => "Failure mode",
        }
    }
}

/// One rule of a column: when it holds, and what is said then.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// When it holds, for a reader. "Partial failures" are jobs with at least one failed and one
    /// successful call.
    pub when: &'static str,
    /// What is said.
    pub words: &'static str,
    holds: fn(&Evidence) -> bool,
}

/// The rules of each column, in the order in which they are tried: the first that holds speaks, and
/// the last always holds.
pub const RULES: [(Column, &[Rule]); 3] = [
    (Column::ErrorResilience, ERROR_RESILIENCE),
    (Column::ResourceUtilization, RESOURCE_UTILIZATION),
    (Column::FailureMode, FAILURE_MODE),
];

// A table: one rule a line.
#[rustfmt::skip]
const ERROR_RESILIENCE: &[Rule] = &[
    rule("no partial failures", "–", Evidence::no_partial_failures),
    rule("content with fewer results than calls", "First answer wins", Evidence::first_answer),
    rule("partial failures never settle", "None (never settles)", Evidence::never_answered),
    rule("rejected only after every call ended", "Low (loses all)", Evidence::rejects_at_the_end),
    rule("nothing delivered", "Low (fail-fast)", Evidence::delivers_nothing),
    rule("some rejected, others delivered", "Varies (rejects some)", Evidence::of_two_minds),
    rule("never two calls in flight", "High (isolated)", Evidence::one_at_a_time),
    rule("some call waited for its start", "High (throttled)", Evidence::waited),
    rule("otherwise", "High (partial success)", always),
];

#[rustfmt::skip]
const RESOURCE_UTILIZATION: &[Rule] = &[
    rule("no job has more than one call", "–", Evidence::single_calls),
    rule("never two calls in flight", "Low (serialized)", Evidence::one_at_a_time),
    rule("all calls of a job in flight at once", "High (burst)", Evidence::burst),
    rule("otherwise", "Controlled (steady)", always),
];

#[rustfmt::skip]
const FAILURE_MODE: &[Rule] = &[
    rule("no partial failures", "–", Evidence::no_partial_failures),
    rule("partial failures never settle", "Never settles", Evidence::never_answered),
    rule("content with fewer, none rejected", "Failures stay hidden", Evidence::hides_failures),
    rule("content with fewer, some rejected", "Can fail despite successes", Evidence::first_answer),
    rule("some rejected, others delivered", "Rejects some, answers some", Evidence::of_two_minds),
    rule("rejected before all calls were through, with more than one in flight", "Immediate cascade failure", Evidence::cascades),
    rule("rejected only after every call ended", "Rejects at the end", Evidence::rejects_at_the_end),
    rule("nothing delivered", "Stops at the first failure", Evidence::delivers_nothing),
    rule("never two calls in flight", "Graceful degradation", Evidence::one_at_a_time),
    rule("some call waited for its start", "Predictable backpressure", Evidence::waited),
    rule("otherwise", "Explicit error collection", always),
];

const fn rule(when: &'static str, words: &'static str, holds: fn(&Evidence) -> bool) -> Rule {
    Rule { when, words, holds }
}

fn always(_: &Evidence) -> bool {
    true
}
