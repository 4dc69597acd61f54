//! Whole runs: the same for any number of threads, interruptible, open to strategies of one's own.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};

use awaitlab_core::{Answer, Job, Strategy};
use awaitlab_harness::{Contest, Observer, RunError};
use awaitlab_record::summary::RunStatus;
use awaitlab_scenario::Scenario;

use crate::shape::{run, scenario};

fn varying(replications: u64) -> Scenario {
    scenario(&format!(
        r#"
        replications = {replications}
        job.calls = 5
        downstream.api.latency = {{ kind = "log-normal", median = "80ms", p99 = "400ms" }}
        fault = [{{ kind = "error", probability = 0.1 }}]
        strategy = [
          {{ name = "a", kind = "sequential" }},
          {{ name = "b", kind = "all" }},
          {{ name = "c", kind = "bounded", limit = 2 }},
        ]
        [[variant]]
        name = "flaky"
        [[variant]]
        name = "healthy"
        fault = []
        "#
    ))
}

#[test]
fn a_record_is_the_same_for_any_number_of_threads() {
    let scenario = varying(5000);
    let record = |threads| {
        let threads = NonZeroUsize::new(threads).unwrap();
        let record = Contest::new(&scenario)
            .on_threads(threads)
            .keeping_jobs()
            .run()
            .unwrap();
        (record.summary.to_json().unwrap(), record.jobs)
    };
    let one = record(1);
    assert!(one == record(2));
    assert!(one == record(8));
}

#[test]
fn all_strategies_and_variants_meet_the_same_latencies() {
    let scenario = varying(2000);
    let record = Contest::new(&scenario).run().unwrap();
    let busy = |variant: &str, strategy: &str| {
        let rows = &record.summary.rows;
        let row = rows
            .iter()
            .find(|row| row.variant == variant && row.strategy == strategy);
        row.unwrap().busy_ms_per_job.unwrap()
    };
    // Every call is made whatever the strategy, and errors take the attempt's own latency: the same
    // total to the last digit, between strategies and between variants.
    assert_eq!(busy("healthy", "a"), busy("healthy", "b"));
    assert_eq!(busy("healthy", "a"), busy("healthy", "c"));
    assert_eq!(busy("healthy", "a"), busy("flaky", "a"));
}

/// Interrupts after so many replications.
struct Impatient {
    seen: AtomicU64,
    most: u64,
}

impl Observer for Impatient {
    fn replications_done(&self, count: u64) {
        self.seen.fetch_add(count, Ordering::Relaxed);
    }

    fn interrupted(&self) -> bool {
        self.seen.load(Ordering::Relaxed) >= self.most
    }
}

#[test]
fn an_interrupted_run_is_a_prefix_of_the_whole_one() {
    let scenario = varying(10_000);
    let observer = Impatient {
        seen: AtomicU64::new(0),
        most: 1500,
    };
    let part = Contest::new(&scenario)
        .keeping_jobs()
        .observed_by(&observer)
        .run()
        .unwrap();
    assert_eq!(part.summary.status, RunStatus::Interrupted);
    let run = part.summary.scenario.replications;
    assert!((1500..10_000).contains(&run), "{run}");
    let whole = Contest::new(&scenario).keeping_jobs().run().unwrap();
    let of_prefix = whole
        .jobs
        .unwrap()
        .into_iter()
        .filter(|job| job.replication < run);
    assert_eq!(part.jobs.unwrap(), of_prefix.collect::<Vec<_>>());
}

#[test]
fn a_run_that_is_interrupted_at_once_has_nothing_to_record() {
    let scenario = varying(10);
    let observer = Impatient {
        seen: AtomicU64::new(0),
        most: 0,
    };
    let error = Contest::new(&scenario)
        .observed_by(&observer)
        .run()
        .unwrap_err();
    assert!(matches!(error, RunError::NothingRun));
}

/// Starts the calls and never settles.
#[derive(Clone)]
struct Silent;

impl Strategy for Silent {
    async fn run<J: Job>(&self, job: &mut J) {
        job.start(0);
    }
}

/// Takes the first two results, whichever they are.
#[derive(Clone)]
struct FirstTwo;

impl Strategy for FirstTwo {
    fn wanted(&self, _: usize) -> usize {
        2
    }

