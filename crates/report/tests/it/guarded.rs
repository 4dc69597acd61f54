//! Worlds in which policies stand around calls.

use std::collections::BTreeMap;

use awaitlab_core::{Fate, Status};
use awaitlab_record::Record;
use awaitlab_record::series::{Interval, PolicyInterval};
use awaitlab_record::summary::{
    ErrorCounts, Estimate, LayerRow, LimitRow, PolicyCounts, Row, Traits, Wait,
};

use crate::fixture::{Case, bar, job, record};
use crate::in_time;

pub(crate) fn layer(kind: &str, scope: &str, counts: PolicyCounts) -> LayerRow {
    LayerRow {
        kind: kind.into(),
        scope: scope.into(),
        counts,
        ..LayerRow::default()
    }
}

/// The failure that outlives its cause, and what five stacks of policies do about it.
pub(crate) fn storm() -> Record {
    let mut record = in_time::guarded_storm();
    let rows = &mut record.summary.rows;
    rows[0].layers = vec![layer("timeout", "client", timeouts(6200))];
    let retries = PolicyCounts {
        retries: 90_000,
        ..PolicyCounts::default()
    };
    let spent = PolicyCounts {
        retries: 7000,
        budget_spent: 5200,
        ..PolicyCounts::default()
    };
    let opened = PolicyCounts {
        openings: 48,
        open_ms: Some(14_500.0),
        refused: 22_000,
        ..PolicyCounts::default()
    };
    rows[1].layers = vec![
        layer("retry", "client", retries),
        layer("timeout", "client", timeouts(95_000)),
    ];
    rows[2].layers = vec![
        layer("retry", "global", spent),
        layer("timeout", "client", timeouts(9000)),
    ];
    rows[3].layers = vec![
        layer(
            "retry",
            "client",
            PolicyCounts {
                retries: 4000,
                ..PolicyCounts::default()
            },
        ),
        layer("circuit-breaker", "client", opened),
        layer("timeout", "client", timeouts(3000)),
        layer(
            "fallback",
            "client",
            PolicyCounts {
                degraded: 12_000,
                ..PolicyCounts::default()
            },
        ),
    ];
    let limiter = PolicyCounts {
        refused: 9000,
        ..PolicyCounts::default()
    };
    rows[4].layers = vec![
        LayerRow {
            limit: Some(LimitRow {
                mean: Some(38.2),
                min: Some(4.0),
                max: Some(61.0),
            }),
            ..layer("adaptive-limit", "client", limiter)
        },
        LayerRow {
            wait_ms: Wait {
                mean: Some(12.5),
                p99: Some(240.0),
            },
            ..layer("bulkhead", "client", PolicyCounts::default())
        },
    ];
    for (row, overloaded) in rows.iter_mut().zip([0.0, 1.0, 0.15, 0.0, 0.0]) {
        add_up(row);
        row.measures = BTreeMap::from([(
            "stays overloaded".into(),
            Estimate {
                value: Some(overloaded),
                ci95: Some([overloaded * 0.6, (overloaded + 0.17).min(1.0)]),
            },
        )]);
        let failed = row.jobs - row.fulfilled;
        row.call_errors = ErrorCounts {
            timeout: failed / 2,
            refused: row.policies.refused,
            ..ErrorCounts::default()
        };
        row.attempt_errors = ErrorCounts {
            timeout: row.policies.timeouts,
            refused: row.policies.refused,
            connection: failed / 10,
            ..ErrorCounts::default()
        };
    }
    rows[3].degraded_per_job = Some(rows[3].policies.degraded as f64 / rows[3].jobs as f64);
    for (index, cell) in record.cells.iter_mut().enumerate() {
        let series = cell.series.as_mut().expect("work in time has a series");
        for (interval, at) in series.intervals.iter_mut().zip(0_u64..) {
            interval.policies = over_time(index, interval, at as f64 * in_time::INTERVAL_S);
        }
    }
    record
}

fn timeouts(timeouts: u64) -> PolicyCounts {
    PolicyCounts {
        timeouts,
        ..PolicyCounts::default()
    }
}

/// What all layers of a row did together, as the harness counts it.
fn add_up(row: &mut Row) {
    let sum = |of: fn(&PolicyCounts) -> u64| row.layers.iter().map(|l| of(&l.counts)).sum();
    row.policies = PolicyCounts {
        retries: sum(|c| c.retries),
        budget_spent: sum(|c| c.budget_spent),
        timeouts: sum(|c| c.timeouts),
        hedges: sum(|c| c.hedges),
        hedges_won: sum(|c| c.hedges_won),
        openings: sum(|c| c.openings),
        open_ms: row.layers.iter().find_map(|layer| layer.counts.open_ms),
        refused: sum(|c| c.refused),
        degraded: sum(|c| c.degraded),
    };
}

