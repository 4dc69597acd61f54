//! Policies that hold calls back.

use awaitlab_policies::rate_limit::WhenExceeded;

use crate::shape::{Bounds, Key, Shape};

use super::super::words;
use super::{count, word};

/// Calls at most that a breaker's window holds.
const MOST_IN_WINDOW: u64 = 1_000_000;

pub(super) fn circuit_breaker() -> Vec<Key> {
    let window = Shape::IntegerOr {
        min: 1,
        max: MOST_IN_WINDOW,
        text: Box::new(Shape::PositiveDuration),
    };
    let calls = |doc, name| {
        let many = Shape::Integer {
            min: 1,
            max: MOST_IN_WINDOW,
        };
        Key::optional(name, many, doc)
    };
    vec![
        Key::optional(
            "window",
            window,
            "what it looks at: the last so many calls, or those of the last so long; 100 calls when \
             absent",
        ),
        calls(
            "it opens after so many failures in a row, and looks at no window",
            "consecutive",
        ),
        Key::optional(
            "failure-ratio",
            Shape::Number(Bounds::Fraction),
            "it opens when failures / calls in the window reach this; 0.5 when absent",
        ),
        calls(
            "calls in the window before which it does not judge; 100 when absent, or the window \
             where that is fewer",
            "minimum",
        ),
        Key::optional(
            "open",
            Shape::PositiveDuration,
            "how long it refuses everything; 60s when absent",
        ),
        calls(
            "calls that it lets through, half-open, before it closes; 10 when absent",
            "probes",
        ),
    ]
}

pub(super) fn rate_limit() -> Vec<Key> {
    let exceeded = Shape::Choice(vec![
        word(
            WhenExceeded::Wait.name(),
            "It waits for its turn, first come first served (the default).",
        ),
        word(WhenExceeded::Reject.name(), "It is refused."),
    ]);
    vec![
        Key::optional(
            "rate",
            Shape::PositiveRate,
            "calls that a token bucket lets through",
        ),
        Key::optional(
            "burst",
            count(1),
            "calls that it lets through at once after a pause; 1 when absent",
        ),
        Key::optional("limit", count(1), "calls that each window lets through"),
        Key::optional("window", Shape::PositiveDuration, "how long a window is"),
        Key::optional("when-exceeded", exceeded, "what becomes of a call above it"),
    ]
}

pub(super) fn bulkhead() -> Vec<Key> {
    vec![
        Key::required("limit", count(1), "calls inside at once"),
        Key::optional(
            "queue",
            count(0),
            "calls that wait outside; one more is refused; any number when absent",
        ),
        Key::optional(
            "max-wait",
            Shape::PositiveDuration,
            "who has waited so long is refused; never when absent",
        ),
    ]
}

pub(super) fn adaptive_limit() -> Vec<Key> {
    let algorithm = Shape::Choice(vec![
        word(words::AIMD, "Additive increase, multiplicative decrease."),
        word(
            words::VEGAS,
            "Keeps a small queue at the service, estimated from the shortest answer seen.",
        ),
        word(
            words::GRADIENT2,
            "Follows the ratio of long-term to recent answer times.",
        ),
    ]);
    let mut keys = vec![
        Key::required("algorithm", algorithm, "how it finds the limit"),
        Key::optional(
            "initial",
            count(1),
            "the limit at the start; 20 when absent",
        ),
        Key::optional(
            "min",
            count(1),
            "aimd, gradient2: the limit is never below; 20 when absent",
        ),
        Key::optional(
            "max",
            count(1),
            "the limit is never above; 200 when absent, 1000 for vegas",
        ),
    ];
    keys.extend(of_aimd());
    keys.extend(of_vegas_and_gradient2());
    keys
}

fn of_aimd() -> [Key; 2] {
    [
        Key::optional(
            "backoff-ratio",
            Shape::Number(Bounds::UpperHalf),
            "aimd: what a drop multiplies the limit by; 0.9 when absent",
        ),
        Key::optional(
            "timeout",
            Shape::PositiveDuration,
            "aimd: an answer that takes longer counts as a drop; 5s when absent",
        ),
    ]
}

fn of_vegas_and_gradient2() -> [Key; 7] {
    [
        Key::optional(
            "smoothing",
            Shape::Number(Bounds::Fraction),
            "vegas, gradient2: how much of a new limit is taken over; 1 for vegas and 0.2 for \
             gradient2 when absent",
        ),
        Key::optional(
            "alpha",
            count(0),
            "vegas: a shorter queue than this lets the limit grow; 3 log10 of the limit when absent",
        ),
        Key::optional(
            "beta",
            count(0),
            "vegas: a longer queue than this lets the limit fall; 6 log10 of the limit when absent",
        ),
        Key::optional(
            "probe-multiplier",
            count(1),
            "vegas: after half to all of so many samples per call of the limit, the shortest answer \
             is forgotten; 30 when absent",
        ),
        Key::optional(
            "queue-size",
            count(0),
            "gradient2: calls in the service's queue that are no sign of trouble; 4 when absent",
        ),
        Key::optional(
            "rtt-tolerance",
            Shape::Number(Bounds::AtLeastOne),
            "gradient2: how much longer than usual an answer may take before the limit falls; 1.5 \
             when absent",
        ),
        Key::optional(
            "long-window",
            count(1),
            "gradient2: answers over which \"usual\" is averaged; 600 when absent",
        ),
    ]
}
