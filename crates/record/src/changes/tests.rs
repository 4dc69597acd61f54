//! Two runs of a few rows, by hand.

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::sample;
use crate::summary::Row;

/// A row of isolated jobs with that mean settle time and its interval.
fn row(strategy: &str, mean: f64, ci95: [f64; 2]) -> Row {
    let mut row = sample::row("base", strategy);
    (row.analysis, row.never_settled) = (None, 0);
    row.settle_ms.mean = Some(mean);
    row.settle_ms.ci95 = Some(ci95);
    row
}

/// A run that left nothing but a summary.
fn run(seed: u64, rows: Vec<Row>) -> StoredRun {
    let mut summary = sample::summary();
    (summary.scenario.seed, summary.scenario.replications) = (seed, 5);
    summary.rows = rows;
    let folder = "nowhere".into();
    StoredRun { folder, summary }
}

/// The same with a table beside it.
fn run_with(table: (&str, &str), rows: Vec<Row>) -> (TempDir, StoredRun) {
    let temp = TempDir::new().unwrap();
    fs::write(temp.path().join(table.0), table.1).unwrap();
    let folder = temp.path().to_owned();
    let run = run(1, rows);
    (temp, StoredRun { folder, ..run })
}

fn jobs(settle_ms: [&str; 5]) -> String {
    let line = |(number, ms): (usize, &str)| format!("base,all,{number},{ms},2\n");
    let lines: String = settle_ms.into_iter().enumerate().map(line).collect();
    format!("variant,strategy,replication,settle_ms,delivered\n{lines}")
}

fn settle(a: &StoredRun, b: &StoredRun) -> Changes {
    changes(a, b, &["settle_ms.mean".to_owned()]).unwrap()
}

fn near(a: Option<[f64; 2]>, b: [f64; 2]) -> bool {
    a.is_some_and(|a| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-4))
}

#[test]
fn where_both_folders_have_the_jobs_they_are_compared_in_pairs() {
    let (_a, a) = run_with(
        ("jobs.csv", &jobs(["10", "20", "30", "40", "50"])),
        vec![row("all", 30.0, [10.0, 50.0])],
    );
    let (_b, b) = run_with(
        ("jobs.csv", &jobs(["11", "22", "33", "44", "55"])),
        vec![row("all", 33.0, [11.0, 55.0])],
    );
    let changes = settle(&a, &b);
    assert_eq!(changes.pairing, Pairing::Paired);
    // Differences 1 2 3 4 5: 3 ± 2.77645 x sqrt(2.5 / 5), p = 0.01324.
    let change = &changes.metrics[0].changes[0];
    assert_eq!((change.difference, change.relative), (Some(3.0), Some(0.1)));
    assert!(near(change.ci95, [1.036_76, 4.963_24]), "{change:?}");
    assert!(
        near(change.relative_ci95, [0.034_559, 0.165_441]),
        "{change:?}"
    );
    assert!((change.p_adjusted.unwrap() - 0.013_236).abs() < 1e-5);
    assert_eq!((change.paired, change.verdict), (true, "slower"));
}

#[test]
fn replications_of_a_workload_in_time_are_compared_in_pairs_too() {
    let table = |first: &str, last: &str| {
        format!(
            "variant,strategy,replication,settle_p99_ms\nbase,all,0,{first}\nbase,all,1,4\n\
             base,all,2,4\nbase,all,3,4\nbase,all,4,{last}\n"
        )
    };
    let in_time = |p99: f64| {
        let mut row = sample::row("base", "all");
        (row.settle_ms.p99, row.never_settled) = (Some(p99), 0);
        vec![row]
    };
    let (_a, a) = run_with(("replications.csv", &table("4", "4")), in_time(4.0));
    let (_b, b) = run_with(("replications.csv", &table("6", "8")), in_time(5.5));
    let changes = changes(&a, &b, &["settle_ms.p99".to_owned()]).unwrap();
    // Differences 2 0 0 0 4: s^2 = 3.2, half width 2.77645 x 0.8, about 5.5 - 4, which is 0.3 from
    // their mean.
    let change = &changes.metrics[0].changes[0];
    assert!(near(change.ci95, [-1.021_16, 4.021_16]), "{change:?}");
    assert_eq!(
        (change.paired, change.verdict),
        (true, "not distinguishable")
    );
}

