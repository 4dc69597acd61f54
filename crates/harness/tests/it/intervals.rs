//! What intervals and comparisons say, against laws whose quantiles are known.

use awaitlab_harness::Contest;
use awaitlab_record::summary::{Comparison, Summary};

use crate::shape::scenario;

fn run(parts: &str) -> Summary {
    Contest::new(&scenario(parts)).run().unwrap().summary
}

/// Isolated jobs of three exponential calls of 1 s on average, one in ten of which fails.
fn isolated(replications: u64, compare: &str) -> Summary {
    run(&format!(
        "replications = {replications}\njob.calls = 3\ncompare = {{ {compare} }}\n\
         downstream.api.latency = {{ kind = \"exponential\", mean = \"1s\" }}\n\
         fault = [{{ kind = \"error\", probability = 0.1 }}]\n\
         strategy = [\n\
           {{ name = \"one by one\", kind = \"sequential\", on-error = \"isolate\" }},\n\
           {{ name = \"all\", kind = \"all-settled\" }},\n\
           {{ name = \"again\", kind = \"all-settled\", policies = [\n\
             {{ kind = \"retry\", attempts = 3, backoff = {{ kind = \"constant\", base = \"0s\" }} }} ] }},\n\
         ]\n\
         [[measure]]\nname = \"slow\"\nmetric = \"settle_ms.max\"\nabove = 4000\n"
    ))
}

#[track_caller]
fn covers(interval: Option<[f64; 2]>, truth: f64) {
    let [low, high] = interval.unwrap();
    assert!(
        low <= truth && truth <= high,
        "{truth} not in {low} to {high}"
    );
    assert!(high - low < 0.2 * truth, "{low} to {high} says nothing");
}

#[test]
fn quantiles_of_isolated_jobs_have_the_intervals_of_order_statistics() {
    let summary = isolated(5000, "");
    // The longest of three exponentials: (1 - e^-t)^3 = p. The median is 1578.4 ms, p90 3365.5 ms,
    // p99 5699.5 ms.
    let all = summary.rows[1].settle_ms;
    let truth = |p: f64| -1000.0 * (1.0 - p.powf(1.0 / 3.0)).ln();
    covers(all.p50_ci95, truth(0.5));
    covers(all.p90_ci95, truth(0.9));
    covers(all.p99_ci95, truth(0.99));
    // 5000 jobs have five beyond p99.9.
    assert_eq!((all.p999, all.p999_ci95), (None, None));
    assert!(summary.rows[1].interval("settle_ms.max").is_none());
}

#[test]
fn quantiles_in_time_have_the_spread_of_their_replications() {
    // M/M/1 at 0.5: a job takes 2 s on average, exponentially: the median is 1386 ms, p99 9210 ms.
    let of = |replications: u64, duration: &str| {
        run(&format!(
            "replications = {replications}\njob.calls = 1\n\
             strategy = [{{ name = \"it\", kind = \"all\" }}]\n\
             downstream.api.workers = 1\n\
             downstream.api.latency = {{ kind = \"exponential\", mean = \"1s\" }}\n\
             [workload]\nkind = \"open\"\nduration = \"{duration}\"\n\
             arrivals = {{ kind = \"poisson\", rate = \"0.5/s\" }}\n"
        ))
    };
    let long = of(20, "4000s");
    let settle = long.rows[0].settle_ms;
    covers(settle.p50_ci95, 2000.0 * 2.0_f64.ln());
    covers(settle.p99_ci95, 2000.0 * 100.0_f64.ln());
    let middle = |[low, high]: [f64; 2]| (low + high) / 2.0;
    let p99 = settle.p99.unwrap();
    assert!((middle(settle.p99_ci95.unwrap()) - p99).abs() < 1e-9 * p99);
    // 0.4 x 2500 s are 1000 jobs: of some replications there are fewer.
    let short = of(10, "2500s");
    assert_eq!(short.rows[0].settle_ms.p99_ci95, None);
    assert!(short.rows[0].settle_ms.p90_ci95.is_some());
    assert_eq!(of(1, "4000s").rows[0].settle_ms.p99_ci95, None);
}

