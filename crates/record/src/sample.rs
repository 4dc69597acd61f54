//! A small record for the tests of this crate, every figure of which can be told from the others.

use std::collections::BTreeMap;

use awaitlab_core::{Fate, Instant, Status};
use awaitlab_stats::Histogram;

use crate::series::{Interval, PolicyInterval, Shade};
use crate::summary::*;
use crate::{Bar, Cell, JobRow, Record, Series, Timeline};

const MS: u64 = 1_000_000;

/// A row without a missing figure.
pub(crate) fn row(variant: &str, strategy: &str) -> Row {
    Row {
        variant: variant.into(),
        strategy: strategy.into(),
        kind: "all".into(),
        analysis: Some(Analysis::Terminating),
        calls_per_job: 3,
        jobs: 4,
        fulfilled: 2,
        rejected: 1,
        never_settled: 1,
        settle_ms: distribution(100.0),
        settle_ms_fulfilled: distribution(200.0),
        settle_ms_rejected: distribution(300.0),
        drain_ms: distribution(400.0),
        success_rate: Estimate {
            value: Some(0.5),
            ci95: Some([0.25, 0.75]),
        },
        wanted_per_job: 3,
        delivered_per_job: Some(1.5),
        lost_per_job: Some(0.25),
        degraded_per_job: Some(4.75),
        calls: CallCounts {
            started: 12,
            started_at_settle: 11,
            succeeded: 9,
            failed: 2,
            cancelled: 1,
        },
        attempts: fates(),
        orphan_ms_per_job: Some(17.5),
        busy_ms_per_job: Some(1500.0),
        abandoned_ms_per_job: Some(0.125),
        in_flight: InFlight {
            peak: 3,
            mean: Some(2.75),
        },
        utilization: BTreeMap::from([("api".into(), None)]),
        wait_ms: Wait {
            mean: Some(0.0),
            p99: Some(0.0),
        },
        client_wait_ms: Wait {
            mean: Some(0.0),
            p99: Some(0.0),
        },
        amplification: Some(1.0),
        offered_per_s: Some(10.0),
        throughput_per_s: Some(9.5),
        goodput_per_s: Some(8.5),
        recover_ms: Some(2000.0),
        client_idle_share: Some(0.375),
        loop_lag_ms: Wait {
            mean: Some(1.5),
            p99: Some(4.5),
        },
        unhandled: 5,
        client_deaths: 0,
        downstreams: BTreeMap::from([(
            "api".into(),
            DownstreamRow {
                attempts: fates(),
                utilization: Some(0.875),
                wait_ms: Wait {
                    mean: Some(0.0),
                    p99: Some(0.0),
                },
                queue_peak: 6,
            },
        )]),
        policies: policies(),
        layers: layers(),
        attempt_errors: ErrorCounts {
            error: 21,
            timeout: 22,
            throttled: 23,
            unavailable: 24,
            connection: 25,
            refused: 26,
            cancelled: 27,
        },
        call_errors: ErrorCounts {
            timeout: 28,
            ..ErrorCounts::default()
        },
        measures: measures(),
        traits: Traits {
            burst: true,
            mixed_jobs: 1,
            mixed_successful: 2,
            ..Traits::default()
        },
        words: Words {
            error_resilience: "Low (fail-fast)".into(),
            resource_utilization: "High (burst)".into(),
            failure_mode: "Immediate cascade failure".into(),
        },
    }
}

fn policies() -> PolicyCounts {
    PolicyCounts {
        retries: 31,
        budget_spent: 32,
        timeouts: 33,
        hedges: 35,
        hedges_won: 34,
        openings: 36,
        open_ms: Some(37.5),
        refused: 38,
        degraded: 39,
    }
}

/// A layer that waits, one that opens, and one whose limit moves.
fn layers() -> Vec<LayerRow> {
    let layer = |kind: &str, scope: &str, counts| LayerRow {
        kind: kind.into(),
        scope: scope.into(),
        counts,
        ..LayerRow::default()
    };
    let refused = |refused| PolicyCounts {
        refused,
        ..PolicyCounts::default()
    };
    let breaker = PolicyCounts {
        openings: 36,
        open_ms: Some(37.5),
        ..refused(1)
    };
    vec![
        LayerRow {
            wait_ms: Wait {
                mean: Some(41.5),
                p99: Some(42.5),
            },
            ..layer("bulkhead", "job", refused(2))
        },
        layer("circuit-breaker", "client", breaker),
        LayerRow {
            limit: Some(LimitRow {
                mean: Some(43.5),
                min: Some(20.0),
                max: Some(60.0),
            }),
            ..layer("adaptive-limit", "global", refused(35))
        },
    ]
}

fn measures() -> BTreeMap<String, Estimate> {
    let overloaded = Estimate {
        value: Some(0.75),
        ci95: Some([0.5, 0.875]),
    };
    let named = [
        ("of v1.2", Estimate::default()),
        ("stays overloaded", overloaded),
    ];
    named
        .map(|(name, measure)| (name.to_owned(), measure))
        .into()
}

