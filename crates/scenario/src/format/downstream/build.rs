//! From a checked table to a service.

use std::time::Duration;

use awaitlab_downstream::spec::{
    Balance, Discipline, OnCancel, QueueSpec, RateLimit, ReplicaSpec, Sees, ServiceSpec, Slowdown,
};
use awaitlab_latency::Model;

use crate::document::{Entry, Node, Place, Table};
use crate::format::{Builder, latency};
use crate::problem::Problems;
use crate::value::duration::LONGEST;

use super::{
    CLIENT, KNEE, LEAST_IN_FLIGHT, LIFO, LINEAR, MOST_COUNTS, MOST_REPLICAS, POWER_OF_TWO, RANDOM,
    STOP,
};

/// A service. `whose` names it in notes; `calls` are those of the job, where it is known.
pub(in crate::format) fn build(
    table: &Table,
    whose: &str,
    calls: Option<u32>,
    builder: &mut Builder<'_>,
) -> Option<ServiceSpec<Model>> {
    check_choices(table, &mut builder.problems);
    let replicas = replicas(table, whose, calls, builder);
    let network = match table.get("network") {
        Some(node) => Some(latency::build(
            node,
            &format!("network of {whose}"),
            calls,
            builder,
        )?),
        None => None,
    };
    let rate_limit = match table.get("rate-limit") {
        Some(node) => Some(rate_limit(node, &mut builder.problems)?),
        None => None,
    };
    Some(ServiceSpec {
        replicas: replicas?,
        network,
        rate_limit,
        in_flight_limit: limited(table, "in-flight-limit")?,
        balance: match table.text("balance") {
            Some(RANDOM) => Balance::Random,
            Some(LEAST_IN_FLIGHT) => Balance::LeastInFlight,
            Some(POWER_OF_TWO) => Balance::PowerOfTwo,
            _ => Balance::RoundRobin,
        },
        sees: match table.text("sees") {
            Some(CLIENT) => Sees::Client,
            _ => Sees::Service,
        },
        on_cancel: match table.text("on-cancel") {
            Some(STOP) => OnCancel::Stop,
            _ => OnCancel::KeepWorking,
        },
        versioned_item: table.has("item"),
    })
}

/// Reports services that have too many replicas together.
pub(in crate::format) fn check_replicas<'d>(
    tables: impl Iterator<Item = &'d Table>,
    problems: &mut Problems,
) {
    let mut all = 0;
    for replicas in tables.filter_map(|table| table.get("replicas")) {
        all += replicas.as_integer().unwrap_or(0);
        if all > MOST_REPLICAS {
            let rule =
                format!("at most {MOST_REPLICAS} replicas of all services, and these are {all}");
            problems.at(replicas.place, rule);
            return;
        }
    }
}

/// Reports a service that would count the attempts of too many clients at too many replicas.
pub(in crate::format) fn check_counts(table: &Table, clients: u32, problems: &mut Problems) {
    let (Some(sees), Some(CLIENT)) = (table.entry("sees"), table.text("sees")) else {
        return;
    };
    let replicas = table.integer("replicas").unwrap_or(1);
    // At most 10 000 each.
    let counts = replicas * u64::from(clients);
    if counts > MOST_COUNTS {
        let rule = format!(
            "at most {MOST_COUNTS} counts, and {clients} clients and {replicas} replicas need \
             {counts}"
        );
        problems.at(sees.place, rule);
    }
}

/// Reports keys that decide nothing.
fn check_choices(table: &Table, problems: &mut Problems) {
    for key in ["balance", "sees", "replica"] {
        if let (Some(entry), false) = (table.entry(key), table.has("replicas")) {
            let rule = "never applies: there is one replica only; say how many in \"replicas\"";
            problems.at(entry.place, rule);
        }
    }
    if let (Some(sees), Some(RANDOM)) = (table.entry("sees"), table.text("balance")) {
        let rule = "never applies: balance \"random\" counts nobody's attempts";
        problems.at(sees.place, rule);
    }
}

fn replicas(
    table: &Table,
    whose: &str,
    calls: Option<u32>,
    builder: &mut Builder<'_>,
) -> Option<Vec<ReplicaSpec<Model>>> {
    if table.is_wrong("replicas") || table.is_wrong("replica") {
        return None;
    }
    // Of every replica without a table of its own.
    let alike = replica(Layers(vec![table]), whose, calls, builder);
    let count = usize::try_from(table.integer("replicas").unwrap_or(1)).ok()?;
    let own = table
        .table("replica")
        .map_or(&[][..], |own| own.entries.as_slice());
    let own: Vec<Option<(usize, ReplicaSpec<Model>)>> = own
        .iter()
        .filter(|_| table.has("replicas"))
        .map(|entry| one_of(entry, table, count, whose, calls, builder))
        .collect();
    let mut replicas = vec![alike?; count];
    for changed in own {
        let (number, spec) = changed?;
        replicas[number] = spec;
    }
    Some(replicas)
}

