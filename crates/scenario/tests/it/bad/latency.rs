//! Latencies.

use super::all_refused;
use crate::story::with_latency;

#[test]
fn latencies() {
    let cases = [
        (
            r#"{ kind = "exponentail", mean = "1s" }"#,
            "7:20",
            r#"did you mean "exponential"?"#,
        ),
        (r#"{ mean = "1s" }"#, "7:11", r#"the key "kind" is missing"#),
        (r#"{ kind = 3 }"#, "7:20", "the kind must be a text, not 3"),
        (r#""500ms""#, "7:11", r#"must be a table, not "500ms""#),
        (
            r#"{ kind = "constant" }"#,
            "7:11",
            r#"the key "value" is missing"#,
        ),
        (
            r#"{ kind = "constant", value = 500 }"#,
            "7:40",
            r#"did you mean "500ms"?"#,
        ),
        (r#"{ kind = "constant", value = nan }"#, "7:40", "not NaN"),
        (
            r#"{ kind = "constant", value = "36526d" }"#,
            "7:40",
            "at most 100 years",
        ),
        (
            r#"{ kind = "constant", value = "1s", mean = "1s" }"#,
            "7:46",
            r#"no key of latency "constant""#,
        ),
        (
            r#"{ kind = "uniform", min = "2s", max = "1s" }"#,
            "7:11",
            "max must be longer than min",
        ),
        (
            r#"{ kind = "uniform", min = "2s" }"#,
            "7:11",
            "min and max, or median and p99",
        ),
        (
            r#"{ kind = "exponential", mean = "0ms" }"#,
            "7:42",
            "above 0",
        ),
        (
            r#"{ kind = "exponential", mean = "1s", p99 = "2s" }"#,
            "7:11",
            "exactly one of: mean, or median, or p99",
        ),
        (
            r#"{ kind = "normal", mean = "1s", sd = "0s" }"#,
            "7:48",
            "above 0",
        ),
        (
            r#"{ kind = "log-normal", median = "1s", p99 = "1s" }"#,
            "7:11",
            "p99 must lie above the median",
        ),
        (
            r#"{ kind = "log-normal", median = "1s", sigma = inf }"#,
            "7:57",
            "not inf",
        ),
        (
            r#"{ kind = "log-normal", median = "1s", sigma = 11 }"#,
            "7:11",
            "at most 10",
        ),
        (
            r#"{ kind = "gamma", mean = "1s", shape = -1 }"#,
            "7:50",
            "above 0, not -1",
        ),
        (
            r#"{ kind = "erlang", mean = "1s", stages = 0 }"#,
            "7:52",
            "from 1 to 1000, not 0",
        ),
        (
            r#"{ kind = "pareto", minimum = "1s", alpha = 1 }"#,
            "7:11",
            "give it a cap",
        ),
        (
            r#"{ kind = "pareto", minimum = "1s", alpha = 1e400 }"#,
            "7:54",
            "not inf",
        ),
        (
            r#"{ kind = "constant", value = "1s", offset = "2s", cap = "1s" }"#,
            "7:67",
            "a cap at or below the offset",
        ),
        (
            r#"{ kind = "mixture", parts = [] }"#,
            "7:39",
            "must be a list of parts: this one is empty",
        ),
        (
            r#"{ kind = "mixture", parts = [{ kind = "constant", value = "1s" }] }"#,
            "7:40",
            r#"the key "weight" is missing"#,
        ),
        (
            r#"{ kind = "mixture", parts = [{ weight = 0, kind = "constant", value = "1s" }] }"#,
            "7:51",
            "above 0, not 0",
        ),
        (
            r#"{ kind = "mixture", parts = [{ weight = 1, kind = "list", values = ["1s"] }] }"#,
            "7:61",
            r#"there is no part "list""#,
        ),
        (
            r#"{ kind = "list", values = [] }"#,
            "7:37",
            "must be a list of durations: this one is empty",
        ),
        (
            r#"{ kind = "list", values = ["1s", []] }"#,
            "7:44",
            "this one is empty",
        ),
        (
            r#"{ kind = "list", values = ["1s", 2] }"#,
            "7:44",
            r#"did you mean "2ms"?"#,
        ),
        (
            r#"{ kind = "quantiles", points = [{ p = 1, value = "1s" }] }"#,
            "7:49",
            "from 0 to below 1, not 1",
        ),
        (
            r#"{ kind = "quantiles", points = [{ p = 0.9, value = "1s" }, { p = 0.5, value = "2s" }] }"#,
            "7:70",
            "p must rise",
        ),
        (
            r#"{ kind = "quantiles", points = [{ p = 0.9, value = "1s", shape = "pwer" }] }"#,
            "7:76",
            r#"did you mean "power"?"#,
        ),
        (
            r#"{ kind = "empirical", file = "x.csv", unit = "ms" }"#,
            "7:40",
            "the scenario is in no folder",
        ),
        (
            r#"{ kind = "empirical", file = "x.csv", unit = "days" }"#,
            "7:56",
            r#"one of "ns", "us", "ms", "s", not "days""#,
        ),
    ];
    all_refused(cases.map(|(latency, position, says)| (with_latency(latency), position, says)));
}