/// What the policies of a strategy did in an interval that begins at `s`.
fn over_time(index: usize, interval: &Interval, s: f64) -> PolicyInterval {
    let ns = in_time::INTERVAL_S * 1e9 * in_time::REPLICATIONS as f64;
    let down = (20.0..25.0).contains(&s);
    let again = interval.attempts.saturating_sub(interval.calls);
    let mut did = PolicyInterval {
        timeouts: if index < 4 {
            interval.rejected + again
        } else {
            0
        },
        retries: if index == 0 { 0 } else { again },
        ..PolicyInterval::default()
    };
    match index {
        2 => did.hedges = interval.calls / 20,
        3 => {
            // Open from soon after the outage begins; probes find it over one by one.
            let open = ((s - 20.5) * 2.0).clamp(0.0, 1.0) * ((28.0 - s) / 3.0).clamp(0.0, 1.0);
            did.open_ns = (open * 3.0 * ns) as u128;
            did.refused = (open * interval.calls as f64) as u64;
        }
        4 => {
            let limit = if down {
                (60.0 - 12.0 * (s - 20.0)).max(4.0)
            } else if s < 20.0 {
                (20.0 + s * 4.0).min(60.0)
            } else {
                (4.0 + (s - 25.0) * 3.0).min(60.0)
            };
            did.limiters_ns = ns as u128;
            did.limit_milli_ns = (limit * 1000.0 * ns) as u128;
            did.refused = if down { interval.calls / 2 } else { 0 };
        }
        _ => {}
    }
    did
}

/// One job of four calls: attempts given up that run on, hedges, refusals, an answer that is degraded.
pub(crate) fn aggregation() -> Record {
    let never = f64::INFINITY;
    let cancelled = vec![
        bar(0, 0, 0.0, 120.0, Fate::Useful),
        bar(1, 0, 0.0, 300.0, Fate::Late),
        bar(2, 0, 0.0, 90.0, Fate::Failed),
        bar(3, 0, 0.0, 260.0, Fate::Useful),
        bar(2, 1, 140.0, 330.0, Fate::Useful),
        bar(1, 1, 400.0, 700.0, Fate::Late),
        bar(1, 2, 900.0, 1010.0, Fate::Useful),
    ];
    let running_on = vec![
        bar(0, 0, 0.0, 120.0, Fate::Useful),
        bar(1, 0, 0.0, 1300.0, Fate::Late),
        bar(2, 0, 0.0, 90.0, Fate::Failed),
        bar(3, 0, 0.0, 260.0, Fate::Useful),
        bar(2, 1, 140.0, 330.0, Fate::Useful),
        bar(1, 1, 400.0, never, Fate::Late),
        bar(1, 2, 900.0, 1010.0, Fate::Useful),
    ];
    let hedged = vec![
        bar(0, 0, 0.0, 120.0, Fate::Useful),
        bar(1, 0, 0.0, 310.0, Fate::Duplicate),
        bar(2, 0, 0.0, 90.0, Fate::Failed),
        bar(3, 0, 0.0, 260.0, Fate::Useful),
        bar(1, 1, 150.0, 310.0, Fate::Useful),
        bar(3, 1, 150.0, 400.0, Fate::Duplicate),
        bar(1, 2, 300.0, 310.0, Fate::Cancelled),
    ];
    let broken = vec![
        bar(0, 0, 0.0, 120.0, Fate::Useful),
        bar(1, 0, 0.0, 0.0, Fate::Rejected),
        bar(2, 0, 0.0, 90.0, Fate::Failed),
        bar(3, 0, 0.0, 260.0, Fate::Useful),
        bar(1, 1, 100.0, 100.0, Fate::Rejected),
        bar(2, 1, 190.0, 190.0, Fate::Rejected),
        bar(1, 2, 300.0, 300.0, Fate::Rejected),
        bar(2, 2, 390.0, 480.0, Fate::Useful),
    ];
    let case = |strategy, settled: f64, bars, delivered| Case {
        strategy,
        kind: "all-settled",
        settle_ms: (0..1000)
            .map(|i| settled * (0.7 + 0.6 * crate::scenes::unit(i)))
            .collect(),
        timeline: job(4, Status::Fulfilled, settled, bars),
        delivered,
        traits: Traits {
            burst: true,
            ..Traits::default()
        },
    };
    let cases = vec![
        case("Retry, cancelling timeout", 1010.0, cancelled, 4),
        case("Retry, timeout without cancel", 1010.0, running_on, 4),
        case("Hedge after 150 ms", 310.0, hedged, 3),
        case("Retry in breaker, fallback", 480.0, broken, 3),
    ];
    let mut record = record(
        "aggregation",
        "A page from four services, two of them in trouble",
        vec![("base", cases)],
    );
    let rows = &mut record.summary.rows;
    let retries = PolicyCounts {
        retries: 3000,
        ..PolicyCounts::default()
    };
    for row in &mut rows[..2] {
        row.layers = vec![
            layer("retry", "job", retries),
            layer("timeout", "job", timeouts(2000)),
        ];
    }
    let hedges = PolicyCounts {
        hedges: 3000,
        hedges_won: 1000,
        budget_spent: 40,
        ..PolicyCounts::default()
    };
    rows[2].layers = vec![layer("hedge", "job", hedges)];
    let breaker = PolicyCounts {
        openings: 1000,
        open_ms: Some(480.0),
        refused: 4000,
        ..PolicyCounts::default()
    };
    let degraded = PolicyCounts {
        degraded: 1000,
        ..PolicyCounts::default()
    };
    rows[3].layers = vec![
        layer("fallback", "job", degraded),
        layer("circuit-breaker", "job", breaker),
        layer("retry", "job", retries),
    ];
    rows[3].degraded_per_job = Some(1.0);
    rows.iter_mut().for_each(add_up);
    record
}

