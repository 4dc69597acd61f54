//! What `awaitlab compare` says of two report folders, and with which code it ends.

use std::fs;

use crate::command::{GOOD, Place};

/// The good scenario with latencies that vary, and jobs that fail.
fn varying() -> String {
    GOOD.replace(
        "{ kind = \"constant\", value = \"500ms\" }",
        "{ kind = \"uniform\", min = \"400ms\", max = \"600ms\" }",
    )
}

/// A place with reports of the scenario, each by its name and the arguments it was run with.
fn reports(scenario: &str, runs: &[(&str, &[&str])]) -> Place {
    let place = Place::new();
    place.write("it.toml", scenario);
    for (name, arguments) in runs {
        let run = ["run", "it.toml", "--no-charts", "-q", "--out", name];
        let (code, _, stderr) = place.says(&[&run, *arguments].concat());
        assert_eq!((code, stderr.as_str()), (0, ""));
    }
    place
}

const SLOWER: &[&str] = &["--jobs", "--set", "downstream.api.latency.max=660ms"];

#[test]
fn the_same_seed_is_compared_in_pairs_and_a_regression_ends_with_99() {
    let place = reports(&varying(), &[("a", &["--jobs"]), ("b", SLOWER)]);
    let (code, stdout, stderr) = place.says(&["compare", "a", "b"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    for says in [
        "replication by replication",
        "downstream.api.latency.max – as in the scenario in A, 660ms in B",
        "slower",
        "Unchanged in every row: success rate, amplification.",
    ] {
        assert!(stdout.contains(says), "{says}: {stdout}");
    }
    assert!(
        stdout.lines().all(|line| line.chars().count() <= 80),
        "{stdout}"
    );

    // The mean latency grows from 500 to 530 ms: 6 %.
    let fails = |a: &str, b: &str, over: &str| {
        let (code, stdout, _) = place.says(&["compare", a, b, "--fail-over", over]);
        (code, stdout)
    };
    let (code, stdout) = fails("a", "b", "5%");
    assert_eq!(code, 99);
    assert!(stdout.contains("2 regressions beyond 5 %:"), "{stdout}");
    assert!(
        stdout.contains("mean settle time of Sequential: +"),
        "{stdout}"
    );
    let (code, stdout) = fails("a", "b", "20");
    assert_eq!(code, 0);
    assert!(stdout.ends_with("No regression beyond 20 %.\n"), "{stdout}");
    assert_eq!(fails("b", "a", "0").0, 0, "a gain is no regression");
}

#[test]
fn without_the_jobs_a_line_says_what_would_make_it_better() {
    let place = reports(&varying(), &[("a", &[]), ("b", &SLOWER[1..])]);
    let (_, stdout, _) = place.says(&["compare", "a", "b"]);
    assert!(stdout.contains("Run both with --jobs"), "{stdout}");
}

#[test]
fn other_seeds_and_other_replications_are_said_to_be_unpaired() {
    let place = reports(
        &varying(),
        &[
            ("a", &["--jobs"]),
            ("seed", &["--jobs", "--seed", "2"]),
            ("more", &["--replications", "30"]),
        ],
    );
    let (code, stdout, _) = place.says(&["compare", "a", "seed"]);
    assert_eq!(code, 0);
    assert!(
        stdout.contains("Differs: seed – 1 in A, 2 in B"),
        "{stdout}"
    );
    assert!(stdout.contains("Seeds do not match"), "{stdout}");
    assert!(stdout.contains("not distinguishable"), "{stdout}");
    let (_, stdout, _) = place.says(&["compare", "a", "more"]);
    assert!(stdout.contains("Replications do not match"), "{stdout}");
}

#[test]
fn a_run_against_itself_has_not_changed() {
    let place = reports(GOOD, &[("a", &[]), ("b", &["--threads", "1"])]);
    let (code, stdout, _) = place.says(&["compare", "a", "b", "--fail-over", "0"]);
    assert_eq!(code, 0);
    assert!(
        stdout.contains("Nothing changed: 2 rows are identical in every figure."),
        "{stdout}"
    );
}

#[test]
fn rows_and_scenarios_that_do_not_match_are_said() {
    let place = reports(
        GOOD,
        &[
            ("a", &[]),
            ("b", &["--strategy", "All"]),
            ("c", &["--strategy", "Sequential"]),
        ],
    );
    let (code, stdout, _) = place.says(&["compare", "a", "b"]);
    assert_eq!(code, 0);
    assert!(
        stdout.contains("Only in A, not compared: Sequential."),
        "{stdout}"
    );
    let (code, stdout, stderr) = place.says(&["compare", "b", "c"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(
        stderr.contains("no variant and strategy in common"),
        "{stderr}"
    );
    place.write("other.toml", GOOD.replace("500ms", "600ms"));
    place.says(&["run", "other.toml", "--no-charts", "--out", "other"]);
    let (_, stdout, _) = place.says(&["compare", "a", "other"]);
    assert!(stdout.contains("it (A) and other (B)"), "{stdout}");
    assert!(
        stdout.contains("Differs: the scenario file (sha256"),
        "{stdout}"
    );
}

#[test]
fn a_workload_in_time_keeps_what_its_replications_measured() {
    let open = "workload = { kind = \"open\", duration = \"20s\", arrivals = { kind = \"poisson\", rate = \"20/s\" } }\n";
    let scenario = varying().replace("[job]", &format!("{open}\n[job]"));
    let place = reports(&scenario, &[("a", &[]), ("b", &SLOWER[1..])]);
    let lines = place.read("a/replications.csv").lines().count();
    assert_eq!(lines, 1 + 2 * 20, "two strategies, twenty replications");
    let (_, stdout, _) = place.says(&[
        "compare",
        "a",
        "b",
        "--format",
        "csv",
        "--metric",
        "settle_ms.p90",
    ]);
    let mut csv = csv::Reader::from_reader(stdout.as_bytes());
    let paired = csv
        .headers()
        .unwrap()
        .iter()
        .position(|head| head == "paired")
        .unwrap();
    let rows: Vec<_> = csv.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| &row[paired] == "true"), "{stdout}");
}

#[test]
fn every_format_says_the_same() {
    let place = reports(&varying(), &[("a", &["--jobs"]), ("b", SLOWER)]);
    let says = |format: &str| {
        let metric = ["--metric", "settle_ms.mean", "--fail-over", "5"];
        let (code, stdout, _) =
            place.says(&[&["compare", "a", "b", "--format", format], &metric[..]].concat());
        assert_eq!(code, 99, "{format}");
        stdout
    };
    assert!(says("markdown").contains("| Sequential | "));
    let json: serde_json::Value = serde_json::from_str(&says("json")).unwrap();
    let change = &json["metrics"][0]["changes"][0];
    assert_eq!(
        (&change["strategy"], &change["verdict"]),
        (&"Sequential".into(), &"slower".into())
    );
    assert_eq!(
        (&json["pairing"], &json["fail_over"]["percent"]),
        (&"paired".into(), &5.0.into())
    );
    assert_eq!(says("csv").lines().count(), 3);
}

#[test]
fn what_is_no_report_folder_is_refused_by_its_name() {
    let place = reports(
        GOOD,
        &[
            ("a", &["--jobs"]),
            ("broken", &["--jobs"]),
            ("cut", &["--jobs"]),
        ],
    );
    place.write("mine/notes.txt", "mine");
    place.write(
        "newer/summary.json",
        r#"{"schema": 2, "awaitlab": "9.0.0"}"#,
    );
    place.write("broken/summary.json", "{\"schema\": 1,\n");
    let jobs: String = place
        .read("cut/jobs.csv")
        .lines()
        .take(7)
        .map(|line| format!("{line}\n"))
        .collect();
    // Another figure, or the two would be one and the same run.
    let summary = place.read("cut/summary.json").replace("1500.0", "1501.0");
    fs::write(place.path("cut/summary.json"), summary).unwrap();
    place.write("cut/jobs.csv", jobs);
    let before = place.listing();
    for (arguments, says) in [
        (
            &["a", "absent"][..],
            "\"absent\" is not a report folder: there is no such folder",
        ),
        (
            &["mine", "a"],
            "\"mine\" is not a report folder: it has no summary.json",
        ),
        (&["a", "it.toml"], "it is a file"),
        (&["a", "newer"], "schema 2"),
        (&["a", "broken"], "not JSON"),
        (&["a", "cut"], "cut/jobs.csv"),
        (&["a", "a", "--metric", "settle_ms.p98"], "settle_ms.p99"),
        (&["a", "a", "--fail-over", "much"], "percentage"),
        (&["a", "a", "--format", "xml"], "xml"),
        (&["a"], "<B>"),
    ] {
        let (code, stdout, stderr) = place.says(&[&["compare"], arguments].concat());
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
        assert!(
            stderr.contains(says) && stderr.len() <= 4096,
            "{arguments:?}: {stderr}"
        );
        assert!(!stderr.contains("panicked"), "{stderr}");
    }
    assert_eq!(place.listing(), before);
}
