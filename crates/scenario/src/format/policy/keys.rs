//! The keys of every kind of policy.

mod again;
mod limits;

use awaitlab_policies::Kind;
use awaitlab_policies::timeout::Clock;

use crate::shape::{Choice, Key, Shape};

/// The largest number of calls that a limit may be given.
const MOST_CALLS: u64 = 1_000_000_000;

/// The keys that a kind has besides the scope.
pub(super) fn of(kind: Kind) -> Vec<Key> {
    match kind {
        Kind::Timeout => timeout(),
        Kind::Retry => again::retry(),
        Kind::Hedge => again::hedge(),
        Kind::CircuitBreaker => limits::circuit_breaker(),
        Kind::RateLimit => limits::rate_limit(),
        Kind::Bulkhead => limits::bulkhead(),
        Kind::AdaptiveLimit => limits::adaptive_limit(),
        Kind::Fallback => vec![Key::optional(
            "latency",
            Shape::Duration,
            "how long the other answer takes; no time when absent",
        )],
    }
}

/// Sets of keys of which a kind takes exactly one.
pub(super) fn forms(kind: Kind) -> Vec<&'static [&'static str]> {
    match kind {
        Kind::CircuitBreaker => vec![&["window"], &["consecutive"], &[]],
        Kind::RateLimit => vec![&["rate"], &["rate", "burst"], &["limit", "window"]],
        _ => Vec::new(),
    }
}

fn timeout() -> Vec<Key> {
    let clock = Shape::Choice(vec![
        word(
            Clock::Attempt.name(),
            "From the beginning of what is inside (the default).",
        ),
        word(
            Clock::Call.name(),
            "From the beginning of the call: inside a retry one deadline for all attempts.",
        ),
    ]);
    vec![
        Key::required(
            "after",
            Shape::PositiveDuration,
            "it gives up after so long",
        ),
        Key::optional(
            "cancel",
            Shape::Flag,
            "whether what is inside stops then (an AbortSignal), or runs on unheard; true when absent",
        ),
        Key::optional("clock", clock, "from when on it counts"),
    ]
}

fn count(min: u64) -> Shape {
    Shape::Integer {
        min,
        max: MOST_CALLS,
    }
}

fn word(word: &'static str, doc: &'static str) -> Choice {
    Choice { word, doc }
}
