//! Services: what can never apply, and what is no limit.

use super::{all_refused, refused};
use crate::story::{parse, with};

/// The story with more keys of its service, from line 8 on.
fn service(keys: &str) -> String {
    let latency = r#"latency = { kind = "constant", value = "500ms" }"#;
    with(latency, &format!("{latency}\n{keys}"))
}

#[test]
fn limits_of_a_service() {
    let cases = [
        ("workers = 0", "8:11", "from 1 to 1000000, not 0"),
        ("workers = 1.5", "8:11", "not 1.5"),
        (
            "queue = { limit = 5 }",
            "8:1",
            "without \"workers\" nothing waits",
        ),
        (
            "workers = 1\nqueue = { limit = -1 }",
            "9:19",
            "from 0 to 1000000000, not -1",
        ),
        (
            "workers = 1\nqueue = { discipline = \"filo\" }",
            "9:24",
            r#"did you mean "fifo"?"#,
        ),
        (
            "workers = 1\nqueue = { expire = \"0s\" }",
            "9:20",
            "a duration above 0",
        ),
        (
            "workers = 1\nqueue = { limit = 0, expire = \"1s\" }",
            "9:22",
            "with limit 0 nothing waits",
        ),
        (
            "workers = 1\nqueue = { limit = 0, discipline = \"lifo\" }",
            "9:22",
            "with limit 0 nothing waits",
        ),
        ("workers = 1\nqueue = 5", "9:9", "must be a table, not 5"),
        ("in-flight-limit = 0", "8:19", "from 1 to 4294967295, not 0"),
        ("on-cancel = \"halt\"", "8:13", "keep-working\", \"stop\""),
        ("item = \"locked\"", "8:8", "must be \"versioned\""),
        (
            "network = { kind = \"exponential\" }",
            "8:11",
            "give exactly one of: mean, or median, or p99",
        ),
        ("latncy = 1", "8:1", r#"did you mean "latency"?"#),
    ];
    all_refused(cases.map(|(keys, position, says)| (service(keys), position, says)));
}

#[test]
fn slowdowns_and_quotas() {
    let cases = [
        (
            "slowdown = { kind = \"linear\", at = 50, factor = 0.5 }",
            "8:49",
            "a number of at least 1, not 0.5",
        ),
        (
            "slowdown = { kind = \"linear\", at = 50, factor = nan }",
            "8:49",
            "at least 1, not NaN",
        ),
        (
            "slowdown = { kind = \"linear\", at = 0, factor = 2 }",
            "8:36",
            "from 1 to 1000000, not 0",
        ),
        (
            "slowdown = { kind = \"linear\", at = 5, factor = 2, beyond = 2 }",
            "8:51",
            "it is a key of \"knee\"",
        ),
        (
            "slowdown = { kind = \"knee\", at = 5 }",
            "8:12",
            r#"the key "beyond" is missing"#,
        ),
        (
            "slowdown = { kind = \"kne\" }",
            "8:21",
            r#"did you mean "knee"?"#,
        ),
        (
            "rate-limit = { rate = \"0/s\" }",
            "8:23",
            "a rate above 0, as in \"200/s\", not \"0/s\"",
        ),
        (
            "rate-limit = { rate = 100 }",
            "8:23",
            "must be a rate above 0, as in \"200/s\", not 100",
        ),
        (
            "rate-limit = { rate = \"100\" }",
            "8:23",
            "a rate is a number per time",
        ),
        (
            "rate-limit = { rate = \"100/min\" }",
            "8:23",
            "a rate is per ms, s, m, h or d",
        ),
        (
            "rate-limit = { rate = \"0.00001/d\" }",
            "8:23",
            "at least one attempt through in 100 years",
        ),
        (
            "rate-limit = { rate = \"1/s\", burst = 0 }",
            "8:38",
            "from 1 to 4294967295, not 0",
        ),
        (
            "rate-limit = { burst = 5 }",
            "8:14",
            r#"the key "rate" is missing"#,
        ),
    ];
    all_refused(cases.map(|(keys, position, says)| (service(keys), position, says)));
}

#[test]
fn replicas() {
    let cases = [
        ("replicas = 0", "8:12", "from 1 to 10000, not 0"),
        (
            "balance = \"random\"",
            "8:1",
            "there is one replica only; say how many in \"replicas\"",
        ),
        ("sees = \"client\"", "8:1", "there is one replica only"),
        (
            "replica.0 = { workers = 2 }",
            "8:1",
            "there is one replica only",
        ),
        (
            "replicas = 2\nbalance = \"least-conn\"",
            "9:11",
            r#""least-in-flight", "power-of-two""#,
        ),
        (
            "replicas = 2\nbalance = \"random\"\nsees = \"client\"",
            "10:1",
            "balance \"random\" counts nobody's attempts",
        ),
        (
            "replicas = 2\nreplica.2 = { workers = 2 }",
            "9:9",
            "the service has 2, numbered 0 to 1",
        ),
        (
            "replicas = 1\nreplica.1 = { workers = 2 }",
            "9:9",
            "the service has 1, number 0",
        ),
        (
            "replicas = 2\nreplica.first = { workers = 2 }",
            "9:9",
            "must be a number, counted from 0, not \"first\"",
        ),
        (
            "replicas = 2\nreplica.01 = { workers = 2 }",
            "9:9",
            "must be a number, counted from 0, not \"01\"",
        ),
        (
            "replicas = 2\nreplica = 1",
            "9:11",
            "must be a table of tables, not 1",
        ),
        (
            "replicas = 2\nreplica.1 = { queue = { limit = 1 } }",
            "9:15",
            "without \"workers\" nothing waits",
        ),
        (
            "replicas = 2\nreplica.1 = { network = 1 }",
            "9:15",
            "unknown key of replica",
        ),
    ];
    all_refused(cases.map(|(keys, position, says)| (service(keys), position, says)));
    let own_workers = "replicas = 2\nreplica.1 = { workers = 2, queue = { limit = 1 } }";
    assert!(parse(&service(own_workers)).is_ok());
}

#[test]
fn a_service_of_a_variant_obeys_the_same_rules() {
    let text = with(
        "name = \"one fails\"",
        "name = \"one fails\"\n[variant.downstream.api]\nlatency = { kind = \"constant\", value = \"1s\" }\nqueue = { limit = 5 }",
    );
    refused(&text, "30:1", "without \"workers\" nothing waits");
}
