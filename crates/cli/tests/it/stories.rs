//! From a file to its figures, through everything that lies between: the bundled stories come out as
//! they say, and so do small ones about what only the whole can get wrong.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command::{GOOD, Place};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The summary of a run of the scenario at that path, which meets what it expects.
fn summary(path: &Path, options: &[&str]) -> Value {
    let path = path.to_str().unwrap();
    let arguments = [&["run", path, "--no-report", "--format", "json"], options].concat();
    let (code, stdout, stderr) = Place::new().says(&arguments);
    assert_eq!(code, 0, "{path}: {stderr}");
    serde_json::from_str(&stdout).unwrap()
}

/// The summary of a scenario that is written here.
fn summary_of(scenario: &str, options: &[&str]) -> Value {
    summary(&Place::new().write("story.toml", scenario), options)
}

/// The row of a strategy in a variant.
fn row<'a>(summary: &'a Value, variant: &str, strategy: &str) -> &'a Value {
    let rows = summary["rows"].as_array().unwrap();
    let wanted = |row: &&Value| row["variant"] == variant && row["strategy"] == strategy;
    rows.iter()
        .find(wanted)
        .unwrap_or_else(|| panic!("{variant} / {strategy}"))
}

#[test]
fn failing_fast_wastes_what_the_table_of_the_semantics_says() {
    let summary = summary(&root().join("scenarios/two-of-twenty-fail.toml"), &[]);
    // Strategy, calls started, orphan time, results that were there and are lost.
    let wasted = [
        ("Stop (p-map)", 8, 70.0, 6.0),
        ("Clear the queue (p-limit)", 9, 327.0, 6.0),
        ("Lose a worker", 14, 1902.0, 6.0),
        ("Keep starting (p-limit)", 20, 3944.0, 6.0),
        // Everything is awaited: 18 of 20 succeed.
        ("Reject at the end (p-map)", 20, 0.0, 18.0),
    ];
    for (strategy, started, orphan_ms, lost) in wasted {
        let row = row(&summary, "base", strategy);
        // In 10 replications, all alike.
        assert_eq!(row["calls"]["started"], started * 10, "{strategy}");
        assert_eq!(row["orphan_ms_per_job"], orphan_ms, "{strategy}");
        assert_eq!(row["lost_per_job"], lost, "{strategy}");
        assert_eq!(row["delivered_per_job"], 0.0, "{strategy}");
    }
}

#[test]
fn stories_without_chance_meet_their_expectations() {
    for story in ["three-requests", "eager-in-order"] {
        summary(&root().join(format!("scenarios/{story}.toml")), &[]);
    }
}

#[test]
fn the_table_of_the_readme_is_what_its_first_command_prints() {
    let summary = summary(&root().join("scenarios/three-requests.toml"), &[]);
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let strategies = [
        "Sequential awaiting",
        "Promise.all()",
        "Promise.allSettled()",
        "Bounded concurrency",
    ];
    for strategy in strategies {
        let (healthy, fails) = (
            row(&summary, "healthy", strategy),
            row(&summary, "one fails", strategy),
        );
        let delivered = match fails["delivered_per_job"].as_f64().unwrap() {
            0.0 => "nothing".to_owned(),
            some => format!("{some} of 3"),
        };
        let word = |column: &str| healthy["words"][column].as_str().unwrap().to_owned();
        let cells = [
            strategy.to_owned(),
            format!("{} ms", healthy["settle_ms"]["mean"].as_f64().unwrap()),
            format!("{} ms", fails["settle_ms"]["mean"].as_f64().unwrap()),
            delivered,
            word("error_resilience"),
            word("resource_utilization"),
            word("failure_mode"),
        ];
        let line = format!("| {} |", cells.join(" | "));
        assert!(readme.contains(&line), "{line}");
    }
}

#[test]
fn who_is_early_because_it_fails_is_not_called_faster() {
    let summary = summary(&root().join("scenarios/three-requests.toml"), &[]);
    let comparisons = summary["comparisons"].as_array().unwrap();
    let verdict = |variant: &str| {
        let all = |c: &&Value| c["variant"] == variant && c["strategy"] == "Promise.all()";
        comparisons.iter().find(all).unwrap()["verdict"].clone()
    };
    assert_eq!(verdict("healthy"), "faster");
    assert_eq!(verdict("one fails"), "settles earlier, delivers less");
}

