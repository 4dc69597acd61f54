//! `--set KEY=VALUE`.

use std::time::Duration;

use awaitlab_catalogue::BuiltIn;
use awaitlab_scenario::{Analysis, Scenario, ScenarioErrors};

use crate::story::{STORY, all};

fn set(pairs: &[(&str, &str)]) -> Result<Scenario, ScenarioErrors> {
    let pairs: Vec<(String, String)> = pairs
        .iter()
        .map(|&(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    Scenario::parse("story.toml", STORY.as_bytes(), &pairs)
}

#[track_caller]
fn refused(key: &str, value: &str, says: &str) {
    let errors = set(&[(key, value)]).expect_err(says);
    let said = all(&errors);
    assert!(
        said.starts_with(&format!("--set {key} ")) && said.contains(says),
        "{said}"
    );
    assert!(
        errors
            .to_string()
            .contains(&format!("story.toml: --set {key}")),
        "{errors}"
    );
}

#[test]
fn a_value_takes_the_place_of_the_files() {
    let scenario = set(&[
        ("replications", "7"),
        ("job.calls", "5"),
        ("job.deadline", "1s"),
        ("downstream.api.latency.value", "80ms"),
        ("fault", "[]"),
    ])
    .unwrap();
    assert_eq!(scenario.replications, 7);
    let variant = &scenario.variants[1];
    assert_eq!(variant.job.calls(), 5);
    assert_eq!(variant.job.deadline, Some(Duration::from_secs(1)));
    assert_eq!(
        variant.downstreams[0].service.replicas[0].latency.mean(),
        Duration::from_millis(80)
    );
    assert!(variant.faults.is_empty());
}

#[test]
fn an_item_is_addressed_by_its_number_or_its_name() {
    for key in ["strategy.1.limit", "strategy.\"Two at a time\".limit"] {
        let scenario = set(&[(key, "3")]).unwrap();
        assert!(matches!(scenario.strategies[1].strategy, BuiltIn::Bounded(b) if b.limit() == 3));
    }
    let scenario = set(&[("variant.healthy.job", "{ calls = 2 }")]).unwrap();
    assert_eq!(scenario.variants[0].job.calls(), 2);
}

#[test]
fn limits_and_workloads_can_be_set() {
    let scenario = set(&[
        ("downstream.api.workers", "4"),
        ("downstream.api.queue.limit", "9"),
        ("downstream.api.replicas", "2"),
        ("downstream.api.replica.1.workers", "3"),
        ("client.connections", "5"),
        ("workload.kind", "open"),
        ("workload.arrivals", "{ kind = \"poisson\" }"),
        ("workload.arrivals.rate", "2/s"),
        ("workload.duration", "1m"),
        ("warm-up", "10%"),
    ])
    .unwrap();
    let variant = &scenario.variants[0];
    let replicas = &variant.downstreams[0].service.replicas;
    assert_eq!(
        (replicas[0].workers, replicas[1].workers),
        (Some(4), Some(3))
    );
    assert_eq!(replicas[1].queue.limit, Some(9));
    assert_eq!(variant.client.connections, Some(5));
    assert_eq!(variant.workload.horizon(), Duration::from_secs(60));
    assert_eq!(variant.analysis, Analysis::SteadyState { warm_up: 0.1 });
}

#[test]
fn what_was_set_is_recorded_and_the_last_one_counts() {
    let scenario = set(&[("seed", "3"), ("seed", "4")]).unwrap();
    assert_eq!(scenario.seed, 4);
    let recorded: Vec<_> = scenario.source.overrides.into_iter().collect();
    assert_eq!(recorded, [("seed".to_owned(), "4".to_owned())]);
}

#[test]
fn an_error_in_it_names_it() {
    refused("replications", "0", "from 1 to 10000000, not 0");
    refused("job.deadline", "soon", "a duration is a number with a unit");
    refused("job.deadlin", "1s", r#"did you mean "deadline"?"#);
    refused("strategy.2.limit", "3", "the list has 2, numbered 0 to 1");
    refused("strategy.Two.limit", "3", "there is no \"Two\" to set");
    refused(
        "replications.x",
        "3",
        "nothing in the value that \"x\" is to be set in",
    );
    refused("job..calls", "3", "must set a dotted key");
    refused("job.calls", "[1", "not \"[1\"");
    refused(
        "downstream.api.queue.limit",
        "9",
        "without \"workers\" nothing waits",
    );
    refused("workload.users", "9", "it is a key of \"closed\"");
    refused("fault.0.calls", "[9]", "there is no call 9");
    refused(
        "variant.0.downstream.db.latency",
        "{ kind = \"constant\", value = \"1s\" }",
        "there is no downstream \"db\"",
    );
}