/// As many strategies as a chart over time has, all of whose policies are restless; every fate there
/// is; and a job of which each call is tried again and again while earlier attempts run on.
pub(crate) fn frenzy() -> Record {
    let mut record = in_time::restless();
    let random = |index: u64, most: f64| (crate::scenes::unit(index) * most) as u64;
    let ns = in_time::INTERVAL_S * 1e9 * in_time::REPLICATIONS as f64;
    for (cell, line) in record.cells.iter_mut().zip(0_u64..) {
        let series = cell
            .series
            .as_mut()
            .expect("every cell of the crowd has one");
        for (interval, index) in series.intervals.iter_mut().zip(line * 1000..) {
            interval.policies = PolicyInterval {
                retries: random(index, 9000.0),
                hedges: random(index + 20_000, 900.0),
                timeouts: random(index + 40_000, 90.0),
                refused: random(index + 60_000, 4e6),
                open_ns: random(index + 80_000, 3.0 * ns).into(),
                limit_milli_ns: u128::from(random(index + 90_000, 1e5)) * ns as u128,
                limiters_ns: ns as u128,
            };
        }
        cell.timeline = frantic(line as u32);
    }
    for (row, skew) in record.summary.rows.iter_mut().zip(1_u64..) {
        let fates = &mut row.attempts;
        fates.useful = 4000;
        fates.failed = 700 * skew;
        fates.orphaned = 600;
        fates.duplicate = 500 * skew;
        fates.late = 2000;
        fates.cancelled = 800;
        fates.rejected = 3000;
        fates.unanswered = 100 * skew;
        fates.made = 11_000 - 500 + 1300 * skew;
        fates.started = fates.made - fates.rejected;
        row.calls_per_job = 20;
        row.degraded_per_job = Some(skew as f64 / 7.0);
        row.layers = vec![layer("retry", "client", PolicyCounts::default()); 3];
    }
    record.summary.scenario.name = "frenzy".into();
    record
}

/// Twenty calls, each tried up to six times at intervals shorter than an attempt.
fn frantic(line: u32) -> awaitlab_record::Timeline {
    const FATES: [Fate; 8] = [
        Fate::Late,
        Fate::Duplicate,
        Fate::Failed,
        Fate::Cancelled,
        Fate::Orphaned,
        Fate::Rejected,
        Fate::Unanswered,
        Fate::Useful,
    ];
    let mut bars = Vec::new();
    for call in 0..20 {
        for attempt in 0..=(call + line) % 6 {
            let start = 100.0 * f64::from(attempt) + f64::from(call);
            let fate = FATES[(call + attempt) as usize % FATES.len()];
            let end = match fate {
                Fate::Rejected => start,
                Fate::Unanswered => f64::INFINITY,
                _ => start + 70.0 + 20.0 * f64::from(call),
            };
            bars.push(bar(call, attempt, start, end, fate));
        }
    }
    job(20, Status::Fulfilled, 700.0, bars)
}
