//! Variants, comparisons and expectations.

use super::all_refused;
use crate::story::with;

#[test]
fn variants() {
    let cases = [
        (
            "name = \"healthy\"\n",
            "",
            "22:1",
            r#"the key "name" is missing"#,
        ),
        (
            "name = \"one fails\"",
            "name = \"healthy\"",
            "27:8",
            "taken by the variant in line 23",
        ),
        (
            "name = \"one fails\"",
            "name = \"Healthy?\"",
            "27:8",
            "\"healthy\", as that of the variant \"healthy\" in line 23",
        ),
        (
            "name = \"one fails\"",
            "name = \"one fails\"\nseed = 3",
            "28:1",
            "unknown key of variant",
        ),
        (
            "name = \"one fails\"",
            "name = \"one fails\"\ndownstream.ap = { latency = { kind = \"constant\", value = \"1s\" } }",
            "28:12",
            r#"did you mean "api"?"#,
        ),
        (
            "name = \"one fails\"",
            "name = \"one fails\"\njob = { calls = 1 }",
            "20:10",
            "in the variant \"one fails\" has 1 call, number 0",
        ),
        (
            "fault = []",
            "fault = [{ kind = \"error\", calls = [9] }]",
            "24:37",
            "there is no call 9: the job in the variant \"healthy\"",
        ),
        (
            "fault = []",
            "fault = {}",
            "24:9",
            "must be a list of fault rules, not a table",
        ),
    ];
    all_refused(cases.map(|(piece, by, position, says)| (with(piece, by), position, says)));
}

#[test]
fn comparisons_and_expectations() {
    let cases = [
        (
            "strategy = \"One by one\"",
            "strategy = \"One by two\"",
            "30:12",
            r#"did you mean "One by one"?"#,
        ),
        (
            "strategy = \"One by one\"",
            "",
            "29:1",
            r#"the key "strategy" is missing"#,
        ),
        (
            "metric = \"settle_ms.mean\"",
            "metric = \"settle_ms.p98\"",
            "31:10",
            r#"did you mean "settle_ms.p9"#,
        ),
        (
            "metric = \"settle_ms.mean\"",
            "metric = \"settle_ms\"",
            "31:10",
            r#"there is no metric "settle_ms""#,
        ),
        ("max = 1600\n", "", "29:1", "give min, max or equals"),
        (
            "max = 1600",
            "max = nan",
            "32:7",
            "a finite number, not NaN",
        ),
        (
            "max = 1600",
            "max = \"1600\"",
            "32:7",
            "a finite number, not \"1600\"",
        ),
        (
            "max = 1600",
            "max = 1600\nmin = 1601",
            "32:7",
            "max 1600 lies below min 1601",
        ),
        (
            "max = 1600",
            "max = 1600\nequals = 1601",
            "33:10",
            "equals lies outside",
        ),
        (
            "max = 1600",
            "max = 1600\nvariant = \"sick\"",
            "33:11",
            r#"there is no variant "sick""#,
        ),
        (
            "replications = 100",
            "compare.baseline = \"Two\"",
            "3:20",
            r#"there is no strategy "Two""#,
        ),
        (
            "replications = 100",
            "compare.metric = \"settle_ms.maen\"",
            "3:18",
            r#"did you mean "settle_ms.mean"?"#,
        ),
        (
            "replications = 100",
            "compare.matters = 0.05",
            "3:19",
            "a percentage, as in \"5%\", not 0.05",
        ),
        (
            "replications = 100",
            "compare.matters = \"-5%\"",
            "3:19",
            "a percentage is a number and a percent sign",
        ),
    ];
    all_refused(cases.map(|(piece, by, position, says)| (with(piece, by), position, says)));
}
