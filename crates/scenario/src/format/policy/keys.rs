//! The keys of every kind of policy.

use awaitlab_core::Rest;
use awaitlab_policies::Kind;
use awaitlab_policies::rate_limit::WhenExceeded;
use awaitlab_policies::timeout::Clock;

use crate::shape::{self, Bounds, Choice, Key, Shape, Text};

use super::words;

/// Attempts at most of a retry that counts them.
const MOST_ATTEMPTS: u64 = 1_000_000;
/// Extra attempts at most of a hedge.
const MOST_EXTRA: u64 = 1_000;
/// Calls at most that a breaker's window holds.
const MOST_IN_WINDOW: u64 = 1_000_000;
/// The largest number of calls that a limit may be given.
const MOST_CALLS: u64 = 1_000_000_000;

/// The keys that a kind has besides the scope.
pub(super) fn of(kind: Kind) -> Vec<Key> {
    match kind {
        Kind::Timeout => timeout(),
        Kind::Retry => retry(),
        Kind::Hedge => hedge(),
        Kind::CircuitBreaker => circuit_breaker(),
        Kind::RateLimit => rate_limit(),
        Kind::Bulkhead => bulkhead(),
        Kind::AdaptiveLimit => adaptive_limit(),
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

fn retry() -> Vec<Key> {
    let attempts = Shape::IntegerOr {
        min: 1,
        max: MOST_ATTEMPTS,
        text: Box::new(Shape::Choice(vec![word(
            words::UNLIMITED,
            "Until one succeeds.",
        )])),
    };
    let jitter = Shape::Choice(vec![
        word("none", "The backoff b itself (the default)."),
        word(words::FULL, "U(0, b)."),
        word(words::EQUAL, "b/2 + U(0, b/2)."),
        word(
            words::DECORRELATED,
            "min(cap, U(base, 3 x previous)), previous beginning at base.",
        ),
    ]);
    vec![
        Key::required("attempts", attempts, "attempts in all, the first included"),
        Key::optional(
            "backoff",
            Shape::Table(backoff),
            "the delay before each retry; none when absent",
        ),
        Key::optional("jitter", jitter, "what chance makes of the backoff"),
        Key::optional(
            "on",
            Shape::list(Shape::Text(Text::Failure), 1, usize::MAX, "failures"),
            "the failures that are tried again; every one but refused and cancelled when absent",
        ),
        Key::optional(
            "honour-retry-after",
            Shape::Flag,
            "whether a delay that the service asks for is kept where it is the longer one; false \
             when absent",
        ),
        extra_budget("what bounds the retries of all calls together; nothing when absent"),
    ]
}

fn backoff() -> shape::Table {
    let keys = vec![
        Key::required("base", Shape::Duration, "the delay before the first retry"),
        Key::optional(
            "cap",
            Shape::PositiveDuration,
            "no delay is longer; without a bound when absent",
        ),
    ];
    let kind = |name, doc, keys| shape::Kind {
        name,
        doc,
        keys,
        forms: Vec::new(),
    };
    let factor = Key::optional(
        "factor",
        Shape::Number(Bounds::AtLeastOne),
        "from one delay to the next; 2 when absent",
    );
    shape::Table {
        kinds: vec![
            kind(words::CONSTANT, "Always the base.", Vec::new()),
            kind(words::LINEAR, "base x (k + 1), k from 0.", Vec::new()),
            kind(
                words::EXPONENTIAL,
                "base x factor^k, k from 0.",
                vec![factor],
            ),
        ],
        ..shape::Table::plain("backoff", "The delay before each retry.", keys)
    }
}

fn hedge() -> Vec<Key> {
    let rest = Shape::Choice(vec![
        word(Rest::Cancel.name(), "They are cancelled (the default)."),
        word(Rest::Orphan.name(), "They run on, and nobody looks."),
    ]);
    vec![
        Key::required(
            "delay",
            Shape::Duration,
            "how long it waits for an answer before the first extra attempt; k times as long before \
             the k-th",
        ),
        Key::optional(
            "percentile",
            Shape::Part,
            "of answered attempts: takes the place of the delay once there are enough of them",
        ),
        Key::optional(
            "minimum-samples",
            count(1),
            "answered attempts from which on the percentile is used; 100 when absent",
        ),
        Key::optional(
            "max-extra",
            Shape::Integer {
                min: 1,
                max: MOST_EXTRA,
            },
            "extra attempts at most; 1 when absent",
        ),
        Key::optional(
            "rest",
            rest,
            "what becomes of the attempts that were beaten",
        ),
        extra_budget("what bounds the extra attempts of all calls together; nothing when absent"),
    ]
}

fn extra_budget(doc: &'static str) -> Key {
    Key::optional("budget", Shape::Table(budget), doc)
}

fn budget() -> shape::Table {
    let tokens = || Shape::Number(Bounds::NotNegative);
    let kinds = vec![
        shape::Kind {
            name: words::TOKEN_BUCKET,
            doc: "A bucket of tokens, full at the start; an extra attempt takes one.",
            keys: vec![
                Key::required("deposit", tokens(), "tokens that each first try puts in"),
                Key::required("max", tokens(), "tokens it holds at most"),
                Key::optional(
                    "needs",
                    tokens(),
                    "tokens that must be in it for an extra attempt, and never less than the one it takes; \
                     1 when absent",
                ),
                Key::optional(
                    "per-second",
                    tokens(),
                    "tokens that a second puts in; 0 when absent",
                ),
            ],
            forms: Vec::new(),
        },
        shape::Kind {
            name: words::FAILURE_RATIO,
            doc: "No extra attempt while failures / first tries is above a ratio.",
            keys: vec![Key::required(
                "ratio",
                Shape::Number(Bounds::Probability),
                "failures / first tries above which there is none",
            )],
            forms: Vec::new(),
        },
    ];
    shape::Table {
        kinds,
        default_kind: Some(words::TOKEN_BUCKET),
        ..shape::Table::plain("budget", "What bounds extra attempts.", Vec::new())
    }
}

fn circuit_breaker() -> Vec<Key> {
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

fn rate_limit() -> Vec<Key> {
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

fn bulkhead() -> Vec<Key> {
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

fn adaptive_limit() -> Vec<Key> {
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

fn count(min: u64) -> Shape {
    Shape::Integer {
        min,
        max: MOST_CALLS,
    }
}

fn word(word: &'static str, doc: &'static str) -> Choice {
    Choice { word, doc }
}
