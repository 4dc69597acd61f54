//! When jobs arrive, and what of them is left out.

use super::all_refused;
use crate::story::with;

#[test]
fn open_workloads() {
    let cases = [
        (
            "workload = { kind = \"open\", duration = \"1s\" }",
            "3:12",
            r#"the key "arrivals" is missing"#,
        ),
        (
            "workload = { kind = \"open\", arrivals = { kind = \"poisson\", rate = \"1/s\" } }",
            "3:12",
            "give exactly one of: duration, or stages",
        ),
        (
            "workload = { kind = \"open\", arrivals = { kind = \"poisson\" }, duration = \"1s\" }",
            "3:40",
            r#"the key "rate" is missing"#,
        ),
        (
            "workload = { kind = \"open\", arrivals = { kind = \"poisson\", rate = \"0/s\" }, duration = \"1s\" }",
            "3:67",
            "a rate above 0",
        ),
        (
            "workload = { kind = \"open\", arrivals = { kind = \"normal\", rate = \"1/s\" }, duration = \"1s\" }",
            "3:49",
            r#"it is one of "constant", "poisson""#,
        ),
        (
            "workload = { kind = \"open\", arrivals = { kind = \"poisson\", rate = \"1/s\" }, duration = \"0s\" }",
            "3:87",
            "a duration above 0",
        ),
        (
            "workload = { kind = \"open\", arrivals = { kind = \"poisson\", rate = \"1/s\" }, stages = [{ for = \"1s\", rate = \"1/s\" }] }",
            "3:60",
            "contradicts the stages",
        ),
        (
            "workload = { kind = \"open\", arrivals = { kind = \"poisson\" }, stages = [] }",
            "3:71",
            "this one is empty",
        ),
        (
            "workload = { kind = \"open\", arrivals = { kind = \"poisson\" }, stages = [{ for = \"1s\" }] }",
            "3:72",
            "give exactly one of: rate, or to",
        ),
        (
            "workload = { kind = \"open\", arrivals = { kind = \"poisson\" }, stages = [{ for = \"1s\", rate = \"1/s\", to = \"2/s\" }] }",
            "3:72",
            "give exactly one of: rate, or to",
        ),
        (
            "workload = { kind = \"open\", arrivals = { kind = \"poisson\" }, stages = [{ for = \"0s\", rate = \"1/s\" }] }",
            "3:80",
            "a duration above 0",
        ),
        (
            "workload = { kind = \"open\", arrivals = { kind = \"poisson\" }, stages = [{ for = \"1s\", rate = \"0/s\" }, { for = \"1s\", to = \"0/s\" }] }",
            "3:12",
            "all rates are 0: nothing ever arrives",
        ),
        (
            "workload = { kind = \"open\", users = 3 }",
            "3:29",
            "it is a key of \"closed\"",
        ),
    ];
    // The last one misses its own keys, too.
    let [whole @ .., foreign] = cases;
    all_refused(whole.map(|(by, position, says)| (with("replications = 100", by), position, says)));
    let (by, position, says) = foreign;
    let said = crate::story::parse(&with("replications = 100", by)).unwrap_err();
    let said = crate::story::all(&said);
    assert!(
        said.lines()
            .any(|line| line.starts_with(position) && line.contains(says)),
        "{said}"
    );
}

#[test]
fn closed_workloads_and_bursts() {
    let cases = [
        (
            "workload = { kind = \"closed\", think = { kind = \"constant\", value = \"1s\" }, duration = \"1s\" }",
            "3:12",
            r#"the key "users" is missing"#,
        ),
        (
            "workload = { kind = \"closed\", users = 0, think = { kind = \"constant\", value = \"1s\" }, duration = \"1s\" }",
            "3:39",
            "from 1 to 1000000, not 0",
        ),
        (
            "workload = { kind = \"closed\", users = 5, duration = \"1s\" }",
            "3:12",
            r#"the key "think" is missing"#,
        ),
        (
            "workload = { kind = \"closed\", users = 5, think = \"1s\", duration = \"1s\" }",
            "3:50",
            "must be a table, not \"1s\"",
        ),
        (
            "workload = { kind = \"closed\", users = 5, think = { kind = \"constant\", value = \"1s\" } }",
            "3:12",
            r#"the key "duration" is missing"#,
        ),
        (
            "workload = { kind = \"burst\", jobs = 0 }",
            "3:37",
            "from 1 to 1000000000, not 0",
        ),
        (
            "workload = { kind = \"burst\" }",
            "3:12",
            r#"the key "jobs" is missing"#,
        ),
    ];
    all_refused(cases.map(|(by, position, says)| (with("replications = 100", by), position, says)));
}

const OPEN: &str = r#"workload = { kind = "open", arrivals = { kind = "poisson", rate = "2/s" }, duration = "60s" }"#;

#[test]
fn what_is_left_out() {
    let burst = "workload = { kind = \"burst\", jobs = 5 }";
    let cases = [
        (
            "analysis = \"steady-state\"".to_owned(),
            "3:1",
            "never applies: an isolated job is a result as a whole",
        ),
        (
            "warm-up = \"20%\"".to_owned(),
            "3:1",
            "never applies: an isolated job is a result as a whole",
        ),
        (
            format!("analysis = \"steady-state\"\n{burst}"),
            "3:1",
            "jobs that all arrive at once have no steady state",
        ),
        (
            format!("warm-up = \"20%\"\n{burst}"),
            "3:1",
            "never applies: terminating, nothing is left out: all jobs arrive at once",
        ),
        (
            format!("warm-up = \"20%\"\nanalysis = \"terminating\"\n{OPEN}"),
            "3:1",
            "never applies: terminating, nothing is left out: the scenario says so",
        ),
        (
            format!("analysis = \"steady\"\n{OPEN}"),
            "3:12",
            r#"must be one of "steady-state", "terminating""#,
        ),
        (
            format!("warm-up = \"100%\"\n{OPEN}"),
            "3:11",
            "a percentage below 100%, as in \"20%\", not \"100%\"",
        ),
        (
            format!("warm-up = 0.2\n{OPEN}"),
            "3:11",
            "must be a percentage below 100%",
        ),
    ];
    all_refused(
        cases.map(|(by, position, says)| (with("replications = 100", &by), position, says)),
    );
}
