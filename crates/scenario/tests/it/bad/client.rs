//! The processes that run jobs.

use super::all_refused;
use crate::story::with;

#[test]
fn clients() {
    let cases = [
        ("client = { count = 0 }", "3:20", "from 1 to 10000, not 0"),
        (
            "client = { connections = 0 }",
            "3:26",
            "from 1 to 1000000, not 0",
        ),
        (
            "client = { acquire-timeout = \"1s\" }",
            "3:12",
            "without \"connections\" nothing waits for one",
        ),
        (
            "client = { connections = 5, acquire-timeout = 1 }",
            "3:47",
            r#"did you mean "1ms"?"#,
        ),
        (
            "client = { event-loop = { } }",
            "3:25",
            r#"the key "per-call" is missing"#,
        ),
        (
            "client = { event-loop = { per-call = \"0s\" } }",
            "3:38",
            "a duration above 0",
        ),
        (
            "client = { event-loop = \"2ms\" }",
            "3:25",
            "must be a table",
        ),
        (
            "client = { unhandled-rejections = \"strict\" }",
            "3:35",
            r#"must be one of "warn", "throw""#,
        ),
        (
            "client = { restart-after = \"1s\" }",
            "3:12",
            "only unhandled-rejections = \"throw\" ends a process",
        ),
        (
            "client = { unhandled-rejections = \"warn\", restart-after = \"1s\" }",
            "3:43",
            "only unhandled-rejections = \"throw\" ends a process",
        ),
        (
            "client = { unhandled-rejections = \"throw\", restart-after = \"0s\" }",
            "3:60",
            "a duration above 0",
        ),
        ("client = 3", "3:10", "must be a table, not 3"),
        (
            "client = { conections = 5 }",
            "3:12",
            r#"did you mean "connections"?"#,
        ),
    ];
    all_refused(cases.map(|(by, position, says)| (with("replications = 100", by), position, says)));
}
