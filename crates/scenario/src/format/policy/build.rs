//! From checked tables to a stack of policies.

use std::time::Duration;

use awaitlab_core::Rest;
use awaitlab_policies::breaker::{BreakerSpec, Window};
use awaitlab_policies::budget::BudgetSpec;
use awaitlab_policies::bulkhead::BulkheadSpec;
use awaitlab_policies::fallback::Fallback;
use awaitlab_policies::hedge::{HedgeError, HedgePercentile, HedgeSpec};
use awaitlab_policies::rate_limit::{Quota, RateLimitSpec, WhenExceeded};
use awaitlab_policies::timeout::{Clock, Timeout};
use awaitlab_policies::{Kind, LayerSpec, PolicySpec, Scope, StackError, StackSpec};

use crate::document::{Node, Table};
use crate::problem::Problems;

use super::{adaptive, reach, retry, words};

/// Answered attempts from which on a hedge uses its percentile where it does not say.
const MINIMUM_SAMPLES: u64 = 100;

/// What stands around a strategy's calls; `None` where something of it is wrong, which is reported.
pub(in crate::format) fn build(strategy: &Table, problems: &mut Problems) -> Option<StackSpec> {
    let Some(list) = strategy.get("policies") else {
        return Some(StackSpec::default());
    };
    let nodes = list.items()?;
    // Every policy is looked at, also after one that is wrong.
    let layers: Vec<Option<LayerSpec>> = nodes.iter().map(|node| layer(node, problems)).collect();
    let layers: Vec<LayerSpec> = layers.into_iter().collect::<Option<_>>()?;
    reach::check(nodes, &layers, problems);
    StackSpec::new(layers)
        .map_err(|error| match error {
            StackError::Layer { layer, rule } => {
                problems.at(nodes[layer].place, rule.to_string());
            }
            // The check has counted them.
            StackError::TooMany(_) => {}
        })
        .ok()
}

fn layer(node: &Node, problems: &mut Problems) -> Option<LayerSpec> {
    let table = sound(node)?;
    let kind = one_of(table, "kind", Kind::ALL, Kind::name)?;
    let policy = match kind {
        Kind::Timeout => PolicySpec::Timeout(Timeout {
            after: table.duration("after")?,
            cancel: table.flag("cancel").unwrap_or(true),
            clock: one_of(table, "clock", Clock::ALL, Clock::name).unwrap_or_default(),
        }),
        Kind::Retry => PolicySpec::Retry(retry::build(table, problems)?),
        Kind::Hedge => PolicySpec::Hedge(hedge(table, problems)?),
        Kind::CircuitBreaker => PolicySpec::CircuitBreaker(breaker(table, problems)?),
        Kind::RateLimit => PolicySpec::RateLimit(rate_limit(table)?),
        Kind::Bulkhead => PolicySpec::Bulkhead(bulkhead(table, problems)?),
        Kind::AdaptiveLimit => PolicySpec::AdaptiveLimit(adaptive::build(table, problems)?),
        Kind::Fallback => PolicySpec::Fallback(Fallback {
            latency: table.duration("latency").unwrap_or(Duration::ZERO),
        }),
    };
    if let Some(rule) = stateless(&policy) {
        never(table, words::SCOPE, rule, problems);
    }
    Some(LayerSpec {
        policy,
        scope: one_of(table, words::SCOPE, Scope::ALL, Scope::name).unwrap_or_default(),
    })
}

/// The table, if nothing that it says has been found wrong.
pub(super) fn sound(node: &Node) -> Option<&Table> {
    let table = node.as_table()?;
    let wrong = table.entries.iter().any(|entry| table.is_wrong(&entry.key));
    (!wrong).then_some(table)
}

/// Which of `all` a key names.
pub(super) fn one_of<T: Copy, const N: usize>(
    table: &Table,
    key: &str,
    all: [T; N],
    name: fn(T) -> &'static str,
) -> Option<T> {
    let written = table.text(key)?;
    all.into_iter().find(|one| name(*one) == written)
}

/// A whole number, whose bounds in the shape are those of 32 bits.
pub(super) fn whole(table: &Table, key: &str) -> Option<u32> {
    u32::try_from(table.integer(key)?).ok()
}

/// Reports a key that is there and has no meaning.
pub(super) fn never(table: &Table, key: &str, rule: &str, problems: &mut Problems) {
    if let Some(entry) = table.entry(key) {
        problems.at(entry.place, format!("never applies: {rule}"));
    }
}

