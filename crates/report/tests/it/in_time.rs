//! Worlds in which work keeps arriving: a service as a fluid that flows in, waits, and flows out.

use awaitlab_core::{Fate, Status};
use awaitlab_record::Record;
use awaitlab_record::series::{Interval, Series, Shade};
use awaitlab_record::summary::{Analysis, DownstreamRow, FateCounts, Traits, Wait};
use awaitlab_stats::Histogram;

use crate::fixture::{Case, bar, job, record};

pub(crate) const INTERVAL_S: f64 = 0.5;
pub(crate) const REPLICATIONS: u64 = 20;
const LATENCY_S: f64 = 0.1;

/// How one strategy treats a service that falls behind.
#[derive(Clone, Copy)]
struct Manner {
    strategy: &'static str,
    /// Attempts that may wait; what is beyond is refused.
    queue: f64,
    /// A job that waits longer than this is given up and tried again, so many times.
    timeout_s: f64,
    retries: f64,
}

/// A service and the load on it, as functions of time in seconds.
struct World {
    arrivals_s: f64,
    offered_per_s: fn(f64) -> f64,
    capacity_per_s: fn(f64) -> f64,
    faults: Vec<Shade>,
}

fn shade(label: &str, from_s: f64, to_s: f64) -> Shade {
    Shade {
        label: label.into(),
        from_ns: (from_s * 1e9) as u64,
        to_ns: (to_s * 1e9) as u64,
    }
}

/// Load trebles for ten seconds while a fault makes the service slow; afterwards everybody recovers,
/// some sooner.
pub(crate) fn overload_spike() -> Record {
    let world = World {
        arrivals_s: 60.0,
        offered_per_s: |s| {
            if (20.0..30.0).contains(&s) {
                220.0
            } else {
                80.0
            }
        },
        capacity_per_s: |s| {
            if (25.0..32.0).contains(&s) {
                60.0
            } else {
                130.0
            }
        },
        faults: vec![shade("slow", 25.0, 32.0)],
    };
    let manners = [
        manner("Promise.all()", f64::INFINITY, f64::INFINITY, 0.0),
        manner("Bounded, limit 8", 600.0, f64::INFINITY, 0.0),
        manner("Shed above 50", 50.0, f64::INFINITY, 0.0),
    ];
    let recover = [Some(28_000.0), Some(7000.0), Some(1000.0)];
    in_time(
        "overload-spike",
        "A spike of load and a slow service",
        &world,
        &manners,
        &recover,
    )
}

/// An outage of five seconds; with unbounded retries its load stays after it is gone.
pub(crate) fn metastable() -> Record {
    let world = World {
        arrivals_s: 90.0,
        offered_per_s: |_| 80.0,
        capacity_per_s: |s| {
            if (20.0..25.0).contains(&s) {
                0.0
            } else {
                100.0
            }
        },
        faults: vec![shade("outage", 20.0, 25.0)],
    };
    let manners = [
        manner("No retry", f64::INFINITY, 2.0, 0.0),
        manner("Three attempts", f64::INFINITY, 2.0, 2.0),
        manner("Three attempts, budget", f64::INFINITY, 2.0, 0.1),
    ];
    let recover = [Some(12_000.0), None, Some(16_000.0)];
    in_time(
        "metastable",
        "A failure that outlives its cause",
        &world,
        &manners,
        &recover,
    )
}

/// The same outage under five manners of calling; what their policies did is another's to say.
pub(crate) fn guarded_storm() -> Record {
    let world = World {
        arrivals_s: 60.0,
        offered_per_s: |_| 80.0,
        capacity_per_s: |s| {
            if (20.0..25.0).contains(&s) {
                0.0
            } else {
                100.0
            }
        },
        faults: vec![shade("outage", 20.0, 25.0)],
    };
    let manners = [
        manner("No retry", f64::INFINITY, 2.0, 0.0),
        manner("Three attempts", f64::INFINITY, 2.0, 2.0),
        manner("Three attempts, budget", f64::INFINITY, 2.0, 0.1),
        manner("Retry, breaker, fallback", 80.0, 2.0, 0.1),
        manner("Adaptive limit, bulkhead", 60.0, f64::INFINITY, 0.0),
    ];
    let recover = [
        Some(12_000.0),
        None,
        Some(16_000.0),
        Some(4000.0),
        Some(1000.0),
    ];
    in_time(
        "storm",
        "A failure that outlives its cause, and what guards against it",
        &world,
        &manners,
        &recover,
    )
}

