//! Fault rules.

use super::{all_refused, refused};
use crate::story::{parse, with};

#[test]
fn faults() {
    let cases = [
        ("kind = \"eror\"", "19:8", r#"did you mean "error"?"#),
        (
            "kind = \"error\"\ncalls = [3]",
            "20:10",
            "there is no call 3: the job in the variant \"one fails\" has 3 calls, numbered 0 to 2",
        ),
        (
            "kind = \"error\"\ncalls = []",
            "20:9",
            "calls, numbered from 0: this one is empty",
        ),
        (
            "kind = \"error\"\ncalls = 1",
            "20:9",
            "must be a list of calls",
        ),
        (
            "kind = \"error\"\nattempts = [0, 1]",
            "20:16",
            "no policy makes a second attempt",
        ),
        (
            "kind = \"error\"\nprobability = 1.5",
            "20:15",
            "a probability from 0 to 1, not 1.5",
        ),
        ("kind = \"error\"\nprobability = -0.1", "20:15", "not -0.1"),
        ("kind = \"error\"\nprobability = nan", "20:15", "not NaN"),
        (
            "kind = \"error\"\nprobability = \"2%\"",
            "20:15",
            "not \"2%\"",
        ),
        (
            "kind = \"error\"\ndownstream = \"db\"",
            "20:14",
            r#"there is no downstream "db""#,
        ),
        (
            "kind = \"error\"\nduring = [\"20s..10s\"]",
            "20:11",
            "cannot end before it begins",
        ),
        (
            "kind = \"error\"\nduring = [\"20s..20s\"]",
            "20:11",
            "holds no instant",
        ),
        (
            "kind = \"error\"\nduring = [\"10s\"]",
            "20:11",
            "a window is two durations",
        ),
        (
            "kind = \"error\"\nduring = []",
            "20:10",
            "this one is empty",
        ),
        (
            "kind = \"error\"\nduring = { every = \"1s\", for = \"2s\" }",
            "20:10",
            "cannot be longer than the time",
        ),
        (
            "kind = \"error\"\nstatus = 99",
            "20:10",
            "from 100 to 599, not 99",
        ),
        (
            "kind = \"hang\"\nafter = \"1s\"",
            "20:1",
            "it is a key of \"error\", \"outage\"",
        ),
        (
            "kind = \"slow\"",
            "18:1",
            "needs a factor, or a time to add",
        ),
        (
            "kind = \"slow\"\nfactor = -1",
            "20:10",
            "at least 0, not -1",
        ),
        ("kind = \"crush\"", "19:8", r#"did you mean "crash"?"#),
    ];
    let fault = |by| with("kind = \"error\"\ncalls = [1]", by);
    all_refused(cases.map(|(by, position, says)| (fault(by), position, says)));
}

#[test]
fn faults_of_the_service_as_a_whole() {
    let during = "during = [\"1s..2s\"]";
    let cases = [
        (
            format!("kind = \"crash\"\n{during}"),
            "18:1",
            r#"the key "restart" is missing"#,
        ),
        (
            format!("kind = \"crash\"\nrestart = \"0s\"\n{during}"),
            "20:11",
            "a duration above 0",
        ),
        (
            "kind = \"pause\"".to_owned(),
            "18:1",
            r#"the key "during" is missing"#,
        ),
        (
            format!("kind = \"pause\"\ncalls = [1]\n{during}"),
            "20:1",
            "no key of fault \"pause\"",
        ),
        (
            format!("kind = \"crash\"\nrestart = \"1s\"\nprobability = 0.5\n{during}"),
            "21:1",
            "no key of fault \"crash\"",
        ),
        (
            format!("kind = \"capacity\"\nworkers = 1\nattempts = [0]\n{during}"),
            "21:1",
            "no key of fault \"capacity\"",
        ),
        (
            format!("kind = \"capacity\"\n{during}"),
            "18:1",
            r#"the key "workers" is missing"#,
        ),
        (
            format!("kind = \"capacity\"\nworkers = -1\n{during}"),
            "20:11",
            "from 0 to 1000000, not -1",
        ),
        (
            "kind = \"stall\"".to_owned(),
            "18:1",
            r#"the key "latency" is missing"#,
        ),
        (
            "kind = \"stall\"\nlatency = \"1s\"".to_owned(),
            "20:11",
            "must be a table, not \"1s\"",
        ),
        (
            "kind = \"partition\"\nrestart = \"1s\"".to_owned(),
            "20:1",
            "it is a key of \"crash\"",
        ),
    ];
    let fault = |by: &str| with("kind = \"error\"\ncalls = [1]", by);
    all_refused(cases.map(|(by, position, says)| (fault(&by), position, says)));
}

#[test]
fn windows_that_come_and_go() {
    for (during, position, says) in [
        (
            "{ every = \"1s\" }",
            "20:10",
            "give exactly one of: every and for, or on and off",
        ),
        (
            "{ on = \"1s\", off = \"1s\", for = \"1s\" }",
            "20:10",
            "give exactly one of",
        ),
        (
            "{ on = \"0s\", off = \"1s\" }",
            "20:17",
            "a duration above 0",
        ),
        (
            "{ on = \"1s\", off = \"0s\" }",
            "20:29",
            "a duration above 0",
        ),
    ] {
        let text = with("calls = [1]", &format!("during = {during}"));
        refused(&text, position, says);
    }
}

#[test]
fn a_fault_must_be_able_to_strike_the_replica_it_names() {
    let on = |fault: &str| with("calls = [1]", fault);
    refused(
        &on("replica = 1"),
        "20:11",
        "there is no replica 1: no service that the job in the variant \"one fails\" calls has it",
    );
    refused(
        &on("downstream = \"api\"\nreplica = 1"),
        "21:11",
        "there is no replica 1: \"api\" in the variant \"one fails\" has 1, number 0",
    );
    let three =
        |fault: &str| on(fault).replace("[downstream.api]", "[downstream.api]\nreplicas = 3");
    refused(
        &three("downstream = \"api\"\nreplica = 3"),
        "22:11",
        "has 3, numbered 0 to 2",
    );
    assert!(parse(&three("replica = 2")).is_ok());
    refused(
        &on("replica = 10_000"),
        "20:11",
        "from 0 to 9999, not 10000",
    );
}

#[test]
fn a_fault_must_be_able_to_strike_the_calls_it_names() {
    let two = with(
        "job = { calls = 3 }",
        "job = { call = [{ downstream = \"api\" }, { downstream = \"db\", count = 2 }] }",
    )
    .replace(
        "[[fault]]",
        "[downstream.db]\nlatency = { kind = \"constant\", value = \"1s\" }\n[[fault]]",
    );
    assert!(parse(&two).is_ok());
    let on = |fault: &str| two.replace("calls = [1]", fault);
    refused(
        &on("calls = [1]\ndownstream = \"api\""),
        "22:10",
        "call 1 of the job in the variant \"one fails\" goes to \"db\"",
    );
    let unused = two
        .replace(", { downstream = \"db\", count = 2 }", "")
        .replace("calls = [1]", "downstream = \"db\"");
    refused(
        &unused,
        "22:14",
        "no call of the job in the variant \"one fails\" goes to \"db\"",
    );
}

#[test]
fn a_fault_that_misses_in_several_variants_is_said_once() {
    let text = with("calls = [1]", "calls = [3]").replace("fault = []", "");
    refused(
        &text,
        "20:10",
        "there is no call 3: the job in the variant \"healthy\"",
    );
}