#[test]
fn another_seed_is_another_sample_and_the_same_seed_the_same() {
    let varying = GOOD.replace(
        "{ kind = \"constant\", value = \"500ms\" }",
        "{ kind = \"exponential\", mean = \"500ms\" }",
    );
    let mean = |seed: &str| {
        let summary = summary_of(&varying, &["--seed", seed]);
        row(&summary, "base", "All")["settle_ms"]["mean"].clone()
    };
    assert_eq!(mean("1"), mean("1"));
    assert_ne!(mean("1"), mean("2"));
}

#[test]
fn a_fault_is_judged_when_an_attempt_reaches_its_service() {
    // Calls of 500 ms sent at 0, 500 and 1000 ms: the window [0 s, 1 s) holds the first two.
    let fault = "[[fault]]\nkind = \"error\"\nduring = [\"0s..1s\"]\n";
    let summary = summary_of(&format!("{GOOD}{fault}"), &[]);
    let sequential = row(&summary, "base", "Sequential");
    assert_eq!(sequential["delivered_per_job"], 1.0);
}

#[test]
fn an_answer_at_the_instant_of_giving_up_still_counts() {
    let scenario = GOOD.replace("calls = 3\n", "calls = 3\ngive-up = \"500ms\"\n");
    let summary = summary_of(&scenario, &[]);
    assert_eq!(row(&summary, "base", "All")["fulfilled"], 20);
    let late = GOOD.replace("calls = 3\n", "calls = 3\ngive-up = \"499ms\"\n");
    let summary = summary_of(&late, &[]);
    assert_eq!(row(&summary, "base", "All")["rejected"], 20);
}

/// Holm's first step: the smallest of two p values counts twice, that of one alone once.
#[test]
fn a_second_strategy_makes_the_first_harder_to_tell_from_the_baseline() {
    let varying = GOOD
        .replace(
            "{ kind = \"constant\", value = \"500ms\" }",
            "{ kind = \"exponential\", mean = \"500ms\" }",
        )
        .replace("kind = \"sequential\"", "kind = \"bounded\"\nlimit = 2");
    // Where nothing fails, all-settled is all: the third strategy has a p value of 1.
    let third = "[[strategy]]\nname = \"Settled\"\nkind = \"all-settled\"\n";
    let compare = "[compare]\nbaseline = \"All\"\n";
    let scenario = format!("{varying}{third}{compare}");
    let p_adjusted = |options: &[&str]| {
        let summary = summary_of(&scenario, options);
        let comparisons = summary["comparisons"].as_array().unwrap();
        let found = comparisons.iter().find(|c| c["strategy"] == "Sequential");
        found.unwrap()["p_adjusted"].as_f64().unwrap()
    };
    let alone = p_adjusted(&["--strategy", "All", "--strategy", "Sequential"]);
    let with_another = p_adjusted(&[]);
    assert!(alone > 0.0 && with_another < 1.0, "{alone} {with_another}");
    assert_eq!(with_another, 2.0 * alone);
}

#[test]
fn calls_go_to_their_services_in_the_order_of_the_parts() {
    let scenario = GOOD.replace(
        "[job]\ncalls = 3\n\n[downstream.api]\nlatency = { kind = \"constant\", value = \"500ms\" }",
        "[job]\ncall = [{ downstream = \"auth\" }, { downstream = \"api\", count = 2 }]\n\
         [downstream.auth]\nlatency = { kind = \"constant\", value = \"100ms\" }\n\
         [downstream.api]\nlatency = { kind = \"constant\", value = \"300ms\" }",
    );
    let summary = summary_of(&scenario, &[]);
    let sequential = row(&summary, "base", "Sequential");
    assert_eq!(sequential["settle_ms"]["mean"], 100.0 + 300.0 + 300.0);
    let made = |service: &str| sequential["downstreams"][service]["attempts"]["made"].clone();
    assert_eq!((made("auth"), made("api")), (20.into(), 40.into()));
}

