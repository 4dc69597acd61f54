//! The job and the services it calls.

use super::{all_refused, refused};
use crate::story::{all, parse, with};

#[test]
fn the_job() {
    let cases = [
        ("job = { }", "4:7", "give exactly one of: calls, or call"),
        (
            "job = { calls = 3, call = [] }",
            "4:7",
            "give exactly one of: calls, or call",
        ),
        ("job = 3", "4:7", "must be a table, not 3"),
        (
            "job = { calls = 1_000_000_000_000 }",
            "4:17",
            "from 0 to 1000000, not 1000000000000",
        ),
        ("job = { calls = -1 }", "4:17", "not -1"),
        (
            "job = { calls = \"3\" }",
            "4:17",
            "a whole number from 0 to 1000000, not \"3\"",
        ),
        ("job = { calls = nan }", "4:17", "not NaN"),
        (
            "job = { calls = 3, deadline = 500 }",
            "4:31",
            r#"did you mean "500ms"?"#,
        ),
        (
            "job = { calls = 3, deadline = \"500\" }",
            "4:31",
            "needs a unit",
        ),
        (
            "job = { calls = 3, deadline = \"-1s\" }",
            "4:31",
            "never negative",
        ),
        ("job = { calls = 3, deadline = \"0s\" }", "4:31", "above 0"),
        (
            "job = { calls = 3, deadline = \"1fortnight\" }",
            "4:31",
            "unit is ns, us, ms, s, m, h or d",
        ),
        (
            "job = { calls = 3, deadline = \"0.1ns\" }",
            "4:31",
            "this one is finer",
        ),
        (
            "job = { calls = 3, deadline = 1979-05-27 }",
            "4:31",
            "not a date",
        ),
        (
            "job = { calls = 3, give_up = \"1s\" }",
            "4:20",
            r#"did you mean "give-up"?"#,
        ),
        (
            "job = { call = [{ downstream = \"apo\", count = 3 }] }",
            "4:32",
            r#"did you mean "api"?"#,
        ),
        (
            "job = { call = [{ count = 3 }] }",
            "4:17",
            r#"the key "downstream" is missing"#,
        ),
        (
            "job = { call = 3 }",
            "4:16",
            "must be a list of calls, not 3",
        ),
        (
            "job = { call = [{ downstream = \"api\", count = 600_000 }, { downstream = \"api\", count = 600_000 }] }",
            "4:16",
            "at most 1000000 calls, and these are 1200000",
        ),
        (
            "job = { calls = 1 }",
            "20:10",
            "there is no call 1: the job in the variant \"one fails\" has 1 call",
        ),
    ];
    let job = |by| with("job = { calls = 3 }", by);
    all_refused(cases.map(|(by, position, says)| (job(by), position, says)));
}

#[test]
fn downstreams() {
    for (piece, by, position, says) in [
        (
            "[downstream.api]\nlatency",
            "[downstream.api]\nlatencies",
            "7:1",
            r#"did you mean "latency"?"#,
        ),
        (
            "[downstream.api]",
            "[downstream.\"a\\tb\"]",
            "6:13",
            "the control character U+0009",
        ),
        (
            "[downstream.api]",
            "[downstream.api]\nthreads = 8",
            "7:1",
            "unknown key of downstream",
        ),
    ] {
        let text = with(piece, by);
        let errors = parse(&text).unwrap_err();
        let said = all(&errors);
        assert!(
            said.contains(position) && said.contains(says),
            "{position} {says}\n{said}"
        );
    }
    let none = with(
        "[downstream.api]\nlatency = { kind = \"constant\", value = \"500ms\" }\n",
        "[downstream]\n",
    );
    refused(&none, "6:1", "needs at least 1 downstream");
    let without = with("latency = { kind = \"constant\", value = \"500ms\" }\n", "");
    refused(&without, "6:1", r#"the key "latency" is missing"#);
    let two = with(
        "[[strategy]]\nname = \"One",
        "[downstream.db]\nlatency = { kind = \"constant\", value = \"1s\" }\n[[strategy]]\nname = \"One",
    );
    refused(
        &two,
        "4:17",
        "several downstreams (\"api\", \"db\"): say in [[job.call]]",
    );
}
