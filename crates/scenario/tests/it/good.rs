//! What is read, as it is meant.

use std::time::Duration;

use awaitlab_core::Rest;
use awaitlab_latency::Law;
use awaitlab_scenario::{JobPart, Scenario};
use awaitlab_workload::Workload;

use crate::story::{STORY, parse, with, with_latency};

#[test]
fn what_is_absent_has_its_default() {
    let text = r#"
        version = 1
        title = "Least"
        job.calls = 1
        downstream.api.latency = { kind = "constant", value = "1s" }
        strategy = [{ name = "All", kind = "all" }]
    "#;
    let scenario = Scenario::parse("some/where/least.toml", text.as_bytes(), &[]).unwrap();
    assert_eq!(
        (scenario.name.as_str(), scenario.seed, scenario.replications),
        ("least", 1, 1000)
    );
    assert_eq!(scenario.question, None);
    let [variant] = &scenario.variants[..] else {
        panic!("one variant")
    };
    assert_eq!(
        (variant.name.as_str(), variant.workload.clone()),
        ("base", Workload::Isolated)
    );
    assert_eq!(scenario.compare.metric, "settle_ms.mean");
    assert_eq!(
        (scenario.compare.baseline, scenario.compare.matters),
        (0, None)
    );
    assert_eq!(scenario.strategies[0].rest, Rest::Orphan);
    assert_eq!(scenario.source.bytes, text.as_bytes());
}

#[test]
fn a_variance_is_infinite_wherever_the_time_of_an_attempt_has_such_a_tail() {
    let has = |alpha: f64, at: &str| {
        let tail = format!("{{ kind = 'pareto', minimum = '1ms', alpha = {alpha} }}");
        let steady = "{ kind = 'constant', value = '1s' }";
        let of = |part: &str| if part == at { tail.as_str() } else { steady };
        let text = format!(
            "version = 1
            title = 'Tails'
            job.calls = 1
            strategy = [{{ name = 'All', kind = 'all' }}]
            downstream.api = {{ latency = {}, network = {} }}
            fault = [{{ kind = 'stall', latency = {} }}]
            workload = {{ kind = 'closed', users = 1, think = {}, duration = '1s' }}",
            of("service"),
            of("network"),
            of("stall"),
            of("thinking")
        );
        let scenario = Scenario::parse("tails.toml", text.as_bytes(), &[]).unwrap();
        scenario.variants[0].has_infinite_variance()
    };
    for part in ["service", "network", "stall"] {
        assert!(has(2.0, part), "{part}");
        assert!(!has(2.1, part), "{part}");
    }
    // Nobody waits while a user thinks.
    assert!(!has(2.0, "thinking"));
}

#[test]
fn a_variant_replaces_whole_tables_and_keeps_the_others() {
    let text = with(
        "name = \"one fails\"",
        "name = \"one fails\"\njob = { calls = 5, give-up = \"2s\" }\ndownstream.api.latency = { kind = \"exponential\", mean = \"1s\" }",
    );
    let scenario = parse(&text).unwrap();
    let [healthy, fails] = &scenario.variants[..] else {
        panic!("two variants")
    };
    assert_eq!((healthy.job.calls(), healthy.faults.len()), (3, 0));
    assert_eq!((fails.job.calls(), fails.faults.len()), (5, 1));
    assert_eq!(fails.job.give_up, Some(Duration::from_secs(2)));
    assert_eq!(
        healthy.downstreams[0].service.replicas[0].latency.mean(),
        Duration::from_millis(500)
    );
    assert_eq!(
        fails.downstreams[0].service.replicas[0].latency.mean(),
        Duration::from_secs(1)
    );
}

#[test]
fn calls_are_numbered_through_their_downstreams_in_the_order_of_the_file() {
    let text = with("job = { calls = 3 }", "")
        .replace("[[fault]]", "[downstream.auth]\nlatency = { kind = \"constant\", value = \"1s\" }\n[[job.call]]\ndownstream = \"auth\"\n[[job.call]]\ndownstream = \"api\"\ncount = 2\n[[fault]]");
    let scenario = parse(&text).unwrap();
    let variant = &scenario.variants[0];
    let names: Vec<&str> = variant
        .downstreams
        .iter()
        .map(|d| d.name.as_str())
        .collect();
    assert_eq!(names, ["api", "auth"]);
    let parts = [
        JobPart {
            downstream: 1,
            count: 1,
        },
        JobPart {
            downstream: 0,
            count: 2,
        },
    ];
    assert_eq!(variant.job.parts, parts);
}