#[test]
fn what_hangs_when_its_job_settled_is_an_orphan_and_counts_no_time() {
    // Call 0 never answers; call 1 fails at 100 ms and leaves call 2 behind for 400 ms more.
    let faults = "[[fault]]\nkind = \"hang\"\ncalls = [0]\n\
                  [[fault]]\nkind = \"error\"\ncalls = [1]\nafter = \"100ms\"\n";
    let summary = summary_of(&format!("{GOOD}{faults}"), &[]);
    let all = row(&summary, "base", "All");
    let fates = &all["attempts"];
    assert_eq!(
        (&fates["failed"], &fates["orphaned"]),
        (&20.into(), &40.into())
    );
    assert_eq!(all["orphan_ms_per_job"], 400.0);
    assert_eq!(all["drain_ms"]["mean"], Value::Null);
}

#[test]
fn attempts_in_flight_are_averaged_over_jobs_that_drained() {
    // Half of the first calls hang. Whatever drains had three calls in flight all the time.
    let fault = "[[fault]]\nkind = \"hang\"\ncalls = [0]\nprobability = 0.5\n";
    let summary = summary_of(&format!("{GOOD}{fault}"), &[]);
    let all = row(&summary, "base", "All");
    assert!(all["never_settled"].as_u64().unwrap() > 0 && all["fulfilled"].as_u64().unwrap() > 0);
    assert_eq!(all["in_flight"]["mean"], 3.0);
}

#[test]
fn amplification_is_about_the_calls_that_were_started() {
    let scenario = GOOD.replace("\"sequential\"", "\"sequential\"\non-error = \"stop\"");
    let fault = "[[fault]]\nkind = \"error\"\ncalls = [0]\n";
    let summary = summary_of(&format!("{scenario}{fault}"), &[]);
    let stopped = row(&summary, "base", "Sequential");
    assert_eq!(stopped["attempts"]["made"], 20, "one of three calls");
    assert_eq!(stopped["amplification"], 1.0);
}

#[test]
fn an_expectation_includes_its_bounds_and_speaks_of_its_variant_alone() {
    let rest = "[[variant]]\nname = \"healthy\"\n\
                [[variant]]\nname = \"slow\"\nfault = [{ kind = \"slow\", add = \"1s\" }]\n\
                [[expect]]\nstrategy = \"All\"\nvariant = \"healthy\"\n\
                metric = \"settle_ms.mean\"\nmin = 500\nmax = 500\n";
    let summary = summary_of(&format!("{GOOD}{rest}"), &[]);
    assert_eq!(summary["expectations"].as_array().unwrap().len(), 1);
}

#[test]
fn a_mean_without_a_variance_has_no_interval() {
    let heavy = |alpha: f64| {
        let pareto = format!("{{ kind = \"pareto\", minimum = \"100ms\", alpha = {alpha:?} }}");
        let constant = "{ kind = \"constant\", value = \"500ms\" }";
        let summary = summary_of(&GOOD.replace(constant, &pareto), &[]);
        row(&summary, "base", "All")["settle_ms"]["ci95"].clone()
    };
    assert_eq!(heavy(2.0), Value::Null);
    assert!(heavy(2.1).is_array());
}

#[test]
fn what_is_drawn_is_the_first_replications_job() {
    let place = Place::new();
    // Replication n takes n + 1 seconds, whichever call.
    let listed = GOOD
        .replace("calls = 3", "calls = 1")
        .replace("replications = 20", "replications = 3")
        .replace(
            "{ kind = \"constant\", value = \"500ms\" }",
            "{ kind = \"list\", values = [\"1s\", \"2s\", \"3s\"] }",
        );
    place.write("listed.toml", listed);
    assert_eq!(place.says(&["run", "listed.toml", "--out", "out"]).0, 0);
    let drawn = place.read("out/charts/timeline.svg");
    assert!(
        drawn.contains("1000 ms") && !drawn.contains("3000 ms"),
        "{drawn}"
    );
}
