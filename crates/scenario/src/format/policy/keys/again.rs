//! Policies that make further attempts, and what bounds these.

use awaitlab_core::Rest;

use crate::shape::{self, Bounds, Key, Shape, Text};

use super::super::words;
use super::{count, word};

/// Attempts at most of a retry that counts them.
const MOST_ATTEMPTS: u64 = 1_000_000;
/// Extra attempts at most of a hedge.
const MOST_EXTRA: u64 = 1_000;

pub(super) fn retry() -> Vec<Key> {
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

pub(super) fn hedge() -> Vec<Key> {
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
