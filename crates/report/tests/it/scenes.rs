//! The worlds that the tests and the gallery show.

use awaitlab_core::{Fate, Status};
use awaitlab_record::summary::Traits;
use awaitlab_record::{Bar, Record, Timeline};

use crate::fixture::{Case, bar, expect_mean, job, record};

/// Three calls of 500 ms; in the second variant call 1 fails after 150 ms.
pub(crate) fn three_requests() -> Record {
    let healthy = [[500.0; 3]; 4];
    let variants = vec![
        ("healthy", four(healthy[0], None)),
        ("one-fails", four([500.0, 150.0, 500.0], Some(1))),
    ];
    let title = "Three independent requests of 500 ms each";
    let mut record = record("three-requests", title, variants);
    record.summary.expectations = vec![
        expect_mean("healthy", "Sequential awaiting", 1500.0, 1500.0),
        expect_mean("one-fails", "Promise.allSettled()", 400.0, 500.0),
    ];
    record.summary.notes =
        vec!["Every job meets fresh state: nothing is shared between replications.".into()];
    record
}

fn four(latency: [f64; 3], failing: Option<u32>) -> Vec<Case> {
    let fate = |call: u32| {
        if Some(call) == failing {
            Fate::Failed
        } else {
            Fate::Useful
        }
    };
    let delivered = if failing.is_some() { 2 } else { 3 };
    let serial = pool(&latency, 1, &fate);
    let burst = pool(&latency, 3, &fate);
    let bounded = pool(&latency, 2, &fate);
    let longest = |bars: &[Bar]| {
        bars.iter()
            .filter_map(|bar| bar.end)
            .max()
            .map_or(0.0, |at| at.as_nanos() as f64 / 1e6)
    };
    let mixed = |delivered: u64| {
        let jobs = if failing.is_some() { 1000 } else { 0 };
        Traits {
            mixed_jobs: jobs,
            mixed_successful: 2 * jobs,
            mixed_delivered: delivered * jobs,
            ..Traits::default()
        }
    };
    let fulfilled = |strategy, kind, bars: Vec<Bar>, traits| {
        let end = longest(&bars);
        Case {
            strategy,
            kind,
            settle_ms: vec![end; 1000],
            timeline: job(3, Status::Fulfilled, end, bars),
            delivered,
            traits,
        }
    };
    let mut all = fulfilled("Promise.all()", "all", burst.clone(), mixed(0));
    all.traits.burst = true;
    if failing.is_some() {
        let orphaned = |mut bar: Bar| {
            bar.fate = if bar.fate == Fate::Useful {
                Fate::Orphaned
            } else {
                bar.fate
            };
            bar
        };
        all.settle_ms = vec![150.0; 1000];
        all.delivered = 0;
        all.timeline = job(
            3,
            Status::Rejected,
            150.0,
            burst.iter().copied().map(orphaned).collect(),
        );
        all.traits.mixed_rejected = 1000;
        all.traits.mixed_cut_short = 1000;
    }
    let one = Traits {
        one_at_a_time: true,
        waited: true,
        ..mixed(2)
    };
    let burst_traits = Traits {
        burst: true,
        ..mixed(2)
    };
    let waited = Traits {
        waited: true,
        ..mixed(2)
    };
    vec![
        fulfilled("Sequential awaiting", "sequential", serial, one),
        all,
        fulfilled("Promise.allSettled()", "all-settled", burst, burst_traits),
        fulfilled("Bounded concurrency", "bounded", bounded, waited),
    ]
}

/// The attempts of a pool of `limit` over a queue of calls.
fn pool(latency: &[f64], limit: usize, fate: &dyn Fn(u32) -> Fate) -> Vec<Bar> {
    let mut free: Vec<f64> = vec![0.0; limit];
    (0..)
        .zip(latency)
        .map(|(call, ms)| {
            let slot = (0..limit)
                .min_by(|&a, &b| free[a].total_cmp(&free[b]))
                .unwrap_or(0);
            let start = free[slot];
            free[slot] = start + ms;
            bar(call, 0, start, start + ms, fate(call))
        })
        .collect()
}

/// Twelve strategies over exponential latencies, two of them alike, one of them heavy in its tail.
pub(crate) fn twelve_strategies() -> Record {
    const NAMES: [&str; 12] = [
        "Sequential awaiting",
        "Promise.all()",
        "Promise.allSettled()",
        "Bounded, limit 2",
        "Bounded, limit 3",
        "Chunks of two",
        "Promise.any()",
        "Promise.race()",
        "Quorum of 3",
        "Eager, in order",
        "Everything at once with a rather long name, longer than fits",
        "Heavy tail",
    ];
    let cases = NAMES
        .iter()
        .enumerate()
        .map(|(index, name)| varied(name, index))
        .collect();
    let title = "Five calls of exponential latency, mean 200 ms";
    let mut record = record("exponential", title, vec![("base", cases)]);
    let race = &mut record.summary.rows[7];
    (race.fulfilled, race.rejected) = (19_600, 400);
    record
}