#[test]
fn every_kind_of_latency_is_read() {
    for (latency, mean_ms) in [
        (
            r#"{ kind = "constant", value = "1s", offset = "1ms" }"#,
            1001,
        ),
        (r#"{ kind = "constant", value = "1s", cap = "900ms" }"#, 900),
        (r#"{ kind = "uniform", min = "0s", max = "1s" }"#, 500),
        (
            r#"{ kind = "uniform", median = "500ms", p99 = "990ms" }"#,
            500,
        ),
        (r#"{ kind = "exponential", mean = "1s" }"#, 1000),
        (r#"{ kind = "exponential", median = "1s" }"#, 1443),
        (r#"{ kind = "exponential", p99 = "1s" }"#, 217),
        (r#"{ kind = "normal", mean = "1s", sd = "10ms" }"#, 1000),
        (r#"{ kind = "log-normal", mean = "1s", sigma = 1 }"#, 1000),
        (
            r#"{ kind = "log-normal", median = "1s", sigma = 1.0 }"#,
            1649,
        ),
        (r#"{ kind = "gamma", mean = "1s", shape = 2 }"#, 1000),
        (r#"{ kind = "erlang", mean = "1s", stages = 2 }"#, 1000),
        (r#"{ kind = "weibull", mean = "1s", shape = 2 }"#, 1000),
        (r#"{ kind = "weibull", scale = "1s", shape = 1 }"#, 1000),
        (r#"{ kind = "pareto", minimum = "1s", alpha = 3 }"#, 1500),
        (
            r#"{ kind = "mixture", parts = [{ weight = 3, kind = "constant", value = "1s" }, { weight = 1, kind = "exponential", mean = "5s" }] }"#,
            2000,
        ),
        (r#"{ kind = "list", values = ["1s", ["2s", "9s"]] }"#, 1500),
        (
            r#"{ kind = "quantiles", points = [{ p = 0.5, value = "20ms" }, { p = 0.99, value = "90ms", shape = "power" }] }"#,
            21,
        ),
    ] {
        let scenario = parse(&with_latency(latency)).unwrap();
        let mean = scenario.variants[0].downstreams[0].service.replicas[0]
            .latency
            .mean_ns()
            .unwrap()
            / 1e6;
        assert!((mean - f64::from(mean_ms)).abs() < 1.0, "{latency}: {mean}");
    }
    for kind in ["log-normal", "gamma", "weibull", "pareto", "normal"] {
        let p99 = if kind == "normal" { "150ms" } else { "400ms" };
        let latency = format!(r#"{{ kind = "{kind}", median = "80ms", p99 = "{p99}" }}"#);
        let scenario = parse(&with_latency(&latency)).unwrap();
        let median = scenario.variants[0].downstreams[0].service.replicas[0]
            .latency
            .quantile(0.5);
        assert!(
            median.abs_diff(Duration::from_millis(80)) < Duration::from_micros(1),
            "{kind}"
        );
    }
}

#[test]
fn observations_are_read_beside_the_scenario() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        with_latency(r#"{ kind = "empirical", file = "seen.csv", column = "ms", unit = "ms" }"#);
    let path = folder.path().join("story.toml");
    std::fs::write(&path, &text).unwrap();
    let errors = Scenario::read(&path, &[]).unwrap_err();
    assert!(
        errors
            .to_string()
            .contains("\"seen.csv\": there is no such file"),
        "{errors}"
    );
    std::fs::write(folder.path().join("seen.csv"), "id,ms\na,10\nb,30\n").unwrap();
    let scenario = Scenario::read(&path, &[]).unwrap();
    assert_eq!(
        scenario.variants[0].downstreams[0].service.replicas[0]
            .latency
            .mean(),
        Duration::from_millis(20)
    );
    assert_eq!(scenario.source.files["seen.csv"].len(), 64);
    std::fs::write(folder.path().join("seen.csv"), "id,ms\n").unwrap();
    let errors = Scenario::read(&path, &[]).unwrap_err();
    assert!(
        errors.to_string().contains("at least one observation"),
        "{errors}"
    );
}

#[test]
fn what_a_reader_of_the_results_must_know_is_noted() {
    let normal = parse(&with_latency(
        r#"{ kind = "normal", mean = "1s", sd = "1s" }"#,
    ))
    .unwrap();
    let [note] = &normal.notes[..] else {
        panic!("{:?}", normal.notes)
    };
    // P(Z < -1) = 0.1587.
    assert!(
        note.contains("\"api\"") && note.contains("drawn again (15.87 %"),
        "{note}"
    );
    let pareto = parse(&with_latency(
        r#"{ kind = "pareto", minimum = "1s", alpha = 2 }"#,
    ))
    .unwrap();
    assert!(
        pareto.notes[0].contains("variance is infinite"),
        "{:?}",
        pareto.notes
    );
    let capped = r#"{ kind = "pareto", minimum = "1s", alpha = 2, cap = "1m" }"#;
    assert_eq!(parse(&with_latency(capped)).unwrap().notes, [""; 0]);
    assert_eq!(parse(STORY).unwrap().notes, [""; 0]);
}

#[test]
fn every_kind_takes_rest_where_the_job_gives_up() {
    let text = with("\"sequential\"", "\"sequential\"\nrest = \"cancel\"").replace(
        "job = { calls = 3 }",
        "job = { calls = 3, give-up = \"1s\" }",
    );
    assert_eq!(parse(&text).unwrap().strategies[0].rest, Rest::Cancel);
}

#[test]
fn a_job_may_be_empty_where_no_strategy_minds() {
    let text = with("calls = 3", "calls = 0").replace("calls = [1]", "");
    assert_eq!(parse(&text).unwrap().variants[0].job.calls(), 0);
}
