//! When jobs arrive: goldens, and the laws they are drawn by.

use std::time::Duration;

use awaitlab_core::{AttemptId, Draws, Instant, Latency, Streams};
use awaitlab_workload::{ArrivalTimes, Arrivals, Stage, Workload, job_of, think_ns};

fn seconds(s: u64) -> Duration {
    Duration::from_secs(s)
}

fn steady(s: u64, rate_per_s: f64) -> Stage {
    Stage::steady(seconds(s), rate_per_s).unwrap()
}

fn ramp(s: u64, from_per_s: f64, to_per_s: f64) -> Stage {
    Stage::ramp(seconds(s), from_per_s, to_per_s).unwrap()
}

fn evenly(stages: &[Stage]) -> Vec<u64> {
    let times = ArrivalTimes::new(stages, Arrivals::Constant, &Streams::new(1, 0));
    times.map(Instant::as_nanos).collect()
}

fn evenly_ms(stages: &[Stage]) -> Vec<u64> {
    let whole = |ns: u64| {
        assert_eq!(ns % 1_000_000, 0, "{ns} ns");
        ns / 1_000_000
    };
    evenly(stages).into_iter().map(whole).collect()
}

fn at_random(stages: &[Stage], replication: u64) -> impl Iterator<Item = f64> + use<> {
    let streams = Streams::new(1, replication);
    ArrivalTimes::new(stages, Arrivals::Poisson, &streams).map(|at| at.as_nanos() as f64 / 1e9)
}

#[test]
fn even_arrivals_come_at_i_over_the_rate_from_0_to_just_before_the_end() {
    assert_eq!(evenly_ms(&[steady(1, 4.0)]), [0, 250, 500, 750]);
    assert_eq!(evenly(&[steady(1, 3.0)]), [0, 333_333_333, 666_666_667]);
    let many = evenly(&[steady(100_000, 200.0)]);
    assert_eq!(many.len(), 20_000_000);
    assert!((0..).zip(many).all(|(i, at)| at == i * 5_000_000));
}

/// 0.1/s sums up to exactly 3 after 30 s, whatever binary fractions make of it.
#[test]
fn an_arrival_at_the_very_end_of_a_stage_is_the_first_of_the_next() {
    assert_eq!(evenly_ms(&[steady(30, 0.1)]), [0, 10_000, 20_000]);
    let then_more = [steady(30, 0.1), steady(1, 2.0)];
    assert_eq!(evenly_ms(&then_more), [0, 10_000, 20_000, 30_000, 30_500]);
}

#[test]
fn a_step_takes_along_what_the_rate_has_summed_up_to() {
    // 1.5 jobs in the first second: the third, level 2, needs half a job more at 2/s.
    let stages = [Stage::steady(seconds(1), 1.5).unwrap(), steady(1, 2.0)];
    assert_eq!(evenly_ms(&stages[1..]), [0, 500]);
    let times = evenly(&stages);
    assert_eq!(times, [0, 666_666_667, 1_250_000_000, 1_750_000_000]);
}

#[test]
fn nothing_arrives_while_the_rate_is_0() {
    let stages = [
        steady(5, 0.0),
        steady(1, 2.0),
        steady(10, 0.0),
        steady(1, 2.0),
    ];
    assert_eq!(evenly_ms(&stages), [5000, 5500, 16_000, 16_500]);
    assert!(at_random(&stages, 0).all(|s| (5.0..6.0).contains(&s) || (16.0..17.0).contains(&s)));
    assert_eq!(evenly_ms(&[steady(9, 0.0)]), []);
    assert_eq!(evenly_ms(&[]), []);
}