fn judged(replications: u64, compare: &str) -> Vec<Comparison> {
    isolated(replications, compare).comparisons
}

fn verdicts(of: &[Comparison]) -> Vec<&str> {
    of.iter().map(|one| one.verdict.as_str()).collect()
}

#[test]
fn a_quantile_of_isolated_jobs_is_compared_by_sections() {
    let by_p90 = judged(4000, "metric = \"settle_ms.p90\"");
    assert_eq!(verdicts(&by_p90), ["faster", "faster"]);
    // The difference is that of the run's own figures: 40 sections of 100 say how sure it is.
    let rows = isolated(4000, "").rows;
    let p90 = |row: usize| rows[row].settle_ms.p90.unwrap();
    assert_eq!(by_p90[0].difference, Some(p90(1) - p90(0)));
    let [low, high] = by_p90[0].ci95.unwrap();
    // Gamma(3) against the longest of three: 5322.3 and 3365.5 ms.
    assert!(low < -1957.0 && -1957.0 < high, "{low} {high}");
    let few = isolated(1999, "metric = \"settle_ms.p99\"");
    assert_eq!(verdicts(&few.comparisons), ["no verdict", "no verdict"]);
    let why = "settle_ms.p99 is compared by sections of 1000 isolated jobs: below 2000 replications \
               there is no verdict";
    assert!(few.notes.iter().any(|note| note == why), "{:?}", few.notes);
}

#[test]
fn any_figure_that_a_job_has_is_compared_job_by_job() {
    for (metric, expected) in [
        ("amplification", ["identical", "worse"]),
        ("attempts.made", ["identical", "worse"]),
        ("policies.retries", ["identical", "worse"]),
        ("in_flight.peak", ["worse", "worse"]),
        ("fulfilled", ["identical", "identical"]),
        ("measures.slow", ["better", "better"]),
    ] {
        let compared = judged(2000, &format!("metric = \"{metric}\""));
        assert_eq!(verdicts(&compared), expected, "{metric}");
    }
    // 1 + 0.1 + 0.01 attempts a call, three calls a job.
    let made = &judged(2000, "metric = \"attempts.made\"")[1];
    let [low, high] = made.ci95.unwrap();
    assert!(
        low < 0.33 && 0.33 < high && high - low < 0.1,
        "{low} {high}"
    );
}

#[test]
fn what_nobody_has_alone_is_not_compared_and_a_note_says_so() {
    for metric in ["settle_ms.max", "goodput_per_s", "wait_ms.p99"] {
        let summary = isolated(100, &format!("metric = \"{metric}\""));
        assert_eq!(
            verdicts(&summary.comparisons),
            ["no verdict"; 2],
            "{metric}"
        );
        let why = format!("{metric} has no value of a single isolated job");
        assert!(summary.notes.iter().any(|note| note.starts_with(&why)));
    }
    let one = isolated(1, "");
    assert!(
        one.notes
            .iter()
            .any(|note| note.starts_with("one replication"))
    );
}

#[test]
fn what_matters_is_told_from_what_is_real() {
    // All at once takes 1833 ms on average instead of 3000.
    let verdict = |matters: &str| {
        let compared = judged(2000, &format!("matters = \"{matters}\""));
        compared[0].verdict.clone()
    };
    assert_eq!(verdict("10%"), "faster");
    assert_eq!(verdict("60%"), "faster, by less than matters");
}

#[test]
fn meeting_the_same_world_is_worth_as_much_as_the_two_have_in_common() {
    // One by one X = a + b + c has variance 3, all at once M = max(a, b, c) has 49/36, and their
    // covariance is that of M with itself (the spacings of three exponentials are independent, with
    // deviations 1/3, 1/2, 1, and X = 3/3 + 2/2 + 1 of them): 1/3 + 1/2 + 1 = 11/6. So the gain is
    // (3 + 49/36) / (3 + 49/36 - 11/3) = 157/25.
    let gain = judged(20_000, "")[0].gain_of_pairing.unwrap();
    assert!((gain / (157.0 / 25.0) - 1.0).abs() < 0.1, "{gain}");
}

