//! `[workload]`: when jobs arrive.

use std::time::Duration;

use awaitlab_latency::Model;
use awaitlab_workload::{Arrivals, Stage, Workload};

use crate::document::{Node, Table};
use crate::problem::Problems;
use crate::shape::{self, Key, Kind, Shape};
use crate::value::duration::LONGEST;

use super::{Builder, MOST_JOBS, latency};

/// Users at most.
pub const MOST_USERS: u64 = 1_000_000;
/// Stages at most: every arrival looks for its own.
pub const MOST_STAGES: usize = 1_000;

const ISOLATED: &str = "isolated";
const OPEN: &str = "open";
const CLOSED: &str = "closed";
const BURST: &str = "burst";
const CONSTANT: &str = "constant";
const POISSON: &str = "poisson";

pub(super) fn shape() -> shape::Table {
    let kind = |name, doc, keys| Kind {
        name,
        doc,
        keys,
        forms: Vec::new(),
    };
    let isolated = kind(
        ISOLATED,
        "One job a replication, alone, at time 0.",
        Vec::new(),
    );
    let open = Kind {
        forms: vec![&["duration"], &["stages"]],
        ..kind(OPEN, "Jobs arrive, whoever else is there.", open())
    };
    let closed = kind(
        CLOSED,
        "Each user thinks, starts a job, waits for it to settle, and thinks again.",
        closed(),
    );
    let jobs = Shape::Integer {
        min: 1,
        max: MOST_JOBS,
    };
    let burst = kind(
        BURST,
        "All jobs at time 0.",
        vec![Key::required("jobs", jobs, "how many jobs")],
    );
    shape::Table {
        kinds: vec![isolated, open, closed, burst],
        default_kind: Some(ISOLATED),
        ..shape::Table::plain("workload", "When jobs arrive.", Vec::new())
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
    let kind = |name, doc| Kind {
        name,
        doc,
        keys: Vec::new(),
        forms: Vec::new(),
    };
    let rate = Key::optional(
        "rate",
        Shape::PositiveRate,
        "jobs per time; the stages say it where there are some",
    );
    shape::Table {
        kinds: vec![
            kind(POISSON, "At random: a Poisson process of that rate."),
            kind(CONSTANT, "Evenly, the first at time 0."),
        ],
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

/// When jobs arrive; alone where the scenario has no such table.
pub(super) fn build(node: Option<&Node>, builder: &mut Builder<'_>) -> Option<Workload<Model>> {
    let Some(node) = node else {
        return Some(Workload::Isolated);
    };
    let table = node.as_table()?;
    let kind = match table.get("kind") {
        Some(kind) => kind.as_text()?,
        None => ISOLATED,
    };
    match kind {
        ISOLATED => Some(Workload::Isolated),
        OPEN => arriving(table, &mut builder.problems),
        CLOSED => Some(Workload::Closed {
            users: table.integer("users")?.try_into().ok()?,
            think: latency::build(table.get("think")?, "thinking time", None, builder)?,
            duration: table.duration("duration")?,
        }),
        BURST => Some(Workload::Burst {
            jobs: table.integer("jobs")?,
        }),
        _ => None,
    }
}

fn arriving(table: &Table, problems: &mut Problems) -> Option<Workload<Model>> {
    let node = table.get("arrivals")?;
    let spread = node.as_table()?;
    let arrivals = match spread.text("kind")? {
        CONSTANT => Arrivals::Constant,
        POISSON => Arrivals::Poisson,
        _ => return None,
    };
    let stages = match (table.get("duration"), table.get("stages")) {
        (Some(duration), None) => {
            if !spread.has("rate") {
                let rule = "the key \"rate\" is missing: jobs per time, as in rate = \"200/s\"";
                problems.at(node.place, rule);
            }
            let rate = spread.number("rate")?;
            vec![Stage {
                lasts: duration.as_duration()?,
                from_per_s: rate,
                to_per_s: rate,
            }]
        }
        (None, Some(list)) => {
            if let Some(rate) = spread.entry("rate") {
                let rule = "contradicts the stages: they say the rate";
                problems.at(rate.place, rule);
            }
            stages(list, problems)?
        }
        // Both or neither: reported by the check.
        _ => return None,
    };
    Some(Workload::Open { arrivals, stages })
}

fn stages(list: &Node, problems: &mut Problems) -> Option<Vec<Stage>> {
    let mut stages: Vec<Stage> = Vec::new();
    let mut lasts = Duration::ZERO;
    for item in list.items()? {
        let table = item.as_table()?;
        let stage = Stage {
            lasts: table.duration("for")?,
            from_per_s: match table.number("rate") {
                Some(rate) => rate,
                None => stages.last().map_or(0.0, |before| before.to_per_s),
            },
            to_per_s: table.number("rate").or_else(|| table.number("to"))?,
        };
        lasts = lasts.saturating_add(stage.lasts);
        stages.push(stage);
    }
    if lasts > LONGEST {
        let rule = "the stages last at most 100 years (36525d) together";
        problems.at(list.place, rule);
        return None;
    }
    let silent = |stage: &Stage| stage.from_per_s == 0.0 && stage.to_per_s == 0.0;
    if stages.iter().all(silent) {
        problems.at(list.place, "no job ever arrives: every rate is 0");
        return None;
    }
    Some(stages)
}