fn varied(name: &'static str, index: usize) -> Case {
    let mut settle_ms = Vec::new();
    let mut first = [0.0; 5];
    for replication in 0..20_000_u64 {
        let calls: [f64; 5] =
            std::array::from_fn(|call| -200.0 * (1.0 - unit(replication * 5 + call as u64)).ln());
        if replication == 0 {
            first = calls;
        }
        settle_ms.push(settle_of(index, calls));
    }
    let limit = [1, 5, 5, 2, 3, 2, 5, 5, 5, 5, 5, 5][index];
    let fate = |call| {
        if call == 3 && index == 1 {
            Fate::Failed
        } else {
            Fate::Useful
        }
    };
    let bars = pool(&first, limit, &fate);
    let status = if index == 1 {
        Status::Rejected
    } else {
        Status::Fulfilled
    };
    let settled = settle_of(index, first);
    let timeline = job(5, status, settled, bars);
    Case {
        strategy: name,
        kind: "own",
        settle_ms,
        timeline,
        delivered: 5,
        traits: Traits::default(),
    }
}

fn settle_of(index: usize, mut calls: [f64; 5]) -> f64 {
    let end = |limit| {
        let bars = pool(&calls, limit, &|_| Fate::Useful);
        bars.iter()
            .filter_map(|bar| bar.end)
            .max()
            .map_or(0.0, |at| at.as_nanos() as f64 / 1e6)
    };
    match index {
        0 => end(1),
        3 | 5 => end(2),
        4 => end(3),
        6 | 7 => calls.into_iter().fold(f64::INFINITY, f64::min),
        8 => {
            calls.sort_by(f64::total_cmp);
            calls[2]
        }
        11 => 100.0 * (calls[0] / 200.0).exp().powf(0.6),
        _ => calls.into_iter().fold(0.0, f64::max),
    }
}