#[test]
fn other_seeds_are_other_worlds_and_half_widths_add_in_squares() {
    // 100 ± 3 and 110 ± 4: 10 ± 5.
    let a = run(1, vec![row("all", 100.0, [97.0, 103.0])]);
    let b = run(2, vec![row("all", 110.0, [106.0, 114.0])]);
    let changes = settle(&a, &b);
    assert_eq!(changes.pairing, Pairing::OtherSeeds);
    let change = &changes.metrics[0].changes[0];
    assert!(near(change.ci95, [5.0, 15.0]), "{change:?}");
    assert!(near(change.relative_ci95, [0.05, 0.15]), "{change:?}");
    assert_eq!((change.paired, change.verdict), (false, "slower"));
    // The other way round: a gain, in percent of the other figure.
    let back = &settle(&b, &a).metrics[0].changes[0];
    assert!(
        near(back.relative_ci95, [-15.0 / 110.0, -5.0 / 110.0]),
        "{back:?}"
    );
    assert_eq!((back.verdict, back.is_worse), ("faster", false));
}

#[test]
fn more_replications_are_no_pairs() {
    let a = run(1, vec![row("all", 100.0, [97.0, 103.0])]);
    let mut b = run(1, vec![row("all", 110.0, [106.0, 114.0])]);
    b.summary.scenario.replications = 6;
    assert_eq!(settle(&a, &b).pairing, Pairing::OtherReplications);
}

#[test]
fn without_stored_values_the_same_seed_is_not_enough() {
    let a = run(1, vec![row("all", 100.0, [97.0, 103.0])]);
    let b = run(1, vec![row("all", 104.0, [100.0, 108.0])]);
    let changes = settle(&a, &b);
    assert_eq!(changes.pairing, Pairing::NotStored);
    let change = &changes.metrics[0].changes[0];
    assert_eq!(
        (change.paired, change.verdict),
        (false, "not distinguishable")
    );
}

#[test]
fn a_figure_that_no_job_has_of_its_own_leaves_nothing_to_pair() {
    let of = |amplification: f64| {
        let mut row = row("all", 100.0, [97.0, 103.0]);
        row.amplification = Some(amplification);
        run(1, vec![row])
    };
    let changes = changes(&of(1.0), &of(2.0), &["amplification".to_owned()]).unwrap();
    assert_eq!(changes.pairing, Pairing::NoneToPair);
}

#[test]
fn a_quantile_of_isolated_jobs_is_paired_by_sections() {
    // Medians of twenty jobs, the tenth in order: 10 and 30, then 11 and 33. 43 jobs are two sections.
    let run = |first: u64, second: u64, p50: f64| {
        let job = |number: u64| {
            let ms = match number {
                0..20 => (7 * number) % 20 + first - 9,
                20..40 => (7 * number) % 20 + second - 9,
                _ => 1000,
            };
            format!("base,all,{number},{ms},2\n")
        };
        let jobs: String = (0..43).map(job).collect();
        let mut row = row("all", 30.0, [10.0, 50.0]);
        row.settle_ms.p50 = Some(p50);
        let table = format!("variant,strategy,replication,settle_ms,delivered\n{jobs}");
        let (temp, mut run) = run_with(("jobs.csv", &table), vec![row]);
        run.summary.scenario.replications = 43;
        (temp, run)
    };
    let ((_a, a), (_b, b)) = (run(10, 30, 20.0), run(11, 33, 22.0));
    let changes = changes(&a, &b, &["settle_ms.p50".to_owned()]).unwrap();
    // Differences 1 and 3: s^2 = 2, half width 12.7062 x 1.
    let change = &changes.metrics[0].changes[0];
    assert!(
        near(change.ci95, [2.0 - 12.706_2, 2.0 + 12.706_2]),
        "{change:?}"
    );
    assert!(change.paired);
}

