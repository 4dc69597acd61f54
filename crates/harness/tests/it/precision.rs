//! Replications until the intervals are as narrow as was asked for.

use std::num::NonZeroUsize;
use std::sync::Mutex;

use awaitlab_harness::{Contest, Observer};
use awaitlab_record::Record;
use awaitlab_record::summary::RunStatus;
use awaitlab_scenario::Scenario;

use crate::shape::scenario;

/// Exponential jobs of 1 s, whose mean takes (1.96 / p)^2 replications to a precision of p.
fn isolated(top: &str) -> Scenario {
    scenario(&format!(
        "{top}\njob.calls = 1\ndownstream.api.latency = {{ kind = \"exponential\", mean = \"1s\" }}\n\
         strategy = [{{ name = \"a\", kind = \"all\" }}, {{ name = \"b\", kind = \"sequential\" }}]\n"
    ))
}

fn in_time(top: &str) -> Scenario {
    scenario(&format!(
        "{top}\njob.calls = 2\n\
         downstream.api.latency = {{ kind = \"exponential\", mean = \"100ms\" }}\n\
         strategy = [{{ name = \"a\", kind = \"all\" }}, {{ name = \"b\", kind = \"sequential\" }}]\n\
         [workload]\nkind = \"open\"\nduration = \"10s\"\n\
         arrivals = {{ kind = \"poisson\", rate = \"20/s\" }}\n"
    ))
}

fn run_on(scenario: &Scenario, threads: usize) -> Record {
    let threads = NonZeroUsize::new(threads).unwrap();
    Contest::new(scenario)
        .on_threads(threads)
        .keeping_jobs()
        .run()
        .unwrap()
}

#[test]
fn replications_are_added_until_half_the_interval_is_narrow() {
    let record = run_on(&isolated("precision = \"2%\""), 2);
    let summary = record.summary;
    // (1.96 / 0.02)^2 = 9604, two ends of rounds later at most, each an eighth.
    let run = summary.scenario.replications;
    assert!((9000..13_500).contains(&run), "{run}");
    let precision = summary.precision.unwrap();
    assert!(precision.reached && precision.widest.unwrap() <= 0.02);
    assert_eq!(summary.status, RunStatus::Complete);
    for row in &summary.rows {
        let [low, high] = row.settle_ms.ci95.unwrap();
        assert!((high - low) / 2.0 <= 0.02 * row.settle_ms.mean.unwrap());
        assert_eq!(row.jobs, run, "the same for all strategies");
    }
}

#[test]
fn at_the_maximum_it_says_that_it_was_not_reached() {
    let summary = run_on(&isolated("precision = \"1%\"\nreplications = 3000"), 1).summary;
    let precision = summary.precision.unwrap();
    assert!(!precision.reached);
    assert_eq!(summary.scenario.replications, 3000);
    // 1.96 / sqrt(3000)
    let widest = precision.widest.unwrap();
    assert!((widest / 0.0358 - 1.0).abs() < 0.1, "{widest}");
}

#[test]
fn a_figure_without_an_interval_is_not_waited_for() {
    let never = "precision = \"1%\"\nfault = [{ kind = \"hang\", probability = 0.01 }]\n\
                 compare.metric = \"busy_ms_per_job\"";
    let known = run_on(&isolated(never), 1).summary;
    assert!(known.scenario.replications > 1000);
    let max = run_on(
        &isolated("precision = \"1%\"\ncompare.metric = \"settle_ms.max\""),
        1,
    );
    let precision = max.summary.precision.unwrap();
    assert_eq!((precision.reached, precision.widest), (false, None));
    assert_eq!(max.summary.scenario.replications, 1000, "the first round");
}

#[test]
fn what_never_varies_is_known_after_two_rounds() {
    let calm = isolated("precision = \"1%\"\ncompare.metric = \"attempts.made\"");
    assert_eq!(run_on(&calm, 1).summary.scenario.replications, 1125);
}

#[test]
fn threads_change_neither_when_it_stops_nor_what_it_says() {
    for scenario in [
        in_time("precision = \"4%\""),
        in_time("precision = \"10%\"\ncompare.metric = \"amplification\""),
        isolated("precision = \"5%\"\ncompare.metric = \"settle_ms.p99\""),
    ] {
        let record = |threads| {
            let record = run_on(&scenario, threads);
            (record.summary.to_json().unwrap(), record.jobs)
        };
        let one = record(1);
        assert!(one.0.contains("\"reached\": true"), "{}", one.0);
        assert!(one == record(2));
        assert!(one == record(8));
    }
}

#[test]
fn the_figures_are_those_of_a_run_that_asked_for_so_many() {
    let narrow = run_on(&in_time("precision = \"4%\""), 2).summary;
    let replications = narrow.scenario.replications;
    let plain = in_time(&format!("replications = {replications}"));
    let plain = run_on(&plain, 1).summary;
    assert!(replications >= 10);
    assert_eq!(narrow.rows, plain.rows);
    assert_eq!(narrow.comparisons, plain.comparisons);
}

#[derive(Default)]
struct Watcher {
    planned: Mutex<Vec<u64>>,
    done: Mutex<u64>,
}

impl Observer for Watcher {
    fn replications_planned(&self, count: u64) {
        self.planned.lock().unwrap().push(count);
    }

    fn replications_done(&self, count: u64) {
        *self.done.lock().unwrap() += count;
    }

    fn interrupted(&self) -> bool {
        *self.done.lock().unwrap() >= 12
    }
}

#[test]
fn an_interrupted_search_is_no_precision_reached() {
    let watcher = Watcher::default();
    let scenario = in_time("precision = \"50%\"");
    let record = Contest::new(&scenario).observed_by(&watcher).run().unwrap();
    assert_eq!(*watcher.planned.lock().unwrap(), [10, 15]);
    assert_eq!(record.summary.scenario.replications, 12);
    assert_eq!(record.summary.status, RunStatus::Interrupted);
    assert!(!record.summary.precision.unwrap().reached);
}
