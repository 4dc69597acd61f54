//! What policies did, as figures of a row.

use awaitlab_policies::{Kind, LayerSpec};
use awaitlab_record::summary::{ErrorCounts, LayerRow, LimitRow, PolicyCounts, Row};
use awaitlab_stats::NS_PER_MS;

use crate::count::policies::{ByClass, LayerTally, LimitTally};
use crate::count::tally::Tally;
use crate::results::rows::wait_of;

/// Adds what the policies around a row's calls did, and the errors that came.
pub(crate) fn add(row: &mut Row, layers: &[LayerSpec], tally: &Tally) {
    let (policies, nothing) = (&tally.around.policies, LayerTally::default());
    row.attempt_errors = by_class(&policies.errors.attempts);
    row.call_errors = by_class(&policies.errors.calls);
    let replications = tally
        .time
        .as_ref()
        .map_or(tally.jobs, |in_time| in_time.replications);
    let mut total = LayerTally::default();
    let breaks = |spec: &LayerSpec| spec.policy.kind() == Kind::CircuitBreaker;
    for (number, spec) in layers.iter().enumerate() {
        let layer = policies.layers.get(number).unwrap_or(&nothing);
        total.merge(layer);
        row.layers.push(LayerRow {
            kind: spec.policy.kind().name().to_owned(),
            scope: spec.scope.name().to_owned(),
            counts: counts(layer, breaks(spec).then_some(replications)),
            wait_ms: wait_of(&layer.waits),
            limit: limit(&layer.limit),
        });
    }
    let breaks = layers.iter().any(breaks);
    row.policies = counts(&total, breaks.then_some(replications));
}

/// `breaker_ran`: how many replications ran with a breaker.
fn counts(layer: &LayerTally, breaker_ran: Option<u64>) -> PolicyCounts {
    let open_ms = layer.open_ns as f64 / NS_PER_MS;
    let replications = breaker_ran.filter(|&replications| replications > 0);
    PolicyCounts {
        retries: layer.retries,
        budget_spent: layer.budget_spent,
        timeouts: layer.timeouts,
        hedges: layer.hedges,
        hedges_won: layer.hedges_won,
        openings: layer.openings,
        open_ms: replications.map(|replications| open_ms / replications as f64),
        refused: layer.refused,
        degraded: layer.degraded,
    }
}

/// Over virtual time and over limiters; `None` where there is none.
fn limit(tally: &LimitTally) -> Option<LimitRow> {
    let limit = |milli: u64| milli as f64 / 1000.0;
    let (min, max) = (tally.lowest_milli?, tally.highest_milli?);
    let mean = tally.milli_ns as f64 / tally.limiters_ns as f64 / 1000.0;
    Some(LimitRow {
        mean: (tally.limiters_ns > 0).then_some(mean),
        min: Some(limit(min)),
        max: Some(limit(max)),
    })
}

/// In the order of the classes.
fn by_class(counts: &ByClass) -> ErrorCounts {
    let &[
        error,
        timeout,
        throttled,
        unavailable,
        connection,
        refused,
        cancelled,
    ] = counts;
    ErrorCounts {
        error,
        timeout,
        throttled,
        unavailable,
        connection,
        refused,
        cancelled,
    }
}