/// Up: 0.5 x^2 jobs after x seconds, so the i-th comes at sqrt(2 i). Down: from 4/s to 0 in 4 s it is
/// 4 x - x^2 / 2, 8 in all; the i-th comes at 4 - sqrt(16 - 2 i).
#[test]
fn ramps_are_followed_exactly() {
    let ns = |s: f64| (s * 1e9).round() as u64;
    let up: Vec<u64> = (0..8).map(|i| ns(f64::from(2 * i).sqrt())).collect();
    assert_eq!(evenly(&[ramp(4, 0.0, 4.0)]), up);
    let down: Vec<u64> = (0..8)
        .map(|i| ns(4.0 - f64::from(16 - 2 * i).sqrt()))
        .collect();
    let fell = evenly(&[ramp(4, 4.0, 0.0)]);
    assert_eq!(fell.len(), 8);
    assert!(
        fell.iter().zip(&down).all(|(a, b)| a.abs_diff(*b) <= 1),
        "{fell:?} {down:?}"
    );
}

#[test]
fn the_arrivals_of_a_seed_are_the_same_in_every_build() {
    let streams = Streams::new(1, 0);
    let stages = [steady(1, 2.0), ramp(2, 2.0, 0.0)];
    let times = ArrivalTimes::new(&stages, Arrivals::Poisson, &streams);
    assert_eq!(times.map(Instant::as_nanos).collect::<Vec<_>>(), GOLDEN);
}
const GOLDEN: [u64; 6] = [
    520_530_932,
    1_058_953_764,
    1_130_476_626,
    1_547_735_595,
    1_590_887_347,
    1_927_337_019,
];

#[test]
fn another_rate_stretches_the_same_gaps() {
    let slow = at_random(&[steady(1000, 1.0)], 0);
    let fast = at_random(&[steady(100, 10.0)], 0);
    assert!(
        slow.zip(fast)
            .all(|(slow, fast)| (slow - 10.0 * fast).abs() < 1e-6)
    );
}

/// 2000 replications of 20 jobs on average, half of them up a ramp: counts have mean and variance 20
/// (standard errors 0.1 and 0.63), and each bin has its integral (standard error 0.1 at most).
#[test]
fn random_arrivals_are_a_poisson_process_of_the_rate_given() {
    let stages = [ramp(10, 0.0, 2.0), steady(5, 0.0), ramp(10, 2.0, 0.0)];
    let edges = [0.0, 5.0, 10.0, 15.0, 20.0, 25.0];
    let expected = [2.5, 7.5, 0.0, 7.5, 2.5];
    const REPLICATIONS: usize = 2000;
    let mut bins = [0_usize; 5];
    let (mut sum, mut squares) = (0.0, 0.0);
    for replication in 0..REPLICATIONS {
        let mut count = 0.0;
        for s in at_random(&stages, replication as u64) {
            count += 1.0;
            bins[edges.partition_point(|edge| *edge <= s) - 1] += 1;
        }
        sum += count;
        squares += count * count;
    }
    let n = REPLICATIONS as f64;
    let mean = sum / n;
    let variance = squares / n - mean * mean;
    assert!((mean - 20.0).abs() < 0.4, "mean {mean}");
    assert!((variance - 20.0).abs() < 2.5, "variance {variance}");
    for (bin, expected) in bins.iter().zip(expected) {
        let met = *bin as f64 / n;
        let four_errors = 4.0 * f64::sqrt(expected / n);
        assert!(
            (met - expected).abs() <= four_errors,
            "{met} for {expected}"
        );
    }
}

/// Kolmogorov-Smirnov against 1 - e^(-5 x) over 20 000 gaps; 1.95 / sqrt(n) is the 99.9 % point.
#[test]
fn gaps_at_a_steady_rate_are_exponential() {
    let times: Vec<f64> = at_random(&[steady(10_000, 5.0)], 0).take(20_001).collect();
    let mut gaps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    gaps.sort_by(f64::total_cmp);
    let n = gaps.len() as f64;
    assert_eq!(n, 20_000.0);
    let distance = (0..).zip(&gaps).map(|(i, gap)| {
        let cdf = 1.0 - (-5.0 * gap).exp();
        let below = f64::from(i) / n;
        (cdf - below).abs().max((cdf - below - 1.0 / n).abs())
    });
    let distance = distance.fold(0.0, f64::max);
    assert!(distance < 1.95 / n.sqrt(), "{distance}");
}