/// A replica that has something differently, with its number.
fn one_of(
    entry: &Entry,
    service: &Table,
    count: usize,
    whose: &str,
    calls: Option<u32>,
    builder: &mut Builder<'_>,
) -> Option<(usize, ReplicaSpec<Model>)> {
    let own = entry.node.as_table()?;
    // The check lets numbers pass only.
    let number: usize = entry.key.parse().ok()?;
    if number >= count {
        let rule = match count {
            1 => "there is no such replica: the service has 1, number 0".to_owned(),
            n => format!(
                "there is no such replica: the service has {n}, numbered 0 to {}",
                n - 1
            ),
        };
        builder.problems.at(entry.place, rule);
        return None;
    }
    let whose = format!("replica {number} of {whose}");
    let spec = replica(Layers(vec![own, service]), &whose, calls, builder)?;
    Some((number, spec))
}

/// Tables of which the first that has a key is asked.
struct Layers<'d>(Vec<&'d Table>);

impl<'d> Layers<'d> {
    /// The table that decides about a key.
    fn of(&self, key: &str) -> Option<&'d Table> {
        self.0.iter().copied().find(|table| table.has(key))
    }

    fn entry(&self, key: &str) -> Option<&'d Entry> {
        self.of(key)?.entry(key)
    }
}

fn replica(
    tables: Layers<'_>,
    whose: &str,
    calls: Option<u32>,
    builder: &mut Builder<'_>,
) -> Option<ReplicaSpec<Model>> {
    let latency = tables.entry("latency").and_then(|entry| {
        let whose = format!("latency of {whose}");
        latency::build(&entry.node, &whose, calls, builder)
    });
    let workers = match tables.of("workers") {
        Some(table) => Some(limited(table, "workers")?),
        None => None,
    }
    .flatten();
    let queue = match tables.entry("queue") {
        Some(entry) => {
            if tables.of("workers").is_none() {
                let rule = "never applies: without \"workers\" nothing waits";
                builder.problems.at(entry.place, rule);
            }
            queue(&entry.node, &mut builder.problems)?
        }
        None => QueueSpec::default(),
    };
    let slowdown = match tables.entry("slowdown") {
        Some(entry) => Some(slowdown(&entry.node)?),
        None => None,
    };
    Some(ReplicaSpec {
        latency: latency?,
        workers,
        queue,
        slowdown,
    })
}

fn queue(node: &Node, problems: &mut Problems) -> Option<QueueSpec> {
    let table = node.as_table()?;
    let limit = match table.get("limit") {
        Some(limit) => Some(limit.as_integer()?),
        None => None,
    };
    for key in ["discipline", "expire"] {
        if let (Some(entry), Some(0)) = (table.entry(key), limit) {
            let rule = "never applies: with limit 0 nothing waits";
            problems.at(entry.place, rule);
        }
    }
    Some(QueueSpec {
        limit,
        discipline: match table.text("discipline") {
            Some(LIFO) => Discipline::Lifo,
            _ => Discipline::Fifo,
        },
        expire: table.duration("expire"),
    })
}

fn slowdown(node: &Node) -> Option<Slowdown> {
    let table = node.as_table()?;
    let at = table.integer("at")?.try_into().ok()?;
    match table.text("kind")? {
        LINEAR => Some(Slowdown::Linear {
            at,
            factor: table.number("factor")?,
        }),
        KNEE => Some(Slowdown::Knee {
            at,
            beyond: table.number("beyond")?,
        }),
        _ => None,
    }
}

fn rate_limit(node: &Node, problems: &mut Problems) -> Option<RateLimit> {
    let table = node.as_table()?;
    let rate = table.get("rate")?;
    let burst = match table.get("burst") {
        Some(burst) => burst.as_integer()?.try_into().ok()?,
        None => 1,
    };
    Some(RateLimit {
        interval: interval(rate.as_number()?, rate.place, problems)?,
        burst,
        reject_latency: table.duration("reject-latency").unwrap_or_default(),
    })
}

/// The time from one token to the next, to the nanosecond.
fn interval(per_s: f64, place: Place, problems: &mut Problems) -> Option<Duration> {
    let nanos = 1e9 / per_s;
    if nanos > LONGEST.as_nanos() as f64 {
        let rule = "a rate limit lets at least one attempt through in 100 years";
        problems.at(place, rule);
        return None;
    }
    // At least 1: no rate is higher than one in a nanosecond.
    Some(Duration::from_nanos(nanos.round() as u64))
}

/// A limit, `None` inside where it is absent; `None` where it is wrong.
fn limited(table: &Table, key: &str) -> Option<Option<u32>> {
    match table.get(key) {
        Some(limit) => Some(Some(limit.as_integer()?.try_into().ok()?)),
        None => Some(None),
    }
}
