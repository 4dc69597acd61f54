//! What a histogram promises, checked against the sorted values themselves.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;

const MS: u64 = 1_000_000;

fn histogram(values: &[u64]) -> Histogram {
    let mut histogram = Histogram::new();
    values.iter().for_each(|&value| histogram.record(value));
    histogram
}

#[test]
fn an_empty_histogram_answers_nothing_instead_of_zero() {
    let empty = Histogram::new();
    assert_eq!((empty.count(), empty.sum()), (0, 0));
    assert_eq!((empty.min(), empty.max()), (None, None));
    assert_eq!((empty.mean(), empty.quantile(Quantile::P50)), (None, None));
    assert_eq!(
        empty.quantile_interval(Quantile::P50, Confidence::P95),
        None
    );
    assert_eq!(empty.buckets().count(), 0);
    assert_eq!(empty.percentile_curve(100), []);
}

#[test]
fn an_empty_histogram_is_small() {
    // Thousands exist in a run; nothing is on the heap yet.
    assert!(size_of::<Histogram>() <= 160, "{}", size_of::<Histogram>());
}

#[test]
fn a_constant_of_500_ms_has_quantiles_of_500_ms() {
    let constant = histogram(&[500 * MS; 2000]);
    for quantile in [Quantile::P50, Quantile::P90, Quantile::P99, Quantile::P999] {
        assert_eq!(constant.quantile(quantile), Some(500 * MS));
    }
    let interval = constant.quantile_interval(Quantile::P99, Confidence::P95);
    assert_eq!(interval, Some([500 * MS, 500 * MS]));
    assert_eq!(constant.mean(), Some(500e6));
}

#[test]
fn few_distinct_values_are_told_apart_exactly() {
    // Nine in ten take 500 ms, one takes 1200 ms.
    let mut values = vec![500 * MS; 900];
    values.extend([1200 * MS; 100]);
    let histogram = histogram(&values);
    assert_eq!(histogram.quantile(Quantile::P90), Some(500 * MS));
    assert_eq!(
        histogram.quantile(Quantile::decimal(0.901).unwrap()),
        Some(1200 * MS)
    );
}

#[test]
fn many_distinct_values_keep_exact_sums_and_extremes() {
    let values: Vec<u64> = (1..=100_000).map(|i| i * 10_007).collect();
    let histogram = histogram(&values);
    assert_eq!(histogram.count(), 100_000);
    assert_eq!(histogram.sum(), 10_007 * (100_000 * 100_001 / 2));
    assert_eq!(
        (histogram.min(), histogram.max()),
        (Some(10_007), Some(1_000_700_000))
    );
    let p50 = histogram.quantile(Quantile::P50).unwrap() as f64;
    assert!((p50 / 500_350_000.0 - 1.0).abs() < 0.001, "{p50}");
    assert_eq!(
        histogram.quantile(Quantile::ratio(1, 1).unwrap()),
        Some(1_000_700_000)
    );
}

#[test]
fn a_time_beyond_all_bounds_is_counted_and_its_maximum_exact() {
    let mut values: Vec<u64> = (0..100).collect();
    values.extend([u64::MAX, 1 << 63]);
    let histogram = histogram(&values);
    assert_eq!(histogram.count(), 102);
    assert_eq!(histogram.max(), Some(u64::MAX));
    assert_eq!(histogram.sum(), u128::from(u64::MAX) + (1 << 63) + 4950);
    assert!(histogram.quantile(Quantile::P99).unwrap() >= 1 << 62);
}

#[test]
fn a_bin_holds_its_lower_bound_and_the_last_one_both() {
    let histogram = histogram(&[0, 10, 19, 20, 29, 30, 31]);
    let bins = histogram.rebin(10, 30, 2);
    assert_eq!(
        bins,
        Bins {
            below: 1.0,
            counts: vec![2.0, 3.0],
            above: 1.0
        }
    );
}

#[test]
fn nothing_is_binned_between_bounds_that_are_none() {
    let histogram = histogram(&[10, 20]);
    assert_eq!(histogram.rebin(20, 10, 2).counts, [0.0, 0.0]);
    assert_eq!(histogram.rebin(0, 10, 0).counts, [0.0; 0]);
}

#[test]
fn a_curve_steps_where_the_values_do() {
    // 90 % take 500, 9 % take 900, 1 % takes 1000.
    let mut values = vec![500; 90];
    values.extend([900; 9]);
    values.push(1000);
    let curve: Vec<(f64, u64)> = histogram(&values)
        .percentile_curve(100)
        .iter()
        .map(|point| (point.one_in.round(), point.value_ns))
        .collect();
    let steps = [
        (1.0, 500),
        (10.0, 500),
        (10.0, 900),
        (100.0, 900),
        (100.0, 1000),
    ];
    assert_eq!(curve, steps);
}

#[test]
fn a_curve_of_one_value_is_flat() {
    let curve = histogram(&[7; 1000]).percentile_curve(100);
    let ends: Vec<(f64, u64)> = curve.iter().map(|p| (p.one_in, p.value_ns)).collect();
    assert_eq!(ends, [(1.0, 7), (1000.0, 7)]);
    assert_eq!(histogram(&[7]).percentile_curve(100).len(), 1);
}

