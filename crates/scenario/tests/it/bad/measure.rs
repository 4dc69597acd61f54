//! Measures, and the expectations that name them.

use super::{all_refused, refused};
use crate::story::{STORY, WORLD, parse, with};

/// A measure that is in order, in lines 1 to 4 of the story.
const MEASURE: &str = "[[measure]]\nname = \"slow\"\nmetric = \"settle_ms.max\"\nabove = 1000\n";

fn measured(piece: &str, by: &str) -> String {
    assert_eq!(MEASURE.matches(piece).count(), 1, "{piece:?}");
    format!("{STORY}{}", MEASURE.replace(piece, by))
}

#[test]
fn measures() {
    let cases = [
        (
            "name = \"slow\"\n",
            "",
            "33:1",
            r#"the key "name" is missing"#,
        ),
        (
            "\"slow\"",
            "\"too slow\"",
            "34:8",
            "letters from a to z, digits, - and _, and not of ' '",
        ),
        ("\"slow\"", "\"a.b\"", "34:8", "and not of '.'"),
        ("\"slow\"", "\"\"", "34:8", "cannot be blank"),
        (
            "\"settle_ms.max\"",
            "\"settle_ms.maks\"",
            "35:10",
            r#"must be one of "offered_per_s", "throughput_per_s", "goodput_per_s", "rejected_per_s", "attempts_per_s", "amplification", "settle_ms.mean", "settle_ms.max", not "settle_ms.maks""#,
        ),
        (
            "\"settle_ms.max\"",
            "\"settle_ms.p99\"",
            "35:10",
            "not \"settle_ms.p99\"",
        ),
        (
            "\"settle_ms.max\"",
            "\"goodput_per_s\"",
            "35:10",
            "goodput_per_s has no meaning: an isolated job comes alone",
        ),
        (
            "above = 1000",
            "",
            "33:1",
            "holds always: give above or below",
        ),
        (
            "above = 1000",
            "above = nan",
            "36:9",
            "a finite number, not NaN",
        ),
        (
            "above = 1000",
            "above = 5\nbelow = 5",
            "37:9",
            "can never hold: nothing lies above 5 and below 5",
        ),
        (
            "above = 1000",
            "above = 5\nduring = \"2s..1s\"",
            "37:10",
            "cannot end before it begins",
        ),
        (
            "above = 1000",
            "above = 5\nbetween = \"1s..2s\"",
            "37:1",
            "unknown key of measure",
        ),
    ];
    all_refused(cases.map(|(piece, by, position, says)| (measured(piece, by), position, says)));
    let twice = format!("{STORY}{MEASURE}{}", MEASURE.replace("slow", "Slow"));
    refused(
        &twice,
        "38:8",
        "the file id of \"Slow\" is \"slow\", as that of the measure \"slow\" in line 34",
    );
}

#[test]
fn a_measure_is_read() {
    let text = measured(
        "above = 1000",
        "above = -1\nbelow = 2.5\nduring = \"1s..2s\"",
    );
    let [measure] = &parse(&text).unwrap().measures[..] else {
        panic!("one measure")
    };
    assert_eq!(
        (measure.name.as_str(), measure.metric.as_str()),
        ("slow", "settle_ms.max")
    );
    let seconds = std::time::Duration::from_secs;
    assert_eq!(measure.during, Some((seconds(1), seconds(2))));
    assert_eq!((measure.above, measure.below), (Some(-1.0), Some(2.5)));
}

#[test]
fn a_measure_looks_at_time_that_some_variant_has() {
    // WORLD runs for 15 s, its variant "closed" for a minute.
    let during = |window: &str| format!("{WORLD}{MEASURE}during = \"{window}\"\n");
    assert!(parse(&during("59s..2m")).is_ok());
    refused(
        &during("1m..2m"),
        "42:10",
        "never comes: in every variant the workload has ended by then",
    );
    // An isolated job takes as long as it takes.
    assert!(parse(&measured("above = 1000", "above = 1\nduring = \"1h..2h\"")).is_ok());
    // Rates have a meaning where some workload is not isolated.
    let isolated = "[[variant]]\nname = \"alone\"\nworkload = { kind = \"isolated\" }\n";
    let rate = MEASURE.replace("settle_ms.max", "goodput_per_s");
    assert!(parse(&format!("{WORLD}{isolated}{rate}")).is_ok());
}

#[test]
fn expectations_and_comparisons_may_name_measures_that_are_there() {
    let expects = |metric: &str| {
        let text = with(
            "metric = \"settle_ms.mean\"",
            &format!("metric = \"{metric}\""),
        );
        format!("{text}{MEASURE}")
    };
    let scenario = parse(&expects("measures.slow")).unwrap();
    assert_eq!(scenario.expects[0].metric, "measures.slow");
    refused(
        &expects("measures.slwo"),
        "31:10",
        r#"there is no measure "slwo" (did you mean "slow"?)"#,
    );
    refused(
        &with("settle_ms.mean", "measures.slow"),
        "31:10",
        r#"there is no measure "slow""#,
    );
    let compared = format!(
        "{}{MEASURE}",
        with("replications = 100", "compare.metric = \"measures.slow\"")
    );
    assert_eq!(parse(&compared).unwrap().compare.metric, "measures.slow");
    let misspelt = compared.replace("= \"measures.slow\"", "= \"measures.slwo\"");
    refused(
        &misspelt,
        "3:18",
        r#"there is no measure "slwo" (did you mean "slow"?)"#,
    );
}