#[test]
fn jobs_of_a_workload_in_time_are_passed_over() {
    let in_time = sample::row("in time", "all");
    let rows = |mean: f64| vec![row("all", mean, [0.0, 99.0]), in_time.clone()];
    let jobs = |settle_ms| jobs(settle_ms) + "in time,all,0,7,2\nin time,all,0,8,2\n";
    let (_a, a) = run_with(("jobs.csv", &jobs(["1", "2", "3", "4", "5"])), rows(3.0));
    let (_b, b) = run_with(("jobs.csv", &jobs(["2", "3", "4", "5", "6"])), rows(4.0));
    let changes = settle(&a, &b);
    assert_eq!(changes.pairing, Pairing::Paired);
    assert_eq!(changes.metrics[0].changes[0].ci95, Some([1.0, 1.0]));
}

#[test]
fn a_replication_without_a_value_leaves_no_pairs() {
    let rows = |mean: f64| vec![row("all", mean, [mean - 1.0, mean + 1.0])];
    let (_a, a) = run_with(
        ("jobs.csv", &jobs(["10", "20", "30", "40", "50"])),
        rows(30.0),
    );
    let (_b, b) = run_with(
        ("jobs.csv", &jobs(["10", "20", "30", "40", ""])),
        rows(25.0),
    );
    let change = &settle(&a, &b).metrics[0].changes[0];
    assert!(!change.paired, "the others would be what finished");
    assert_eq!(change.verdict, "not comparable: some jobs have no value");
    assert_eq!(
        (change.difference, change.ci95, change.p_adjusted),
        (Some(-5.0), None, None)
    );
}

#[test]
fn those_that_settled_are_not_compared_where_isolated_jobs_never_do() {
    let of = |seed: u64, mean: f64, never_settled: u64| {
        let mut row = row("all", mean, [mean - 1.0, mean + 1.0]);
        row.never_settled = never_settled;
        run(seed, vec![row])
    };
    let verdict = |a: &StoredRun, b: &StoredRun, metric: &str| {
        let changes = changes(a, b, &[metric.to_owned()]).unwrap();
        changes.metrics[0].changes[0].verdict
    };
    // Half of them hang, and the others are quick.
    let (before, after) = (of(1, 30.0, 0), of(2, 10.0, 2));
    assert_eq!(
        verdict(&before, &of(2, 10.0, 0), "settle_ms.mean"),
        "faster"
    );
    let survivors = "not comparable: some jobs have no value";
    assert_eq!(verdict(&before, &after, "settle_ms.mean"), survivors);
    assert_eq!(verdict(&after, &before, "settle_ms.p99"), survivors);
    // That more never settle is a figure by itself, as is the time of those who were fulfilled.
    assert_eq!(verdict(&before, &after, "never_settled"), "no verdict");
    assert_ne!(
        verdict(&before, &after, "settle_ms_fulfilled.mean"),
        survivors
    );
    let worse = settle(&after, &before).failing_over(5.0).fail_over.unwrap();
    assert_eq!(
        (worse.regressions.len(), worse.unjudged.len()),
        (0, 1),
        "named"
    );
}

#[test]
fn those_that_settled_are_not_compared_in_time_either() {
    let table = "variant,strategy,replication,settle_mean_ms,settle_fulfilled_mean_ms\n".to_owned()
        + &(0..5)
            .map(|number| format!("base,all,{number},4,4\n"))
            .collect::<String>();
    let in_time = |mean: f64, never_settled: u64| {
        let mut row = sample::row("base", "all");
        (row.settle_ms.mean, row.settle_ms_fulfilled.mean) = (Some(mean), Some(mean));
        row.never_settled = never_settled;
        run_with(("replications.csv", &table), vec![row])
    };
    // Every replication has a mean: of those that settled.
    let ((_a, all), (_b, some)) = (in_time(4.0, 0), in_time(3.0, 1));
    let verdict = |a: &StoredRun, b: &StoredRun, metric: &str| {
        let changes = changes(a, b, &[metric.to_owned()]).unwrap();
        let change = &changes.metrics[0].changes[0];
        (change.verdict, change.p_adjusted.is_some())
    };
    let survivors = ("not comparable: some jobs have no value", false);
    assert_eq!(verdict(&all, &some, "settle_ms.mean"), survivors);
    assert_eq!(verdict(&some, &all, "settle_ms.mean"), survivors);
    assert!(verdict(&all, &some, "settle_ms_fulfilled.mean").1);
}