/// Values on every scale, with repetitions, in numbers that end on both sides of the switch from
/// few to many.
fn values(up_to: usize) -> impl Strategy<Value = Vec<u64>> {
    let value = prop_oneof![0_u64..100, 0_u64..3_000_000_000, any::<u64>()];
    prop::collection::vec(value, 0..up_to)
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default()
    })]

    #[test]
    fn merging_in_any_order_is_recording_everything(a in values(90), b in values(90), c in values(90)) {
        let all: Vec<u64> = c.iter().chain(&a).chain(&b).copied().collect();
        let (ha, hb, hc) = (histogram(&a), histogram(&b), histogram(&c));
        let mut left = ha.clone();
        left.merge(&hb);
        left.merge(&hc);
        let mut right = hc;
        right.merge(&hb);
        right.merge(&ha);
        prop_assert!(left == right);
        prop_assert!(left == histogram(&all));
    }

    #[test]
    fn a_quantile_is_the_observation_of_its_rank_to_three_digits(
        mut sample in prop::collection::vec(0_u64..5_000_000_000, 1..300),
        thousandth in 0_u64..=1000,
    ) {
        let quantile = Quantile::ratio(thousandth, 1000).unwrap();
        let estimate = histogram(&sample).quantile(quantile).unwrap();
        sample.sort_unstable();
        let exact = sample[quantile.rank(sample.len() as u64) as usize - 1];
        prop_assert!(exact <= estimate, "the top of its bucket");
        prop_assert!((estimate - exact) as f64 <= exact as f64 / 1000.0, "{estimate} {exact}");
    }

    #[test]
    fn buckets_hold_everything_once_and_in_order(sample in values(300)) {
        let histogram = histogram(&sample);
        let buckets: Vec<Bucket> = histogram.buckets().collect();
        let count: u64 = buckets.iter().map(|bucket| bucket.count).sum();
        prop_assert_eq!(count, sample.len() as u64);
        prop_assert!(buckets.iter().all(|bucket| bucket.low <= bucket.high && bucket.count > 0));
        prop_assert!(buckets.windows(2).all(|pair| pair[0].high < pair[1].low));
        prop_assert_eq!(buckets.first().map(|first| first.low >= histogram.min().unwrap()),
            (count > 0).then_some(true));
    }

    #[test]
    fn many_values_lie_in_the_buckets_of_hdrhistogram(
        sample in prop::collection::vec(prop_oneof![0_u64..5000, 0_u64..=1 << 62], 200..300),
    ) {
        for (mut ours, digits) in [(Histogram::new(), 3), (Histogram::coarse(), 2)] {
            let mut theirs = hdrhistogram::Histogram::<u64>::new(digits).unwrap();
            for &value in &sample {
                ours.record(value);
                theirs.record(value).unwrap();
            }
            let narrow = |value: u64| value.clamp(ours.min().unwrap(), ours.max().unwrap());
            let theirs: Vec<Bucket> = theirs
                .iter_recorded()
                .map(|step| Bucket {
                    low: narrow(theirs.lowest_equivalent(step.value_iterated_to())),
                    high: narrow(theirs.highest_equivalent(step.value_iterated_to())),
                    count: step.count_at_value(),
                })
                .collect();
            prop_assert_eq!(ours.buckets().collect::<Vec<_>>(), theirs);
        }
    }

    #[test]
    fn bins_lose_nobody(sample in prop::collection::vec(0_u64..1_000_000, 0..300), bins in 1_usize..50) {
        let binned = histogram(&sample).rebin(100_000, 700_000, bins);
        let total = binned.below + binned.above + binned.counts.iter().sum::<f64>();
        prop_assert!((total - sample.len() as f64).abs() < 1e-6, "{total}");
        prop_assert!(binned.counts.iter().all(|&count| count >= 0.0));
    }

    #[test]
    fn a_curve_rises_from_one_to_the_count_and_is_thin(
        sample in prop::collection::vec(0_u64..1_000_000_000, 1..2000),
    ) {
        let curve = histogram(&sample).percentile_curve(50);
        prop_assert_eq!(curve[0].one_in, 1.0);
        let last = curve[curve.len() - 1];
        prop_assert_eq!(last.one_in, sample.len() as f64);
        prop_assert_eq!(Some(last.value_ns), sample.iter().max().copied());
        prop_assert!(curve.windows(2).all(|pair|
            pair[0].one_in <= pair[1].one_in && pair[0].value_ns <= pair[1].value_ns));
        prop_assert!(curve.len() <= 102, "{}", curve.len());
    }
}

#[test]
fn a_coarse_histogram_has_two_digits_and_exact_sums() {
    let mut coarse = Histogram::coarse();
    (1..=1000_u64).for_each(|n| coarse.record(n * 1_000_003));
    assert_eq!(coarse.sum(), 500_500 * 1_000_003);
    let median = coarse.quantile(Quantile::P50).unwrap() as f64;
    assert!((median / 500_001_500.0 - 1.0).abs() < 0.01, "{median}");
}
