//! Every limit, at it and past it.

use awaitlab_scenario::{LARGEST_FILE, ScenarioErrors};

use crate::story::{STORY, all, parse, with, with_latency, with_policies};

#[track_caller]
fn at_and_past(at: &str, past: &str, says: &str) {
    if let Err(errors) = parse(at) {
        panic!("at the limit: {errors}");
    }
    let said = all(&parse(past).unwrap_err());
    assert!(said.contains(says), "{said}");
}

/// The story with a comment that makes it this long.
fn padded(bytes: usize) -> String {
    format!("{STORY}#{}", "x".repeat(bytes - STORY.len() - 1))
}

#[test]
fn a_file_has_at_most_1_mib() {
    let says = "at most 1 MiB (1048576 bytes)";
    at_and_past(&padded(LARGEST_FILE), &padded(LARGEST_FILE + 1), says);
}

/// Strategies by their numbers, the story's own two included.
fn strategies(count: usize) -> String {
    let more: String = (2..count)
        .map(|n| format!("[[strategy]]\nname = \"s{n}\"\nkind = \"all\"\n"))
        .collect();
    format!("{STORY}{more}")
}

#[test]
fn there_are_at_most_256_strategies() {
    at_and_past(
        &strategies(256),
        &strategies(257),
        "at most 256 strategies, not 257",
    );
}

#[test]
fn there_are_at_most_8_policies_around_a_call() {
    let policies = |count: usize| {
        let one = "{ kind = \"timeout\", after = \"1s\" }, ";
        with_policies(&format!("[{}]", one.repeat(count)))
    };
    at_and_past(&policies(8), &policies(9), "at most 8 policies, not 9");
}

#[test]
fn there_are_at_most_64_measures() {
    let measures = |count: usize| -> String {
        let one = |n: usize| {
            format!("[[measure]]\nname = \"m{n}\"\nmetric = \"amplification\"\nabove = 1\n")
        };
        let all: String = (0..count).map(one).collect();
        format!("{STORY}{all}")
    };
    at_and_past(&measures(64), &measures(65), "at most 64 measures, not 65");
}

#[test]
fn numbers_of_a_policy_are_bounded() {
    for (policy, most, says) in [
        (
            "kind = \"retry\", attempts",
            1_000_000_u64,
            "1 to 1000000, or",
        ),
        (
            "kind = \"hedge\", delay = \"1s\", max-extra",
            1_000,
            "1 to 1000,",
        ),
        (
            "kind = \"circuit-breaker\", window",
            1_000_000,
            "1 to 1000000, or",
        ),
        (
            "kind = \"circuit-breaker\", consecutive",
            1_000_000,
            "1 to 1000000,",
        ),
        (
            "kind = \"bulkhead\", limit",
            1_000_000_000,
            "1 to 1000000000,",
        ),
    ] {
        let policy = |n: u64| with_policies(&format!("[{{ {policy} = {n} }}]"));
        at_and_past(&policy(most), &policy(most + 1), says);
    }
}

#[test]
fn there_are_at_most_64_variants() {
    let variants = |count: usize| -> String {
        let more: String = (2..count)
            .map(|n| format!("[[variant]]\nname = \"v{n}\"\n"))
            .collect();
        format!("{STORY}{more}")
    };
    at_and_past(&variants(64), &variants(65), "at most 64 variants, not 65");
}

#[test]
fn a_job_has_at_most_a_million_calls() {
    let calls = |n: u64| with("calls = 3", &format!("calls = {n}"));
    at_and_past(
        &calls(1_000_000),
        &calls(1_000_001),
        "from 0 to 1000000, not 1000001",
    );
    let parts = |n: u64| {
        let part = format!("{{ downstream = \"api\", count = {n} }}");
        with("calls = 3", &format!("call = [{part}, {part}]"))
    };
    at_and_past(
        &parts(500_000),
        &parts(500_001),
        "at most 1000000 calls, and these are 1000002",
    );
}

