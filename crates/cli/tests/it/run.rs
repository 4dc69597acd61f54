//! What `awaitlab run` and its sisters print, and with which code they end.

use std::fs::File;
use std::io::Read;
use std::process::Stdio;

use crate::command::{GOOD, Place};

#[test]
fn the_table_shows_settle_times_and_words() {
    let place = Place::with_good();
    let (code, stdout, stderr) = place.says(&["run", "good.toml", "--no-report"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(
        stdout.contains("1500 ms") && stdout.contains("500 ms"),
        "{stdout}"
    );
    assert!(
        stdout.contains("Low (serialized)") && stdout.contains("High (burst)"),
        "{stdout}"
    );
    assert!(
        stdout.lines().all(|line| line.chars().count() <= 80),
        "{stdout}"
    );
    assert!(
        !place.path("reports").exists(),
        "--no-report writes nothing"
    );
}

#[test]
fn results_go_to_stdout_and_remarks_to_stderr() {
    let place = Place::with_good();
    let (code, stdout, stderr) = place.says(&["run", "good.toml", "--format", "csv"]);
    assert_eq!(code, 0);
    let rows = csv::Reader::from_reader(stdout.as_bytes())
        .into_records()
        .count();
    assert_eq!(rows, 2, "stdout is the CSV and nothing else");
    assert!(stderr.contains("report.md"), "{stderr}");
    let (_, _, quiet) = place.says(&["run", "good.toml", "--quiet"]);
    assert_eq!(quiet, "");
}

#[test]
fn every_format_is_what_it_says() {
    let place = Place::with_good();
    let (_, json, _) = place.says(&["run", "good.toml", "--no-report", "--format", "json"]);
    place.says(&["run", "good.toml"]);
    assert_eq!(json, place.read("reports/good/summary.json"));
    let (_, csv, _) = place.says(&["run", "good.toml", "--no-report", "--format", "csv"]);
    assert_eq!(csv, place.read("reports/good/table.csv"));
    let (_, markdown, _) = place.says(&["run", "good.toml", "--no-report", "--format", "markdown"]);
    assert!(markdown.contains("| Sequential |"), "{markdown}");
}

#[test]
fn values_of_the_command_line_replace_those_of_the_file() {
    let place = Place::with_good();
    let arguments = [
        "run",
        "good.toml",
        "--no-report",
        "--format",
        "csv",
        "--set",
        "job.calls=5",
    ];
    let (code, stdout, _) = place.says(&arguments);
    assert_eq!(code, 0);
    assert!(stdout.contains("2500"), "five calls of 500 ms: {stdout}");
    place.says(&[
        "run",
        "good.toml",
        "--seed",
        "7",
        "--replications",
        "3",
        "--no-charts",
    ]);
    let summary = place.read("reports/good/summary.json");
    assert!(summary.contains("\"seed\": 7") && summary.contains("\"replications\": 3"));
    let overrides =
        "\"overrides\": {\n      \"replications\": \"3\",\n      \"seed\": \"7\"\n    }";
    assert!(summary.contains(overrides), "{summary}");
}

#[test]
fn only_chosen_strategies_and_variants_are_run() {
    let place = Place::with_good();
    let arguments = [
        "run",
        "good.toml",
        "--no-report",
        "--format",
        "csv",
        "--strategy",
        "All",
    ];
    let (_, stdout, _) = place.says(&arguments);
    assert_eq!(stdout.lines().count(), 2, "a header and one row: {stdout}");
}

#[test]
fn a_missed_expectation_exits_99_and_says_which() {
    let place = Place::new();
    let expect = "[[expect]]\nstrategy = \"All\"\nmetric = \"settle_ms.mean\"\nmax = 400\n";
    place.write("late.toml", format!("{GOOD}{expect}"));
    let (code, stdout, _) = place.says(&["run", "late.toml"]);
    assert_eq!(code, 99);
    assert!(
        stdout.contains("settle_ms.mean") && stdout.contains("500"),
        "{stdout}"
    );
    assert!(
        place.path("reports/late/report.md").exists(),
        "the report is what tells why"
    );
}

#[test]
fn several_scenarios_get_a_folder_each() {
    let place = Place::with_good();
    place.write("other.toml", GOOD);
    let (code, _, _) = place.says(&["run", "good.toml", "other.toml", "--out", "results"]);
    assert_eq!(code, 0);
    assert!(place.path("results/good/summary.json").exists());
    assert!(place.path("results/other/summary.json").exists());
}

#[test]
fn check_says_what_is_right_and_writes_nothing() {
    let place = Place::with_good();
    place.write("bad.toml", "version = 1\n");
    let before = place.listing();
    let (code, stdout, _) = place.says(&["check", "good.toml"]);
    assert_eq!(
        (code, stdout.as_str()),
        (0, "good.toml: ok, 1 variant x 2 strategies\n")
    );
    let (code, stdout, stderr) = place.says(&["check", "bad.toml", "good.toml"]);
    assert_eq!(code, 2);
    assert!(
        stdout.contains("good.toml: ok"),
        "the others are checked all the same"
    );
    assert!(stderr.contains("bad.toml"), "{stderr}");
    assert_eq!(place.listing(), before);
}

#[test]
fn list_shows_kinds_and_scenarios_with_their_questions() {
    let place = Place::new();
    place.write(
        "scenarios/mine.toml",
        GOOD.replace("replications", "question = \"Why?\"\nreplications"),
    );
    place.write("scenarios/broken.toml", "version = ");
    let (code, stdout, _) = place.says(&["list"]);
    assert_eq!(code, 0);
    for expected in [
        "bounded",
        "eager-in-order",
        "Policies\n",
        "circuit-breaker  Refuses while too much fails.\n",
        "log-normal",
        "outage",
        "mine",
        "Why?",
    ] {
        assert!(stdout.contains(expected), "{expected}: {stdout}");
    }
    assert!(stdout.contains("broken"), "{stdout}");
}

#[cfg(unix)]
#[test]
fn a_scenario_whose_file_name_acts_on_a_terminal_is_listed_by_its_escapes() {
    let place = Place::new();
    place.write("scenarios/a\u{1b}[31m.toml", GOOD);
    let (code, stdout, _) = place.says(&["list"]);
    assert_eq!(code, 0);
    assert!(
        stdout.contains("a\\u{1b}[31m") && !stdout.contains('\u{1b}'),
        "{stdout}"
    );
}

#[test]
fn the_schema_is_json_and_completions_name_the_command() {
    let place = Place::new();
    let (code, stdout, _) = place.says(&["schema"]);
    assert_eq!(code, 0);
    assert!(
        serde_json::from_str::<serde_json::Value>(&stdout)
            .unwrap()
            .is_object()
    );
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (code, stdout, _) = place.says(&["completions", shell]);
        assert_eq!(code, 0);
        assert!(stdout.contains("awaitlab"), "{shell}");
    }
}

#[test]
fn help_leads_with_examples_and_ends_with_exit_codes() {
    let place = Place::new();
    let (code, stdout, _) = place.says(&["--help"]);
    assert_eq!(code, 0);
    assert!(stdout.trim_start().starts_with("Examples:"), "{stdout}");
    assert!(stdout.contains("130"), "{stdout}");
    let (code, _, stderr) = place.says(&[]);
    assert_eq!(code, 2);
    assert!(stderr.contains("Examples:"), "{stderr}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let place = Place::with_good();
    let mut child = place
        .command(&["run", "good.toml", "--quiet"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let status = child.wait().unwrap();
    let mut stderr = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut stderr)
        .unwrap();
    assert_eq!((status.code(), stderr.as_str()), (Some(0), ""));
    assert!(
        place.path("reports/good/report.md").exists(),
        "the report was written all the same"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_stdout_is_an_error() {
    let place = Place::with_good();
    for arguments in [
        ["run", "good.toml", "--no-report"],
        ["check", "good.toml", "good.toml"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = place.command(&arguments).stdout(full).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains("cannot write to stdout"), "{stderr}");
    }
}

#[test]
fn any_number_of_threads_leaves_the_same_bytes() {
    let place = Place::new();
    let varying = GOOD
        .replace(
            "{ kind = \"constant\", value = \"500ms\" }",
            "{ kind = \"exponential\", mean = \"1s\" }",
        )
        .replace("replications = 20", "replications = 3000");
    place.write("varying.toml", varying);
    for threads in ["1", "2", "8"] {
        let out = format!("with-{threads}");
        let arguments = [
            "run",
            "varying.toml",
            "--jobs",
            "--threads",
            threads,
            "--out",
            &out,
            "--quiet",
        ];
        assert_eq!(place.run(&arguments).status.code(), Some(0));
    }
    let files = [
        "summary.json",
        "table.csv",
        "jobs.csv",
        "report.md",
        "charts/settle.svg",
    ];
    for file in files {
        let one = place.read(&format!("with-1/{file}"));
        assert!(one == place.read(&format!("with-2/{file}")), "{file}");
        assert!(one == place.read(&format!("with-8/{file}")), "{file}");
    }
}

#[test]
fn a_precision_is_asked_for_and_answered() {
    let place = Place::with_good();
    let run = |precision: &str| {
        let most = [
            "--replications",
            "1200",
            "--no-report",
            "--precision",
            precision,
        ];
        place.says(&[&["run", "good.toml"], &most[..]].concat())
    };
    // Nothing varies: known after two rounds.
    let (code, stdout, _) = run("2%");
    assert_eq!(code, 0);
    assert!(stdout.contains("1125 replications, seed"), "{stdout}");
    assert!(
        stdout.contains("Precision of ±2 % asked for, mean settle time: reached"),
        "{stdout}"
    );
    let (code, _, stderr) = run("2");
    assert_eq!(code, 2);
    assert!(stderr.contains("precision"), "{stderr}");
}