fn distribution(from: f64) -> Distribution {
    Distribution {
        mean: Some(from + 50.0),
        ci95: Some([from + 40.0, from + 60.0]),
        min: Some(from),
        p50: Some(from + 45.0),
        p50_ci95: Some([from + 35.0, from + 55.0]),
        p90: Some(from + 90.0),
        p90_ci95: Some([from + 88.0, from + 93.0]),
        p99: Some(from + 99.0),
        p99_ci95: Some([from + 97.0, from + 99.25]),
        p999: Some(from + 99.5),
        p999_ci95: None,
        max: Some(from + 99.75),
    }
}

fn fates() -> FateCounts {
    FateCounts {
        made: 13,
        started: 12,
        useful: 8,
        failed: 2,
        rejected: 1,
        orphaned: 1,
        cancelled: 1,
        ..FateCounts::default()
    }
}

/// Two variants, one strategy whose name a spreadsheet would evaluate.
pub(crate) fn summary() -> Summary {
    Summary {
        schema: SCHEMA,
        awaitlab: "0.1.0".into(),
        status: RunStatus::Complete,
        scenario: ScenarioInfo {
            name: "three-requests".into(),
            title: "Three requests".into(),
            question: None,
            sha256: "ab".repeat(32),
            files: BTreeMap::new(),
            seed: 1,
            replications: 4,
            overrides: BTreeMap::from([("seed".into(), "1".into())]),
        },
        rows: vec![row("healthy", "=all()"), row("one fails", "=all()")],
        comparisons: vec![Comparison {
            variant: "healthy".into(),
            metric: "settle_ms.mean".into(),
            baseline: "=all()".into(),
            strategy: "=all()".into(),
            difference: Some(0.0),
            ci95: Some([0.0, 0.0]),
            p_adjusted: Some(1.0),
            verdict: "identical".into(),
            gain_of_pairing: None,
        }],
        expectations: Vec::new(),
        precision: None,
        notes: vec!["Every job meets fresh state.".into()],
    }
}

/// The record of [`summary`].
pub(crate) fn record() -> Record {
    Record {
        summary: summary(),
        cells: vec![cell(), cell()],
        jobs: Some(vec![
            job(0, Status::Fulfilled),
            job(1, Status::NeverSettled),
        ]),
        scenario_toml: b"title = \"Three requests\"\n".to_vec(),
    }
}

fn cell() -> Cell {
    let mut settle = Histogram::new();
    [500, 500, 500, 1000]
        .iter()
        .for_each(|ms| settle.record(ms * MS));
    Cell {
        settle_fulfilled: settle.clone(),
        settle_rejected: Histogram::new(),
        drain: settle.clone(),
        settle,
        series: None,
        replications: Vec::new(),
        timeline: Timeline {
            calls: 1,
            arrival: Instant::START,
            status: Status::Fulfilled,
            settled: Some(Instant::from_nanos(500 * MS)),
            drained: Some(Instant::from_nanos(500 * MS)),
            bars: vec![Bar {
                call: 0,
                attempt: 0,
                start: Instant::START,
                end: Some(Instant::from_nanos(500 * MS)),
                fate: Fate::Useful,
            }],
        },
    }
}

/// Two replications over a second; nothing happens in its second half but what is in flight.
pub(crate) fn series() -> Series {
    let mut settle = Histogram::new();
    [100, 200, 400].iter().for_each(|ms| settle.record(ms * MS));
    let busy = Interval {
        offered: 4,
        settled: 3,
        good: 2,
        rejected: 1,
        calls: 12,
        attempts: 15,
        in_flight_ns: 1_500_000_000,
        queued_ns: 250_000_000,
        settle,
        policies: PolicyInterval {
            retries: 3,
            hedges: 2,
            timeouts: 5,
            refused: 1,
            open_ns: 125_000_000,
            // 20 for half the time, 40 for the other.
            limit_milli_ns: 30_000 * 1_000_000_000,
            limiters_ns: 1_000_000_000,
        },
    };
    let idle = Interval {
        in_flight_ns: 125_000_000,
        ..Interval::default()
    };
    Series {
        interval_ns: 500 * MS,
        replications: 2,
        intervals: vec![busy, idle],
        faults: vec![Shade {
            label: "outage".into(),
            from_ns: 0,
            to_ns: 250 * MS,
        }],
    }
}

fn job(row: u32, status: Status) -> JobRow {
    let settled = status != Status::NeverSettled;
    JobRow {
        row,
        replication: 7,
        job: 0,
        arrival_ns: 0,
        status,
        settle_ns: settled.then_some(500_000_001),
        drain_ns: settled.then_some(1500 * MS),
        started: 3,
        started_at_settle: 2,
        succeeded: 2,
        failed: 1,
        cancelled: 0,
        delivered: 2,
        orphan_ns: 70_500_000,
        busy_ns: 1,
        peak_in_flight: 3,
    }
}
