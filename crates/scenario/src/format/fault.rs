//! `[[fault]]`: a rule that makes a service or its network fail.

use awaitlab_faults::{Error, Hang, KINDS, Kind, Outage, Rule, Scope, Slow, Windows};

use crate::document::{Node, Table};
use crate::problem::Problems;
use crate::scenario::{Job, JobPart};
use crate::shape::{self, Bounds, Key, Shape, Text};

use super::Names;
use super::job::MOST_CALLS;

/// Rules at most of a variant: every attempt asks them one after another.
const MOST_RULES: usize = 10_000;

pub(super) fn list() -> Shape {
    Shape::list(Shape::Table(shape), 0, MOST_RULES, "fault rules")
}

fn shape() -> shape::Table {
    let calls = Shape::Integer {
        min: 0,
        max: MOST_CALLS - 1,
    };
    let attempts = Shape::Integer {
        min: 0,
        max: u64::from(u32::MAX),
    };
    let windows = Shape::list(
        Shape::Window,
        1,
        usize::MAX,
        "windows, as in [\"10s..20s\"]",
    );
    let keys = vec![
        Key::optional(
            "downstream",
            Shape::Text(Text::Reference),
            "the downstream that it strikes; every one when absent",
        ),
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
            Shape::TableOr(repeating, Box::new(windows)),
            "when it strikes, from the start of the run; always when absent",
        ),
    ];
    let kinds = KINDS
        .iter()
        .map(|&(name, doc)| shape::Kind {
            name,
            doc,
            keys: keys_of(name),
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
        _ => Vec::new(),
    }
}

fn repeating() -> shape::Table {
    let keys = vec![
        Key::required(
            "every",
            Shape::PositiveDuration,
            "from one window to the next",
        ),
        Key::required("for", Shape::PositiveDuration, "how long each lasts"),
    ];
    shape::Table::plain(
        "during",
        "Windows that repeat from the start of the run.",
        keys,
    )
}

/// A rule. What depends on the job it is to strike is left to [`strikes`].
pub(super) fn build(node: &Node, downstreams: &Names, problems: &mut Problems) -> Option<Rule> {
    let table = node.as_table()?;
    let kind = kind(table, node, problems);
    let scope = scope(table, downstreams, problems);
    // Both check what the shape has checked; whatever they add would belong to the rule as a whole.
    Rule::new(kind?, scope?)
        .map_err(|error| problems.at(node.place, error.to_string()))
        .ok()
}

fn kind(table: &Table, node: &Node, problems: &mut Problems) -> Option<Kind> {
    let refused = |problems: &mut Problems, error: String| problems.at(node.place, error);
    match table.text("kind")? {
        Error::NAME => {
            let status = table
                .integer("status")
                .and_then(|status| u16::try_from(status).ok());
            Error::new(table.duration("after"), status)
                .map(Kind::Error)
                .map_err(|error| refused(problems, error.to_string()))
                .ok()
        }
        Hang::NAME => Some(Kind::Hang(Hang)),
        Slow::NAME => {
            if table.is_wrong("factor") || table.is_wrong("add") {
                return None;
            }
            Slow::new(table.number("factor"), table.duration("add"))
                .map(Kind::Slow)
                .map_err(|error| refused(problems, error.to_string()))
                .ok()
        }
        Outage::NAME => Some(Kind::Outage(Outage::new(
            table.duration("after").unwrap_or_default(),
        ))),
        _ => None,
    }
}

fn scope(table: &Table, downstreams: &Names, problems: &mut Problems) -> Option<Scope> {
    let downstream = match table.get("downstream") {
        Some(reference) => Some(downstreams.find(reference, problems)?),
        None => None,
    };
    for attempt in table.list("attempts") {
        if attempt.as_integer().is_some_and(|attempt| attempt > 0) {
            let rule =
                "never happens: no policy makes a second attempt, so there is attempt 0 only";
            problems.at(attempt.place, rule);
        }
    }
    Some(Scope {
        downstream,
        calls: numbers(table, "calls")?,
        attempts: numbers(table, "attempts")?,
        probability: table.number("probability").unwrap_or(1.0),
        during: match table.get("during") {
            Some(during) => Some(windows(during, problems)?),
            None => None,
        },
    })
}

/// The numbers of a key, `None` inside where it is absent; `None` where a number is wrong.
fn numbers(table: &Table, key: &str) -> Option<Option<Vec<u32>>> {
    let Some(list) = table.get(key) else {
        return Some(None);
    };
    let number = |item: &Node| u32::try_from(item.as_integer()?).ok();
    list.items()?
        .iter()
        .map(number)
        .collect::<Option<_>>()
        .map(Some)
}

fn windows(during: &Node, problems: &mut Problems) -> Option<Windows> {
    if let Some(table) = during.as_table() {
        let (every, length) = (table.duration("every")?, table.duration("for")?);
        return Windows::repeating(every, length)
            .map_err(|error| problems.at(during.place, error.to_string()))
            .ok();
    }
    let listed = during.items()?.iter().map(Node::as_window);
    Windows::listed(listed.collect::<Option<_>>()?).ok()
}

/// Whether all that a rule names can be struck in a job; what cannot is reported. `within` is the
/// variant, where there are several.
pub(super) fn strikes(
    node: &Node,
    rule: &Rule,
    job: &Job,
    downstreams: &Names,
    within: Option<&str>,
    problems: &mut Problems,
) -> bool {
    let Some(table) = node.as_table() else {
        return true;
    };
    let within = within.map_or(String::new(), |name| format!(" in the variant \"{name}\""));
    let only = rule.scope().downstream;
    if let (Some(only), Some(reference)) = (only, table.get("downstream"))
        && !is_called(job, only)
    {
        let name = downstreams.name(only);
        let rule = format!("never strikes: no call of the job{within} goes to \"{name}\"");
        problems.at(reference.place, rule);
        return false;
    }
    let mut all = true;
    for call in table.list("calls") {
        let Some(number) = call.as_integer() else {
            continue;
        };
        let rule = match target(job, number) {
            None => format!(
                "there is no call {number}: the job{within} has {}",
                calls(job)
            ),
            Some(target) if only.is_some_and(|only| only != target) => {
                let name = downstreams.name(target);
                format!("never strikes: call {number} of the job{within} goes to \"{name}\"")
            }
            Some(_) => continue,
        };
        problems.at(call.place, rule);
        all = false;
    }
    all
}

/// Whether a call goes to a service. In a job without calls nothing is struck anyway: it may be one
/// end of a sweep, and is no mistake of the rule's.
fn is_called(job: &Job, downstream: usize) -> bool {
    let goes_there = |part: &JobPart| part.downstream == downstream && part.count > 0;
    job.calls() == 0 || job.parts.iter().any(goes_there)
}

/// The service that a call goes to; `None` where there is no such call.
fn target(job: &Job, call: u64) -> Option<usize> {
    let mut end = 0;
    let has_it = |part: &&JobPart| {
        end += u64::from(part.count);
        call < end
    };
    job.parts.iter().find(has_it).map(|part| part.downstream)
}

fn calls(job: &Job) -> String {
    match job.calls() {
        0 => "no calls".to_owned(),
        1 => "1 call, number 0".to_owned(),
        n => format!("{n} calls, numbered 0 to {}", n - 1),
    }
}