#[test]
fn quantiles_are_compared_in_pairs_also_where_there_is_no_variance() {
    let jobs = |first: u64| {
        let job = |number: u64| format!("base,all,{number},{},2\n", first + number / 20);
        let jobs: String = (0..40).map(job).collect();
        format!("variant,strategy,replication,settle_ms,delivered\n{jobs}")
    };
    let run = |first: u64| {
        let mut row = row("all", first as f64, [0.0; 2]);
        (row.settle_ms.ci95, row.settle_ms.p50) = (None, Some(first as f64));
        let (temp, mut run) = run_with(("jobs.csv", &jobs(first)), vec![row]);
        run.summary.scenario.replications = 40;
        (temp, run)
    };
    let ((_a, a), (_b, b)) = (run(10), run(12));
    let changes = changes(&a, &b, &["settle_ms.p50".to_owned()]).unwrap();
    let change = &changes.metrics[0].changes[0];
    assert_eq!((change.paired, change.ci95), (true, Some([2.0, 2.0])));
}

#[test]
fn times_without_a_variance_get_no_interval_from_pairs_either() {
    let rows = |mean: f64| {
        let mut row = row("all", mean, [0.0; 2]);
        row.settle_ms.ci95 = None;
        vec![row]
    };
    let (_a, a) = run_with(
        ("jobs.csv", &jobs(["10", "20", "30", "40", "50"])),
        rows(30.0),
    );
    let (_b, b) = run_with(
        ("jobs.csv", &jobs(["11", "22", "33", "44", "55"])),
        rows(33.0),
    );
    let change = &settle(&a, &b).metrics[0].changes[0];
    assert_eq!(
        (change.ci95, change.p_adjusted, change.verdict),
        (None, None, "no verdict")
    );
}

#[test]
fn p_values_of_a_metric_are_adjusted_together() {
    let rows = |first: f64, second: f64| {
        let around = |mean: f64| [mean - 1.0, mean + 1.0];
        vec![
            row("a", first, around(first)),
            row("b", second, around(second)),
        ]
    };
    // Half widths of sqrt(2): 2 is 2.7718 standard errors, p = 0.00558; 1.5 is 2.0789, p = 0.0376.
    let changes = settle(&run(1, rows(10.0, 10.0)), &run(2, rows(12.0, 11.5)));
    let [first, second] = &changes.metrics[0].changes[..] else {
        panic!("two rows");
    };
    assert!(
        (first.p_adjusted.unwrap() - 2.0 * 0.005_575).abs() < 1e-4,
        "{first:?}"
    );
    assert!(
        (second.p_adjusted.unwrap() - 0.037_63).abs() < 1e-4,
        "{second:?}"
    );
    // Three rows alike would not have left the second standing.
    let three = |first: f64, second: f64| {
        let mut rows = rows(first, second);
        rows.push(row("c", second, [second - 1.0, second + 1.0]));
        rows
    };
    let changes = settle(&run(1, three(10.0, 10.0)), &run(2, three(12.0, 11.5)));
    assert_eq!(changes.metrics[0].changes[1].verdict, "not distinguishable");
}

#[test]
fn rows_are_matched_by_name_and_what_is_left_over_is_said() {
    let of = |names: [&str; 2]| names.map(|name| row(name, 1.0, [0.0, 2.0])).into();
    let changes = settle(&run(1, of(["old", "all"])), &run(2, of(["all", "new"])));
    let name = |strategy: &str| RowName {
        variant: "base".into(),
        strategy: strategy.into(),
    };
    assert_eq!(changes.only_in_a, [name("old")]);
    assert_eq!(changes.only_in_b, [name("new")]);
    assert_eq!(changes.metrics[0].changes.len(), 1);
    assert_eq!((changes.identical_rows, changes.rows_in_both), (1, 1));
}

