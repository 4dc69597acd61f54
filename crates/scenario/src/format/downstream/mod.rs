//! `[downstream.NAME]`: a service that is called.

mod build;

use crate::shape::{self, Bounds, Choice, Key, Kind, Shape};

use super::latency;

pub(super) use build::{build, check_counts, check_replicas};

/// Replicas at most of all services of a variant together: each has a queue and an account of its
/// own, for every strategy.
pub const MOST_REPLICAS: u64 = 10_000;
/// Counts at most of a service that sees every client apart: one per client and replica.
pub const MOST_COUNTS: u64 = 1_000_000;
/// Workers at most of a replica; beyond it, leave the workers out: nothing waits.
pub const MOST_WORKERS: u64 = 1_000_000;
/// The largest number of attempts that a queue, a burst or a limit may be given.
const MOST_ATTEMPTS: u64 = 1_000_000_000;

// Words of the format that the builder asks for, too.
const LINEAR: &str = "linear";
const KNEE: &str = "knee";
const LIFO: &str = "lifo";
const RANDOM: &str = "random";
const LEAST_IN_FLIGHT: &str = "least-in-flight";
const POWER_OF_TWO: &str = "power-of-two";
const CLIENT: &str = "client";
const STOP: &str = "stop";

pub(super) fn shape() -> shape::Table {
    let latency = "how long it works on an attempt";
    let mut keys = vec![Key::required(
        "latency",
        Shape::Table(latency::shape),
        latency,
    )];
    keys.extend(of_a_replica());
    keys.extend(of_the_service());
    shape::Table::plain("downstream", "A service that is called.", keys)
}

/// What every replica has for itself, besides its latency.
fn of_a_replica() -> [Key; 3] {
    [
        Key::optional(
            "workers",
            count(1, MOST_WORKERS),
            "attempts that it works on at once; without a limit when absent",
        ),
        Key::optional(
            "queue",
            Shape::Table(queue),
            "where attempts wait for a worker; without a limit when absent",
        ),
        Key::optional(
            "slowdown",
            Shape::Table(slowdown),
            "how load makes it slower; not at all when absent",
        ),
    ]
}

fn of_the_service() -> Vec<Key> {
    let keys = vec![
        Key::optional(
            "network",
            Shape::Table(latency::shape),
            "how long a message is on its way, there and back; no time when absent",
        ),
        Key::optional(
            "rate-limit",
            Shape::Table(rate_limit),
            "a quota of the whole service, refused with status 429",
        ),
        Key::optional(
            "in-flight-limit",
            count(1, u64::from(u32::MAX)),
            "with more attempts in flight at the service, one that completes is answered with 429",
        ),
        Key::optional(
            "replicas",
            count(1, MOST_REPLICAS),
            "how many of it there are, each with workers and a queue of its own; 1 when absent",
        ),
        Key::optional(
            "replica",
            Shape::Numbered(replica),
            "what is different in one replica, numbered from 0",
        ),
    ];
    keys.into_iter().chain(choices()).collect()
}

fn choices() -> [Key; 4] {
    let balance = Shape::Choice(vec![
        word("round-robin", "In turn (the default)."),
        word(RANDOM, "Any."),
        word(
            LEAST_IN_FLIGHT,
            "One with the fewest attempts in flight, ties at random.",
        ),
        word(
            POWER_OF_TWO,
            "Of two at random the one with fewer in flight, ties at random.",
        ),
    ]);
    let sees = Shape::Choice(vec![
        word("service", "Those of all clients (the default)."),
        word(CLIENT, "Those of the client that sends."),
    ]);
    let on_cancel = Shape::Choice(vec![
        word(
            "keep-working",
            "It is worked on all the same: abandoned work (the default).",
        ),
        word(STOP, "It leaves the queue or the worker at once."),
    ]);
    let item = Shape::Choice(vec![word(
        "versioned",
        "Read first, written on condition that nobody wrote in between.",
    )]);
    [
        Key::optional("balance", balance, "which replica takes an attempt"),
        Key::optional("sees", sees, "whose attempts the balancing counts"),
        Key::optional(
            "on-cancel",
            on_cancel,
            "what becomes of an attempt that is cancelled while the service has it",
        ),
        Key::optional(
            "item",
            item,
            "the one item that all attempts read and write; none when absent",
        ),
    ]
}

/// What one replica may have differently.
fn replica() -> shape::Table {
    let latency = Key::optional(
        "latency",
        Shape::Table(latency::shape),
        "how long it works on an attempt",
    );
    let keys = [latency].into_iter().chain(of_a_replica()).collect();
    let doc = "What is different in one replica, each key in the place of the service's.";
    shape::Table::plain("replica", doc, keys)
}

fn queue() -> shape::Table {
    let discipline = Shape::Choice(vec![
        word("fifo", "Who came first (the default)."),
        word(LIFO, "Who came last."),
    ]);
    let keys = vec![
        Key::optional(
            "limit",
            count(0, MOST_ATTEMPTS),
            "attempts that may wait; a newcomer beyond is refused; any number when absent",
        ),
        Key::optional("discipline", discipline, "who is next"),
        Key::optional(
            "expire",
            Shape::PositiveDuration,
            "who has waited longer when its turn comes is dropped; never when absent",
        ),
    ];
    shape::Table::plain("queue", "Where attempts wait for a worker.", keys)
}

fn slowdown() -> shape::Table {
    let at = |doc| Key::required("at", count(1, MOST_WORKERS), doc);
    let times = |name, doc| Key::required(name, Shape::Number(Bounds::AtLeastOne), doc);
    let kinds = vec![
        Kind {
            name: LINEAR,
            doc: "Service time x (1 + (factor - 1) n / at), n attempts in service.",
            keys: vec![
                at("the load at which the factor is reached"),
                times("factor", "how many times slower it is at that load"),
            ],
            forms: Vec::new(),
        },
        Kind {
            name: KNEE,
            doc: "As fast as ever up to a load, and slower above.",
            keys: vec![
                at("the load that is still fine"),
                times("beyond", "how many times slower it is above"),
            ],
            forms: Vec::new(),
        },
    ];
    shape::Table {
        kinds,
        ..shape::Table::plain("slowdown", "How load makes a service slower.", Vec::new())
    }
}

fn rate_limit() -> shape::Table {
    let keys = vec![
        Key::required("rate", Shape::PositiveRate, "attempts that it takes"),
        Key::optional(
            "burst",
            count(1, u64::from(u32::MAX)),
            "attempts that it takes at once after a pause; 1 when absent",
        ),
        Key::optional(
            "reject-latency",
            Shape::Duration,
            "time until a refusal leaves the service; none when absent",
        ),
    ];
    let doc = "A token bucket at a service's door, full at the start.";
    shape::Table::plain("rate-limit", doc, keys)
}

fn count(min: u64, max: u64) -> Shape {
    Shape::Integer { min, max }
}

fn word(word: &'static str, doc: &'static str) -> Choice {
    Choice { word, doc }
}