#[test]
fn there_are_at_most_ten_million_replications() {
    let replications = |n: u64| with("replications = 100", &format!("replications = {n}"));
    let says = "from 1 to 10000000, not 10000001";
    at_and_past(&replications(10_000_000), &replications(10_000_001), says);
}

/// 10 000 000 x 2 variants x 50 strategies = 10^9.
#[test]
fn a_run_has_at_most_a_billion_jobs() {
    let many = |text: String| text.replace("replications = 100", "replications = 10_000_000");
    let says = "at most 1000000000 jobs";
    at_and_past(&many(strategies(50)), &many(strategies(51)), says);
}

/// In the place of the story's replications: 2 variants x 2 strategies remain.
fn workload(of: &str) -> String {
    with(
        "replications = 100",
        &format!("replications = 1\nworkload = {of}"),
    )
}

/// 250 million x 2 x 2 = 10^9, in 250 000 s at 1000/s.
#[test]
fn jobs_that_are_to_be_expected_count() {
    let open = |rate: &str, s: u64| {
        workload(&format!(
            r#"{{ kind = "open", arrivals = {{ kind = "poisson", rate = "{rate}" }}, duration = "{s}s" }}"#
        ))
    };
    let says = "at most 1000000000 jobs";
    at_and_past(&open("1000/s", 250_000), &open("1000/s", 250_001), says);
    // A ramp from 0 to 1000/s has half of them.
    let ramp = |s: u64| {
        workload(&format!(
            r#"{{ kind = "open", arrivals = {{ kind = "constant" }}, stages = [{{ for = "{s}s", to = "1000/s" }}] }}"#
        ))
    };
    at_and_past(&ramp(500_000), &ramp(500_001), says);
    // Users who think 500 ms and wait 500 ms for a call start a job a second.
    let closed = |s: u64| {
        workload(&format!(
            r#"{{ kind = "closed", users = 1000, think = {{ kind = "constant", value = "500ms" }}, duration = "{s}s" }}"#
        ))
    };
    at_and_past(&closed(250_000), &closed(250_001), says);
    let burst = |jobs: u64| workload(&format!("{{ kind = \"burst\", jobs = {jobs} }}"));
    at_and_past(&burst(250_000_000), &burst(250_000_001), says);
}

#[test]
fn users_who_wait_for_nothing_are_too_many() {
    let idle = workload(
        r#"{ kind = "closed", users = 1, think = { kind = "constant", value = "0s" }, duration = "2s" }"#,
    )
    .replace("value = \"500ms\"", "value = \"0s\"");
    let said = all(&parse(&idle).unwrap_err());
    assert!(said.contains("about 8000000000"), "{said}");
}

#[test]
fn there_are_at_most_a_million_users_and_workers() {
    let users = |n: u64| {
        workload(&format!(
            r#"{{ kind = "closed", users = {n}, think = {{ kind = "constant", value = "1s" }}, duration = "1s" }}"#
        ))
    };
    let says = "from 1 to 1000000, not 1000001";
    at_and_past(&users(1_000_000), &users(1_000_001), says);
    let workers = |n: u64| {
        with(
            "[downstream.api]",
            &format!("[downstream.api]\nworkers = {n}"),
        )
    };
    at_and_past(&workers(1_000_000), &workers(1_000_001), says);
    let connections = |n: u64| {
        with(
            "replications = 100",
            &format!("client = {{ connections = {n} }}"),
        )
    };
    at_and_past(&connections(1_000_000), &connections(1_000_001), says);
}

#[test]
fn there_are_at_most_ten_thousand_clients_and_replicas() {
    let clients = |n: u64| with("replications = 100", &format!("client = {{ count = {n} }}"));
    let says = "from 1 to 10000, not 10001";
    at_and_past(&clients(10_000), &clients(10_001), says);
    let replicas = |n: u64, m: u64| {
        with("[downstream.api]", &format!("[downstream.api]\nreplicas = {n}")).replace(
            "job = { calls = 3 }",
            &format!(
                "job.call = [{{ downstream = \"api\", count = 3 }}]\n[downstream.db]\nreplicas = {m}\nlatency = {{ kind = \"constant\", value = \"1s\" }}"
            ),
        )
    };
    let says = "at most 10000 replicas of all services, and these are 10001";
    at_and_past(&replicas(9_999, 1), &replicas(9_999, 2), says);
}

