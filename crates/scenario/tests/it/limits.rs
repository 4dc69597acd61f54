//! Every limit, at it and past it.

use awaitlab_scenario::{LARGEST_FILE, ScenarioErrors};

use crate::story::{STORY, all, parse, with, with_latency};

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