#[derive(Debug)]
struct Any;

impl Latency for Any {
    fn sample_ns(&self, _: &AttemptId, draws: &mut Draws) -> u64 {
        draws.bits()
    }
}

/// Thinks 10 ms longer each time.
struct Counting;

impl Latency for Counting {
    fn sample_ns(&self, attempt: &AttemptId, _: &mut Draws) -> u64 {
        attempt.job * 10_000_000
    }
}

#[test]
fn a_user_thinks_as_long_whoever_else_is_there() {
    let streams = Streams::new(1, 0);
    let thinks = |user, iteration| think_ns(&Any, &streams, user, iteration);
    assert_eq!(thinks(3, 5), thinks(3, 5));
    assert_ne!(thinks(3, 5), thinks(5, 3));
    assert_ne!(thinks(3, 5), think_ns(&Any, &Streams::new(1, 1), 3, 5));
    assert_eq!(think_ns(&Counting, &streams, 9, 4), 40_000_000);
}

#[test]
fn jobs_of_users_have_numbers_of_their_own() {
    let mut jobs: Vec<u64> = (0..50)
        .flat_map(|user| (0..50).map(move |iteration| job_of(user, iteration)))
        .collect();
    jobs.sort_unstable();
    jobs.dedup();
    assert_eq!(jobs.len(), 2500);
}

#[test]
fn users_stay_with_their_client_and_a_burst_is_dealt_out_in_turn() {
    let streams = Streams::new(1, 0);
    let clients = |workload: Workload<Any>| -> Vec<u32> {
        (0..5)
            .map(|number| workload.client_of(number, 3, &streams))
            .collect()
    };
    let closed = Workload::closed(5, Any, seconds(1)).unwrap();
    assert_eq!(clients(closed), [0, 1, 2, 0, 1]);
    assert_eq!(clients(Workload::burst(5).unwrap()), [0, 1, 2, 0, 1]);
    assert_eq!(clients(Workload::Isolated), [0; 5]);
}

/// 30 000 jobs over 3 clients: 10 000 each, standard deviation 81.6; 4 of them either way.
#[test]
fn which_client_a_job_goes_to_has_nothing_to_do_with_when_it_comes() {
    let streams = Streams::new(1, 0);
    let stages = vec![steady(10_000, 1.0)];
    let times = ArrivalTimes::new(&stages, Arrivals::Poisson, &streams);
    let times: Vec<u64> = times.map(|at| at.as_nanos()).collect();
    let open = Workload::<Any>::open(Arrivals::Poisson, stages).unwrap();
    // Half of all gaps are longer than ln 2 s, and half of all jobs go to the first of two clients. Of
    // one stream the two halves would be the same jobs.
    const MEDIAN_GAP_NS: u64 = 693_147_181;
    let both = (1..).zip(times.windows(2)).filter(|&(job, gap)| {
        gap[1] - gap[0] > MEDIAN_GAP_NS && open.client_of(job, 2, &streams) == 0
    });
    let share = both.count() as f64 / times.len() as f64;
    // Four standard errors: 4 sqrt(1/4 x 3/4 / 10000).
    assert!((share - 0.25).abs() < 0.0174, "{share}");
}

#[test]
fn jobs_that_arrive_by_themselves_go_to_any_client() {
    let streams = Streams::new(1, 0);
    let stages = vec![steady(1, 1.0)];
    let open = Workload::<Any>::open(Arrivals::Poisson, stages).unwrap();
    let mut counts = [0_u32; 3];
    for job in 0..30_000 {
        counts[open.client_of(job, 3, &streams) as usize] += 1;
    }
    assert!(
        counts.iter().all(|n| (9674..=10_326).contains(n)),
        "{counts:?}"
    );
    assert_eq!(open.client_of(7, 1, &streams), 0);
}