/// Evenly in [0, 1), by a bijection of 64 bits (SplitMix64's).
pub(crate) fn unit(index: u64) -> f64 {
    let mut x = index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ (x >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// One call is never answered: without a timeout jobs hang, with one they are retried.
pub(crate) fn black_hole() -> Record {
    let never = f64::INFINITY;
    let hang = vec![
        bar(0, 0, 0.0, 120.0, Fate::Useful),
        bar(1, 0, 0.0, never, Fate::Unanswered),
        bar(2, 0, 0.0, 180.0, Fate::Useful),
    ];
    let raced = vec![
        bar(0, 0, 0.0, 120.0, Fate::Useful),
        bar(1, 0, 0.0, never, Fate::Orphaned),
        bar(2, 0, 0.0, 180.0, Fate::Orphaned),
    ];
    let retried = vec![
        bar(0, 0, 0.0, 120.0, Fate::Useful),
        bar(1, 0, 0.0, 300.0, Fate::Late),
        bar(2, 0, 0.0, 180.0, Fate::Useful),
        bar(1, 1, 400.0, 700.0, Fate::Late),
        bar(1, 2, 900.0, 1010.0, Fate::Useful),
    ];
    let hedged = vec![
        bar(0, 0, 0.0, 120.0, Fate::Useful),
        bar(1, 0, 0.0, 260.0, Fate::Duplicate),
        bar(2, 0, 0.0, 180.0, Fate::Useful),
        bar(1, 1, 150.0, 260.0, Fate::Useful),
    ];
    let case = |strategy, settle_ms: f64, timeline: Timeline, delivered| Case {
        strategy,
        kind: "own",
        settle_ms: if settle_ms.is_finite() {
            vec![settle_ms; 1000]
        } else {
            Vec::new()
        },
        timeline,
        delivered,
        traits: Traits {
            burst: true,
            ..Traits::default()
        },
    };
    let cases = vec![
        case(
            "Promise.all()",
            never,
            job(3, Status::NeverSettled, never, hang),
            0,
        ),
        case(
            "Promise.race()",
            120.0,
            job(3, Status::Fulfilled, 120.0, raced),
            1,
        ),
        case(
            "all, timeout and retry",
            1010.0,
            job(3, Status::Fulfilled, 1010.0, retried),
            3,
        ),
        case(
            "all, hedged",
            260.0,
            job(3, Status::Fulfilled, 260.0, hedged),
            3,
        ),
    ];
    record(
        "black-hole",
        "One of three calls is never answered",
        vec![("base", cases)],
    )
}

/// Twenty calls, limit 2, calls 6 and 13 fail: what six real libraries do then.
pub(crate) fn two_of_twenty_fail() -> Record {
    let latency: Vec<f64> = (0..20).map(|call| 150.0 + 300.0 * unit(call)).collect();
    let failing = |call: u32| call == 6 || call == 13;
    let fate = |call| {
        if failing(call) {
            Fate::Failed
        } else {
            Fate::Useful
        }
    };
    let whole = pool(&latency, 2, &fate);
    let end = |bar: &Bar| {
        bar.end
            .map_or(f64::INFINITY, |at| at.as_nanos() as f64 / 1e6)
    };
    let start = |bar: &Bar| bar.start.as_nanos() as f64 / 1e6;
    let rejected = end(&whole[6]);
    let form = |strategy, keep: &dyn Fn(&Bar) -> bool, settled: f64, delivered| {
        let mut bars: Vec<Bar> = whole.iter().copied().filter(|bar| keep(bar)).collect();
        for bar in &mut bars {
            if end(bar) > settled {
                bar.fate = Fate::Orphaned;
            }
        }
        let status = if delivered > 0 {
            Status::Fulfilled
        } else {
            Status::Rejected
        };
        Case {
            strategy,
            kind: "bounded",
            settle_ms: vec![settled; 1000],
            timeline: job(20, status, settled, bars),
            delivered,
            traits: Traits {
                waited: true,
                ..Traits::default()
            },
        }
    };
    let last = whole.iter().map(end).fold(0.0, f64::max);
    let cases = vec![
        form("collect", &|_| true, last, 18),
        form("stop", &|bar| start(bar) < rejected, rejected, 0),
        form("clear-queue", &|bar| start(bar) <= rejected, rejected, 0),
        form(
            "lose-worker",
            &|bar| start(bar) < rejected || bar.call % 2 == 0,
            rejected,
            0,
        ),
        form("keep-starting", &|_| true, rejected, 0),
        form("reject-at-end", &|_| true, last, 0),
    ];
    record(
        "two-of-twenty-fail",
        "Two of twenty calls fail under a limit of two",
        vec![("base", cases)],
    )
}

/// Times at both ends of what a clock can say, and jobs that did nothing.
pub(crate) fn extremes() -> Record {
    let century = 3.2e12;
    let times: [(&str, Vec<f64>); 6] = [
        ("nothing takes no time", vec![0.0; 100]),
        ("a nanosecond", vec![1e-6; 100]),
        ("a century", vec![century; 100]),
        ("all of it", vec![0.0, 1e-6, 1.0, 1e6, century]),
        ("one job", vec![500.0]),
        ("no job settles", Vec::new()),
    ];
    let case = |(strategy, settle_ms): (&'static str, Vec<f64>)| {
        let last = settle_ms.last().copied();
        let status = match last {
            Some(_) => Status::Fulfilled,
            None => Status::NeverSettled,
        };
        let bars = last.map(|end| bar(0, 0, 0.0, end, Fate::Useful));
        let timeline = job(
            1,
            status,
            last.unwrap_or(f64::INFINITY),
            bars.into_iter().collect(),
        );
        Case {
            strategy,
            kind: "own",
            settle_ms,
            timeline,
            delivered: 1,
            traits: Traits::default(),
        }
    };
    let cases = times.into_iter().map(case).collect();
    record("extremes", "Times at both ends", vec![("base", cases)])
}

/// Many variants and strategies with names that try to be more than names, and a job of 300 calls.
pub(crate) fn hostile() -> Record {
    const NAMES: [&str; 20] = [
        "<script>alert(1)</script>",
        "a & b \"quoted\" 'twice'",
        "=cmd|' /C calc'!A0",
        "![x](http://e.org) `code` *bold*",
        "esc \u{1b}[31mred\u{1b}[0m",
        "bidi \u{202e}evil",
        "東京 strategy",
        "sixty-four characters long, to the last one of them, and no more",
        "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
    ];
    const VARIANTS: [&str; 6] = ["<b>bold</b>", "../x", "a|b", "a-b", "plain", "none settle"];
    let case = |index: usize, name: &'static str, dead: bool| {
        let latency: Vec<f64> = (0..300)
            .map(|call| 2000.0 * unit(call + index as u64))
            .collect();
        let bars = pool(&latency, index + 1, &|_| Fate::Useful);
        let status = if dead {
            Status::NeverSettled
        } else {
            Status::Fulfilled
        };
        let settle_ms: Vec<f64> = (0..if dead { 0 } else { 500 })
            .map(|i| 0.001 * (1.0 + unit(i)))
            .collect();
        let end = if dead { f64::INFINITY } else { 60_000.0 };
        Case {
            strategy: name,
            kind: "own",
            settle_ms,
            timeline: job(300, status, end, bars),
            delivered: 300,
            traits: Traits::default(),
        }
    };
    let variants = VARIANTS.iter().map(|&variant| {
        let dead = variant == "none settle";
        let cases = NAMES
            .iter()
            .enumerate()
            .map(|(index, name)| case(index, name, dead));
        (variant, cases.collect())
    });
    record(
        "hostile",
        "Names & <titles> that try to be more",
        variants.collect(),
    )
}