    async fn run<J: Job>(&self, job: &mut J) {
        (0..job.calls()).for_each(|call| job.start(call));
        let mut left = 2;
        while left > 0 {
            match job.next_settled().await {
                Some((_, Ok(()))) => left -= 1,
                Some((_, Err(_))) => {}
                None => return,
            }
        }
        job.settle(Answer::Fulfilled);
        // The first answer counts.
        job.settle(Answer::RejectedWithAll(Vec::new()));
    }
}

#[test]
fn a_program_may_bring_strategies_of_its_own() {
    let scenario = varying(200);
    let record = Contest::new(&scenario)
        .with("silent", Silent)
        .with("two", FirstTwo)
        .run()
        .unwrap();
    let row = |strategy: &str| {
        let rows = &record.summary.rows;
        let own = |row: &&_| {
            let row: &awaitlab_record::summary::Row = row;
            row.variant == "healthy" && row.strategy == strategy
        };
        rows.iter().find(own).unwrap()
    };
    assert_eq!(
        (row("silent").never_settled, row("silent").settle_ms.mean),
        (200, None)
    );
    assert_eq!(row("silent").kind, "own");
    assert_eq!((row("two").fulfilled, row("two").rejected), (200, 0));
    assert_eq!(
        row("two").success_rate.value,
        Some(1.0),
        "two wanted, two delivered"
    );
    assert_eq!(
        row("two").attempts.orphaned,
        3 * 200,
        "three of five were left behind"
    );
}

#[test]
fn strategies_and_variants_can_be_chosen() {
    let scenario = varying(50);
    let contest = Contest::new(&scenario)
        .only_strategies(|name| name != "a")
        .only_variants(|name| name == "healthy");
    assert_eq!((contest.replications(), contest.jobs()), (50, 100));
    let record = contest.run().unwrap();
    let rows: Vec<_> = record
        .summary
        .rows
        .iter()
        .map(|row| row.strategy.as_str())
        .collect();
    assert_eq!(rows, ["b", "c"]);
    // The baseline is not there, so the first that is takes its place.
    assert_eq!(record.summary.comparisons[0].baseline, "b");
    let nothing = Contest::new(&scenario)
        .only_strategies(|_| false)
        .run()
        .unwrap_err();
    assert!(matches!(nothing, RunError::NoStrategy));
}

#[test]
fn an_expectation_without_a_value_is_a_miss() {
    let scenario = scenario(
        r#"
        replications = 5
        job.calls = 2
        downstream.api.latency = { kind = "constant", value = "10ms" }
        fault = [{ kind = "hang", calls = [1] }]
        strategy = [{ name = "it", kind = "all-settled" }]
        expect = [
          { strategy = "it", metric = "settle_ms.p99", max = 100 },
          { strategy = "it", metric = "never_settled", equals = 5 },
        ]
        "#,
    );
    let record = Contest::new(&scenario).run().unwrap();
    let held: Vec<_> = record
        .summary
        .expectations
        .iter()
        .map(|e| (e.value, e.held))
        .collect();
    assert_eq!(held, [(None, false), (Some(5.0), true)]);
}

#[test]
fn a_quantile_needs_ten_observations_beyond_it_unless_nothing_varies() {
    let p99 = |latency: &str, replications: u64| {
        let scenario = scenario(&format!(
            "replications = {replications}\njob.calls = 1\ndownstream.api.latency = {latency}\n\
             strategy = [{{ name = \"it\", kind = \"all\" }}]\n"
        ));
        Contest::new(&scenario).run().unwrap().summary.rows[0]
            .settle_ms
            .p99
    };
    let varying = "{ kind = \"exponential\", mean = \"1s\" }";
    assert_eq!(p99(varying, 999), None, "9 lie beyond rank 990");
    assert!(p99(varying, 1000).is_some());
    assert_eq!(
        p99("{ kind = \"constant\", value = \"1s\" }", 5),
        Some(1000.0)
    );
}

