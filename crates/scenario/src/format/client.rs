//! `[client]`: the processes that run jobs.

use awaitlab_client::{ClientSpec, UnhandledRejections};

use crate::document::Node;
use crate::problem::Problems;
use crate::shape::{self, Choice, Key, Shape};

/// Processes at most: each has connections and a loop of its own, for every strategy.
pub const MOST_CLIENTS: u64 = 10_000;
/// Connections at most of a process to a service; beyond it, leave them out: nothing waits.
const MOST_CONNECTIONS: u64 = 1_000_000;

const THROW: &str = "throw";

pub(super) fn shape() -> shape::Table {
    let unhandled = Shape::Choice(vec![
        Choice {
            word: "warn",
            doc: "It is counted (the default).",
        },
        Choice {
            word: THROW,
            doc: "It ends the process, with its jobs in flight (Node from version 15 on).",
        },
    ]);
    let keys = vec![
        Key::optional(
            "count",
            Shape::Integer {
                min: 1,
                max: MOST_CLIENTS,
            },
            "how many processes, all alike; 1 when absent",
        ),
        Key::optional(
            "connections",
            Shape::Integer {
                min: 1,
                max: MOST_CONNECTIONS,
            },
            "of a process to each service; without a limit when absent",
        ),
        Key::optional(
            "acquire-timeout",
            Shape::Duration,
            "how long an attempt waits for a connection; for ever when absent",
        ),
        Key::optional(
            "event-loop",
            Shape::Table(event_loop),
            "the one thread of a process; it costs nothing when absent",
        ),
        Key::optional(
            "unhandled-rejections",
            unhandled,
            "what a failure does that nobody awaits",
        ),
        Key::optional(
            "restart-after",
            Shape::PositiveDuration,
            "from a process's death until it takes jobs again; never when absent",
        ),
    ];
    shape::Table::plain("client", "The processes that run jobs.", keys)
}

fn event_loop() -> shape::Table {
    let keys = vec![Key::required(
        "per-call",
        Shape::PositiveDuration,
        "CPU time that taking up an answer or a timer costs",
    )];
    shape::Table::plain("event-loop", "The one thread of a process.", keys)
}

/// The processes; one without any limit where the scenario has no such table.
pub(super) fn build(node: Option<&Node>, problems: &mut Problems) -> Option<ClientSpec> {
    let Some(node) = node else {
        return Some(ClientSpec::default());
    };
    let table = node.as_table()?;
    let without = |key, needed: bool, rule, problems: &mut Problems| {
        if let (Some(entry), false) = (table.entry(key), needed) {
            problems.at(entry.place, rule);
        }
    };
    without(
        "acquire-timeout",
        table.has("connections"),
        "never applies: without \"connections\" nothing waits for one",
        problems,
    );
    let throws = table.text("unhandled-rejections") == Some(THROW);
    without(
        "restart-after",
        throws || table.is_wrong("unhandled-rejections"),
        "never applies: only unhandled-rejections = \"throw\" ends a process",
        problems,
    );
    let per_call = match table.get("event-loop") {
        Some(node) => Some(node.as_table()?.duration("per-call")?),
        None => None,
    };
    let count = |key| match table.get(key) {
        Some(count) => u32::try_from(count.as_integer()?).ok().map(Some),
        None => Some(None),
    };
    Some(ClientSpec {
        count: count("count")?.unwrap_or(1),
        connections: count("connections")?,
        acquire_timeout: table.duration("acquire-timeout"),
        per_call,
        unhandled_rejections: match throws {
            true => UnhandledRejections::Throw,
            false => UnhandledRejections::Warn,
        },
        restart_after: table.duration("restart-after"),
    })
}