/// Twice the capacity for a minute: nothing is wrong but the load.
pub(crate) fn saturated_queue() -> Record {
    let world = World {
        arrivals_s: 60.0,
        offered_per_s: |_| 200.0,
        capacity_per_s: |_| 100.0,
        faults: Vec::new(),
    };
    let manners = [
        manner("Promise.all()", f64::INFINITY, f64::INFINITY, 0.0),
        manner("Bounded, queue 100", 100.0, f64::INFINITY, 0.0),
    ];
    in_time(
        "saturated-queue",
        "Twice the capacity",
        &world,
        &manners,
        &[None, None],
    )
}

/// One strategy in two variants.
pub(crate) fn two_worlds() -> Record {
    let mut record = saturated_queue();
    for (row, variant) in record.summary.rows.iter_mut().zip(["random", "in turn"]) {
        (row.variant, row.strategy) = (variant.into(), "One request".into());
    }
    record.summary.comparisons.clear();
    record
}

/// Ten strategies and faults of many kinds: more than one chart can show.
pub(crate) fn crowd() -> Record {
    const NAMES: [&str; 10] = [
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "a seventh with a name that is too long",
        "<eight>",
        "nine",
        "ten",
    ];
    let mut faults: Vec<Shade> = (0..12)
        .map(|i| shade("pause", 5.0 * f64::from(i), 5.0 * f64::from(i) + 0.4))
        .collect();
    faults.extend([
        shade("error", 10.0, 20.0),
        shade("hang", 10.5, 30.0),
        shade("partition", 55.0, 100.0),
        shade("slow", 0.0, 1e6),
    ]);
    let world = World {
        arrivals_s: 60.0,
        offered_per_s: |s| 90.0 + 60.0 * (s / 7.0).sin(),
        capacity_per_s: |_| 100.0,
        faults,
    };
    let manners: Vec<Manner> = NAMES
        .iter()
        .zip(1..)
        .map(|(name, i)| manner(name, 40.0 * f64::from(i), 1.0, 0.2 * f64::from(i)))
        .collect();
    let none = vec![None; manners.len()];
    in_time(
        "crowd",
        "Ten strategies in a world of faults",
        &world,
        &manners,
        &none,
    )
}

/// As many lines as a chart over time has, as long as it may be, none of them at rest: the largest
/// file there is.
pub(crate) fn restless() -> Record {
    let mut record = crowd();
    let random = |index: u64, most: f64| (crate::scenes::unit(index) * most) as u64;
    for (cell, line) in record.cells.iter_mut().zip(0_u64..) {
        let series = cell
            .series
            .as_mut()
            .expect("every cell of the crowd has one");
        let mut intervals = vec![series.intervals[0].clone(); 200];
        for (interval, index) in intervals.iter_mut().zip(line * 1000..) {
            interval.offered = random(index % 1000, 2000.0);
            interval.good = random(index + 20_000, 2000.0);
            interval.attempts = interval.calls + random(index + 40_000, 4000.0);
            interval.in_flight_ns = time(random(index + 60_000, 300.0) as f64);
            interval.queued_ns = time(random(index + 80_000, 300.0) as f64);
            interval.settle = times(crate::scenes::unit(index + 100_000), 60);
        }
        series.intervals = intervals;
    }
    record.summary.scenario.name = "restless".into();
    record
}

fn manner(strategy: &'static str, queue: f64, timeout_s: f64, retries: f64) -> Manner {
    Manner {
        strategy,
        queue,
        timeout_s,
        retries,
    }
}

