//! `[[fault]]`: a rule that makes a service or its network fail.

mod build;
mod strikes;

use awaitlab_faults::{Capacity, Crash, Error, KINDS, Outage, Pause, Slow, Stall};
use awaitlab_latency::Model;

use crate::shape::{self, Bounds, Key, Shape, Text};

use super::downstream::{MOST_REPLICAS, MOST_WORKERS};
use super::job::MOST_CALLS;
use super::latency;

pub(super) use build::build;
pub(super) use strikes::{Target, check_attempts, target};

/// Rules at most of a variant: every attempt asks them one after another.
const MOST_RULES: usize = 10_000;

/// What a fault does to what a job sends at once.
type Stalls = Stall<Model>;

pub(super) fn list() -> Shape {
    Shape::list(Shape::Table(shape), 0, MOST_RULES, "fault rules")
}

fn shape() -> shape::Table {
    let keys = vec![
        Key::optional(
            "downstream",
            Shape::Text(Text::Reference),
            "the downstream that it strikes; every one when absent",
        ),
        Key::optional(
            "replica",
            Shape::Integer {
                min: 0,
                max: MOST_REPLICAS - 1,
            },
            "the replica that it strikes, numbered from 0; every one when absent",
        ),
    ];
    let kinds = KINDS
        .iter()
        .map(|&(name, doc)| shape::Kind {
            name,
            doc,
            keys: conditions(name).into_iter().chain(keys_of(name)).collect(),
            forms: Vec::new(),
        })
        .collect();
    shape::Table {
        kinds,
        ..shape::Table::plain(
            "fault",
            "A rule that makes a service fail; first match wins.",
            keys,
        )
    }
}

/// When a kind strikes, and which attempts. Faults of the service as a whole know no attempts, and
/// one that always holds would be another service.
fn conditions(kind: &str) -> Vec<Key> {
    let windows = Shape::list(
        Shape::Window,
        1,
        usize::MAX,
        "windows, as in [\"10s..20s\"]",
    );
    let during = Shape::TableOr(repeating, Box::new(windows));
    if [Crash::NAME, Pause::NAME, Capacity::NAME].contains(&kind) {
        let doc = "when it strikes, from the start of the run";
        return vec![Key::required("during", during, doc)];
    }
    let calls = Shape::Integer {
        min: 0,
        max: MOST_CALLS - 1,
    };
    let attempts = Shape::Integer {
        min: 0,
        max: u64::from(u32::MAX),
    };
    vec![
        Key::optional(
            "calls",
            Shape::list(calls, 1, usize::MAX, "calls, numbered from 0"),
            "the calls that it strikes, numbered from 0; every one when absent",
        ),
        Key::optional(
            "attempts",
            Shape::list(attempts, 1, usize::MAX, "attempts, numbered from 0"),
            "the attempts of a call that it strikes, numbered from 0; every one when absent",
        ),
        Key::optional(
            "probability",
            Shape::Number(Bounds::Probability),
            "the share of what it could strike that it does strike; 1 when absent",
        ),
        Key::optional(
            "during",
            during,
            "when it strikes, from the start of the run; always when absent",
        ),
    ]
}

fn keys_of(kind: &str) -> Vec<Key> {
    match kind {
        Error::NAME => vec![
            Key::optional(
                "after",
                Shape::Duration,
                "when the error is answered; after the attempt's own latency when absent",
            ),
            Key::optional(
                "status",
                Shape::Integer { min: 100, max: 599 },
                "the status of the answer; 500 when absent",
            ),
            Key::optional(
                "retry-after",
                Shape::Duration,
                "when the answer asks to come back; it does not when absent",
            ),
        ],
        Slow::NAME => vec![
            Key::optional(
                "factor",
                Shape::Number(Bounds::NotNegative),
                "latency x factor",
            ),
            Key::optional("add", Shape::Duration, "latency + add, after the factor"),
        ],
        Outage::NAME => vec![Key::optional(
            "after",
            Shape::Duration,
            "when the connection fails; at once when absent",
        )],
        Crash::NAME => vec![Key::required(
            "restart",
            Shape::PositiveDuration,
            "from the start of a window until the service is back",
        )],
        Capacity::NAME => vec![Key::required(
            "workers",
            Shape::Integer {
                min: 0,
                max: MOST_WORKERS,
            },
            "workers of each replica in the window",
        )],
        Stalls::NAME => vec![Key::required(
            "latency",
            Shape::Table(latency::shape),
            "what is added, once for all that a job sends together",
        )],
        _ => Vec::new(),
    }
}

fn repeating() -> shape::Table {
    let keys = vec![
        Key::optional(
            "every",
            Shape::PositiveDuration,
            "from one window to the next",
        ),
        Key::optional("for", Shape::PositiveDuration, "how long each lasts"),
        Key::optional(
            "on",
            Shape::PositiveDuration,
            "how long each lasts on average, at random (exponential)",
        ),
        Key::optional(
            "off",
            Shape::PositiveDuration,
            "the mean time between them, at random (exponential)",
        ),
    ];
    let doc = "Windows that repeat from the start of the run, evenly or at random.";
    shape::Table {
        forms: vec![&["every", "for"], &["on", "off"]],
        ..shape::Table::plain("during", doc, keys)
    }
}