#[test]
fn rows_without_a_difference_are_identical_whatever_else_is_known() {
    let rows = || vec![row("all", 100.0, [97.0, 103.0])];
    let mut b = run(1, rows());
    b.summary.rows[0].words.failure_mode = "of other variants".into();
    let changes = settle(&run(1, rows()), &b);
    let change = &changes.metrics[0].changes[0];
    assert_eq!(
        (change.verdict, changes.pairing),
        ("identical", Pairing::Paired)
    );
    assert!(change.is_none());
}

#[test]
fn a_figure_without_an_interval_is_equal_or_has_no_verdict() {
    let of = |amplification: f64, mean: f64| {
        let mut row = row("all", mean, [mean, mean]);
        row.amplification = Some(amplification);
        run(1, vec![row])
    };
    let metrics = ["amplification".to_owned()];
    let verdict = |b: &StoredRun| {
        let changes = changes(&of(1.0, 5.0), b, &metrics).unwrap();
        changes.metrics[0].changes[0].verdict
    };
    assert_eq!(verdict(&of(1.0, 6.0)), "equal");
    assert_eq!(verdict(&of(2.0, 6.0)), "no verdict");
}

#[test]
fn a_figure_that_only_one_run_has_is_said() {
    let mut gone = row("all", 1.0, [0.0, 2.0]);
    gone.settle_ms.mean = None;
    let here = || run(1, vec![row("all", 1.0, [0.0, 2.0])]);
    let verdict = |a: &StoredRun, b: &StoredRun| settle(a, b).metrics[0].changes[0].verdict;
    let gone = run(1, vec![gone]);
    assert_eq!(verdict(&here(), &gone), "only in A");
    assert_eq!(verdict(&gone, &here()), "only in B");
    assert_eq!(
        settle(&gone, &run(2, gone.summary.rows.clone())).metrics[0].changes,
        []
    );
}

#[test]
fn a_regression_is_worse_by_more_than_the_threshold_and_not_by_chance() {
    let of = |seed: u64, mean: f64, half: f64| {
        run(seed, vec![row("all", mean, [mean - half, mean + half])])
    };
    let regressions = |a: &StoredRun, b: &StoredRun, percent: f64| {
        let fail_over = settle(a, b).failing_over(percent).fail_over.unwrap();
        (fail_over.regressions.len(), fail_over.unjudged.len())
    };
    let before = of(1, 100.0, 1.0);
    assert_eq!(regressions(&before, &of(2, 110.0, 1.0), 9.9), (1, 0));
    assert_eq!(
        regressions(&before, &of(2, 110.0, 1.0), 10.0),
        (0, 0),
        "not beyond"
    );
    assert_eq!(
        regressions(&before, &of(2, 110.0, 15.0), 5.0),
        (0, 0),
        "chance"
    );
    assert_eq!(
        regressions(&before, &of(2, 90.0, 1.0), 5.0),
        (0, 0),
        "a gain"
    );
    // 0 that became something is beyond every threshold.
    assert_eq!(regressions(&of(1, 0.0, 0.0), &of(2, 1.0, 0.1), 1e9), (1, 0));
}

#[test]
fn fewer_results_are_a_regression_and_a_figure_without_an_interval_is_named() {
    let of = |success: f64, amplification: f64| {
        let mut row = row("all", 5.0, [5.0, 5.0]);
        row.success_rate.value = Some(success);
        row.success_rate.ci95 = Some([success - 0.01, success + 0.01]);
        row.amplification = Some(amplification);
        run(1, vec![row])
    };
    let metrics = ["success_rate.value".to_owned(), "amplification".to_owned()];
    let changes = changes(&of(0.9, 1.0), &of(0.6, 3.0), &metrics).unwrap();
    let fail_over = changes.failing_over(5.0).fail_over.unwrap();
    assert_eq!(fail_over.regressions[0].metric, "success_rate.value");
    assert_eq!(fail_over.regressions.len(), 1);
    assert_eq!(fail_over.unjudged[0].metric, "amplification");
    assert_eq!(fail_over.unjudged[0].relative, Some(2.0));
}