fn in_time(
    name: &str,
    title: &str,
    world: &World,
    manners: &[Manner],
    recover_ms: &[Option<f64>],
) -> Record {
    let series: Vec<Series> = manners.iter().map(|manner| flow(world, manner)).collect();
    let cases = manners
        .iter()
        .zip(&series)
        .map(|(m, s)| case(m, s))
        .collect();
    let mut record = record(name, title, vec![("base", cases)]);
    for (index, series) in series.into_iter().enumerate() {
        let row = &mut record.summary.rows[index];
        let sum = |of: fn(&Interval) -> u64| series.intervals.iter().map(of).sum::<u64>();
        let per_s = |count: u64| Some(count as f64 / (REPLICATIONS as f64 * world.arrivals_s));
        let (offered, settled, good) = (sum(|i| i.offered), sum(|i| i.settled), sum(|i| i.good));
        (row.jobs, row.fulfilled, row.rejected) = (offered, good, settled - good);
        row.analysis = Some(Analysis::Terminating);
        row.offered_per_s = per_s(offered);
        row.throughput_per_s = per_s(settled);
        row.goodput_per_s = per_s(good);
        row.recover_ms = recover_ms[index];
        row.success_rate.value = Some(good as f64 / offered as f64);
        row.amplification = Some(sum(|i| i.attempts) as f64 / sum(|i| i.calls) as f64);
        row.client_deaths = if index == 1 { 3 } else { 0 };
        let queued: u128 = series.intervals.iter().map(|i| i.queued_ns).sum();
        let wait = Wait {
            mean: Some(queued as f64 / 1e6 / sum(|i| i.attempts) as f64),
            p99: row.settle_ms.p99.map(|ms| ms - LATENCY_S * 1e3),
        };
        row.wait_ms = wait;
        row.utilization.insert("api".into(), Some(0.9));
        row.attempts = FateCounts {
            made: sum(|i| i.attempts),
            started: sum(|i| i.attempts) - (settled - good),
            useful: good,
            rejected: settled - good,
            late: sum(|i| i.attempts).saturating_sub(settled),
            ..FateCounts::default()
        };
        let api = DownstreamRow {
            attempts: row.attempts,
            utilization: Some(0.9),
            wait_ms: wait,
            queue_peak: queued.min(4000) as u64,
        };
        row.downstreams.insert("api".into(), api);
        record.cells[index].series = Some(series);
    }
    record.summary.scenario.replications = REPLICATIONS;
    record
}

fn case(manner: &Manner, series: &Series) -> Case {
    let mut settle_ms = Vec::new();
    for interval in &series.intervals {
        for bucket in interval.settle.buckets() {
            let of_it = std::iter::repeat_n(bucket.high as f64 / 1e6, bucket.count as usize);
            settle_ms.extend(of_it);
        }
    }
    Case {
        strategy: manner.strategy,
        kind: "own",
        settle_ms,
        timeline: job(
            1,
            Status::Fulfilled,
            100.0,
            vec![bar(0, 0, 0.0, 100.0, Fate::Useful)],
        ),
        delivered: 1,
        traits: Traits::default(),
    }
}

/// Interval by interval: what arrives joins the queue, what fits is served, what has waited too long
/// is given up and partly comes back.
fn flow(world: &World, manner: &Manner) -> Series {
    let mut series = Series {
        interval_ns: (INTERVAL_S * 1e9) as u64,
        replications: REPLICATIONS,
        intervals: Vec::new(),
        faults: world.faults.clone(),
    };
    let (mut queue, mut again) = (0.0_f64, 0.0_f64);
    for index in 0..190_u64 {
        let s = index as f64 * INTERVAL_S;
        let arriving = s < world.arrivals_s;
        if !arriving && queue < 1.0 && again < 1.0 {
            break;
        }
        let noise = 1.0 + 0.1 * (crate::scenes::unit(index) - 0.5);
        let load = if arriving {
            (world.offered_per_s)(s)
        } else {
            0.0
        };
        let new = load * noise * INTERVAL_S;
        let room = (world.capacity_per_s)(s) * INTERVAL_S;
        let come = queue + new + again;
        let refused = (come - room - manner.queue).max(0.0);
        let served = (come - refused).min(room);
        let (tried, before) = (new + again, queue);
        queue = come - refused - served;
        let wait_s = queue / (world.capacity_per_s)(s).max(20.0);
        // Served, but for nobody: the caller has given up.
        let late = if wait_s > manner.timeout_s {
            served
        } else {
            0.0
        };
        again = late * manner.retries;
        let good = served - late;
        let failed = refused + (late - again / manner.retries.max(1.0)).max(0.0);
        series.intervals.push(Interval {
            offered: count(new),
            settled: count(good + failed),
            good: count(good),
            rejected: count(failed),
            calls: count(new),
            attempts: count(if arriving { tried } else { 0.0 }),
            in_flight_ns: time(before.min(queue) + served * LATENCY_S / INTERVAL_S),
            queued_ns: time(queue),
            settle: times(wait_s, count(good + failed)),
            ..Interval::default()
        });
    }
    series
}

fn count(per_replication: f64) -> u64 {
    (per_replication * REPLICATIONS as f64).round() as u64
}

fn time(at_once: f64) -> u128 {
    (at_once * REPLICATIONS as f64 * INTERVAL_S * 1e9) as u128
}

fn times(wait_s: f64, count: u64) -> Histogram {
    let mut histogram = Histogram::new();
    for index in 0..count {
        // Few different times make small histograms.
        let spread = 0.5 + crate::scenes::unit(index % 50);
        histogram.record(((wait_s * spread + LATENCY_S * spread) * 1e9) as u64);
    }
    histogram
}
