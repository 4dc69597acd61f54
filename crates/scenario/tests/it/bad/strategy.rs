//! Strategies.

use super::{all_refused, refused};
use crate::story::{STORY, with};

#[test]
fn strategies() {
    let cases = [
        (
            "kind = \"bounded\"\n",
            "",
            "13:1",
            r#"the key "kind" is missing"#,
        ),
        (
            "kind = \"bounded\"",
            "kind = \"bouned\"",
            "15:8",
            r#"did you mean "bounded"?"#,
        ),
        ("limit = 2\n", "", "13:1", r#"the key "limit" is missing"#),
        ("limit = 2", "limit = 0", "16:9", "from 1 to 1000000, not 0"),
        ("limit = 2", "limit = 1.5", "16:9", "not 1.5"),
        (
            "limit = 2",
            "limit = 2\nsize = 2",
            "17:1",
            "it is a key of \"chunked\"",
        ),
        (
            "limit = 2",
            "limit = 2\non-error = \"stp\"",
            "17:12",
            r#"did you mean "stop"?"#,
        ),
        (
            "limit = 2",
            "limit = 2\npolicis = []",
            "17:1",
            r#"did you mean "policies"?"#,
        ),
        (
            "limit = 2",
            "limit = 2\nrest = \"cancel\"\non-error = \"keep-starting\"",
            "17:8",
            "contradicts",
        ),
        (
            "limit = 2",
            "limit = 2\nrest = \"cancel\"\non-error = \"lose-worker\"",
            "17:8",
            "contradicts",
        ),
        (
            "limit = 2",
            "limit = 2\nrest = \"none\"",
            "17:8",
            r#"one of "orphan", "cancel""#,
        ),
        (
            "\"sequential\"",
            "\"sequential\"\nrest = \"cancel\"",
            "12:8",
            "never applies: sequential",
        ),
        (
            "\"sequential\"",
            "\"quorum\"\nneed = 4",
            "12:8",
            "quorum needs 4 successes of a job of 3 calls (in the variant \"healthy\")",
        ),
        ("\"Two at a time\"", "\"\"", "14:8", "cannot be blank"),
        (
            "\"Two at a time\"",
            "\"a\\e[0m\"",
            "14:8",
            "the control character U+001B",
        ),
        (
            "\"Two at a time\"",
            "\"a\\u2066\"",
            "14:8",
            "the bidirectional character U+2066",
        ),
        (
            "\"Two at a time\"",
            "\"One by one\"",
            "14:8",
            "taken by the strategy in line 10",
        ),
        (
            "\"Two at a time\"",
            "\"one-by: one!\"",
            "14:8",
            "\"one-by-one\", as that of the strategy \"One by one\" in line 10",
        ),
        (
            "name = \"Two at a time\"\n",
            "",
            "13:1",
            r#"the key "name" is missing"#,
        ),
    ];
    all_refused(cases.map(|(piece, by, position, says)| (with(piece, by), position, says)));
    let head = STORY.split("[[strategy]]").next().unwrap();
    refused(
        &format!("strategy = []\n{head}"),
        "1:12",
        "a list of strategies: this one is empty",
    );
    refused(head, "1:1", r#"the key "strategy" is missing"#);
    refused(
        &format!("strategy = 3\n{head}"),
        "1:12",
        "must be a list of strategies, not 3",
    );
}

#[test]
fn a_race_needs_calls_in_every_variant() {
    let text = with("\"sequential\"", "\"race\"").replace(
        "name = \"healthy\"",
        "name = \"healthy\"\njob = { calls = 0 }",
    );
    refused(
        &text,
        "11:8",
        "race of a job without calls would never have an answer (in the variant \"healthy\")",
    );
}