#[test]
fn a_quantile_of_many_replications_is_that_of_all_their_jobs_and_no_mean_of_quantiles() {
    let mut apart = 0.0_f64;
    for seed in 1..=8 {
        let record = run(&scenario(&format!(
            "seed = {seed}\nreplications = 2\njob.calls = 1\n\
             workload = {{ kind = \"burst\", jobs = 1000 }}\n\
             downstream.api.latency = {{ kind = \"exponential\", mean = \"100ms\" }}\n\
             strategy = [{{ name = \"it\", kind = \"all\" }}]\n",
        )));
        let jobs = record.jobs.unwrap();
        // By rank: the 1980th of 2000, the 990th of 1000.
        let p99_ms = |replications: &[u64]| {
            let of = jobs
                .iter()
                .filter(|job| replications.contains(&job.replication));
            let mut times: Vec<u64> = of.filter_map(|job| job.settle_ns).collect();
            times.sort_unstable();
            times[times.len() / 100 * 99 - 1] as f64 / 1e6
        };
        let of_all = p99_ms(&[0, 1]);
        // Three digits are kept.
        let told = record.summary.rows[0].settle_ms.p99.unwrap();
        assert!((told / of_all - 1.0).abs() < 0.001, "{told} of {of_all}");
        let mean = (p99_ms(&[0]) + p99_ms(&[1])) / 2.0;
        apart = apart.max((mean / of_all - 1.0).abs());
    }
    assert!(apart > 0.005, "the two could not be told apart: {apart}");
}

#[test]
fn a_difference_is_strategy_minus_baseline_and_matters_by_the_baseline() {
    // Calls of 130 ms, given up after 100 by the baseline: 30 are more than a quarter of 100, and less
    // than a quarter of 130.
    let record = run(&scenario(
        "replications = 2\njob.calls = 1\nworkload = { kind = \"burst\", jobs = 1 }\n\
         compare = { metric = \"busy_ms_per_job\", baseline = \"impatient\", matters = \"25%\" }\n\
         downstream.api.latency = { kind = \"constant\", value = \"130ms\" }\n\
         strategy = [{ name = \"impatient\", kind = \"all-settled\", policies = [\
         { kind = \"timeout\", after = \"100ms\" }] }, { name = \"patient\", kind = \"all-settled\" }]\n",
    ));
    let compared = &record.summary.comparisons[0];
    assert_eq!(compared.difference, Some(30.0));
    assert_eq!(compared.verdict, "worse");
}

#[test]
fn a_mean_without_a_variance_has_no_interval_and_a_note() {
    let scenario = scenario(
        r#"
        replications = 100
        job.calls = 2
        downstream.api.latency = { kind = "pareto", minimum = "100ms", alpha = 1.5 }
        strategy = [{ name = "a", kind = "all" }, { name = "b", kind = "sequential" }]
        "#,
    );
    let summary = Contest::new(&scenario).run().unwrap().summary;
    assert!(summary.rows[0].settle_ms.mean.is_some());
    assert_eq!(summary.rows[0].settle_ms.ci95, None);
    assert_eq!(summary.comparisons[0].ci95, None);
    assert!(
        summary.notes.iter().any(|note| note.contains("variance")),
        "{:?}",
        summary.notes
    );
}

/// A refused attempt is not in flight, but its answer may be under way for ever.
#[test]
fn the_lost_answer_of_a_refused_attempt_ends_with_its_job() {
    let workloads = [
        "kind = \"isolated\"",
        "kind = \"burst\"\njobs = 3",
        "kind = \"open\"\nduration = \"1s\"\narrivals = { kind = \"constant\", rate = \"5/s\" }",
    ];
    let policies = ["", "policies = [{ kind = \"retry\", attempts = 1 }]"];
    for (workload, policies) in workloads.iter().flat_map(|w| policies.map(|p| (w, p))) {
        let record = run(&scenario(&format!(
            r#"
            replications = 3
            job.calls = 6
            [downstream.api]
            latency = {{ kind = "constant", value = "10ms" }}
            rate-limit = {{ rate = "1/s", burst = 1, reject-latency = "50ms" }}
            [[fault]]
            kind = "partition"
            during = ["30ms..100ms"]
            [[strategy]]
            name = "all"
            kind = "all-settled"
            {policies}
            [workload]
            {workload}
            "#
        )));
        let row = &record.summary.rows[0];
        assert!(row.never_settled > 0, "{workload} {policies}");
        assert_eq!(row.attempts.made, 6 * row.jobs, "{workload} {policies}");
        assert_eq!(row.attempts.unanswered, 0, "what was refused has its fate");
    }
}