/// Jobs of one call that arrive in time, a second apart.
fn in_time(parts: &str) -> Summary {
    run(&format!(
        "job.calls = 1\n{parts}\n[workload]\nkind = \"open\"\nduration = \"200s\"\n\
         arrivals = {{ kind = \"constant\", rate = \"1/s\" }}\n"
    ))
}

#[test]
fn those_that_settled_are_not_compared_where_jobs_of_a_run_never_do() {
    let compared = |metric: &str| {
        in_time(&format!(
            "replications = 5\ncompare = {{ metric = \"{metric}\" }}\n\
             downstream.api.latency = {{ kind = \"exponential\", mean = \"1s\" }}\n\
             fault = [{{ kind = \"hang\", probability = 0.1 }}]\n\
             strategy = [\n\
               {{ name = \"waits\", kind = \"all\" }},\n\
               {{ name = \"gives up\", kind = \"all\", \
                  policies = [{{ kind = \"timeout\", after = \"20s\" }}] }},\n\
             ]"
        ))
    };
    let by_time = compared("settle_ms.mean");
    // A tenth of 200 in each of five, and every replication has a mean of the others.
    assert!(by_time.rows[0].never_settled > 50 && by_time.rows[0].settle_ms.ci95.is_some());
    let [only] = &by_time.comparisons[..] else {
        panic!("one against the other");
    };
    assert_eq!(only.verdict, "not comparable: some jobs have no value");
    assert_eq!((only.difference, only.p_adjusted), (None, None));
    // How many never settle is a figure like others.
    assert_eq!(verdicts(&compared("never_settled").comparisons), ["better"]);
}

#[test]
fn a_single_time_has_no_quantiles_and_two_that_are_the_same_have() {
    let rejected = |until: &str| {
        let summary = in_time(&format!(
            "replications = 1\nanalysis = \"terminating\"\n\
             downstream.api.latency = {{ kind = \"constant\", value = \"100ms\" }}\n\
             fault = [{{ kind = \"error\", during = [\"10s..{until}\"] }}]\n\
             strategy = [{{ name = \"it\", kind = \"all\" }}]"
        ));
        let row = &summary.rows[0];
        (row.rejected, row.settle_ms_rejected)
    };
    let (one, two) = (rejected("10500ms"), rejected("11500ms"));
    assert_eq!((one.0, two.0), (1, 2));
    assert_eq!((one.1.max, one.1.p50, one.1.p999), (two.1.max, None, None));
    assert_eq!((two.1.p50, two.1.p999), (two.1.min, two.1.max));
    // Nor does a job that is alone.
    let alone = isolated(1, "").rows[0].settle_ms;
    assert!(alone.mean.is_some() && alone.mean == alone.max);
    assert_eq!((alone.p50, alone.p999), (None, None));
}

#[test]
fn a_few_repetitions_that_differ_by_the_same_may_be_chance_and_a_note_says_so() {
    let notes = |replications: u64, latency: &str| {
        run(&format!(
            "replications = {replications}\njob.calls = 2\ndownstream.api.latency = {{ {latency} }}\n\
             strategy = [{{ name = \"a\", kind = \"all\" }}, {{ name = \"b\", kind = \"sequential\" }}]"
        ))
        .notes
    };
    let constant = "kind = \"constant\", value = \"1s\"";
    let said = "where 5 repetitions all differ by the same, a verdict is certain only if nothing varies \
                by chance";
    assert_eq!(notes(5, constant), [said]);
    // A coin falls six times on one side in 1 of 32.
    assert_eq!(notes(6, constant), [""; 0]);
    assert_eq!(notes(5, "kind = \"exponential\", mean = \"1s\""), [""; 0]);
}