/// What bounds the extra attempts, `None` inside where nothing does.
pub(super) fn extra_budget(table: &Table, problems: &mut Problems) -> Option<Option<BudgetSpec>> {
    let Some(node) = table.get("budget") else {
        return Some(None);
    };
    let table = sound(node)?;
    if table.text("kind") == Some(words::FAILURE_RATIO) {
        let ratio = table.number("ratio")?;
        return Some(Some(BudgetSpec::FailureRatio { ratio }));
    }
    let max = table.number("max")?;
    let needs = table.number("needs").unwrap_or(1.0);
    // It takes one, whatever it needs.
    let least = needs.max(1.0);
    if max < least {
        let place = table.get("max").map_or(node.place, |node| node.place);
        let rule = format!(
            "never lets an extra attempt through: one needs {least} in the bucket, which holds {max}"
        );
        problems.at(place, rule);
    }
    Some(Some(BudgetSpec::TokenBucket {
        deposit: table.number("deposit")?,
        max,
        needs,
        per_second: table.number("per-second").unwrap_or(0.0),
    }))
}

/// Why nobody could share the state of a policy: it has none.
fn stateless(policy: &PolicySpec) -> Option<&'static str> {
    match policy {
        PolicySpec::Timeout(_) => Some("a timeout has no state"),
        PolicySpec::Fallback(_) => Some("a fallback has no state"),
        PolicySpec::Retry(retry) if retry.budget.is_none() => {
            Some("a retry without a budget has no state")
        }
        PolicySpec::Hedge(hedge) if hedge.budget.is_none() && hedge.percentile.is_none() => {
            Some("a hedge without a percentile or a budget has no state")
        }
        _ => None,
    }
}

/// Whether a policy has state that somebody can share.
pub(super) fn has_state(policy: &PolicySpec) -> bool {
    stateless(policy).is_none()
}

fn hedge(table: &Table, problems: &mut Problems) -> Option<HedgeSpec> {
    let percentile = table.get("percentile");
    if let Some(percentile) = percentile
        && percentile.as_number() == Some(0.0)
    {
        problems.at(percentile.place, HedgeError::Quantile.to_string());
        return None;
    }
    let minimum_samples = table.integer("minimum-samples");
    if percentile.is_none() {
        let rule = "without a percentile nothing is sampled";
        never(table, "minimum-samples", rule, problems);
    }
    let percentile = percentile.and_then(Node::as_number);
    Some(HedgeSpec {
        delay: table.duration("delay")?,
        percentile: percentile.map(|quantile| HedgePercentile {
            quantile,
            minimum_samples: minimum_samples.unwrap_or(MINIMUM_SAMPLES),
        }),
        max_extra: whole(table, "max-extra").unwrap_or(1),
        rest: one_of(table, "rest", Rest::ALL, Rest::name).unwrap_or(Rest::Cancel),
        budget: extra_budget(table, problems)?,
    })
}

fn breaker(table: &Table, problems: &mut Problems) -> Option<BreakerSpec> {
    let default = BreakerSpec::default();
    let window = match (table.get("window"), whole(table, "consecutive")) {
        (None, None) => default.window,
        (None, Some(failures)) => Window::Consecutive(failures),
        (Some(window), None) => match window.as_duration() {
            Some(time) => Window::Time(time),
            None => Window::Count(whole(table, "window")?),
        },
        // Reported by the check.
        (Some(_), Some(_)) => return None,
    };
    let mut minimum = whole(table, "minimum").unwrap_or(default.minimum);
    match window {
        Window::Consecutive(_) => {
            for key in ["minimum", "failure-ratio"] {
                let rule = "failures in a row are counted, whatever share they are";
                never(table, key, rule, problems);
            }
        }
        Window::Count(calls) if minimum > calls => {
            if let Some(written) = table.get("minimum") {
                let rule = format!("never reached: the window holds {calls} calls");
                problems.at(written.place, rule);
            }
            minimum = calls;
        }
        _ => {}
    }
    Some(BreakerSpec {
        window,
        failure_ratio: table
            .number("failure-ratio")
            .unwrap_or(default.failure_ratio),
        minimum,
        open: table.duration("open").unwrap_or(default.open),
        probes: whole(table, "probes").unwrap_or(default.probes),
    })
}

fn rate_limit(table: &Table) -> Option<RateLimitSpec> {
    let quota = match table.number("rate") {
        Some(rate_per_s) => Quota::TokenBucket {
            rate_per_s,
            burst: whole(table, "burst").unwrap_or(1),
        },
        None => Quota::FixedWindow {
            limit: whole(table, "limit")?,
            window: table.duration("window")?,
        },
    };
    let when_exceeded = one_of(
        table,
        "when-exceeded",
        WhenExceeded::ALL,
        WhenExceeded::name,
    );
    Some(RateLimitSpec {
        quota,
        when_exceeded: when_exceeded.unwrap_or_default(),
    })
}

fn bulkhead(table: &Table, problems: &mut Problems) -> Option<BulkheadSpec> {
    let queue = whole(table, "queue");
    if queue == Some(0) {
        let rule = "with queue = 0 nobody waits";
        never(table, "max-wait", rule, problems);
    }
    Some(BulkheadSpec {
        limit: whole(table, "limit")?,
        queue,
        max_wait: table.duration("max-wait"),
    })
}
