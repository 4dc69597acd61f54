//! `[workload]`: when jobs arrive.

mod build;

use awaitlab_workload::spec::{BURST, CLOSED, ISOLATED, OPEN};
use awaitlab_workload::{Arrivals, KINDS};

use crate::shape::{self, Key, Kind, Shape};

use super::{MOST_JOBS, latency};

pub(super) use build::build;

/// Users at most.
pub const MOST_USERS: u64 = 1_000_000;
/// Stages at most: every arrival looks for its own.
pub const MOST_STAGES: usize = 1_000;

pub(super) fn shape() -> shape::Table {
    let kinds = KINDS
        .iter()
        .map(|&(name, doc)| Kind {
            name,
            doc,
            keys: keys_of(name),
            forms: match name {
                OPEN => vec![&["duration"], &["stages"]],
                _ => Vec::new(),
            },
        })
        .collect();
    shape::Table {
        kinds,
        default_kind: Some(ISOLATED),
        ..shape::Table::plain("workload", "When jobs arrive.", Vec::new())
    }
}

fn keys_of(kind: &str) -> Vec<Key> {
    match kind {
        OPEN => open(),
        CLOSED => closed(),
        BURST => {
            let jobs = Shape::Integer {
                min: 1,
                max: MOST_JOBS,
            };
            vec![Key::required("jobs", jobs, "how many jobs")]
        }
        _ => Vec::new(),
    }
}

fn open() -> Vec<Key> {
    vec![
        Key::required(
            "arrivals",
            Shape::Table(arrivals),
            "how the arrivals are spread, and their rate where it is one",
        ),
        Key::optional(
            "duration",
            Shape::PositiveDuration,
            "until when jobs arrive, at one rate",
        ),
        Key::optional(
            "stages",
            Shape::list(Shape::Table(stage), 1, MOST_STAGES, "stages"),
            "the rates, one after another",
        ),
    ]
}

fn closed() -> Vec<Key> {
    let users = Shape::Integer {
        min: 1,
        max: MOST_USERS,
    };
    vec![
        Key::required("users", users, "how many"),
        Key::required(
            "think",
            Shape::Table(latency::shape),
            "how long each thinks, before its first job too",
        ),
        Key::required(
            "duration",
            Shape::PositiveDuration,
            "until when jobs are started",
        ),
    ]
}

fn arrivals() -> shape::Table {
    let kind = |arrivals: Arrivals| Kind {
        name: arrivals.name(),
        doc: match arrivals {
            Arrivals::Constant => "Evenly, the first at time 0.",
            Arrivals::Poisson => "At random: a Poisson process of that rate.",
        },
        keys: Vec::new(),
        forms: Vec::new(),
    };
    let rate = Key::optional(
        "rate",
        Shape::PositiveRate,
        "jobs per time; the stages say it where there are some",
    );
    shape::Table {
        kinds: Arrivals::ALL.into_iter().map(kind).collect(),
        ..shape::Table::plain("arrivals", "How arrivals are spread.", vec![rate])
    }
}

fn stage() -> shape::Table {
    let keys = vec![
        Key::required("for", Shape::PositiveDuration, "how long it lasts"),
        Key::optional("rate", Shape::Rate, "jobs per time, all along"),
        Key::optional(
            "to",
            Shape::Rate,
            "a ramp: the rate changes evenly from that of the stage before (0 for the first) to this",
        ),
    ];
    shape::Table {
        forms: vec![&["rate"], &["to"]],
        ..shape::Table::plain("stage", "A stretch of time with its rate.", keys)
    }
}