#[test]
fn services_that_see_clients_apart_keep_at_most_a_million_counts() {
    let counts = |clients: u64| {
        with(
            "replications = 100",
            &format!("client = {{ count = {clients} }}"),
        )
        .replace(
            "[downstream.api]",
            "[downstream.api]\nreplicas = 1000\nsees = \"client\"",
        )
    };
    let says = "1001 clients and 1000 replicas need 1001000";
    at_and_past(&counts(1_000), &counts(1_001), says);
}

#[test]
fn there_are_at_most_1000_stages_and_they_last_100_years() {
    let stages = |count: usize, lasts: &str| {
        let stage = format!("{{ for = \"{lasts}\", rate = \"1/h\" }},");
        workload(&format!(
            "{{ kind = \"open\", arrivals = {{ kind = \"poisson\" }}, stages = [{}] }}",
            stage.repeat(count)
        ))
    };
    at_and_past(
        &stages(1_000, "1s"),
        &stages(1_001, "1s"),
        "at most 1000 stages, not 1001",
    );
    at_and_past(
        &stages(5, "7305d"),
        &stages(5, "7305d1s"),
        "at most 100 years (36525d) together",
    );
}

#[test]
fn a_rate_is_at_most_one_in_a_nanosecond() {
    let quota = |rate: &str| {
        with(
            "[downstream.api]",
            &format!("[downstream.api]\nrate-limit = {{ rate = \"{rate}\" }}"),
        )
    };
    let says = "a rate is at most 1000000000/s";
    at_and_past(&quota("1000000000/s"), &quota("1000000001/s"), says);
}

#[test]
fn the_horizon_is_100_years() {
    let value = |d: &str| with_latency(&format!("{{ kind = \"constant\", value = \"{d}\" }}"));
    at_and_past(
        &value("36525d"),
        &value("36525d1ns"),
        "at most 100 years (36525d)",
    );
}

#[test]
fn a_name_has_at_most_64_characters_and_so_has_its_id() {
    let name = |name: &str| with("Two at a time", name);
    let long = "x".repeat(64);
    at_and_past(
        &name(&long),
        &name(&format!("{long}x")),
        "at most 64 characters, this one has 65",
    );
    let (at, past) = ("日".repeat(12), "日".repeat(13));
    at_and_past(
        &name(&at),
        &name(&past),
        "at most 64 characters, that of this one has 65",
    );
}

#[test]
fn the_files_own_name_is_a_name() {
    let read = |stem: &str| {
        awaitlab_scenario::Scenario::parse(&format!("{stem}.toml"), STORY.as_bytes(), &[])
    };
    assert_eq!(read(&"x".repeat(64)).unwrap().name, "x".repeat(64));
    let errors = read(&"x".repeat(65)).unwrap_err();
    assert!(matches!(errors, ScenarioErrors::Invalid(_)));
    assert!(all(&errors).contains("this one has 65"), "{errors}");
}

#[test]
fn a_file_whose_stem_leads_out_of_its_folder_names_no_scenario() {
    for file in ["...toml", "..toml", "in/here/...toml"] {
        let errors = awaitlab_scenario::Scenario::parse(file, STORY.as_bytes(), &[]).unwrap_err();
        assert!(
            all(&errors).contains("no folder can have that name"),
            "{errors}"
        );
    }
    // Nothing but letters and dots, and a folder all the same.
    for file in [".toml", "....toml", "a..toml"] {
        assert!(awaitlab_scenario::Scenario::parse(file, STORY.as_bytes(), &[]).is_ok());
    }
}