#[test]
fn what_nobody_names_is_compared_where_it_is_there() {
    let of = |goodput: Option<f64>| {
        let mut row = row("all", 1.0, [0.0, 2.0]);
        row.goodput_per_s = goodput;
        run(1, vec![row])
    };
    let has_goodput = |a, b| usual(&a, &b).contains(&"goodput_per_s".to_owned());
    assert!(has_goodput(of(None), of(Some(1.0))));
    assert!(!has_goodput(of(None), of(None)));
    assert_eq!(usual(&of(None), &of(None)).len(), 4);
}

#[test]
fn a_table_that_is_not_of_this_run_is_refused_with_its_line() {
    let rows = || vec![row("all", 30.0, [10.0, 50.0])];
    let whole = jobs(["10", "20", "30", "40", "50"]);
    let (_a, good) = run_with(("jobs.csv", &whole), rows());
    for (table, says) in [
        (
            whole.replace(",40,", ",many,"),
            "line 5: there is no number",
        ),
        (
            whole.replace(",3,", ",4,"),
            "line 5: replication 3 was expected",
        ),
        (
            whole.replace("base,all,2", "base,any,2"),
            "line 4: summary.json has no such",
        ),
        (
            whole.replace("replication", "replica"),
            "line 1: not a table",
        ),
        (whole.replace(",30,2\n", "\n"), "line 4: not a table"),
        (
            whole
                .lines()
                .take(4)
                .map(|line| format!("{line}\n"))
                .collect(),
            "3 replications",
        ),
    ] {
        let (_b, broken) = run_with(("jobs.csv", &table), rows());
        let error = changes(&good, &broken, &["settle_ms.mean".into()]).unwrap_err();
        assert!(matches!(error, StoredError::Table { .. }), "{error:?}");
        let message = error.to_string();
        assert!(
            message.contains("jobs.csv") && message.contains(says),
            "{message}"
        );
    }
}

#[test]
fn a_folder_that_is_no_report_is_told_by_what_is_missing() {
    let temp = TempDir::new().unwrap();
    let says = |error: StoredError| error.to_string();
    let read = || StoredRun::read(temp.path()).unwrap_err();
    assert!(says(StoredRun::read(temp.path().join("x")).unwrap_err()).contains("no such folder"));
    assert!(says(read()).contains("it has no summary.json"));
    let file = temp.path().join("summary.json");
    for (text, why) in [
        ("{", "not JSON"),
        ("{}", "not a summary of awaitlab"),
        (r#"{"schema": 9, "awaitlab": "7.0.0"}"#, "schema 9"),
    ] {
        fs::write(&file, text).unwrap();
        let message = says(read());
        assert!(
            message.contains("summary.json") && message.contains(why),
            "{message}"
        );
    }
    assert!(says(StoredRun::read(&file).unwrap_err()).contains("it is a file"));
    fs::write(&file, sample::summary().to_json().unwrap()).unwrap();
    assert_eq!(
        StoredRun::read(temp.path()).unwrap().summary,
        sample::summary()
    );
}

#[test]
fn the_table_has_a_row_per_metric_and_row() {
    let a = run(1, vec![row("=all()", 100.0, [97.0, 103.0])]);
    let b = run(2, vec![row("=all()", 110.0, [106.0, 114.0])]);
    let mut bytes = Vec::new();
    let metrics = ["settle_ms.mean".to_owned(), "jobs".to_owned()];
    let mut changes = changes(&a, &b, &metrics).unwrap();
    changes.metrics[0].changes[0].p_adjusted = Some(0.25);
    write_csv(&changes, &mut bytes).unwrap();
    let expected = "\
metric,variant,strategy,a,b,difference,difference_ci95_low,difference_ci95_high,relative,relative_ci95_low,relative_ci95_high,paired,p_adjusted,verdict
settle_ms.mean,base,'=all(),100,110,10,5,15,0.1,0.05,0.15,false,0.25,slower
jobs,base,'=all(),4,4,0,,,0,,,false,,equal
";
    assert_eq!(String::from_utf8(bytes).unwrap(), expected);
}
